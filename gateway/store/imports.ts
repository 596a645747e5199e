import { canonicalJson } from '../../edge/base/canonical.js'
import type { ListEntry, ListName } from '../../edge/messages/entities.js'
import type { HeldEntry } from '../domain/list-change.js'
import type { Sql } from './database.js'
import { heldHashes } from './lists.js'

/** What is read of a file stands here until a person applies or discards it, and moves no lane. */
export const importTables: readonly string[] = [
  `CREATE TABLE imports (
    import_id TEXT PRIMARY KEY, state TEXT NOT NULL, made_at INTEGER NOT NULL,
    record TEXT NOT NULL) WITHOUT ROWID`,
  'CREATE INDEX imports_by_time ON imports (made_at)',
  `CREATE TABLE import_rows (
    import_id TEXT NOT NULL, key TEXT NOT NULL, what TEXT NOT NULL, line INTEGER NOT NULL,
    hash TEXT, entry TEXT, PRIMARY KEY (import_id, key)) WITHOUT ROWID`,
  'CREATE INDEX import_rows_what ON import_rows (import_id, what, key)',
]

/** `twice`: the file contradicts itself about this key, so it says nothing of it. */
export const rowKinds = ['added', 'changed', 'same', 'gone', 'twice'] as const
export type RowKind = (typeof rowKinds)[number]
/** What an import would change. */
export const differenceKinds = ['added', 'changed', 'gone'] as const
export type DifferenceKind = (typeof differenceKinds)[number]

export interface StagedLine {
  readonly line: number
  readonly held: HeldEntry
}

/** A key that a file names twice, and where. */
export interface Twice {
  readonly key: string
  readonly lines: readonly number[]
}

/**
 * Stages entries of a file beside what the list holds. Of two lines with one key neither is known to be the
 * right one: both are told, and neither changes anything.
 */
export async function stageEntries(
  sql: Sql,
  importId: string,
  list: ListName,
  lines: readonly StagedLine[],
): Promise<readonly Twice[]> {
  const keys = lines.map(({ held }) => held.key)
  const before = await sql.all<{ key: string; line: number; what: RowKind }>(
    `SELECT key, line, what FROM import_rows WHERE import_id = ? AND key IN (SELECT value FROM json_each(?))`,
    [importId, JSON.stringify(keys)],
  )
  const first = new Map(before.map(({ key, line }) => [key, line]))
  const known = new Set(before.flatMap(({ key, what }) => (what === 'twice' ? [key] : [])))
  const twice: Twice[] = []
  const fresh = new Map<string, StagedLine>()
  for (const one of lines) {
    const { key } = one.held
    const earlier = first.get(key)
    if (earlier === undefined) {
      first.set(key, one.line)
      fresh.set(key, one)
      continue
    }
    twice.push({ key, lines: known.has(key) ? [one.line] : [earlier, one.line] })
    known.add(key)
  }
  await insertRows(sql, importId, list, [...fresh.values()])
  if (twice.length > 0)
    await sql.run(
      `UPDATE import_rows SET what = 'twice', hash = NULL, entry = NULL
       WHERE import_id = ? AND key IN (SELECT value FROM json_each(?))`,
      [importId, JSON.stringify(twice.map(({ key }) => key))],
    )
  return twice
}

async function insertRows(
  sql: Sql,
  importId: string,
  list: ListName,
  lines: readonly StagedLine[],
): Promise<void> {
  const held = await heldHashes(
    sql,
    list,
    lines.map((one) => one.held.key),
  )
  const rows = lines.map(({ line, held: { key, hash, entry } }) => {
    const was = held.get(key)
    const what: RowKind = was === undefined ? 'added' : was === hash ? 'same' : 'changed'
    // What changes nothing is only counted, and keeps its key from being taken for gone.
    return what === 'same' ? [key, what, line, null, null] : [key, what, line, hash, canonicalJson(entry)]
  })
  await sql.run(
    `INSERT INTO import_rows (import_id, key, what, line, hash, entry)
     SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?)`,
    [importId, JSON.stringify(rows)],
  )
}

/** Keys of a list that a file speaks for: those that begin so and are so long. */
export interface KeyRange {
  readonly prefix: string
  /** Null: of any length. */
  readonly length: number | null
}

