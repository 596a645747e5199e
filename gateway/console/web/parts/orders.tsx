import { Fragment } from 'preact'
import { useState } from 'preact/hooks'
import type { Clock } from '../../../../edge/base/clock.js'
import type { OrderState } from '../../../api/order-schemas.js'
import { useAsked } from '../asked.js'
import { dayText } from '../backoffice.js'
import { fetchOrders, orderFilters, type OrderFilter } from '../orders.js'
import { useWords } from '../words.js'
import { OrderPanel } from './order-panel.js'
import { PlaceOrder } from './place-order.js'

interface OrdersProps {
  readonly clock: Clock
  /** Who is signed in. */
  readonly operator: string
  readonly stale: boolean
}

const askEveryMs = 5_000
const filters = Object.keys(orderFilters) as OrderFilter[]
const columns = 6

/** Control orders: those that hold, those that wait for a person, and those that are over. */
export function Orders({ clock, operator, stale }: OrdersProps) {
  const { t } = useWords()
  const [filter, setFilter] = useState<OrderFilter>('inForce')
  const [opened, open] = useState<string | null>(null)
  const { value, failed, again } = useAsked(clock, askEveryMs, () => fetchOrders(filter), filter)
  return (
    <>
      <PlaceOrder clock={clock} stale={stale} again={again} />
      <section class="card backoffice orders" aria-labelledby="orders-title">
        <div class="section-head">
          <h2 id="orders-title">{t('order.title')}</h2>
          <div class="filter" role="group" aria-label={t('order.filter')}>
            {filters.map((one) => (
              <button key={one} type="button" aria-pressed={one === filter} onClick={() => setFilter(one)}>
                {t(`order.${one}`)}
              </button>
            ))}
          </div>
        </div>
        {failed && <p class="problem">{t('order.failed')}</p>}
        {value?.orders.length === 0 && <p class="empty">{t('order.none')}</p>}
        {value && value.orders.length > 0 && (
          <div class="scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">{t('order.number')}</th>
                  <th scope="col">{t('order.subject')}</th>
                  <th scope="col">{t('order.action')}</th>
                  <th scope="col">{t('order.validity')}</th>
                  <th scope="col">{t('order.hits')}</th>
                  <th scope="col">{t('order.state')}</th>
                </tr>
              </thead>
              <tbody>
                {value.orders.map((state) => (
                  <Fragment key={state.order.orderId}>
                    <Row
                      state={state}
                      isOpen={opened === state.order.orderId}
                      toggle={() => open((id) => (id === state.order.orderId ? null : state.order.orderId))}
                    />
                    {opened === state.order.orderId && (
                      <tr>
                        <td class="order-panel" colSpan={columns}>
                          <OrderPanel
                            state={state}
                            operator={operator}
                            stale={stale || failed}
                            again={again}
                          />
                        </td>
                      </tr>
                    )}
                  </Fragment>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {value?.more === true && <p class="dim">{t('order.shortened', { count: value.orders.length })}</p>}
      </section>
    </>
  )
}

interface RowProps {
  readonly state: OrderState
  readonly isOpen: boolean
  readonly toggle: () => void
}

function Row({ state, isOpen, toggle }: RowProps) {
  const { t, of, said, language } = useWords()
  const { order } = state
  return (
    <tr data-order={order.orderId} class={isUsedUp(state) ? 'stands-out' : undefined}>
      <td>
        <button
          type="button"
          class="link"
          aria-expanded={isOpen}
          aria-label={t('order.open', { order: order.orderId })}
          onClick={toggle}
        >
          {order.orderId}
        </button>
        <div class="dim">
          {said('agency', order.agency)} · {t('order.by', { by: state.placedBy })}
        </div>
      </td>
      <td>
        <strong>{order.subject.key}</strong>
        <div class="dim">{said('subject', order.subject.kind)}</div>
      </td>
      <td>
        {said('action', order.action)}
        <div class={order.nature === 'SECRET' ? 'secret' : 'dim'}>
          {said('nature', order.nature)} · {t('order.levelOf', { level: order.level })}
        </div>
      </td>
      <td class="figures">
        {order.validFrom > 0 && <div>{dayText(order.validFrom, language)} –</div>}
        {order.validTo === undefined ? t('order.validUntilLifted') : dayText(order.validTo, language)}
      </td>
      <td class="figures">
        <Hits state={state} />
      </td>
      <td>
        <span class={`order-state ${state.state}`}>{of('orderState', state.state)}</span>
        {isUsedUp(state) && <div class="warn">{t('order.usedUp')}</div>}
      </td>
    </tr>
  )
}

function Hits({ state: { order, hits } }: { readonly state: OrderState }) {
  const { t } = useWords()
  const uncounted = hits.seen - hits.counted
  return (
    <>
      {order.maxHits === 0 ? hits.counted : t('order.hitsOf', { counted: hits.counted, max: order.maxHits })}
      {uncounted > 0 && <div class="dim">{t('order.hitsUncounted', { count: uncounted })}</div>}
    </>
  )
}

/** Only where lists are signed: it holds on although it hit as often as it was meant to. */
function isUsedUp({ state, steps }: OrderState): boolean {
  return (state === 'ACTIVE' || state === 'LIFT_ASKED') && steps.some(({ did }) => did === 'usedUp')
}
