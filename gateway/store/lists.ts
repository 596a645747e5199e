import { listWireVersion, type ListDelta, type ListHead } from '../../edge/messages/down.js'
import type { ListEntry, ListName } from '../../edge/messages/entities.js'
import { leafOf } from '../../edge/messages/list-hash.js'
import { textOf, type Change, type HeldEntry } from '../domain/list-change.js'
import type { Sql } from './database.js'
import { forgetGoneNames, forgetNames, nameEntries } from './list-names.js'
import { inForce } from './list-pending.js'
import { placeEntries, refreshTree, retirePlaces } from './list-tree.js'

const rowsAtOnce = 4_000

/** Most entries of each kind that one delta carries (edge/messages/down.ts); a larger step is fetched as changes or in full. */
export const deltaEntriesMax = 500

interface VersionRow {
  readonly version: number
  readonly count: number
  readonly content_hash: string
  readonly published_at: number
  readonly bytes: number | null
}

/** The head of one kept version, or of the newest. Undefined: there is none such. */
export async function listHead(sql: Sql, list: ListName, version?: number): Promise<ListHead | undefined> {
  const columns = 'SELECT version, count, content_hash, published_at, bytes FROM list_versions WHERE list = ?'
  const row =
    version === undefined
      ? await sql.one<VersionRow>(`${columns} ORDER BY version DESC LIMIT 1`, [list])
      : await sql.one<VersionRow>(`${columns} AND version = ?`, [list, version])
  return row && headOf(list, row)
}

/** Hashes of the entries in force under the given keys. */
export async function heldHashes(
  sql: Sql,
  list: ListName,
  keys: readonly string[],
): Promise<Map<string, string>> {
  const rows = await sql.all<{ key: string; hash: string }>(
    `SELECT key, hash FROM list_entries
     WHERE list = ? AND gone IS NULL AND key IN (SELECT value FROM json_each(?))`,
    [list, JSON.stringify(keys)],
  )
  return new Map(rows.map((row) => [row.key, row.hash]))
}

/**
 * Puts a checked change in force as the next version. Runs inside the caller's transaction, and costs what the
 * change costs, however long the list is.
 */
export async function writeVersion(
  sql: Sql,
  list: ListName,
  change: Change,
  by: string,
  atMs: number,
): Promise<ListHead> {
  const before = await listHead(sql, list)
  const version = Math.max(before?.version ?? 0, await pendingVersion(sql, list)) + 1
  const { count, contentHash } = await refreshTree(sql, list, await writeRows(sql, list, version, change))
  const bytes = await bytesAfter(sql, list, before, version)
  const head = { v: listWireVersion, list, version, count, contentHash, publishedAt: atMs, bytes } as const
  await saveHead(sql, head, by)
  return head
}