/**
 * Stages as gone what the list holds within the range and the file does not name. A container that is locked stays,
 * because it would come back without its lock. Returns the key to go on after; null: that was all.
 */
export async function stageGone(
  sql: Sql,
  importId: string,
  list: ListName,
  range: KeyRange,
  after: string,
  limit: number,
): Promise<string | null> {
  const page = await sql.one<{ last: string | null; n: number }>(
    `SELECT max(key) AS last, count(*) AS n FROM (SELECT key FROM list_entries
       WHERE list = ? AND gone IS NULL AND key > ? ORDER BY key LIMIT ?)`,
    [list, after, limit],
  )
  const last = page?.last
  if (!page || last === null || last === undefined) return null
  await sql.run(
    `INSERT INTO import_rows (import_id, key, what, line)
     SELECT ?1, key, 'gone', 0 FROM list_entries AS held
     WHERE list = ?2 AND gone IS NULL AND key > ?3 AND key <= ?4
       AND substr(key, 1, length(?5)) = ?5 AND (?6 IS NULL OR length(key) = ?6)
       AND entry ->> '$.lock' IS NOT 'LOCKED'
       AND NOT EXISTS (SELECT 1 FROM import_rows AS staged WHERE staged.import_id = ?1 AND staged.key = held.key)`,
    [importId, list, after, last, range.prefix, range.length],
  )
  // Keys are in order: past the prefix there are no more of them.
  const isPast = !last.startsWith(range.prefix) && last > range.prefix
  return page.n < limit || isPast ? null : last
}

/** How many rows of each kind there are. */
export async function countRows(sql: Sql, importId: string): Promise<Readonly<Record<RowKind, number>>> {
  const rows = await sql.all<{ what: RowKind; n: number }>(
    'SELECT what, count(*) AS n FROM import_rows WHERE import_id = ? GROUP BY what',
    [importId],
  )
  return countsOf(rows)
}

/** As {@link countRows} of a file of orders, without what is or was secret: what everybody may read of it. */
export async function countOpenRows(sql: Sql, importId: string): Promise<Readonly<Record<RowKind, number>>> {
  const rows = await sql.all<{ what: RowKind; n: number }>(
    `SELECT staged.what AS what, count(*) AS n FROM import_rows AS staged
     LEFT JOIN list_entries AS held ON held.list = 'orders' AND held.key = staged.key AND held.gone IS NULL
     WHERE staged.import_id = ? AND staged.entry ->> '$.nature' IS NOT 'SECRET'
       AND held.entry ->> '$.nature' IS NOT 'SECRET' GROUP BY staged.what`,
    [importId],
  )
  return countsOf(rows)
}

function countsOf(rows: readonly { what: RowKind; n: number }[]): Readonly<Record<RowKind, number>> {
  const counts = { added: 0, changed: 0, same: 0, gone: 0, twice: 0 }
  for (const { what, n } of rows) counts[what] = n
  return counts
}

export interface Difference {
  readonly key: string
  readonly line: number
  /** Null: the list does not hold it. */
  readonly before: ListEntry | null
  /** Null: it would be gone. */
  readonly after: ListEntry | null
}

/** Differences of one kind in key order, after a key. */
export async function differencesPage(
  sql: Sql,
  importId: string,
  list: ListName,
  what: DifferenceKind,
  afterKey: string,
  limit: number,
): Promise<{ readonly differences: readonly Difference[]; readonly next: string | null }> {
  const rows = await sql.all<{ key: string; line: number; entry: string | null; was: string | null }>(
    `SELECT staged.key AS key, staged.line AS line, staged.entry AS entry, held.entry AS was FROM import_rows AS staged
     LEFT JOIN list_entries AS held ON held.list = ? AND held.key = staged.key AND held.gone IS NULL
     WHERE staged.import_id = ? AND staged.what = ? AND staged.key > ? ORDER BY staged.key LIMIT ?`,
    [list, importId, what, afterKey, limit],
  )
  const read = (entry: string | null) => (entry === null ? null : (JSON.parse(entry) as ListEntry))
  const differences = rows.map(({ key, line, entry, was }) => ({
    key,
    line,
    before: read(was),
    after: read(entry),
  }))
  return { differences, next: rows.length === limit ? (rows.at(-1)?.key ?? null) : null }
}

