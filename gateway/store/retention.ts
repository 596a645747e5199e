import { listNames } from '../../edge/messages/entities.js'
import type { Database, Sql } from './database.js'
import { pruneVersions } from './lists.js'
import { forgetHits } from './order-hits.js'

export interface RetentionPolicy {
  /** Events, ended passages and closed escalations are kept this long, ms. */
  readonly eventsForMs: number
  /** What operators did is kept this long, ms. */
  readonly auditForMs: number
  /** Versions of each list from which a delta can lead. */
  readonly listVersions: number
}

/** Rows a transaction removes at most, so that an edge never waits long for its acknowledgement. */
const rowsAtOnce = 5_000

/** A slice of the events whose term is over. Row ids rise with receipt, so the oldest are the first, and no index is needed. */
const oldEvents = `
  SELECT old.id, old.edge_id, old.epoch, old.sequence FROM (
    SELECT rowid AS id, edge_id, epoch, sequence, received_at FROM events
    ORDER BY rowid LIMIT ${rowsAtOnce}) AS old JOIN marks USING (edge_id, epoch)
  WHERE old.received_at < ? AND old.sequence <= marks.up_to`

const oldSkips = `
  SELECT skips.edge_id, skips.epoch, skips.sequence FROM skips JOIN marks USING (edge_id, epoch)
  WHERE skips.at < ? AND skips.sequence <= marks.up_to`

/** Notes how far places are removed, so that they are not missed: an acknowledgement is held against what is stored. */
async function remember(sql: Sql, old: string, before: number): Promise<void> {
  await sql.run(
    `UPDATE marks SET removed_up_to = gone.highest
     FROM (SELECT edge_id, epoch, max(sequence) AS highest FROM (${old}) GROUP BY edge_id, epoch) AS gone
     WHERE marks.edge_id = gone.edge_id AND marks.epoch = gone.epoch AND marks.removed_up_to < gone.highest`,
    [before],
  )
}

/**
 * Removes what has outlived its term, a slice at a time; returns how many events went. Only events
 * at or below their mark go: one that still waits for a gap to close is never old.
 */
export async function applyRetention(
  database: Database,
  policy: RetentionPolicy,
  nowMs: number,
): Promise<number> {
  const before = nowMs - policy.eventsForMs
  let removed = 0
  for (;;) {
    const gone = await database.transact(async (sql) => {
      await remember(sql, oldEvents, before)
      return sql.run(`DELETE FROM events WHERE rowid IN (SELECT id FROM (${oldEvents}))`, [before])
    })
    removed += gone
    if (gone < rowsAtOnce) break
  }
  const forAudit = nowMs - policy.auditForMs
  for (const [table, key, isOver, termMs] of [
    ['passages', 'passage_id', 'ended_at IS NOT NULL AND ended_at < ?', before],
    ['escalations', 'escalation_id', `state = 'CLOSED' AND changed_at < ?`, before],
    ['quarantine', 'id', 'last_at < ?', before],
    ['verdicts', 'verdict_id', 'issued_at < ?', forAudit],
    ['commands', 'command_id', 'issued_at < ?', forAudit],
    ['audit', 'id', 'at < ?', forAudit],
  ] as const)
    await removeSlices(
      database,
      `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${isOver} LIMIT ?)`,
      termMs,
    )
  await database.transact(async (sql) => {
    await remember(sql, oldSkips, before)
    await sql.run(
      `DELETE FROM skips WHERE (edge_id, epoch, sequence) IN (
         SELECT edge_id, epoch, sequence FROM (${oldSkips}))`,
      [before],
    )
    await sql.run(`DELETE FROM inspections WHERE state = 'CLOSED' AND changed_at < ?`, [before])
    await sql.run('DELETE FROM inspection_boxes WHERE task_id NOT IN (SELECT task_id FROM inspections)')
    await sql.run('DELETE FROM inspection_passages WHERE task_id NOT IN (SELECT task_id FROM inspections)')
    await sql.run('DELETE FROM referrals WHERE task_id NOT IN (SELECT task_id FROM inspections)')
    await sql.run('DELETE FROM alerts WHERE settled_at IS NOT NULL AND settled_at < ?', [before])
    await sql.run(`DELETE FROM container_locks WHERE state <> 'LOCKED' AND changed_at < ?`, [before])
    await forgetHits(sql, before)
    await sql.run('DELETE FROM supplements WHERE at < ?', [forAudit])
    await sql.run('DELETE FROM outages WHERE from_at < ?', [forAudit])
    await sql.run('DELETE FROM fee_items WHERE created_at < ?', [forAudit])
    await sql.run('DELETE FROM receipts WHERE valid_to < ?', [forAudit])
    await sql.run('DELETE FROM sessions WHERE expires_at < ?', [nowMs])
  })
  for (const list of listNames)
    while (await database.transact((sql) => pruneVersions(sql, list, policy.listVersions)));
  return removed
}

/** Runs a statement that removes as many rows at most as its last parameter says, until there are no more of them. */
async function removeSlices(database: Database, statement: string, beforeMs: number): Promise<void> {
  while ((await database.transact((sql) => sql.run(statement, [beforeMs, rowsAtOnce]))) === rowsAtOnce);
}
