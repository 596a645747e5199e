import type { Sensed } from '../../../interfaces/reader.js'
import type { Plate } from '../../../messages/entities.js'

/** A tag as a report names it, before the driver adds which reader heard it and when. */
export interface HeardTag {
  readonly kind: 'tag'
  /** As the reader names it; `"0"` where it has only one. */
  readonly antenna: string
  readonly zone: string | null
  /** Upper-case hex of the EPC, or the text identity of readers that give one. */
  readonly epc: string
  readonly tid: string | null
  readonly rssiDbm: number | null
  readonly driverId: string | null
  /** >= 1. */
  readonly count: number
  /** The reader's own clock, UTC ms, or null where it gives none or gives no zone. */
  readonly readerAtMs: number | null
}

/** A plate as a report names it. */
export interface HeardPlate {
  readonly kind: 'plate'
  readonly antenna: string
  readonly zone: string | null
  readonly plate: Plate
  /** 0 to 1. */
  readonly confidence: number
  readonly readerAtMs: number | null
}

/** What a device found out of driver or load, as a report names it. */
export interface HeardDevice {
  readonly kind: 'device'
  readonly antenna: string
  readonly zone: string | null
  readonly sensed: Sensed
  readonly readerAtMs: number | null
}

/** A text that was scanned, before anybody has looked into what it says. */
export interface HeardText {
  readonly kind: 'text'
  readonly antenna: string
  readonly zone: string | null
  readonly text: string
  readonly readerAtMs: number | null
}

export type Heard = HeardTag | HeardPlate | HeardDevice | HeardText

/**
 * What one line or one message came to. All three may be filled at once: a message of many reads
 * loses only its bad ones.
 */
export interface Decoded {
  readonly heard: readonly Heard[]
  /** Understood and without a read in it: a keep-alive, the header of a notification. */
  readonly asides: number
  /** One sentence for each part that made no sense: where it is and what is wrong with it. */
  readonly discarded: readonly string[]
}

const nothing: readonly never[] = []

export const aside: Decoded = { heard: nothing, asides: 1, discarded: nothing }

export function heard(one: Heard): Decoded {
  return { heard: [one], asides: 0, discarded: nothing }
}

export function discarded(why: string): Decoded {
  return { heard: nothing, asides: 0, discarded: [why] }
}

/** Puts the parts of one message together. */
export function together(parts: readonly Decoded[]): Decoded {
  if (parts.length === 1 && parts[0]) return parts[0]
  return {
    heard: parts.flatMap((part) => part.heard),
    asides: parts.reduce((sum, part) => sum + part.asides, 0),
    discarded: parts.flatMap((part) => part.discarded),
  }
}

/** Sampled text of a device for a log or a fault: printable ASCII, bounded, no control bytes. */
export function sample(text: string, maxCharacters = 48): string {
  const printable = text.slice(0, maxCharacters).replace(/[^\x20-\x7e]/g, '.')
  return text.length > maxCharacters ? `${printable}...` : printable
}
