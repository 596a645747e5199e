import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { connectAsync } from 'mqtt'
import { Authority } from '../../../gateway/authority/authority.js'
import { newKeyPem, publicHalf } from '../../../gateway/authority/certificates.js'
import { GatewayClient } from '../../../simulators/scenario/gateway-client.js'
import { Part } from '../../../simulators/scenario/part.js'
import { sleep, systemClock } from '../../base/clock.js'
import { LanekeeperError } from '../../base/error.js'
import { initKeys } from '../../cli/keys-make.js'
import type { EdgeIdentity } from '../../interfaces/identity.js'
import type { ControlOrder } from '../../messages/entities.js'
import { ratioOf, round, spreadHead, spreadOf, spreadRow, tableOf, type Spread } from '../figures.js'
import { machineMs } from '../machine-time.js'
import { tlsOf } from '../tls-of.js'
import type { BenchFigures, BenchOptions, Say } from '../types.js'
import { builtModule, inFolder } from '../work-folder.js'
import type { EdgesOrder, EdgesSeen, EdgesSettings } from './edges-process.js'

const site = 'bench'
const processes = 4
/** Of the number of Huanggang's edges, and beyond. */
const defaultSizes: readonly number[] = [517, 1_000]
const ordersBefore = 20
const rounds = 5
const withinMs = 60_000
const target = { p99Ms: 2_000, edges: 517, goalAt1000Ms: 1_000 }

/** One order: milliseconds from the request until it was accepted, and until each edge had it in force. */
interface Ordered {
  readonly acceptedMs: number
  readonly lightMs: readonly number[]
  readonly durableMs: readonly number[]
  /** What all processes of edges computed meanwhile. */
  readonly cpuMs: number
}

interface Sized {
  readonly edges: number
  readonly acceptedMs: Spread
  readonly lightMs: Spread
  readonly durableMs: Spread
  readonly floorMs: Spread
  /** What each simulated edge computed for an order, which it does for itself in the field; milliseconds. */
  readonly edgeCpuMs: number
  readonly ratio: { readonly p50: number | null; readonly p99: number | null }
}

/** From an order being asked for at the gateway to its being in force at every edge. */
export function runPropagation(options: BenchOptions, say: Say): Promise<BenchFigures> {
  return inFolder(options, say, async (dir) => {
    const sizes = options.edges === undefined ? defaultSizes : [options.edges]
    const bench = new PropagationBench(dir, Math.max(...sizes))
    try {
      await bench.start()
      const done: Sized[] = []
      for (const edges of sizes) {
        const sized = await bench.measure(edges)
        for (const line of linesOf(sized)) say(line)
        done.push(sized)
      }
      const first = done.find(({ edges }) => edges === target.edges)
      const met = withinTarget(first?.lightMs.p99 ?? null)
      return { bench: 'propagation', rounds, sizes: done, target, met }
    } finally {
      await bench.stop()
    }
  })
}

class PropagationBench {
  readonly #dir: string
  readonly #most: number
  readonly #gateway: Part
  readonly #bare: Part
  readonly #edges: Part[] = []
  #client: GatewayClient | null = null
  #bareUrl = ''
  #sender: EdgeIdentity | undefined
  #link: (link: string) => void = () => undefined
  #ordered = 0

