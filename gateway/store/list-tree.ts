import {
  branchNode,
  branchOf,
  leafNode,
  leafOf,
  type HashNode,
  type ListContent,
} from '../../edge/messages/list-hash.js'
import type { Sql } from './database.js'
import { inForce } from './list-pending.js'
import { contentOfTree, insertNodes, treeOf, type NodeTable } from './list-tree-sides.js'
import type { Cell } from './sorted-rows.js'

const rowsAtOnce = 4_000
/** Leaves that are made anew in one statement: as many as a branch has. */
const leavesAtOnce = 256
const nodesAtOnce = 4_096
const backfillRows = 20_000
/** While a file is migrated its rows are written in another order than they are read, kibibytes. */
const migrationCacheKib = 131_072
const cacheKib = 2_000

/** An entry's place in the tree. */
export interface TreeEntry {
  readonly key: string
  readonly hash: string
  /** The version that it came with. */
  readonly since: number
  /** Its leaf, where that is known already. */
  readonly leaf?: number
}

interface Lines {
  readonly at: number
  readonly count: number
  readonly lines: string
}

/** Puts entries of a new version beside the tree, in its order, so that neighbours are written together. */
export async function placeEntries(
  sql: Sql,
  list: string,
  entries: readonly TreeEntry[],
  table: 'list_leaves_all' | 'list_leaves' = 'list_leaves_all',
): Promise<ReadonlySet<number>> {
  const rows = entries.map(({ key, hash, since, leaf = leafOf(key) }) => ({ leaf, key, hash, since }))
  rows.sort((a, b) => a.leaf - b.leaf)
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    const some = rows.slice(at, at + rowsAtOnce).map(({ leaf, key, since, hash }) => [leaf, key, hash, since])
    await sql.run(
      `INSERT INTO ${table} (list, leaf, key, since, hash)
       SELECT ?, value ->> 0, value ->> 1, value ->> 3, value ->> 2 FROM json_each(?)`,
      [list, JSON.stringify(some)],
    )
  }
  return new Set(rows.map(({ leaf }) => leaf))
}

/** The entries in force under these keys are in this version no more. */
export async function retirePlaces(
  sql: Sql,
  list: string,
  version: number,
  keys: readonly string[],
): Promise<ReadonlySet<number>> {
  const rows = keys.map((key) => [leafOf(key), key] as const).sort(([a], [b]) => a - b)
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    await sql.run(
      `UPDATE list_leaves_all SET gone = ?1 WHERE list = ?2 AND ${inForce('?2')}
         AND (leaf, key) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?3))`,
      [version, list, JSON.stringify(rows.slice(at, at + rowsAtOnce))],
    )
  }
  return new Set(rows.map(([leaf]) => leaf))
}

/** Marks places that are left with a version that is being stored. */
export async function markPlaces(
  sql: Sql,
  list: string,
  version: number,
  places: readonly (readonly Cell[])[],
): Promise<void> {
  await sql.run(
    `UPDATE list_leaves_all SET gone = ?1 WHERE list = ?2 AND gone IS NULL AND since IS NOT ?1
       AND (leaf, key) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?3))`,
    [version, list, JSON.stringify(places)],
  )
}

/** Takes back the places that a version brought, and the marks of those that it left, of these keys. */
export async function takeBackPlaces(
  sql: Sql,
  list: string,
  version: number,
  keys: { readonly came: readonly string[]; readonly leaving: readonly string[] },
): Promise<void> {
  const places = (some: readonly string[]) => JSON.stringify(some.map((key) => [leafOf(key), key]))
  await sql.run(
    `DELETE FROM list_leaves_all WHERE list = ?1 AND since = ?2
       AND (leaf, key) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?3))`,
    [list, version, places(keys.came)],
  )
  await sql.run(
    `UPDATE list_leaves_all SET gone = NULL WHERE list = ?1 AND gone = ?2
       AND (leaf, key) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?3))`,
    [list, version, places(keys.leaving)],
  )
}

/** Makes these leaves of the newest version anew, and what stands above them; nothing else is read. */
export async function refreshTree(sql: Sql, list: string, leaves: ReadonlySet<number>): Promise<ListContent> {
  return refreshTreeIn(sql, list, leaves, await treeOf(sql, list))
}

/** `tree`: the name that the tree of the list stands under. */
async function refreshTreeIn(
  sql: Sql,
  list: string,
  leaves: ReadonlySet<number>,
  tree: string,
): Promise<ListContent> {
  const sorted = [...leaves].sort((a, b) => a - b)
  const nodes: HashNode[] = []
  for (let at = 0; at < sorted.length; at += leavesAtOnce) {
    const rows = await sql.all<Lines>(
      `SELECT leaf AS at, count(*) AS count, group_concat(hash, char(10) ORDER BY key) AS lines
       FROM list_leaves WHERE list = ?1 AND gone IS NULL AND leaf IN (SELECT value FROM json_each(?2))
       GROUP BY leaf`,
      [list, JSON.stringify(sorted.slice(at, at + leavesAtOnce))],
    )
    for (const { at, count, lines } of rows) nodes.push(leafNode(at, count, lines))
  }
  return putLeaves(sql, tree, leaves, nodes)
}

