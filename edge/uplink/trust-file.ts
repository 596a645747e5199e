import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { LanekeeperError, messageOf } from '../base/error.js'
import { canonicalJson } from '../base/canonical.js'
import type { FaultCode } from '../base/fault.js'
import type { Logger } from '../base/log.js'
import { describeProblems } from '../base/result.js'
import type { ListStore } from '../interfaces/list-store.js'
import {
  belongTogether,
  firstTrust,
  newerTrust,
  reviveTrust,
  type TrustState,
} from '../messages/trust/state.js'

export interface TrustFilesGiven {
  /** The root record of enrolment. */
  readonly rootFile: string
  /** Where the state is kept, twice and outside the database: losing one of them, or the database, takes nothing back. */
  readonly copies: readonly [string, string]
  readonly site: string
  /** When the program was built, UTC ms. */
  readonly builtAtMs: number
  /** Whether lists are in force here: then something was proven before, and must be there. */
  readonly holdsLists?: boolean
  readonly log: Logger
}

export interface TrustFiles {
  readonly state: TrustState
  /** In words, when a copy was there and could not be believed; null: none. */
  readonly damaged: string | null
  /** Both copies, each whole or not at all, on the disk when it resolves. */
  keep(state: TrustState): Promise<void>
}

/**
 * What the edge believed when it stopped: the copy that saw more, else the root of enrolment alone. Throws
 * `edge.trustRoot` when that root is none, is of another site, or is another one under the version that is known here.
 */
export async function openTrustFiles(given: TrustFilesGiven): Promise<TrustFiles> {
  const { rootFile, copies, site, builtAtMs, holdsLists = false, log } = given
  const first = firstTrust(await readRoot(rootFile), site, builtAtMs)
  if (!first.ok)
    throw new LanekeeperError('edge.trustRoot', `${rootFile}: ${describeProblems(first.problems)}`)
  const damaged: string[] = []
  let kept: TrustState | null = null
  for (const file of copies) {
    const text = await readIfThere(file, damaged)
    if (text === null) continue
    const revived = reviveTrust(text, site)
    if (!revived.ok) damaged.push(`${file}: ${describeProblems(revived.problems)}`)
    else kept = kept ? newerTrust(kept, revived.value) : revived.value
  }
  // One copy that is gone takes nothing back. Both do: what keys were revoked, and which versions and times were seen.
  if (!kept && holdsLists && damaged.length === 0)
    damaged.push(`${copies.join(' and ')} are gone, and lists are here: look who took them away`)
  for (const one of damaged)
    log.error({ damaged: one }, 'a copy of what was proven about lists cannot be believed')
  return {
    state: kept ? underRoot(first.value, kept, rootFile) : first.value,
    damaged: damaged.length > 0 ? damaged.join('; ') : null,
    keep: async (state) => {
      const text = JSON.stringify(state)
      for (const file of copies) await writeWhole(file, text)
    },
  }
}

/** What an edge's configuration says of the root of its lists, and where enrolment puts one. */
export interface EdgeTrustPlace {
  readonly trust?: { readonly rootFile?: string; readonly copyFile?: string; readonly unsigned?: true }
  readonly dataDir: string
  readonly site: string
  /** The root record that the gateway gave when the box enrolled, if it gave one. */
  readonly enrolledRootFile: string | null
}

/** By whom the lists of an edge are proven, and what people must be told of that. */
export interface EdgeTrust {
  readonly trust: TrustFiles | 'unsigned' | 'noRoot'
  readonly faults: readonly { readonly code: FaultCode; readonly detail: string }[]
}

const noRootRemedy =
  'enrol this box anew at a gateway that signs lists (lanekeeper enroll), or set trust.rootFile'

/**
 * The root of the configuration, else that of enrolment. A root that the configuration names must hold, and throws
 * `edge.trustRoot` else; one of enrolment that does not leaves the edge without a root, because a box must start
 * before it is enrolled, and be mended while it runs.
 */
