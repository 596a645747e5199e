import { listEntrySchema, type ListName } from '../../edge/messages/entities.js'
import { lineProblem, type LineProblem } from '../../edge/messages/text/line-problem.js'
import { checkEntry } from '../domain/list-change.js'
import type { Database } from '../store/database.js'
import {
  countOpenRows,
  countRows,
  stageEntries,
  stageGone,
  type KeyRange,
  type StagedLine,
} from '../store/imports.js'
import { agenciesOfHome } from './formats/acknowledgement.js'
import type { TollingConfig } from './formats/agencies.js'
import { readCsv } from './formats/csv.js'
import { readCtoc } from './formats/ctoc.js'
import { readItag } from './formats/itag.js'
import { readJsonArray, readNdjson } from './formats/json.js'
import { readNiop } from './formats/niop.js'
import { FileFault, type ByteSource, type FileHead, type Piece, type Pieces } from './formats/reader.js'
import type { DryRun, RefusedLine } from './import-record.js'
import { issueProblem } from '../../edge/messages/text/issue-problem.js'
import { numberProblems } from './order-numbers.js'
import { keepLocks } from './locked.js'

export interface ImportReadingGiven {
  readonly database: Database
  /** As it begins. */
  readonly record: DryRun
  readonly tolling: TollingConfig | undefined
  /** Whether the person who brings the file may know of secret orders. */
  readonly seesSecrets: boolean
  readonly isClosed: () => boolean
  readonly onProgress: (now: DryRun) => void
}

const stageAtOnce = 2_000
const goneAtOnce = 5_000
const refusedMax = 1_000
/** Most entries that one file may bring. */
const entriesMax = 20_000_000

/** Reads one file against a list, a batch at a time: whatever its size, no more than a batch is held. */
export class ImportReading {
  readonly #given: ImportReadingGiven
  readonly #refused: RefusedLine[] = []
  #refusedCount = 0
  #read = 0
  #head: FileHead | null = null
  #batch: StagedLine[] = []

  constructor(given: ImportReadingGiven) {
    this.#given = given
  }

  /** What came of it: READY, or BROKEN with the fault of the whole file. */
  async read(source: ByteSource): Promise<DryRun> {
    try {
      for await (const pieces of this.#pieces(source)) await this.#take(pieces)
      await this.#stage()
      await this.#stageGone()
    } catch (error) {
      if (!(error instanceof FileFault)) throw error
      const { fault: kind, line, message } = error
      return { ...this.#now(), state: 'BROKEN', fault: { kind, line, message } }
    }
    const { importId } = this.#given.record
    const { list } = this.#given.record
    return this.#given.database.read(async (sql) => {
      const { twice: _twice, ...counts } = await countRows(sql, importId)
      if (list !== 'orders') return { ...this.#now(), state: 'READY', counts }
      const { twice: _openTwice, ...openCounts } = await countOpenRows(sql, importId)
      return { ...this.#now(), state: 'READY', counts, openCounts }
    })
  }

  #pieces(source: ByteSource): Pieces {
    const { record, tolling } = this.#given
    const { list, format, name } = record
    const agencies = tolling?.agencies ?? []
    switch (format) {
      case 'ndjson':
        return readNdjson(source)
      case 'json':
        return readJsonArray(source)
      case 'csv':
        return readCsv(source, list)
      case 'niop':
        return readNiop(source, name, agencies)
      case 'itag':
        return readItag(source, name, agencies)
      case 'ctoc':
        return readCtoc(source, name, agencies)
    }
  }

  async #take(pieces: readonly Piece[]): Promise<void> {
    const { record } = this.#given
    for (const piece of pieces) {
      if (piece.is === 'head') this.#head = piece.head
      else if (piece.is === 'refused') this.#refuse(piece.line, piece.problem)
      else this.#check(record.list, piece.line, piece.value)
      if (this.#batch.length >= stageAtOnce) await this.#stage()
    }
  }

  #check(list: ListName, line: number, value: unknown): void {
    const parsed = listEntrySchema.safeParse(value)
    if (!parsed.success) {
      this.#refuse(line, issueProblem(parsed.error.issues[0], value))
      return
    }
    const checked = checkEntry(list, parsed.data)
    if (checked.ok) this.#batch.push({ line, held: checked.entry })
    else for (const problem of checked.problems) this.#refuse(line, problem)
  }

  async #stage(): Promise<void> {
    const { database, record, seesSecrets, isClosed, onProgress } = this.#given
    if (isClosed()) throw new Error('the gateway stops')
    const read = this.#batch
    this.#batch = []
    if (read.length === 0) return
    const { list, importId } = record
    const values = read.map(({ held }) => held.entry)
    const refused = await database.read((sql) => numberProblems(sql, list, values, seesSecrets))
    const batch = read.filter(({ held }) => !refused.has(held.key))
    for (const { line, held } of read) {
      const problem = refused.get(held.key)
      if (problem) this.#refuse(line, problem)
    }
    const twice = await database.transact(async (sql) => {
      const entries = await keepLocks(
        sql,
        list,
        batch.map(({ held }) => held),
      )
      const lines = batch.map(({ line, held }, index) => ({ line, held: entries[index] ?? held }))
      return stageEntries(sql, importId, list, lines)
    })
    this.#read += batch.length
    for (const { key, lines } of twice)
      for (const line of lines) this.#refuse(line, lineProblem('', 'twice', { key }))
    if (this.#read > entriesMax) throw new FileFault('format', `more than ${entriesMax} entries`)
    onProgress(this.#now())
  }

  /** What the file does not name and speaks for. */
  async #stageGone(): Promise<void> {
    const { database, record, isClosed } = this.#given
    for (const range of this.#ranges()) {
      // A key is never the empty text, and one that is the prefix alone has no serial number.
      let after: string | null = range.prefix
      while (after !== null) {
        if (isClosed()) throw new Error('the gateway stops')
        const from: string = after
        after = await database.transact((sql) =>
          stageGone(sql, record.importId, record.list, range, from, goneAtOnce),
        )
      }
    }
  }

  #ranges(): KeyRange[] {
    const { record, tolling } = this.#given
    if (this.#head === null) return record.mode === 'replace' ? [{ prefix: '', length: null }] : []
    if (!this.#head.bulk || !tolling) return []
    return agenciesOfHome(tolling, this.#head.agency).map(({ epcPrefix, serialDigits }) => ({
      prefix: epcPrefix,
      length: epcPrefix.length + serialDigits,
    }))
  }

  #refuse(line: number, { path, code, values, message }: LineProblem): void {
    this.#refusedCount += 1
    if (this.#refused.length < refusedMax)
      this.#refused.push({ line, path, message, code, values: { ...values } })
  }

  #now(): DryRun {
    const { record } = this.#given
    return {
      ...record,
      read: this.#read,
      head: this.#head,
      refusedCount: this.#refusedCount,
      refused: [...this.#refused].sort((a, b) => a.line - b.line),
    }
  }
}
