import { lineProblem, type LineProblem } from '../../../edge/messages/text/line-problem.js'
import type { ByteSource } from './reader.js'

/** One line without its end; `text` is null where it is longer than allowed or no UTF-8, as `problem` says. */
export type Line = {
  /** Counted from 1. */
  readonly line: number
} & ({ readonly text: string } | { readonly text: null; readonly problem: LineProblem })

const newline = 0x0a
const carriageReturn = 0x0d

/**
 * Cuts a stream into lines of at most `maxBytes`; of a longer one no more than that is ever held, and
 * the line counts as one that cannot be read. Lines end with LF or CRLF.
 */
export async function* linesOf(source: ByteSource, maxBytes: number): AsyncGenerator<readonly Line[]> {
  const cutter = new LineCutter(maxBytes)
  for await (const chunk of source) {
    const lines = cutter.push(chunk)
    if (lines.length > 0) yield lines
  }
  const last = cutter.end()
  if (last) yield [last]
}

class LineCutter {
  readonly #maxBytes: number
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  #line = 0
  #held: Uint8Array[] = []
  #heldBytes = 0
  #tooLong = false

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  push(chunk: Uint8Array): Line[] {
    const lines: Line[] = []
    let from = 0
    for (;;) {
      const at = chunk.indexOf(newline, from)
      if (at < 0) break
      this.#hold(chunk.subarray(from, at))
      lines.push(this.#take())
      from = at + 1
    }
    this.#hold(chunk.subarray(from))
    return lines
  }

  end(): Line | undefined {
    return this.#heldBytes > 0 || this.#tooLong ? this.#take() : undefined
  }

  #hold(part: Uint8Array): void {
    if (this.#tooLong || part.length === 0) return
    this.#heldBytes += part.length
    if (this.#heldBytes <= this.#maxBytes) {
      this.#held.push(part)
      return
    }
    this.#tooLong = true
    this.#held = []
  }

  #take(): Line {
    this.#line += 1
    const [only, ...more] = this.#held
    const bytes = more.length === 0 ? (only ?? new Uint8Array()) : Buffer.concat(this.#held)
    const tooLong = this.#tooLong
    this.#held = []
    this.#heldBytes = 0
    this.#tooLong = false
    const line = this.#line
    if (tooLong)
      return { line, text: null, problem: lineProblem('', 'tooManyBytes', { bytes: this.#maxBytes }) }
    const end = bytes.at(-1) === carriageReturn ? bytes.length - 1 : bytes.length
    try {
      return { line, text: this.#decoder.decode(bytes.subarray(0, end)) }
    } catch {
      return { line, text: null, problem: lineProblem('', 'notUtf8') }
    }
  }
}
