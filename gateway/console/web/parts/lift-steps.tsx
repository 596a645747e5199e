import { useContext, useState } from 'preact/hooks'
import type { LiftRequest } from '../../../api/order-schemas.js'
import { isSameName } from '../order-names.js'
import { PersonContext } from '../person.js'
import type { Failure } from '../send.js'
import { useWords } from '../words.js'
import { Choice, Field } from './fields.js'
import { Denied, May } from './may.js'
import { Press } from './press.js'
import { ReasonStep } from './reason-step.js'

/** The two steps of every lift, of an order that was placed here as of any other hold. */

const liftReasons: readonly LiftRequest['reason'][] = ['01', '02', '03', '04', '05', '99']

export interface LiftWanted {
  readonly reason: LiftRequest['reason']
  readonly why: string
  /** Only where it was asked for. */
  readonly passphrase?: string
}

interface StepProps {
  readonly stale: boolean
  readonly again: () => void
}

interface AskProps extends StepProps {
  /** As in `SessionState.rights`. */
  readonly right: string
  /** On the button. */
  readonly act: string
  /** The first person signs with the same press. */
  readonly signed: boolean
  /** Null: it waits for another person. */
  readonly send: (wanted: LiftWanted) => Promise<Failure | null>
}

/** The first person asks, with the reason. */
export function AskLift({ right, act, signed, stale, again, send }: AskProps) {
  const { t, said } = useWords()
  const [reason, setReason] = useState<LiftWanted['reason']>('02')
  const [why, setWhy] = useState('')
  const passphrase = usePassphrase(signed)
  const needsRemark = reason === '99'
  return (
    <May right={right}>
      <div class="steps">
        <Choice
          label={t('order.liftReason')}
          value={reason}
          set={(chosen) => setReason(liftReasons.find((one) => one === chosen) ?? '99')}
          options={liftReasons.map((one) => [one, `${one} ${said('liftReason', one)}`])}
        />
        <Field label={t(needsRemark ? 'order.remarkNeeded' : 'order.remark')} value={why} set={setWhy} />
        {passphrase.field}
      </div>
      <Press
        act={act}
        disabled={stale || passphrase.isMissing || (needsRemark && why.trim() === '')}
        send={() => send({ reason, why, ...passphrase.take() })}
        again={again}
      />
      <Denied right={right} />
    </May>
  )
}

interface ConfirmProps extends StepProps {
  readonly rights: { readonly confirm: string; readonly withdraw: string }
  readonly lift: LiftWanted
  /** Who answers for it already. */
  readonly people: readonly string[]
  /** Who is signed in, until the gateway has said who it is. */
  readonly operator: string
  /** Of another agency than the one that issued the hold. */
  readonly foreign: boolean
  /** Who asked for it: he takes it back whatever his agency is. */
  readonly asker: string | undefined
  readonly signed: boolean
  /** Null: done. */
  readonly confirm: (answer: { readonly passphrase?: string }) => Promise<Failure | null>
  readonly withdraw: (why: string) => Promise<Failure | null>
}

/** Another person answers for it; where lists are signed, both do, each with the own key. */
export function ConfirmLift(props: ConfirmProps) {
  const { rights, lift, people, operator, foreign, asker, signed, stale, again, confirm, withdraw } = props
  const { t, said } = useWords()
  const { session } = useContext(PersonContext)
  const passphrase = usePassphrase(signed)
  const me = session?.operator ?? operator
  const mayWithdraw = !foreign || (asker !== undefined && isSameName(asker, me))
  const hasAnswered = people.some((person) => isSameName(person, me))
  return (
    <>
      <p>
        {said('liftReason', lift.reason)} {lift.why} · {t('order.liftBy', { count: people.length })}{' '}
        {people.join(', ')}
      </p>
      {hasAnswered && <p class="warn">{t('order.youAnswered')}</p>}
      {!foreign && !hasAnswered && (
        <May right={rights.confirm}>
          {passphrase.field && <div class="steps">{passphrase.field}</div>}
          <Press
            act={t(signed ? 'order.signLift' : 'order.confirmLift')}
            disabled={stale || passphrase.isMissing}
            send={() => confirm(passphrase.take())}
            again={again}
          />
          <Denied right={rights.confirm} />
        </May>
      )}
      {mayWithdraw && (
        <ReasonStep
          right={rights.withdraw}
          about={t('order.whyWithdraw')}
          placeholder={t('order.whyWithdraw')}
          act={t('order.withdrawLift')}
          disabled={stale}
          send={withdraw}
          again={again}
        />
      )}
    </>
  )
}

/** Said instead of a step that is not offered. */
export function Foreign({ agency }: { readonly agency: string }) {
  const { t, said } = useWords()
  return <p class="dim">{t('order.foreignAgency', { agency: said('agency', agency) })}</p>
}

/** What is typed is forgotten with the press. */
function usePassphrase(asked: boolean) {
  const { t } = useWords()
  const [typed, type] = useState('')
  const field = asked ? (
    <label>
      {t('order.passphrase')}
      <input
        type="password"
        autocomplete="off"
        maxLength={512}
        value={typed}
        onInput={(event) => type(event.currentTarget.value)}
      />
    </label>
  ) : null
  const take = (): { passphrase?: string } => {
    type('')
    return asked ? { passphrase: typed } : {}
  }
  return { field, isMissing: asked && typed === '', take }
}
