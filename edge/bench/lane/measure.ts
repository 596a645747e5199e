import type { StoredEvent } from '../../interfaces/journal.js'
import { readRecordedJournal } from '../../store/read-only.js'
import { spreadOf, type Spread } from '../figures.js'
import type { Passed } from './driven-lane.js'
import type { FloorTurn } from './floor.js'
import type { Arrivals } from './plc-process.js'

/** One passage from ripe to the request on the wire, all in milliseconds. */
export interface Measured {
  readonly passageId: string
  readonly ripeToDecidedMs: number
  readonly decidedToWireMs: number
  readonly ripeToWireMs: number
  /** Its tag came after `collectMs`, so the decision waited for that. */
  readonly isLate: boolean
  readonly ripeAtMs: number
}

/** What the edge recorded of one passage, on the edge's own monotonic clock. */
interface Recorded {
  openedMs?: number
  heardMs?: number
  decided?: { atMs: number; decisionId: string; firstHeardMs: number }
  commandId?: string
}

export interface Measurement {
  readonly measured: readonly Measured[]
  /** Passages that the edge decided otherwise than to release, or that have no request on the wire. */
  readonly notReleased: number
  readonly readsHeard: number
  readonly readsShed: number
}

/**
 * Joins the edge's record with the PLC's stamps. Ripe is law 3's word: the later of the last required
 * observation (here the one tag) and `collectMs` after the loop, each as the edge knew it.
 */
export async function measure(given: {
  readonly dataDir: string
  readonly collectMs: number
  readonly arrivals: Arrivals
  readonly machineMsAtZero: number
  readonly sinceMs: number
}): Promise<Measurement> {
  const passages = new Map<string, Recorded>()
  const total = { readsHeard: 0, readsShed: 0 }
  for await (const event of readRecordedJournal(given.dataDir)) {
    if (event.passageId === null || event.monoMs + given.machineMsAtZero < given.sinceMs) continue
    if (event.type === 'passageOpened') passages.set(event.passageId, { openedMs: event.monoMs })
    const passage = passages.get(event.passageId)
    if (!passage) continue
    take(passage, event)
    if (event.type !== 'passageEnded') continue
    total.readsHeard += Number(event.body['readsHeard'])
    total.readsShed += Number(event.body['readsShed'])
  }
  const measured = [...passages].flatMap(([passageId, passage]) => {
    const one = join(passageId, passage, given)
    return one ? [one] : []
  })
  return { measured, notReleased: passages.size - measured.length, ...total }
}

function take(passage: Recorded, event: StoredEvent): void {
  const { body, monoMs } = event
  if (event.type === 'tagObserved') passage.heardMs ??= monoMs
  if (event.type === 'decided') {
    passage.decided ??= {
      atMs: monoMs,
      decisionId: String(body['decisionId']),
      firstHeardMs: firstHeard(body),
    }
  }
  if (event.type === 'barrierIntent') passage.commandId ??= String(body['commandId'])
}

/** Milliseconds from the opening of the passage to the first read of its tag, as the decision saw it. */
function firstHeard(body: Readonly<Record<string, unknown>>): number {
  const { observations } = body['inputs'] as { observations: { tags: { firstHeardMs: number }[] } }
  return Math.min(...observations.tags.map((tag) => tag.firstHeardMs))
}

function join(
  passageId: string,
  passage: Recorded,
  given: { collectMs: number; arrivals: Arrivals; machineMsAtZero: number },
): Measured | null {
  const { openedMs, heardMs, decided, commandId } = passage
  const arrivedAtMs = commandId === undefined ? undefined : given.arrivals[commandId]
  if (openedMs === undefined || heardMs === undefined || !decided || arrivedAtMs === undefined) return null
  // The record of the read is a moment after it was heard; the observation is rounded to milliseconds.
  const lastRequiredMs = Math.min(heardMs, openedMs + decided.firstHeardMs)
  const ripeMs = Math.max(openedMs + given.collectMs, lastRequiredMs)
  const wireMs = arrivedAtMs - given.machineMsAtZero
  return {
    passageId,
    ripeToDecidedMs: decided.atMs - ripeMs,
    decidedToWireMs: wireMs - decided.atMs,
    ripeToWireMs: wireMs - ripeMs,
    isLate: lastRequiredMs > openedMs + given.collectMs,
    ripeAtMs: ripeMs + given.machineMsAtZero,
  }
}

export interface FloorSpreads {
  readonly commit: Spread
  /** From the call to the moment at which the PLC has it. */
  readonly write: Spread
  readonly roundTrip: Spread
  /** Commit and write of the same turn together: the floor. */
  readonly sum: Spread
}

export function floorOf(turns: readonly FloorTurn[], arrivals: Arrivals): FloorSpreads {
  const writes = turns.map((turn) => (arrivals[turn.commandId] ?? Number.NaN) - turn.writeFromMs)
  return {
    commit: spreadOf(turns.map((turn) => turn.commitMs)),
    write: spreadOf(writes),
    roundTrip: spreadOf(turns.map((turn) => turn.writeAnsweredMs - turn.writeFromMs)),
    sum: spreadOf(turns.map((turn, index) => turn.commitMs + (writes[index] ?? Number.NaN))),
  }
}

/** From the loop as it really was to the edge's knowledge of ripeness: what sampling and publishing cost. */
export function loopToRipe(
  measured: readonly Measured[],
  passed: readonly Passed[],
  collectMs: number,
): Spread {
  const laneOf = (passageId: string) => passed.filter((one) => passageId.includes(`.${one.lane}.`))
  const values = measured
    .filter((one) => !one.isLate)
    .flatMap((one) => {
      const before = laneOf(one.passageId).filter((vehicle) => vehicle.onLoopAtMs <= one.ripeAtMs - collectMs)
      const onLoopAtMs = Math.max(...before.map((vehicle) => vehicle.onLoopAtMs))
      return Number.isFinite(onLoopAtMs) ? [one.ripeAtMs - collectMs - onLoopAtMs] : []
    })
  return spreadOf(values)
}
