import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { listWireVersion, type ListHead } from '../../edge/messages/down.js'
import type { ListEntry, ListName } from '../../edge/messages/entities.js'
import { leafOf, type HashNode } from '../../edge/messages/list-hash.js'
import { textOf, type Change, type HeldEntry } from '../domain/list-change.js'
import type { Database, Sql } from './database.js'
import { addComingNames, markNames, nameRows, takeBackNames, type NameRow } from './list-names.js'
import { leavesWith, markPlaces, placeEntries, takeBackPlaces } from './list-tree.js'
import { makeTreeBeside, switchTree } from './list-tree-sides.js'
import { bytesAfter, insertEntries, lineBytes, listHead, pendingVersion, saveHead } from './lists.js'
import { SortedRows, type Cell } from './sorted-rows.js'

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
      return await store({ database, load, version, leaves: new Set(), grown: 0 }, load, folder)
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
  /** By how many bytes of lines the list grows, counted on the way. */
  grown: number
}

/** Rows of a load on their way into the order of their trees. */
interface Sorted {
  /** A hash that is empty marks a place that is left. */
  readonly places: SortedRows
  readonly leavingNames: SortedRows
  readonly names: SortedRows
}

async function store<Outcome>(under: Under, load: Load<Outcome>, folder: string): Promise<Outcome> {
  const { database, version } = under
  const { list } = load
  const opened: SortedRows[] = []
  const open = async (name: string): Promise<SortedRows> => {
    const rows = await SortedRows.open(path.join(folder, name))
    opened.push(rows)
    return rows
  }
  try {
    const sorted: Sorted = {
      places: await open('places.db'),
      leavingNames: await open('leaving-names.db'),
      names: await open('names.db'),
    }
    let sorting = Promise.resolve()
    for (let page = await storePage(under); page; page = await storePage(under)) {
      await sorting
      // Beside the next page, since it is another file; looked at with the next page, or at the end.
      sorting = sort(under, page, sorted)
      sorting.catch(() => undefined)
    }
    await sorting
    await eachPage(under, sorted.places, async (sql, rows) => {
      const left = rows.filter(([, , hash]) => hash === '').map((row) => row.slice(0, 2))
      await markPlaces(sql, list, version, left)
      const came = rows.filter(([, , hash]) => hash !== '')
      await placeEntries(
        sql,
        list,
        came.map(([leaf, key, hash]) => ({
          ...{ leaf: Number(leaf), key: String(key), hash: String(hash) },
          since: version,
        })),
      )
    })
    // Those that leave first: what comes then takes the mark from a name that the entry keeps.
    await eachPage(under, sorted.leavingNames, (sql, rows) => markNames(sql, list, version, rows.map(nameOf)))
    await eachPage(under, sorted.names, (sql, rows) => addComingNames(sql, list, version, rows.map(nameOf)))
    const nodes = await leafNodes(under)
    const tree = await makeTreeBeside((work) => step(under, work), list, under.leaves, nodes)
    return await database.transact(
      async (sql) => load.finish(sql, await putInForce(sql, under, tree)),
      load.committed,
    )
  } finally {
    for (const rows of opened) await rows.close()
  }
}

function nameOf([name, value, key]: readonly Cell[]): NameRow {
  return [String(name), String(value), String(key)]
}

