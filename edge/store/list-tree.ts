import {
  branchNode,
  branchOf,
  leafNode,
  leavesCount,
  rootOf,
  type HashNode,
  type ListContent,
} from '../messages/list-hash.js'
import type { Connection } from './sqlite.js'

/** Entries that one step of a pass over a list reads, on average. */
const stepEntries = 2_000

/** Ranges of leaves, both ends included, with about `entries` entries each, for a list of `count`. */
export function* leafRanges(count: number, entries = stepEntries): Generator<readonly [number, number]> {
  const width = Math.min(leavesCount, Math.max(1, Math.floor((leavesCount * entries) / Math.max(count, 1))))
  for (let from = 0; from < leavesCount; from += width) {
    yield [from, Math.min(from + width, leavesCount) - 1]
  }
}

interface Lines {
  readonly at: number
  readonly count: number
  readonly lines: string
}

/** Joined by the engine: the rows of a leaf as objects would cost the lanes' thread more than their hash. */
const leafLines = `SELECT leaf AS at, count(*) AS count,
  group_concat(lower(hex(hash)), char(10) ORDER BY key) AS lines FROM entries WHERE generation = ?1`

/** Leaves in a range, made from the hashes that lie beside the entries. */
export async function leavesIn(
  connection: Connection,
  generation: number,
  [from, to]: readonly [number, number],
): Promise<HashNode[]> {
  const rows = await connection.all<Lines>(
    `${leafLines} AND leaf BETWEEN ?2 AND ?3 GROUP BY leaf ORDER BY leaf`,
    [generation, from, to],
  )
  return rows.map(({ at, count, lines }) => leafNode(at, count, lines))
}

/** Writes nodes that were not there. */
export async function insertNodes(
  connection: Connection,
  table: 'leaves' | 'branches',
  generation: number,
  nodes: readonly HashNode[],
): Promise<void> {
  const there = nodes.filter(({ count }) => count > 0)
  if (there.length === 0) return
  await connection.run(
    `INSERT INTO ${table} (generation, at, count, hash)
     SELECT ?1, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?2)`,
    [generation, JSON.stringify(there.map(({ at, count, hash }) => [at, count, hash]))],
  )
}

/** The branches as they stand beside the list, ascending. */
export function storedBranches(connection: Connection, generation: number): Promise<HashNode[]> {
  return connection.all<HashNode>('SELECT at, count, hash FROM branches WHERE generation = ? ORDER BY at', [
    generation,
  ])
}

/**
 * Makes the tree anew above entries that were just changed, and nothing else of it. Within the caller's
 * transaction; `leaves` are the leaves of the changed keys.
 */
export async function refreshTree(
  connection: Connection,
  generation: number,
  leaves: ReadonlySet<number>,
): Promise<ListContent> {
  const touched = JSON.stringify([...leaves])
  const changed = await connection.all<Lines>(
    `${leafLines} AND leaf IN (SELECT value FROM json_each(?2)) GROUP BY leaf`,
    [generation, touched],
  )
  await replaceNodes(
    connection,
    'leaves',
    generation,
    touched,
    changed.map(({ at, count, lines }) => leafNode(at, count, lines)),
  )
  const above = JSON.stringify([...new Set([...leaves].map(branchOf))])
  const branches = await connection.all<Lines>(
    `SELECT b.value AS at, sum(l.count) AS count,
       group_concat(l.at || ' ' || l.hash, char(10) ORDER BY l.at) AS lines
     FROM json_each(?2) AS b CROSS JOIN leaves AS l
     WHERE l.generation = ?1 AND l.at BETWEEN b.value * 256 AND b.value * 256 + 255 GROUP BY b.value`,
    [generation, above],
  )
  await replaceNodes(
    connection,
    'branches',
    generation,
    above,
    branches.map(({ at, count, lines }) => branchNode(at, count, lines)),
  )
  return rootOf(await storedBranches(connection, generation))
}

async function replaceNodes(
  connection: Connection,
  table: 'leaves' | 'branches',
  generation: number,
  numbers: string,
  nodes: readonly HashNode[],
): Promise<void> {
  await connection.run(
    `DELETE FROM ${table} WHERE generation = ?1 AND at IN (SELECT value FROM json_each(?2))`,
    [generation, numbers],
  )
  await insertNodes(connection, table, generation, nodes)
}
