import type { AlertsQuery, AlertState } from '../api/alert-schemas.js'
import type { PassageRecord } from '../domain/passage.js'
import type { Sql } from './database.js'

/** Alerts, the times by which vehicles must have come to inspection, and which passages a task is about. */
export const alertTables: readonly string[] = [
  `CREATE TABLE alerts (
    alert_id TEXT PRIMARY KEY, kind TEXT NOT NULL, passage_id TEXT, at INTEGER NOT NULL,
    secret INTEGER NOT NULL, settled_at INTEGER, record TEXT NOT NULL) WITHOUT ROWID`,
  'CREATE INDEX alerts_shown ON alerts (settled_at IS NOT NULL, at)',
  'CREATE INDEX alerts_by_kind ON alerts (kind, at) WHERE secret = 0',
  `CREATE TABLE referrals (
    task_id TEXT PRIMARY KEY, due_at INTEGER NOT NULL, missed_at INTEGER) WITHOUT ROWID`,
  'CREATE INDEX referrals_due ON referrals (due_at) WHERE missed_at IS NULL',
  `CREATE TABLE inspection_passages (
    passage_id TEXT NOT NULL, task_id TEXT NOT NULL, PRIMARY KEY (passage_id, task_id)) WITHOUT ROWID`,
  `INSERT OR IGNORE INTO inspection_passages (passage_id, task_id)
   SELECT value, task_id FROM inspections, json_each(inspections.record, '$.passageIds')`,
]

/** True where it is new: the same finding again changes nothing. */
export async function saveAlert(sql: Sql, alert: AlertState): Promise<boolean> {
  const { alertId, kind, passageId, at, secret } = alert
  const made = await sql.run(
    `INSERT OR IGNORE INTO alerts (alert_id, kind, passage_id, at, secret, settled_at, record)
     VALUES (?, ?, ?, ?, ?, NULL, ?)`,
    [alertId, kind, passageId, at, secret ? 1 : 0, JSON.stringify(alert)],
  )
  return made > 0
}

export async function saveSettled(sql: Sql, alert: AlertState): Promise<void> {
  await sql.run('UPDATE alerts SET settled_at = ?, record = ? WHERE alert_id = ?', [
    alert.settled?.at ?? null,
    JSON.stringify(alert),
    alert.alertId,
  ])
}

export async function findAlert(sql: Sql, alertId: string): Promise<AlertState | undefined> {
  const row = await sql.one<{ record: string }>('SELECT record FROM alerts WHERE alert_id = ?', [alertId])
  return row && (JSON.parse(row.record) as AlertState)
}

/** Open ones first, the newest first; secret ones only for those who may know of them. */
export async function listAlerts(
  sql: Sql,
  { open, limit }: AlertsQuery,
  seesSecrets: boolean,
): Promise<AlertState[]> {
  const rows = await sql.all<{ record: string }>(
    `SELECT record FROM alerts WHERE secret <= ? AND (settled_at IS NOT NULL) <= ?
     ORDER BY settled_at IS NOT NULL, at DESC, alert_id LIMIT ?`,
    [seesSecrets ? 1 : 0, open === undefined ? 1 : 0, limit],
  )
  return rows.map((row) => JSON.parse(row.record) as AlertState)
}

/** Passages that went through on old lists and should not have, the newest alert first. */
export async function passagesOnOldLists(
  sql: Sql,
  { before, limit }: { readonly before?: number | undefined; readonly limit: number },
): Promise<PassageRecord[]> {
  const rows = await sql.all<{ record: string }>(
    `SELECT passages.record AS record FROM alerts JOIN passages USING (passage_id)
     WHERE kind = 'passedOffline' AND secret = 0 AND opened_at < ? ORDER BY at DESC LIMIT ?`,
    [before ?? Number.MAX_SAFE_INTEGER, limit],
  )
  return rows.map((row) => JSON.parse(row.record) as PassageRecord)
}

/** By when the vehicle of a task must have come; said again, the later time stands. */
export async function saveReferral(sql: Sql, taskId: string, dueAt: number): Promise<void> {
  await sql.run(
    `INSERT INTO referrals (task_id, due_at, missed_at) VALUES (?, ?, NULL)
     ON CONFLICT (task_id) DO UPDATE SET due_at = max(due_at, excluded.due_at) WHERE missed_at IS NULL`,
    [taskId, Math.round(dueAt)],
  )
}

export async function saveMissed(sql: Sql, taskId: string, atMs: number): Promise<void> {
  await sql.run('UPDATE referrals SET missed_at = ? WHERE task_id = ?', [Math.round(atMs), taskId])
}

/** It has come, or needs not come any more. */
export async function endReferral(sql: Sql, taskId: string): Promise<void> {
  await sql.run('DELETE FROM referrals WHERE task_id = ?', [taskId])
}

/** Tasks whose time is over, the longest first. */
export async function referralsDue(sql: Sql, nowMs: number, limit: number): Promise<string[]> {
  const rows = await sql.all<{ task_id: string }>(
    'SELECT task_id FROM referrals WHERE missed_at IS NULL AND due_at <= ? ORDER BY due_at LIMIT ?',
    [Math.round(nowMs), limit],
  )
  return rows.map((row) => row.task_id)
}
