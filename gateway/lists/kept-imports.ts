import { Refusal } from '../desk/refusal.js'
import type { Database, Sql } from '../store/database.js'
import {
  forgetImports,
  forgetRows,
  importsWithRows,
  loadImport,
  loadImports,
  saveImport,
} from '../store/imports.js'
import { dryRunSchema, type DryRun } from './import-record.js'

/** Records of imports that are kept; the audit keeps who applied what for its own term. */
const keptMax = 100
/** Dry runs that wait for a person at once; a further one makes the oldest give way. */
const waitingMax = 4
const forgetAtOnce = 5_000

/** What is kept of imports, and what gives way: their records, and the rows that those staged which are not over. */
export class KeptImports {
  readonly #database: Database
  #closed = false

  constructor(database: Database) {
    this.#database = database
  }

  /** What is left to be forgotten is found at the next start. */
  close(): void {
    this.#closed = true
  }

  /** Newest first. */
  async all(): Promise<DryRun[]> {
    const texts = await this.#database.read((sql) => loadImports(sql, keptMax))
    return texts.map(parsed)
  }

  async find(importId: string): Promise<DryRun | undefined> {
    const text = await this.#database.read((sql) => loadImport(sql, importId))
    return text === undefined ? undefined : parsed(text)
  }

  async save(record: DryRun): Promise<void> {
    await this.#database.transact((sql) => saveImport(sql, { ...record, record }))
  }

  /** Ends one that waits for a person, with `note` in the same transaction. Throws {@link Refusal} where it is over. */
  async discard(record: DryRun, note?: (sql: Sql) => Promise<void>): Promise<DryRun> {
    const discarded: DryRun = { ...record, state: 'DISCARDED' }
    await this.#database.transact(async (sql) => {
      await refuseUnlessReady(sql, record.importId)
      await saveImport(sql, { ...discarded, record: discarded })
      await note?.(sql)
    })
    await this.forget(record.importId)
    return discarded
  }

  /** The oldest dry runs give way, so that what nobody applies does not fill the disk. */
  async makeRoom(): Promise<void> {
    const waiting = (await this.all()).filter(({ state }) => state === 'READY')
    for (const record of waiting.slice(waitingMax - 1)) {
      // One that is being put in force, or was ended by somebody, needs no more to be done.
      await this.discard(record).catch(passRefusal)
    }
    const gone = await this.#database.transact((sql) => forgetImports(sql, keptMax - 1))
    for (const importId of gone) await this.forget(importId)
  }

  /** Forgets what imports staged that are over: the process may have been killed before it had done so. */
  async sweep(): Promise<void> {
    for (const importId of await this.#database.read(importsWithRows)) {
      const state = (await this.find(importId))?.state
      if (state !== 'READING' && state !== 'READY') await this.forget(importId)
    }
  }

  /** What an import staged, a slice at a time, so that an edge never waits long for its acknowledgement. */
  async forget(importId: string): Promise<void> {
    for (;;) {
      const gone = await this.#database.transact((sql) => forgetRows(sql, importId, forgetAtOnce))
      if (gone < forgetAtOnce || this.#closed) return
    }
  }
}

/** Within the transaction that ends a dry run: of two people who end it at once one is told. Throws {@link Refusal}. */
export async function refuseUnlessReady(sql: Sql, importId: string): Promise<void> {
  const text = await loadImport(sql, importId)
  const state = text === undefined ? 'gone' : parsed(text).state
  if (state !== 'READY') throw new Refusal('wrongState', `the import is ${state}`)
}

function passRefusal(error: unknown): void {
  if (!(error instanceof Refusal)) throw error
}

function parsed(text: string): DryRun {
  return dryRunSchema.parse(JSON.parse(text))
}
