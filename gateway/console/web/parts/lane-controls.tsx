import { useState } from 'preact/hooks'
import type { Clock } from '../../../../edge/base/clock.js'
import { laneModes, type LaneMode } from '../../../../edge/messages/down.js'
import type { LaneSnapshot } from '../../../../edge/messages/up.js'
import type { EmergencyState } from '../../../api/mode-schemas.js'
import { postConfirm, postEmergency } from '../api.js'
import { timeText } from '../view.js'
import { useWords } from '../words.js'
import { Denied, May, useMay } from './may.js'
import { useCommand, type Sent } from './use-command.js'

const asking = 'POST /api/edges/:edgeId/lanes/:lane/emergency'
const confirming = 'POST /api/emergencies/:requestId/confirm'
const byHand = 'command:manualRaise'

interface LaneControlsProps {
  readonly edgeId: string
  readonly snapshot: LaneSnapshot
  readonly operator: string
  readonly clock: Clock
  /** What is shown may not be the present: nothing is ordered by it. */
  readonly stale: boolean
  /** An emergency opening of this lane that waits for a second person. */
  readonly emergency: EmergencyState | null
}

/** What a person may order of a lane: its mode, an emergency with a second person, one vehicle by hand. */
export function LaneControls(props: LaneControlsProps) {
  const { t, language } = useWords()
  const { snapshot, emergency } = props
  return (
    <div class="controls">
      {snapshot.modeUntil !== undefined && (
        <p class="until">
          <span aria-hidden="true">⚠ </span>
          {t('control.until', { time: timeText(snapshot.modeUntil, language) })}
        </p>
      )}
      {emergency !== null && <Waiting {...props} emergency={emergency} />}
      {snapshot.mode === 'MANUAL' && snapshot.passageId !== null && (
        // What was typed belongs to one vehicle.
        <May right={byHand}>
          <ByHand key={snapshot.passageId} {...props} passageId={snapshot.passageId} />
          <Denied right={byHand} />
        </May>
      )}
      <details>
        <summary>{t('control.title')}</summary>
        <SetMode {...props} />
        <May right={asking}>
          <AskEmergency {...props} />
          <Denied right={asking} />
        </May>
      </details>
    </div>
  )
}

const settable = laneModes.filter((mode) => mode !== 'EMERGENCY_OPEN')

function SetMode({ edgeId, snapshot, clock, stale }: LaneControlsProps) {
  const { t, of } = useWords()
  const [mode, setMode] = useState<LaneMode | ''>('')
  const [reason, setReason] = useState('')
  const [sent, send] = useCommand(clock, edgeId, snapshot.lane)
  const chosen = settable.find((one) => one === mode)
  const may = useMay()
  const refused = settable.find((one) => !may(`command:setMode:${one}`))
  return (
    <form
      class="steps"
      onSubmit={(event) => {
        event.preventDefault()
        if (chosen) send({ reason: reason.trim(), what: { do: 'setMode', mode: chosen } })
      }}
    >
      <select
        aria-label={t('control.mode')}
        value={mode}
        onChange={(event) => setMode(event.currentTarget.value as LaneMode | '')}
      >
        <option value="">{t('control.mode')}</option>
        {settable.map((one) => (
          <option key={one} value={one} disabled={!may(`command:setMode:${one}`)}>
            {of('mode', one)}
          </option>
        ))}
      </select>
      <Reason label={t('control.reason')} value={reason} set={setReason} />
      <button type="submit" disabled={stale || !chosen || reason.trim() === '' || sent.is === 'sending'}>
        {t('control.set')}
      </button>
      {refused !== undefined && (
        <span class="dim">
          {of('mode', refused)}: <Denied right={`command:setMode:${refused}`} />
        </span>
      )}
      <Word sent={sent} />
    </form>
  )
}

