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

/**
 * A leaf. `lines`: the hashes of its entries in key order, one a line, no newline at the end; that is what a
 * database joins by itself.
 */
export function leafNode(leaf: number, count: number, lines: string): HashNode {
  return node('leaf', leaf, count, lines)
}

/** A branch. `lines`: {@link lineOf} each of its leaves that is not empty, ascending, joined as above. */
export function branchNode(branch: number, count: number, lines: string): HashNode {
  return node('branch', branch, count, lines)
}

/** The line of a leaf in its branch, or of a branch in the root. */
export function lineOf({ at, hash }: HashNode): string {
  return `${at} ${hash}`
}

function node(level: 'leaf' | 'branch', at: number, count: number, lines: string): HashNode {
  const text = `lanekeeper list ${level} 1 ${at} ${count}\n${lines}${lines === '' ? '' : '\n'}`
  return { at, count, hash: sha256Hex(text) }
}

/** Count and content hash of a list with these branches in ascending order; empty ones count as not there. */
export function rootOf(branches: readonly HashNode[]): ListContent {
  let count = 0
  let lines = ''
  for (const branch of branches) {
    if (branch.count === 0) continue
    count += branch.count
    lines += `${lineOf(branch)}\n`
  }
  return { count, contentHash: sha256Hex(`lanekeeper list root 1 ${count}\n${lines}`) }
}

/** The content hash of the empty list. */
export const emptyContentHash = rootOf([]).contentHash

/** Branches from leaves that come in ascending order, for whoever makes a whole tree. */
export class BranchMaker {
  readonly branches: HashNode[] = []
  #branch = -1
  #count = 0
  #lines: string[] = []

  add(leaf: HashNode): void {
    if (leaf.count === 0) return
    if (branchOf(leaf.at) !== this.#branch) this.#close()
    this.#branch = branchOf(leaf.at)
    this.#count += leaf.count
    this.#lines.push(lineOf(leaf))
  }

  /** The root, when every leaf was added. */
  finish(): ListContent {
    this.#close()
    return rootOf(this.branches)
  }

  #close(): void {
    if (this.#count > 0) this.branches.push(branchNode(this.#branch, this.#count, this.#lines.join('\n')))
    this.#count = 0
    this.#lines = []
  }
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
  const maker = new BranchMaker()
  for (const [leaf, hashes] of [...leaves].sort(([a], [b]) => a - b)) {
    const sorted = [...hashes].sort(([a], [b]) => compareKeys(a, b))
    maker.add(leafNode(leaf, hashes.size, sorted.map(([, hash]) => hash).join('\n')))
  }
  return maker.finish()
}