/** A page of what an import changes. */
export interface StagedPage {
  readonly upserts: readonly HeldEntry[]
  readonly deletes: readonly string[]
  /** None of its keys is in the list. */
  readonly isNew: boolean
}

/** What an import changes, a page at a time, as the list takes it; each page may be read in a transaction of its own. */
export function stagedPages(importId: string, pageRows: number): (sql: Sql) => Promise<StagedPage | null> {
  const kinds = [...differenceKinds]
  let after = ''
  return async (sql) => {
    for (;;) {
      const what = kinds[0]
      if (what === undefined) return null
      const rows = await sql.all<{ key: string; hash: string; entry: string }>(
        `SELECT key, hash, entry FROM import_rows
         WHERE import_id = ? AND what = ? AND key > ? ORDER BY key LIMIT ?`,
        [importId, what, after, pageRows],
      )
      after = rows.at(-1)?.key ?? ''
      if (rows.length < pageRows) {
        kinds.shift()
        after = ''
      }
      if (rows.length === 0) continue
      if (what === 'gone') return { upserts: [], deletes: rows.map(({ key }) => key), isNew: false }
      return { upserts: rows.map(heldAsText), deletes: [], isNew: what === 'added' }
    }
  }
}

function heldAsText({ key, hash, entry }: { key: string; hash: string; entry: string }): HeldEntry {
  return { key, hash, entry: JSON.parse(entry) as ListEntry, text: entry }
}

/** Forgets some of the rows of an import; returns how many went. */
export function forgetRows(sql: Sql, importId: string, limit: number): Promise<number> {
  return sql.run(
    `DELETE FROM import_rows WHERE import_id = ?1 AND key IN
       (SELECT key FROM import_rows WHERE import_id = ?1 ORDER BY key LIMIT ?2)`,
    [importId, limit],
  )
}

/** Imports that have rows, found by their ids and not by reading the rows. */
export async function importsWithRows(sql: Sql): Promise<string[]> {
  const rows = await sql.all<{ id: string }>(
    `WITH RECURSIVE ids (id) AS (
       SELECT min(import_id) FROM import_rows UNION ALL
       SELECT (SELECT min(import_id) FROM import_rows WHERE import_id > ids.id) FROM ids WHERE id IS NOT NULL)
     SELECT id FROM ids WHERE id IS NOT NULL`,
  )
  return rows.map(({ id }) => id)
}

export interface ImportRow<Record> {
  readonly importId: string
  readonly state: string
  readonly madeAt: number
  readonly record: Record
}

export async function saveImport(sql: Sql, row: ImportRow<object>): Promise<void> {
  await sql.run('INSERT OR REPLACE INTO imports (import_id, state, made_at, record) VALUES (?, ?, ?, ?)', [
    row.importId,
    row.state,
    row.madeAt,
    JSON.stringify(row.record),
  ])
}

/** Records as they were saved; newest first. */
export async function loadImports(sql: Sql, limit: number): Promise<string[]> {
  const rows = await sql.all<{ record: string }>(
    'SELECT record FROM imports ORDER BY made_at DESC, import_id LIMIT ?',
    [limit],
  )
  return rows.map(({ record }) => record)
}

export async function loadImport(sql: Sql, importId: string): Promise<string | undefined> {
  const row = await sql.one<{ record: string }>('SELECT record FROM imports WHERE import_id = ?', [importId])
  return row?.record
}

/** Keeps the newest records; returns the ids of those that go, whose rows have to go too. */
export async function forgetImports(sql: Sql, keep: number): Promise<string[]> {
  const rows = await sql.all<{ import_id: string }>(
    'SELECT import_id FROM imports ORDER BY made_at DESC, import_id LIMIT -1 OFFSET ?',
    [keep],
  )
  const ids = rows.map(({ import_id }) => import_id)
  await sql.run('DELETE FROM imports WHERE import_id IN (SELECT value FROM json_each(?))', [
    JSON.stringify(ids),
  ])
  return ids
}