/** All of the rows in their order, a page a step. */
async function eachPage(
  under: Under,
  sorted: SortedRows,
  work: (sql: Sql, rows: readonly (readonly Cell[])[]) => Promise<void>,
): Promise<void> {
  for await (const rows of sorted.pages(rowsAtOnce)) await step(under, (sql) => work(sql, rows))
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

interface Leaving {
  readonly key: string
  readonly entry: string
}

interface StoredPage {
  readonly upserts: readonly HeldEntry[]
  /** What is in force under the keys of the page. */
  readonly leaving: readonly Leaving[]
}

/** Stores the next page among the others, and marks what leaves with it; null: that was all. */
function storePage(under: Under): Promise<StoredPage | null> {
  const { load, version } = under
  const { list } = load
  return step(under, async (sql) => {
    const page = await load.next(sql)
    if (!page) return null
    const { upserts, deletes, isNew = false } = page
    const leaving = isNew ? [] : await markEntries(under, sql, [...deletes, ...upserts.map(({ key }) => key)])
    await insertEntries(sql, list, version, upserts)
    return { upserts, leaving }
  })
}

async function markEntries(under: Under, sql: Sql, keys: readonly string[]): Promise<readonly Leaving[]> {
  const { list } = under.load
  const rows = await sql.all<Leaving & { bytes: number }>(
    `SELECT key, entry, ${lineBytes} AS bytes FROM list_entries
     WHERE list = ? AND gone IS NULL AND key IN (SELECT value FROM json_each(?))`,
    [list, JSON.stringify(keys)],
  )
  await sql.run(
    `UPDATE list_entries_all SET gone = ?1
     WHERE list = ?2 AND gone IS NULL AND key IN (SELECT value FROM json_each(?3))`,
    [under.version, list, JSON.stringify(rows.map(({ key }) => key))],
  )
  for (const { bytes } of rows) under.grown -= bytes
  return rows
}

async function sort(under: Under, { upserts, leaving }: StoredPage, sorted: Sorted): Promise<void> {
  const { list } = under.load
  for (const one of upserts) under.grown += Buffer.byteLength(textOf(one)) + 1
  const rows = [
    ...leaving.map(({ key }) => [leafOf(key), key, ''] as const),
    ...upserts.map(({ key, hash }) => [leafOf(key), key, hash] as const),
  ]
  for (const [leaf] of rows) under.leaves.add(leaf)
  await sorted.places.add(rows)
  await sorted.leavingNames.add(namesOf(list, leaving))
  await sorted.names.add(nameRows(list, upserts))
}

function namesOf(list: ListName, rows: readonly Leaving[]): NameRow[] {
  return nameRows(
    list,
    rows.map(({ key, entry }) => ({ key, entry: JSON.parse(entry) as ListEntry })),
  )
}

/** The leaves that the version makes anew, made while it is still nobody's. */
async function leafNodes(under: Under): Promise<HashNode[]> {
  const sorted = [...under.leaves].sort((a, b) => a - b)
  const nodes: HashNode[] = []
  for (let at = 0; at < sorted.length; at += leavesAtOnce) {
    const some = sorted.slice(at, at + leavesAtOnce)
    const made = await step(under, (sql) => leavesWith(sql, under.load.list, some))
    for (const node of made) nodes.push(node)
  }
  return nodes
}

async function putInForce(sql: Sql, { load, version, grown }: Under, tree: string): Promise<ListHead> {
  const { list, by, atMs } = load
  const before = await refuseMovedOn(sql, load)
  await sql.run('DELETE FROM list_pending WHERE list = ?', [list])
  const { count, contentHash } = await switchTree(sql, list, tree)
  const bytes = await bytesAfter(sql, list, before, version, grown)
  const head = { v: listWireVersion, list, version, count, contentHash, publishedAt: atMs, bytes } as const
  await saveHead(sql, head, by)
  return head
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
 * Takes back what a load stored and marked that did not come into force, a page at a time; each page leaves the file so
 * that it can be gone on with.
 */
async function takeBack(database: Database, list: ListName): Promise<void> {
  while (
    await database.transact(async (sql) => {
      const version = await pendingVersion(sql, list)
      const page = (by: 'since' | 'gone') =>
        sql.all<Leaving>(
          `SELECT key, entry FROM list_entries_all WHERE list = ? AND ${by} = ? LIMIT ${rowsAtOnce}`,
          [list, version],
        )
      const [came, leaving] = [await page('since'), await page('gone')]
      if (came.length + leaving.length === 0) {
        await sql.run('DELETE FROM list_pending WHERE list = ?', [list])
        return false
      }
      await takeBackRows(sql, list, version, { came, leaving })
      return true
    })
  );
}

async function takeBackRows(
  sql: Sql,
  list: ListName,
  version: number,
  { came, leaving }: { readonly came: readonly Leaving[]; readonly leaving: readonly Leaving[] },
): Promise<void> {
  const names = { came: namesOf(list, came), leaving: namesOf(list, leaving) }
  await takeBackNames(sql, list, version, names)
  const cameKeys = came.map(({ key }) => key)
  const leavingKeys = leaving.map(({ key }) => key)
  await takeBackPlaces(sql, list, version, { came: cameKeys, leaving: leavingKeys })
  await sql.run(
    `DELETE FROM list_entries_all WHERE list = ? AND since = ? AND key IN (SELECT value FROM json_each(?))`,
    [list, version, JSON.stringify(cameKeys)],
  )
  await sql.run(
    `UPDATE list_entries_all SET gone = NULL
     WHERE list = ? AND gone = ? AND key IN (SELECT value FROM json_each(?))`,
    [list, version, JSON.stringify(leavingKeys)],
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
