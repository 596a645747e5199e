import { createHash } from 'node:crypto'
import { canonicalJson } from '../../edge/base/canonical.js'
import { wireVersion } from '../../edge/messages/envelope.js'
import type { ListDelta, ListHead } from '../../edge/messages/down.js'
import type { ListEntry, ListName } from '../../edge/messages/entities.js'
import type { Change, HeldEntry } from '../domain/list-change.js'
import type { Sql } from './database.js'
import { forgetNames, nameEntries } from './list-names.js'

const hashPageRows = 20_000
const insertRows = 2_000

/** Most entries of each kind that one delta carries (edge/messages/down.ts); a larger step is fetched in full. */
export const deltaEntriesMax = 500

interface VersionRow {
  readonly version: number
  readonly count: number
  readonly content_hash: string
  readonly published_at: number
}

/** The head of one kept version, or of the newest. Undefined: there is none such. */
export async function listHead(sql: Sql, list: ListName, version?: number): Promise<ListHead | undefined> {
  const columns = 'SELECT version, count, content_hash, published_at FROM list_versions WHERE list = ?'
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

/** Puts a checked change in force as the next version. Runs inside the caller's transaction. */
export function writeVersion(
  sql: Sql,
  list: ListName,
  change: Change,
  by: string,
  atMs: number,
): Promise<ListHead> {
  return writePages(sql, list, [change], by, atMs)
}

/** As {@link writeVersion}, of a change that is too large to be held: pages of it, which name no key twice. */
export async function writePages(
  sql: Sql,
  list: ListName,
  pages: Iterable<Change> | AsyncIterable<Change>,
  by: string,
  atMs: number,
): Promise<ListHead> {
  const before = await listHead(sql, list)
  const version = (before?.version ?? 0) + 1
  for await (const change of pages) await writePage(sql, list, version, change)
  const { count, contentHash } = await contentOf(sql, list)
  await sql.run(
    `INSERT INTO list_versions (list, version, count, content_hash, published_at, made_by)
     VALUES (?, ?, ?, ?, ?, ?)`,
    [list, version, count, contentHash, atMs, by],
  )
  return { v: wireVersion, list, version, count, contentHash, publishedAt: atMs }
}

async function writePage(sql: Sql, list: ListName, version: number, change: Change): Promise<void> {
  const changed = [...change.deletes, ...change.upserts.map((entry) => entry.key)]
  await retire(sql, list, version, changed)
  await forgetNames(sql, list, changed)
  await nameEntries(sql, list, change.upserts)
  for (let at = 0; at < change.upserts.length; at += insertRows) {
    await insert(sql, list, version, change.upserts.slice(at, at + insertRows))
  }
}

async function retire(sql: Sql, list: ListName, version: number, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  await sql.run(
    `UPDATE list_entries SET gone = ?
     WHERE list = ? AND gone IS NULL AND key IN (SELECT value FROM json_each(?))`,
    [version, list, JSON.stringify(keys)],
  )
}

async function insert(sql: Sql, list: ListName, version: number, held: readonly HeldEntry[]): Promise<void> {
  const rows = held.map(({ key, hash, entry }) => [key, hash, canonicalJson(entry)])
  await sql.run(
    `INSERT INTO list_entries (list, key, since, hash, entry)
     SELECT ?, value ->> 0, ?, value ->> 1, value ->> 2 FROM json_each(?)`,
    [list, version, JSON.stringify(rows)],
  )
}

/**
 * Count and content hash of the entries in force, as {@link ListHead} defines them. The lines are
 * joined by SQLite: a million rows as objects would cost seconds and hundreds of megabytes.
 */
export async function contentOf(sql: Sql, list: ListName): Promise<{ count: number; contentHash: string }> {
  const hash = createHash('sha256')
  let count = 0
  let after = ''
  for (;;) {
    const page = await sql.one<{ lines: string | null; last: string | null; n: number }>(
      `SELECT group_concat(hash, char(10)) AS lines, max(key) AS last, count(*) AS n FROM (
         SELECT key, hash FROM list_entries
         WHERE list = ? AND gone IS NULL AND key > ? ORDER BY key LIMIT ${hashPageRows})`,
      [list, after],
    )
    if (!page || page.n === 0 || page.last === null) break
    hash.update(`${page.lines ?? ''}\n`)
    count += page.n
    after = page.last
    if (page.n < hashPageRows) break
  }
  return { count, contentHash: hash.digest('hex') }
}

/** One delta from a kept version to the newest; undefined where none leads from there or it would be too large. */
export async function deltaFrom(sql: Sql, list: ListName, from: number): Promise<ListDelta | undefined> {
  const head = await listHead(sql, list)
  const base = await listHead(sql, list, from)
  if (!head || !base || base.version >= head.version) return undefined
  const limit = deltaEntriesMax + 1
  const upserts = await sql.all<{ entry: string }>(
    `SELECT entry FROM list_entries WHERE list = ? AND since > ? AND gone IS NULL ORDER BY key LIMIT ?`,
    [list, from, limit],
  )
  const deletes = await sql.all<{ key: string }>(
    `SELECT old.key AS key FROM list_entries AS old
     WHERE old.list = ? AND old.gone > ? AND old.since <= ? AND NOT EXISTS (
       SELECT 1 FROM list_entries AS now WHERE now.list = old.list AND now.key = old.key AND now.gone IS NULL)
     ORDER BY old.key LIMIT ?`,
    [list, from, from, limit],
  )
  if (upserts.length > deltaEntriesMax || deletes.length > deltaEntriesMax) return undefined
  return {
    v: wireVersion,
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

/** Entries of one kept version after a key. Versions stay readable while others are made. */
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

/** Forgets versions before the newest `keep`, and entries that are in none of those kept. */
export async function pruneVersions(sql: Sql, list: ListName, keep: number): Promise<void> {
  const oldest = await sql.one<{ version: number | null }>(
    'SELECT max(version) - ? AS version FROM list_versions WHERE list = ?',
    [keep - 1, list],
  )
  if (!oldest?.version || oldest.version <= 1) return
  await sql.run('DELETE FROM list_versions WHERE list = ? AND version < ?', [list, oldest.version])
  await sql.run('DELETE FROM list_entries WHERE list = ? AND gone IS NOT NULL AND gone <= ?', [
    list,
    oldest.version,
  ])
}

function headOf(list: ListName, row: VersionRow): ListHead {
  return {
    v: wireVersion,
    list,
    version: row.version,
    count: row.count,
    contentHash: row.content_hash,
    publishedAt: row.published_at,
  }
}
