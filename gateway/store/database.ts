import { closeSync, openSync } from 'node:fs'
import path from 'node:path'
import sqlite3 from 'sqlite3'
import { LanekeeperError, messageOf } from '../../edge/base/error.js'
import type { Logger } from '../../edge/base/log.js'

export type SqlValue = string | number | null | Uint8Array

/** The statements a job may use. Every statement is prepared once and kept. */
export interface Sql {
  /** Returns how many rows changed. */
  run(sql: string, parameters?: readonly SqlValue[]): Promise<number>
  all<Row>(sql: string, parameters?: readonly SqlValue[]): Promise<Row[]>
  /** One row or undefined. */
  one<Row>(sql: string, parameters?: readonly SqlValue[]): Promise<Row | undefined>
}

export interface DatabaseOptions {
  readonly file: string
  readonly log: Logger
  /** Brings the schema up; runs at every opening, before anything else. */
  readonly prepare: (sql: Sql) => Promise<void>
  /** Runs after the file had to be opened again: what is held in memory may be behind the file. */
  readonly reload: (sql: Sql) => Promise<void>
}

/**
 * One connection and one first-in-first-out line of jobs a file: callers on one node-sqlite3
 * connection would share a transaction and might be reordered (reliability.md, 4.5).
 *
 * After a failed COMMIT nobody knows whether the rows are there, so the connection is closed, the file
 * opened anew, and everything in memory read back before the next job runs.
 */
export class Database {
  readonly #options: DatabaseOptions
  #connection: Connection | null = null
  #line: Promise<unknown> = Promise.resolve()
  #closed = false

  private constructor(options: DatabaseOptions) {
    this.#options = options
  }

  /** Opens and prepares the file; throws `store.*` with a remedy when it cannot be used. */
  static async open(options: DatabaseOptions): Promise<Database> {
    const database = new Database(options)
    database.#connection = await Connection.open(options.file)
    try {
      await options.prepare(database.#connection)
    } catch (error) {
      await database.#connection.close()
      throw error
    }
    return database
  }

  /** Where the file lies; what is sorted on its way into it lies beside it. */
  get folder(): string {
    return path.dirname(this.#options.file)
  }

  /**
   * Runs `work` in one durable transaction; nothing of it is there if this rejects. `committed` runs
   * right after the commit and before the next job, for what memory must know. With `isPart` the commit alone is
   * not durable: it becomes so with the next one that is, which lies behind it in the same log. For rows that count
   * for nothing before such a commit.
   */
  transact<T>(
    work: (sql: Sql) => Promise<T>,
    committed?: (value: T) => void,
    { isPart = false }: { readonly isPart?: boolean } = {},
  ): Promise<T> {
    return this.#enqueue(async (connection) => {
      await connection.setDurable(!isPart)
      await connection.run('BEGIN IMMEDIATE')
      let value: T
      try {
        value = await work(connection)
      } catch (error) {
        await this.#rollBack(connection)
        throw error
      }
      try {
        await connection.run('COMMIT')
      } catch (error) {
        await this.#abandon(connection)
        throw new LanekeeperError('store.commitFailed', `the store could not commit: ${messageOf(error)}`, {
          cause: error,
        })
      }
      committed?.(value)
      return value
    })
  }

  /** Runs `work` alone in the line, so that it never sees half of somebody's transaction. */
  read<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    return this.#enqueue(work)
  }

  /** Waits for the jobs in the line, then closes the file. Safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#line
    const connection = this.#connection
    this.#connection = null
    await connection?.close()
  }

  #enqueue<T>(job: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new LanekeeperError('store.closed', 'the store is closed'))
    const done = this.#line.then(async () => job(await this.#usable()))
    this.#line = done.catch(() => undefined)
    return done
  }

  async #usable(): Promise<Connection> {
    if (this.#connection) return this.#connection
    const connection = await Connection.open(this.#options.file)
    try {
      await this.#options.prepare(connection)
      await this.#options.reload(connection)
    } catch (error) {
      await connection.close()
      throw error
    }
    this.#options.log.warn({ file: this.#options.file }, 'store opened again')
    this.#connection = connection
    return connection
  }

  async #rollBack(connection: Connection): Promise<void> {
    try {
      await connection.run('ROLLBACK')
    } catch {
      await this.#abandon(connection)
    }
  }

  async #abandon(connection: Connection): Promise<void> {
    this.#connection = null
    try {
      await connection.close()
    } catch (error) {
      this.#options.log.error({ error: messageOf(error) }, 'store did not close after a failed commit')
    }
  }
}

/**
 * A new store is for the eyes of its owner, whatever the folder is: people, secret orders and every passage are in it, and
 * the engine would let everybody read. One that is there stays as somebody may have set it.
 */
function makeForOwner(file: string): void {
  try {
    closeSync(openSync(file, 'ax', 0o600))
  } catch {
    // It is there, or cannot be made: the engine says which in its own words.
  }
}

class Connection implements Sql {
  readonly #db: sqlite3.Database
  readonly #statements = new Map<string, sqlite3.Statement>()
  /** As the pragmas leave it. */
  #isDurable = true

