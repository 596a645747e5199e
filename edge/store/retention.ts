import type { RawEvent } from './event-row.js'
import { readEvent } from './event-row.js'
import { usedIdsMax } from './lane-memory.js'
import type { Connection } from './sqlite.js'

/** How long the journal keeps what the gateway already has, so that a restored gateway can be refilled. */
export interface RetentionBounds {
  /** Milliseconds that an acknowledged event is kept; at least three backup intervals of the gateway. */
  readonly acknowledgedForMs: number
  /** Above this size acknowledged events go earlier. Unacknowledged ones never go. */
  readonly maxBytes: number
}

interface PrunableRow extends RawEvent {
  readonly recorded_at: number
  readonly lane: string | null
  readonly mark: string | null
  readonly mark_value: string | null
}

/** Pages of the file that hold something, in bytes. */
export async function usedBytes(connection: Connection): Promise<number> {
  const [row] = await connection.all<{ bytes: number }>(
    `SELECT (pc.page_count - fc.freelist_count) * ps.page_size AS bytes
     FROM pragma_page_count() pc, pragma_freelist_count() fc, pragma_page_size() ps`,
  )
  return row?.bytes ?? 0
}

/**
 * One small step: deletes the oldest events, at most `maxRows`, that are acknowledged and older
 * than `olderThanMs` (UTC). Nothing from the oldest open passage on is touched unless it is so old
 * that it will not be taken up again. Returns how many went.
 */
export async function pruneStep(
  connection: Connection,
  bound: { acknowledged: number; olderThanMs: number; passageOlderThanMs: number; maxRows: number },
): Promise<number> {
  const oldest = await connection.all<PrunableRow>(
    `SELECT sequence, recorded_at, lane, mark, mark_value, hash, CASE WHEN mark = 'mode' THEN envelope ELSE '' END AS envelope
     FROM events WHERE sequence <= ? ORDER BY sequence LIMIT ?`,
    [bound.acknowledged, bound.maxRows],
  )
  const stopAt = oldest.findIndex((row) => row.recorded_at >= bound.olderThanMs)
  const old = stopAt < 0 ? oldest : oldest.slice(0, stopAt)
  const keepFrom = await firstOfOpenPassages(connection, bound.passageOlderThanMs)
  const going = old.filter((row) => row.sequence < keepFrom)
  const last = going.at(-1)
  if (!last) return 0
  await connection.transaction(async () => {
    for (const row of going) await carryOver(connection, row)
    await connection.run('DELETE FROM events WHERE sequence <= ?', [last.sequence])
  })
  return going.length
}

async function firstOfOpenPassages(connection: Connection, openedSinceMs: number): Promise<number> {
  // Lanes are found by stepping through the index, newest passages by its end: no scan of the journal.
  const [row] = await connection.all<{ first: number | null }>(
    `WITH RECURSIVE lanes (lane) AS (
       SELECT min(lane) FROM events WHERE mark IS NOT NULL
       UNION ALL
       SELECT (SELECT min(lane) FROM events WHERE mark IS NOT NULL AND lane > lanes.lane) FROM lanes WHERE lane IS NOT NULL
     ), newest (sequence) AS (
       SELECT (SELECT sequence FROM events e WHERE e.lane = lanes.lane AND e.mark = 'passage'
               ORDER BY sequence DESC LIMIT 1) FROM lanes WHERE lane IS NOT NULL
     )
     SELECT min(o.sequence) AS first FROM newest JOIN events o ON o.sequence = newest.sequence
     WHERE o.recorded_at >= ?
       AND NOT EXISTS (SELECT 1 FROM events e WHERE e.passage_id = o.passage_id
         AND json_extract(e.envelope, '$.type') = 'passageEnded')`,
    [openedSinceMs],
  )
  return row?.first ?? Number.MAX_SAFE_INTEGER
}

/** What a lane must still remember of a row that goes. */
async function carryOver(connection: Connection, row: PrunableRow): Promise<void> {
  if (row.lane === null || row.mark === null) return
  if (row.mark === 'used') {
    await connection.run('INSERT OR REPLACE INTO used_floor (lane, sequence, id) VALUES (?, ?, ?)', [
      row.lane,
      row.sequence,
      row.mark_value,
    ])
    await connection.run(
      `DELETE FROM used_floor WHERE lane = ?1 AND sequence <=
         (SELECT sequence FROM used_floor WHERE lane = ?1 ORDER BY sequence DESC LIMIT 1 OFFSET ?2)`,
      [row.lane, usedIdsMax],
    )
    return
  }
  const passageNo = row.mark === 'passage' ? Number(row.mark_value) : 0
  const mode = row.mark === 'mode' ? JSON.stringify(readEvent(row).body) : null
  await connection.run(
    `INSERT INTO lane_floor (lane, last_passage_no, last_mode) VALUES (?, ?, ?)
     ON CONFLICT (lane) DO UPDATE SET
       last_passage_no = max(last_passage_no, excluded.last_passage_no),
       last_mode = coalesce(excluded.last_mode, last_mode)`,
    [row.lane, passageNo, mode],
  )
}
