import path from 'node:path'
import { LanekeeperError } from '../base/error.js'
import type { ListName } from '../messages/entities.js'
import { Connection } from './sqlite.js'

const pageRows = 2_000

/** A list as it stands in the folder of an edge. */
export interface RecordedList {
  readonly list: ListName
  readonly version: number
  readonly contentHash: string
  readonly count: number
  /** UTC ms. */
  readonly publishedAt: number
  /** UTC ms of the last word of the gateway that this is the newest; null: never. */
  readonly confirmedAt: number | null
  /** False: only its version is known, no content is believed. */
  readonly isThere: boolean
  readonly generation: number
}

/** One entry as it is stored. */
export interface RecordedEntry {
  readonly key: string
  /** The hash beside it, lower-case hex. */
  readonly hash: string
  /** Canonical JSON. */
  readonly body: string
}

/** The lists of an edge from its data folder, without changing it: it may be in use, or left by one that was killed. */
export class RecordedLists {
  readonly #connection: Connection

  private constructor(connection: Connection) {
    this.#connection = connection
  }

  /** @throws LanekeeperError `store.notReadable` where there is none */
  static async open(dataDir: string): Promise<RecordedLists> {
    const file = path.join(dataDir, 'lists.db')
    const connection = await Connection.openReadOnly(file).catch((error: unknown) => {
      throw new LanekeeperError('store.notReadable', `there are no readable lists ${file}`, { cause: error })
    })
    return new RecordedLists(connection)
  }

  async lists(): Promise<RecordedList[]> {
    const rows = await this.#connection.all<Omit<RecordedList, 'isThere'>>(
      `SELECT list, version, content_hash AS contentHash, count, published_at AS publishedAt,
         confirmed_at AS confirmedAt, generation FROM lists ORDER BY list`,
      [],
    )
    return rows.map((row) => ({ ...row, isThere: row.generation !== 0 }))
  }

  /** Every entry in the order of the hash tree, some at a time. */
  async *entries({ generation }: RecordedList): AsyncGenerator<readonly RecordedEntry[]> {
    let after: { readonly leaf: number; readonly key: string } = { leaf: -1, key: '' }
    for (;;) {
      const rows = await this.#connection.all<RecordedEntry & { readonly leaf: number }>(
        `SELECT leaf, key, lower(hex(hash)) AS hash, body FROM entries
         WHERE generation = ? AND (leaf, key) > (?, ?) ORDER BY leaf, key LIMIT ${pageRows}`,
        [generation, after.leaf, after.key],
      )
      const last = rows.at(-1)
      if (!last) return
      after = last
      yield rows.map(({ key, hash, body }) => ({ key, hash, body }))
    }
  }

  close(): Promise<void> {
    return this.#connection.close()
  }
}
