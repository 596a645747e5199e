import { Fragment } from 'preact'
import { useState } from 'preact/hooks'
import type { Clock } from '../../../../edge/base/clock.js'
import type { OrderState } from '../../../api/order-schemas.js'
import { useAsked } from '../asked.js'
import { fetchOrders, orderFilters, type OrderFilter } from '../orders.js'
import { useWords } from '../words.js'
import { ActionCell, SubjectCell, ValidityCell } from './hold-cells.js'
import { Columns, Opener, useOpened } from './opened.js'
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

/** Control orders: those that hold, those that wait for a person, and those that are over. */
export function Orders({ clock, operator, stale }: OrdersProps) {
  const { t } = useWords()
  const [filter, setFilter] = useState<OrderFilter>('inForce')
  const [opened, toggle] = useOpened()
  const { value, failed, again } = useAsked(clock, askEveryMs, () => fetchOrders(filter), filter)
  const names = [
    ...[t('order.number'), t('order.subject'), t('order.action')],
    ...[t('order.validity'), t('order.hits'), t('order.state')],
  ]
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
              <Columns names={names} />
              <tbody>
                {value.orders.map((state) => (
                  <Fragment key={state.order.orderId}>
                    <Row
                      state={state}
                      isOpen={opened === state.order.orderId}
                      toggle={() => toggle(state.order.orderId)}
                    />
                    {opened === state.order.orderId && (
                      <tr>
                        <td class="order-panel" colSpan={names.length}>
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
  const { t, of, said } = useWords()
  const { order } = state
  return (
    <tr data-order={order.orderId} class={isUsedUp(state) ? 'stands-out' : undefined}>
      <td>
        <Opener label={t('order.open', { order: order.orderId })} isOpen={isOpen} toggle={toggle}>
          {order.orderId}
        </Opener>
        <div class="dim">
          {said('agency', order.agency)} · {t('order.by', { by: state.placedBy })}
        </div>
      </td>
      <SubjectCell subject={order.subject} />
      <ActionCell order={order} />
      <ValidityCell validFrom={order.validFrom} validTo={order.validTo} />
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
