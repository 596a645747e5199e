import type { StoredEvent } from '../../interfaces/journal.js'
import { tagEntrySchema, vehicleEntrySchema } from '../../messages/entities.js'
import { eventBodies, type EventBody, type EventType } from '../../messages/events.js'
import type { Right } from '../barrier/raise.js'
import type { Spray } from '../barrier/spray.js'
import type { CargoFacts } from '../decision/cargo.js'
import type { Consumption } from '../lists/consumed.js'
import { nothingSensed, type SensedCargo } from './cargo.js'
import { cargoFactsAgain, consumesAgain, senseAgain } from './cargo-recovery.js'
import { isHeld, judgedOf, noFacts, type FrozenFacts, type Judged } from './passage.js'

/** What the journal says of the newest passage. */
export interface RecoveredPassage {
  readonly no: number
  readonly id: string
  readonly openedWallMs: number
  readonly opened: Counters
  readonly decisions: number
  readonly escalations: number
  readonly raises: number
  readonly intent: RecoveredIntent | null
  readonly sprays: number
  readonly spray: Spray | null
  readonly openEscalationId: string | null
  /** How it ended; null: its end was never recorded. */
  readonly end: EventBody<'passageEnded'>['how'] | null
  readonly judged: Judged | null
  /** What the lists said at the newest decision: it still tells which orders may mean this vehicle. */
  readonly facts: FrozenFacts
  /** Only a person may let it go: it was held, or a person has answered it. */
  readonly person: boolean
  readonly heldOn: boolean
  readonly violated: boolean
  readonly contingency: boolean
  readonly tags: readonly EventBody<'tagObserved'>[]
  readonly plates: readonly EventBody<'plateObserved'>[]
  /** What devices found of driver and load, and what the lists said of it at the newest decision. */
  readonly sensed: SensedCargo
  readonly cargoFacts: CargoFacts | null
}

/** The PLC's counters at one recorded moment; null where they were not known. */
export interface Counters {
  readonly plcBootId: string | null
  readonly entryCount: number | null
  readonly exitCount: number | null
}

export interface RecoveredIntent extends Counters {
  readonly commandId: string
  readonly right: Right
  readonly leaseTicks: number
  readonly fate: 'open' | 'accepted' | 'void'
  readonly consumes: Consumption | null
}

/**
 * Folds the events of the newest passage, oldest first. Bodies that are not what they should be
 * are passed over: the passage is judged anew anyway, and nothing is ever sent because of them.
 * Undefined when the events name no passage.
 */
export function recoverPassage(events: readonly StoredEvent[]): RecoveredPassage | undefined {
  let found: RecoveredPassage | undefined
  for (const event of events) found = fold(found, event)
  return found
}

function fold(found: RecoveredPassage | undefined, event: StoredEvent): RecoveredPassage | undefined {
  if (found === undefined) return event.type === 'passageOpened' ? opened(event) : undefined
  if (event.passageId !== found.id) return found
  const next = take(found, event)
  return event.contingency && !next.contingency ? { ...next, contingency: true } : next
}

function take(found: RecoveredPassage, event: StoredEvent): RecoveredPassage {
  switch (event.type) {
    case 'tagObserved': {
      const tag = bodyOf('tagObserved', event)
      return tag ? { ...found, tags: [...found.tags, tag] } : found
    }
    case 'plateObserved': {
      const plate = bodyOf('plateObserved', event)
      return plate ? { ...found, plates: [...found.plates, plate] } : found
    }
    case 'deviceObserved':
      return { ...found, sensed: senseAgain(found.sensed, event.body) }
    case 'decided':
      return decided(found, bodyOf('decided', event))
    case 'barrierIntent':
      return intended(found, bodyOf('barrierIntent', event))
    case 'barrierOutcome':
      return outcome(found, bodyOf('barrierOutcome', event))
    case 'sprayIntent':
      return sprayIntended(found, bodyOf('sprayIntent', event))
    case 'sprayOutcome':
      return sprayed(found, bodyOf('sprayOutcome', event))
    case 'disinfected':
      return sprayed(found, bodyOf('disinfected', event))
    case 'escalationOpened':
      return escalated(found, bodyOf('escalationOpened', event))
    case 'escalationClosed':
      return { ...found, openEscalationId: null }
    case 'verdictJudged':
      return answered(found, bodyOf('verdictJudged', event))
    case 'manualRelease':
      return { ...found, person: true }
    case 'passageEnded':
      return { ...found, end: bodyOf('passageEnded', event)?.how ?? 'aborted' }
    case 'violation':
      return { ...found, violated: true }
    default:
      return found
  }
}

function opened(event: StoredEvent): RecoveredPassage | undefined {
  const body = bodyOf('passageOpened', event)
  if (!body || event.passageId === null) return undefined
  return {
    no: body.passageNo,
    id: event.passageId,
    openedWallMs: event.occurredAt,
    opened: countersOf(body),
    decisions: 0,
    escalations: 0,
    raises: 0,
    intent: null,
    sprays: 0,
    spray: null,
    openEscalationId: null,
    end: null,
    judged: null,
    facts: noFacts,
    person: false,
    heldOn: false,
    violated: false,
    contingency: event.contingency,
    tags: [],
    plates: [],
    sensed: nothingSensed,
    cargoFacts: null,
  }
}