/** Records a version; its entries are there. */
export async function saveHead(sql: Sql, head: ListHead, by: string): Promise<void> {
  const { list, version, count, contentHash, publishedAt, bytes = null } = head
  await sql.run(
    `INSERT INTO list_versions (list, version, count, content_hash, published_at, made_by, bytes)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    [list, version, count, contentHash, publishedAt, by, bytes],
  )
}

/** The version that is being stored beside the list (list-load.ts); 0: none. */
export async function pendingVersion(sql: Sql, list: ListName): Promise<number> {
  const row = await sql.one<{ version: number }>('SELECT version FROM list_pending WHERE list = ?', [list])
  return row?.version ?? 0
}

/**
 * How many bytes the entries have in full, each with the end of its line: by what changed, so that it costs what the
 * change costs. The whole list is measured once, after a version of an older program that did not say. `grown`: what
 * came with the version less what left, where that was counted on the way.
 */
export async function bytesAfter(
  sql: Sql,
  list: ListName,
  before: ListHead | undefined,
  version: number,
  grown?: number,
): Promise<number> {
  const measured = async (
    from: 'list_entries' | 'list_left',
    where: string,
    value: readonly number[] = [],
  ): Promise<number> => {
    const row = await sql.one<{ bytes: number | null }>(
      `SELECT sum(${lineBytes}) AS bytes FROM ${from} WHERE list = ? AND ${where}`,
      [list, ...value],
    )
    return row?.bytes ?? 0
  }
  const had = before ? before.bytes : 0
  if (had === undefined) return measured('list_entries', 'gone IS NULL')
  if (grown !== undefined) return had + grown
  const came = await measured('list_entries', 'since = ?', [version])
  return had + came - (await measured('list_left', 'gone = ?', [version]))
}

/** Bytes of an entry as a line of its own. */
export const lineBytes = 'length(CAST(entry AS BLOB)) + 1'

/** Returns the leaves of the tree that are to be made anew. */
async function writeRows(
  sql: Sql,
  list: ListName,
  version: number,
  { upserts, deletes }: Change,
): Promise<ReadonlySet<number>> {
  const retired = await retireEntries(sql, list, version, [...deletes, ...upserts.map(({ key }) => key)])
  await nameEntries(sql, list, upserts)
  await insertEntries(sql, list, version, upserts)
  const places = upserts.map(({ key, hash }) => ({ key, hash, since: version }))
  const placed = await placeEntries(sql, list, places)
  return new Set([...retired, ...placed])
}

/** The entries in force under these keys are in this version no more, nor are their names and places; the leaves. */
export async function retireEntries(
  sql: Sql,
  list: ListName,
  version: number,
  keys: readonly string[],
): Promise<ReadonlySet<number>> {
  for (let at = 0; at < keys.length; at += rowsAtOnce) {
    const some = keys.slice(at, at + rowsAtOnce)
    await forgetNames(sql, list, some)
    await sql.run(
      `UPDATE list_entries_all SET gone = ?1 WHERE list = ?2 AND ${inForce('?2')}
         AND key IN (SELECT value FROM json_each(?3))`,
      [version, list, JSON.stringify(some)],
    )
  }
  return retirePlaces(sql, list, version, keys)
}

/** Adds entries of a version; nothing is in force under their keys, or it was retired. */
export async function insertEntries(
  sql: Sql,
  list: ListName,
  version: number,
  entries: readonly HeldEntry[],
): Promise<void> {
  for (let at = 0; at < entries.length; at += rowsAtOnce) {
    const rows = entries.slice(at, at + rowsAtOnce).map((held) => [held.key, held.hash, textOf(held)])
    await sql.run(
      `INSERT INTO list_entries_all (list, key, since, hash, entry)
       SELECT ?, value ->> 0, ?, value ->> 1, value ->> 2 FROM json_each(?)`,
      [list, version, JSON.stringify(rows)],
    )
  }
}

/**
 * One delta from a kept version to the newest; undefined where none leads from there, or it would have more than `most`
 * changes of either kind.
 */
export async function deltaFrom(
  sql: Sql,
  list: ListName,
  from: number,
  most = deltaEntriesMax,
): Promise<ListDelta | undefined> {
  const head = await listHead(sql, list)
  const base = await listHead(sql, list, from)
  if (!head || !base || base.version >= head.version) return undefined
  const limit = most + 1
  // Counted first: in the order of keys all of them would be read, however many there are.
  const counted = await sql.one<{ n: number }>(
    `SELECT count(*) AS n FROM (
       SELECT 1 FROM list_entries WHERE list = ? AND since > ? AND gone IS NULL LIMIT ?)`,
    [list, from, limit],
  )
  if (!counted || counted.n > most) return undefined
  const upserts = await sql.all<{ entry: string }>(
    `SELECT entry FROM list_entries WHERE list = ? AND since > ? AND gone IS NULL ORDER BY key LIMIT ?`,
    [list, from, limit],
  )
  const deletes = await sql.all<{ key: string }>(
    `SELECT old.key AS key FROM list_left AS old
     WHERE old.list = ? AND old.gone > ? AND old.since <= ? AND NOT EXISTS (
       SELECT 1 FROM list_entries AS now WHERE now.list = old.list AND now.key = old.key AND now.gone IS NULL)
     ORDER BY old.key LIMIT ?`,
    [list, from, from, limit],
  )
  if (upserts.length > most || deletes.length > most) return undefined
  return {
    v: listWireVersion,
    list,
    baseVersion: base.version,
    baseHash: base.contentHash,
    head,
    upserts: upserts.map((row) => JSON.parse(row.entry) as ListEntry),
    deletes: deletes.map((row) => row.key),
  }
}

export interface EntryPage {
  /** Entries as canonical JSON, in key order. */
  readonly entries: readonly string[]
  /** Key to go on after; null: that was all. */
  readonly next: string | null
}

/** Entries of one kept version after a key, in key order. Versions stay readable while others are made. */
export async function entriesPage(
  sql: Sql,
  list: ListName,
  version: number,
  afterKey: string,
  limit: number,
): Promise<EntryPage> {
  const rows = await sql.all<{ key: string; entry: string }>(
    `SELECT key, entry FROM list_entries
     WHERE list = ? AND key > ? AND since <= ? AND (gone IS NULL OR gone > ?) ORDER BY key LIMIT ?`,
    [list, afterKey, version, version, limit],
  )
  const last = rows.at(-1)
  return {
    entries: rows.map((row) => row.entry),
    next: rows.length === limit && last ? last.key : null,
  }
}

/**
 * Entries of one kept version in the order of the tree, in which an edge stores them: it then appends, and a
 * million rows are no million places. `afterKey` '': from the beginning.
 */
export async function entriesInTreeOrder(
  sql: Sql,
  list: ListName,
  version: number,
  afterKey: string,
  limit: number,
): Promise<EntryPage> {
  const rows = await sql.all<{ key: string; entry: string }>(
    `SELECT l.key AS key, e.entry AS entry FROM list_leaves AS l CROSS JOIN list_entries AS e
     WHERE l.list = ?1 AND (l.leaf, l.key) > (?2, ?3) AND l.since <= ?4 AND (l.gone IS NULL OR l.gone > ?4)
       AND e.list = l.list AND e.key = l.key AND e.since = l.since
     ORDER BY l.leaf, l.key LIMIT ?5`,
    [list, afterKey === '' ? -1 : leafOf(afterKey), afterKey, version, limit],
  )
  const last = rows.at(-1)
  return { entries: rows.map((row) => row.entry), next: rows.length === limit && last ? last.key : null }
}

/**
 * Forgets versions before the newest `keep`, and some of the entries that are in none of those kept, with names that
 * are gone; true: there may be more of them.
 */
export async function pruneVersions(
  sql: Sql,
  list: ListName,
  keep: number,
  limit = rowsAtOnce,
): Promise<boolean> {
  const names = await forgetGoneNames(sql, list, limit)
  const oldest = await sql.one<{ version: number | null }>(
    'SELECT max(version) - ? AS version FROM list_versions WHERE list = ?',
    [keep - 1, list],
  )
  if (!oldest?.version || oldest.version <= 1) return names === limit
  await sql.run('DELETE FROM list_versions WHERE list = ? AND version < ?', [list, oldest.version])
  const removed = (table: string, key: string) =>
    sql.run(
      `DELETE FROM ${table} WHERE list = ?1 AND (${key}, since) IN (
         SELECT ${key}, since FROM ${table} WHERE list = ?1 AND gone IS NOT NULL AND gone <= ?2
           AND gone IS NOT (SELECT version FROM list_pending WHERE list = ?1) LIMIT ?3)`,
      [list, oldest.version, limit],
    )
  const entries = await removed('list_entries_all', 'key')
  const leaves = await removed('list_leaves_all', 'leaf, key')
  return [names, entries, leaves].includes(limit)
}

function headOf(list: ListName, row: VersionRow): ListHead {
  return {
    v: listWireVersion,
    list,
    version: row.version,
    count: row.count,
    contentHash: row.content_hash,
    publishedAt: row.published_at,
    ...(row.bytes !== null && { bytes: row.bytes }),
  }
}
