import type { Command, Verdict } from '../../edge/messages/down.js'
import type { EscalationRecord } from '../domain/escalation.js'
import type { PassageRecord } from '../domain/passage.js'
import type { Sql } from './database.js'
import type { ListAnswer, Mark } from './memory.js'

/** Poison messages kept with their bytes, per edge; beyond this the newest are counted only. */
export const quarantineMax = 1_000

export async function saveMarks(sql: Sql, marks: readonly Mark[]): Promise<void> {
  if (marks.length === 0) return
  const rows = marks.map((mark) => [
    mark.edgeId,
    mark.epoch,
    mark.orderNo,
    mark.upTo,
    mark.lastHash,
    mark.firstAt,
    mark.lastAt,
  ])
  // Without a WHERE, SQLite would take the ON of ON CONFLICT for a join's.
  await sql.run(
    `INSERT INTO marks (edge_id, epoch, order_no, up_to, last_hash, first_at, last_at)
     SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
     FROM json_each(?) WHERE true
     ON CONFLICT (edge_id, epoch) DO UPDATE SET
       up_to = excluded.up_to, last_hash = excluded.last_hash, last_at = excluded.last_at`,
    [JSON.stringify(rows)],
  )
}

export async function saveSkip(
  sql: Sql,
  edgeId: string,
  epoch: string,
  sequence: number,
  atMs: number,
): Promise<void> {
  await sql.run('INSERT OR IGNORE INTO skips (edge_id, epoch, sequence, at) VALUES (?, ?, ?, ?)', [
    edgeId,
    epoch,
    sequence,
    atMs,
  ])
}

export async function isSkipped(sql: Sql, edgeId: string, epoch: string, sequence: number): Promise<boolean> {
  const row = await sql.one('SELECT 1 FROM skips WHERE edge_id = ? AND epoch = ? AND sequence = ?', [
    edgeId,
    epoch,
    sequence,
  ])
  return row !== undefined
}

/** A place that retention may have emptied. */
export async function isRemoved(sql: Sql, edgeId: string, epoch: string, sequence: number): Promise<boolean> {
  const row = await sql.one<{ removed_up_to: number }>(
    'SELECT removed_up_to FROM marks WHERE edge_id = ? AND epoch = ?',
    [edgeId, epoch],
  )
  return sequence <= (row?.removed_up_to ?? 0)
}

export async function savePassages(sql: Sql, passages: readonly PassageRecord[]): Promise<void> {
  if (passages.length === 0) return
  const rows = passages.map((one) => [
    one.passageId,
    one.edgeId,
    one.epoch,
    one.lane,
    one.openedAt,
    one.endedAt,
    JSON.stringify(one),
  ])
  await sql.run(
    `INSERT OR REPLACE INTO passages (passage_id, edge_id, epoch, lane, opened_at, ended_at, record)
     SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
     FROM json_each(?)`,
    [JSON.stringify(rows)],
  )
}

export async function saveEscalations(sql: Sql, escalations: readonly EscalationRecord[]): Promise<void> {
  if (escalations.length === 0) return
  const rows = escalations.map((one) => [
    one.escalationId,
    one.edgeId,
    one.epoch,
    one.passageId,
    one.state,
    one.openedAt,
    one.changedAt,
    JSON.stringify(one),
  ])
  await sql.run(
    `INSERT OR REPLACE INTO escalations
       (escalation_id, edge_id, epoch, passage_id, state, opened_at, changed_at, record)
     SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7
     FROM json_each(?)`,
    [JSON.stringify(rows)],
  )
}

export async function loadPassages(sql: Sql, ids: readonly string[]): Promise<PassageRecord[]> {
  const rows = await sql.all<{ record: string }>(
    'SELECT record FROM passages WHERE passage_id IN (SELECT value FROM json_each(?))',
    [JSON.stringify(ids)],
  )
  return rows.map((row) => JSON.parse(row.record) as PassageRecord)
}

export async function loadEscalations(sql: Sql, ids: readonly string[]): Promise<EscalationRecord[]> {
  const rows = await sql.all<{ record: string }>(
    'SELECT record FROM escalations WHERE escalation_id IN (SELECT value FROM json_each(?))',
    [JSON.stringify(ids)],
  )
  return rows.map((row) => JSON.parse(row.record) as EscalationRecord)
}

export interface Quarantined {
  readonly edgeId: string
  readonly epoch: string | null
  readonly sequence: number | null
  readonly why: string
  readonly sha: string
  /** Null: nothing to keep, because the event itself is stored. */
  readonly bytes: Uint8Array | null
}