function AskEmergency({ edgeId, snapshot, stale }: LaneControlsProps) {
  const { t, of } = useWords()
  const [reason, setReason] = useState('')
  const [minutes, setMinutes] = useState(30)
  const [error, setError] = useState<string | null>(null)
  const isGood = reason.trim() !== '' && Number.isInteger(minutes) && minutes >= 1 && minutes <= 1_440
  return (
    <form
      class="steps emergency"
      onSubmit={(event) => {
        event.preventDefault()
        void postEmergency(edgeId, snapshot.lane, { reason: reason.trim(), minutes }).then(setError)
      }}
    >
      <strong>{t('control.emergency')}</strong>
      <span class="dim">{t('control.emergencyNote')}</span>
      <Reason label={t('control.reason')} value={reason} set={setReason} />
      <input
        type="number"
        min={1}
        max={1440}
        aria-label={t('control.minutes')}
        value={minutes}
        onInput={(event) => setMinutes(event.currentTarget.valueAsNumber)}
      />
      <button type="submit" disabled={stale || !isGood}>
        {t('control.ask')}
      </button>
      {error !== null && (
        <p class="problem" role="alert">
          {t('console.notSent', { why: of('api', error.replace(/^api\./, '')) })}
        </p>
      )}
    </form>
  )
}

function Waiting({ operator, emergency, stale }: LaneControlsProps & { readonly emergency: EmergencyState }) {
  const { t, of } = useWords()
  const [error, setError] = useState<string | null>(null)
  const { by, minutes, reason, requestId } = emergency
  return (
    <div class="asked" role="alert">
      <p>{t('control.asked', { by, minutes, reason })}</p>
      {by === operator ? (
        <p class="dim">{t('control.needsAnother')}</p>
      ) : (
        <May right={confirming}>
          <div class="steps">
            <button
              type="button"
              disabled={stale}
              onClick={() => {
                void postConfirm(requestId).then(setError)
              }}
            >
              {t('control.confirm')}
            </button>
            <Denied right={confirming} />
          </div>
        </May>
      )}
      {error !== null && (
        <p class="problem">{t('console.notSent', { why: of('api', error.replace(/^api\./, '')) })}</p>
      )}
    </div>
  )
}

function ByHand({
  edgeId,
  snapshot,
  clock,
  stale,
  passageId,
}: LaneControlsProps & { readonly passageId: string }) {
  const { t } = useWords()
  const [reason, setReason] = useState('')
  const [orders, setOrders] = useState('')
  const [sent, send] = useCommand(clock, edgeId, snapshot.lane)
  return (
    <form
      class="steps by-hand"
      onSubmit={(event) => {
        event.preventDefault()
        const orderIds = orders.split(/[\s,，;；]+/).filter((id) => id !== '')
        send({ reason: reason.trim(), what: { do: 'manualRaise', passageId, orderIds } })
      }}
    >
      <strong>{t('control.byHand')}</strong>
      <Reason label={t('control.reason')} value={reason} set={setReason} />
      <Reason label={t('control.orders')} value={orders} set={setOrders} />
      <button type="submit" disabled={stale || reason.trim() === '' || sent.is === 'sending'}>
        {t('control.raise')}
      </button>
      <Word sent={sent} />
    </form>
  )
}

interface ReasonProps {
  readonly label: string
  readonly value: string
  readonly set: (value: string) => void
}

function Reason({ label, value, set }: ReasonProps) {
  return (
    <input
      type="text"
      maxLength={500}
      placeholder={label}
      aria-label={label}
      value={value}
      onInput={(event) => set(event.currentTarget.value)}
    />
  )
}

function Word({ sent }: { readonly sent: Sent }) {
  const { t, of } = useWords()
  if (sent.is === 'nothing') return null
  if (sent.is !== 'refused' && sent.is !== 'failed') return <p role="status">{t(`control.${sent.is}`)}</p>
  const text =
    sent.is === 'refused'
      ? t('control.refused', { why: of('refusal', sent.why) })
      : t('console.notSent', { why: of('api', sent.error.replace(/^api\./, '')) })
  return (
    <p class="problem" role="alert">
      {text}
    </p>
  )
}
