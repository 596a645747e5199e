import path from 'node:path'
import { canonicalJson } from '../base/canonical.js'
import { systemClock } from '../base/clock.js'
import { messageOf } from '../base/error.js'
import { silentLogger } from '../base/log.js'
import { describeProblems } from '../base/result.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import type { SubjectKey } from '../interfaces/list-store.js'
import type { ListEntry, ListName } from '../messages/entities.js'
import { contentOf } from '../messages/list-hash.js'
import { looksOf } from '../messages/list-looks.js'
import { trustedLists } from '../messages/trust/judge.js'
import { openEdgeStore, type EdgeStore } from '../store/index.js'
import { Connection } from '../store/sqlite.js'
import { trustCopyNames } from '../testing/list-plan.js'
import { openTrustFiles } from '../uplink/trust-file.js'
import {
  deltaOf,
  headOf,
  oneMore,
  tortureSite,
  type TorturePlan,
  type Version,
} from './torture-lists-plan.js'

/** What had certainly happened before a cut, and what was under way. */
export interface Expected {
  /** Version that each list had reached for certain: whoever brought it was told so. */
  readonly done: ReadonlyMap<ListName, number>
  /** Lists whose next version was under way. */
  readonly underWay: ReadonlySet<ListName>
  /** The newest proof that was kept for certain, as a version of the timestamp. */
  readonly kept: number
}

export interface Verdict {
  readonly is: 'old' | 'new' | 'mixed'
  /** What is wrong; empty unless mixed. */
  readonly complaints: readonly string[]
}

/** How many entries are looked up one by one; memory is compared whole. */
const lookedUp = 25

/**
 * Opens what a cut left as an edge does at its start, and compares everything an edge could answer by with the one
 * version that it may be: heads, hash over the entries, memory, lookups, names, trust. Then it must go on: an older
 * version is refused, the change that was cut and one more come in.
 */
export async function judgeFolder(
  folder: string,
  torture: TorturePlan,
  expected: Expected,
): Promise<Verdict> {
  const complaints: string[] = []
  let isNew = expected.underWay.size === 0
  try {
    const store = await open(folder, complaints)
    try {
      const inForce = new Map<ListName, Version>()
      for (const list of torture.versions.keys()) {
        const version = versionInForce(store.lists, list, torture, expected, complaints)
        if (!version) continue
        inForce.set(list, version)
        if (expected.underWay.has(list) && version.head.version > (expected.done.get(list) ?? 0)) isNew = true
        await compare(store, folder, version, torture, complaints)
      }
      await compareTrust(folder, torture, inForce, expected, complaints)
      for (const [list, version] of inForce)
        if (expected.underWay.has(list)) await goOn(store, torture, version, complaints)
    } finally {
      await store.close()
    }
    await lookAtPages(folder, complaints)
  } catch (error) {
    complaints.push(`it does not open: ${messageOf(error)}`)
  }
  return { is: complaints.length > 0 ? 'mixed' : isNew ? 'new' : 'old', complaints }
}

interface OpenStore {
  readonly lists: EdgeStore['lists']
  readonly control: MemoryControl
  close(): Promise<void>
}

async function open(folder: string, complaints: string[]): Promise<OpenStore> {
  const control = new MemoryControl()
  const store = await openEdgeStore({
    ...{ dataDir: folder, edgeId: 'edge-1', clock: systemClock, log: silentLogger, control },
    onFault: ({ is, code, source }) => {
      if (is === 'raised' && code.startsWith('controlList.')) complaints.push(`${code} of ${source}`)
    },
    retention: { ballastBytes: 0, freeMinBytes: 1 },
  })
  return { lists: store.lists, control, close: () => store.close() }
}

/** The version that the list is, when it is one that it may be. */
function versionInForce(
  lists: EdgeStore['lists'],
  list: ListName,
  { versions }: TorturePlan,
  { done, underWay }: Expected,
  complaints: string[],
): Version | null {
  const held = lists.inForce().find((one) => one.list === list)
  const reached = done.get(list) ?? 0
  const may = (versions.get(list) ?? []).filter(
    ({ head }) => head.version === reached || (underWay.has(list) && head.version === reached + 1),
  )
  const version = may.find(({ head }) => head.version === held?.version)
  if (!held || !version) {
    complaints.push(`${list} is ${held ? `version ${held.version}` : 'not there'}, ${reached} was reached`)
    return null
  }
  const { head } = version
  if (held.contentHash !== head.contentHash || held.count !== head.count)
    complaints.push(`${list}@${head.version} names another content`)
  return version
}