function decided(found: RecoveredPassage, body: EventBody<'decided'> | undefined): RecoveredPassage {
  const judged = body ? judgedOf(body.decisionId, body.decision) : found.judged
  const facts = body ? factsOf(body.inputs['facts']) : found.facts
  // A vehicle that was to be disinfected is a person's only once a person was called.
  const held = isHeld(judged?.outcome) && judged?.outcome !== 'disinfect'
  const recorded = body?.inputs['facts']
  const cargoFacts = isRecord(recorded) ? cargoFactsAgain(recorded['cargo']) : found.cargoFacts
  const person = found.person || held
  return { ...found, decisions: found.decisions + 1, judged, facts, cargoFacts, person }
}

/** What the lists knew, or knew not to have; anything else is asked of them again anyway. */
function factsOf(value: unknown): FrozenFacts {
  const { tags, vehicles, plates } = isRecord(value) ? value : {}
  return {
    tags: keep(tags, (entry) => tagEntrySchema.nullable().safeParse(entry).data),
    vehicles: keep(vehicles, (entry) => vehicleEntrySchema.nullable().safeParse(entry).data),
    plates: keep(plates, (entry) => (typeof entry === 'string' || entry === null ? entry : undefined)),
  }
}

function keep<T>(record: unknown, read: (value: unknown) => T | undefined): Record<string, T> {
  if (!isRecord(record)) return {}
  const kept = Object.entries(record).flatMap(([key, value]): [string, T][] => {
    const entry = read(value)
    return entry === undefined ? [] : [[key, entry]]
  })
  return Object.fromEntries(kept)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function intended(found: RecoveredPassage, body: EventBody<'barrierIntent'> | undefined): RecoveredPassage {
  const raises = found.raises + 1
  if (!body) return { ...found, raises, person: true }
  const { commandId, right, leaseTicks } = body
  const consumes = consumesAgain(body)
  const intent = { ...countersOf(body), commandId, right, leaseTicks, fate: 'open', consumes } as const
  return { ...found, raises, intent }
}

function outcome(found: RecoveredPassage, body: EventBody<'barrierOutcome'> | undefined): RecoveredPassage {
  if (!body || found.intent?.commandId !== body.commandId || body.outcome === 'unknown') return found
  const fate = body.outcome === 'accepted' ? 'accepted' : 'void'
  return { ...found, intent: { ...found.intent, fate } }
}

function escalated(
  found: RecoveredPassage,
  body: EventBody<'escalationOpened'> | undefined,
): RecoveredPassage {
  const openEscalationId = body?.escalationId ?? null
  const person = found.person || isHeld(body?.outcome)
  return { ...found, escalations: found.escalations + 1, openEscalationId, person }
}

function sprayIntended(
  found: RecoveredPassage,
  body: EventBody<'sprayIntent'> | undefined,
): RecoveredPassage {
  const sprays = found.sprays + 1
  if (!body) return { ...found, sprays, person: true }
  const { commandId, decisionId, verdictId, minSeconds, leaseTicks } = body
  const right = { decisionId, ...(verdictId !== undefined && { verdictId }) }
  const { plcBootId } = countersOf(body)
  // The former process may have written until it died: the lease runs from the first tick we see.
  const spray = { answered: 'unknown', leaseEndTick: null, fate: 'open', plcBootId } as const
  return { ...found, sprays, spray: { ...right, commandId, minSeconds, leaseTicks, ...spray } }
}

function sprayed(
  found: RecoveredPassage,
  body: EventBody<'sprayOutcome'> | EventBody<'disinfected'> | undefined,
): RecoveredPassage {
  if (!body || found.spray?.commandId !== body.commandId) return found
  const isDone = 'seconds' in body
  if (!isDone && body['outcome'] === 'unknown') return found
  return { ...found, spray: { ...found.spray, fate: isDone ? 'done' : 'void' } }
}

function answered(found: RecoveredPassage, body: EventBody<'verdictJudged'> | undefined): RecoveredPassage {
  if (body?.result !== 'accepted') return found
  return { ...found, person: true, heldOn: body.answer === 'hold' }
}

function bodyOf<T extends EventType>(type: T, event: StoredEvent): EventBody<T> | undefined {
  const parsed = eventBodies[type].safeParse(event.body)
  return parsed.success ? (parsed.data as EventBody<T>) : undefined
}

function countersOf(body: Readonly<Record<string, unknown>>): Counters {
  const { plcBootId, entryCount, exitCount } = body
  return {
    plcBootId: typeof plcBootId === 'string' ? plcBootId : null,
    entryCount: typeof entryCount === 'number' ? entryCount : null,
    exitCount: typeof exitCount === 'number' ? exitCount : null,
  }
}
