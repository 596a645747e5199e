import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { sleep, systemClock } from '../../base/clock.js'
import { LanekeeperError } from '../../base/error.js'
import { readRecordedJournal } from '../../store/read-only.js'
import { enrolBox } from '../../../simulators/scenario/enrol-box.js'
import { GatewayClient } from '../../../simulators/scenario/gateway-client.js'
import { edgeAsInstalled } from '../../../simulators/scenario/as-installed.js'
import { Part, type PartGiven, type PartMessage } from '../../../simulators/scenario/part.js'
import { plcOf, readersOf } from '../lane/hardware.js'
import type { Layout } from '../lane/layout.js'
import type { PlcOrder } from '../lane/plc-process.js'
import type { ReadersOrder } from '../lane/readers-process.js'
import { machineMs } from '../machine-time.js'
import { builtModule } from '../work-folder.js'
import { epcOf } from './entries.js'

const readyWithinMs = 600_000
const decidedWithinMs = 60_000
const lookEveryMs = 50
/** Reads a second a lane: a truck that stands there, and not a flood. */
const readsPerSecond = 20

/** When an edge that starts first decided, and what it then needed. */
export interface FirstDecision {
  /** From before the process exists to its being ready, milliseconds. */
  readonly readyMs: number
  /** From before the process exists to the first decision in its record, milliseconds. */
  readonly firstDecisionMs: number
  readonly outcome: string
  readonly rssMb: number
  /** A bare process just before it (bare-start.ts), and the least time that a lane collects reads for, milliseconds. */
  readonly floorMs: number
}

/** A gateway and an edge with eight lanes, as the program starts them, over a simulated PLC and simulated readers. */
export class ListsSite {
  readonly #layout: Layout
  readonly #dir: string
  readonly #parts: Readonly<Record<'gateway' | 'edge' | 'plc' | 'readers', Part>>
  #client: GatewayClient | null = null
  #onLink: (link: string) => void = () => undefined
  #onZero: (zeroMs: number) => void = () => undefined
  #lost: string | null = null

  constructor(dir: string, layout: Layout) {
    this.#layout = layout
    this.#dir = dir
    const part = (
      name: string,
      module: string,
      args: readonly string[],
      how: Pick<PartGiven, 'nodeArgs' | 'env'> = { nodeArgs: [] },
    ) =>
      new Part({
        ...{ name, module: builtModule(module), args, ...how, logDir: path.join(dir, 'logs') },
        ...{ clock: systemClock, readyWithinMs },
        onMessage: (message) => {
          this.#take(message)
        },
        onLost: (code, signal) => (this.#lost ??= `${name} ended by itself (${code ?? signal})`),
      })
    const program = 'edge/cli/main.js'
    // As the service unit starts it, and beside it what tells the zero of its clock.
    const inEdge = [
      ...edgeAsInstalled.nodeArgs,
      '--import',
      pathToFileURL(builtModule('edge/bench/lane/in-edge.js')).href,
    ]
    this.#parts = {
      gateway: part('gateway', program, ['gateway', '--config', layout.gatewayConfig]),
      edge: part('edge', program, ['edge', '--config', layout.edgeConfig], {
        ...edgeAsInstalled,
        nodeArgs: inEdge,
      }),
      plc: part('plc', 'edge/bench/lane/plc-process.js', [JSON.stringify(plcOf(layout))]),
      readers: part('readers', 'edge/bench/lane/readers-process.js', [
        JSON.stringify(readersOf(layout, readsPerSecond)),
      ]),
    }
  }

  get client(): GatewayClient {
    if (!this.#client) throw new LanekeeperError('bench.notSignedIn', 'the site has not started')
    return this.#client
  }

  /** Gateway and hardware, and the box enrolled. Milliseconds that the gateway needed. */
  async start(): Promise<number> {
    const { gateway, plc, readers } = this.#parts
    const fromMs = machineMs()
    await gateway.start()
    const gatewayMs = machineMs() - fromMs
    await Promise.all([
      enrolBox({
        ...{ gateway, edgeId: 'edge-1', program: builtModule('edge/cli/main.js') },
        ...{ edgeConfig: this.#layout.edgeConfig, logDir: path.join(this.#dir, 'logs'), clock: systemClock },
      }),
      plc.start(),
      readers.start(),
    ])
    const link = new Promise<string>((resolve) => (this.#onLink = resolve))
    gateway.send({ ask: 'operatorLink', operator: 'bench' })
    this.#client = await GatewayClient.signIn(await link)
    return Math.round(gatewayMs)
  }

  /** Starts the edge and waits until it has so many entries in force. Milliseconds from before the process exists. */
  async fetch(entries: number): Promise<number> {
    const fromMs = machineMs()
    await this.#parts.edge.start()
    await this.#until('every list to be in force', readyWithinMs * 6, async () => {
      const health = (await this.client.state()).edges[0]?.health
      return health && health.lists.reduce((sum, { count }) => sum + (count ?? 0), 0) >= entries
    })
    return Math.round(machineMs() - fromMs)
  }

  /** Waits until the edge said that it has this version in force. */
  async untilInForce(list: string, version: number): Promise<void> {
    await this.#until(`${list} ${version} to be in force`, decidedWithinMs, async () => {
      const lists = (await this.client.state()).edges[0]?.lists ?? []
      return lists.some((one) => one.list === list && one.version >= version && one.result === 'inForce')
    })
  }

