import { canonicalJson } from '../../edge/base/canonical.js'
import type { ReleaseEntry, TripEntry } from '../../edge/messages/cargo-entities.js'
import { listKeyOf, listOf, type ListEntry, type ListName } from '../../edge/messages/entities.js'
import { keysUsed, oneMoreArrived, usedUp, type Crossing } from '../domain/consumption.js'
import type { Sql } from '../store/database.js'
import { findReceipt, saveReceipt } from '../store/tasks.js'
import { usedRelease } from '../domain/receipt.js'
import { entriesByKey, entriesNamed } from '../store/list-names.js'

/**
 * The entries that crossings change, as they are after all of them in order, by list. Read inside the
 * transaction, so that a change that came just before is not undone.
 */
export async function entriesAfter(
  sql: Sql,
  crossings: readonly Crossing[],
): Promise<ReadonlyMap<ListName, readonly ListEntry[]>> {
  const page = new Page(sql)
  for (const crossing of crossings) {
    const before = await page.byKey<TripEntry>(
      'trips',
      crossing.used.tripId === null ? [] : [crossing.used.tripId],
    )
    for (const [list, keys] of keysUsed(crossing)) {
      for (const entry of await page.byKey(list, keys)) page.put(usedUp(entry, crossing.at))
    }
    for (const release of await receiptUsed(sql, crossing)) {
      await page.byKey('releases', [release.releaseId])
      page.put(release)
    }
    // Only a trip that had not crossed yet is one more truck of its document.
    for (const trip of before.filter(({ crossedAt }) => crossedAt === undefined)) {
      for (const other of await page.onSameDocument(trip)) page.put(oneMoreArrived(other))
    }
  }
  return page.changed()
}

/** The receipt that stood for a release, as lanes must know it now; one of another site says nothing here. */
async function receiptUsed(sql: Sql, { edgeId, passageId, at, used }: Crossing): Promise<ReleaseEntry[]> {
  const receipt = used.receiptId === null ? undefined : await findReceipt(sql, used.receiptId)
  if (receipt === undefined) return []
  if (receipt.used === null) await saveReceipt(sql, { ...receipt, used: { edgeId, passageId, at } })
  return [usedRelease(receipt)]
}

/** Entries as this transaction sees them, with what it has changed itself. */
class Page {
  readonly #sql: Sql
  readonly #read = new Map<string, ListEntry>()
  readonly #now = new Map<string, ListEntry>()

  constructor(sql: Sql) {
    this.#sql = sql
  }

  async byKey<T extends ListEntry>(list: ListName, keys: readonly string[]): Promise<T[]> {
    return this.#seen(await entriesByKey<T>(this.#sql, list, [...new Set(keys)]))
  }

  async onSameDocument(trip: TripEntry): Promise<TripEntry[]> {
    if (trip.documentTrucks === undefined) return []
    const sharing = await entriesNamed<TripEntry>(this.#sql, 'trips', 'declaration', trip.declarationNos)
    return this.#seen(sharing).filter(({ tripId }) => tripId !== trip.tripId)
  }

  put(entry: ListEntry): void {
    this.#now.set(nameOf(entry), entry)
  }

  changed(): ReadonlyMap<ListName, readonly ListEntry[]> {
    const lists = new Map<ListName, ListEntry[]>()
    for (const [name, entry] of this.#now) {
      const was = this.#read.get(name)
      if (was !== undefined && canonicalJson(was) === canonicalJson(entry)) continue
      const entries = lists.get(listOf(entry)) ?? []
      lists.set(listOf(entry), [...entries, entry])
    }
    return lists
  }

  #seen<T extends ListEntry>(entries: readonly T[]): T[] {
    return entries.map((entry) => {
      const name = nameOf(entry)
      if (!this.#read.has(name)) this.#read.set(name, entry)
      return (this.#now.get(name) as T | undefined) ?? entry
    })
  }
}

function nameOf(entry: ListEntry): string {
  return `${listOf(entry)}/${listKeyOf(entry)}`
}
