import type { FeeItem, ReceiptState } from '../api/task-schemas.js'
import type { LockRecord } from '../domain/container-lock.js'
import type { InspectionRecord } from '../domain/inspection.js'
import type { Sql } from './database.js'

interface Row {
  readonly record: string
}

export async function saveInspection(sql: Sql, task: InspectionRecord): Promise<void> {
  await sql.run(
    `INSERT OR REPLACE INTO inspections (task_id, edge_id, trip_id, state, created_at, changed_at, record)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    [task.taskId, task.edgeId, task.tripId, task.state, task.createdAt, task.changedAt, JSON.stringify(task)],
  )
  await sql.run(
    `INSERT OR IGNORE INTO inspection_boxes (number, task_id) SELECT value, ? FROM json_each(?)`,
    [task.taskId, JSON.stringify(task.containers)],
  )
  await sql.run(
    `INSERT OR IGNORE INTO inspection_passages (passage_id, task_id) SELECT value, ? FROM json_each(?)`,
    [task.taskId, JSON.stringify(task.passageIds)],
  )
}

export async function findInspection(sql: Sql, taskId: string): Promise<InspectionRecord | undefined> {
  const row = await sql.one<Row>('SELECT record FROM inspections WHERE task_id = ?', [taskId])
  return row && (JSON.parse(row.record) as InspectionRecord)
}

/** Tasks of a trip, newest first. */
export async function inspectionsOfTrip(sql: Sql, tripId: string): Promise<InspectionRecord[]> {
  const rows = await sql.all<Row>(
    'SELECT record FROM inspections WHERE trip_id = ? ORDER BY created_at DESC, task_id LIMIT 64',
    [tripId],
  )
  return rows.map((row) => JSON.parse(row.record) as InspectionRecord)
}

/** Tasks that a passage asked for, newest first. */
export async function inspectionsOfPassage(sql: Sql, passageId: string): Promise<InspectionRecord[]> {
  const rows = await sql.all<Row>(
    `SELECT record FROM inspection_passages JOIN inspections USING (task_id)
     WHERE passage_id = ? ORDER BY created_at DESC, task_id LIMIT 64`,
    [passageId],
  )
  return rows.map((row) => JSON.parse(row.record) as InspectionRecord)
}

/** Tasks about a container, newest first. */
export async function inspectionsOfContainer(sql: Sql, number: string): Promise<InspectionRecord[]> {
  const rows = await sql.all<Row>(
    `SELECT record FROM inspection_boxes JOIN inspections USING (task_id)
     WHERE number = ? ORDER BY created_at DESC, task_id LIMIT 64`,
    [number],
  )
  return rows.map((row) => JSON.parse(row.record) as InspectionRecord)
}

/** What is open first, then what was closed; each with the newest first. */
export async function listInspections(sql: Sql, limit: number): Promise<InspectionRecord[]> {
  const rows = await sql.all<Row>(
    `SELECT record FROM inspections ORDER BY state = 'CLOSED', created_at DESC, task_id LIMIT ?`,
    [limit],
  )
  return rows.map((row) => JSON.parse(row.record) as InspectionRecord)
}

export async function saveLock(sql: Sql, lock: LockRecord): Promise<void> {
  await sql.run(
    `INSERT OR REPLACE INTO container_locks (number, state, locked_at, changed_at, record)
     VALUES (?, ?, ?, ?, ?)`,
    [lock.number, lock.state, lock.lockedAt, lock.unlocked?.at ?? lock.lockedAt, JSON.stringify(lock)],
  )
}

export async function findLock(sql: Sql, number: string): Promise<LockRecord | undefined> {
  const row = await sql.one<Row>('SELECT record FROM container_locks WHERE number = ?', [number])
  return row && (JSON.parse(row.record) as LockRecord)
}

/** Containers that are locked, the newest first. */
export async function listLocks(sql: Sql, limit: number): Promise<LockRecord[]> {
  const rows = await sql.all<Row>(
    `SELECT record FROM container_locks WHERE state = 'LOCKED' ORDER BY locked_at DESC, number LIMIT ?`,
    [limit],
  )
  return rows.map((row) => JSON.parse(row.record) as LockRecord)
}

/** True where the key is new: whatever comes under it later is the same fee. */
export async function saveFee(sql: Sql, fee: FeeItem): Promise<boolean> {
  const { feeKey, state, createdAt } = fee
  const made = await sql.run(
    'INSERT OR IGNORE INTO fee_items (fee_key, state, created_at, record) VALUES (?, ?, ?, ?)',
    [feeKey, state, createdAt, JSON.stringify(fee)],
  )
  return made > 0
}

/** Newest first. */
export async function listFees(sql: Sql, limit: number): Promise<FeeItem[]> {
  const rows = await sql.all<Row>('SELECT record FROM fee_items ORDER BY created_at DESC, fee_key LIMIT ?', [
    limit,
  ])
  return rows.map((row) => JSON.parse(row.record) as FeeItem)
}

export async function saveReceipt(sql: Sql, receipt: ReceiptState): Promise<void> {
  const { receiptId, subject, issuedAt, validTo } = receipt
  await sql.run(
    `INSERT OR REPLACE INTO receipts (receipt_id, subject_kind, subject_key, issued_at, valid_to, record)
     VALUES (?, ?, ?, ?, ?, ?)`,
    [receiptId, subject.kind, subject.key, issuedAt, validTo, JSON.stringify(receipt)],
  )
}

export async function findReceipt(sql: Sql, receiptId: string): Promise<ReceiptState | undefined> {
  const row = await sql.one<Row>('SELECT record FROM receipts WHERE receipt_id = ?', [receiptId])
  return row && (JSON.parse(row.record) as ReceiptState)
}

/** Newest first. */
export async function listReceipts(sql: Sql, limit: number): Promise<ReceiptState[]> {
  const rows = await sql.all<Row>('SELECT record FROM receipts ORDER BY issued_at DESC, receipt_id LIMIT ?', [
    limit,
  ])
  return rows.map((row) => JSON.parse(row.record) as ReceiptState)
}
