import type { SentEvent } from '../../edge/messages/envelope.js'
import type { Sql, SqlValue } from './database.js'

/** An event about to be stored. */
export interface EventRow {
  readonly event: SentEvent
  /** The message as it came. */
  readonly raw: string
  /** The body is what its type promises. */
  readonly bodyOk: boolean
}

/**
 * Stores events that are not there yet; a key that is makes the whole transaction fail. All rows go as two parameters,
 * what the columns say and the messages behind each other: binding them one by one costs the main thread twice as much,
 * and messages inside JSON are written and read once more on each side.
 */
export async function insertEvents(sql: Sql, rows: readonly EventRow[], receivedAt: number): Promise<void> {
  if (rows.length === 0) return
  const messages = rows.map(({ raw }) => Buffer.from(raw))
  let from = 1
  const columns = rows.map((row, index) => {
    const bytes = messages[index]?.length ?? 0
    const values = [...valuesOf(row), from, bytes]
    from += bytes
    return values
  })
  await sql.run(
    `INSERT INTO events (received_at, edge_id, epoch, sequence, type, lane, passage_id, occurred_at,
       recorded_at, hash, body_ok, raw)
     SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
       value ->> 7, value ->> 8, value ->> 9, CAST(substr(?3, value ->> 10, value ->> 11) AS TEXT)
     FROM json_each(?2)`,
    [receivedAt, JSON.stringify(columns), Buffer.concat(messages)],
  )
}

function valuesOf({ event, bodyOk }: EventRow): SqlValue[] {
  return [
    event.edgeId,
    event.epoch,
    event.sequence,
    event.type,
    event.lane,
    event.passageId,
    event.occurredAt,
    event.recordedAt,
    event.hash,
    bodyOk ? 1 : 0,
  ]
}

/** Hashes of stored events at the given places of one epoch. */
export async function hashesAt(
  sql: Sql,
  edgeId: string,
  epoch: string,
  sequences: readonly number[],
): Promise<Map<number, string>> {
  const rows = await sql.all<{ sequence: number; hash: string }>(
    `SELECT sequence, hash FROM events
     WHERE edge_id = ? AND epoch = ? AND sequence IN (SELECT value FROM json_each(?))`,
    [edgeId, epoch, JSON.stringify(sequences)],
  )
  return new Map(rows.map((row) => [row.sequence, row.hash]))
}

/** Messages of one epoch after a sequence, in order, as they came. */
export async function rawEvents(
  sql: Sql,
  edgeId: string,
  epoch: string,
  afterSequence: number,
  limit: number,
): Promise<{ readonly sequence: number; readonly raw: string }[]> {
  return sql.all(
    `SELECT sequence, raw FROM events WHERE edge_id = ? AND epoch = ? AND sequence > ?
     ORDER BY sequence LIMIT ?`,
    [edgeId, epoch, afterSequence, limit],
  )
}

/** Messages of one passage in order. */
export async function rawEventsOfPassage(
  sql: Sql,
  edgeId: string,
  passageId: string,
  limit: number,
): Promise<string[]> {
  const rows = await sql.all<{ raw: string }>(
    `SELECT raw FROM events WHERE passage_id = ? AND edge_id = ? ORDER BY epoch, sequence LIMIT ?`,
    [passageId, edgeId, limit],
  )
  return rows.map((row) => row.raw)
}

/** An epoch of an edge, and the highest of its places that the store has, or had until their term ended. */
export interface HighestStored {
  readonly edgeId: string
  readonly epoch: string
  readonly highest: number
}

/**
 * The highest place of each epoch, asked of the events themselves: a mark is a statement about them,
 * and this is what it is held against.
 */
export async function highestStored(
  sql: Sql,
  epochs: readonly { readonly edgeId: string; readonly epoch: string }[],
): Promise<HighestStored[]> {
  if (epochs.length === 0) return []
  return sql.all<HighestStored>(
    `SELECT asked.edge AS edgeId, asked.epoch AS epoch, max(
       coalesce((SELECT max(sequence) FROM events WHERE edge_id = asked.edge AND epoch = asked.epoch), 0),
       coalesce((SELECT max(sequence) FROM skips WHERE edge_id = asked.edge AND epoch = asked.epoch), 0),
       coalesce((SELECT removed_up_to FROM marks WHERE edge_id = asked.edge AND epoch = asked.epoch), 0)
     ) AS highest
     FROM (SELECT value ->> 0 AS edge, value ->> 1 AS epoch FROM json_each(?)) AS asked`,
    [JSON.stringify(epochs.map((one) => [one.edgeId, one.epoch]))],
  )
}

/** How many events of each epoch are stored: what an audit compares with the edges' journals. */
export async function storedCounts(
  sql: Sql,
): Promise<
  { readonly edgeId: string; readonly epoch: string; readonly stored: number; readonly upTo: number }[]
> {
  return sql.all(
    `SELECT edge_id AS edgeId, epoch, up_to AS upTo,
       (SELECT count(*) FROM events WHERE events.edge_id = marks.edge_id AND events.epoch = marks.epoch) AS stored
     FROM marks ORDER BY edge_id, order_no`,
  )
}