/** Entries, tree, names, memory and lookups against the version. */
async function compare(
  { lists, control }: OpenStore,
  folder: string,
  { head, entries }: Version,
  { versions }: TorturePlan,
  complaints: string[],
): Promise<void> {
  const { list } = head
  const where = `${list}@${head.version}`
  const found = await readRows(folder, list)
  const content = contentOf(found.entries)
  if (content.contentHash !== head.contentHash)
    complaints.push(`${where}: the entries hash to another content`)
  if (found.leaves !== head.count || found.branches !== head.count)
    complaints.push(`${where}: the tree counts ${found.leaves} and ${found.branches}, not ${head.count}`)
  const names = entries.reduce(
    // A tag is found by its vehicle as well.
    (sum, entry) =>
      sum + new Set(looksOf(entry).map(({ value }) => value)).size + (entry.kind === 'tag' ? 1 : 0),
    0,
  )
  const plates = entries.reduce((sum, entry) => sum + platesOf(entry).length, 0)
  if (found.looks !== names || found.plates !== plates)
    complaints.push(`${where}: ${found.looks} names and ${found.plates} plates, not ${names} and ${plates}`)
  const everKnown = (versions.get(list) ?? []).flatMap((version) => version.entries)
  if (list === 'orders' || list === 'blacklist') {
    const wrong = wrongInMemory(control, list, everKnown, entries)
    if (wrong) complaints.push(`${where}: memory is wrong about ${wrong}`)
    return
  }
  const wrong = await wrongLookup(lists, entries, everKnown)
  if (wrong) complaints.push(`${where}: a lookup is wrong about ${wrong}`)
}

interface Rows {
  readonly entries: readonly ListEntry[]
  readonly leaves: number
  readonly branches: number
  readonly plates: number
  readonly looks: number
}

/** Past the store, what lies in the file under the head. */
async function readRows(folder: string, list: ListName): Promise<Rows> {
  const connection = await Connection.openReadOnly(path.join(folder, 'lists.db'))
  const head = 'generation = (SELECT generation FROM lists WHERE list = ?1)'
  const number = async (what: string, table: string): Promise<number> => {
    const sql = `SELECT coalesce(${what}, 0) AS n FROM ${table} WHERE ${head}`
    return (await connection.all<{ n: number }>(sql, [list]))[0]?.n ?? -1
  }
  try {
    const rows = await connection.all<{ body: string }>(`SELECT body FROM entries WHERE ${head}`, [list])
    return {
      entries: rows.map(({ body }) => JSON.parse(body) as ListEntry),
      leaves: await number('sum(count)', 'leaves'),
      branches: await number('sum(count)', 'branches'),
      plates: await number('count(*)', 'plates'),
      looks: await number('count(*)', 'looks'),
    }
  } finally {
    await connection.close()
  }
}

/** A subject about which memory says something else than the entries do; null: none. */
function wrongInMemory(
  control: MemoryControl,
  list: 'orders' | 'blacklist',
  everKnown: readonly ListEntry[],
  entries: readonly ListEntry[],
): string | null {
  const right = new Map<string, string[]>()
  const subjects = new Map<string, SubjectKey>()
  for (const entry of [...everKnown, ...entries]) {
    if (entry.kind !== 'order' && entry.kind !== 'blacklist') continue
    const { kind, key } = entry.subject
    if (kind !== 'PLATE_PATTERN') subjects.set(`${kind} ${key}`, { kind, key })
  }
  for (const entry of entries) {
    if (entry.kind !== 'order' && entry.kind !== 'blacklist') continue
    const at = `${entry.subject.kind} ${entry.subject.key}`
    right.set(at, [...(right.get(at) ?? []), canonicalJson(entry)])
  }
  for (const [at, subject] of subjects) {
    const found = list === 'orders' ? control.ordersOn([subject]) : control.blacklistOn([subject])
    if (found === 'unknown') return `${at}: it knows nothing`
    const said = found.map((entry) => canonicalJson(entry)).sort()
    if (said.join() !== (right.get(at) ?? []).sort().join()) return at
  }
  return null
}

/** A key about which the store says something else than the entries do; null: none. Some of those ever known are asked. */
async function wrongLookup(
  lists: EdgeStore['lists'],
  entries: readonly ListEntry[],
  everKnown: readonly ListEntry[],
): Promise<string | null> {
  const step = Math.max(1, Math.floor(everKnown.length / lookedUp))
  for (const known of everKnown.filter((_, n) => n % step === 0)) {
    const answered = await answeredFor(lists, known)
    const right = rightFor(entries, known)
    if (answered !== right) return canonicalJson(known)
  }
  return null
}

