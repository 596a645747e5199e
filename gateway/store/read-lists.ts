import path from 'node:path'
import sqlite3 from 'sqlite3'
import { LanekeeperError, messageOf } from '../../edge/base/error.js'
import type { ListHead } from '../../edge/messages/down.js'
import type { ListName } from '../../edge/messages/entities.js'
import type { Sql, SqlValue } from './database.js'
import { entryHistory, keptVersions, type EntryState } from './list-history.js'

const pageRows = 2_000

/** The lists of a gateway that is not running, from its data folder, without changing it. */
export class StoredLists {
  readonly #database: sqlite3.Database
  readonly #sql: Sql

  private constructor(database: sqlite3.Database) {
    this.#database = database
    const all = <Row>(sql: string, parameters: readonly SqlValue[] = []) =>
      new Promise<Row[]>((resolve, reject) => {
        database.all(sql, parameters, (error: Error | null, rows: Row[]) => {
          if (error) reject(readingError(error))
          else resolve(rows)
        })
      })
    this.#sql = {
      all,
      one: async <Row>(sql: string, parameters?: readonly SqlValue[]) => (await all<Row>(sql, parameters))[0],
      run: () => Promise.reject(new LanekeeperError('store.readOnly', 'these lists are only looked at')),
    }
  }

  /** @throws LanekeeperError `store.notReadable`, or `store.inUse` while a gateway runs on the folder */
  static async open(dataDir: string): Promise<StoredLists> {
    const file = path.join(dataDir, 'gateway.db')
    const database = await new Promise<sqlite3.Database>((resolve, reject) => {
      const opened: sqlite3.Database = new sqlite3.Database(file, sqlite3.OPEN_READONLY, (error) => {
        if (error)
          reject(
            new LanekeeperError('store.notReadable', `there is no readable store ${file}`, { cause: error }),
          )
        else resolve(opened)
      })
    })
    const lists = new StoredLists(database)
    try {
      await lists.#sql.one('SELECT 1 FROM list_versions LIMIT 1')
    } catch (error) {
      await lists.close()
      throw error
    }
    return lists
  }

  /** The kept versions of a list, newest first, with who made each. */
  versions(list: ListName, limit: number): Promise<(ListHead & { readonly by: string })[]> {
    return keptVersions(this.#sql, list, limit)
  }

  /** Every entry of a kept version, in key order, some at a time; the hash is the one beside it. */
  async *entries(
    list: ListName,
    version: number,
  ): AsyncGenerator<readonly { readonly key: string; readonly hash: string; readonly body: string }[]> {
    let after = ''
    for (;;) {
      const rows = await this.#sql.all<{ key: string; hash: string; body: string }>(
        `SELECT key, hash, entry AS body FROM list_entries
         WHERE list = ?1 AND key > ?2 AND since <= ?3 AND (gone IS NULL OR gone > ?3)
         ORDER BY key LIMIT ${pageRows}`,
        [list, after, version],
      )
      const last = rows.at(-1)
      if (!last) return
      after = last.key
      yield rows
    }
  }

  history(list: ListName, key: string): Promise<EntryState[]> {
    return entryHistory(this.#sql, list, key)
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#database.close((error) => {
        if (error) reject(error)
        else resolve()
      })
    })
  }
}

function readingError(error: Error): Error {
  return /SQLITE_BUSY|SQLITE_LOCKED/.test(messageOf(error))
    ? new LanekeeperError(
        'store.inUse',
        'a gateway runs on this folder: ask it itself, with a sign-in link (--link)',
        {
          cause: error,
        },
      )
    : error
}
