import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { systemClock } from '../../base/clock.js'
import { messageOf } from '../../base/error.js'
import { silentLogger } from '../../base/log.js'
import { systemRandom } from '../../base/random.js'
import { describeProblems } from '../../base/result.js'
import { MemoryControl } from '../../domain/lists/memory-control.js'
import type { EdgeIdentity } from '../../interfaces/identity.js'
import type { Outbox } from '../../interfaces/journal.js'
import type { ListStore } from '../../interfaces/list-store.js'
import { listNames, type ListName } from '../../messages/entities.js'
import { firstTrust } from '../../messages/trust/state.js'
import { openEdgeStore } from '../../store/index.js'
import { openUplink, type EdgeUplink, type UplinkOptions } from '../../uplink/index.js'
import { openTrustFiles } from '../../uplink/trust-file.js'
import { untilAsked } from '../../cli/exit.js'
import { onSupervisor, tellSupervisor } from '../../cli/supervisor.js'
import { machineMs } from '../machine-time.js'
import { tlsOf } from '../tls-of.js'
import { LightLists } from './light-lists.js'

/** One process of the bench's edges; one JSON file on its command line. */
export interface EdgesSettings {
  readonly site: string
  readonly mqttUrl: string
  readonly edgeUrl: string
  /** Identity of each edge of this process; the first of them has a store and files of its own on the disk. */
  readonly edges: readonly { readonly edgeId: string; readonly identity: EdgeIdentity }[]
  readonly rootFile: string
  readonly dir: string
}

export type EdgesOrder =
  | { readonly do: 'connect'; readonly edges: number }
  | { readonly do: 'seen'; readonly orderId: string; readonly withinMs: number }
  | { readonly do: 'listenBare'; readonly url: string }
  | { readonly do: 'heardBare'; readonly messages: number; readonly withinMs: number }

/** Moments on the machine's clock at which each edge had the order in force. */
export interface EdgesSeen {
  /** What the process computed between the question and the answer, for all its edges together. */
  readonly cpuMs: number
  readonly lightMs: readonly number[]
  readonly durableMs: readonly number[]
}

const settings = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as EdgesSettings
const { site, mqttUrl, edgeUrl, rootFile } = settings
/** Handshakes at once. */
const connectingMax = 8

const seen = new Map<string, { lightMs: number[]; durableMs: number[] }>()
const heardBareMs: number[] = []
const uplinks: EdgeUplink[] = []
const closers: (() => Promise<void>)[] = []
const bare: MqttClient[] = []
const bareOptions = { protocolVersion: 4, clean: true, reconnectPeriod: 0 } as const
let first: LightLists | undefined

const seenOf = (orderId: string): { lightMs: number[]; durableMs: number[] } => {
  const known = seen.get(orderId) ?? { lightMs: [], durableMs: [] }
  seen.set(orderId, known)
  return known
}

/** An edge with nothing to tell: what goes up are its answers about lists. */
const nothingToSend: Outbox = {
  epoch: 'bench',
  batch: () => Promise.resolve([]),
  acknowledge: () => Promise.resolve(),
  status: () => ({ waiting: 0, lastSequence: 0, acknowledged: 0 }),
  onAppended: () => () => undefined,
}

function open(
  edgeId: string,
  identity: EdgeIdentity,
  over: Pick<UplinkOptions, 'outbox' | 'lists' | 'trust'>,
): EdgeUplink {
  const uplink = openUplink({
    ...{ site, edgeId, mqttUrl, httpUrl: edgeUrl, clock: systemClock, random: systemRandom },
    log: silentLogger,
    identity: { current: () => identity, onChanged: () => () => undefined },
    onDownlink: () => undefined,
    onFault: () => undefined,
    ...over,
  })
  uplinks.push(uplink)
  closers.push(() => uplink.close())
  return uplink
}

