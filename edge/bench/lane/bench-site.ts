import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { sleep, systemClock } from '../../base/clock.js'
import { LanekeeperError } from '../../base/error.js'
import type { Health } from '../../messages/up.js'
import { enrolBox } from '../../../simulators/scenario/enrol-box.js'
import { GatewayClient } from '../../../simulators/scenario/gateway-client.js'
import { edgeAsInstalled } from '../../../simulators/scenario/as-installed.js'
import { Part, type PartGiven, type PartMessage } from '../../../simulators/scenario/part.js'
import { builtModule } from '../work-folder.js'
import type { Passed } from './driven-lane.js'
import type { EdgeLoad } from './in-edge.js'
import { epcOf, vehiclesIn, type Layout } from './layout.js'
import { plcOf, readersOf } from './hardware.js'
import type { Arrivals, PlcOrder } from './plc-process.js'
import type { ReadersFigures, ReadersOrder } from './readers-process.js'

const readyWithinMs = 120_000
const runWithinMs = 1_200_000

/** The processes of the bench: gateway, edge, PLC and readers, each a process as it is shipped. */
export class BenchSite {
  readonly #layout: Layout
  readonly #parts: Readonly<Record<'gateway' | 'edge' | 'plc' | 'readers', Part>>
  readonly #vehicles: number
  readonly #enrolment: Omit<Parameters<typeof enrolBox>[0], 'gateway'>
  #operatorLink: (link: string) => void = () => undefined
  #lost: string | null = null
  /** Adds up with the edge's `monoMs` to the machine's clock. */
  machineMsAtZero = Number.NaN
  endpoint = ''

  constructor(
    dir: string,
    layout: Layout,
    options: { readonly perSecond: number; readonly profileDir?: string | undefined },
  ) {
    this.#layout = layout
    this.#vehicles = vehiclesIn(layout.entries)
    this.#enrolment = {
      edgeId: 'edge-1',
      program: builtModule('edge/cli/main.js'),
      edgeConfig: layout.edgeConfig,
      logDir: path.join(dir, 'logs'),
      clock: systemClock,
    }
    const part = (
      name: string,
      module: string,
      args: readonly string[],
      how: Pick<PartGiven, 'nodeArgs' | 'env'> = {},
    ) =>
      new Part({
        name,
        module: builtModule(module),
        args,
        ...how,
        logDir: path.join(dir, 'logs'),
        clock: systemClock,
        readyWithinMs,
        onMessage: (message) => this.#take(message),
        onLost: (code, signal) => (this.#lost ??= `${name} ended by itself (${code ?? signal})`),
      })
    const program = 'edge/cli/main.js'
    const { profileDir } = options
    const inEdge = [
      ...edgeAsInstalled.nodeArgs,
      '--import',
      pathToFileURL(builtModule('edge/bench/lane/in-edge.js')).href,
      ...(profileDir === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profileDir]),
    ]
    this.#parts = {
      gateway: part('gateway', program, ['gateway', '--config', layout.gatewayConfig]),
      edge: part('edge', program, ['edge', '--config', layout.edgeConfig], {
        ...edgeAsInstalled,
        nodeArgs: inEdge,
      }),
      plc: part('plc', 'edge/bench/lane/plc-process.js', [JSON.stringify(plcOf(layout))]),
      readers: part('readers', 'edge/bench/lane/readers-process.js', [
        JSON.stringify(readersOf(layout, options.perSecond)),
      ]),
    }
  }

  /** Starts everything and waits until the edge has its lists and every lane is ready. */
  async start(): Promise<void> {
    const { gateway, edge, plc, readers } = this.#parts
    const enrolled = gateway.start().then(() => enrolBox({ ...this.#enrolment, gateway }))
    const [, plcReady] = await Promise.all([enrolled, plc.start(), readers.start()])
    this.endpoint = String(plcReady['endpoint'])
    await edge.start()
    await readers.ask({ do: 'connect' } satisfies ReadersOrder)
    const client = await GatewayClient.signIn(await this.#askForLink())
    const untilMs = systemClock.now().monoMs + readyWithinMs
    for (;;) {
      const [state] = (await client.state()).edges
      if (state?.health && this.#isReady(state.health)) return
      this.#check()
      if (systemClock.now().monoMs > untilMs)
        throw new LanekeeperError('bench.notReady', `the edge is not ready: ${JSON.stringify(state?.health)}`)
      await sleep(systemClock, 'bench ready', 200)
    }
  }

  /** Lets so many vehicles pass, over all lanes. */
  async drive(passages: number, firstVehicle: number): Promise<readonly Passed[]> {
    const passed = await this.#parts.plc.ask(
      { do: 'drive', passages, firstVehicle } satisfies PlcOrder,
      runWithinMs,
    )
    this.#check()
    return passed as Passed[]
  }

  async arrivals(): Promise<Arrivals> {
    return (await this.#parts.plc.ask({ do: 'arrivals' } satisfies PlcOrder)) as Arrivals
  }

  async markReads(): Promise<void> {
    await this.#parts.readers.ask({ do: 'mark' } satisfies ReadersOrder)
  }

  async readsSinceMark(): Promise<ReadersFigures> {
    return (await this.#parts.readers.ask({ do: 'figures' } satisfies ReadersOrder)) as ReadersFigures
  }

  /** What the edge's process used since the last question. */
  async edgeLoad(): Promise<EdgeLoad> {
    return (await this.#parts.edge.ask({ bench: 'load' })) as EdgeLoad
  }

  /** The edge first, so that it says goodbye and its record is complete. */
  async close(): Promise<void> {
    const { edge, gateway, plc, readers } = this.#parts
    await edge.stop()
    await Promise.all([readers.stop(), plc.stop(), gateway.stop()])
  }

  #isReady(health: Health): boolean {
    const held = health.lists.reduce((sum, list) => sum + (list.count ?? 0), 0)
    const lanes = health.lanes.filter((lane) => lane.mode === 'AUTO')
    return (
      held === this.#layout.entries &&
      lanes.length === this.#layout.lanes.length &&
      health.faults.length === 0 &&
      health.clockQuality !== 'untrusted'
    )
  }

  #check(): void {
    if (this.#lost !== null) throw new LanekeeperError('bench.lost', this.#lost)
  }

  #take(message: PartMessage): void {
    if (message.is === 'operatorLink') this.#operatorLink(String(message['link']))
    if (message.is === 'edgeClock') this.machineMsAtZero = Number(message['machineMsAtZero'])
    if (message.is !== 'heard') return
    const { lane, vehicle } = message
    const epc = typeof vehicle === 'number' ? epcOf(vehicle, this.#vehicles) : null
    this.#parts.readers.send({ order: { do: 'hear', lane: String(lane), epc } satisfies ReadersOrder })
  }

  #askForLink(): Promise<string> {
    return new Promise((resolve, reject) => {
      const cancel = systemClock.after('bench link', 10_000, () => {
        reject(new LanekeeperError('bench.noLink', 'the gateway gave no operator link'))
      })
      this.#operatorLink = (link) => {
        cancel()
        resolve(link)
      }
      this.#parts.gateway.send({ ask: 'operatorLink', operator: 'bench' })
    })
  }
}
