import {
  branchesCount,
  branchNode,
  branchOf,
  leavesCount,
  rootOf,
  type HashNode,
  type ListContent,
} from '../../edge/messages/list-hash.js'
import type { Sql } from './database.js'

/**
 * The tree of a list stands on one of two sides. A long version makes its tree on the other side, in pieces, while the
 * list goes on with its own; the last transaction says which side counts and writes no leaf. Rows of the side that does
 * not count are of nobody, and go before the next long version is made.
 */
export const treeSideTables: readonly string[] = [
  // A list without a row has its tree under its own name, as before there were two sides.
  'CREATE TABLE list_tree_sides (list TEXT PRIMARY KEY, tree TEXT NOT NULL) WITHOUT ROWID',
]

export type NodeTable = 'list_tree_leaves' | 'list_tree_branches'

/** Leaves that are written in one transaction, with the branches above them; each branch in one. */
const leavesAtOnce = 2_048
const leavesOfBranch = leavesCount / branchesCount

/** A short transaction of its own, in which the list is still what the long version was made against. */
export type Step = <T>(work: (sql: Sql) => Promise<T>) => Promise<T>

/** The name under which the tree of a list stands in `list_tree_leaves` and `list_tree_branches`. */
export async function treeOf(sql: Sql, list: string): Promise<string> {
  const row = await sql.one<{ tree: string }>('SELECT tree FROM list_tree_sides WHERE list = ?', [list])
  return row?.tree ?? list
}

export async function insertNodes(
  sql: Sql,
  table: NodeTable,
  tree: string,
  nodes: readonly HashNode[],
): Promise<void> {
  await sql.run(
    `INSERT INTO ${table} (list, at, count, hash)
     SELECT ?1, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?2)`,
    [tree, JSON.stringify(nodes.map(({ at, count, hash }) => [at, count, hash]))],
  )
}

/**
 * Makes the tree of the coming version beside the one that counts: the leaves that stay, and `nodes` for those of
 * `leaves` that are not empty. Returns the name of the tree for {@link switchTree}.
 */
export async function makeTreeBeside(
  step: Step,
  list: string,
  leaves: ReadonlySet<number>,
  nodes: readonly HashNode[],
): Promise<string> {
  let ground = await step((sql) => groundFor(sql, list, leaves))
  while (!ground.isClear) ground = await step((sql) => groundFor(sql, list, leaves))
  const { here, beside } = ground
  const made = new Map([...leaves].map((leaf) => [leaf, null as HashNode | null]))
  for (const node of nodes) made.set(node.at, node)
  const sorted = [...made].sort(([a], [b]) => a - b)
  let at = 0
  for (const { from, to } of ground.pieces) {
    const first = at
    while ((sorted[at]?.[0] ?? to) < to) at += 1
    const some = sorted.slice(first, at)
    await step(async (sql) => {
      await sql.run(
        `INSERT INTO list_tree_leaves (list, at, count, hash) SELECT ?1, at, count, hash FROM list_tree_leaves
         WHERE list = ?2 AND at >= ?3 AND at < ?4 AND at NOT IN (SELECT value FROM json_each(?5))`,
        [beside, here, from, to, JSON.stringify(some.map(([leaf]) => leaf))],
      )
      const full = some.flatMap(([, node]) => (node ? [node] : []))
      await insertNodes(sql, 'list_tree_leaves', beside, full)
      await insertNodes(sql, 'list_tree_branches', beside, await branchesOver(sql, beside, from, to))
    })
  }
  return beside
}

/** From now on this tree counts; the content is what it says. */
export async function switchTree(sql: Sql, list: string, tree: string): Promise<ListContent> {
  await sql.run('INSERT OR REPLACE INTO list_tree_sides (list, tree) VALUES (?, ?)', [list, tree])
  return contentOfTree(sql, tree)
}

/** What the branches of a tree come to. */
export async function contentOfTree(sql: Sql, tree: string): Promise<ListContent> {
  return rootOf(
    await sql.all<HashNode>('SELECT at, count, hash FROM list_tree_branches WHERE list = ? ORDER BY at', [
      tree,
    ]),
  )
}

interface Ground {
  readonly here: string
  readonly beside: string
  /** Nothing is left of an earlier version beside; else there is more to remove. */
  readonly isClear: boolean
  readonly pieces: readonly Piece[]
}

/** Where the tree of the coming version will stand; removes some of what stands there. */
async function groundFor(sql: Sql, list: string, leaves: ReadonlySet<number>): Promise<Ground> {
  const here = await treeOf(sql, list)
  const beside = here === list ? `${list}'` : list
  await sql.run('DELETE FROM list_tree_branches WHERE list = ?', [beside])
  const gone = await sql.run(
    `DELETE FROM list_tree_leaves WHERE list = ?1 AND at IN
       (SELECT at FROM list_tree_leaves WHERE list = ?1 LIMIT ?2)`,
    [beside, leavesAtOnce],
  )
  const isClear = gone < leavesAtOnce
  return { here, beside, isClear, pieces: isClear ? await pieces(sql, here, leaves) : [] }
}

interface Piece {
  /** The first leaf, and the first one that is no longer of it. */
  readonly from: number
  readonly to: number
}

/** Whole branches together as far as they have few leaves: a short list is one piece. */
async function pieces(sql: Sql, tree: string, leaves: ReadonlySet<number>): Promise<Piece[]> {
  const rows = await sql.all<{ branch: number; n: number }>(
    'SELECT at / ?2 AS branch, count(*) AS n FROM list_tree_leaves WHERE list = ?1 GROUP BY at / ?2',
    [tree, leavesOfBranch],
  )
  const sizes = new Map(rows.map(({ branch, n }) => [branch, n]))
  for (const leaf of leaves) {
    const branch = branchOf(leaf)
    sizes.set(branch, (sizes.get(branch) ?? 0) + 1)
  }
  const found: Piece[] = []
  let [from, size] = [0, 0]
  for (let branch = 0; branch < branchesCount; branch += 1) {
    const more = sizes.get(branch) ?? 0
    const to = branch * leavesOfBranch
    if (size > 0 && size + more > leavesAtOnce) {
      found.push({ from, to })
      ;[from, size] = [to, 0]
    }
    size += more
  }
  return size > 0 ? [...found, { from, to: leavesCount }] : found
}

async function branchesOver(sql: Sql, tree: string, from: number, to: number): Promise<HashNode[]> {
  const rows = await sql.all<{ at: number; count: number; lines: string }>(
    `SELECT at / ?4 AS at, sum(count) AS count, group_concat(at || ' ' || hash, char(10) ORDER BY at) AS lines
     FROM list_tree_leaves WHERE list = ?1 AND at >= ?2 AND at < ?3 GROUP BY at / ?4`,
    [tree, from, to, leavesOfBranch],
  )
  return rows.map(({ at, count, lines }) => branchNode(at, count, lines))
}