  constructor(dir: string, most: number) {
    this.#dir = dir
    this.#most = most
    const shared = { logDir: path.join(dir, 'logs'), clock: systemClock, readyWithinMs: 120_000 }
    this.#gateway = new Part({
      ...{ ...shared, name: 'gateway', module: builtModule('edge/cli/main.js') },
      args: ['gateway', '--config', path.join(dir, 'gateway.yaml')],
      onMessage: (message) => {
        if (message.is === 'operatorLink') this.#link(String(message['link']))
      },
    })
    this.#bare = new Part({
      ...{ ...shared, name: 'bare', module: builtModule('edge/bench/bare-broker.js') },
      args: [this.#authorityDir],
    })
  }

  async start(): Promise<void> {
    const ids = Array.from({ length: this.#most }, (_, n) => `edge-${n + 1}`)
    const keys = path.join(this.#dir, 'keys')
    const nowMs = systemClock.now().wallMs
    const root = { rootKeys: 2, rootThreshold: 2, rootDays: 400 }
    initKeys({ dir: keys, offline: [], days: 100, nowMs, site, ...root })
    this.#configure(ids, keys)
    const identities = await this.#identities(ids, nowMs)
    this.#sender = identities[0]?.identity
    const { mqttUrl, edgeUrl } = await this.#gateway.start()
    this.#bareUrl = String((await this.#bare.start())['url'])
    this.#client = await GatewayClient.signIn(await this.#operatorLink())
    const upserts = Array.from({ length: ordersBefore }, (_, n) => orderOn(`before-${n}`))
    await this.#client.changeList('orders', { upserts, deletes: [] })
    for (let n = 0; n < processes; n += 1) {
      const settings: EdgesSettings = {
        ...{ site, mqttUrl: String(mqttUrl), edgeUrl: String(edgeUrl) },
        edges: identities.filter((_, at) => at % processes === n),
        rootFile: path.join(keys, 'records', 'root.1.json'),
        dir: this.#dir,
      }
      const file = path.join(this.#dir, `edges-${n}.json`)
      writeFileSync(file, JSON.stringify(settings), { mode: 0o600 })
      const part = new Part({
        name: `edges-${n}`,
        module: builtModule('edge/bench/propagation/edges-process.js'),
        args: [file],
        ...{ logDir: path.join(this.#dir, 'logs'), clock: systemClock, readyWithinMs: 60_000 },
      })
      this.#edges.push(part)
      await part.start()
    }
  }

  async measure(edges: number): Promise<Sized> {
    const share = (n: number): number => Math.max(0, Math.ceil((edges - n) / processes))
    for (const [n, part] of this.#edges.entries()) await this.#ask(part, { do: 'connect', edges: share(n) })
    // The first order warms up and is not counted.
    await this.#order()
    const orders = []
    for (let round = 0; round < rounds; round += 1) orders.push(await this.#order())
    const floor = await this.#floor(JSON.stringify(orderOn('floor')).length + deltaFrameBytes)
    const lightMs = spreadOf(orders.flatMap((one) => one.lightMs))
    const floorMs = spreadOf(floor)
    return {
      edges,
      acceptedMs: spreadOf(orders.map((one) => one.acceptedMs)),
      lightMs,
      durableMs: spreadOf(orders.flatMap((one) => one.durableMs)),
      floorMs,
      edgeCpuMs: round(orders.reduce((sum, one) => sum + one.cpuMs, 0) / orders.length / edges),
      ratio: { p50: ratioOf(lightMs.p50, floorMs.p50), p99: ratioOf(lightMs.p99, floorMs.p99) },
    }
  }

  async stop(): Promise<void> {
    for (const part of this.#edges) await part.stop()
    await this.#bare.stop()
    await this.#gateway.stop()
  }

  /** Milliseconds from the request until it was accepted, and until each edge had it in force. */
  async #order(): Promise<Ordered> {
    const orderId = `ORDER-${(this.#ordered += 1)}`
    const waiting = this.#edges.map((part) => this.#ask(part, { do: 'seen', orderId, withinMs }))
    // What is asked of a process is with it before the order is placed.
    await sleep(systemClock, 'bench', 500)
    const fromMs = machineMs()
    await this.#client?.changeList('orders', { upserts: [orderOn(orderId)], deletes: [] })
    const acceptedMs = round(machineMs() - fromMs)
    const seen = (await Promise.all(waiting)) as EdgesSeen[]
    const since = (moments: readonly number[]): number[] => moments.map((ms) => ms - fromMs)
    return {
      acceptedMs,
      lightMs: seen.flatMap((one) => since(one.lightMs)),
      durableMs: seen.flatMap((one) => since(one.durableMs)),
      cpuMs: seen.reduce((sum, one) => sum + one.cpuMs, 0),
    }
  }

  /** As many bytes to as many clients over the same TLS, through a broker that does nothing else. */
  async #floor(bytes: number): Promise<number[]> {
    for (const part of this.#edges) await this.#ask(part, { do: 'listenBare', url: this.#bareUrl })
    const sender = await connectAsync(this.#bareUrl, {
      ...{ protocolVersion: 4, clean: true, reconnectPeriod: 0 },
      ...(this.#sender && tlsOf(this.#sender)),
    })
    const all: number[] = []
    try {
      for (let n = 0; n <= rounds; n += 1) {
        const fromMs = machineMs()
        await sender.publishAsync('fan', Buffer.alloc(bytes, 'x'), { qos: 1 })
        const heard = await Promise.all(
          this.#edges.map((part) => this.#ask(part, { do: 'heardBare', messages: 1, withinMs })),
        )
        if (n > 0) all.push(...(heard as number[][]).flat().map((ms) => ms - fromMs))
      }
    } finally {
      await sender.endAsync(true)
    }
    return all
  }

  get #authorityDir(): string {
    return path.join(this.#dir, 'gateway', 'authority')
  }

  #ask(part: Part, order: EdgesOrder): Promise<unknown> {
    return part.ask(order, 300_000)
  }

  #operatorLink(): Promise<string> {
    return new Promise((resolve, reject) => {
      const cancel = systemClock.after('operator link', 20_000, () => {
        reject(new LanekeeperError('bench.noLink', 'the gateway gave no link to sign in with'))
      })
      this.#link = (link) => {
        cancel()
        resolve(link)
      }
      this.#gateway.send({ ask: 'operatorLink' })
    })
  }

  #configure(ids: readonly string[], keys: string): void {
    const config = {
      ...{ version: 1, site, dataDir: path.join(this.#dir, 'gateway'), logLevel: 'warn' },
      ...{ http: { port: 0 }, edgeHttp: { port: 0 }, mqtt: { port: 0, maxClients: ids.length + 50 } },
      edges: ids.map((edgeId) => ({ edgeId })),
      trust: { recordsDir: path.join(keys, 'records'), keysDir: path.join(keys, 'online') },
    }
    writeFileSync(path.join(this.#dir, 'gateway.yaml'), JSON.stringify(config))
  }

  /** Certificates of the gateway's own authority, made before it starts: a thousand boxes do not enrol in a minute. */
  async #identities(ids: readonly string[], nowMs: number): Promise<EdgesSettings['edges']> {
    const folder = this.#authorityDir
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const files = {
      keyFile: path.join(folder, 'authority.key'),
      certFile: path.join(folder, 'authority.pem'),
    }
    const authority = await Authority.open({ ...files, site, nowMs })
    const authorityPem = authority.certificatesPem.join('')
    const made = []
    for (const edgeId of ids) {
      const keyPem = newKeyPem()
      const { certificatePem } = await authority.forEdge(edgeId, publicHalf(keyPem), nowMs, 86_400_000)
      made.push({ edgeId, identity: { keyPem, certificatePem, authorityPem } })
    }
    return made
  }
}

/** What a delta and the signed message weigh beside the order, about. */
const deltaFrameBytes = 6_000

function withinTarget(p99Ms: number | null): boolean | null {
  return p99Ms === null ? null : p99Ms <= target.p99Ms
}

function orderOn(orderId: string): ControlOrder {
  return {
    ...{
      kind: 'order',
      orderId,
      agency: 'CUSTOMS',
      subject: { kind: 'TAG', key: orderId },
      action: 'INTERCEPT',
    },
    ...{ nature: 'OPEN', level: 3, reason: '', validFrom: 0, maxHits: 0, issuedBy: 'bench' },
  }
}

function linesOf({ edges, acceptedMs, lightMs, durableMs, floorMs, edgeCpuMs }: Sized): string[] {
  return tableOf([
    [`${edges} edges: ${spreadHead[0]}`, ...spreadHead.slice(1)],
    spreadRow('asked for to accepted', acceptedMs),
    spreadRow('asked for to in force', lightMs),
    spreadRow('  with store and files on the disk', durableMs),
    spreadRow('floor: fan-out of a bare broker', floorMs),
    ['  computed by each simulated edge for one order', `${edgeCpuMs} ms`],
  ])
}
