import { rmSync } from 'node:fs'
import sqlite3 from 'sqlite3'

/** A value of a row that is sorted. */
export type Cell = string | number

const addedAtOnce = 2_000
/** What the engine sorts in memory before it writes a run to the disk, kibibytes. */
const cacheKib = 16_384

/**
 * Rows on their way through a file of their own into an order: what does not fit into memory is sorted beside the
 * store, so that the store is written from its beginning to its end and holds up nobody meanwhile. Nothing in the
 * file has to last, and it is removed at the end.
 */
export class SortedRows {
  readonly #database: sqlite3.Database
  readonly #file: string
  #waiting: (readonly Cell[])[] = []

  private constructor(database: sqlite3.Database, file: string) {
    this.#database = database
    this.#file = file
  }

  /** `file` is made anew, and belongs to nobody else. */
  static async open(file: string): Promise<SortedRows> {
    rmSync(file, { force: true })
    const database = await new Promise<sqlite3.Database>((resolve, reject) => {
      const opened: sqlite3.Database = new sqlite3.Database(file, (error) => {
        if (error) reject(error)
        else resolve(opened)
      })
    })
    const rows = new SortedRows(database, file)
    await rows.#exec(
      `PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
       PRAGMA temp_store = FILE; PRAGMA cache_size = -${cacheKib}; CREATE TABLE came (a, b, c)`,
    )
    return rows
  }

  /** Rows of three cells at most. */
  async add(rows: readonly (readonly Cell[])[]): Promise<void> {
    for (const row of rows) this.#waiting.push(row)
    if (this.#waiting.length >= addedAtOnce) await this.#write()
  }

  /** All rows by their cells from left to right, `limit` at a time. To be asked once. */
  async *pages(limit: number): AsyncGenerator<readonly (readonly Cell[])[]> {
    await this.#write()
    await this.#exec('CREATE TABLE sorted AS SELECT a, b, c FROM came ORDER BY a, b, c; DROP TABLE came')
    for (let after = 0; ; after += limit) {
      const [page] = await this.#all<{ rows: string | null }>(
        `SELECT json_group_array(json_array(a, b, c)) AS rows FROM sorted WHERE rowid > ? AND rowid <= ?`,
        [after, after + limit],
      )
      const rows = JSON.parse(page?.rows ?? '[]') as (readonly Cell[])[]
      if (rows.length === 0) return
      yield rows
    }
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#database.close(() => {
        resolve()
      })
    })
    rmSync(this.#file, { force: true })
  }

  async #write(): Promise<void> {
    const rows = this.#waiting
    this.#waiting = []
    if (rows.length === 0) return
    await this.#all('INSERT INTO came SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)', [
      JSON.stringify(rows),
    ])
  }

  #exec(sql: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#database.exec(sql, (error) => {
        if (error) reject(error)
        else resolve()
      })
    })
  }

  #all<Row>(sql: string, values: readonly Cell[]): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.#database.all(sql, values, (error: Error | null, rows: Row[]) => {
        if (error) reject(error)
        else resolve(rows)
      })
    })
  }
}
