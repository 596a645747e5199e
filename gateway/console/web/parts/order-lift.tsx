import { useContext, useState } from 'preact/hooks'
import type { LiftRequest } from '../../../api/order-schemas.js'
import { isSameName } from '../order-names.js'
import { PersonContext } from '../person.js'
import { useWords } from '../words.js'
import { Choice, Field } from './fields.js'
import { Denied, May } from './may.js'
import type { OrderPanelProps, TakeStep } from './order-panel.js'
import { Press } from './press.js'
import { ReasonStep } from './reason-step.js'

type LiftProps = OrderPanelProps & { readonly take: TakeStep }

const asking = 'POST /api/orders/:orderId/lift'
const confirming = 'POST /api/orders/:orderId/lift/confirm'
const withdrawing = 'POST /api/orders/:orderId/lift/withdraw'
const liftReasons: readonly LiftRequest['reason'][] = ['01', '02', '03', '04', '05', '99']

/** Whether the person belongs to the agency that issued the order; not known yet: the gateway judges. */
function useIsOfAgency(agency: string): boolean {
  const { session } = useContext(PersonContext)
  return session === null || session.agency === agency
}

function Foreign({ agency }: { readonly agency: string }) {
  const { t, said } = useWords()
  return <p class="dim">{t('order.foreignAgency', { agency: said('agency', agency) })}</p>
}

/** The first person asks, with the reason. */
export function AskLift({ state: { order }, stale, again, take }: LiftProps) {
  const { t, said } = useWords()
  const [reason, setReason] = useState<LiftRequest['reason']>('02')
  const [why, setWhy] = useState('')
  const isOfAgency = useIsOfAgency(order.agency)
  if (!isOfAgency) return <Foreign agency={order.agency} />
  const needsRemark = reason === '99'
  return (
    <May right={asking}>
      <div class="steps">
        <Choice
          label={t('order.liftReason')}
          value={reason}
          set={(chosen) => setReason(liftReasons.find((one) => one === chosen) ?? '99')}
          options={liftReasons.map((one) => [one, `${one} ${said('liftReason', one)}`])}
        />
        <Field label={t(needsRemark ? 'order.remarkNeeded' : 'order.remark')} value={why} set={setWhy} />
      </div>
      <Press
        act={t('order.askLift')}
        disabled={stale || (needsRemark && why.trim() === '')}
        send={() => take({ do: 'lift', lift: { reason, why } })}
        again={again}
      />
      <Denied right={asking} />
    </May>
  )
}

/** Another person answers for it; where lists are signed, both do, each with the own key. */
export function ConfirmLift({ state, operator, stale, again, take }: LiftProps) {
  const { t, said } = useWords()
  const { session } = useContext(PersonContext)
  const [passphrase, setPassphrase] = useState('')
  const { order, lift, signed } = state
  const isOfAgency = useIsOfAgency(order.agency)
  if (lift === null) return null
  const me = session?.operator ?? operator
  const hasAnswered = lift.by.some(({ person }) => isSameName(person, me))
  return (
    <>
      <p>
        {said('liftReason', lift.reason)} · {t('order.liftBy', { count: lift.by.length })}{' '}
        {lift.by.map(({ person }) => person).join(', ')}
      </p>
      {!isOfAgency && <Foreign agency={order.agency} />}
      {hasAnswered && <p class="warn">{t('order.youAnswered')}</p>}
      {isOfAgency && !hasAnswered && (
        <May right={confirming}>
          {signed && (
            <div class="steps">
              <label>
                {t('order.passphrase')}
                <input
                  type="password"
                  autocomplete="off"
                  maxLength={512}
                  value={passphrase}
                  onInput={(event) => setPassphrase(event.currentTarget.value)}
                />
              </label>
            </div>
          )}
          <Press
            act={t(signed ? 'order.signLift' : 'order.confirmLift')}
            disabled={stale || (signed && passphrase === '')}
            send={() => {
              setPassphrase('')
              return take({ do: 'confirm', ...(signed && { passphrase }) })
            }}
            again={again}
          />
          <Denied right={confirming} />
        </May>
      )}
      <ReasonStep
        right={withdrawing}
        about={t('order.whyWithdraw')}
        placeholder={t('order.whyWithdraw')}
        act={t('order.withdrawLift')}
        disabled={stale}
        send={(why) => take({ do: 'withdrawLift', why })}
        again={again}
      />
    </>
  )
}
