import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { LanekeeperError } from '../../edge/base/error.js'
import { listEntrySchema, type ListName } from '../../edge/messages/entities.js'
import { lineProblem, type LineProblem } from '../../edge/messages/text/line-problem.js'
import { checkEntry, type HeldEntry } from '../domain/list-change.js'
import type { RefusedLine } from './import-record.js'
import { issueProblem } from '../../edge/messages/text/issue-problem.js'

/** Most entries that a file of first lists may hold. */
const fileEntriesMax = 5_000_000
const fileProblemsMax = 20

/** Takes lines of NDJSON, or of a JSON array with one entry a line, and sorts the good from the bad. */
export class LineSorter {
  readonly entries = new Map<string, HeldEntry>()
  readonly refused: RefusedLine[] = []
  readonly #list: ListName
  #line = 0

  constructor(list: ListName) {
    this.#list = list
  }

  take(text: string): void {
    this.#line += 1
    const json = text.trim().replace(/,$/, '')
    if (json === '' || json === '[' || json === ']') return
    let value: unknown
    try {
      value = JSON.parse(json)
    } catch {
      this.#refuse(lineProblem('', 'notJson'))
      return
    }
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) this.#takeOne(one)
  }

  #takeOne(value: unknown): void {
    const parsed = listEntrySchema.safeParse(value)
    if (!parsed.success) {
      this.#refuse(issueProblem(parsed.error.issues[0], value))
      return
    }
    const checked = checkEntry(this.#list, parsed.data)
    if (!checked.ok) {
      for (const problem of checked.problems) this.#refuse(problem)
      return
    }
    const { entry } = checked
    // Of two that contradict each other neither is known to be the right one; the first may be in force already.
    if (this.entries.has(entry.key)) this.#refuse(lineProblem('', 'twice', { key: entry.key }))
    else this.entries.set(entry.key, entry)
  }

  #refuse({ path, code, values, message }: LineProblem): void {
    this.refused.push({ line: this.#line, path, message, code, values: { ...values } })
  }
}

/** Reads a first list from its file, all of it or none; throws naming the lines that will not do. */
export async function readEntries(list: ListName, file: string): Promise<HeldEntry[]> {
  const sorter = new LineSorter(list)
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    sorter.take(text)
    if (sorter.refused.length >= fileProblemsMax || sorter.entries.size > fileEntriesMax) break
  }
  const problems = sorter.refused.map(
    ({ line, path, message }) => `${file}:${line}: ${path === '' ? '' : `${path}: `}${message}`,
  )
  if (sorter.entries.size > fileEntriesMax) problems.push(`${file}: more than ${fileEntriesMax} entries`)
  if (problems.length > 0) throw new LanekeeperError('lists.import', problems.join('\n'))
  return [...sorter.entries.values()]
}