async function answeredFor(lists: EdgeStore['lists'], known: ListEntry): Promise<string> {
  if (known.kind === 'tag') return canonicalJson((await lists.factsOfTag(known.epc)).tag)
  if (known.kind === 'vehicle')
    return canonicalJson((await lists.factsOfPlate(platesOf(known)[0] ?? '')).vehicle)
  if (known.kind !== 'trip') return ''
  const found = await lists.find('trips', 'vehicle', [known.vehicleId])
  return canonicalJson(found)
}

function rightFor(entries: readonly ListEntry[], known: ListEntry): string {
  if (known.kind === 'tag')
    return canonicalJson(entries.find((one) => one.kind === 'tag' && one.epc === known.epc) ?? null)
  if (known.kind === 'vehicle') {
    const [plate = ''] = platesOf(known)
    return canonicalJson(entries.find((one) => platesOf(one).includes(plate)) ?? null)
  }
  if (known.kind !== 'trip') return ''
  const trips = entries.filter((one) => one.kind === 'trip' && one.vehicleId === known.vehicleId)
  const idOf = (one: ListEntry): string => (one.kind === 'trip' ? one.tripId : '')
  return canonicalJson(trips.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1)))
}

function platesOf(entry: ListEntry): string[] {
  return entry.kind === 'vehicle' ? [...new Set(entry.plates.map(({ text }) => text))] : []
}

/** The files outside the database: neither damaged nor behind the lists or behind what was kept. */
async function compareTrust(
  folder: string,
  { plan }: TorturePlan,
  inForce: ReadonlyMap<ListName, Version>,
  { kept }: Expected,
  complaints: string[],
): Promise<void> {
  const [first, second] = trustCopyNames
  const { state, damaged } = await openTrustFiles({
    rootFile: plan.rootFile,
    copies: [path.join(folder, first), path.join(folder, second)],
    site: tortureSite,
    builtAtMs: 0,
    log: silentLogger,
  })
  if (damaged !== null) complaints.push(`trust: ${damaged}`)
  const seen = state.timestamp?.signed.version ?? 0
  if (seen < kept) complaints.push(`trust: the timestamp went back to ${seen}, ${kept} was kept`)
  const named = trustedLists(state) ?? {}
  for (const [list, { head }] of inForce) {
    const proven = named[list]
    if (!proven || proven.version < head.version)
      complaints.push(`${list}@${head.version} is in force, proven is ${proven?.version ?? 'nothing'}`)
    else if (proven.version === head.version && proven.contentHash !== head.contentHash)
      complaints.push(`${list}@${head.version} is in force with a content that was not proven`)
  }
}

/** A healthy store refuses what is older, takes what was cut, and one more version after it. */
async function goOn(
  { lists }: OpenStore,
  { versions }: TorturePlan,
  now: Version,
  complaints: string[],
): Promise<void> {
  const { list, version } = now.head
  const streamed = async function* (entries: readonly ListEntry[]): AsyncIterable<ListEntry> {
    for (const entry of entries) yield await Promise.resolve(entry)
  }
  const older = await lists.applyFull(headOf(list, version - 1, []), streamed([]))
  if (older.ok) complaints.push(`${list} went back from ${version} to ${version - 1}`)
  const next = versions.get(list)?.find(({ head }) => head.version === version + 1) ?? oneMore(list, now)
  const full = await lists.applyFull(next.head, streamed(next.entries))
  if (!full.ok) complaints.push(`${list}@${version + 1} does not come in: ${describeProblems(full.problems)}`)
  const delta = await lists.applyDelta(deltaOf(next, oneMore(list, next)))
  if (!delta.ok) complaints.push(`no delta after ${list}@${version + 1}: ${describeProblems(delta.problems)}`)
}

async function lookAtPages(folder: string, complaints: string[]): Promise<void> {
  const connection = await Connection.openReadOnly(path.join(folder, 'lists.db'))
  try {
    const [row] = await connection.all<{ integrity_check: string }>('PRAGMA integrity_check(3)')
    if (row?.integrity_check !== 'ok') complaints.push(`lists.db: ${row?.integrity_check ?? 'no answer'}`)
  } finally {
    await connection.close()
  }
}
