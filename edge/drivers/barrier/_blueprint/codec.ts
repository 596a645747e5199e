import { z } from 'zod'
import { loopLevels } from '../../../messages/up.js'
import type { LaneSignals } from '../../../interfaces/barrier.js'
import { positionOf } from '../common/words.js'

/**
 * The wire of an invented barrier controller: a line of JSON each way. It sends its whole image
 * every 100 ms; a value it does not stand behind is missing. Name here the page of the maker's
 * manual, the firmware it was checked with, and what it does beside the manual.
 */
const level = z.enum(loopLevels).default('unknown')
const bit = z.boolean().nullable().default(null)
const count = z.int().min(0).nullable().default(null)
const text = z.string().min(1).max(200).nullable().default(null)

const imageSchema = z.strictObject({
  entryLoop: level,
  exitLoop: level,
  entryCount: count,
  exitCount: count,
  raised: bit,
  lowered: bit,
  moving: bit,
  blocked: bit,
  acceptedCommandId: text,
  acceptedCount: count,
  refusedCommandId: text,
  refusedWhy: text,
  plcBootId: text,
  plcTick: count,
  watchdogTripped: bit,
})

/** The longest line that is listened to. */
export const lineMaxBytes = 4_096

/** One image, or null for a line that is none. */
export function decodeImage(line: string): LaneSignals | null {
  let raw: unknown
  try {
    raw = JSON.parse(line)
  } catch {
    return null
  }
  const parsed = imageSchema.safeParse(raw)
  if (!parsed.success) return null
  const { raised, lowered, moving, blocked, ...rest } = parsed.data
  return { ...rest, barrier: positionOf({ raised, lowered, moving, blocked }) }
}
