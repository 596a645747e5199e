import type {
  ControlFill,
  ControlListName,
  ControlMemory,
  OpenPacker,
  PackedControl,
  SubjectKey,
} from '../../interfaces/list-store.js'
import type { BlacklistEntry, ControlOrder } from '../../messages/entities.js'
import { blacklistPacking, orderPacking } from './packed-rows.js'
import { buffersOf, PackedTable, type PackedContent } from './packed-table.js'

type Entry = ControlOrder | BlacklistEntry

/**
 * Orders and blacklist in memory, found by subject. Each list is `unknown` until it was once set
 * completely. Entries are packed rows, unpacked when they are hit, which is rare: figures in the
 * README.
 */
export class MemoryControl implements ControlMemory {
  #orders: PackedTable<ControlOrder> | null = null
  #blacklist: PackedTable<BlacklistEntry> | null = null
  readonly packerModule = import.meta.url

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
    return this.#filling(tableOf(list))
  }

  adopt({ list, content }: PackedControl): ControlFill {
    return this.#filling(tableOf(list, content as PackedContent))
  }

  #filling(table: Table): ControlFill {
    return {
      put: (entry) => table.put(entry),
      putText: (text) => table.putText(text),
      use: () => {
        if (table.orders) this.#orders = table.orders
        else this.#blacklist = table.blacklist
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

export const openPacker: OpenPacker = (list) => {
  const table = tableOf(list)
  return {
    putText: (text) => table.putText(text),
    pack: () => {
      const content = (table.orders ?? table.blacklist).pack()
      return { list, content, buffers: buffersOf(content) }
    },
  }
}

/** The table of one list, which takes no entry of the other. */
type Table = Pick<ControlFill, 'put' | 'putText'> &
  (
    | { readonly orders: PackedTable<ControlOrder>; readonly blacklist: null }
    | { readonly orders: null; readonly blacklist: PackedTable<BlacklistEntry> }
  )

function tableOf(list: ControlListName, packed?: PackedContent): Table {
  if (list === 'orders') {
    const orders = packed ? PackedTable.of(orderPacking, packed) : new PackedTable(orderPacking, [])
    const put = (entry: Entry): boolean => {
      if (entry.kind === 'order') orders.put(entry)
      return entry.kind === 'order'
    }
    return {
      orders,
      blacklist: null,
      put,
      putText: (text) => orders.putText(text) || put(JSON.parse(text) as Entry),
    }
  }
  const blacklist = packed ? PackedTable.of(blacklistPacking, packed) : new PackedTable(blacklistPacking, [])
  const put = (entry: Entry): boolean => {
    if (entry.kind === 'blacklist') blacklist.put(entry)
    return entry.kind === 'blacklist'
  }
  return {
    orders: null,
    blacklist,
    put,
    putText: (text) => blacklist.putText(text) || put(JSON.parse(text) as Entry),
  }
}
