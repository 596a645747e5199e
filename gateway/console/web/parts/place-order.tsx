import { useContext, useEffect, useState } from 'preact/hooks'
import type { Clock } from '../../../../edge/base/clock.js'
import type { OrderState, PlaceOrderRequest } from '../../../api/order-schemas.js'
import { timeOf } from '../backoffice.js'
import { suggestedNumber } from '../order-names.js'
import { orderFields } from '../field-labels.js'
import { placeOrder } from '../orders.js'
import { PersonContext } from '../person.js'
import type { Failure } from '../send.js'
import { useWords } from '../words.js'
import { Became, Choice, Field, TimeField } from './fields.js'
import { Denied, May } from './may.js'

const placing = 'POST /api/orders'

type Subject = PlaceOrderRequest['subject']['kind']
type Action = PlaceOrderRequest['action']
/** Written out in the order in which they are offered, so that the compiler sees one that is missing. */
const subjectKinds: Readonly<Record<Subject, true>> = {
  PLATE: true,
  PLATE_PATTERN: true,
  TAG: true,
  VEHICLE: true,
  DRIVER: true,
  COMPANY: true,
  CONTAINER: true,
  SEAL: true,
  DECLARATION: true,
  GOODS_CLASS: true,
  ORIGIN_AREA: true,
}
const subjects = Object.keys(subjectKinds) as Subject[]
const actions: readonly Action[] = ['INTERCEPT', 'NOTIFY', 'DOCS', 'DISINFECT', 'LOCK']
const actionsOnPattern: readonly Action[] = ['NOTIFY', 'INTERCEPT']
const levels = [1, 2, 3, 4] as const
const natures = ['OPEN', 'SECRET'] as const

interface Draft {
  readonly orderId: string
  readonly kind: Subject
  readonly key: string
  readonly action: Action
  readonly nature: PlaceOrderRequest['nature']
  readonly level: number
  readonly from: string
  readonly to: string
  readonly maxHits: string
  readonly reason: string
  readonly mayIntercept: boolean
}

const empty: Draft = {
  ...{ orderId: '', kind: 'PLATE', key: '', action: 'INTERCEPT', nature: 'OPEN', level: 2 },
  ...{ from: '', to: '', maxHits: '0', reason: '', mayIntercept: false },
}

interface PlaceOrderProps {
  readonly clock: Clock
  readonly stale: boolean
  readonly again: () => void
}

/** The form for a new order, of the agency of whoever is signed in. */
export function PlaceOrder({ clock, stale, again }: PlaceOrderProps) {
  const { t, of } = useWords()
  const { session } = useContext(PersonContext)
  const [isOpen, open] = useState(false)
  const [draft, setDraft] = useState(empty)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<Failure | null>(null)
  const [placed, setPlaced] = useState<OrderState | null>(null)
  const change = (patch: Partial<Draft>) => setDraft((before) => ({ ...before, ...patch }))
  const agency = session?.agency ?? null
  const asked = requestOf(draft, agency)
  const place = (request: PlaceOrderRequest) => {
    setBusy(true)
    void placeOrder(request).then((sent) => {
      setBusy(false)
      setError(sent.is === 'failed' ? sent : null)
      setPlaced(sent.is === 'taken' ? sent.body : null)
      if (sent.is === 'taken') {
        setDraft({ ...empty, orderId: suggestedNumber(sent.body.order.agency, clock.now().wallMs) })
      }
      again()
    })
  }
  // The form may be open before the gateway has said whose it is.
  useEffect(() => {
    if (isOpen && draft.orderId === '' && agency !== null)
      change({ orderId: suggestedNumber(agency, clock.now().wallMs) })
  }, [isOpen, agency])
  return (
    <section class="card backoffice place-order">
      <details onToggle={(event) => open(event.currentTarget.open)}>
        <summary>{t('order.place')}</summary>
        <Denied right={placing} />
        {session !== null && agency === null && <p class="warn">{t('order.needsAgency')}</p>}
        <May right={placing}>
          <form
            class="fields"
            onSubmit={(event) => {
              event.preventDefault()
              if (asked !== null) place(asked)
            }}
          >
            <Fields draft={draft} change={change} agency={agency} />
            <p class={needsAnother(draft) ? 'warn wide' : 'dim wide'}>
              {t(needsAnother(draft) ? 'order.fourEyes' : 'order.atOnce')}
            </p>
            <button type="submit" disabled={stale || busy || asked === null}>
              {t('order.send')}
            </button>
          </form>
          <Became
            error={error}
            labels={orderFields}
            done={
              placed &&
              t('order.placed', { order: placed.order.orderId, state: of('orderState', placed.state) })
            }
          />
        </May>
      </details>
    </section>
  )
}

interface FieldsProps {
  readonly draft: Draft
  readonly change: (patch: Partial<Draft>) => void
  readonly agency: string | null
}

