import type { BarrierPosition, LaneSignals } from '../../../interfaces/barrier.js'

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

/** Exactly one of the four bits says where the bar is; any other combination contradicts itself. */
export function positionOf(
  bits: Record<'raised' | 'lowered' | 'moving' | 'blocked', boolean | null>,
): BarrierPosition {
  const { raised, lowered, moving, blocked } = bits
  if (raised === null || lowered === null || moving === null || blocked === null) return 'unknown'
  const set = (['raised', 'lowered', 'moving', 'blocked'] as const).filter((name) => bits[name])
  return set.length === 1 ? (set[0] ?? 'unknown') : 'unknown'
}

/** The heartbeat counter always moves; an image in which nothing else changed is no news. */
export function isNews(before: LaneSignals, after: LaneSignals): boolean {
  return (Object.keys(after) as (keyof LaneSignals)[]).some(
    (name) => name !== 'plcTick' && before[name] !== after[name],
  )
}
