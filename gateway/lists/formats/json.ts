import { FileFault, refusedPiece, type ByteSource, type Piece, type Pieces } from './reader.js'
import { linesOf } from './lines.js'

/** No entry is larger: 64 KiB of JSON. */
const entryMaxBytes = 65_536

/** NDJSON, one entry a line: a bad line is refused, and the next one is read as if nothing were. */
export async function* readNdjson(source: ByteSource): Pieces {
  for await (const lines of linesOf(source, entryMaxBytes)) {
    yield lines.flatMap((one): Piece[] => {
      const { line, text } = one
      if (text === null) return [{ is: 'refused', line, problem: one.problem }]
      return text.trim() === '' ? [] : [parsed(text, line)]
    })
  }
}

function parsed(text: string, line: number): Piece {
  try {
    const value: unknown = JSON.parse(text)
    return { is: 'entry', line, value }
  } catch {
    return refusedPiece(line, '', 'notJson')
  }
}

/**
 * A JSON array of entries, laid out as one likes. The array is cut into its entries without being held;
 * where its brackets do not match, nobody knows where the next entry begins, so the whole file is refused.
 */
export async function* readJsonArray(source: ByteSource): Pieces {
  const cutter = new ArrayCutter()
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for await (const chunk of source) {
    const pieces = cutter.push(decoded(decoder, chunk))
    if (pieces.length > 0) yield pieces
  }
  cutter.push(decoded(decoder))
  cutter.end()
}

function decoded(decoder: InstanceType<typeof TextDecoder>, chunk?: Uint8Array): string {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode()
  } catch {
    throw new FileFault('format', 'the file is not UTF-8')
  }
}

class ArrayCutter {
  #line = 1
  #state: 'before' | 'entries' | 'after' = 'before'
  #depth = 0
  #inText = false
  #escaped = false
  #held = ''
  #startLine = 1

  push(text: string): Piece[] {
    const pieces: Piece[] = []
    let from = 0
    for (let at = 0; at < text.length; at += 1) {
      const char = text.charAt(at)
      if (char === '\n') this.#line += 1
      if (this.#depth > 0) {
        if (!this.#closes(char)) continue
        this.#keep(text.slice(from, at + 1))
        pieces.push(this.#entry(this.#held))
        this.#held = ''
      } else if (char === '{' && this.#state === 'entries') {
        this.#depth = 1
        this.#startLine = this.#line
        from = at
      } else this.#between(char)
    }
    if (this.#depth > 0) this.#keep(text.slice(from))
    return pieces
  }

  end(): void {
    if (this.#state !== 'after')
      throw new FileFault('format', 'the array does not end: the file is cut off', this.#line)
  }

  /** Within an entry: whether this character ends it. */
  #closes(char: string): boolean {
    if (this.#inText) {
      if (this.#escaped) this.#escaped = false
      else if (char === '\\') this.#escaped = true
      else if (char === '"') this.#inText = false
      return false
    }
    if (char === '"') this.#inText = true
    else if (char === '{' || char === '[') this.#depth += 1
    else if (char === '}' || char === ']') this.#depth -= 1
    return this.#depth === 0
  }

  #between(char: string): void {
    if (/\s/.test(char) || char === '\uFEFF') return
    if (this.#state === 'before' && char === '[') this.#state = 'entries'
    else if (this.#state === 'entries' && char === ']') this.#state = 'after'
    else if (this.#state !== 'entries' || char !== ',')
      throw new FileFault('format', `not an array of entries: ${char} stands where none may`, this.#line)
  }

  #keep(part: string): void {
    this.#held += part
    if (this.#held.length > entryMaxBytes)
      throw new FileFault('format', `an entry is larger than ${entryMaxBytes} bytes`, this.#startLine)
  }

  #entry(text: string): Piece {
    return parsed(text, this.#startLine)
  }
}
