import type { ControlFill, ControlListName, ControlMemory, SubjectKey } from '../../interfaces/list-store.js'
import type { BlacklistEntry, ControlOrder } from '../../messages/entities.js'
import { blacklistPacking, orderPacking } from './packed-rows.js'
import { PackedTable } from './packed-table.js'

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
  fill(list: ControlListName): ControlFill {
    const orders = new PackedTable(orderPacking, [])
    const blacklist = new PackedTable(blacklistPacking, [])
    const put = (entry: Entry): boolean => {
      const fits = (entry.kind === 'order') === (list === 'orders')
      if (fits && entry.kind === 'order') orders.put(entry)
      else if (fits && entry.kind === 'blacklist') blacklist.put(entry)
      return fits
    }
    return {
      put,
      putText: (text) =>
        (list === 'orders' ? orders : blacklist).putText(text) || put(JSON.parse(text) as Entry),
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
