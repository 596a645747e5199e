import type { BarrierPosition, LaneSignals, LoopLevel } from '../../../interfaces/barrier.js'
import type { ImageName } from './nodes.js'

/** A value as the PLC gave it, and whether the PLC stands behind it (good quality). */
export interface Reading {
  readonly good: boolean
  readonly value: unknown
}

/** What a value that was never read looks like. */
export const noReading: Reading = { good: false, value: null }

const idPattern = /^[\w.:-]{1,100}$/

/**
 * The one line that asks for a raise: id, boot and lease in a single write, so that no half of it
 * can arrive. Null for an id that the line cannot carry.
 */
export function encodeRaise(request: {
  commandId: string
  plcBootId: string
  validUntilTick: number
}): string | null {
  const { commandId, plcBootId, validUntilTick } = request
  if (!idPattern.test(commandId) || !idPattern.test(plcBootId)) return null
  if (!Number.isSafeInteger(validUntilTick) || validUntilTick < 0) return null
  return `raise;${commandId};${plcBootId};${validUntilTick}`
}

/** Bad quality or another type than agreed is null: unknown, never a guess. */
export function boolOf(reading: Reading): boolean | null {
  return reading.good && typeof reading.value === 'boolean' ? reading.value : null
}

/** A counter or tick: a whole number from 0. */
export function countOf(reading: Reading): number | null {
  const { good, value } = reading
  return good && typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

/** A text; the empty one is what a PLC shows where there is nothing yet. */
export function textOf(reading: Reading): string | null {
  const { good, value } = reading
  return good && typeof value === 'string' && value !== '' ? value.slice(0, 200) : null
}

/** Exactly one of the four bits says where the bar is; any other combination contradicts itself. */
export function positionOf(
  bits: Record<'raised' | 'lowered' | 'moving' | 'blocked', boolean | null>,
): BarrierPosition {
  const { raised, lowered, moving, blocked } = bits
  if (raised === null || lowered === null || moving === null || blocked === null) return 'unknown'
  const set = (['raised', 'lowered', 'moving', 'blocked'] as const).filter((name) => bits[name])
  return set.length === 1 ? (set[0] ?? 'unknown') : 'unknown'
}

/** One consistent image from the values of one read. */
export function signalsOf(read: (name: ImageName) => Reading): LaneSignals {
  const loop = (name: 'entryLoop' | 'exitLoop'): LoopLevel => {
    const occupied = boolOf(read(name))
    return occupied === null ? 'unknown' : occupied ? 'occupied' : 'clear'
  }
  return {
    entryLoop: loop('entryLoop'),
    exitLoop: loop('exitLoop'),
    entryCount: countOf(read('entryCount')),
    exitCount: countOf(read('exitCount')),
    barrier: positionOf({
      raised: boolOf(read('raised')),
      lowered: boolOf(read('lowered')),
      moving: boolOf(read('moving')),
      blocked: boolOf(read('blocked')),
    }),
    acceptedCommandId: textOf(read('acceptedCommandId')),
    acceptedCount: countOf(read('acceptedCount')),
    refusedCommandId: textOf(read('refusedCommandId')),
    refusedWhy: textOf(read('refusedWhy')),
    plcBootId: textOf(read('bootId')),
    plcTick: countOf(read('tick')),
    watchdogTripped: boolOf(read('watchdogTripped')),
  }
}

/** The heartbeat counter always moves; an image in which nothing else changed is no news. */
export function isNews(before: LaneSignals, after: LaneSignals): boolean {
  return (Object.keys(after) as (keyof LaneSignals)[]).some(
    (name) => name !== 'plcTick' && before[name] !== after[name],
  )
}
