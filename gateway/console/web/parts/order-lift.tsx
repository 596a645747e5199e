import { useContext } from 'preact/hooks'
import { PersonContext } from '../person.js'
import { useWords } from '../words.js'
import { AskLift, ConfirmLift, Foreign } from './lift-steps.js'
import type { OrderPanelProps, TakeStep } from './order-panel.js'

type LiftProps = OrderPanelProps & { readonly take: TakeStep }

const asking = 'POST /api/orders/:orderId/lift'
const rights = {
  confirm: 'POST /api/orders/:orderId/lift/confirm',
  withdraw: 'POST /api/orders/:orderId/lift/withdraw',
}

/** Whether the person belongs to another agency than the one that issued the order; not known yet: the gateway judges. */
function useIsForeign(agency: string): boolean {
  const { session } = useContext(PersonContext)
  return session !== null && session.agency !== agency
}

/** The first person asks for the lift of an order. Where lists are signed he signs afterwards, as the second one does. */
export function AskOrderLift({ state: { order }, stale, again, take }: LiftProps) {
  const { t } = useWords()
  if (useIsForeign(order.agency)) return <Foreign agency={order.agency} />
  return (
    <AskLift
      right={asking}
      act={t('order.askLift')}
      signed={false}
      stale={stale}
      again={again}
      send={({ reason, why }) => take({ do: 'lift', lift: { reason, why } })}
    />
  )
}

/** Another person answers for the lift of an order, or takes it back. */
export function ConfirmOrderLift({ state, operator, stale, again, take }: LiftProps) {
  const { order, lift, signed } = state
  const foreign = useIsForeign(order.agency)
  if (lift === null) return null
  return (
    <>
      {foreign && <Foreign agency={order.agency} />}
      <ConfirmLift
        rights={rights}
        lift={{ reason: lift.reason, why: '' }}
        people={lift.by.map(({ person }) => person)}
        asker={state.steps.findLast(({ did }) => did === 'liftAsked')?.by}
        operator={operator}
        foreign={foreign}
        signed={signed}
        stale={stale}
        again={again}
        confirm={(answer) => take({ do: 'confirm', ...answer })}
        withdraw={(why) => take({ do: 'withdrawLift', why })}
      />
    </>
  )
}
