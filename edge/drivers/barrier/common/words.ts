import {
  unknownSignals,
  unknownSprayer,
  type BarrierPosition,
  type LaneSignals,
  type SprayerState,
} from '../../../interfaces/barrier.js'

const idPattern = /^[\w.:-]{1,100}$/

/** What every request carries, in a single write, so that no half of it can arrive. */
export interface Lease {
  readonly commandId: string
  readonly plcBootId: string
  readonly validUntilTick: number
}

/** The one line that asks for a raise: id, boot and lease. Null for an id that the line cannot carry. */
export function encodeRaise(request: Lease): string | null {
  return encode('raise', request)
}

/** The same for a spray, with its least time. */
export function encodeSpray(request: Lease & { readonly minSeconds: number }): string | null {
  const { minSeconds } = request
  if (!Number.isSafeInteger(minSeconds) || minSeconds < 1) return null
  const line = encode('spray', request)
  return line === null ? null : `${line};${minSeconds}`
}

function encode(verb: string, { commandId, plcBootId, validUntilTick }: Lease): string | null {
  if (!idPattern.test(commandId) || !idPattern.test(plcBootId)) return null
  if (!Number.isSafeInteger(validUntilTick) || validUntilTick < 0) return null
  return `${verb};${commandId};${plcBootId};${validUntilTick}`
}

/** Exactly one of the four bits says where the bar is; any other combination contradicts itself. */
export function positionOf(
  bits: Record<'raised' | 'lowered' | 'moving' | 'blocked', boolean | null>,
): BarrierPosition {
  return theOneSet(bits) ?? 'unknown'
}

/** The same for the sprayer. */
export function sprayerStateOf(
  bits: Record<'ready' | 'running' | 'done' | 'failed', boolean | null>,
): SprayerState {
  return theOneSet(bits) ?? 'unknown'
}

/** Null: a bit is not known, or it is not exactly one. */
function theOneSet<Name extends string>(bits: Record<Name, boolean | null>): Name | null {
  const names = Object.keys(bits) as Name[]
  if (names.some((name) => bits[name] === null)) return null
  const set = names.filter((name) => bits[name])
  return set.length === 1 ? (set[0] ?? null) : null
}

/** What a lost connection leaves: of a sprayer that is there nothing is known, not that it is gone. */
export function unknownOf(hasSprayer: boolean): LaneSignals {
  return hasSprayer ? { ...unknownSignals, sprayer: unknownSprayer } : unknownSignals
}

/** The heartbeat counter always moves; an image in which nothing else changed is no news. */
export function isNews(before: LaneSignals, after: LaneSignals): boolean {
  const { sprayer: was, plcTick: _wasAt, ...known } = before
  const { sprayer: is, plcTick: _isAt, ...now } = after
  return differ(known, now) || differ(was ?? {}, is ?? {})
}

function differ(before: object, after: object): boolean {
  const known = new Map(Object.entries(before))
  return (
    Object.entries(after).length !== known.size ||
    Object.entries(after).some(([name, value]) => known.get(name) !== value)
  )
}