  /** Starts an edge that has its lists, with a vehicle on its way into each lane, up to its first decision. */
  async firstDecision(): Promise<FirstDecision> {
    const { edge, plc, readers } = this.#parts
    const bareFromMs = machineMs()
    await promisify(execFile)(process.execPath, [builtModule('edge/bench/lists/bare-start.js')])
    const floorMs = Math.round(machineMs() - bareFromMs + this.#layout.collectMs)
    const before = (await this.#decided()).length
    const zero = new Promise<number>((resolve) => (this.#onZero = resolve))
    const drive: PlcOrder = { do: 'drive', passages: this.#layout.lanes.length, firstVehicle: 1 }
    let isDecided = false
    // Again and again: on a machine that stands still a vehicle may lose its patience before the edge is there.
    const driven = (async () => {
      while (!isDecided) await plc.ask(drive, decidedWithinMs)
    })()
    driven.catch(() => undefined)
    const fromMs = machineMs()
    const started = edge.start()
    const connected = readers.ask({ do: 'connect' } satisfies ReadersOrder)
    const zeroMs = await zero
    await started
    const readyMs = machineMs() - fromMs
    await connected
    const first = await this.#until(
      'the first decision',
      decidedWithinMs,
      async () => (await this.#decided())[before],
    ).finally(() => (isDecided = true))
    const rssMb = this.edgeMb('VmRSS')
    await driven
    return {
      readyMs: Math.round(readyMs),
      firstDecisionMs: Math.round(first.monoMs + zeroMs - fromMs),
      outcome: String(
        (first.body['decision'] as { outcome?: unknown } | undefined)?.outcome ?? first.body['outcome'],
      ),
      ...{ rssMb, floorMs },
    }
  }

  /** Resident memory of the edge now (`VmRSS`), or at its highest (`VmHWM`), megabytes. */
  edgeMb(what: 'VmRSS' | 'VmHWM'): number {
    const status = readFileSync(`/proc/${this.#parts.edge.pid ?? 0}/status`, 'utf8')
    return Math.round(Number(new RegExp(`^${what}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? NaN) / 1024)
  }

  stopEdge(): Promise<void> {
    return this.#parts.edge.stop()
  }

  async close(): Promise<void> {
    const { edge, gateway, plc, readers } = this.#parts
    await edge.stop()
    await Promise.all([readers.stop(), plc.stop(), gateway.stop()])
  }

  async #decided() {
    const decided = []
    for await (const event of readRecordedJournal(this.#layout.edgeDataDir))
      if (event.type === 'decided') decided.push(event)
    return decided
  }

  async #until<Answer>(
    what: string,
    withinMs: number,
    ask: () => Promise<Answer | false | null | undefined>,
  ): Promise<Answer> {
    const untilMs = machineMs() + withinMs
    for (;;) {
      const answer = await ask()
      if (answer !== false && answer !== null && answer !== undefined) return answer
      if (this.#lost !== null) throw new LanekeeperError('bench.lost', this.#lost)
      if (machineMs() > untilMs)
        throw new LanekeeperError('bench.inVain', `waited ${withinMs} ms in vain for ${what}`)
      await sleep(systemClock, 'bench lists', lookEveryMs)
    }
  }

  #take(message: PartMessage): void {
    if (message.is === 'operatorLink') this.#onLink(String(message['link']))
    if (message.is === 'edgeClock') this.#onZero(Number(message['machineMsAtZero']))
    if (message.is !== 'heard') return
    const { lane, vehicle } = message
    // None of these is under an order or on the blacklist (entries.ts).
    const epc = typeof vehicle === 'number' ? epcOf(vehicle * 15 + 1) : null
    this.#parts.readers.send({ order: { do: 'hear', lane: String(lane), epc } satisfies ReadersOrder })
  }
}
