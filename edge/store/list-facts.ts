import type { IdentityFacts } from '../interfaces/list-store.js'
import type { ListEntry, TagEntry, VehicleEntry } from '../messages/entities.js'
import { findMax } from '../messages/list-looks.js'
import { leafOf } from '../messages/list-hash.js'
import { lookOf, tagOfVehicle } from './list-rows.js'
import type { Connection } from './sqlite.js'

/** One row of a lookup: bodies as JSON text, null where there is none. */
export interface FactsRow {
  readonly tag: string | null
  readonly vehicle: string | null
}

/** Parameters: generation of tags, generation of vehicles, EPC, leaf of the EPC. One trip to the engine. */
export const factsOfTagSql = `
  SELECT t.body AS tag, v.body AS vehicle FROM (SELECT 1)
  LEFT JOIN entries t ON t.generation = ?1 AND t.leaf = ?4 AND t.key = ?3
  LEFT JOIN entries v ON v.generation = ?2 AND v.leaf = t.ref_leaf AND v.key = t.ref`

/**
 * Parameters as above with the normalised plate text and no leaf. Where several vehicles may show it the lowest
 * vehicle id answers; of several tags of a vehicle an active one goes before the others.
 */
export const factsOfPlateSql = `
  SELECT v.body AS vehicle, (
    SELECT t.body FROM looks k CROSS JOIN entries t ON t.generation = ?1 AND t.leaf = k.leaf AND t.key = k.key
    WHERE k.generation = ?1 AND k.look = '${tagOfVehicle}:' || v.key
    ORDER BY json_extract(t.body, '$.state') <> 'ACTIVE', t.key LIMIT 1
  ) AS tag
  FROM plates p JOIN entries v ON v.generation = ?2 AND v.leaf = p.leaf AND v.key = p.key
  WHERE p.generation = ?2 AND p.plate = ?3 ORDER BY p.key LIMIT 1`

/** A list that is not there makes its facts unknown, never absent. */
export function factsFrom(
  row: FactsRow | undefined,
  there: { readonly tags: boolean; readonly vehicles: boolean },
): IdentityFacts {
  return {
    tag: there.tags ? ((row?.tag ? JSON.parse(row.tag) : null) as TagEntry | null) : 'unknown',
    vehicle: there.vehicles
      ? ((row?.vehicle ? JSON.parse(row.vehicle) : null) as VehicleEntry | null)
      : 'unknown',
  }
}

/** Parameters: generation, pairs of leaf and key as a JSON array, most rows. In key order. */
export const findByKeySql = `
  SELECT body FROM entries WHERE generation = ?1
    AND (leaf, key) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?2))
  ORDER BY key LIMIT ?3`

/** Parameters as above with looks (`lookOf`) in place of keys. An entry that several of them name comes once. */
export const findByLookSql = `
  SELECT body FROM entries WHERE generation = ?1 AND (leaf, key) IN (
    SELECT leaf, key FROM looks WHERE generation = ?1 AND look IN (SELECT value FROM json_each(?2)))
  ORDER BY key LIMIT ?3`

/** Entries by key or by another name, in key order, in one trip to the engine; null: more than `findMax`. */
export async function findEntries(
  connection: Connection,
  generation: number,
  by: string,
  values: readonly string[],
): Promise<readonly ListEntry[] | null> {
  const names = values.map((value) => (by === 'key' ? [leafOf(value), value] : lookOf(by, value)))
  const rows = await connection.all<{ body: string }>(by === 'key' ? findByKeySql : findByLookSql, [
    generation,
    JSON.stringify(names),
    findMax + 1,
  ])
  return rows.length > findMax ? null : rows.map(({ body }) => JSON.parse(body) as ListEntry)
}
