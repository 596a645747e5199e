import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { canonicalJson } from '../base/canonical.js'
import { systemRandom } from '../base/random.js'
import { listKeyOf, type ListEntry } from './entities.js'
import {
  branchNode,
  branchOf,
  compareKeys,
  contentOf,
  emptyContentHash,
  entryHashOf,
  leafNode,
  leafOf,
  lineOf,
  rootOf,
  type HashNode,
} from './list-hash.js'

const seed = Number(process.env.SEED ?? Math.floor(systemRandom.next() * 2 ** 31))
t.comment(`SEED=${seed}`)

const sha = (text: string): string => createHash('sha256').update(text).digest('hex')
const tag = (epc: string, vehicleId = 'V1'): ListEntry => ({ kind: 'tag', epc, state: 'ACTIVE', vehicleId })

/** The definition once more, word for word and with nothing of the module. */
function byDefinition(entries: readonly ListEntry[]): string {
  const sorted = [...entries].sort((a, b) =>
    Buffer.compare(Buffer.from(listKeyOf(a)), Buffer.from(listKeyOf(b))),
  )
  const first16 = (entry: ListEntry): number =>
    createHash('sha256').update(listKeyOf(entry)).digest().readUInt16BE()
  const lines = (from: number, to: number, deeper: (n: number) => string | null): string =>
    Array.from({ length: to - from }, (_, n) => deeper(from + n))
      .filter((line) => line !== null)
      .join('')
  const within = (test: (leaf: number) => boolean): ListEntry[] => sorted.filter((one) => test(first16(one)))
  const leafLine = (leaf: number): string | null => {
    const its = within((one) => one === leaf)
    const text = `lanekeeper list leaf 1 ${leaf} ${its.length}\n${its.map((one) => `${sha(canonicalJson(one))}\n`).join('')}`
    return its.length === 0 ? null : `${leaf} ${sha(text)}\n`
  }
  const branchLine = (branch: number): string | null => {
    const count = within((one) => one >> 8 === branch).length
    if (count === 0) return null
    const below = lines(branch * 256, branch * 256 + 256, leafLine)
    return `${branch} ${sha(`lanekeeper list branch 1 ${branch} ${count}\n${below}`)}\n`
  }
  return sha(`lanekeeper list root 1 ${entries.length}\n${lines(0, 256, branchLine)}`)
}

t.test('the hash of a list is the one that its definition says, whatever the order of its entries', (t) => {
  const some = ['A', 'B', '粤Z1港', '😀', '\uffee', 'E2801170'].map((epc) => tag(epc))
  t.equal(contentOf(some).contentHash, byDefinition(some))
  t.equal(contentOf([...some].reverse()).contentHash, byDefinition(some))
  t.equal(contentOf([]).contentHash, emptyContentHash)
  t.equal(emptyContentHash, byDefinition([]))
  t.equal(contentOf(some).count, 6)
  t.throws(() => contentOf([tag('A'), tag('A', 'V2')]), /stands twice/)
  // Written down once, so that nobody changes the definition and both ends of the wire together.
  t.equal(emptyContentHash, sha('lanekeeper list root 1 0\n'))
  t.equal(
    contentOf([tag('A')]).contentHash,
    'cdead4a6c3e44aed514942a56252c7f4dda8212c19eb4db3984848ff0dc35ce0',
  )
  t.end()
})

/** A tree as a store keeps it: only the leaves and branches of what changes are made again. */
class Kept {
  readonly #entries = new Map<string, string>()
  readonly #leaves = new Map<number, HashNode>()
  readonly #branches = new Map<number, HashNode>()
  contentHash = emptyContentHash
  count = 0

