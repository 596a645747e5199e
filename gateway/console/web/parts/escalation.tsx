import { useId, useState } from 'preact/hooks'
import type { EscalationState } from '../../../api/schemas.js'
import {
  isDisinfectedFirst,
  missingForRelease,
  type GivenAnswer,
  type PageEvent,
  type VerdictAnswer,
} from '../model.js'
import { countdownText } from '../view.js'
import { useWords } from '../words.js'
import { Denied, May } from './may.js'

const headings = {
  OPEN: 'console.escalation',
  ANSWERED: 'console.answered',
  CLOSED: 'console.closed',
} as const satisfies Record<EscalationState['state'], string>

const answering = 'POST /api/escalations/:escalationId/verdict'

interface EscalationProps {
  readonly escalation: EscalationState
  readonly given: GivenAnswer | null
  readonly remainingMs: number
  readonly stale: boolean
  readonly dispatch: (event: PageEvent) => void
}

/** One case: what is the matter, in words, how long there is, and the three answers. */
export function Escalation({ escalation, given, remainingMs, stale, dispatch }: EscalationProps) {
  const words = useWords()
  const headingId = useId()
  const open = escalation.state === 'OPEN'
  const who = vehicleText(escalation)
  return (
    <section class={`escalation ${escalation.state}`} aria-labelledby={headingId}>
      <div class="escalation-head">
        <h3 id={headingId}>
          {words.t(headings[escalation.state])}
          {escalation.level > 1 && (
            <span class="level">{words.t('console.escalationLevel', { level: escalation.level })}</span>
          )}
        </h3>
        {open && (
          <span class={remainingMs < 0 ? 'countdown overdue' : 'countdown'}>
            <span class="figures">{countdownText(remainingMs)}</span>{' '}
            {words.t(remainingMs < 0 ? 'console.overdue' : 'console.remaining')}
          </span>
        )}
      </div>
      <ul class="reasons">
        {escalation.reasons.map((code) => (
          <li key={code}>{words.of('reason', code)}</li>
        ))}
      </ul>
      <p class="who">{who ?? words.t('console.unidentified')}</p>
      <SoFar escalation={escalation} given={given} />
      {open && (
        <May right={answering}>
          <AnswerForm
            key={escalation.escalationId}
            escalation={escalation}
            busy={given !== null && given.is !== 'failed'}
            stale={stale}
            dispatch={dispatch}
          />
          <Denied right={answering} />
        </May>
      )}
    </section>
  )
}

/** Vehicle, plates and tags, what there is of them; null: nothing. */
function vehicleText(escalation: EscalationState): string | null {
  const parts = [
    ...(escalation.vehicleId === null ? [] : [escalation.vehicleId]),
    ...escalation.plates,
    ...escalation.epcs,
  ]
  return parts.length > 0 ? parts.join(' · ') : null
}

/** What became of answers so far. A refused or failed one is said in words, never swallowed. */
function SoFar({ escalation, given }: { escalation: EscalationState; given: GivenAnswer | null }) {
  const { t, of } = useWords()
  const { verdict } = escalation
  return (
    <div class="so-far" role="status">
      {given?.is === 'failed' && (
        <p class="problem">
          {t('console.notSent', { why: of('api', (given.error ?? 'other').replace(/^api\./, '')) })}
        </p>
      )}
      {given && given.is !== 'failed' && (
        <p>{t('console.sending', { answer: of('answer', given.answer) })}</p>
      )}
      {verdict && <VerdictSoFar verdict={verdict} />}
    </div>
  )
}

type Verdict = NonNullable<EscalationState['verdict']>

/** A word that never came is told like a refusal: the person must look. */
function VerdictSoFar({ verdict }: { verdict: Verdict }) {
  const { t, of } = useWords()
  const answer = of('answer', verdict.answer)
  if (verdict.why !== null || verdict.result === 'refused') {
    const why = verdict.why === null ? '–' : of('refusal', verdict.why)
    return <p class="problem">{t('console.answerRefused', { answer, why })}</p>
  }
  const key = verdict.result === null ? 'console.onItsWay' : 'console.answeredBy'
  return <p>{t(key, { by: verdict.by, answer })}</p>
}

interface AnswerFormProps {
  readonly escalation: EscalationState
  readonly busy: boolean
  readonly stale: boolean
  readonly dispatch: (event: PageEvent) => void
}

function AnswerForm({ escalation, busy, stale, dispatch }: AnswerFormProps) {
  const { t, of } = useWords()
  const hintId = useId()
  const [reason, setReason] = useState('')
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({})
  const orders = escalation.interceptOrderIds
  const draft = { reason, orderIds: orders.map((order) => typed[order] ?? '') }
  const missing = missingForRelease(escalation, draft)
  const hint = stale
    ? t('console.hintStale')
    : missing === 'orders'
      ? t('console.hintOrders')
      : missing === 'reason'
        ? t('console.hintReason')
        : isDisinfectedFirst(escalation, draft)
          ? t('console.hintDisinfect')
          : null

  const give = (answer: VerdictAnswer) => {
    dispatch({ on: 'answer', escalationId: escalation.escalationId, answer, ...draft })
  }
  return (
    <form class="answer" onSubmit={(event) => event.preventDefault()} autocomplete="off">
      {orders.map((order) => {
        const matches = (typed[order] ?? '').trim() === order
        return (
          <label key={order}>
            <span>{t('console.orderNumber', { order })}</span>
            <input
              name="order"
              value={typed[order] ?? ''}
              maxLength={64}
              spellcheck={false}
              disabled={busy}
              onInput={(event) => setTyped({ ...typed, [order]: event.currentTarget.value })}
            />
            <span class="matches" role="status">
              {matches && `✓ ${t('console.orderMatches')}`}
            </span>
          </label>
        )
      })}
      <label>
        <span>
          {t(
            orders.length > 0 && escalation.outcome !== 'disinfect'
              ? 'console.reasonRequired'
              : 'console.reason',
          )}
        </span>
        <input
          name="reason"
          value={reason}
          maxLength={500}
          disabled={busy}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <div class="buttons">
        <AnswerButton
          answer="release"
          disabled={busy || stale || missing !== null}
          hintId={hintId}
          give={give}
        >
          {of('answer', 'release')}
        </AnswerButton>
        <AnswerButton answer="hold" disabled={busy || stale} give={give}>
          {of('answer', 'hold')}
        </AnswerButton>
        <AnswerButton answer="return" disabled={busy || stale} give={give}>
          {of('answer', 'return')}
        </AnswerButton>
      </div>
      <p class="hint" id={hintId}>
        {hint}
      </p>
    </form>
  )
}

/** A sign beside each word, because colour alone tells some people nothing: tick, pause, turn back. */
const signs: Readonly<Record<VerdictAnswer, string>> = {
  release: 'M3 11l5 5L17 5',
  hold: 'M6 4v12M14 4v12',
  return: 'M7 3L3 7l4 4M3 7h9a4.5 4.5 0 0 1 0 9H6',
}

interface AnswerButtonProps {
  readonly answer: VerdictAnswer
  readonly disabled: boolean
  readonly hintId?: string
  readonly give: (answer: VerdictAnswer) => void
  readonly children: string
}

function AnswerButton({ answer, disabled, hintId, give, children }: AnswerButtonProps) {
  return (
    <button
      type="button"
      class={`give ${answer}`}
      disabled={disabled}
      aria-describedby={hintId}
      onClick={() => give(answer)}
    >
      <svg class="sign" viewBox="0 0 20 20" aria-hidden="true">
        <path d={signs[answer]} />
      </svg>
      {children}
    </button>
  )
}
