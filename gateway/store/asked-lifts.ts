import type { LiftReason, RecordSignature } from '../../edge/messages/trust/lift.js'
import type { ControlListName } from './control-history.js'
import type { Sql } from './database.js'

/** Lifts that one person asked for and signed, and that wait for another: kept, so that a restart loses no signature. */
export const askedLiftTables: readonly string[] = [
  `CREATE TABLE asked_lifts (
    list TEXT NOT NULL, key TEXT NOT NULL, asked_at INTEGER NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (list, key)) WITHOUT ROWID`,
]

export interface AskedHoldLift {
  readonly list: ControlListName
  readonly key: string
  readonly reason: LiftReason
  /** What the first person added to the reason; a lift that an older program kept has none. */
  readonly why?: string | undefined
  /** UTC ms; part of what is signed. */
  readonly at: number
  readonly person: string
  readonly isSecret: boolean
  /** Over the entry as the first person signed it. */
  readonly entryHash: string
  /** Null: lists were unsigned, and the first person answers by the sign-in. */
  readonly by: RecordSignature | null
}

export async function saveAskedLift(sql: Sql, asked: AskedHoldLift): Promise<void> {
  await sql.run('INSERT OR REPLACE INTO asked_lifts (list, key, asked_at, record) VALUES (?, ?, ?, ?)', [
    asked.list,
    asked.key,
    asked.at,
    JSON.stringify(asked),
  ])
}

/** Those asked for since a time, the oldest first. */
export async function askedLifts(sql: Sql, sinceMs: number): Promise<AskedHoldLift[]> {
  const rows = await sql.all<{ record: string }>(
    'SELECT record FROM asked_lifts WHERE asked_at >= ? ORDER BY asked_at, list, key',
    [sinceMs],
  )
  return rows.map(({ record }) => JSON.parse(record) as AskedHoldLift)
}

export async function askedLift(
  sql: Sql,
  list: ControlListName,
  key: string,
  sinceMs: number,
): Promise<AskedHoldLift | undefined> {
  const row = await sql.one<{ record: string }>(
    'SELECT record FROM asked_lifts WHERE list = ? AND key = ? AND asked_at >= ?',
    [list, key, sinceMs],
  )
  return row && (JSON.parse(row.record) as AskedHoldLift)
}

export async function forgetAskedLift(sql: Sql, list: ControlListName, key: string): Promise<void> {
  await sql.run('DELETE FROM asked_lifts WHERE list = ? AND key = ?', [list, key])
}

/** Lets go of those that nobody confirmed in time. */
export async function forgetOldLifts(sql: Sql, beforeMs: number): Promise<void> {
  await sql.run('DELETE FROM asked_lifts WHERE asked_at < ?', [beforeMs])
}
