import type { LaneMemory, StoredEvent } from '../interfaces/journal.js'
import { readEvent, type RawEvent } from './event-row.js'
import type { Connection } from './sqlite.js'

/** Used ids kept a lane: far more than can be valid at once. */
export const usedIdsMax = 1_000

interface Marked extends RawEvent {
  readonly mark_value: string | null
}

/** The newest event of a lane with this mark. */
async function newest(connection: Connection, lane: string, mark: string): Promise<Marked | undefined> {
  const [row] = await connection.all<Marked>(
    'SELECT sequence, hash, envelope, mark_value FROM events WHERE lane = ? AND mark = ? ORDER BY sequence DESC LIMIT 1',
    [lane, mark],
  )
  return row
}

/** Everything that is kept of the newest passage. */
async function newestPassage(connection: Connection, opened: Marked | undefined): Promise<StoredEvent[]> {
  if (!opened) return []
  const { passageId } = readEvent(opened)
  const rows = await connection.all<RawEvent>(
    'SELECT sequence, hash, envelope FROM events WHERE passage_id = ? ORDER BY sequence',
    [passageId],
  )
  return rows.map(readEvent)
}

/** Read by index, whatever the journal's length. Throws `store.corrupt` on a row that was altered. */
export async function readMemory(connection: Connection, lane: string): Promise<LaneMemory> {
  const opened = await newest(connection, lane, 'passage')
  const mode = await newest(connection, lane, 'mode')
  const [floor] = await connection.all<{ last_passage_no: number; last_mode: string | null }>(
    'SELECT last_passage_no, last_mode FROM lane_floor WHERE lane = ?',
    [lane],
  )
  const used = await connection.all<{ id: string }>(
    `SELECT id FROM (
       SELECT sequence, mark_value AS id FROM events WHERE lane = ?1 AND mark = 'used'
       UNION ALL SELECT sequence, id FROM used_floor WHERE lane = ?1
     ) ORDER BY sequence DESC LIMIT ?2`,
    [lane, usedIdsMax],
  )
  const floorMode = floor?.last_mode ? (JSON.parse(floor.last_mode) as Record<string, unknown>) : null
  const passage = await newestPassage(connection, opened)
  const hasEnded = passage.some((event) => event.type === 'passageEnded')
  return {
    lastPassageNo: Math.max(Number(opened?.mark_value ?? 0), floor?.last_passage_no ?? 0),
    openPassage: hasEnded ? [] : passage,
    endedPassage: hasEnded ? passage : [],
    usedIds: used.map((row) => row.id),
    lastMode: mode ? readEvent(mode).body : floorMode,
  }
}
