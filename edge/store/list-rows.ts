import { setImmediate } from 'node:timers/promises'
import { canonicalJson } from '../base/canonical.js'
import { sha256Hex } from '../base/hash.js'
import { listKeyOf, type ListEntry } from '../messages/entities.js'
import { leafOf } from '../messages/list-hash.js'
import { looksOf } from '../messages/list-looks.js'
import type { nameTables } from './list-names.js'
import type { Connection } from './sqlite.js'

/** An entry prepared for its row. */
export interface EntryRow {
  readonly leaf: number
  readonly key: string
  readonly hash: string
  readonly ref: string | null
  readonly body: string
  readonly plates: readonly string[]
  readonly looks: readonly string[]
}

export function entryRow(entry: ListEntry): EntryRow {
  const body = canonicalJson(entry)
  const key = listKeyOf(entry)
  return { leaf: leafOf(key), key, hash: sha256Hex(body), body, ...namesOf(entry) }
}

/** Hashed in one go; a hundred take about a millisecond, and the lanes have the same thread. */
const hashedAtOnce = 128

/** Rows of entries, without holding up the lanes. */
export async function rowsOf(entries: readonly ListEntry[]): Promise<EntryRow[]> {
  const rows: EntryRow[] = []
  for (const entry of entries) {
    rows.push(entryRow(entry))
    if (rows.length % hashedAtOnce === 0) await setImmediate()
  }
  return rows
}

/** What an entry is found by beside its key. */
export function namesOf(entry: ListEntry): Pick<EntryRow, 'ref' | 'plates' | 'looks'> {
  return {
    ref: entry.kind === 'tag' ? entry.vehicleId : null,
    plates: entry.kind === 'vehicle' ? [...new Set(entry.plates.map((plate) => plate.text))] : [],
    looks:
      entry.kind === 'tag'
        ? [lookOf(tagOfVehicle, entry.vehicleId)]
        : [...new Set(looksOf(entry).map(({ by, value }) => lookOf(by, value)))],
  }
}

/** The name under which a tag is found by its vehicle; for the facts of a plate only. */
export const tagOfVehicle = 'ref'

/** A name beside the key, as it stands in `looks`. */
export function lookOf(by: string, value: string): string {
  return `${by}:${value}`
}

/** A row from the body that lies in the database. */
export function rowOf(leaf: number, key: string, body: string): EntryRow {
  return { leaf, key, hash: '', body, ...namesOf(JSON.parse(body) as ListEntry) }
}

/** Adds rows to a generation, with their names. Rejects on a key that is already there. */
export async function insertRows(
  connection: Connection,
  generation: number,
  rows: readonly EntryRow[],
): Promise<void> {
  await insertEntries(connection, generation, rows)
  const plates = rows.flatMap((row) => row.plates.map((plate) => [plate, row.key, row.leaf] as const))
  const looks = rows.flatMap((row) => row.looks.map((look) => [look, row.key, row.leaf] as const))
  if (plates.length > 0) await insertNames(connection, 'plates', generation, JSON.stringify(plates))
  if (looks.length > 0) await insertNames(connection, 'looks', generation, JSON.stringify(looks))
}

/** Adds names as JSON rows of name, key and leaf. */
export async function insertNames(
  connection: Connection,
  table: (typeof nameTables)[number],
  generation: number,
  rows: string,
): Promise<void> {
  await connection.run(
    `INSERT INTO ${table} SELECT ?1, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?2)`,
    [generation, rows],
  )
}

/** Adds rows without their names. */
export async function insertEntries(
  connection: Connection,
  generation: number,
  rows: readonly EntryRow[],
): Promise<void> {
  if (rows.length === 0) return
  await connection.run(
    `INSERT INTO entries (generation, leaf, key, hash, ref, ref_leaf, body)
     SELECT ?1, value ->> 0, value ->> 1, unhex(value ->> 2), value ->> 3, value ->> 4, value ->> 5
     FROM json_each(?2)`,
    [
      generation,
      JSON.stringify(
        rows.map(({ leaf, key, hash, ref, body }) => [
          leaf,
          key,
          hash,
          ref,
          ref === null ? null : leafOf(ref),
          body,
        ]),
      ),
    ],
  )
}

/** Takes the entries with these keys, and their names, out of a generation. */
export async function deleteRows(
  connection: Connection,
  generation: number,
  keys: readonly (readonly [leaf: number, key: string])[],
): Promise<void> {
  const gone = JSON.stringify(keys)
  const rows = await connection.all<{ key: string; body: string }>(
    `SELECT key, body FROM entries WHERE generation = ?1
     AND (leaf, key) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?2))`,
    [generation, gone],
  )
  const named = rows.map(({ key, body }) => ({ key, ...namesOf(JSON.parse(body) as ListEntry) }))
  for (const [table, name, names] of [
    ['plates', 'plate', named.flatMap((row) => row.plates.map((plate) => [plate, row.key]))],
    ['looks', 'look', named.flatMap((row) => row.looks.map((look) => [look, row.key]))],
  ] as const) {
    if (names.length === 0) continue
    await connection.run(
      `DELETE FROM ${table} WHERE generation = ?1
       AND (${name}, key) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?2))`,
      [generation, JSON.stringify(names)],
    )
  }
  await connection.run(
    `DELETE FROM entries WHERE generation = ?1
     AND (leaf, key) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?2))`,
    [generation, gone],
  )
}
