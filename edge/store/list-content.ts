import { sleep, type Clock } from '../base/clock.js'
import type { ControlFill, ControlListName, ControlMemory } from '../interfaces/list-store.js'
import type { ListEntry, ListName } from '../messages/entities.js'
import { BranchMaker, type ListContent } from '../messages/list-hash.js'
import { readControl } from './control-load.js'
import type { ListFile, ListRow } from './list-file.js'
import type { Load } from './list-kept.js'
import type { ControlEntry } from './list-pages.js'
import { contentProblem } from './list-rules.js'

/** A list up to this is counted before it is believed; a longer one by its tree, and in the background. */
const countedAtOpen = 20_000

export function isControl(list: ListName): list is ControlListName {
  return list === 'orders' || list === 'blacklist'
}

export function isControlEntry(entry: ListEntry): entry is ControlEntry {
  return entry.kind === 'order' || entry.kind === 'blacklist'
}

/**
 * The content over the bytes that lie in the database, not over the hashes stored beside them.
 * Pauses after each page: nobody waits for it, and the lanes share its thread.
 */
export async function rehash(
  file: ListFile,
  { generation, count }: { readonly generation: number; readonly count: number },
  given: { readonly clock: Clock; readonly recheckPauseMs: number },
  stopped: () => boolean,
): Promise<ListContent> {
  const maker = new BranchMaker()
  for await (const leaves of file.rehashed(generation, count)) {
    for (const leaf of leaves) maker.add(leaf)
    if (stopped()) break
    await sleep(given.clock, 'list recheck', given.recheckPauseMs)
  }
  return maker.finish()
}

/** What speaks against a list at once; its content is looked at in the background. */
export async function problemOf(
  file: ListFile,
  { generation, count, content_hash }: ListRow,
): Promise<string | null> {
  const tree = await file.treeOf(generation)
  if (tree.count !== count || tree.contentHash !== content_hash)
    return 'the hashes beside the entries are not those of the head'
  const found = count <= countedAtOpen ? await file.countOf(generation) : count
  return found === count ? null : `${count} entries were recorded, ${found} are there`
}

/**
 * What speaks against a load that is complete; where nothing does, its names are written. What another process staged
 * is hashed from its bytes again.
 */
export async function loadProblem(
  file: ListFile,
  { head, generation, count, isInherited }: Load,
  given: { readonly clock: Clock },
  stopped: () => boolean,
): Promise<string | null> {
  if (count > 0) await file.clearTree(generation)
  let problem = contentProblem(head, await file.makeTree(generation, head.count))
  const content = { generation, count: head.count }
  if (!problem && isInherited)
    problem = contentProblem(head, await rehash(file, content, { ...given, recheckPauseMs: 0 }, stopped))
  // The names come last, of entries that were checked.
  if (!problem) await file.writeNames(generation, head.count)
  return problem
}

/** The memory of a control list that came in several parts, and was not filled on the way; null for other lists. */
export async function controlOf(
  file: ListFile,
  { head: { list, count }, generation }: Load,
  control: ControlMemory,
): Promise<ControlFill | null> {
  return isControl(list) ? readControl(file, { generation, count }, control, list) : null
}
