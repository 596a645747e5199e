import { LanekeeperError } from '../../edge/base/error.js'
import type { Sql } from './database.js'
import { enrolmentTables } from '../authority/records.js'
import { alertTables } from './alerts.js'
import { importTables } from './imports.js'
import { backfillNames } from './list-names.js'
import { peopleTables } from './people.js'
import { supplementTables } from './supplements.js'
import { askedLiftTables } from './asked-lifts.js'
import { orderEndTables, orderTables } from './orders.js'
import { orderHitTables } from './order-hits.js'
import { listTreeTables } from './list-tree.js'
import { treeSideTables } from './list-tree-sides.js'
import { leaveTables, loadTables } from './list-pending.js'

/** One step a schema version; never edited once shipped, only added to. */
const steps: readonly (readonly (string | ((sql: Sql) => Promise<void>))[])[] = [
  [
    // What an edge sent, each once, as it was sent. `raw` is the message itself: the evidence.
    `CREATE TABLE events (
      edge_id TEXT NOT NULL, epoch TEXT NOT NULL, sequence INTEGER NOT NULL,
      type TEXT NOT NULL, lane TEXT, passage_id TEXT,
      occurred_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL, received_at INTEGER NOT NULL,
      hash TEXT NOT NULL, body_ok INTEGER NOT NULL, raw TEXT NOT NULL,
      UNIQUE (edge_id, epoch, sequence))`,
    'CREATE INDEX events_by_passage ON events (passage_id) WHERE passage_id IS NOT NULL',
    // Contiguous high-water mark of each epoch; `order_no` says which epoch of an edge is the newest.
    `CREATE TABLE marks (
      edge_id TEXT NOT NULL, epoch TEXT NOT NULL, order_no INTEGER NOT NULL,
      up_to INTEGER NOT NULL, last_hash TEXT, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
      PRIMARY KEY (edge_id, epoch)) WITHOUT ROWID`,
    // Places of a sequence that hold no event, because what came for them was no event.
    `CREATE TABLE skips (
      edge_id TEXT NOT NULL, epoch TEXT NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL,
      PRIMARY KEY (edge_id, epoch, sequence)) WITHOUT ROWID`,
    `CREATE TABLE quarantine (
      id INTEGER PRIMARY KEY, edge_id TEXT NOT NULL, epoch TEXT, sequence INTEGER,
      why TEXT NOT NULL, sha TEXT NOT NULL, bytes BLOB, tries INTEGER NOT NULL,
      first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
      UNIQUE (edge_id, why, sha))`,
    `CREATE TABLE passages (
      passage_id TEXT PRIMARY KEY, edge_id TEXT NOT NULL, epoch TEXT NOT NULL, lane TEXT NOT NULL,
      opened_at INTEGER NOT NULL, ended_at INTEGER, record TEXT NOT NULL) WITHOUT ROWID`,
    'CREATE INDEX passages_by_opening ON passages (opened_at)',
    'CREATE INDEX passages_open ON passages (edge_id) WHERE ended_at IS NULL',
    `CREATE TABLE escalations (
      escalation_id TEXT PRIMARY KEY, edge_id TEXT NOT NULL, epoch TEXT NOT NULL, passage_id TEXT NOT NULL,
      state TEXT NOT NULL, opened_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
      record TEXT NOT NULL) WITHOUT ROWID`,
    'CREATE INDEX escalations_by_change ON escalations (changed_at)',
    `CREATE INDEX escalations_open ON escalations (edge_id) WHERE state <> 'CLOSED'`,
    `CREATE TABLE verdicts (
      verdict_id TEXT PRIMARY KEY, escalation_id TEXT NOT NULL, operator TEXT NOT NULL,
      request_hash TEXT NOT NULL, message TEXT NOT NULL,
      issued_at INTEGER NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID`,
    `CREATE TABLE commands (
      command_id TEXT PRIMARY KEY, edge_id TEXT NOT NULL, lane TEXT NOT NULL, operator TEXT NOT NULL,
      message TEXT NOT NULL, issued_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
      result TEXT, why TEXT) WITHOUT ROWID`,
    `CREATE INDEX commands_by_lane ON commands (edge_id, lane, issued_at)`,
    `CREATE TABLE list_versions (
      list TEXT NOT NULL, version INTEGER NOT NULL, count INTEGER NOT NULL, content_hash TEXT NOT NULL,
      published_at INTEGER NOT NULL, made_by TEXT NOT NULL,
      PRIMARY KEY (list, version)) WITHOUT ROWID`,
    // An entry is in every version from \`since\` up to, not including, \`gone\`; null: in the newest.
    `CREATE TABLE list_entries (
      list TEXT NOT NULL, key TEXT NOT NULL, since INTEGER NOT NULL, gone INTEGER,
      hash TEXT NOT NULL, entry TEXT NOT NULL,
      PRIMARY KEY (list, key, since)) WITHOUT ROWID`,
    'CREATE INDEX list_entries_since ON list_entries (list, since)',
    'CREATE INDEX list_entries_gone ON list_entries (list, gone) WHERE gone IS NOT NULL',
    `CREATE TABLE list_answers (
      edge_id TEXT NOT NULL, list TEXT NOT NULL, version INTEGER NOT NULL, result TEXT NOT NULL,
      why TEXT, at INTEGER NOT NULL,
      PRIMARY KEY (edge_id, list)) WITHOUT ROWID`,
    `CREATE TABLE sessions (
      hash TEXT PRIMARY KEY, operator TEXT NOT NULL, created_at INTEGER NOT NULL,
      idle_until INTEGER NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID`,
    `CREATE TABLE audit (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, operator TEXT NOT NULL, action TEXT NOT NULL,
      target TEXT NOT NULL, detail TEXT NOT NULL)`,
  ],
  [
    // Up to where retention has removed places of an epoch. What an older program removed is not known: believed.
    'ALTER TABLE marks ADD COLUMN removed_up_to INTEGER NOT NULL DEFAULT 0',
    'UPDATE marks SET removed_up_to = up_to',
  ],
  [
    // Names of the entries in force beside their keys (domain/names.ts).
    `CREATE TABLE list_names (
      list TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, key TEXT NOT NULL,
      PRIMARY KEY (list, name, value, key)) WITHOUT ROWID`,
    'CREATE INDEX list_names_key ON list_names (list, key)',
    backfillNames,
    // Up to which version of each list the planned verdicts are made, and the secret seeds of the draws.
    'CREATE TABLE plan_marks (list TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID',
    `CREATE TABLE day_seeds (
      day TEXT PRIMARY KEY, seed TEXT NOT NULL, made_at INTEGER NOT NULL) WITHOUT ROWID`,
  ],
  [
    // What is to be done behind the lanes (gateway/tasks).
    `CREATE TABLE inspections (
      task_id TEXT PRIMARY KEY, edge_id TEXT NOT NULL, trip_id TEXT, state TEXT NOT NULL,
      created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, record TEXT NOT NULL) WITHOUT ROWID`,
    'CREATE INDEX inspections_by_trip ON inspections (trip_id, created_at) WHERE trip_id IS NOT NULL',
    `CREATE INDEX inspections_shown ON inspections (state = 'CLOSED', created_at)`,
    `CREATE TABLE inspection_boxes (
      number TEXT NOT NULL, task_id TEXT NOT NULL, PRIMARY KEY (number, task_id)) WITHOUT ROWID`,
    `CREATE TABLE container_locks (
      number TEXT PRIMARY KEY, state TEXT NOT NULL, locked_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
      record TEXT NOT NULL) WITHOUT ROWID`,
    `CREATE INDEX container_locks_now ON container_locks (locked_at) WHERE state = 'LOCKED'`,
    `CREATE TABLE fee_items (
      fee_key TEXT PRIMARY KEY, state TEXT NOT NULL, created_at INTEGER NOT NULL,
      record TEXT NOT NULL) WITHOUT ROWID`,
    'CREATE INDEX fee_items_by_time ON fee_items (created_at)',
    `CREATE TABLE receipts (
      receipt_id TEXT PRIMARY KEY, subject_kind TEXT NOT NULL, subject_key TEXT NOT NULL,
      issued_at INTEGER NOT NULL, valid_to INTEGER NOT NULL, record TEXT NOT NULL) WITHOUT ROWID`,
    'CREATE INDEX receipts_by_subject ON receipts (subject_kind, subject_key)',
    'CREATE INDEX receipts_by_time ON receipts (issued_at)',
  ],
  [
    // What people let pass is rare among passages, and reviewed afterwards.
    `CREATE INDEX passages_contingency ON passages (opened_at)
     WHERE json_extract(record, '$.contingency') = 1`,
    `CREATE INDEX passages_manual ON passages (opened_at) WHERE json_extract(record, '$.manual') = 1`,
  ],
  enrolmentTables,
  alertTables,
  listTreeTables,
  importTables,
  supplementTables,
  orderTables,
  peopleTables,
  // Bytes of the entries of a version in full; null: made by a program that did not measure them.
  ['ALTER TABLE list_versions ADD COLUMN bytes INTEGER'],
  orderHitTables,
  loadTables,
  [...askedLiftTables, ...orderEndTables],
  // Tags have a name more: their TID.
  [backfillNames],
  leaveTables,
  treeSideTables,
]

export const schemaVersion = steps.length

/** Brings the file to the newest schema; refuses one that a newer program has written. */
export async function migrate(sql: Sql): Promise<void> {
  const row = await sql.one<{ user_version: number }>('PRAGMA user_version')
  const found = row?.user_version ?? 0
  if (found > schemaVersion) {
    throw new LanekeeperError(
      'store.newer',
      `the store has schema ${found}, this program knows ${schemaVersion}: start the newer program, or restore the backup made before it.`,
    )
  }
  for (let version = found; version < schemaVersion; version += 1) {
    await sql.run('BEGIN IMMEDIATE')
    try {
      for (const step of steps[version] ?? []) await (typeof step === 'string' ? sql.run(step) : step(sql))
      await sql.run(`PRAGMA user_version = ${version + 1}`)
      await sql.run('COMMIT')
    } catch (error) {
      await sql.run('ROLLBACK')
      throw error
    }
  }
}