  change(upserts: readonly ListEntry[], deletes: readonly string[]): void {
    for (const key of deletes) this.#entries.delete(key)
    for (const entry of upserts) this.#entries.set(listKeyOf(entry), entryHashOf(entry))
    const touched = new Set([...deletes, ...upserts.map(listKeyOf)].map(leafOf))
    for (const leaf of touched) {
      const its = [...this.#entries].filter(([key]) => leafOf(key) === leaf)
      its.sort(([a], [b]) => compareKeys(a, b))
      put(this.#leaves, leafNode(leaf, its.length, its.map(([, hash]) => hash).join('\n')))
    }
    for (const branch of new Set([...touched].map(branchOf))) {
      const its = [...this.#leaves.values()].filter(({ at }) => branchOf(at) === branch)
      its.sort((a, b) => a.at - b.at)
      const count = its.reduce((sum, leaf) => sum + leaf.count, 0)
      put(this.#branches, branchNode(branch, count, its.map(lineOf).join('\n')))
    }
    const root = rootOf([...this.#branches.values()].sort((a, b) => a.at - b.at))
    this.contentHash = root.contentHash
    this.count = root.count
  }
}

function put(nodes: Map<number, HashNode>, node: HashNode): void {
  if (node.count === 0) nodes.delete(node.at)
  else nodes.set(node.at, node)
}

/** Keys that share leaves and branches, so that a change meets neighbours: found by trying, once. */
const crowded = ((): string[] => {
  const byBranch = new Map<number, string[]>()
  for (let n = 0; byBranch.size === 0 || n < 40_000; n += 1) {
    const key = n % 3 === 0 ? `粤${n}` : n % 3 === 1 ? `😀${n}` : `E${n}`
    const leaf = leafOf(key)
    if (leaf === 0x1234 || leaf === 0x1235 || leaf >> 8 === 0xff)
      byBranch.set(leaf, [...(byBranch.get(leaf) ?? []), key])
  }
  return [...byBranch.values()].flat().slice(0, 60)
})()

t.test('changed step by step, in any order, a tree is the one that is made from scratch', (t) => {
  const change = fc.record({
    puts: fc.array(fc.tuple(fc.constantFrom(...crowded), fc.integer({ min: 0, max: 3 })), { maxLength: 6 }),
    takes: fc.array(fc.constantFrom(...crowded), { maxLength: 3 }),
  })
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
      const kept = new Kept()
      const all = new Map<string, ListEntry>()
      for (const { puts, takes } of changes) {
        const upserts = new Map(puts.map(([key, n]) => [key, tag(key, `V${n}`)]))
        const deletes = takes.filter((key) => !upserts.has(key))
        kept.change([...upserts.values()], deletes)
        for (const key of deletes) all.delete(key)
        for (const [key, entry] of upserts) all.set(key, entry)
        const scratch = contentOf([...all.values()])
        if (kept.contentHash !== scratch.contentHash || kept.count !== scratch.count) return false
      }
      return true
    }),
    { seed, numRuns: 150 },
  )
  t.ok(crowded.length > 40, 'many entries stood in the same branch')
  t.end()
})

t.test('an entry changed, missing, added or put under another key changes the hash of the list', (t) => {
  const content = fc.uniqueArray(fc.constantFrom(...crowded), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(content, fc.nat(), fc.constantFrom(...crowded), (keys, which, other) => {
      const entries = keys.map((key) => tag(key))
      const at = which % entries.length
      const without = entries.filter((_, n) => n !== at)
      const tried = [without, [...without, tag(keys[at] ?? '', 'V2')]]
      if (!keys.includes(other)) tried.push([...entries, tag(other)], [...without, tag(other)])
      const right = contentOf(entries).contentHash
      return tried.every((one) => contentOf(one).contentHash !== right)
    }),
    { seed, numRuns: 150 },
  )
  t.end()
})

t.test('a leaf, a branch and a root of the same lines have different hashes, and each its own place', (t) => {
  const same = [
    leafNode(0, 0, '').hash,
    branchNode(0, 0, '').hash,
    rootOf([]).contentHash,
    leafNode(1, 0, '').hash,
    branchNode(1, 0, '').hash,
  ]
  t.equal(new Set(same).size, same.length)
  const one = leafNode(5, 1, sha('x'))
  t.not(
    branchNode(0, 1, lineOf(one)).hash,
    branchNode(0, 1, lineOf({ ...one, at: 6 })).hash,
    'a leaf cannot change its place',
  )
  t.not(rootOf([one]).contentHash, rootOf([{ ...one, count: 2 }]).contentHash, 'nor its count')
  t.end()
})

t.test('keys are in the order of their bytes', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      const [left, right] = [a, b].map((text) => text.replace(/\p{Surrogate}/gu, ''))
      if (left === undefined || right === undefined) return false
      return (
        Math.sign(compareKeys(left, right)) ===
        Math.sign(Buffer.compare(Buffer.from(left), Buffer.from(right)))
      )
    }),
    { seed, numRuns: 2_000 },
  )
  t.ok(compareKeys('\uffee', '😀') < 0)
  t.end()
})
