import type { PassageState } from '../api/schemas.js'
import type { KnownEvent } from './judge.js'
import { seenIn, type Seen } from './seen.js'

/** A passage as the gateway keeps it: what people see, and the epoch it belongs to. */
export interface PassageRecord extends PassageState {
  readonly epoch: string
  /** What it used up has been taken from the lists. */
  readonly consumed?: true
  /** What its lane knew when it judged it last; absent: not judged, or not to be read. */
  readonly seen?: Seen
}

/** Distinct tags or plates kept of one passage; the events hold the rest. */
const identitiesMax = 64

/**
 * What a passage is after one more event of it. Undefined before and after: the event tells of a
 * passage whose opening the gateway never got, and that cannot be made up.
 */
export function passageAfter(
  before: PassageRecord | undefined,
  event: KnownEvent,
): PassageRecord | undefined {
  const after = changed(before, event)
  return event.contingency === true && after && after.contingency !== true
    ? { ...after, contingency: true }
    : after
}

function changed(before: PassageRecord | undefined, event: KnownEvent): PassageRecord | undefined {
  if (!before) return event.type === 'passageOpened' ? opened(event) : undefined
  switch (event.type) {
    case 'tagObserved':
      return event.body.claim === 'neighbour' ? before : withIdentities(before, [event.body.epc], [])
    case 'plateObserved':
      return withIdentities(before, [], [event.body.plate])
    case 'decided': {
      const { outcome, primary, vehicleId } = event.body.decision
      const { seen: _older, ...kept } = before
      const seen = seenIn(event.body)
      return {
        ...kept,
        ...{ outcome, primary, vehicleId: vehicleId ?? before.vehicleId },
        ...(seen === undefined ? {} : { seen }),
      }
    }
    case 'barrierIntent':
      return event.body.right.by === 'verdict' ? { ...before, byVerdict: true } : before
    case 'manualRelease':
      return { ...before, manual: true }
    case 'escalationOpened': {
      const { epcs, plates, vehicleId } = event.body
      return { ...withIdentities(before, epcs, plates), vehicleId: vehicleId ?? before.vehicleId }
    }
    case 'violation':
      return { ...before, violation: event.body.kind }
    case 'lateObjection':
      return withIdentities(before, [event.body.epc], [])
    case 'consumed':
    case 'perhapsConsumed':
      return { ...before, consumed: true }
    case 'passageEnded':
      return {
        ...before,
        endedAt: event.occurredAt,
        how: event.body.how,
        outcome: event.body.outcome ?? before.outcome,
      }
    default:
      return before
  }
}

/** An edge with a new database will never end the passages of the old one. */
export function passageOfLostEpoch(before: PassageRecord, atMs: number): PassageRecord {
  return before.endedAt === null ? { ...before, endedAt: atMs } : before
}

function opened(event: KnownEvent & { readonly type: 'passageOpened' }): PassageRecord | undefined {
  if (event.passageId === null || event.lane === null) return undefined
  return {
    passageId: event.passageId,
    edgeId: event.edgeId,
    epoch: event.epoch,
    lane: event.lane,
    direction: event.body.direction,
    openedAt: event.occurredAt,
    endedAt: null,
    how: null,
    outcome: null,
    primary: null,
    epcs: [],
    plates: [],
    vehicleId: null,
    byVerdict: false,
    violation: null,
  }
}

function withIdentities(
  before: PassageRecord,
  epcs: readonly string[],
  plates: readonly string[],
): PassageRecord {
  return { ...before, epcs: merged(before.epcs, epcs), plates: merged(before.plates, plates) }
}

function merged(known: string[], heard: readonly string[]): string[] {
  const fresh = heard.filter((one) => !known.includes(one))
  return fresh.length === 0 ? known : [...new Set([...known, ...fresh])].slice(0, identitiesMax)
}
