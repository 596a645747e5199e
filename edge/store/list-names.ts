import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { EntryRow } from './list-rows.js'
import { Connection } from './sqlite.js'

/** Tables of names, in the order in which they are written. */
export const nameTables = ['plates', 'looks'] as const

/** What the engine sorts in memory before it writes a run to the disk, kibibytes. */
const cacheKib = 8_192

/**
 * Names of a list on their way in, in a file of their own that sorts them: they come in the order of the hash tree,
 * and written into their tables in that order each would touch another page of a tree of a hundred megabytes. Nothing
 * of the file has to last: it can be made again from the entries.
 */
export class NameSorter {
  readonly #connection: Connection
  readonly #file: string
  /** Entries whose names are here. */
  #entries = 0

  private constructor(connection: Connection, file: string) {
    this.#connection = connection
    this.#file = file
  }

  static async open(file: string): Promise<NameSorter> {
    await rm(file, { force: true })
    const connection = await Connection.open(file, true)
    await connection.exec(
      `PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
       PRAGMA temp_store = FILE; PRAGMA cache_size = -${cacheKib};
       CREATE TABLE came (what INTEGER, name TEXT, key TEXT, leaf INTEGER)`,
    )
    return new NameSorter(connection, file)
  }

  get entries(): number {
    return this.#entries
  }

  async add(rows: readonly Pick<EntryRow, 'key' | 'leaf' | 'plates' | 'looks'>[]): Promise<void> {
    const names = rows.flatMap(({ key, leaf, plates, looks }) => [
      ...plates.map((plate) => [0, plate, key, leaf]),
      ...looks.map((look) => [1, look, key, leaf]),
    ])
    if (names.length > 0)
      await this.#connection.run(
        `INSERT INTO came SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?)`,
        [JSON.stringify(names)],
      )
    this.#entries += rows.length
  }

  /** Names of each table in the order of its index, some at a time, as JSON rows of name, key and leaf. */
  async *pages(limit: number): AsyncGenerator<readonly [table: (typeof nameTables)[number], rows: string]> {
    await this.#connection.exec(
      'CREATE TABLE sorted AS SELECT * FROM came ORDER BY what, name, key; DROP TABLE came',
    )
    const [counted] = await this.#connection.all<{ plates: number; all: number }>(
      'SELECT total(what = 0) AS plates, count(*) AS "all" FROM sorted',
    )
    const { plates = 0, all = 0 } = counted ?? {}
    for (const [table, from, to] of [
      [nameTables[0], 0, plates],
      [nameTables[1], plates, all],
    ] as const) {
      for (let after = from; after < to; after += limit) {
        const [page] = await this.#connection.all<{ rows: string }>(
          `SELECT json_group_array(json_array(name, key, leaf)) AS rows FROM sorted
           WHERE rowid > ? AND rowid <= ?`,
          [after, Math.min(after + limit, to)],
        )
        if (page) yield [table, page.rows]
      }
    }
  }

  async close(): Promise<void> {
    await this.#connection.close().catch(() => undefined)
    await rm(this.#file, { force: true })
  }
}

/** The sorters of the generations that are being filled, one file each beside the lists. */
export class NameSorters {
  readonly #listFile: string
  readonly #open = new Map<number, NameSorter>()

  private constructor(listFile: string) {
    this.#listFile = listFile
  }

  /** Removes what an earlier process left. */
  static async in(listFile: string): Promise<NameSorters> {
    const folder = path.dirname(listFile)
    const prefix = `${path.basename(listFile)}.names-`
    for (const name of await readdir(folder))
      if (name.startsWith(prefix)) await rm(path.join(folder, name), { force: true })
    return new NameSorters(listFile)
  }

  async add(generation: number, rows: readonly EntryRow[]): Promise<void> {
    await (await this.#of(generation)).add(rows)
  }

  /** The sorter with all of `count` entries; one that missed some, as after a restart, is made anew by `again`. */
  async complete(
    generation: number,
    count: number,
    again: () => AsyncIterable<readonly EntryRow[]>,
  ): Promise<NameSorter> {
    const held = await this.#of(generation)
    if (held.entries === count) return held
    await this.forget(generation)
    const made = await this.#of(generation)
    for await (const rows of again()) await made.add(rows)
    return made
  }

  async forget(generation: number): Promise<void> {
    const held = this.#open.get(generation)
    this.#open.delete(generation)
    await held?.close()
  }

  async close(): Promise<void> {
    for (const generation of [...this.#open.keys()]) await this.forget(generation)
  }

  async #of(generation: number): Promise<NameSorter> {
    const held = this.#open.get(generation)
    if (held) return held
    const made = await NameSorter.open(`${this.#listFile}.names-${generation}`)
    this.#open.set(generation, made)
    return made
  }
}
