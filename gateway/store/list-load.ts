import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { listWireVersion, type ListHead } from '../../edge/messages/down.js'
import { listKeyOf, type ListEntry, type ListName } from '../../edge/messages/entities.js'
import { leafOf, type HashNode } from '../../edge/messages/list-hash.js'
import { textOf, type Change, type HeldEntry } from '../domain/list-change.js'
import type { Database, Sql } from './database.js'
import { entriesByKey, insertNames, nameEntries, nameRows, removeNames } from './list-names.js'
import { leavesWith, placeEntries, putLeaves } from './list-tree.js'
import {
  bytesAfter,
  heldHashes,
  insertEntries,
  listHead,
  pendingVersion,
  retireEntries,
  saveHead,
} from './lists.js'
import { SortedRows } from './sorted-rows.js'

/** A page of a change that is too large for one transaction. No key stands in two of them. */
export interface LoadPage extends Change {
  /** Nothing of it is in the list yet: then nothing is looked for that would leave. */
  readonly isNew?: boolean
}

export interface Load<Outcome> {
  readonly list: ListName
  /** The version that the pages were made against; 0: there is none yet. */
  readonly baseVersion: number
  readonly by: string
  readonly atMs: number
  /** The next page, read within the transaction that stores it; null: that was all. */
  readonly next: (sql: Sql) => Promise<LoadPage | null>
  /** Within the transaction that puts the version in force; what it throws leaves the list as it was. */
  readonly finish: (sql: Sql, head: ListHead) => Promise<Outcome>
  readonly committed?: (outcome: Outcome) => void
}

/** Another version was made of the list while a long one was stored: nobody has seen that difference. */
export class MovedOn extends Error {}

/** Another long version of the list is being stored, or taken back. */
export class LoadUnderWay extends Error {}

/** What one transaction stores: some ten milliseconds for whoever waits behind it. */
const rowsAtOnce = 4_000
const leavesAtOnce = 1_024

/**
 * Puts a change of any size in force as the next version, in many short transactions and a last one that makes all of
 * it visible at once: others get their turn in between, and memory holds a page. Where the list moves on meanwhile, or
 * anything fails, what was stored is taken back, and the list is as others left it. Throws {@link MovedOn},
 * {@link LoadUnderWay}, or what the page or the end threw.
 */
export async function loadVersion<Outcome>(database: Database, load: Load<Outcome>): Promise<Outcome> {
  const { list, baseVersion } = load
  const running = runningIn(database)
  if (running.has(list))
    throw new LoadUnderWay(`another long version of ${list} is being stored: wait for it`)
  running.add(list)
  const version = baseVersion + 1
  // One a list, so that what a killed process left there is found again.
  const folder = path.join(database.folder, 'loads', list)
  try {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    // What a process that was killed had stored.
    await takeBack(database, list)
    await database.transact(async (sql) => {
      await refuseMovedOn(sql, load)
      await sql.run('INSERT INTO list_pending (list, version) VALUES (?, ?)', [list, version])
    })
    try {
      return await store({ database, load, version, leaves: new Set(), bytes: 0 }, load, folder)
    } catch (error) {
      // Where this fails too it is done before the next long version; until then the rows are in no list.
      await takeBack(database, list).catch(() => undefined)
      throw error
    }
  } finally {
    running.delete(list)
    rmSync(folder, { recursive: true, force: true })
  }
}

const loads = new WeakMap<Database, Set<ListName>>()

/** Lists of which a load of this process is under way. */
function runningIn(database: Database): Set<ListName> {
  const running = loads.get(database) ?? new Set<ListName>()
  loads.set(database, running)
  return running
}

/** What a load knows on its way. */
interface Under {
  readonly database: Database
  readonly load: Omit<Load<never>, 'finish' | 'committed'>
  readonly version: number
  readonly leaves: Set<number>
  /** Of the entries as lines, counted on the way. */
  bytes: number
}

