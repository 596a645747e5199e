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
  const rows = nameRows(list, held)
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    // A version that is being stored may have brought the name already, hidden, or marked it as leaving.
    await sql.run(
      `INSERT INTO list_names_all (list, name, value, key)
       SELECT ?, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE true
       ON CONFLICT DO UPDATE SET since = NULL, gone = NULL`,
      [list, JSON.stringify(rows.slice(at, at + rowsAtOnce))],
    )
  }
}

/**
 * Adds names that come with a version that is being stored; those that leave with it are marked already. One that both
 * the old entry and the new one bear is in force before and after.
 */
export async function addComingNames(
  sql: Sql,
  list: ListName,
  version: number,
  rows: readonly NameRow[],
): Promise<void> {
  await sql.run(
    `INSERT INTO list_names_all (list, name, value, key, since)
     SELECT ?1, value ->> 0, value ->> 1, value ->> 2, ?2 FROM json_each(?3) WHERE true
     ON CONFLICT DO UPDATE SET
       since = CASE WHEN gone IS NULL OR gone = excluded.since THEN since ELSE excluded.since END, gone = NULL`,
    [list, version, JSON.stringify(rows)],
  )
}

/** Marks names that leave with a version that is being stored. */
export async function markNames(
  sql: Sql,
  list: ListName,
  version: number,
  rows: readonly NameRow[],
): Promise<void> {
  await sql.run(
    `UPDATE list_names_all SET gone = ?1 WHERE list = ?2 AND gone IS NULL AND (name, value, key) IN (${rowsOf('?3')})`,
    [version, list, JSON.stringify(rows)],
  )
}

/** Takes back what the two above did for a version, of these names. */
export async function takeBackNames(
  sql: Sql,
  list: ListName,
  version: number,
  names: { readonly came: readonly NameRow[]; readonly leaving: readonly NameRow[] },
): Promise<void> {
  await sql.run(
    `DELETE FROM list_names_all WHERE list = ?1 AND since = ?2 AND (name, value, key) IN (${rowsOf('?3')})`,
    [list, version, JSON.stringify(names.came)],
  )
  await sql.run(
    `UPDATE list_names_all SET gone = NULL WHERE list = ?1 AND gone = ?2 AND (name, value, key) IN (${rowsOf('?3')})`,
    [list, version, JSON.stringify(names.leaving)],
  )
}

/** Sweeps some of the names that left with a long version; returns how many went. */
export function forgetGoneNames(sql: Sql, list: ListName, limit: number): Promise<number> {
  return sql.run(
    `DELETE FROM list_names_all WHERE list = ?1 AND (name, value, key) IN (
       SELECT name, value, key FROM list_names_all WHERE list = ?1 AND gone IS NOT NULL
         AND gone IS NOT (SELECT version FROM list_pending WHERE list = ?1) LIMIT ?2)`,
    [list, limit],
  )
}

const rowsOf = (parameter: string): string =>
  `SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(${parameter})`

/** What is no longer in force has no name. To be asked before the entries of these keys are retired: they say which. */
export async function forgetNames(sql: Sql, list: ListName, keys: readonly string[]): Promise<void> {
  if (!namedLists.includes(list) || keys.length === 0) return
  const rows = await sql.all<{ key: string; entry: string }>(
    `SELECT key, entry FROM list_entries
     WHERE list = ? AND gone IS NULL AND key IN (SELECT value FROM json_each(?))`,
    [list, JSON.stringify(keys)],
  )
  const held = rows.map(({ key, entry }) => ({ key, entry: JSON.parse(entry) as ListEntry }))
  await sql.run(`DELETE FROM list_names_all WHERE list = ?1 AND (name, value, key) IN (${rowsOf('?2')})`, [
    list,
    JSON.stringify(nameRows(list, held)),
  ])
}

/** Names the entries that an older program wrote. Once, as part of a migration; at its steps `list_names` is the table. */
export async function backfillNames(sql: Sql, table = 'list_names'): Promise<void> {
  for (const list of namedLists) {
    let after = ''
    for (;;) {
      const rows = await sql.all<{ key: string; entry: string }>(
        `SELECT key, entry FROM list_entries
         WHERE list = ? AND gone IS NULL AND key > ? ORDER BY key LIMIT ${backfillRows}`,
        [list, after],
      )
      const held = rows.map(({ key, entry }) => ({ key, entry: JSON.parse(entry) as ListEntry }))
      await sql.run(
        `INSERT OR IGNORE INTO ${table} (list, name, value, key) SELECT ?1, * FROM (${rowsOf('?2')})`,
        [list, JSON.stringify(nameRows(list, held))],
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
