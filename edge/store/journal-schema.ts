/**
 * Schema of journal.db. `envelope` is the canonical JSON that `hash` covers. `mark` names the rows
 * that a lane must find again at start (an opened passage, a mode, a used id), so that memory is read
 * by index however long the journal is; what retention prunes of them is carried into the floor tables.
 */
export const journalMigrations: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE events (
    sequence    INTEGER PRIMARY KEY,
    recorded_at INTEGER NOT NULL,
    lane        TEXT,
    passage_id  TEXT,
    mark        TEXT,
    mark_value  TEXT,
    hash        TEXT NOT NULL,
    envelope    TEXT NOT NULL
  );
  CREATE INDEX events_mark ON events (lane, mark, sequence) WHERE mark IS NOT NULL;
  CREATE INDEX events_passage ON events (passage_id, sequence) WHERE passage_id IS NOT NULL;
  CREATE TABLE outbox (one INTEGER PRIMARY KEY CHECK (one = 1), acknowledged INTEGER NOT NULL);
  CREATE TABLE lane_floor (lane TEXT PRIMARY KEY, last_passage_no INTEGER NOT NULL, last_mode TEXT) WITHOUT ROWID;
  CREATE TABLE used_floor (lane TEXT NOT NULL, sequence INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (lane, sequence)) WITHOUT ROWID;
  CREATE TABLE probe (one INTEGER PRIMARY KEY CHECK (one = 1), filling BLOB NOT NULL);
  INSERT INTO outbox VALUES (1, 0);
  `,
]

/** Columns of one row to insert, in order. */
export const eventColumns =
  'sequence, recorded_at, lane, passage_id, mark, mark_value, hash, envelope' as const
const placeholders = '(?, ?, ?, ?, ?, ?, ?, ?)'

/** One statement for `rows` events: it is a transaction of its own, and one trip to the engine. */
export function insertEventsSql(rows: number): string {
  return `INSERT INTO events (${eventColumns}) VALUES ${Array<string>(rows).fill(placeholders).join(', ')}`
}
