import { listWireVersion, type ListHead } from '../messages/down.js'
import {
  BranchMaker,
  leafNode,
  leafOf,
  rootOf,
  type HashNode,
  type ListContent,
} from '../messages/list-hash.js'
import { sha256Hex } from '../base/hash.js'
import type { ListName } from '../messages/entities.js'
import { keepDamaged, openConnection, openDatabase, type OpeningGiven } from './database.js'
import type { ControlContent } from './control-load.js'
import { EngineCheck } from './engine-check.js'
import { sealOf } from './list-recheck.js'
import { listMigrations } from './list-schema.js'
import { contentPages, type Bodies } from './list-pages.js'
import { NameSorters, nameTables } from './list-names.js'
import { deleteRows, insertEntries, insertNames, insertRows, rowOf, type EntryRow } from './list-rows.js'
import { insertNodes, leafRanges, leavesIn, refreshTree, storedBranches } from './list-tree.js'
import { openReader, type Connection } from './sqlite.js'
import { Turns } from './turns.js'

/** Rows that a background turn deletes or reads at most: a change of another list waits for one such turn. */
const chunkRows = 1_000
const nameColumns = { plates: 'plate, key', looks: 'look, key' } as const
/** Entries whose bodies are read and hashed in one go, in the lanes' own thread. */
const rehashedRows = 100

/** A list as the database has it. */
export interface ListRow {
  readonly list: ListName
  readonly generation: number
  readonly version: number
  readonly content_hash: string
  readonly count: number
  readonly confirmed_at: number | null
  /** `sealOf` the rest (list-recheck.ts); null: written by a program that knew none. */
  readonly seal: string | null
}

/** Rows of lists.db: generations written, hashed, switched and dropped. Knows nothing of versions' rules. */
export class ListFile {
  readonly path: string
  #connection: Connection
  #reader: Connection
  /** As every file is opened. */
  #level: 'FULL' | 'NORMAL' = 'FULL'
  readonly #ages = new Map<ListName, number>()
  #agesWritten: Promise<void> | null = null
  readonly #turns = new Turns()
  readonly #readerTurns = new Turns()
  readonly check = new EngineCheck(() => openReader(this.path))
  readonly #names: NameSorters

  private constructor(file: string, connection: Connection, reader: Connection, names: NameSorters) {
    this.path = file
    this.#names = names
    this.#connection = connection
    this.#reader = reader
  }

  /**
   * Lookups have a connection of their own: in WAL a reader waits for no writer, so that a vehicle does
   * not wait for a list that is being loaded.
   */
  static async open(file: string, connection: Connection): Promise<ListFile> {
    return new ListFile(file, connection, await openReader(file), await NameSorters.in(file))
  }

  /** For what nobody at a lane waits for: one job after the other on the connection that writes. */
  background<T>(job: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#turns.run('background', () => job(this.#connection))
  }

  /** For what a vehicle waits for. Sees what was committed when its statement began. */
  lookup<T>(job: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#readerTurns.run('urgent', () => job(this.#reader))
  }

