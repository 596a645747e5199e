import { setImmediate } from 'node:timers/promises'
import { messageOf } from '../base/error.js'
import type { ControlFill } from '../interfaces/list-store.js'
import type { ListHead } from '../messages/down.js'
import { listKinds, type ListEntry } from '../messages/entities.js'
import { isControlEntry } from './list-content.js'
import type { ListFile } from './list-file.js'
import { entryRow, type EntryRow } from './list-rows.js'
import { troubleOf } from './sqlite.js'

/** Entries taken from the caller before they are written: what a load holds in memory at once. */
const stagedEntries = 2_000
/** Entries prepared in one go, in the lanes' own thread. */
const preparedEntries = 50

/** A content that comes in, and the generation it goes into. */
export interface Staging {
  readonly head: ListHead
  readonly generation: number
  readonly entries: AsyncIterable<ListEntry>
  /** The memory of a control list, filled beside the file. */
  readonly fill: ControlFill | null
}

/** Writes the entries into their generation as they come; a sentence if they cannot be this list. */
export async function stageAll(
  file: ListFile,
  { head, generation, entries, fill }: Staging,
): Promise<string | null> {
  let rows: EntryRow[] = []
  let count = 0
  try {
    for await (const entry of entries) {
      count += 1
      if (count > head.count) return `more than the announced ${head.count} entries came (listTooLong)`
      if (entry.kind !== listKinds[head.list]) {
        return `entry ${count} is a ${entry.kind}, which does not belong here (listWrongKind)`
      }
      if (isControlEntry(entry)) fill?.put(entry)
      rows.push(entryRow(entry))
      // Entries that are there already come without a pause, and the lanes have the same thread.
      if (rows.length % preparedEntries === 0) await setImmediate()
      if (rows.length < stagedEntries) continue
      await file.stage(generation, rows)
      rows = []
    }
    await file.stage(generation, rows)
    return null
  } catch (error) {
    const trouble = troubleOf(error)
    if (trouble === 'constraint') return `a key came twice (listDuplicateKey)`
    if (trouble !== 'other') throw error
    return `the list broke off after ${count} entries: ${messageOf(error)} (listIncomplete)`
  }
}
