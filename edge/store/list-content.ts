import { createHash } from 'node:crypto'
import { sleep, type Clock } from '../base/clock.js'
import { sha256Hex } from '../base/hash.js'
import type { ControlListName, ControlMemory } from '../interfaces/list-store.js'
import type { BlacklistEntry, ControlOrder, ListEntry, ListName } from '../messages/entities.js'
import type { ListFile } from './list-file.js'

/** Entries that are held in memory as well. */
export type ControlEntry = ControlOrder | BlacklistEntry

export function isControl(list: ListName): list is ControlListName {
  return list === 'orders' || list === 'blacklist'
}

export function isControlEntry(entry: ListEntry): entry is ControlEntry {
  return entry.kind === 'order' || entry.kind === 'blacklist'
}

/** Puts the whole content of a list into memory, in one step. */
export function remember(
  control: ControlMemory,
  list: ControlListName,
  entries: readonly ControlEntry[],
): void {
  if (list === 'orders') control.replaceOrders(entries.filter((entry) => entry.kind === 'order'))
  else control.replaceBlacklist(entries.filter((entry) => entry.kind === 'blacklist'))
}

/** The content of a control list as the database has it. */
export async function readControl(file: ListFile, generation: number): Promise<ControlEntry[]> {
  const entries: ControlEntry[] = []
  for await (const page of file.pages(generation)) {
    for (const { body } of page) entries.push(JSON.parse(body) as ControlEntry)
  }
  return entries
}

/**
 * The content hash over the bytes that lie in the database, not over the hashes stored beside them.
 * Pauses after each page: nobody waits for it, and lookups do.
 */
export async function rehash(
  file: ListFile,
  generation: number,
  given: { readonly clock: Clock; readonly recheckPauseMs: number },
  stopped: () => boolean,
): Promise<string> {
  const hash = createHash('sha256')
  for await (const page of file.pages(generation)) {
    for (const { body } of page) hash.update(`${sha256Hex(body)}\n`)
    if (stopped()) break
    await sleep(given.clock, 'list recheck', given.recheckPauseMs)
  }
  return hash.digest('hex')
}