async function store<Outcome>(under: Under, load: Load<Outcome>, folder: string): Promise<Outcome> {
  const { database, version } = under
  const { list } = load
  const places = await SortedRows.open(path.join(folder, 'places.db'))
  const names = await SortedRows.open(path.join(folder, 'names.db'))
  try {
    let sorting = Promise.resolve()
    for (let page = await storePage(under); page; page = await storePage(under)) {
      await sorting
      // Beside the next page, since it is another file; looked at with the next page, or at the end.
      sorting = sort(under, page, places, names)
      sorting.catch(() => undefined)
    }
    await sorting
    for await (const rows of places.pages(rowsAtOnce)) {
      const some = rows.map(([leaf, key, hash]) => ({
        ...{ leaf: Number(leaf), key: String(key), hash: String(hash) },
        since: version,
      }))
      await step(under, (sql) => placeEntries(sql, list, some))
    }
    for await (const rows of names.pages(rowsAtOnce)) {
      const some = rows.map(([name, value, key]) => [String(name), String(value), String(key)] as const)
      await step(under, (sql) => insertNames(sql, list, some))
    }
    const nodes = await leafNodes(under)
    return await database.transact(
      async (sql) => load.finish(sql, await putInForce(sql, under, nodes)),
      load.committed,
    )
  } finally {
    await places.close()
    await names.close()
  }
}

/** A short transaction of its own, in which the list is still what the pages were made against. */
function step<T>({ database, load }: Under, work: (sql: Sql) => Promise<T>): Promise<T> {
  return database.transact(
    async (sql) => {
      await refuseMovedOn(sql, load)
      return work(sql)
    },
    undefined,
    { isPart: true },
  )
}

interface StoredPage {
  readonly deletes: readonly string[]
  readonly upserts: readonly HeldEntry[]
  /** Those of them that are in force. */
  readonly held: ReadonlySet<string>
}

/** Stores the next page among the others; null: that was all. */
function storePage(under: Under): Promise<StoredPage | null> {
  const { load, version } = under
  const { list } = load
  return step(under, async (sql) => {
    const page = await load.next(sql)
    if (!page) return null
    const { upserts, deletes } = page
    const keys = [...deletes, ...upserts.map(({ key }) => key)]
    const held = page.isNew ? new Set<string>() : new Set((await heldHashes(sql, list, keys)).keys())
    if (held.size > 0) await saveLeaving(sql, list, [...held])
    await insertEntries(sql, list, version, upserts)
    return { upserts, deletes, held }
  })
}

async function sort(
  under: Under,
  { deletes, upserts, held }: StoredPage,
  places: SortedRows,
  names: SortedRows,
): Promise<void> {
  for (const key of deletes) under.leaves.add(leafOf(key))
  for (const one of upserts) under.bytes += Buffer.byteLength(textOf(one)) + 1
  const rows = upserts.map(({ key, hash }) => [leafOf(key), key, hash] as const)
  for (const [leaf] of rows) under.leaves.add(leaf)
  await places.add(rows)
  // The new names of an entry that is in force come with the last transaction: until then it does not bear them.
  const fresh = held.size === 0 ? upserts : upserts.filter(({ key }) => !held.has(key))
  await names.add(nameRows(under.load.list, fresh))
}

async function saveLeaving(sql: Sql, list: ListName, keys: readonly string[]): Promise<void> {
  await sql.run(
    'INSERT INTO list_leaving (list, leaf, key) SELECT ?, value ->> 0, value ->> 1 FROM json_each(?)',
    [list, JSON.stringify(keys.map((key) => [leafOf(key), key]))],
  )
}

/** The leaves that the version makes anew, made while it is still nobody's. */
async function leafNodes(under: Under): Promise<HashNode[]> {
  const sorted = [...under.leaves].sort((a, b) => a - b)
  const nodes: HashNode[] = []
  for (let at = 0; at < sorted.length; at += leavesAtOnce) {
    const some = sorted.slice(at, at + leavesAtOnce)
    const made = await step(under, (sql) => leavesWith(sql, under.load.list, under.version, some))
    for (const node of made) nodes.push(node)
  }
  return nodes
}

