import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { z } from 'zod'
import { canonicalJson } from '../base/canonical.js'
import { LanekeeperError } from '../base/error.js'
import { listEntrySchema, listKeyOf, listNames, type ListEntry, type ListName } from '../messages/entities.js'
import { RecordedLists } from '../store/read-lists.js'
import { entryHistorySchema, versionsSchema } from '../../gateway/api/list-history-routes.js'
import { listStateSchema } from '../../gateway/api/schemas.js'
import type { EntryState } from '../../gateway/store/list-history.js'
import { StoredLists } from '../../gateway/store/read-lists.js'

/** One version of a list, wherever it is looked at. */
export interface SeenList {
  readonly list: ListName
  readonly version: number
  readonly count: number
  readonly contentHash: string
  /** UTC ms. */
  readonly publishedAt: number
  /** At an edge: when the gateway last said that it is the newest, UTC ms; null: never. Undefined: not at an edge. */
  readonly confirmedAt?: number | null
  /** At a gateway: who made it. */
  readonly by?: string
  /** False: an edge that knows a version and believes no content. */
  readonly isThere: boolean
}

export interface SeenEntry {
  readonly key: string
  /** The hash that stands beside it; null where none is stored. */
  readonly hash: string | null
  /** SHA-256 of its canonical JSON, made here. */
  readonly ownHash: string
  readonly body: string
}

/** Where lists are looked at; nothing is ever changed there. */
export interface ListSource {
  readonly where: string
  /** The newest of each list. */
  lists(): Promise<readonly SeenList[]>
  /** One version; throws where it is not kept. */
  version(list: ListName, version: number): Promise<SeenList>
  entries(seen: SeenList): AsyncGenerator<readonly SeenEntry[]>
  /** Null: this place keeps no history. */
  history(list: ListName, key: string): Promise<readonly EntryState[] | null>
  close(): Promise<void>
}

const versionsMax = 1_000

/** The folder of an edge. */
export async function edgeSource(dataDir: string): Promise<ListSource> {
  const stored = await RecordedLists.open(dataDir)
  const lists = () => stored.lists()
  return {
    where: dataDir,
    lists,
    version: async (list, version) => {
      const found = (await lists()).find((one) => one.list === list)
      if (found?.version === version) return found
      throw notKept(list, version, dataDir, 'an edge keeps the newest one only')
    },
    entries: async function* entries(seen) {
      const found = (await lists()).find((one) => one.list === seen.list)
      if (!found?.isThere) return
      for await (const rows of stored.entries(found)) yield rows.map(seenEntry)
    },
    history: () => Promise.resolve(null),
    close: () => stored.close(),
  }
}

/** The folder of a gateway that does not run. */
export async function gatewaySource(dataDir: string): Promise<ListSource> {
  const stored = await StoredLists.open(dataDir)
  const there = (head: Omit<SeenList, 'isThere'>): SeenList => ({ ...head, isThere: true })
  return {
    where: dataDir,
    lists: async () => {
      const newest = await Promise.all(listNames.map((list) => stored.versions(list, 1)))
      return newest.flat().map(there)
    },
    version: async (list, version) => {
      const found = (await stored.versions(list, versionsMax)).find((one) => one.version === version)
      if (found) return there(found)
      throw notKept(list, version, dataDir, 'older versions are forgotten')
    },
    entries: async function* entries({ list, version }) {
      for await (const rows of stored.entries(list, version)) yield rows.map(seenEntry)
    },
    history: (list, key) => stored.history(list, key),
    close: () => stored.close(),
  }
}

const stateSchema = z.object({ lists: z.array(listStateSchema) })

/** A gateway that runs, as the person whose one-time sign-in link this is. */
export async function apiSource(link: string): Promise<ListSource> {
  const { origin } = new URL(link)
  const signedIn = await fetch(link, { redirect: 'manual' })
  const cookie = signedIn.headers.getSetCookie()[0]?.split(';')[0]
  if (signedIn.status >= 400 || cookie === undefined)
    throw new LanekeeperError(
      'lists.notSignedIn',
      `${origin} does not take this link (${signedIn.status}): it works once, ask for a new one`,
    )
  const ask = async (address: string): Promise<Response> => {
    const response = await fetch(`${origin}${address}`, { headers: { cookie } })
    if (response.ok) return response
    const why = (await response.text()).slice(0, 300)
    throw new LanekeeperError('lists.refused', `${origin}${address}: ${response.status} ${why}`)
  }
  const versions = async (list: ListName, limit: number) =>
    versionsSchema.parse(await (await ask(`/api/lists/${list}/versions?limit=${limit}`)).json()).versions
  return {
    where: origin,
    lists: async () => {
      const { lists } = stateSchema.parse(await (await ask('/api/state')).json())
      return lists.map((one) => ({ ...one, isThere: true }))
    },
    version: async (list, version) => {
      const found = (await versions(list, versionsMax)).find((one) => one.version === version)
      if (found) return { ...found, isThere: true }
      throw notKept(list, version, origin, 'older versions are forgotten')
    },
    entries: async function* entries({ list, version }) {
      const { body } = await ask(`/api/lists/${list}/export?format=ndjson&version=${version}`)
      if (body) yield* seenLines(Readable.fromWeb(body))
    },
    history: async (list, key) => {
      const answer = await ask(`/api/lists/${list}/history?key=${encodeURIComponent(key)}`)
      return entryHistorySchema.parse(await answer.json()).states
    },
    close: () => Promise.resolve(),
  }
}

async function* seenLines(input: Readable): AsyncGenerator<readonly SeenEntry[]> {
  let batch: SeenEntry[] = []
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    const body = canonicalJson(listEntrySchema.parse(JSON.parse(line)))
    batch.push(seenEntry({ key: listKeyOf(entryOf(body)), hash: null, body }))
    if (batch.length < 1_000) continue
    yield batch
    batch = []
  }
  yield batch
}

/** An entry as it stands, read with its schema. */
export function entryOf(body: string): ListEntry {
  return listEntrySchema.parse(JSON.parse(body))
}

function seenEntry(row: {
  readonly key: string
  readonly hash: string | null
  readonly body: string
}): SeenEntry {
  return { ...row, ownHash: createHash('sha256').update(row.body).digest('hex') }
}

function notKept(list: string, version: number, where: string, why: string): LanekeeperError {
  return new LanekeeperError('lists.notKept', `${where} does not keep ${list} version ${version}: ${why}`)
}