/** These leaves as they will be with the version that is being stored, once all of it is (list-load.ts). */
export async function leavesWith(sql: Sql, list: string, leaves: readonly number[]): Promise<HashNode[]> {
  const rows = await sql.all<Lines>(
    `SELECT leaf AS at, count(*) AS count, group_concat(hash, char(10) ORDER BY key) AS lines
     FROM list_leaves_all WHERE list = ?1 AND gone IS NULL AND leaf IN (SELECT value FROM json_each(?2))
     GROUP BY leaf`,
    [list, JSON.stringify(leaves)],
  )
  return rows.map(({ at, count, lines }) => leafNode(at, count, lines))
}

/** Puts leaves that were made anew in their place, those without a node being empty, and makes what stands above. */
async function putLeaves(
  sql: Sql,
  tree: string,
  leaves: ReadonlySet<number>,
  nodes: readonly HashNode[],
): Promise<ListContent> {
  const numbers = [...leaves]
  for (let at = 0; at < numbers.length; at += nodesAtOnce)
    await removeNodes(sql, 'list_tree_leaves', tree, JSON.stringify(numbers.slice(at, at + nodesAtOnce)))
  for (let at = 0; at < nodes.length; at += nodesAtOnce)
    await insertNodes(sql, 'list_tree_leaves', tree, nodes.slice(at, at + nodesAtOnce))
  const above = JSON.stringify([...new Set(numbers.map(branchOf))])
  const rows = await sql.all<Lines>(
    `SELECT b.value AS at, sum(l.count) AS count,
       group_concat(l.at || ' ' || l.hash, char(10) ORDER BY l.at) AS lines
     FROM json_each(?2) AS b CROSS JOIN list_tree_leaves AS l
     WHERE l.list = ?1 AND l.at BETWEEN b.value * 256 AND b.value * 256 + 255 GROUP BY b.value`,
    [tree, above],
  )
  await removeNodes(sql, 'list_tree_branches', tree, above)
  const branches = rows.map(({ at, count, lines }) => branchNode(at, count, lines))
  await insertNodes(sql, 'list_tree_branches', tree, branches)
  return contentOfTree(sql, tree)
}

async function removeNodes(sql: Sql, table: NodeTable, tree: string, numbers: string): Promise<void> {
  await sql.run(`DELETE FROM ${table} WHERE list = ?1 AND at IN (SELECT value FROM json_each(?2))`, [
    tree,
    numbers,
  ])
}

interface LastVersion {
  readonly list: string
  readonly version: number
  readonly published_at: number
}

/**
 * Brings the lists of an older program under the tree, once, as part of a migration. Each list gets a
 * version of its own for it, since a version has one content hash for ever; what the versions before it
 * were cannot be told in the new way, so that an edge that had one of them fetches the list in full.
 */
export async function backfillTrees(sql: Sql): Promise<void> {
  await sql.all(`PRAGMA cache_size = -${migrationCacheKib}`)
  const lists = await sql.all<LastVersion>(
    'SELECT list, max(version) AS version, published_at FROM list_versions GROUP BY list',
  )
  await sql.run('DELETE FROM list_entries WHERE gone IS NOT NULL')
  for (const { list, version, published_at } of lists) {
    const leaves = new Set<number>()
    let after = ''
    for (;;) {
      const rows = await sql.all<TreeEntry>(
        `SELECT key, hash, since FROM list_entries WHERE list = ? AND key > ? ORDER BY key LIMIT ${backfillRows}`,
        [list, after],
      )
      for (const leaf of await placeEntries(sql, list, rows, 'list_leaves')) leaves.add(leaf)
      after = rows.at(-1)?.key ?? after
      if (rows.length < backfillRows) break
    }
    const { count, contentHash } = await refreshTreeIn(sql, list, leaves, list)
    await sql.run('DELETE FROM list_versions WHERE list = ?', [list])
    await sql.run(
      `INSERT INTO list_versions (list, version, count, content_hash, published_at, made_by)
       VALUES (?, ?, ?, ?, ?, 'migration')`,
      [list, version + 1, count, contentHash, published_at],
    )
  }
  await sql.all(`PRAGMA cache_size = -${cacheKib}`)
}

/**
 * The step of the schema that brings the tree: the entries in its order, and the hashes of leaves and
 * branches of the newest version.
 */
export const listTreeTables: readonly (string | ((sql: Sql) => Promise<void>))[] = [
  `CREATE TABLE list_leaves (
    list TEXT NOT NULL, leaf INTEGER NOT NULL, key TEXT NOT NULL, since INTEGER NOT NULL, gone INTEGER,
    hash TEXT NOT NULL, PRIMARY KEY (list, leaf, key, since)) WITHOUT ROWID`,
  'CREATE INDEX list_leaves_gone ON list_leaves (list, gone) WHERE gone IS NOT NULL',
  `CREATE TABLE list_tree_leaves (
    list TEXT NOT NULL, at INTEGER NOT NULL, count INTEGER NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (list, at)) WITHOUT ROWID`,
  `CREATE TABLE list_tree_branches (
    list TEXT NOT NULL, at INTEGER NOT NULL, count INTEGER NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (list, at)) WITHOUT ROWID`,
  backfillTrees,
]
