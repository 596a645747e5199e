import { setImmediate } from 'node:timers/promises'
import { messageOf } from '../base/error.js'
import type { ControlFill } from '../interfaces/list-store.js'
import { listKinds, type ListEntry } from '../messages/entities.js'
import { compareKeys } from '../messages/list-hash.js'
import { isControlEntry } from './list-content.js'
import type { ListFile } from './list-file.js'
import type { Load } from './list-kept.js'
import { entryRow, type EntryRow } from './list-rows.js'
import { troubleOf } from './sqlite.js'

/** Entries taken from the caller before they are written: what a load holds in memory at once. */
const stagedEntries = 500
/** Entries prepared in one go, in the lanes' own thread. */
const preparedEntries = 50

/** A content that comes in, and what of it is there already. */
export interface Staging {
  readonly load: Load
  readonly entries: AsyncIterable<ListEntry>
  /** The memory of a control list, filled beside the file. */
  readonly fill: ControlFill | null
}

/** How a load ended: whole, refused with a sentence, or broken off, with what then lies in the database. */
export type Staged =
  | { readonly is: 'whole' }
  | { readonly is: 'refused'; readonly problem: string }
  | { readonly is: 'brokenOff'; readonly problem: string; readonly load: Load | null }

/**
 * Writes the entries into their generation as they come. A load that broke off can be gone on with where its
 * entries came in the order of the tree; its `load` is null where they did not.
 */
export async function stageAll(file: ListFile, { load, entries, fill }: Staging): Promise<Staged> {
  const { head } = load
  const rows = new StagedRows(file, load)
  try {
    for await (const entry of entries) {
      const count = rows.count + 1
      if (count > head.count)
        return refused(`more than the announced ${head.count} entries came (listTooLong)`)
      if (entry.kind !== listKinds[head.list])
        return refused(`entry ${count} is a ${entry.kind}, which does not belong here (listWrongKind)`)
      if (isControlEntry(entry)) fill?.put(entry)
      rows.add(entryRow(entry))
      // Entries that are there already come without a pause, and the lanes have the same thread.
      if (rows.waiting % preparedEntries === 0) await setImmediate()
      if (rows.waiting >= stagedEntries) await rows.write()
    }
    await rows.write()
    return { is: 'whole' }
  } catch (error) {
    const trouble = troubleOf(error)
    if (trouble === 'constraint') return refused(`a key came twice (listDuplicateKey)`)
    if (trouble !== 'other') throw error
    const problem = `the list broke off after ${rows.count} entries: ${messageOf(error)} (listIncomplete)`
    return { is: 'brokenOff', problem, load: await rows.rescue() }
  }
}

function refused(problem: string): Staged {
  return { is: 'refused', problem }
}

/** Rows on their way into a generation, and whether they come in the order of the tree. */
class StagedRows {
  readonly #file: ListFile
  readonly #load: Load
  #rows: EntryRow[] = []
  #last: EntryRow | null = null
  #isOrdered = true
  count: number

  constructor(file: ListFile, load: Load) {
    this.#file = file
    this.#load = load
    this.count = load.count
  }

  get waiting(): number {
    return this.#rows.length
  }

  add(row: EntryRow): void {
    const last = this.#last
    if (last && (row.leaf < last.leaf || (row.leaf === last.leaf && compareKeys(row.key, last.key) <= 0)))
      this.#isOrdered = false
    this.#last = row
    this.count += 1
    this.#rows.push(row)
  }

  async write(): Promise<void> {
    const rows = this.#rows
    this.#rows = []
    await this.#file.stage(this.#load.generation, rows)
  }

  /** What came before the line broke is written too; null where nobody could say where to go on. */
  async rescue(): Promise<Load | null> {
    if (!this.#isOrdered) return null
    try {
      await this.write()
    } catch (error) {
      if (troubleOf(error) === 'constraint') return null
      throw error
    }
    return { ...this.#load, count: this.count, afterKey: this.#last?.key ?? this.#load.afterKey }
  }
}
