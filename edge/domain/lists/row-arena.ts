import { grown } from './row-index.js'

/** Bytes of the largest block, and how far the addresses of two blocks are apart. */
const blockBytes = 1024 * 1024
const firstBlockBytes = 4 * 1024

/** The text of a row, and its reason. */
export interface RowTexts {
  /** ASCII only. */
  readonly text: string
  readonly reason: string
}

export interface PackedArena {
  readonly blocks: readonly (ArrayBuffer | null)[]
  readonly live: readonly number[]
  readonly freeNumbers: readonly number[]
  readonly number: number
  readonly end: number
  readonly at: Uint32Array<ArrayBuffer>
  readonly textBytes: Uint32Array<ArrayBuffer>
  readonly reasonBytes: Uint32Array<ArrayBuffer>
}

/**
 * Texts by row number, as bytes in a few large blocks: a hundred thousand of them are nothing to the garbage collector,
 * where strings would be two hundred thousand things to look at. A block that has become mostly holes is emptied into
 * the others, so that a list that changes for months does not grow.
 */
export class RowArena {
  /** Null: given back. */
  readonly #blocks: (Buffer<ArrayBuffer> | null)[] = []
  /** Bytes of each block that belong to a row. */
  readonly #live: number[] = []
  readonly #freeNumbers: number[] = []
  /** The block that is written to, and how far. */
  #number = -1
  #block = Buffer.alloc(0)
  #end = 0
  #bytes = 0
  #at = new Uint32Array(16)
  #textBytes = new Uint32Array(16)
  #reasonBytes = new Uint32Array(16)

  static of({ blocks, live, freeNumbers, number, end, at, textBytes, reasonBytes }: PackedArena): RowArena {
    const arena = new RowArena()
    for (const block of blocks) arena.#blocks.push(block && Buffer.from(block))
    arena.#live.push(...live)
    arena.#freeNumbers.push(...freeNumbers)
    arena.#number = number
    arena.#block = arena.#blocks[number] ?? arena.#block
    arena.#end = end
    arena.#bytes = arena.#blocks.reduce((sum, block) => sum + (block?.length ?? 0), 0)
    arena.#at = at
    arena.#textBytes = textBytes
    arena.#reasonBytes = reasonBytes
    return arena
  }

  /** What it is made of, for another thread. */
  pack(): PackedArena {
    return {
      blocks: this.#blocks.map((block) => block && block.buffer),
      ...{ live: this.#live, freeNumbers: this.#freeNumbers, number: this.#number, end: this.#end },
      ...{ at: this.#at, textBytes: this.#textBytes, reasonBytes: this.#reasonBytes },
    }
  }

  /** Bytes of all blocks: hardly more than twice what is in them, and one block. */
  get bytes(): number {
    return this.#bytes
  }

  /** Puts a row that is not there. Throws a `RangeError` where it is longer than a block. */
  put(row: number, { text, reason }: RowTexts): void {
    this.#makeRoom(row)
    const before = this.#number
    // Written in one go: how long it is in bytes shows only then, and it may be three of them a sign.
    const at = this.#reserve(text.length + 3 * reason.length)
    const bytes = this.#block.write(text + reason, at % blockBytes)
    this.#giveBack(text.length + 3 * reason.length - bytes)
    this.#at[row] = at
    this.#textBytes[row] = text.length
    this.#reasonBytes[row] = bytes - text.length
    // What was taken out of it while it was written to left it as it was.
    if (before !== this.#number) this.#settle(before)
  }

  /** A row that was put. */
  get(row: number): RowTexts {
    const at = this.#at[row] ?? 0
    const block = this.#blocks[numberOf(at)]
    const from = at % blockBytes
    const between = from + (this.#textBytes[row] ?? 0)
    return {
      text: block?.toString('latin1', from, between) ?? '',
      reason: block?.toString('utf8', between, between + (this.#reasonBytes[row] ?? 0)) ?? '',
    }
  }

  /** Takes out a row that was put. */
  delete(row: number): void {
    const number = numberOf(this.#at[row] ?? 0)
    const left = (this.#live[number] ?? 0) - this.#bytesOf(row)
    this.#live[number] = left
    this.#textBytes[row] = 0
    this.#reasonBytes[row] = 0
    this.#settle(number)
  }

  /** A block that is full, and mostly holes, is emptied. */
  #settle(number: number): void {
    const block = this.#blocks[number]
    if (!block || number === this.#number || (this.#live[number] ?? 0) >= block.length / 2) return
    const before = this.#number
    this.#empty(number, block)
    if (before !== this.#number) this.#settle(before)
  }

  #bytesOf(row: number): number {
    return (this.#textBytes[row] ?? 0) + (this.#reasonBytes[row] ?? 0)
  }

  #reserve(bytes: number): number {
    if (bytes > blockBytes) throw new RangeError(`a row of ${bytes} bytes`)
    if (this.#end + bytes > this.#block.length) this.#begin(bytes)
    const at = this.#number * blockBytes + this.#end
    this.#end += bytes
    this.#live[this.#number] = (this.#live[this.#number] ?? 0) + bytes
    return at
  }

  /** The end of what was reserved last. */
  #giveBack(bytes: number): void {
    this.#end -= bytes
    this.#live[this.#number] = (this.#live[this.#number] ?? 0) - bytes
  }

  /** A new block, as large as all before it, so that a short list takes little. */
  #begin(bytes: number): void {
    this.#number = this.#freeNumbers.pop() ?? this.#blocks.length
    this.#block = Buffer.alloc(Math.min(blockBytes, Math.max(bytes, firstBlockBytes, this.#bytes)))
    this.#blocks[this.#number] = this.#block
    this.#live[this.#number] = 0
    this.#end = 0
    this.#bytes += this.#block.length
  }

  /** Copies what is left of a block to the end, and gives the block back. */
  #empty(number: number, block: Buffer): void {
    for (let row = 0; row < this.#at.length; row += 1) {
      const at = this.#at[row] ?? 0
      const bytes = this.#bytesOf(row)
      if (bytes === 0 || numberOf(at) !== number) continue
      const to = this.#reserve(bytes)
      block.copy(this.#block, to % blockBytes, at % blockBytes, (at % blockBytes) + bytes)
      this.#at[row] = to
    }
    this.#blocks[number] = null
    this.#live[number] = 0
    this.#bytes -= block.length
    this.#freeNumbers.push(number)
  }

  #makeRoom(row: number): void {
    if (row < this.#at.length) return
    const rows = Math.max(this.#at.length * 2, row + 1)
    this.#at = grown(this.#at, new Uint32Array(rows))
    this.#textBytes = grown(this.#textBytes, new Uint32Array(rows))
    this.#reasonBytes = grown(this.#reasonBytes, new Uint32Array(rows))
  }
}

function numberOf(at: number): number {
  return Math.floor(at / blockBytes)
}