  /**
   * Opens the file anew, after an error of the disk. Where that fails the present connections stay:
   * they may still be able to read. `look` sees what is there before anybody else does.
   */
  reopen(look: (rows: readonly ListRow[]) => void): Promise<void> {
    return this.#turns.run('urgent', () =>
      this.#readerTurns.run('urgent', async () => {
        const fresh = await openConnection(this.path, false)
        let reader: Connection
        let rows: ListRow[]
        try {
          rows = await fresh.all<ListRow>('SELECT * FROM lists')
          reader = await openReader(this.path)
        } catch (error) {
          await fresh.close().catch(() => undefined)
          throw error
        }
        const old = [this.#reader, this.#connection]
        this.#connection = fresh
        this.#reader = reader
        this.#level = 'FULL'
        for (const one of old) await one.close().catch(() => undefined)
        look(rows)
      }),
    )
  }

  /**
   * The engine says that the file is damaged, or it could not be opened any more: it is kept beside, over an earlier one
   * of these, and an empty one takes its place. `own` makes it this edge's.
   */
  renew(own: (connection: Connection) => Promise<void>, given: OpeningGiven): Promise<void> {
    return this.#turns.run('urgent', () =>
      this.#readerTurns.run('urgent', async () => {
        for (const one of [this.#reader, this.#connection]) await one.close().catch(() => undefined)
        await keepDamaged(this.path)
        const spec = { file: this.path, migrations: listMigrations, quickCheckMaxBytes: 0 }
        const { connection } = await openDatabase(spec, given, own)
        this.#connection = connection
        this.#level = 'FULL'
        this.#reader = await openReader(this.path)
      }),
    )
  }

  async close(): Promise<void> {
    await Promise.all([this.#turns.idle(), this.#readerTurns.idle()])
    await this.#readerTurns.run('urgent', () => this.#reader.close())
    await this.#turns.run('urgent', () => this.#connection.close())
    await this.#names.close()
  }

  rows(): Promise<ListRow[]> {
    return this.#connection.all<ListRow>('SELECT * FROM lists')
  }

  async countOf(generation: number): Promise<number> {
    const [row] = await this.#connection.all<{ n: number }>(
      'SELECT count(*) AS n FROM entries WHERE generation = ?',
      [generation],
    )
    return row?.n ?? 0
  }

  /** Count and hash by the tree beside the list: 256 rows, however long it is. */
  async treeOf(generation: number): Promise<ListContent> {
    return rootOf(await storedBranches(this.#connection, generation))
  }

  /** Highest generation that has ever been used and is still seen. */
  async lastGeneration(): Promise<number> {
    const [row] = await this.#connection.all<{ last: number }>(
      `SELECT max(coalesce((SELECT max(generation) FROM entries), 0),
                  coalesce((SELECT max(generation) FROM staged), 0),
                  coalesce((SELECT max(generation) FROM lists), 0)) AS last`,
    )
    return row?.last ?? 0
  }

  /** Contents whose loading has begun and not ended. */
  async stagings(): Promise<{ readonly head: ListHead; readonly generation: number }[]> {
    const rows = await this.#connection.all<ListRow & { readonly published_at: number }>(
      'SELECT * FROM staged',
    )
    return rows.map(({ list, generation, version, count, content_hash, published_at }) => {
      const named = { list, version, count, contentHash: content_hash, publishedAt: published_at }
      return { head: { v: listWireVersion, ...named }, generation }
    })
  }

  async beginStaging(head: ListHead, generation: number): Promise<void> {
    await this.background((connection) =>
      this.#transaction('NORMAL', () =>
        connection.run(
          `INSERT OR REPLACE INTO staged (list, generation, version, content_hash, count, published_at)
           VALUES (?, ?, ?, ?, ?, ?)`,
          [head.list, generation, head.version, head.contentHash, head.count, head.publishedAt],
        ),
      ),
    )
  }

  /** How far a generation is filled, which was filled in the order of the tree. */
  async stagedUpTo(generation: number): Promise<{ readonly count: number; readonly afterKey: string }> {
    const [last] = await this.background((connection) =>
      connection.all<{ key: string }>(
        'SELECT key FROM entries WHERE generation = ? ORDER BY leaf DESC, key DESC LIMIT 1',
        [generation],
      ),
    )
    return { count: last ? await this.countOf(generation) : 0, afterKey: last?.key ?? '' }
  }

  /** Takes away what a check that broke off left of the tree. */
  async clearTree(generation: number): Promise<void> {
    for (const table of ['leaves', 'branches'] as const)
      while ((await this.#dropStep(table, 'at', generation)) > 0);
  }

  /**
   * Adds rows to a generation that is not in force, in one transaction, and their names to what
   * {@link ListFile.writeNames} writes. Rejects on a key that is already there.
   */
  async stage(generation: number, rows: readonly EntryRow[]): Promise<void> {
    if (rows.length === 0) return
    await this.background((connection) =>
      this.#transaction('NORMAL', () => insertEntries(connection, generation, rows)),
    )
    await this.#names.add(generation, rows)
  }

  /** Writes the names of a generation that is whole and not in force, in their order. */
  async writeNames(generation: number, count: number): Promise<void> {
    // What a process that was killed had written of them.
    for (const table of nameTables) while ((await this.#dropStep(table, nameColumns[table], generation)) > 0);
    const sorter = await this.#names.complete(generation, count, () => this.#rowsOf(generation, count))
    for await (const [table, rows] of sorter.pages(chunkRows))
      await this.background((connection) =>
        this.#transaction('NORMAL', () => insertNames(connection, table, generation, rows)),
      )
    await this.#names.forget(generation)
  }

  /** Makes the tree over a generation from what lies in the database, a range of leaves at a time. */
  async makeTree(generation: number, announced: number): Promise<ListContent> {
    const maker = new BranchMaker()
    for (const range of leafRanges(announced)) {
      const leaves = await this.background((connection) =>
        this.#transaction('NORMAL', async () => {
          const made = await leavesIn(connection, generation, range)
          await insertNodes(connection, 'leaves', generation, made)
          return made
        }),
      )
      for (const leaf of leaves) maker.add(leaf)
    }
    const content = maker.finish()
    await this.background((connection) =>
      this.#transaction('NORMAL', () => insertNodes(connection, 'branches', generation, maker.branches)),
    )
    return content
  }

  /** One transaction: the list is what `head` says, with this generation as its content. */
  async switchTo(head: ListHead, generation: number): Promise<void> {
    await this.background((connection) =>
      this.#transaction('FULL', async () => {
        await setHead(connection, head, generation)
        await connection.run('DELETE FROM staged WHERE generation = ?', [generation])
      }),
    )
  }

  /**
   * One transaction: entries changed in place, their part of the tree, and the new head. `judge` sees what
   * then lies in the database; where it throws, nothing has changed.
   */
  async change(
    head: ListHead,
    generation: number,
    upserts: readonly EntryRow[],
    deletes: readonly string[],
    judge: (found: ListContent) => void,
  ): Promise<void> {
    const gone = [
      ...deletes.map((key) => [leafOf(key), key] as const),
      ...upserts.map(({ leaf, key }) => [leaf, key] as const),
    ]
    await this.background((connection) =>
      this.#transaction('FULL', async () => {
        await deleteRows(connection, generation, gone)
        await insertRows(connection, generation, upserts)
        judge(await refreshTree(connection, generation, new Set(gone.map(([leaf]) => leaf))))
        await setHead(connection, head, generation)
      }),
    )
  }

  /**
   * Ages that come together, as those of all lists do, are written together. A power cut may take the last of them back:
   * then lists are older than they are, which opens nothing.
   */
  confirm(list: ListName, atMs: number): Promise<void> {
    this.#ages.set(list, atMs)
    this.#agesWritten ??= this.background((connection) => this.#writeAges(connection))
    return this.#agesWritten
  }

  async #writeAges(connection: Connection): Promise<void> {
    const ages = [...this.#ages]
    this.#ages.clear()
    this.#agesWritten = null
    await this.#transaction('NORMAL', async () => {
      for (const [list, atMs] of ages) {
        const [row] = await connection.all<ListRow>('SELECT * FROM lists WHERE list = ?', [list])
        if (!row) continue
        // One statement, so that no power cut comes between the age and its seal.
        const seal = sealOf({ ...row, confirmed_at: atMs })
        await connection.run('UPDATE lists SET confirmed_at = ?, seal = ? WHERE list = ?', [atMs, seal, list])
      }
    })
  }

  /** Deletes the generations that are not `used`, in small steps; what is used is asked before each. */
  async dropUnused(used: (generation: number) => boolean): Promise<void> {
    const generations = await this.background((connection) =>
      connection.all<{ generation: number }>(
        `WITH RECURSIVE g (generation) AS (
           SELECT min(generation) FROM entries
           UNION ALL SELECT (SELECT min(generation) FROM entries WHERE generation > g.generation) FROM g WHERE generation IS NOT NULL
         ) SELECT generation FROM g WHERE generation IS NOT NULL`,
      ),
    )
    for (const { generation } of generations) {
      // First what names it as half a load: one that lost rows already must not be gone on with.
      if (!used(generation)) {
        await this.#endStaging(generation)
        await this.#names.forget(generation)
      }
      for (const [table, columns] of [
        ['plates', nameColumns.plates],
        ['looks', nameColumns.looks],
        ['leaves', 'at'],
        ['branches', 'at'],
        // The last, because what is left of a generation is found by it.
        ['entries', 'leaf, key'],
      ] as const) {
        while (!used(generation) && (await this.#dropStep(table, columns, generation)) > 0);
      }
    }
  }

  /** The entries of a content as canonical JSON, some thousand at a time. */
  pages(content: ControlContent): AsyncIterable<readonly string[]> {
    return contentPages(content, (sql, values) =>
      this.background((connection) => connection.all<Bodies>(sql, values)),
    )
  }

  /** The leaves over the bytes that lie in the database, not over the hashes beside them; a range at a time. */
  async *rehashed(generation: number, count: number): AsyncIterable<readonly HashNode[]> {
    for (const [from, to] of leafRanges(count, rehashedRows)) {
      const rows = await this.background((connection) =>
        connection.all<{ leaf: number; body: string }>(
          'SELECT leaf, body FROM entries WHERE generation = ? AND leaf BETWEEN ? AND ? ORDER BY leaf, key',
          [generation, from, to],
        ),
      )
      const leaves = new Map<number, string[]>()
      for (const { leaf, body } of rows) {
        const hashes = leaves.get(leaf)
        if (hashes) hashes.push(sha256Hex(body))
        else leaves.set(leaf, [sha256Hex(body)])
      }
      yield [...leaves].map(([leaf, hashes]) => leafNode(leaf, hashes.length, hashes.join('\n')))
    }
  }

  async *#rowsOf(generation: number, count: number): AsyncIterable<readonly EntryRow[]> {
    for (const [from, to] of leafRanges(count, rehashedRows)) {
      const rows = await this.background((connection) =>
        connection.all<{ leaf: number; key: string; body: string }>(
          'SELECT leaf, key, body FROM entries WHERE generation = ? AND leaf BETWEEN ? AND ?',
          [generation, from, to],
        ),
      )
      yield rows.map(({ leaf, key, body }) => rowOf(leaf, key, body))
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

  async #endStaging(generation: number): Promise<void> {
    await this.background((connection) =>
      this.#transaction('NORMAL', () =>
        connection.run('DELETE FROM staged WHERE generation = ?', [generation]),
      ),
    )
  }

  #dropStep(table: string, columns: string, generation: number): Promise<number> {
    return this.background((connection) =>
      connection.run(
        `DELETE FROM ${table} WHERE generation = ?1 AND (${columns}) IN
           (SELECT ${columns} FROM ${table} WHERE generation = ?1 LIMIT ?2)`,
        [generation, chunkRows],
      ),
    )
  }
}

async function setHead(connection: Connection, head: ListHead, generation: number): Promise<void> {
  await connection.run(
    // The age stays: what was newest then is known no worse by a newer version.
    `INSERT INTO lists (list, generation, version, content_hash, count, published_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (list) DO UPDATE SET generation = excluded.generation, version = excluded.version,
       content_hash = excluded.content_hash, count = excluded.count, published_at = excluded.published_at`,
    [head.list, generation, head.version, head.contentHash, head.count, head.publishedAt],
  )
  const [row] = await connection.all<ListRow>('SELECT * FROM lists WHERE list = ?', [head.list])
  if (row) await connection.run('UPDATE lists SET seal = ? WHERE list = ?', [sealOf(row), head.list])
}