async function putInForce(
  sql: Sql,
  { load, version, leaves, bytes: came }: Under,
  nodes: readonly HashNode[],
): Promise<ListHead> {
  const { list, by, atMs } = load
  const before = await refuseMovedOn(sql, load)
  for (let after = { leaf: -1, key: '' }; ;) {
    const rows = await sql.all<{ leaf: number; key: string }>(
      `SELECT leaf, key FROM list_leaving WHERE list = ? AND (leaf, key) > (?, ?) ORDER BY leaf, key LIMIT ${rowsAtOnce}`,
      [list, after.leaf, after.key],
    )
    const last = rows.at(-1)
    if (!last) break
    after = last
    const keys = rows.map(({ key }) => key)
    await retireEntries(sql, list, version, keys)
    await nameEntries(sql, list, await cameUnder(sql, list, version, keys))
  }
  await sql.run('DELETE FROM list_leaving WHERE list = ?', [list])
  await sql.run('DELETE FROM list_pending WHERE list = ?', [list])
  const { count, contentHash } = await putLeaves(sql, list, leaves, nodes)
  const bytes = await bytesAfter(sql, list, before, version, came)
  const head = { v: listWireVersion, list, version, count, contentHash, publishedAt: atMs, bytes } as const
  await saveHead(sql, head, by)
  return head
}

/** What the version brings under these keys. */
async function cameUnder(
  sql: Sql,
  list: ListName,
  version: number,
  keys: readonly string[],
): Promise<HeldEntry[]> {
  const rows = await sql.all<{ key: string; hash: string; entry: string }>(
    `SELECT key, hash, entry FROM list_entries_all
     WHERE list = ? AND since = ? AND key IN (SELECT value FROM json_each(?))`,
    [list, version, JSON.stringify(keys)],
  )
  return rows.map(({ key, hash, entry }) => ({ key, hash, entry: JSON.parse(entry) as ListEntry }))
}

async function refuseMovedOn(
  sql: Sql,
  { list, baseVersion }: Pick<Load<unknown>, 'list' | 'baseVersion'>,
): Promise<ListHead | undefined> {
  const head = await listHead(sql, list)
  if ((head?.version ?? 0) !== baseVersion)
    throw new MovedOn(`${list} is at version ${head?.version ?? 0}, no longer at ${baseVersion}`)
  return head
}

/**
 * Takes back what a load stored that did not come into force, a page at a time; each page leaves the file so that
 * it can be gone on with. Names that an entry in force bears as well stay.
 */
async function takeBack(database: Database, list: ListName): Promise<void> {
  while (
    await database.transact(async (sql) => {
      const version = await pendingVersion(sql, list)
      const rows = await sql.all<{ key: string; entry: string }>(
        `SELECT key, entry FROM list_entries_all WHERE list = ? AND since = ? ORDER BY key LIMIT ${rowsAtOnce}`,
        [list, version],
      )
      if (rows.length === 0) {
        await sql.run('DELETE FROM list_leaving WHERE list = ?', [list])
        await sql.run('DELETE FROM list_pending WHERE list = ?', [list])
        return false
      }
      await removeRows(sql, list, version, rows)
      return true
    })
  );
}

async function removeRows(
  sql: Sql,
  list: ListName,
  version: number,
  rows: readonly { readonly key: string; readonly entry: string }[],
): Promise<void> {
  const keys = rows.map(({ key }) => key)
  const came = nameRows(
    list,
    rows.map(({ key, entry }) => ({ key, entry: JSON.parse(entry) as ListEntry })),
  )
  const held = (await entriesByKey(sql, list, keys)).map((entry) => ({ key: listKeyOf(entry), entry }))
  const borne = new Set(nameRows(list, held).map((row) => JSON.stringify(row)))
  await removeNames(
    sql,
    list,
    came.filter((row) => !borne.has(JSON.stringify(row))),
  )
  await sql.run(
    `DELETE FROM list_leaves_all WHERE list = ?1 AND since = ?2
       AND (leaf, key) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?3))`,
    [list, version, JSON.stringify(keys.map((key) => [leafOf(key), key]))],
  )
  await sql.run(
    `DELETE FROM list_entries_all WHERE list = ? AND since = ? AND key IN (SELECT value FROM json_each(?))`,
    [list, version, JSON.stringify(keys)],
  )
}

/** Entries in pages of a load, of a list that has none of them. */
export function newPages(entries: readonly HeldEntry[]): () => Promise<LoadPage | null> {
  let at = 0
  return () => {
    const upserts = entries.slice(at, at + rowsAtOnce)
    at += rowsAtOnce
    return Promise.resolve(upserts.length === 0 ? null : { upserts, deletes: [], isNew: true })
  }
}
