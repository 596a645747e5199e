import type { TextValues } from '../../../edge/messages/text/catalogue.js'
import type { LineCode } from '../../../edge/messages/text/import-lines.js'
import { lineProblem, type LineProblem } from '../../../edge/messages/text/line-problem.js'

/** One part of a file, as a reader finds it. */
export type Piece =
  | { readonly is: 'head'; readonly head: FileHead }
  /** What would be an entry of the list; nobody has checked it yet. */
  | { readonly is: 'entry'; readonly line: number; readonly value: unknown }
  | {
      readonly is: 'refused'
      /** Counted from 1. */
      readonly line: number
      /** Its path is within the entry or record; empty for the whole of it. */
      readonly problem: LineProblem
    }

/** A line that is not taken, and why. */
export function refusedPiece(line: number, path: string, code: LineCode, values?: TextValues): Piece {
  return { is: 'refused', line, problem: lineProblem(path, code, values) }
}

/** What the head of a tolling file says of it. */
export interface FileHead {
  /** Whose tags these are: the home agency, as the file names it. */
  readonly agency: string
  /** True: the file is the whole of that agency's tags, and what it does not name is gone. */
  readonly bulk: boolean
  /** As the file writes it; the acknowledgement says it again. */
  readonly createdAt: string
}

/** A batch at a time, because a promise for each of a million lines costs more than reading them. */
export type Pieces = AsyncGenerator<readonly Piece[]>

export type ByteSource = AsyncIterable<Uint8Array>

/** Where the fault of a whole file lies; the acknowledgements of tolling have codes for it. */
export const fileFaults = ['name', 'header', 'count', 'format'] as const
export type FileFaultKind = (typeof fileFaults)[number]

/** The whole file will not do, and nothing of it is taken. */
export class FileFault extends Error {
  override readonly name = 'FileFault'
  readonly fault: FileFaultKind
  /** Counted from 1; 0: no line in particular. */
  readonly line: number

  constructor(fault: FileFaultKind, message: string, line = 0) {
    super(message)
    this.fault = fault
    this.line = line
  }
}
