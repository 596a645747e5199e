import type { ListEntry, ListName, TagEntry } from '../../edge/messages/entities.js'
import { affectedBy, plannedFrom, type Affects } from '../domain/affected.js'
import type { Sql } from '../store/database.js'
import { entriesByKey, keysNamed } from '../store/list-names.js'

/** Up to which version of each list the plans are made. */
export type PlanMarks = ReadonlyMap<ListName, number>

/** More changed entries than this of one list are not looked at one by one: every trip is planned anew. */
const changesMax = 20_000

export async function readMarks(sql: Sql): Promise<PlanMarks> {
  const rows = await sql.all<{ list: ListName; version: number }>('SELECT list, version FROM plan_marks')
  return new Map(rows.map(({ list, version }) => [list, version]))
}

export async function writeMarks(sql: Sql, marks: PlanMarks): Promise<void> {
  await sql.run(
    `INSERT INTO plan_marks (list, version) SELECT value ->> 0, value ->> 1 FROM json_each(?) WHERE true
     ON CONFLICT (list) DO UPDATE SET version = excluded.version`,
    [JSON.stringify([...marks])],
  )
}

export interface Affected {
  readonly tripIds: ReadonlySet<string>
  readonly marks: PlanMarks
}

/** Every trip that something changed for since the marks, and the marks up to which that is true. */
export async function readAffected(sql: Sql, since: PlanMarks): Promise<Affected> {
  const tripIds = new Set<string>()
  const marks = new Map<ListName, number>()
  for (const list of plannedFrom) {
    const { newest, oldest } = await versionsOf(sql, list)
    if (newest === null) continue
    marks.set(list, newest)
    const from = since.get(list)
    if (from === newest) continue
    for (const affects of await changesOf(sql, list, from, oldest ?? 0))
      for (const tripId of await tripsOf(sql, affects)) tripIds.add(tripId)
  }
  return { tripIds, marks }
}

async function versionsOf(
  sql: Sql,
  list: ListName,
): Promise<{ newest: number | null; oldest: number | null }> {
  const row = await sql.one<{ newest: number | null; oldest: number | null }>(
    'SELECT max(version) AS newest, min(version) AS oldest FROM list_versions WHERE list = ?',
    [list],
  )
  return row ?? { newest: null, oldest: null }
}

async function changesOf(
  sql: Sql,
  list: ListName,
  from: number | undefined,
  oldest: number,
): Promise<readonly Affects[]> {
  // What went before the oldest kept version cannot be told any more.
  if (from === undefined || from < oldest) return [{ trips: 'all' }]
  const rows = await sql.all<{ entry: string }>(
    `SELECT entry FROM list_entries WHERE list = ?1 AND since > ?2
     UNION ALL SELECT entry FROM list_left WHERE list = ?1 AND gone > ?2 AND since <= ?2
     LIMIT ${changesMax + 1}`,
    [list, from],
  )
  if (rows.length > changesMax) return [{ trips: 'all' }]
  return rows.flatMap(({ entry }) => affectedBy(JSON.parse(entry) as ListEntry))
}

/** The trips that have not gone through yet. */
async function tripsOf(sql: Sql, affects: Affects): Promise<readonly string[]> {
  switch (affects.trips) {
    case 'all':
      return keys(await sql.all(`${waiting}`))
    case 'key':
      return affects.values
    case 'name':
      if (affects.name === 'area') return tripsFrom(sql, affects.values)
      return keysNamed(sql, 'trips', affects.name, affects.values)
    case 'ofCompany':
      return keys(
        await sql.all(`${waiting} AND ${vehicleOf('$.companyId')}`, [JSON.stringify(affects.values)]),
      )
    case 'ofPlate':
      return keys(await sql.all(`${waiting} AND ${plateOf}`, [JSON.stringify(affects.values)]))
    case 'ofPlatePattern':
      return keys(await sql.all(`${waiting} AND ${plateLike}`, [JSON.stringify(affects.values)]))
    case 'ofTag':
      return keysNamed(sql, 'trips', 'vehicle', await vehiclesOfTags(sql, affects.values))
  }
}

/** By route, or by the origin of goods or of the container. */
async function tripsFrom(sql: Sql, codes: readonly string[]): Promise<string[]> {
  const declarations = await keysNamed(sql, 'declarations', 'area', codes)
  const containers = await keysNamed(sql, 'containers', 'area', codes)
  return [
    ...(await keysNamed(sql, 'trips', 'area', codes)),
    ...(await keysNamed(sql, 'trips', 'declaration', declarations)),
    ...(await keysNamed(sql, 'trips', 'container', containers)),
  ]
}

/** Vehicles that carry a tag with one of the names: its EPC or its TID, as an order may have it. */
async function vehiclesOfTags(sql: Sql, names: readonly string[]): Promise<string[]> {
  const epcs = [...names, ...(await keysNamed(sql, 'tags', 'TID', names))]
  const tags = await entriesByKey<TagEntry>(sql, 'tags', epcs)
  return tags.map(({ vehicleId }) => vehicleId)
}

const waiting = `SELECT t.key AS key FROM list_entries t
  WHERE t.list = 'trips' AND t.gone IS NULL AND t.entry ->> '$.crossedAt' IS NULL`

const values = '(SELECT value FROM json_each(?))'

function vehicleOf(path: string): string {
  return `EXISTS (SELECT 1 FROM list_entries v WHERE v.list = 'vehicles' AND v.gone IS NULL
    AND v.key = t.entry ->> '$.vehicleId' AND v.entry ->> '${path}' IN ${values})`
}

const plateOf = `EXISTS (SELECT 1 FROM list_entries v, json_each(v.entry, '$.plates') p
  WHERE v.list = 'vehicles' AND v.gone IS NULL AND v.key = t.entry ->> '$.vehicleId'
  AND p.value ->> '$.text' IN ${values})`

/** Patterns know ? and * only, as GLOB does; its brackets stand in none of them. */
const plateLike = `EXISTS (SELECT 1 FROM list_entries v, json_each(v.entry, '$.plates') p, json_each(?) pattern
  WHERE v.list = 'vehicles' AND v.gone IS NULL AND v.key = t.entry ->> '$.vehicleId'
  AND p.value ->> '$.text' GLOB pattern.value)`

function keys(rows: readonly { readonly key: string }[]): string[] {
  return rows.map(({ key }) => key)
}
