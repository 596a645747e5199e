import type { ControlIndex, SubjectKey } from '../../interfaces/list-store.js'
import type { BlacklistEntry, ControlOrder } from '../../messages/entities.js'

type Entry = ControlOrder | BlacklistEntry
export type ControlListName = 'orders' | 'blacklist'

/**
 * Orders and blacklist in memory, found by subject. Each list is `unknown` until it was once set
 * completely. Entries are kept as one text each and parsed when hit, which is rare: this takes
 * a third of the memory that objects take (figures in the README).
 */
export class MemoryControl implements ControlIndex {
  #orders: SubjectTable<ControlOrder> | null = null
  #blacklist: SubjectTable<BlacklistEntry> | null = null

  /** Puts a complete list in the place of the one before it, in one step: a lookup sees all or nothing of it. */
  replaceOrders(orders: Iterable<ControlOrder>): void {
    this.#orders = new SubjectTable(orders)
  }

  replaceBlacklist(entries: Iterable<BlacklistEntry>): void {
    this.#blacklist = new SubjectTable(entries)
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

function idOf(entry: Entry): string {
  return entry.kind === 'order' ? entry.orderId : entry.entryId
}

class SubjectTable<T extends Entry> {
  /** Texts by subject; nearly every subject has one. */
  readonly #bySubject = new Map<string, string | string[]>()
  readonly #subjectById = new Map<string, string>()

  constructor(entries: Iterable<T>) {
    for (const entry of entries) this.put(entry)
  }

  get size(): number {
    return this.#subjectById.size
  }

  put(entry: T): void {
    const id = idOf(entry)
    this.delete(id)
    const subject = `${entry.subject.kind}:${entry.subject.key}`
    const text = pack(entry)
    const there = this.#bySubject.get(subject)
    if (there === undefined) this.#bySubject.set(subject, text)
    else if (typeof there === 'string') this.#bySubject.set(subject, [there, text])
    else there.push(text)
    this.#subjectById.set(id, subject)
  }

  delete(id: string): boolean {
    const subject = this.#subjectById.get(id)
    if (subject === undefined) return false
    this.#subjectById.delete(id)
    const there = this.#bySubject.get(subject)
    const others = (typeof there === 'string' ? [there] : (there ?? [])).filter(
      (text) => idOf(unpack(text)) !== id,
    )
    const [first, ...more] = others
    if (first === undefined) this.#bySubject.delete(subject)
    else this.#bySubject.set(subject, more.length === 0 ? first : others)
    return true
  }

  on(keys: readonly SubjectKey[]): readonly T[] {
    const found = new Map<string, T>()
    for (const { kind, key } of keys) {
      const there = this.#bySubject.get(`${kind}:${key}`)
      if (there === undefined) continue
      for (const text of typeof there === 'string' ? [there] : there) {
        const entry = unpack<T>(text)
        found.set(idOf(entry), entry)
      }
    }
    return [...found.values()].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
  }
}

/** Non-ASCII signs are escaped: one of them would make every character of the text two bytes. */
function pack(entry: Entry): string {
  return JSON.stringify(entry).replace(
    /[^\x20-\x7e]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function unpack<T extends Entry>(text: string): T {
  return JSON.parse(text) as T
}