  private constructor(db: sqlite3.Database) {
    this.#db = db
  }

  static async open(file: string): Promise<Connection> {
    makeForOwner(file)
    const db = await new Promise<sqlite3.Database>((resolve, reject) => {
      const opened: sqlite3.Database = new sqlite3.Database(file, (error) => {
        if (error) reject(openingError(file, error))
        else resolve(opened)
      })
    })
    const connection = new Connection(db)
    try {
      await connection.#setPragmas()
    } catch (error) {
      await connection.close()
      throw openingError(file, error)
    }
    return connection
  }

  async run(sql: string, parameters: readonly SqlValue[] = []): Promise<number> {
    const statement = this.#statements.get(sql) ?? (await this.#prepare(sql))
    return new Promise((resolve, reject) => {
      statement.run(parameters, function (error) {
        if (error) reject(error)
        else resolve(this.changes)
      })
    })
  }

  async all<Row>(sql: string, parameters: readonly SqlValue[] = []): Promise<Row[]> {
    const statement = this.#statements.get(sql) ?? (await this.#prepare(sql))
    return new Promise((resolve, reject) => {
      statement.all(parameters, (error: Error | null, rows: Row[]) => {
        if (error) reject(error)
        else resolve(rows)
      })
    })
  }

  /** By `all`: a statement left after `get` is not reset and would keep the checkpoint from finishing. */
  async one<Row>(sql: string, parameters: readonly SqlValue[] = []): Promise<Row | undefined> {
    const rows = await this.all<Row>(sql, parameters)
    return rows[0]
  }

  /** Between transactions only. A setting that did not take fails the job, because an acknowledgement rests on it. */
  async setDurable(isDurable: boolean): Promise<void> {
    if (this.#isDurable === isDurable) return
    await this.#pragma('synchronous', isDurable ? 'FULL' : 'NORMAL', isDurable ? 2 : 1)
    this.#isDurable = isDurable
  }

  async close(): Promise<void> {
    const statements = [...this.#statements.values()]
    this.#statements.clear()
    await Promise.all(
      statements.map(
        (statement) =>
          new Promise<void>((resolve) => {
            statement.finalize(() => {
              resolve()
            })
          }),
      ),
    )
    await new Promise<void>((resolve, reject) => {
      this.#db.close((error) => {
        if (error) reject(error)
        else resolve()
      })
    })
  }

  /** Waits for the outcome: a statement that failed to prepare never calls back when it is run. */
  async #prepare(sql: string): Promise<sqlite3.Statement> {
    const statement = await new Promise<sqlite3.Statement>((resolve, reject) => {
      const prepared: sqlite3.Statement = this.#db.prepare(sql, (error: Error | null) => {
        if (error) reject(error)
        else resolve(prepared)
      })
    })
    this.#statements.set(sql, statement)
    return statement
  }

  async #setPragmas(): Promise<void> {
    this.#db.configure('busyTimeout', 2_000)
    // EXCLUSIVE holds the file for this process: a second gateway on the same data cannot start.
    await this.#pragma('locking_mode', 'EXCLUSIVE', 'exclusive')
    await this.#pragma('journal_mode', 'WAL', 'wal')
    await this.#pragma('synchronous', 'FULL', 2)
    await this.#pragma('foreign_keys', 'ON', 1)
    await this.#pragma('trusted_schema', 'OFF', 0)
    await this.#pragma('cell_size_check', 'ON', 1)
    await this.#pragma('wal_autocheckpoint', '1000', 1000)
    await this.#pragma('journal_size_limit', '67108864', 67_108_864)
  }

  /** Sets and reads back: a pragma that did not take would void the promise of an acknowledgement. */
  async #pragma(name: string, value: string, expected: string | number): Promise<void> {
    await this.#once(`PRAGMA ${name} = ${value}`)
    const rows = await this.#once(`PRAGMA ${name}`)
    const found = Object.values(rows[0] ?? {})[0]
    if (found !== expected) {
      throw new LanekeeperError('store.pragma', `PRAGMA ${name} is ${String(found)}, not ${String(expected)}`)
    }
  }

  #once(sql: string): Promise<Record<string, unknown>[]> {
    return new Promise((resolve, reject) => {
      this.#db.all(sql, (error: Error | null, rows: Record<string, unknown>[]) => {
        if (error) reject(error)
        else resolve(rows)
      })
    })
  }
}

function openingError(file: string, error: unknown): LanekeeperError {
  if (error instanceof LanekeeperError) return error
  const text = messageOf(error)
  if (/SQLITE_BUSY|SQLITE_LOCKED/.test(text)) {
    return new LanekeeperError('store.inUse', `${file} is in use by another gateway: stop that one first.`, {
      cause: error,
    })
  }
  if (/SQLITE_NOTADB|SQLITE_CORRUPT/.test(text)) {
    return new LanekeeperError(
      'store.corrupt',
      `${file} is damaged: move it aside, never delete it, and restore a backup; the edges refill what is newer.`,
      { cause: error },
    )
  }
  return new LanekeeperError('store.notOpened', `${file} cannot be opened: ${text}`, { cause: error })
}
