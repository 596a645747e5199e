import type { PassagesQuery } from '../api/mode-schemas.js'
import type { PassageRecord } from '../domain/passage.js'
import { passagesOnOldLists } from './alerts.js'
import type { Sql } from './database.js'

/** The words of the partial indexes in migrations.ts: a query finds them only if it says the same. */
export const isContingency = `json_extract(record, '$.contingency') = 1`
export const isManual = `json_extract(record, '$.manual') = 1`

/** Passages that people look at afterwards, the newest first. */
export async function passagesForReview(
  sql: Sql,
  { contingency, manual, offline, before, limit }: PassagesQuery,
): Promise<PassageRecord[]> {
  if (offline !== undefined) return passagesOnOldLists(sql, { before, limit })
  const which = [
    ...(contingency === undefined ? [] : [isContingency]),
    ...(manual === undefined ? [] : [isManual]),
    'opened_at < ?',
  ].join(' AND ')
  const rows = await sql.all<{ record: string }>(
    `SELECT record FROM passages WHERE ${which} ORDER BY opened_at DESC LIMIT ?`,
    [before ?? Number.MAX_SAFE_INTEGER, limit],
  )
  return rows.map((row) => JSON.parse(row.record) as PassageRecord)
}
