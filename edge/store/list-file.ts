import { createHash } from 'node:crypto'
import { canonicalJson } from '../base/canonical.js'
import { sha256Hex } from '../base/hash.js'
import type { ListHead } from '../messages/down.js'
import { listKeyOf, type ListEntry, type ListName } from '../messages/entities.js'
import { looksOf } from '../messages/list-looks.js'
import { openConnection } from './database.js'
import type { Connection, SqlValue } from './sqlite.js'
import type { Turns } from './turns.js'

/** Rows a background turn writes or reads at most: a lookup waits for one such turn. */
const chunkRows = 200
const hashedRows = 2_000
/** Sorts after every text, as any blob does: the open end of a key range. */
const afterEveryKey = Buffer.from([0xff])

/** A list as the database has it. */
export interface ListRow {
  readonly list: ListName
  readonly generation: number
  readonly version: number
  readonly content_hash: string
  readonly count: number
  readonly confirmed_at: number | null
}

/** An entry prepared for its row. */
export interface EntryRow {
  readonly key: string
  readonly hash: string
  readonly ref: string | null
  readonly body: string
  readonly plates: readonly string[]
  readonly looks: readonly string[]
}

export function entryRow(entry: ListEntry): EntryRow {
  const body = canonicalJson(entry)
  return {
    key: listKeyOf(entry),
    hash: sha256Hex(body),
    ref: entry.kind === 'tag' ? entry.vehicleId : null,
    body,
    plates: entry.kind === 'vehicle' ? [...new Set(entry.plates.map((plate) => plate.text))] : [],
    looks: [...new Set(looksOf(entry).map(({ by, value }) => lookOf(by, value)))],
  }
}

/** A name beside the key, as it stands in `looks`. */
export function lookOf(by: string, value: string): string {
  return `${by}:${value}`
}

/** Order of keys by code point, which is the order of their UTF-8 bytes and SQLite's own. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** Rows of lists.db: generations written, hashed, switched and dropped. Knows nothing of versions' rules. */
export class ListFile {
  readonly #file: string
  #connection: Connection
  /** As every file is opened. */
  #level: 'FULL' | 'NORMAL' = 'FULL'
  readonly #turns: Turns

  constructor(file: string, connection: Connection, turns: Turns) {
    this.#file = file
    this.#connection = connection
    this.#turns = turns
  }

  get connection(): Connection {
    return this.#connection
  }

  background<T>(job: () => Promise<T>): Promise<T> {
    return this.#turns.run('background', job)
  }

  /** For what a vehicle waits for. */
  urgent<T>(job: () => Promise<T>): Promise<T> {
    return this.#turns.run('urgent', job)
  }

