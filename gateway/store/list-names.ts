import type { ListEntry, ListName } from '../../edge/messages/entities.js'
import { namedLists, namesOf } from '../domain/names.js'
import type { HeldEntry } from '../domain/list-change.js'
import type { Sql } from './database.js'

const rowsAtOnce = 2_000
const backfillRows = 1_000

/** A name as its row has it: name, value and key of the entry. */
export type NameRow = readonly [name: string, value: string, key: string]

/** The names of entries, as their list has them. */
export function nameRows(list: ListName, held: readonly Pick<HeldEntry, 'key' | 'entry'>[]): NameRow[] {
  if (!namedLists.includes(list)) return []
  return held.flatMap(({ key, entry }) => namesOf(entry).map(({ by, value }) => [by, value, key] as const))
}

/** Names of the entries in force: kept in the transaction that makes a version (`writeVersion`). */
export async function nameEntries(sql: Sql, list: ListName, held: readonly HeldEntry[]): Promise<void> {
  await insertNames(sql, list, nameRows(list, held))
}

export async function insertNames(sql: Sql, list: ListName, rows: readonly NameRow[]): Promise<void> {
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    await sql.run(
      `INSERT OR IGNORE INTO list_names (list, name, value, key)
       SELECT ?, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)`,
      [list, JSON.stringify(rows.slice(at, at + rowsAtOnce))],
    )
  }
}

/** What is no longer in force has no name. To be asked before the entries of these keys are retired: they say which. */
export async function forgetNames(sql: Sql, list: ListName, keys: readonly string[]): Promise<void> {
  if (!namedLists.includes(list) || keys.length === 0) return
  const rows = await sql.all<{ key: string; entry: string }>(
    `SELECT key, entry FROM list_entries
     WHERE list = ? AND gone IS NULL AND key IN (SELECT value FROM json_each(?))`,
    [list, JSON.stringify(keys)],
  )
  const held = rows.map(({ key, entry }) => ({ key, entry: JSON.parse(entry) as ListEntry }))
  await removeNames(sql, list, nameRows(list, held))
}

export async function removeNames(sql: Sql, list: ListName, rows: readonly NameRow[]): Promise<void> {
  if (rows.length === 0) return
  await sql.run(
    `DELETE FROM list_names WHERE list = ?1 AND (name, value, key) IN (
       SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?2))`,
    [list, JSON.stringify(rows)],
  )
}

/** Names the entries that an older program wrote. Once, as part of a migration. */
export async function backfillNames(sql: Sql): Promise<void> {
  for (const list of namedLists) {
    let after = ''
    for (;;) {
      const rows = await sql.all<{ key: string; hash: string; entry: string }>(
        `SELECT key, hash, entry FROM list_entries
         WHERE list = ? AND gone IS NULL AND key > ? ORDER BY key LIMIT ${backfillRows}`,
        [list, after],
      )
      await nameEntries(
        sql,
        list,
        rows.map(({ key, hash, entry }) => ({ key, hash, entry: JSON.parse(entry) as ListEntry })),
      )
      after = rows.at(-1)?.key ?? after
      if (rows.length < backfillRows) break
    }
  }
}

/** Entries in force under their keys, sorted by key. */
export async function entriesByKey<T extends ListEntry>(
  sql: Sql,
  list: ListName,
  keys: readonly string[],
): Promise<T[]> {
  if (keys.length === 0) return []
  const rows = await sql.all<{ entry: string }>(
    `SELECT entry FROM list_entries
     WHERE list = ? AND gone IS NULL AND key IN (SELECT value FROM json_each(?)) ORDER BY key`,
    [list, JSON.stringify(keys)],
  )
  return rows.map(({ entry }) => JSON.parse(entry) as T)
}

/** Keys of the entries in force that bear one of the names, sorted, each once. */
export async function keysNamed(
  sql: Sql,
  list: ListName,
  name: string,
  values: readonly string[],
): Promise<string[]> {
  if (values.length === 0) return []
  const rows = await sql.all<{ key: string }>(
    `SELECT DISTINCT key FROM list_names
     WHERE list = ? AND name = ? AND value IN (SELECT value FROM json_each(?)) ORDER BY key`,
    [list, name, JSON.stringify(values)],
  )
  return rows.map(({ key }) => key)
}

/** Patterns of orders in force that one of the plates has; GLOB knows ? and * as they do. */
export async function platePatternsOf(sql: Sql, plates: readonly string[]): Promise<string[]> {
  if (plates.length === 0) return []
  const rows = await sql.all<{ value: string }>(
    `SELECT DISTINCT n.value AS value FROM list_names n, json_each(?) plate
     WHERE n.list = 'orders' AND n.name = 'PLATE_PATTERN' AND plate.value GLOB n.value ORDER BY n.value`,
    [JSON.stringify(plates)],
  )
  return rows.map(({ value }) => value)
}

/** How many orders in force are on part of a plate. */
export async function countPlatePatterns(sql: Sql): Promise<number> {
  const row = await sql.one<{ count: number }>(
    `SELECT count(DISTINCT key) AS count FROM list_names WHERE list = 'orders' AND name = 'PLATE_PATTERN'`,
  )
  return row?.count ?? 0
}

/** Entries in force that bear one of the names, sorted by key. */
export async function entriesNamed<T extends ListEntry>(
  sql: Sql,
  list: ListName,
  name: string,
  values: readonly string[],
): Promise<T[]> {
  return entriesByKey<T>(sql, list, await keysNamed(sql, list, name, values))
}