/** Keeps what is no event, within {@link quarantineMax}; returns how often these very bytes came. */
export async function quarantine(sql: Sql, item: Quarantined, atMs: number): Promise<number> {
  const known = await sql.one<{ tries: number }>(
    'SELECT tries FROM quarantine WHERE edge_id = ? AND why = ? AND sha = ?',
    [item.edgeId, item.why, item.sha],
  )
  if (known) {
    await sql.run(
      'UPDATE quarantine SET tries = tries + 1, last_at = ? WHERE edge_id = ? AND why = ? AND sha = ?',
      [atMs, item.edgeId, item.why, item.sha],
    )
    return known.tries + 1
  }
  const count = await sql.one<{ n: number }>('SELECT count(*) AS n FROM quarantine WHERE edge_id = ?', [
    item.edgeId,
  ])
  if ((count?.n ?? 0) >= quarantineMax) return 1
  await sql.run(
    `INSERT INTO quarantine (edge_id, epoch, sequence, why, sha, bytes, tries, first_at, last_at)
     VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)`,
    [item.edgeId, item.epoch, item.sequence, item.why, item.sha, item.bytes, atMs, atMs],
  )
  return 1
}

export interface VerdictRow {
  readonly verdict_id: string
  readonly escalation_id: string
  readonly operator: string
  readonly request_hash: string
  readonly message: string
}

export async function findVerdict(sql: Sql, verdictId: string): Promise<VerdictRow | undefined> {
  return sql.one<VerdictRow>('SELECT * FROM verdicts WHERE verdict_id = ?', [verdictId])
}

export async function saveVerdict(sql: Sql, verdict: Verdict, requestHash: string): Promise<void> {
  await sql.run(
    `INSERT INTO verdicts (verdict_id, escalation_id, operator, request_hash, message, issued_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    [
      verdict.verdictId,
      verdict.escalationId,
      verdict.by,
      requestHash,
      JSON.stringify(verdict),
      verdict.issuedAt,
      verdict.expiresAt,
    ],
  )
}

/** A command and what became of it, as the API tells it. */
export interface CommandRecord {
  readonly commandId: string
  readonly edgeId: string
  readonly lane: string
  readonly message: string
  readonly expiresAt: number
  readonly result: 'accepted' | 'refused' | null
  readonly why: string | null
}

export async function saveCommand(sql: Sql, edgeId: string, command: Command): Promise<void> {
  await sql.run(
    `INSERT INTO commands (command_id, edge_id, lane, operator, message, issued_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    [
      command.commandId,
      edgeId,
      command.lane,
      command.by,
      JSON.stringify(command),
      command.issuedAt,
      command.expiresAt,
    ],
  )
}

/** The edge's first word on a command stands; said again it changes nothing. */
export async function saveCommandResult(
  sql: Sql,
  edgeId: string,
  commandId: string,
  result: string,
  why: string | null,
): Promise<boolean> {
  const changed = await sql.run(
    'UPDATE commands SET result = ?, why = ? WHERE command_id = ? AND edge_id = ? AND result IS NULL',
    [result, why, commandId, edgeId],
  )
  return changed > 0
}

export async function findCommand(sql: Sql, commandId: string): Promise<CommandRecord | undefined> {
  return sql.one<CommandRecord>(
    `SELECT command_id AS commandId, edge_id AS edgeId, lane, message, expires_at AS expiresAt, result, why
     FROM commands WHERE command_id = ?`,
    [commandId],
  )
}

/** Messages of the newest commands to a lane, newest first. */
export async function commandsOfLane(
  sql: Sql,
  edgeId: string,
  lane: string,
  limit: number,
): Promise<CommandRecord[]> {
  return sql.all<CommandRecord>(
    `SELECT command_id AS commandId, edge_id AS edgeId, lane, message, expires_at AS expiresAt, result, why
     FROM commands WHERE edge_id = ? AND lane = ? ORDER BY issued_at DESC LIMIT ?`,
    [edgeId, lane, limit],
  )
}

export async function saveListAnswer(sql: Sql, edgeId: string, answer: ListAnswer): Promise<void> {
  await sql.run(
    `INSERT OR REPLACE INTO list_answers (edge_id, list, version, result, why, at) VALUES (?, ?, ?, ?, ?, ?)`,
    [edgeId, answer.list, answer.version, answer.result, answer.why, answer.at],
  )
}

export interface AuditEntry {
  readonly at: number
  readonly operator: string
  readonly action: string
  readonly target: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** Who did what, beside the thing done and in the same transaction. */
export async function audit(sql: Sql, entry: AuditEntry): Promise<void> {
  await sql.run('INSERT INTO audit (at, operator, action, target, detail) VALUES (?, ?, ?, ?, ?)', [
    entry.at,
    entry.operator,
    entry.action,
    entry.target,
    JSON.stringify(entry.detail),
  ])
}

/** Newest first. */
export async function auditEntries(sql: Sql, limit: number): Promise<AuditEntry[]> {
  const rows = await sql.all<Omit<AuditEntry, 'detail'> & { detail: string }>(
    'SELECT at, operator, action, target, detail FROM audit ORDER BY id DESC LIMIT ?',
    [limit],
  )
  return rows.map((row) => ({ ...row, detail: JSON.parse(row.detail) as Record<string, unknown> }))
}
