import type { ControlListName, ControlMemory, SubjectKey } from '../../interfaces/list-store.js'
import type { BlacklistEntry, ControlOrder } from '../../messages/entities.js'
import { blacklistPacking, orderPacking, Words, type Packing } from './packed-rows.js'
import { PatternIndex } from './pattern-index.js'
import { RowArena } from './row-arena.js'
import { hashOf, RowIndex } from './row-index.js'

type Entry = ControlOrder | BlacklistEntry

/**
 * Orders and blacklist in memory, found by subject. Each list is `unknown` until it was once set
 * completely. Entries are packed rows, unpacked when they are hit, which is rare: figures in the
 * README.
 */
export class MemoryControl implements ControlMemory {
  #orders: PackedTable<ControlOrder> | null = null
  #blacklist: PackedTable<BlacklistEntry> | null = null

  /** Puts a complete list in the place of the one before it, in one step: a lookup sees all or nothing of it. */
  replaceOrders(orders: Iterable<ControlOrder>): void {
    this.#orders = new PackedTable(orderPacking, orders)
  }

  replaceBlacklist(entries: Iterable<BlacklistEntry>): void {
    this.#blacklist = new PackedTable(blacklistPacking, entries)
  }

  /**
   * Fills the next content of a list beside the one that answers, so that a long one can be put in
   * piece by piece; nothing changes until `use`. An entry of another list is not taken.
   */
  fill(list: ControlListName): { put(entry: Entry): boolean; use(): void } {
    const orders = new PackedTable(orderPacking, [])
    const blacklist = new PackedTable(blacklistPacking, [])
    return {
      put: (entry) => {
        const fits = (entry.kind === 'order') === (list === 'orders')
        if (fits && entry.kind === 'order') orders.put(entry)
        else if (fits && entry.kind === 'blacklist') blacklist.put(entry)
        return fits
      },
      use: () => {
        if (list === 'orders') this.#orders = orders
        else this.#blacklist = blacklist
      },
    }
  }

  /** Adds or changes one entry. False, and nothing done, while its list was never complete. */
  upsert(entry: Entry): boolean {
    if (entry.kind === 'order') this.#orders?.put(entry)
    else this.#blacklist?.put(entry)
    return entry.kind === 'order' ? this.#orders !== null : this.#blacklist !== null
  }

  /** Takes an entry out by its list key (`orderId`, `entryId`); false if it was not there. */
  delete(list: ControlListName, key: string): boolean {
    return (list === 'orders' ? this.#orders : this.#blacklist)?.delete(key) ?? false
  }

  /** The list is not to be trusted any more: from now on it answers `unknown`. */
  forget(list: ControlListName): void {
    if (list === 'orders') this.#orders = null
    else this.#blacklist = null
  }

  /** Entries of a list; null while it was never complete. */
  count(list: ControlListName): number | null {
    return (list === 'orders' ? this.#orders : this.#blacklist)?.size ?? null
  }

  /** Sorted by `orderId`. */
  ordersOn(keys: readonly SubjectKey[]): readonly ControlOrder[] | 'unknown' {
    return this.#orders?.on(keys) ?? 'unknown'
  }

  /** Sorted by `entryId`. */
  blacklistOn(keys: readonly SubjectKey[]): readonly BlacklistEntry[] | 'unknown' {
    return this.#blacklist?.on(keys) ?? 'unknown'
  }
}

/** The entries of one list as packed rows; a row that was taken out is used again. */
class PackedTable<T extends Entry> {
  readonly #packing: Packing<T>
  readonly #words = new Words()
  readonly #rows = new RowArena()
  /** Row numbers that were used before and are not now. */
  readonly #free: number[] = []
  #used = 0
  readonly #bySubject = new RowIndex()
  readonly #byId = new RowIndex()
  readonly #patterns = new PatternIndex()

  constructor(packing: Packing<T>, entries: Iterable<T>) {
    this.#packing = packing
    for (const entry of entries) this.put(entry)
  }

  get size(): number {
    return this.#used - this.#free.length
  }

  put(entry: T): void {
    const id = this.#packing.idOf(entry)
    const idHash = hashOf(id)
    this.#delete(id, idHash)
    const row = this.#free.pop() ?? this.#used++
    this.#rows.put(row, this.#packing.pack(entry, this.#words))
    this.#byId.add(row, idHash)
    this.#bySubject.add(row, hashOf(subjectText(entry.subject)))
    if (entry.subject.kind === 'PLATE_PATTERN') this.#patterns.add(row, entry.subject.key)
  }

  delete(id: string): boolean {
    return this.#delete(id, hashOf(id))
  }

  on(keys: readonly SubjectKey[]): readonly T[] {
    const found = new Map<string, T>()
    for (const { kind, key } of keys) {
      let row = this.#bySubject.first(hashOf(subjectText({ kind, key })))
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

function subjectText({ kind, key }: SubjectKey): string {
  return `${kind}:${key}`
}
