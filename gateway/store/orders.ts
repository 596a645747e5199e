import type { ControlOrder } from '../../edge/messages/entities.js'
import type { OrderRecord, OrderState } from '../domain/order-flow.js'
import type { Sql } from './database.js'

/** Orders as people work with them; what edges hold is the list, which takes only what is approved. */
export const orderTables: readonly string[] = [
  `CREATE TABLE orders (
    order_id TEXT PRIMARY KEY, state TEXT NOT NULL, valid_to INTEGER, changed_at INTEGER NOT NULL,
    record TEXT NOT NULL) WITHOUT ROWID`,
  'CREATE INDEX orders_by_state ON orders (state, changed_at)',
  `CREATE INDEX orders_ending ON orders (valid_to) WHERE valid_to IS NOT NULL AND state = 'ACTIVE'`,
]

/** Orders end by themselves in every state in which they may still come to hold. */
export const orderEndTables: readonly string[] = [
  'DROP INDEX orders_ending',
  `CREATE INDEX orders_ending ON orders (valid_to)
   WHERE valid_to IS NOT NULL AND state IN ('PENDING_APPROVAL', 'ACTIVE', 'LIFT_ASKED')`,
]

export async function saveOrder(sql: Sql, record: OrderRecord): Promise<void> {
  await sql.run(
    'INSERT OR REPLACE INTO orders (order_id, state, valid_to, changed_at, record) VALUES (?, ?, ?, ?, ?)',
    [
      record.order.orderId,
      record.state,
      record.order.validTo ?? null,
      record.steps.at(-1)?.at ?? 0,
      JSON.stringify(record),
    ],
  )
}

export async function loadOrder(sql: Sql, orderId: string): Promise<OrderRecord | undefined> {
  const row = await sql.one<{ record: string }>('SELECT record FROM orders WHERE order_id = ?', [orderId])
  return row && (JSON.parse(row.record) as OrderRecord)
}

/** Those of these numbers under which an order waits for approval: it is in no list yet. */
export async function waitingOrders(sql: Sql, orderIds: readonly string[]): Promise<ControlOrder[]> {
  if (orderIds.length === 0) return []
  const rows = await sql.all<{ record: string }>(
    `SELECT record FROM orders
     WHERE order_id IN (SELECT value FROM json_each(?)) AND state = 'PENDING_APPROVAL'`,
    [JSON.stringify(orderIds)],
  )
  return rows.map(({ record }) => (JSON.parse(record) as OrderRecord).order)
}

/** Orders that wait for approval, and under whose number this version of the list brought one. */
export async function waitingBeside(sql: Sql, version: number): Promise<ControlOrder[]> {
  const rows = await sql.all<{ record: string }>(
    `SELECT record FROM orders AS placed CROSS JOIN list_entries AS held
       ON held.list = 'orders' AND held.key = placed.order_id AND held.gone IS NULL
     WHERE placed.state = 'PENDING_APPROVAL' AND held.since = ? ORDER BY placed.order_id`,
    [version],
  )
  return rows.map(({ record }) => (JSON.parse(record) as OrderRecord).order)
}

/** Newest change first. `reader`: sees of secret orders only those that he placed himself; null: sees all. */
export async function listOrders(
  sql: Sql,
  state: OrderState | null,
  reader: string | null,
  limit: number,
): Promise<OrderRecord[]> {
  const rows = await sql.all<{ record: string }>(
    `SELECT record FROM orders WHERE (?1 IS NULL OR state = ?1)
       AND (?2 IS NULL OR record ->> '$.order.nature' IS NOT 'SECRET' OR record ->> '$.placedBy' = ?2)
     ORDER BY changed_at DESC, order_id LIMIT ?3`,
    [state, reader, limit],
  )
  return rows.map(({ record }) => JSON.parse(record) as OrderRecord)
}

/** Orders that are not done with, and whose validity was over before that time. */
export async function endedOrders(sql: Sql, beforeMs: number, limit: number): Promise<OrderRecord[]> {
  const rows = await sql.all<{ record: string }>(
    `SELECT record FROM orders WHERE state IN ('PENDING_APPROVAL', 'ACTIVE', 'LIFT_ASKED')
       AND valid_to IS NOT NULL AND valid_to < ? LIMIT ?`,
    [beforeMs, limit],
  )
  return rows.map(({ record }) => JSON.parse(record) as OrderRecord)
}