  /**
   * Opens the file anew, after an error of the disk. Where that fails the present connection stays:
   * it may still be able to read. `look` sees what is there before anybody else does.
   */
  reopen(look: (rows: readonly ListRow[]) => void): Promise<void> {
    return this.urgent(async () => {
      const fresh = await openConnection(this.#file, false)
      const rows = await fresh.all<ListRow>('SELECT * FROM lists').catch(async (error: unknown) => {
        await fresh.close().catch(() => undefined)
        throw error
      })
      const old = this.#connection
      this.#connection = fresh
      this.#level = 'FULL'
      await old.close().catch(() => undefined)
      look(rows)
    })
  }

  async close(): Promise<void> {
    await this.#turns.idle()
    await this.urgent(() => this.#connection.close())
  }

  rows(): Promise<ListRow[]> {
    return this.connection.all<ListRow>('SELECT * FROM lists')
  }

  async countOf(generation: number): Promise<number> {
    const [row] = await this.connection.all<{ n: number }>(
      'SELECT count(*) AS n FROM entries INDEXED BY entries_hash WHERE generation = ?',
      [generation],
    )
    return row?.n ?? 0
  }

  /** Highest generation that has ever been used and is still seen. */
  async lastGeneration(): Promise<number> {
    const [row] = await this.connection.all<{ last: number }>(
      `SELECT max(coalesce((SELECT max(generation) FROM entries), 0),
                  coalesce((SELECT max(generation) FROM lists), 0)) AS last`,
    )
    return row?.last ?? 0
  }

  /** Adds rows to a generation that is not in force. Rejects on a key that is already there. */
  async stage(generation: number, rows: readonly EntryRow[]): Promise<void> {
    for (let i = 0; i < rows.length; i += chunkRows) {
      const chunk = rows.slice(i, i + chunkRows)
      await this.background(() => this.#transaction('NORMAL', () => this.#insert(generation, chunk)))
    }
  }

  /** One transaction: the list is what `head` says, with this generation as its content. */
  async switchTo(head: ListHead, generation: number): Promise<void> {
    await this.background(() => this.#transaction('FULL', () => this.#setHead(head, generation)))
  }

  /** One transaction: entries changed in place and the new head. */
  async change(
    head: ListHead,
    generation: number,
    upserts: readonly EntryRow[],
    deletes: readonly string[],
  ): Promise<void> {
    const gone = JSON.stringify([...deletes, ...upserts.map((row) => row.key)])
    await this.background(() =>
      this.#transaction('FULL', async () => {
        for (const table of ['plates', 'looks', 'entries'] as const)
          await this.connection.run(
            `DELETE FROM ${table} WHERE generation = ? AND key IN (SELECT value FROM json_each(?))`,
            [generation, gone],
          )
        await this.#insert(generation, upserts)
        await this.#setHead(head, generation)
      }),
    )
  }

  async confirm(list: ListName, atMs: number): Promise<void> {
    await this.background(() =>
      this.connection.run('UPDATE lists SET confirmed_at = ? WHERE list = ?', [atMs, list]),
    )
  }

  /** Deletes the generations that are not `used`, in small steps; what is used is asked before each. */
  async dropUnused(used: (generation: number) => boolean): Promise<void> {
    const generations = await this.background(() =>
      this.connection.all<{ generation: number }>(
        `WITH RECURSIVE g (generation) AS (
           SELECT min(generation) FROM entries
           UNION ALL SELECT (SELECT min(generation) FROM entries WHERE generation > g.generation) FROM g WHERE generation IS NOT NULL
         ) SELECT generation FROM g WHERE generation IS NOT NULL`,
      ),
    )
    for (const { generation } of generations) {
      for (const [table, columns] of [
        ['plates', 'plate, key'],
        ['looks', 'look, key'],
        ['entries', 'key'],
      ] as const) {
        while (!used(generation) && (await this.#dropStep(table, columns, generation)) > 0);
      }
    }
  }

  /** Content of a generation in key order, a page at a time. */
  async *pages(
    generation: number,
    rows = chunkRows,
  ): AsyncIterable<readonly { key: string; body: string }[]> {
    let after: SqlValue = ''
    for (;;) {
      const page: { key: string; body: string }[] = await this.background(() =>
        this.connection.all<{ key: string; body: string }>(
          'SELECT key, body FROM entries WHERE generation = ? AND key > ? ORDER BY key LIMIT ?',
          [generation, after, rows],
        ),
      )
      const last = page.at(-1)
      if (!last) return
      yield page
      after = last.key
    }
  }

  /**
   * Count and content hash (its definition: `ListHead.contentHash`) that a generation would have
   * with these entries put in and those keys taken out.
   */
  async contentOf(
    generation: number,
    upserts: readonly EntryRow[] = [],
    deletes: readonly string[] = [],
  ): Promise<{ count: number; contentHash: string }> {
    const hash = createHash('sha256')
    const added = new Map(upserts.map((row) => [row.key, row.hash]))
    const touched = [...new Set([...added.keys(), ...deletes])].sort(compareKeys)
    let count = 0
    let after = ''
    for (const key of [...touched, null]) {
      count += await this.#hashRange(hash, generation, after, key ?? afterEveryKey)
      if (key === null) break
      after = key
      const own = added.get(key)
      if (own === undefined) continue
      hash.update(`${own}\n`)
      count += 1
    }
    return { count, contentHash: hash.digest('hex') }
  }

  /** Lines of the entries between two keys, both excluded. */
  async #hashRange(
    hash: ReturnType<typeof createHash>,
    generation: number,
    after: string,
    before: SqlValue,
  ): Promise<number> {
    let count = 0
    let from = after
    for (;;) {
      const [page] = await this.background(() =>
        this.connection.all<{ lines: string | null; last: string | null; n: number }>(
          `SELECT group_concat(line, char(10)) AS lines, max(key) AS last, count(*) AS n FROM (
             SELECT key, lower(hex(hash)) AS line FROM entries INDEXED BY entries_hash
             WHERE generation = ? AND key > ? AND key < ? ORDER BY key LIMIT ?)`,
          [generation, from, before, hashedRows],
        ),
      )
      if (!page || page.lines === null || page.last === null) return count
      hash.update(`${page.lines}\n`)
      count += page.n
      if (page.n < hashedRows) return count
      from = page.last
    }
  }

  /**
   * What is staged need not be durable piece by piece: it lies in the same WAL before the switch,
   * whose own commit makes all of it durable.
   */
  async #transaction<T>(level: 'FULL' | 'NORMAL', work: () => Promise<T>): Promise<T> {
    if (this.#level !== level) {
      await this.#connection.exec(`PRAGMA synchronous = ${level}`)
      this.#level = level
    }
    return this.#connection.transaction(work)
  }

  async #insert(generation: number, rows: readonly EntryRow[]): Promise<void> {
    await this.connection.run(
      `INSERT INTO entries (generation, key, hash, ref, body)
       SELECT ?1, value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3 FROM json_each(?2)`,
      [generation, JSON.stringify(rows.map((row) => [row.key, row.hash, row.ref, row.body]))],
    )
    const plates = rows.flatMap((row) => row.plates.map((plate) => [plate, row.key]))
    const looks = rows.flatMap((row) => row.looks.map((look) => [look, row.key]))
    for (const [into, names] of [
      ['plates (generation, plate, key)', plates],
      ['looks (generation, look, key)', looks],
    ] as const) {
      if (names.length === 0) continue
      await this.connection.run(
        `INSERT INTO ${into} SELECT ?1, value ->> 0, value ->> 1 FROM json_each(?2)`,
        [generation, JSON.stringify(names)],
      )
    }
  }

  async #setHead(head: ListHead, generation: number): Promise<void> {
    await this.connection.run(
      // The age stays: what was newest then is known no worse by a newer version.
      `INSERT INTO lists (list, generation, version, content_hash, count, published_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (list) DO UPDATE SET generation = excluded.generation, version = excluded.version,
         content_hash = excluded.content_hash, count = excluded.count, published_at = excluded.published_at`,
      [head.list, generation, head.version, head.contentHash, head.count, head.publishedAt],
    )
  }

  #dropStep(table: 'entries' | 'plates' | 'looks', columns: string, generation: number): Promise<number> {
    return this.background(() =>
      this.connection.run(
        `DELETE FROM ${table} WHERE generation = ?1 AND (${columns}) IN
           (SELECT ${columns} FROM ${table} WHERE generation = ?1 LIMIT ?2)`,
        [generation, chunkRows],
      ),
    )
  }
}
