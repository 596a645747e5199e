import type { ControlOrder } from '../../edge/messages/entities.js'
import type { OrdersHit } from '../domain/order-hit.js'
import type { Sql } from './database.js'

/**
 * Which passages each order hit. `counted`: 1 towards its bound, 0 not, null: that is not known yet. `list_version`:
 * the newest version of the orders when the hit came, so that an entry that became another one begins anew. `bound`:
 * whether the order's hits were bounded then, and it has not been ended by them.
 */
export const orderHitTables: readonly string[] = [
  `CREATE TABLE order_hits (
    order_id TEXT NOT NULL, passage_id TEXT NOT NULL, edge_id TEXT NOT NULL, lane TEXT NOT NULL,
    at INTEGER NOT NULL, list_version INTEGER NOT NULL, bound INTEGER NOT NULL, counted INTEGER,
    PRIMARY KEY (order_id, passage_id)) WITHOUT ROWID`,
  'CREATE INDEX order_hits_by_passage ON order_hits (passage_id)',
  'CREATE INDEX order_hits_open ON order_hits (passage_id) WHERE counted IS NULL',
  'CREATE INDEX order_hits_bound ON order_hits (order_id) WHERE bound = 1',
]

export interface OrderHit {
  readonly passageId: string
  readonly edgeId: string
  readonly lane: string
  /** UTC ms. */
  readonly at: number
  /** Towards the bound; null: the passage, or the inspection it asked for, is not over. */
  readonly counted: boolean | null
}

export interface HitCount {
  /** Passages that the order hit, whatever became of them. */
  readonly seen: number
  /** Those that count towards its bound. */
  readonly counted: number
}

/** What the newest decisions on passages say. What is in doubt about a passage that is over is not opened again. */
export async function saveHits(sql: Sql, hits: readonly OrdersHit[]): Promise<void> {
  // In the order in which they came: the last word on a passage is the one that stays.
  const newest = [...new Map(hits.map((hit) => [hit.passageId, hit])).values()]
  await sql.run(
    `DELETE FROM order_hits
     WHERE counted IS NULL AND passage_id IN (SELECT value FROM json_each(?))`,
    [JSON.stringify(newest.map(({ passageId }) => passageId))],
  )
  const rows = newest.flatMap(({ orderIds, ...hit }) => orderIds.map((orderId) => ({ ...hit, orderId })))
  if (rows.length === 0) return
  // What a decision names beside orders (a draw, say) stands in no list of orders.
  await sql.run(
    `INSERT OR IGNORE INTO order_hits (order_id, passage_id, edge_id, lane, at, list_version, bound, counted)
     SELECT hit.value ->> '$.orderId', hit.value ->> '$.passageId', hit.value ->> '$.edgeId',
       hit.value ->> '$.lane', hit.value ->> '$.at',
       (SELECT max(version) FROM list_versions WHERE list = 'orders'),
       coalesce((SELECT entry ->> '$.maxHits' > 0 FROM list_entries
         WHERE list = 'orders' AND key = hit.value ->> '$.orderId' AND gone IS NULL), 0),
       NULL
     FROM json_each(?) AS hit
     WHERE EXISTS (SELECT 1 FROM list_entries WHERE list = 'orders' AND key = hit.value ->> '$.orderId')`,
    [JSON.stringify(rows)],
  )
}

/**
 * Says of passages that are over whether their hits count: where a person let the vehicle go under the order, or an
 * inspection that the passage asked for has its result. Else the order has not had its effect: the vehicle turned
 * round, was sent back, ran the bar, or went while the lane stood open for an emergency.
 */
