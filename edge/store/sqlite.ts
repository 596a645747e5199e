import { closeSync, openSync } from 'node:fs'
import sqlite3 from 'sqlite3'
import { messageOf } from '../base/error.js'

/** What goes into and comes out of a column. Numbers stay below 2^53; longer ids are text (sqlite3 rounds them). */
export type SqlValue = string | number | null | Buffer

/** What a failed statement means for the one who sent it. */
export type SqlTrouble = 'full' | 'readOnly' | 'io' | 'corrupt' | 'busy' | 'constraint' | 'other'

const troubles: Readonly<Record<string, SqlTrouble>> = {
  SQLITE_FULL: 'full',
  SQLITE_READONLY: 'readOnly',
  SQLITE_PERM: 'readOnly',
  SQLITE_IOERR: 'io',
  SQLITE_CANTOPEN: 'io',
  SQLITE_CORRUPT: 'corrupt',
  SQLITE_NOTADB: 'corrupt',
  SQLITE_BUSY: 'busy',
  SQLITE_LOCKED: 'busy',
  SQLITE_CONSTRAINT: 'constraint',
}

/** Sorts an error of this package by what has to be done about it. */
export function troubleOf(error: unknown): SqlTrouble {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'full'
  if (code === 'EROFS') return 'readOnly'
  return troubles[code] ?? (/malformed|not a database/.test(messageOf(error)) ? 'corrupt' : 'other')
}

/** The bundled engine, for records and for the log. */
export const engineVersion: string = sqlite3.VERSION

/**
 * A new database is for the eyes of its owner, whatever the folder is: the engine would let everybody read it, and gives
 * the files beside it the same mode. One that is there stays as somebody may have set it.
 */
function makeForOwner(file: string): void {
  if (file === '' || file.startsWith(':')) return
  try {
    closeSync(openSync(file, 'ax', 0o600))
  } catch {
    // It is there, or cannot be made: the engine says which in its own words.
  }
}

/**
 * One connection, as promises. It does not order its callers: {@link Turns} does. Statements are
 * prepared once and kept; the set of SQL texts of a caller is therefore fixed and small.
 */
export class Connection {
  readonly #database: sqlite3.Database
  readonly #statements = new Map<string, sqlite3.Statement>()

  private constructor(database: sqlite3.Database) {
    this.#database = database
  }

  /** Rejects when the file cannot be opened; with `create` false a missing file is not made. */
  static open(file: string, create: boolean): Promise<Connection> {
    if (create) makeForOwner(file)
    return Connection.#open(file, sqlite3.OPEN_READWRITE | (create ? sqlite3.OPEN_CREATE : 0))
  }

  /** For looking at a database that belongs to another process, or to none any more. */
  static openReadOnly(file: string): Promise<Connection> {
    return Connection.#open(file, sqlite3.OPEN_READONLY)
  }

  static #open(file: string, mode: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const database = new sqlite3.Database(file, mode, (error) => {
        if (error) reject(error)
        else resolve(new Connection(database))
      })
      // Without a listener a late error of the engine would end the process.
      database.on('error', () => undefined)
    })
  }

  /** One or many statements without parameters. */
  exec(sql: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#database.exec(sql, (error) => {
        if (error) reject(error)
        else resolve()
      })
    })
  }

  /** Runs one statement to its end; resolves to the number of rows changed. */
  async run(sql: string, values: readonly SqlValue[] = []): Promise<number> {
    const statement = await this.#prepared(sql)
    return new Promise((resolve, reject) => {
      statement.run(values, function (error) {
        if (error) reject(error)
        else resolve(this.changes)
      })
    })
  }

  /**
   * All rows. There is no `get` on purpose: it leaves its statement standing on the first row, and
   * with it a read transaction that keeps the WAL from being checkpointed.
   */
  async all<Row>(sql: string, values: readonly SqlValue[] = []): Promise<Row[]> {
    const statement = await this.#prepared(sql)
    return new Promise((resolve, reject) => {
      statement.all<Row>(values, (error, rows) => {
        if (error) reject(error)
        else resolve(rows)
      })
    })
  }

  /** `BEGIN IMMEDIATE` .. `COMMIT` around `work`; any failure rolls all of it back. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.exec('BEGIN IMMEDIATE')
    try {
      const result = await work()
      await this.exec('COMMIT')
      return result
    } catch (error) {
      // The engine has already rolled back after some errors; then this one says so and means nothing.
      await this.exec('ROLLBACK').catch(() => undefined)
      throw error
    }
  }

  /** Releases the file. Rejects when the last checkpoint failed; the connection is gone all the same. */
  /** What is running ends with an error. */
  interrupt(): void {
    this.#database.interrupt()
  }

  async close(): Promise<void> {
    for (const statement of this.#statements.values()) {
      await new Promise<void>((resolve) => statement.finalize(() => resolve()))
    }
    this.#statements.clear()
    await new Promise<void>((resolve, reject) => {
      this.#database.close((error) => {
        if (error) reject(error)
        else resolve()
      })
    })
  }

  #prepared(sql: string): Promise<sqlite3.Statement> | sqlite3.Statement {
    const known = this.#statements.get(sql)
    if (known) return known
    return new Promise((resolve, reject) => {
      const statement = this.#database.prepare(sql, (error: Error | null) => {
        if (error) reject(error)
        else {
          this.#statements.set(sql, statement)
          resolve(statement)
        }
      })
    })
  }
}

/** For lookups: nothing is written through it, and a damaged file is an error rather than nonsense. */
export async function openReader(file: string): Promise<Connection> {
  const reader = await Connection.openReadOnly(file)
  await reader.exec('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA busy_timeout = 2000')
  return reader
}