function Fields({ draft, change, agency }: FieldsProps) {
  const { t, said } = useWords()
  const isPattern = draft.kind === 'PLATE_PATTERN'
  return (
    <>
      {draft.nature === 'SECRET' ? (
        <label>
          {t('order.number')}
          <output>{t('order.numberGiven')}</output>
        </label>
      ) : (
        <Field
          label={t('order.number')}
          value={draft.orderId}
          max={64}
          set={(orderId) => change({ orderId })}
        />
      )}
      <label>
        {t('order.agency')}
        <output>{agency === null ? '–' : said('agency', agency)}</output>
      </label>
      <Choices draft={draft} change={change} />
      <label>
        {t('order.maxHits')}
        <input
          type="number"
          min={0}
          step={1}
          value={draft.maxHits}
          onInput={(event) => change({ maxHits: event.currentTarget.value })}
        />
      </label>
      <TimeField label={t('order.validFrom')} value={draft.from} set={(from) => change({ from })} />
      <TimeField label={t('order.validTo')} value={draft.to} set={(to) => change({ to })} />
      <div class="wide">
        <Field label={t('order.reason')} value={draft.reason} set={(reason) => change({ reason })} />
      </div>
      {isPattern && <p class="dim wide">{t('order.patternNote')}</p>}
      {isPattern && draft.action === 'INTERCEPT' && (
        <label class="wide check">
          <input
            type="checkbox"
            checked={draft.mayIntercept}
            onChange={(event) => change({ mayIntercept: event.currentTarget.checked })}
          />
          {t('order.patternMayIntercept')}
        </label>
      )}
      {draft.nature === 'SECRET' && <p class="dim wide">{t('order.secretNote')}</p>}
    </>
  )
}

/** How, and against what. */
function Choices({ draft, change }: Omit<FieldsProps, 'agency'>) {
  const { t, said } = useWords()
  const named = <T extends string>(kind: string, values: readonly T[]) =>
    values.map((value) => [value, said(kind, value)] as const)
  const pick = <T extends string>(values: readonly T[], chosen: string, set: (value: T) => void) => {
    const found = values.find((value) => value === chosen)
    if (found !== undefined) set(found)
  }
  const possible = draft.kind === 'PLATE_PATTERN' ? actionsOnPattern : actions
  return (
    <>
      <Choice
        label={t('order.nature')}
        value={draft.nature}
        set={(chosen) => pick(natures, chosen, (nature) => change({ nature }))}
        options={named('nature', natures)}
      />
      <Choice
        label={t('order.level')}
        value={String(draft.level)}
        set={(chosen) => change({ level: Number(chosen) })}
        options={levels.map((level) => [String(level), t('order.levelOf', { level })])}
      />
      <Choice
        label={t('order.subjectKind')}
        value={draft.kind}
        set={(chosen) => pick(subjects, chosen, (kind) => change(ofSubject(kind)))}
        options={named('subject', subjects)}
      />
      <Field label={t('order.subject')} value={draft.key} max={128} set={(key) => change({ key })} />
      <Choice
        label={t('order.action')}
        value={draft.action}
        set={(chosen) => pick(possible, chosen, (action) => change({ action }))}
        options={named('action', possible)}
      />
    </>
  )
}

/** Part of a plate notifies or intercepts, and nothing else; and it notifies until somebody says otherwise. */
function ofSubject(kind: Subject): Partial<Draft> {
  return { kind, mayIntercept: false, ...(kind === 'PLATE_PATTERN' && { action: 'NOTIFY' }) }
}

/** The gateway judges by the same rule (domain.md 5.3); here it is said before the press. */
function needsAnother({ level, nature }: Draft): boolean {
  return level <= 2 || nature === 'SECRET'
}

/** What is sent; null: something is missing yet. */
function requestOf(draft: Draft, agency: PlaceOrderRequest['agency'] | null): PlaceOrderRequest | null {
  const { orderId, kind, key, action, nature, level, from, to, reason, mayIntercept } = draft
  const maxHits = draft.maxHits === '' ? NaN : Number(draft.maxHits)
  const isPattern = kind === 'PLATE_PATTERN'
  const isAgreed = !isPattern || action !== 'INTERCEPT' || mayIntercept
  const validTo = timeOf(to)
  const isNumbered = nature === 'SECRET' || orderId.trim() !== ''
  const isComplete = isNumbered && [key, reason].every((text) => text.trim() !== '')
  if (agency === null || !isComplete || !isAgreed || !Number.isSafeInteger(maxHits) || maxHits < 0)
    return null
  return {
    ...(nature === 'OPEN' && { orderId: orderId.trim() }),
    ...{ agency, subject: { kind, key: key.trim() }, action, nature, level },
    ...{ reason: reason.trim(), validFrom: timeOf(from) ?? 0, maxHits },
    ...(validTo !== null && { validTo }),
    ...(isPattern && action === 'INTERCEPT' && { patternMayIntercept: true as const }),
  }
}
