import {
  listKeyOf,
  listOf,
  type CargoListName,
  type ListEntry,
  type ListName,
} from '../../edge/messages/entities.js'
import { canFind, findMax, looksOf } from '../../edge/messages/list-looks.js'

/** Lists about driver and load, in memory, found by key and by their other names. */
export class CargoLists {
  readonly #entries = new Map<string, ListEntry>()
  /** Of each look, the keys of the entries that have it. */
  readonly #looks = new Map<string, Set<string>>()

  put(entry: ListEntry): void {
    const list = listOf(entry)
    const key = listKeyOf(entry)
    this.remove(list, key)
    this.#entries.set(at(list, key), entry)
    for (const { by, value } of looksOf(entry)) {
      const look = at(list, by, value)
      const keys = this.#looks.get(look) ?? new Set<string>()
      this.#looks.set(look, keys.add(key))
    }
  }

  remove(list: ListName, key: string): void {
    const entry = this.#entries.get(at(list, key))
    if (!entry) return
    this.#entries.delete(at(list, key))
    for (const { by, value } of looksOf(entry)) this.#looks.get(at(list, by, value))?.delete(key)
  }

  /** As `ListStore.find` says, for a list that is there. */
  find(list: CargoListName, by: string, values: readonly string[]): readonly ListEntry[] | 'unknown' {
    if (!canFind(list, by, values)) return 'unknown'
    const keys =
      by === 'key' ? values : values.flatMap((value) => [...(this.#looks.get(at(list, by, value)) ?? [])])
    const found = [...new Set(keys)]
      .sort(byCodePoint)
      .flatMap((key) => this.#entries.get(at(list, key)) ?? [])
    return found.length <= findMax ? found : 'unknown'
  }
}

function at(...parts: readonly string[]): string {
  return parts.join('\n')
}

function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
