import { useContext } from 'preact/hooks'
import type { OrderHitsState, OrderState } from '../../../api/order-schemas.js'
import { dayText } from '../backoffice.js'
import { fetchHits, stepOrder, type OrderStepRequest } from '../orders.js'
import { isSameName } from '../order-names.js'
import { PersonContext } from '../person.js'
import type { Failure } from '../send.js'
import { useWords } from '../words.js'
import { useOnce } from '../asked.js'
import { AskOrderLift, ConfirmOrderLift } from './order-lift.js'
import { Denied, May } from './may.js'
import { ReasonStep } from './reason-step.js'
import { Press } from './press.js'

export interface OrderPanelProps {
  readonly state: OrderState
  readonly operator: string
  readonly stale: boolean
  readonly again: () => void
}

/** What a step of an order is given: whoever takes it presses once, and the list is asked for anew. */
export type TakeStep = (step: OrderStepRequest) => Promise<Failure | null>

/** One order: why, what may be done with it now, what it hit, and everything that was done with it. */
export function OrderPanel(props: OrderPanelProps) {
  const { t, of, said, language } = useWords()
  const { state } = props
  const { order, steps, hits } = state
  return (
    <>
      {order.reason !== '' && (
        <p>
          <span class="dim">{t('order.reason')}</span> {order.reason}
        </p>
      )}
      <Next {...props} />
      <h3>{t('order.history')}</h3>
      <ol class="history">
        {steps.map((step, index) => (
          <li key={index}>
            <time class="figures dim" dateTime={new Date(step.at).toISOString()}>
              {dayText(step.at, language)}
            </time>{' '}
            <strong>{step.by}</strong> {of('orderStep', step.did)}
            {step.why !== '' && step.did !== 'placed' && <span class="dim"> · {whyText(step, said)}</span>}
          </li>
        ))}
      </ol>
      <h3>{t('order.hits')}</h3>
      <HitList orderId={order.orderId} seen={hits.seen} />
    </>
  )
}

const liftSteps: readonly OrderState['steps'][number]['did'][] = [
  ...(['lifted', 'liftAsked', 'liftedAgain', 'liftAskedAgain'] as const),
]

/** The reason of a lift stands in the history by its number. */
function whyText(
  { did, why }: OrderState['steps'][number],
  said: (kind: string, word: string) => string,
): string {
  if (!liftSteps.includes(did)) return why
  const [reason = '', ...rest] = why.split(' ')
  return [said('liftReason', reason), ...rest].join(' ')
}

function Next(props: OrderPanelProps) {
  const { state } = props
  const take: TakeStep = (step) => stepOrder(state.order.orderId, step)
  switch (state.state) {
    case 'PENDING_APPROVAL':
      return <Approval {...props} take={take} />
    case 'ACTIVE':
      return <AskOrderLift {...props} take={take} />
    case 'LIFT_ASKED':
      return <ConfirmOrderLift {...props} take={take} />
    default:
      return null
  }
}

const approving = 'POST /api/orders/:orderId/approve'
const rejecting = 'POST /api/orders/:orderId/reject'
const withdrawing = 'POST /api/orders/:orderId/withdraw'

/** Whoever placed it may take it back; another person says yes or no. */
function Approval({ state, operator, stale, again, take }: OrderPanelProps & { readonly take: TakeStep }) {
  const { t } = useWords()
  const { session } = useContext(PersonContext)
  if (isSameName(session?.operator ?? operator, state.placedBy))
    return (
      <>
        <p class="warn">{t('order.ownOrder')}</p>
        <ReasonStep
          right={withdrawing}
          about={t('order.whyWithdraw')}
          placeholder={t('order.whyWithdraw')}
          act={t('order.withdraw')}
          disabled={stale}
          send={(why) => take({ do: 'withdraw', why })}
          again={again}
        />
      </>
    )
  return (
    <>
      <Denied right={approving} />
      <May right={approving}>
        <Press act={t('order.approve')} disabled={stale} send={() => take({ do: 'approve' })} again={again} />
      </May>
      <ReasonStep
        right={rejecting}
        about={t('order.whyReject')}
        placeholder={t('order.whyReject')}
        act={t('order.reject')}
        disabled={stale}
        send={(why) => take({ do: 'reject', why })}
        again={again}
      />
    </>
  )
}

type Hit = OrderHitsState['hits'][number]

function HitList({ orderId, seen }: { readonly orderId: string; readonly seen: number }) {
  const { t, language } = useWords()
  const hits = useOnce(() => (seen === 0 ? Promise.resolve([]) : fetchHits(orderId)), `${orderId} ${seen}`)
  const word = ({ counted }: Hit) =>
    t(counted === null ? 'order.hitOpen' : counted ? 'order.hitCounted' : 'order.hitNotCounted')
  if (hits === null) return null
  if (hits.length === 0) return <p class="dim">{t('order.noHits')}</p>
  return (
    <ul class="history">
      {hits.map((hit) => (
        <li key={hit.passageId}>
          <time class="figures dim" dateTime={new Date(hit.at).toISOString()}>
            {dayText(hit.at, language)}
          </time>{' '}
          {hit.edgeId} · {hit.lane} · <code>{hit.passageId}</code> <span class="dim">{word(hit)}</span>
        </li>
      ))}
    </ul>
  )
}
