export interface PackedIndex {
  readonly heads: Int32Array<ArrayBuffer>
  readonly next: Int32Array<ArrayBuffer>
  readonly hashes: Uint32Array<ArrayBuffer>
  readonly size: number
}

/**
 * Row numbers by key, in typed arrays: 12 bytes a row and a few a bucket, where a Map and its
 * keys take a hundred. Rows of one hash hang in one chain; whoever asks compares the rows themselves,
 * because two keys may share a hash.
 */
export class RowIndex {
  /** First row of each bucket plus one; 0: none. */
  #heads = new Int32Array(16)
  /** The row after it in its bucket plus one; 0: the last. */
  #next = new Int32Array(16)
  #hashes = new Uint32Array(16)
  #size = 0

  static of({ heads, next, hashes, size }: PackedIndex): RowIndex {
    const index = new RowIndex()
    index.#heads = heads
    index.#next = next
    index.#hashes = hashes
    index.#size = size
    return index
  }

  /** What it is made of, for another thread. */
  pack(): PackedIndex {
    return { heads: this.#heads, next: this.#next, hashes: this.#hashes, size: this.#size }
  }

  add(row: number, hash: number): void {
    this.#makeRoom(row)
    this.#hashes[row] = hash
    this.#link(row, hash)
    this.#size += 1
  }

  remove(row: number): void {
    const bucket = this.#bucketOf(this.#hashes[row] ?? 0)
    const after = this.#next[row] ?? 0
    if (this.#heads[bucket] === row + 1) this.#heads[bucket] = after
    else {
      let before = (this.#heads[bucket] ?? 0) - 1
      while (before >= 0 && this.#next[before] !== row + 1) before = (this.#next[before] ?? 0) - 1
      if (before < 0) return
      this.#next[before] = after
    }
    this.#size -= 1
  }

  /** The first row that may have a key of this hash: all that have it are found, and hardly any other; -1: none. */
  first(hash: number): number {
    return this.#find((this.#heads[this.#bucketOf(hash)] ?? 0) - 1, hash)
  }

  /** The one after a row that was found; to be asked before that row is removed. */
  after(row: number): number {
    return this.#find((this.#next[row] ?? 0) - 1, this.#hashes[row] ?? 0)
  }

  #find(from: number, hash: number): number {
    let row = from
    while (row >= 0 && this.#hashes[row] !== hash) row = (this.#next[row] ?? 0) - 1
    return row
  }

  #bucketOf(hash: number): number {
    return hash & (this.#heads.length - 1)
  }

  #link(row: number, hash: number): void {
    const bucket = this.#bucketOf(hash)
    this.#next[row] = this.#heads[bucket] ?? 0
    this.#heads[bucket] = row + 1
  }

  #makeRoom(row: number): void {
    if (row >= this.#next.length) {
      this.#next = grown(this.#next, new Int32Array(this.#next.length * 2))
      this.#hashes = grown(this.#hashes, new Uint32Array(this.#hashes.length * 2))
    }
    if (this.#size >= this.#heads.length) this.#spread()
  }

  /** Twice the buckets, every row in its new one. */
  #spread(): void {
    const heads = this.#heads
    const next = this.#next.slice()
    this.#heads = new Int32Array(heads.length * 2)
    for (const head of heads) {
      for (let row = head - 1; row >= 0; row = (next[row] ?? 0) - 1) this.#link(row, this.#hashes[row] ?? 0)
    }
  }
}

/** `into` with what stands in `from`, which is no longer. */
export function grown<T extends Int32Array | Uint32Array>(from: T, into: T): T {
  into.set(from)
  return into
}

/** FNV-1a over the UTF-16 units, 32 bits: fast, and the same on every machine. */
export function hashOf(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i += 1) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  return (hash ^ (hash >>> 15)) >>> 0
}