export async function openEdgeTrust(
  place: EdgeTrustPlace,
  given: { readonly log: Logger; readonly lists: Pick<ListStore, 'inForce'> },
): Promise<EdgeTrust> {
  const { trust: asked, dataDir, site, enrolledRootFile } = place
  if (asked?.unsigned) {
    const detail = 'trust.unsigned is set: remove it once the gateway signs lists (lanekeeper keys)'
    return { trust: 'unsigned', faults: [{ code: 'controlList.unsigned', detail }] }
  }
  const copies = [
    path.join(dataDir, 'trust.json'),
    asked?.copyFile ?? path.join(dataDir, 'trust-copy', 'trust.json'),
  ] as const
  const builtAtMs = Math.floor(statSync(fileURLToPath(import.meta.url)).mtimeMs)
  const { log, lists } = given
  const holdsLists = lists.inForce().length > 0
  const open = (rootFile: string) => openTrustFiles({ rootFile, copies, site, builtAtMs, holdsLists, log })
  if (asked?.rootFile !== undefined) {
    const trust = await open(asked.rootFile)
    const detail = await difference(trust.state, asked.rootFile, place)
    return { trust, faults: [...damageOf(trust), ...faultOf('controlList.rootDiffers', detail)] }
  }
  if (enrolledRootFile === null || !existsSync(enrolledRootFile))
    return { trust: 'noRoot', faults: faultOf('controlList.noRoot', noRootRemedy) }
  try {
    const trust = await open(enrolledRootFile)
    return { trust, faults: damageOf(trust) }
  } catch (error) {
    const detail = `${messageOf(error)}; ${noRootRemedy}`
    return { trust: 'noRoot', faults: faultOf('controlList.noRoot', detail) }
  }
}

function faultOf(code: FaultCode, detail: string | null): EdgeTrust['faults'] {
  return detail === null ? [] : [{ code, detail }]
}

function damageOf({ damaged }: TrustFiles): EdgeTrust['faults'] {
  return faultOf('controlList.trustNotKept', damaged)
}

/** Why the root of enrolment is none of the chain that the configured one begins; null: there is none, or it is. */
async function difference(
  state: TrustState,
  rootFile: string,
  { enrolledRootFile, site }: EdgeTrustPlace,
): Promise<string | null> {
  if (enrolledRootFile === null || !existsSync(enrolledRootFile)) return null
  const remedy = `the gateway that this box enrolled at has other keys than ${rootFile}: find out which are right`
  const [configured, enrolled] = [
    firstTrust(await readRoot(rootFile), site, 0),
    firstTrust(await readRoot(enrolledRootFile), site, 0),
  ]
  if (!enrolled.ok) return `${enrolledRootFile}: ${describeProblems(enrolled.problems)}; ${remedy}`
  const known = [state.root, ...(configured.ok ? [configured.value.root] : [])]
  return known.some((root) => belongTogether(root, enrolled.value.root))
    ? null
    : `${enrolledRootFile}: ${remedy}`
}

/** A root that is newer than what was kept came by hand: it begins anew, above everything that was seen. */
function underRoot(first: TrustState, kept: TrustState, rootFile: string): TrustState {
  const timeFloor = Math.max(first.timeFloor, kept.timeFloor)
  const [given, known] = [first.root.signed, kept.root.signed]
  if (given.version > known.version)
    return { ...first, delegationFloor: kept.delegationFloor, revoked: kept.revoked, timeFloor }
  if (given.version === known.version && canonicalJson(given) !== canonicalJson(known))
    throw new LanekeeperError(
      'edge.trustRoot',
      `${rootFile}: another root ${given.version} is known here: enrol this edge anew, with an empty data directory`,
    )
  return { ...kept, timeFloor }
}

async function readRoot(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new LanekeeperError('edge.trustRoot', `${file} cannot be read: ${messageOf(error)}`)
  }
}

async function readIfThere(file: string, damaged: string[]): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      damaged.push(`${file}: ${messageOf(error)}`)
    return null
  }
}

async function writeWhole(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const handle = await open(`${file}.part`, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(`${file}.part`, file)
  // The new name is durable only with its folder.
  const folder = await open(path.dirname(file), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
