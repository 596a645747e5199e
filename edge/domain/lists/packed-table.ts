import type { SubjectKey } from '../../interfaces/list-store.js'
import type { BlacklistEntry, ControlOrder } from '../../messages/entities.js'
import { Words, type PackedText, type Packing } from './packed-rows.js'
import { PatternIndex } from './pattern-index.js'
import { RowArena, type PackedArena } from './row-arena.js'
import { hashOf, RowIndex, type PackedIndex } from './row-index.js'

export interface PackedContent {
  readonly words: readonly string[]
  readonly rows: PackedArena
  readonly used: number
  readonly free: readonly number[]
  readonly bySubject: PackedIndex
  readonly byId: PackedIndex
  readonly patterns: readonly (readonly [row: number, pattern: string])[]
}

/** What of it changes hands between threads. */
export function buffersOf({ rows, bySubject, byId }: PackedContent): ArrayBuffer[] {
  const indexes = [bySubject, byId].flatMap(({ heads, next, hashes }) => [heads, next, hashes])
  const arrays = [rows.at, rows.textBytes, rows.reasonBytes, ...indexes].map(({ buffer }) => buffer)
  return [...rows.blocks.filter((block) => block !== null), ...arrays]
}

/** The entries of one list as packed rows; a row that was taken out is used again. */
export class PackedTable<T extends ControlOrder | BlacklistEntry> {
  readonly #packing: Packing<T>
  #words = new Words()
  #rows = new RowArena()
  /** Row numbers that were used before and are not now. */
  readonly #free: number[] = []
  #used = 0
  #bySubject = new RowIndex()
  #byId = new RowIndex()
  readonly #patterns = new PatternIndex()

  constructor(packing: Packing<T>, entries: Iterable<T>) {
    this.#packing = packing
    for (const entry of entries) this.put(entry)
  }

  static of<T extends ControlOrder | BlacklistEntry>(
    packing: Packing<T>,
    packed: PackedContent,
  ): PackedTable<T> {
    const table = new PackedTable(packing, [])
    table.#words = new Words(packed.words)
    table.#rows = RowArena.of(packed.rows)
    table.#used = packed.used
    table.#free.push(...packed.free)
    table.#bySubject = RowIndex.of(packed.bySubject)
    table.#byId = RowIndex.of(packed.byId)
    for (const [row, pattern] of packed.patterns) table.#patterns.add(row, pattern)
    return table
  }

  /** What it is made of, for another thread. */
  pack(): PackedContent {
    return {
      words: this.#words.all(),
      rows: this.#rows.pack(),
      ...{ used: this.#used, free: this.#free },
      ...{ bySubject: this.#bySubject.pack(), byId: this.#byId.pack() },
      patterns: this.#patterns.entries(),
    }
  }

  get size(): number {
    return this.#used - this.#free.length
  }

  put(entry: T): void {
    const { kind, key } = entry.subject
    this.#put({ id: this.#packing.idOf(entry), kind, key, row: this.#packing.pack(entry, this.#words) })
  }

  /** The entry as canonical JSON; false, and nothing done: it must be parsed to be put. */
  putText(text: string): boolean {
    const packed = this.#packing.packText(text, this.#words)
    if (packed) this.#put(packed)
    return packed !== null
  }

  #put({ id, kind, key, row: texts }: PackedText): void {
    const idHash = hashOf(id)
    this.#delete(id, idHash)
    const row = this.#free.pop() ?? this.#used++
    this.#rows.put(row, texts)
    this.#byId.add(row, idHash)
    this.#bySubject.add(row, hashOf(subjectText(kind, key)))
    if (kind === 'PLATE_PATTERN') this.#patterns.add(row, key)
  }

  delete(id: string): boolean {
    return this.#delete(id, hashOf(id))
  }

  on(keys: readonly SubjectKey[]): readonly T[] {
    const found = new Map<string, T>()
    for (const { kind, key } of keys) {
      let row = this.#bySubject.first(hashOf(subjectText(kind, key)))
      for (; row >= 0; row = this.#bySubject.after(row)) {
        const entry = this.#entryAt(row)
        const hit = entry.subject.kind === kind && entry.subject.key === key
        if (hit) found.set(this.#packing.idOf(entry), entry)
      }
      if (kind !== 'PLATE') continue
      for (const row of this.#patterns.matching(key)) {
        const entry = this.#entryAt(row)
        found.set(this.#packing.idOf(entry), entry)
      }
    }
    const { idOf } = this.#packing
    return [...found.values()].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
  }

  #delete(id: string, hash: number): boolean {
    let row = this.#byId.first(hash)
    while (row >= 0 && this.#packing.idOf(this.#entryAt(row)) !== id) row = this.#byId.after(row)
    if (row < 0) return false
    this.#byId.remove(row)
    this.#bySubject.remove(row)
    this.#patterns.remove(row)
    this.#rows.delete(row)
    this.#free.push(row)
    return true
  }

  #entryAt(row: number): T {
    return this.#packing.unpack(this.#rows.get(row), this.#words)
  }
}

function subjectText(kind: string, key: string): string {
  return `${kind}:${key}`
}
