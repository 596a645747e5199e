import type { VehicleEntry } from '../../edge/messages/entities.js'
import type { OutageState, Supplement } from '../api/supplement-schemas.js'
import type { Sql } from './database.js'

/** What was added to passages afterwards. The file itself refuses to change a line of it. */
export const supplementTables: readonly string[] = [
  `CREATE TABLE outages (
    outage_id TEXT PRIMARY KEY, from_at INTEGER NOT NULL, record TEXT NOT NULL) WITHOUT ROWID`,
  'CREATE INDEX outages_by_time ON outages (from_at)',
  `CREATE TABLE supplements (
    passage_id TEXT NOT NULL, no INTEGER NOT NULL, at INTEGER NOT NULL,
    paper_no TEXT, outage_id TEXT, content_hash TEXT, record TEXT NOT NULL,
    PRIMARY KEY (passage_id, no)) WITHOUT ROWID`,
  'CREATE UNIQUE INDEX supplements_by_paper ON supplements (paper_no) WHERE paper_no IS NOT NULL',
  'CREATE INDEX supplements_by_outage ON supplements (outage_id) WHERE outage_id IS NOT NULL',
  `CREATE TRIGGER supplements_stand BEFORE UPDATE ON supplements
   BEGIN SELECT RAISE(ABORT, 'a supplement is never changed: add another'); END`,
]

/** Fails where the passage has one of that number, or the paper was entered already. */
export async function addSupplement(
  sql: Sql,
  supplement: Supplement,
  contentHash: string | null,
): Promise<void> {
  const { passageId, no, at, paperNo, outageId } = supplement
  await sql.run(
    `INSERT INTO supplements (passage_id, no, at, paper_no, outage_id, content_hash, record)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    [passageId, no, at, paperNo, outageId, contentHash, JSON.stringify(supplement)],
  )
}

/** In their order. */
export async function supplementsOf(sql: Sql, passageId: string): Promise<Supplement[]> {
  const rows = await sql.all<{ record: string }>(
    'SELECT record FROM supplements WHERE passage_id = ? ORDER BY no LIMIT 64',
    [passageId],
  )
  return rows.map((row) => JSON.parse(row.record) as Supplement)
}

/** The content under which a paper was entered; undefined: it was not. */
export async function paperHash(sql: Sql, paperNo: string): Promise<string | undefined> {
  const row = await sql.one<{ content_hash: string }>(
    'SELECT content_hash FROM supplements WHERE paper_no = ?',
    [paperNo],
  )
  return row?.content_hash
}

export async function saveOutage(sql: Sql, outage: OutageState): Promise<void> {
  const { outageId, from } = outage
  await sql.run('INSERT OR REPLACE INTO outages (outage_id, from_at, record) VALUES (?, ?, ?)', [
    outageId,
    from,
    JSON.stringify(outage),
  ])
}

const counted = `SELECT record,
  (SELECT count(*) FROM supplements WHERE supplements.outage_id = outages.outage_id) AS entered FROM outages`

interface OutageRow {
  readonly record: string
  readonly entered: number
}

const outageOf = ({ record, entered }: OutageRow): OutageState => ({
  ...(JSON.parse(record) as OutageState),
  entered,
})

export async function findOutage(sql: Sql, outageId: string): Promise<OutageState | undefined> {
  const row = await sql.one<OutageRow>(`${counted} WHERE outage_id = ?`, [outageId])
  return row && outageOf(row)
}

/** Newest first. */
export async function listOutages(sql: Sql, limit: number): Promise<OutageState[]> {
  const rows = await sql.all<OutageRow>(`${counted} ORDER BY from_at DESC, outage_id LIMIT ?`, [limit])
  return rows.map(outageOf)
}

/** Vehicles that show one of the plates, by plate. Reads the whole register once, whatever is asked. */
export async function vehiclesByPlate(
  sql: Sql,
  plates: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>()
  if (plates.length === 0) return found
  const rows = await sql.all<{ plate: string; entry: string }>(
    `SELECT plate.value ->> '$.text' AS plate, entry FROM list_entries, json_each(entry, '$.plates') AS plate
     WHERE list = 'vehicles' AND gone IS NULL
       AND plate.value ->> '$.text' IN (SELECT value FROM json_each(?)) LIMIT 10000`,
    [JSON.stringify(plates)],
  )
  for (const { plate, entry } of rows) {
    const { vehicleId } = JSON.parse(entry) as VehicleEntry
    found.set(plate, [...(found.get(plate) ?? []), vehicleId])
  }
  return found
}