async function openDurable(edgeId: string, identity: EdgeIdentity): Promise<ListStore> {
  const dataDir = path.join(settings.dir, edgeId)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const store = await openEdgeStore({
    ...{ dataDir, edgeId, clock: systemClock, log: silentLogger, onFault: () => undefined },
    control: new MemoryControl(),
    retention: { ballastBytes: 0, freeMinBytes: 1 },
  })
  closers.push(() => store.close())
  const trust = await openTrustFiles({
    ...{ rootFile, site, builtAtMs: 0, log: silentLogger },
    copies: [path.join(dataDir, 'trust.json'), path.join(dataDir, 'trust.copy.json')],
  })
  // The time is taken where a lane would find the order: in the store's own memory, after its commit.
  const watched = new Set<string>()
  store.lists.onSwitched(({ list }) => {
    if (list !== 'orders') return
    for (const orderId of seen.keys()) {
      const found = store.lists.ordersOn([{ kind: 'TAG', key: orderId }])
      if (watched.has(orderId) || found === 'unknown' || found.length === 0) continue
      watched.add(orderId)
      seenOf(orderId).durableMs.push(machineMs())
    }
  })
  open(edgeId, identity, { outbox: store.journal, lists: store.lists, trust })
  return store.lists
}

function openLight(edgeId: string, identity: EdgeIdentity): LightLists {
  const lists = new LightLists((orderId) => seenOf(orderId).lightMs.push(machineMs()), first)
  const root = firstTrust(readFileSync(rootFile), site, 0)
  if (!root.ok) throw new Error(describeProblems(root.problems))
  const trust = { state: root.value, keep: () => Promise.resolve() }
  open(edgeId, identity, { outbox: nothingToSend, lists, trust })
  return lists
}

async function connect(count: number): Promise<void> {
  for (const [n, { edgeId, identity }] of settings.edges.slice(0, count).entries()) {
    if (n < uplinks.length) continue
    // The first of each kind fetches everything; the others begin as up to date as edges are in the field.
    if (n === 0) await until('lists', has(await openDurable(edgeId, identity)))
    else {
      const lists = openLight(edgeId, identity)
      first ??= lists
      if (lists === first) await until('lists', has(lists))
    }
    await until('connections', () => uplinks.filter((one) => !one.connected).length < connectingMax)
  }
  await until('connections', () => uplinks.every((one) => one.connected))
  const fresh = (list: ListStore): boolean => list.inForce().every(({ confirmedAt }) => confirmedAt !== null)
  const last = first
  await until('signed versions', () => !last || fresh(last))
}

const has = (lists: ListStore) => () => {
  const held = new Set<ListName>(lists.inForce().map(({ list }) => list))
  return listNames.every((list) => held.has(list))
}

async function until(what: string, holds: () => boolean, withinMs = 120_000): Promise<void> {
  const endMs = machineMs() + withinMs
  while (!holds()) {
    if (machineMs() > endMs) throw new Error(`${what} did not come within ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function obey(order: EdgesOrder): Promise<unknown> {
  switch (order.do) {
    case 'connect':
      return connect(Math.min(order.edges, settings.edges.length))
    case 'seen': {
      const mine = seenOf(order.orderId)
      const before = process.cpuUsage()
      await until(
        'the order',
        () => mine.lightMs.length + mine.durableMs.length >= uplinks.length,
        order.withinMs,
      )
      const { user, system } = process.cpuUsage(before)
      return { ...mine, cpuMs: (user + system) / 1_000 } satisfies EdgesSeen
    }
    case 'listenBare':
      while (bare.length < uplinks.length) {
        const one = settings.edges[bare.length]
        const client = await connectAsync(order.url, { ...bareOptions, ...(one && tlsOf(one.identity)) })
        client.on('message', () => heardBareMs.push(machineMs()))
        await client.subscribeAsync('fan', { qos: 1 })
        bare.push(client)
      }
      return undefined
    case 'heardBare':
      await until('the fan-out', () => heardBareMs.length >= order.messages * bare.length, order.withinMs)
      return heardBareMs.splice(0)
  }
}

onSupervisor((message) => {
  const { id, order } = message as { id: number; order: EdgesOrder }
  obey(order).then(
    (result) => tellSupervisor({ is: 'done', id, result }),
    (error: unknown) => tellSupervisor({ is: 'done', id, error: messageOf(error) }),
  )
})
tellSupervisor({ is: 'ready', part: 'edges' })
await untilAsked()
for (const client of bare) client.end(true)
for (const close of closers.reverse()) await close()
process.disconnect?.()
