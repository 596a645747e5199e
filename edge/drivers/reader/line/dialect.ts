import type { Decoded } from '../common/decoded.js'

/** What a codec has to know beside the line. */
export interface LineContext {
  /** The line may lack its beginning: only a form that shows where it begins may be believed. */
  readonly doubtful: boolean
  /** Lengths an identity may have, in characters; null: any that the form allows. */
  readonly epcLengths: readonly number[] | null
  /** Offset of the reader's local time from UTC, for readers that give no zone; null: unknown. */
  readonly utcOffsetMinutes: number | null
}

/** One text protocol of readers: pure, one line at a time. */
export interface LineDialect {
  /** How the serial line is set by default in devices of this family. */
  readonly dataBits: 7 | 8
  readonly parity: 'none' | 'even' | 'odd'
  /** `line` is printable ASCII without its line end, and not empty. */
  decode(line: string, context: LineContext): Decoded
}

/** True for a line that strict ASCII allows: what noise and lost parity leave behind is not a line. */
export function isPrintable(line: string): boolean {
  return /^[\x20-\x7e]*$/.test(line)
}

export function lengthAllowed(epc: string, context: LineContext): boolean {
  return context.epcLengths === null || context.epcLengths.includes(epc.length)
}
