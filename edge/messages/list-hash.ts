import { canonicalJson } from '../base/canonical.js'
import { sha256Hex } from '../base/hash.js'
import { listKeyOf, type ListEntry } from './entities.js'

/**
 * The content hash of a list, as a tree, so that a change of a hundred entries costs a hundred leaves
 * and not a pass over a million entries. All hashes are SHA-256 in lower-case hex, over UTF-8 text:
 *
 * - entry: its canonical JSON (base/canonical.ts), which contains its key;
 * - leaf, one of 65,536: all entries whose key's own SHA-256 begins with these 16 bits:
 *   `lanekeeper list leaf 1 <leaf> <count>\n`, then for each entry in key order `<entry hash>\n`;
 * - branch, one of 256, the upper 8 bits of the leaf's number:
 *   `lanekeeper list branch 1 <branch> <count>\n`, then for each leaf that is not empty, ascending,
 *   `<leaf> <leaf hash>\n`;
 * - root, which is `ListHead.contentHash`: `lanekeeper list root 1 <count>\n`, then for each branch that
 *   is not empty, ascending, `<branch> <branch hash>\n`.
 *
 * `<count>` is the number of entries below. Numbers are decimal. The first words of each text keep the
 * levels apart, so that no text of one can be passed off as another's; an empty leaf or branch is a
 * line that is not there, and the empty list has {@link emptyContentHash}.
 */
export const leavesCount = 65_536
export const branchesCount = 256

/** A leaf or a branch: its number, the entries below it, and its hash. An empty one has the count 0. */
export interface HashNode {
  readonly at: number
  readonly count: number
  readonly hash: string
}

/** What a head says of its content. */
export interface ListContent {
  readonly count: number
  readonly contentHash: string
}

/** The hash of an entry, as the leaves hold it. */
export function entryHashOf(entry: ListEntry): string {
  return sha256Hex(canonicalJson(entry))
}

/** The leaf of a key, 0 to 65,535. */
export function leafOf(key: string): number {
  return Number.parseInt(sha256Hex(key).slice(0, 4), 16)
}

/** The branch of a leaf, 0 to 255. */
export function branchOf(leaf: number): number {
  return leaf >>> 8
}

/** Order of keys by code point, which is the order of their UTF-8 bytes and SQLite's own. */
export function compareKeys(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length)
  for (let i = 0; i < shorter; i += 1) {
    const [one, other] = [a.charCodeAt(i), b.charCodeAt(i)]
    if (one !== other) return rank(one) - rank(other)
  }
  return a.length - b.length
}

/** Code units of a surrogate pair stand for code points above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit
}

/** A leaf with the hashes of its entries, which the caller gives in key order. */
export function leafNode(leaf: number, entryHashes: readonly string[]): HashNode {
  const count = entryHashes.length
  const lines = count === 0 ? '' : `${entryHashes.join('\n')}\n`
  return { at: leaf, count, hash: sha256Hex(`lanekeeper list leaf 1 ${leaf} ${count}\n${lines}`) }
}

/** A branch with its leaves in ascending order; empty ones count as not there. */
export function branchNode(branch: number, leaves: readonly HashNode[]): HashNode {
  const { count, lines } = below(leaves)
  return { at: branch, count, hash: sha256Hex(`lanekeeper list branch 1 ${branch} ${count}\n${lines}`) }
}

/** Count and content hash of a list with these branches in ascending order. */
export function rootOf(branches: readonly HashNode[]): ListContent {
  const { count, lines } = below(branches)
  return { count, contentHash: sha256Hex(`lanekeeper list root 1 ${count}\n${lines}`) }
}

function below(nodes: readonly HashNode[]): { readonly count: number; readonly lines: string } {
  let count = 0
  let lines = ''
  for (const node of nodes) {
    if (node.count === 0) continue
    count += node.count
    lines += `${node.at} ${node.hash}\n`
  }
  return { count, lines }
}

/** The content hash of the empty list. */
export const emptyContentHash = rootOf([]).contentHash

/** What changes of a tree when some leaves have changed. */
export interface TreeChange extends ListContent {
  /** The branches of the changed leaves, as they are now; count 0: it is empty. */
  readonly branches: readonly HashNode[]
}

/**
 * The tree after some leaves have changed. `changed`: these leaves as they are now, count 0 where
 * nothing is left; `leaves`: all leaves of their branches as they were; `branches`: all branches as
 * they were. The order of none of them matters.
 */
export function treeAfter(
  changed: readonly HashNode[],
  leaves: readonly HashNode[],
  branches: readonly HashNode[],
): TreeChange {
  const next = byNumber(leaves)
  for (const leaf of changed) next.set(leaf.at, leaf)
  const touched = new Map(changed.map(({ at }) => [branchOf(at), [] as HashNode[]]))
  for (const leaf of ascending(next)) touched.get(branchOf(leaf.at))?.push(leaf)
  const now = [...touched].map(([branch, its]) => branchNode(branch, its))
  const all = byNumber(branches)
  for (const branch of now) all.set(branch.at, branch)
  return { branches: now, ...rootOf(ascending(all)) }
}

function byNumber(nodes: readonly HashNode[]): Map<number, HashNode> {
  return new Map(nodes.map((node) => [node.at, node]))
}

function ascending(nodes: ReadonlyMap<number, HashNode>): HashNode[] {
  return [...nodes.values()].sort((a, b) => a.at - b.at)
}

/** The hashes of a leaf's entries in key order after some were put in (a hash) or taken out (null). */
export function leafAfter(
  held: readonly { readonly key: string; readonly hash: string }[],
  changes: ReadonlyMap<string, string | null>,
): string[] {
  const next = new Map<string, string>(held.map(({ key, hash }) => [key, hash]))
  for (const [key, hash] of changes) {
    if (hash === null) next.delete(key)
    else next.set(key, hash)
  }
  return [...next.keys()].sort(compareKeys).map((key) => next.get(key) ?? '')
}

/** Count and content hash of these entries in any order, from scratch. Throws where a key stands twice. */
export function contentOf(entries: readonly ListEntry[]): ListContent {
  const leaves = new Map<number, Map<string, string>>()
  for (const entry of entries) {
    const key = listKeyOf(entry)
    const leaf = leaves.get(leafOf(key)) ?? new Map<string, string>()
    if (leaf.has(key)) throw new RangeError(`the key ${key} stands twice`)
    leaves.set(leafOf(key), leaf.set(key, entryHashOf(entry)))
  }
  const nodes = [...leaves].map(([leaf, hashes]) => leafNode(leaf, leafAfter([], hashes)))
  const { count, contentHash } = treeAfter(nodes, [], [])
  return { count, contentHash }
}
