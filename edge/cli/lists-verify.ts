import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { canonicalJson } from '../base/canonical.js'
import { LanekeeperError } from '../base/error.js'
import { describeProblems } from '../base/result.js'
import { BranchMaker, compareKeys, leafNode, leafOf } from '../messages/list-hash.js'
import { controlListNames, trustBounds } from '../messages/trust/bounds.js'
import { holdVersion, judgeRoot, trustedLists } from '../messages/trust/judge.js'
import { parseRecord } from '../messages/trust/parse.js'
import { signedRootSchema } from '../messages/trust/records.js'
import { roleFault } from '../messages/trust/signatures.js'
import { firstTrust, reviveTrust, type TrustState } from '../messages/trust/state.js'
import type { ListSource, SeenList } from './lists-source.js'
import { told, translated } from './spoken.js'

/** What was found wrong with the content of a list; empty: it is what its head says. */
export async function contentFaults(source: ListSource, seen: SeenList): Promise<string[]> {
  if (!seen.isThere) return ['no content is believed']
  const faults: string[] = []
  const leaves = new Map<number, Map<string, string>>()
  let count = 0
  for await (const entries of source.entries(seen)) {
    for (const { key, hash, ownHash } of entries) {
      count += 1
      if (hash !== null && hash !== ownHash && faults.length < 20)
        faults.push(`the entry ${key} is not what its hash says`)
      const leaf = leaves.get(leafOf(key)) ?? new Map<string, string>()
      leaves.set(leafOf(key), leaf.set(key, ownHash))
    }
  }
  const maker = new BranchMaker()
  for (const [leaf, hashes] of [...leaves].sort(([a], [b]) => a - b)) {
    const sorted = [...hashes].sort(([a], [b]) => compareKeys(a, b))
    maker.add(leafNode(leaf, hashes.size, sorted.map(([, hash]) => hash).join('\n')))
  }
  const made = maker.finish()
  if (count !== seen.count) faults.push(told`${count} entries are there, and the head says ${seen.count}`)
  if (made.contentHash !== seen.contentHash)
    faults.push(told`the content hashes to ${made.contentHash}, and the head says ${seen.contentHash}`)
  return faults
}

/** What an edge keeps as proven, believed as far as its own records go; undefined: it keeps none. */
export function keptTrust(dataDir: string): TrustState | undefined {
  const file = path.join(dataDir, 'trust.json')
  if (!existsSync(file)) return undefined
  const text = readFileSync(file, 'utf8')
  const site = /"site":"([^"]{1,64})"/.exec(text)?.[1] ?? ''
  const revived = reviveTrust(text, site)
  if (!revived.ok) throw new LanekeeperError('lists.trust', `${file}: ${describeProblems(revived.problems)}`)
  return revived.value
}

/**
 * What is wrong between the root that somebody holds and the one that an edge believes; the records of the roots
 * between them stand beside the given one.
 */
export function rootFaults(state: TrustState, rootFile: string): string[] {
  const first = firstTrust(readFileSync(rootFile, 'utf8'), state.site, 0)
  if (!first.ok) return [`${rootFile}: ${translated(describeProblems(first.problems))}`]
  const kept = state.root.signed
  let known = first.value
  while (known.root.signed.version < kept.version) {
    const next = path.join(path.dirname(rootFile), `root.${known.root.signed.version + 1}.json`)
    if (!existsSync(next)) return [told`${next} is missing: it leads from the given root to the one in force`]
    const parsed = parseRecord(signedRootSchema, readFileSync(next, 'utf8'), trustBounds.recordMaxBytes)
    if (!parsed.ok) return [`${next}: ${translated(parsed.refusal.detail)}`]
    const judged = judgeRoot(known, parsed.value)
    if (!judged.ok) return [`${next}: ${translated(judged.refusal.detail)}`]
    if (judged.state.root.signed.version <= known.root.signed.version) return [told`${next} is no newer root`]
    known = judged.state
  }
  return canonicalJson(known.root.signed) === canonicalJson(kept)
    ? []
    : [told`the root ${kept.version} in force is another one than ${rootFile} leads to`]
}

/** What is wrong with the signatures over one list, as an edge keeps them. */
export function signatureFaults(state: TrustState, seen: SeenList): string[] {
  const lists = trustedLists(state)
  if (!lists) return [told`no signed snapshot is kept that its timestamp names`]
  const listed = Object.hasOwn(lists, seen.list) ? lists[seen.list] : undefined
  if (!listed) return [told`the signed snapshot does not name it`]
  const { version, count, contentHash } = listed
  if (version !== seen.version) return [told`the signed snapshot names version ${version}`]
  if (count !== seen.count || contentHash !== seen.contentHash)
    return [told`the signed snapshot names another content`]
  if (!controlListNames.some((name) => name === seen.list)) return []
  const { delegation, site, revoked } = state
  if (!delegation || !listed.hold) return [told`no hold key has signed it`]
  const statement = holdVersion(site, seen.list, listed)
  const { keys, roles } = delegation.signed
  const fault = roleFault(statement, listed.hold, keys, roles.hold, revoked)
  return fault ? [told`hold key: ${translated(fault.detail)}`] : []
}