export function settleHits(sql: Sql): Promise<number> {
  return sql.run(
    `UPDATE order_hits SET counted =
       EXISTS (SELECT 1 FROM inspection_passages JOIN inspections USING (task_id)
         WHERE inspection_passages.passage_id = order_hits.passage_id
           AND inspections.record ->> '$.result' IS NOT NULL)
       OR EXISTS (SELECT 1 FROM passages WHERE passages.passage_id = order_hits.passage_id
         AND record ->> '$.how' = 'cleared' AND coalesce(record ->> '$.contingency', 0) = 0)
     WHERE counted IS NULL
       AND NOT EXISTS (SELECT 1 FROM passages
         WHERE passages.passage_id = order_hits.passage_id AND ended_at IS NULL)
       AND NOT EXISTS (SELECT 1 FROM inspection_passages JOIN inspections USING (task_id)
         WHERE inspection_passages.passage_id = order_hits.passage_id AND inspections.state <> 'CLOSED')`,
    [],
  )
}

export interface UsedUpOrder {
  readonly order: ControlOrder
  readonly counted: number
}

/**
 * Orders in force whose bound is reached, with no vehicle before a bar that they hold: ending one under a vehicle that
 * waits could let it pass.
 */
export async function usedUpOrders(sql: Sql, limit: number): Promise<UsedUpOrder[]> {
  const rows = await sql.all<{ entry: string; counted: number }>(
    `SELECT list_entries.entry, count(*) AS counted
     FROM order_hits JOIN list_entries
       ON list = 'orders' AND key = order_id AND gone IS NULL AND since <= list_version
     WHERE bound = 1 AND counted = 1 AND list_entries.entry ->> '$.lift' IS NULL
     GROUP BY order_id
     HAVING list_entries.entry ->> '$.maxHits' BETWEEN 1 AND count(*)
       AND NOT EXISTS (SELECT 1 FROM order_hits AS waiting JOIN passages USING (passage_id)
         WHERE waiting.order_id = list_entries.key AND waiting.counted IS NULL AND ended_at IS NULL)
     LIMIT ?`,
    [limit],
  )
  return rows.map(({ entry, counted }) => ({ order: JSON.parse(entry) as ControlOrder, counted }))
}

/** The bound of these orders was dealt with; hits that come later begin the question anew. */
export async function unboundHits(sql: Sql, orderIds: readonly string[]): Promise<void> {
  await sql.run(
    `UPDATE order_hits SET bound = 0
     WHERE bound = 1 AND order_id IN (SELECT value FROM json_each(?))`,
    [JSON.stringify(orderIds)],
  )
}

export async function countsOfHits(
  sql: Sql,
  orderIds: readonly string[],
): Promise<ReadonlyMap<string, HitCount>> {
  const rows = await sql.all<{ order_id: string; seen: number; counted: number }>(
    `SELECT order_id, count(*) AS seen, coalesce(sum(counted), 0) AS counted FROM order_hits
     WHERE order_id IN (SELECT value FROM json_each(?)) GROUP BY order_id`,
    [JSON.stringify(orderIds)],
  )
  return new Map(rows.map(({ order_id, seen, counted }) => [order_id, { seen, counted }]))
}

/** The newest first. */
export async function hitsOf(sql: Sql, orderId: string, limit: number): Promise<OrderHit[]> {
  const rows = await sql.all<{
    passage_id: string
    edge_id: string
    lane: string
    at: number
    counted: number | null
  }>(
    `SELECT passage_id, edge_id, lane, at, counted FROM order_hits WHERE order_id = ?
     ORDER BY at DESC, passage_id LIMIT ?`,
    [orderId, limit],
  )
  return rows.map(({ passage_id, edge_id, lane, at, counted }) => ({
    ...{ passageId: passage_id, edgeId: edge_id, lane, at },
    counted: counted === null ? null : counted === 1,
  }))
}

/** Hits that were before that time go, but for those that a bound still counts. */
export async function forgetHits(sql: Sql, beforeMs: number): Promise<void> {
  await sql.run('DELETE FROM order_hits WHERE at < ? AND bound = 0 AND counted IS NOT NULL', [beforeMs])
}
