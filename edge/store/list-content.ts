import { createHash } from 'node:crypto'
import { sleep, type Clock } from '../base/clock.js'
import { sha256Hex } from '../base/hash.js'
import type { ControlFill, ControlListName, ControlMemory } from '../interfaces/list-store.js'
import type { BlacklistEntry, ControlOrder, ListEntry, ListName } from '../messages/entities.js'
import type { ListFile } from './list-file.js'

/** Read at start, when nobody looks anything up yet: larger pages than later. */
const controlPageRows = 2_000

/** Entries that are held in memory as well. */
export type ControlEntry = ControlOrder | BlacklistEntry

export function isControl(list: ListName): list is ControlListName {
  return list === 'orders' || list === 'blacklist'
}

export function isControlEntry(entry: ListEntry): entry is ControlEntry {
  return entry.kind === 'order' || entry.kind === 'blacklist'
}

/** Fills memory with a control list as the database has it; into force when the caller says so. */
export async function readControl(
  file: ListFile,
  generation: number,
  control: ControlMemory,
  list: ControlListName,
): Promise<ControlFill> {
  const fill = control.fill(list)
  for await (const page of file.pages(generation, controlPageRows)) {
    for (const { body } of page) fill.put(JSON.parse(body) as ControlEntry)
  }
  return fill
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
