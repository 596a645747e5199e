import type { BlacklistEntry, ControlOrder } from '../../edge/messages/entities.js'
import type { Candidate } from '../domain/recheck.js'
import type { Sql } from './database.js'
import { platePatternsOf } from './list-names.js'

/** Lists that speak against vehicles. */
export const controlLists = ['orders', 'blacklist'] as const
export type ControlListName = (typeof controlLists)[number]

const candidatesMax = 256

/** The version in force at a time, and the newest; 0: none was. What retention has removed counts as none. */
export async function versionsAt(
  sql: Sql,
  list: ControlListName,
  atMs: number,
): Promise<{ readonly then: number; readonly now: number }> {
  const row = await sql.one<{ was: number | null; newest: number | null }>(
    `SELECT max(version) AS newest, max(CASE WHEN published_at <= ? THEN version END) AS was
     FROM list_versions WHERE list = ?`,
    [atMs, list],
  )
  return { then: row?.was ?? 0, now: row?.newest ?? 0 }
}

export type ControlVersions = Readonly<Record<ControlListName, number>>

/** The newest versions; 0: there is none. */
export async function newestVersions(sql: Sql): Promise<ControlVersions> {
  const rows = await sql.all<{ list: ControlListName; newest: number }>(
    `SELECT list, max(version) AS newest FROM list_versions
     WHERE list IN (SELECT value FROM json_each(?)) GROUP BY list`,
    [JSON.stringify(controlLists)],
  )
  return { orders: 0, blacklist: 0, ...Object.fromEntries(rows.map(({ list, newest }) => [list, newest])) }
}

/**
 * What speaks, or spoke at a version, of one of the subjects. What is in force is found by its names, what has
 * left the list since by the versions at which it left, so that the rest of a long list is not read.
 */
export async function controlOn(
  sql: Sql,
  list: ControlListName,
  subjects: readonly ControlOrder['subject'][],
  then: number,
): Promise<Candidate[]> {
  const plates = subjects.filter(({ kind }) => kind === 'PLATE').map(({ key }) => key)
  const patterns = list === 'orders' ? await platePatternsOf(sql, plates) : []
  const asked = JSON.stringify([
    ...subjects.map(({ kind, key }) => [kind, key]),
    ...patterns.map((pattern) => ['PLATE_PATTERN', pattern]),
  ])
  // CROSS JOIN keeps this order: left to itself, SQLite reads every entry of the list first.
  const now = await sql.all<{ entry: string; since: number }>(
    `SELECT DISTINCT entry, since FROM json_each(?) AS asked
       CROSS JOIN list_names AS named ON named.list = ? AND named.name = asked.value ->> 0
         AND named.value = asked.value ->> 1
       CROSS JOIN list_entries AS held ON held.list = named.list AND held.key = named.key AND held.gone IS NULL
     LIMIT ${candidatesMax}`,
    [asked, list],
  )
  const gone = await sql.all<{ entry: string }>(
    `SELECT entry FROM list_left
     WHERE list = ? AND gone > ? AND since <= ?
       AND EXISTS (SELECT 1 FROM json_each(?) AS asked
         WHERE (entry ->> '$.subject.kind' = asked.value ->> 0 AND entry ->> '$.subject.key' = asked.value ->> 1)
            OR (entry ->> '$.subject.kind' = 'PLATE_PATTERN' AND asked.value ->> 0 = 'PLATE'
              AND asked.value ->> 1 GLOB entry ->> '$.subject.key'))
     LIMIT ${candidatesMax}`,
    [list, then, then, asked],
  )
  const read = (entry: string) => JSON.parse(entry) as ControlOrder | BlacklistEntry
  return [
    ...now.map(({ entry, since }) => ({ entry: read(entry), isNow: true, wasThen: since <= then })),
    ...gone.map(({ entry }) => ({ entry: read(entry), isNow: false, wasThen: true })),
  ]
}
