import { mkdirSync } from 'node:fs'
import path from 'node:path'
import type { Clock } from '../../edge/base/clock.js'
import { LanekeeperError } from '../../edge/base/error.js'
import type { Logger } from '../../edge/base/log.js'
import { SeededRandom } from '../../edge/base/random.js'
import { arrivalsOf } from './arrivals.js'
import { enrolBox } from './enrol-box.js'
import { openFaultProxy, type FaultProxy } from './faultproxy.js'
import { GatewayClient } from './gateway-client.js'
import { Part, type PartMessage, type PartGiven } from './part.js'
import { edgeAsInstalled } from './as-installed.js'
import {
  freePorts,
  writeSite,
  type SiteCertificates,
  type SiteFiles,
  type SitePlan,
  type SiteTrust,
  liftingPeople,
  simulatedOfficer,
} from './site-files.js'
import type { ControlListName } from '../../edge/interfaces/list-store.js'
import type { Arrival, TrafficMix } from './traffic.js'
import type { SimConfig } from './yard-config.js'
import type { YardNotice, YardOrder, YardStatus } from './yard-process.js'

export interface SiteOptions {
  /** Everything of the site lies here. */
  readonly dir: string
  readonly lanes: number
  readonly seed: number
  readonly arrivals: number
  readonly mix?: TrafficMix
  readonly pauseMs: number
  readonly patienceMs: number
  /** Where vehicles come into the lane, metres before the entry loop at 20; absent: 0. */
  readonly startM?: number
  readonly language: 'zh-CN' | 'en'
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  /** The module of the program `lanekeeper`. */
  readonly program: string
  /** Another module that runs the edge, for tests that kill it at chosen points; given `--config FILE`. */
  readonly edgeModule?: string
  readonly edgeDataDir?: string
  /** Opens a proxy to the port from which the edge fetches its lists, and says where it listens. */
  readonly edgeHttpProxy?: (targetPort: number) => Promise<number>
  readonly timing?: Readonly<Record<string, number>>
  /** What else of the plan is not as usual. */
  readonly plan?: Pick<SitePlan, 'decision' | 'disinfection' | 'kinds' | 'mode' | 'entries' | 'readers'>
  /** How long each process may take to start, in milliseconds; absent: a minute. */
  readonly readyWithinMs?: number
  readonly makeCertificates: (dir: string, site: string) => Promise<SiteCertificates>
  readonly clock: Clock
  readonly log: Logger
  readonly onNotice?: (notice: YardNotice) => void
  readonly onLost?: (part: string, how: string) => void
}

const siteName = 'demo'
const partNames = ['gateway', 'edge', 'sim'] as const
export type PartName = (typeof partNames)[number]

/**
 * A whole site on this machine, as real processes with real protocols in between: gateway, one
 * edge, simulated hardware, and a proxy in the uplink so that the network can be taken away.
 */
export class Site {
  readonly files: SiteFiles
  readonly arrivals: readonly Arrival[]
  readonly edgeId = 'edge-1'
  /** How many lanes there are: `lane-1` and so on. */
  readonly lanes: number
  readonly uplink: FaultProxy
  /** Where the gateway's broker listens, without the proxy. */
  readonly mqttPort: number
  readonly parts: Readonly<Record<PartName, Part>>
  readonly #clock: Clock
  readonly #enrolment: { readonly clock: Clock; readonly program: string; readonly logDir: string }
  readonly #trust: SiteTrust
  readonly #links: ((link: string) => void)[] = []
  #client: GatewayClient | null = null
  #httpUrl = ''

  private constructor(
    options: SiteOptions,
    given: {
      files: SiteFiles
      arrivals: readonly Arrival[]
      uplink: FaultProxy
      mqttPort: number
      trust: SiteTrust
    },
  ) {
    this.files = given.files
    this.lanes = options.lanes
    this.arrivals = given.arrivals
    this.uplink = given.uplink
    this.mqttPort = given.mqttPort
    this.#trust = given.trust
    this.#clock = options.clock
    const { clock, dir, program } = options
    this.#enrolment = { clock, program, logDir: path.join(dir, 'logs') }
    const part = (
      name: PartName,
      module: string,
      args: readonly string[],
      how: Pick<PartGiven, 'nodeArgs' | 'env'> = { nodeArgs: [] },
    ) =>
      new Part({
        ...{ name, module, args },
        ...how,
        logDir: path.join(options.dir, 'logs'),
        clock: options.clock,
        readyWithinMs: options.readyWithinMs ?? 60_000,
        onMessage: (message) => this.#take(message, options),
        onLost: (code, signal) => options.onLost?.(name, String(code ?? signal)),
      })
    const { files } = given
    this.parts = {
      gateway: part('gateway', options.program, ['gateway', '--config', files.gatewayConfig]),
      edge: part(
        'edge',
        options.edgeModule ?? options.program,
        ['edge', '--config', files.edgeConfig],
        edgeAsInstalled,
      ),
      sim: part('sim', options.program, [
        'sim',
        '--config',
        files.simConfig,
        '--log-level',
        options.logLevel,
      ]),
    }
  }

  /** Lays the site out and starts nothing yet but the proxy. */
  static async prepare(options: SiteOptions): Promise<Site> {
    const { clock, dir } = options
    mkdirSync(dir, { recursive: true, mode: 0o700 })
    const [http = 0, mqtt = 0, bus = 0, plc = 0, edgeHttp = 0] = await freePorts(5)
    const random = new SeededRandom(options.seed)
    const uplink = await openFaultProxy({ clock, random }, { targetPort: mqtt })
    const drawn: SimConfig['arrivals'] = {
      seed: options.seed,
      count: options.arrivals,
      ...(options.mix === undefined ? {} : { mix: { ...options.mix } }),
      ...(options.startM === undefined ? {} : { startM: options.startM }),
      pauseMs: options.pauseMs,
      patienceMs: options.patienceMs,
      wallMs: Math.round(clock.now().wallMs) - 60_000,
      prefix: 'Z',
    }
    const arrivals = arrivalsOf({ arrivals: drawn })
    const certificates = await options.makeCertificates(dir, siteName)
    const edgeHttpUplink = (await options.edgeHttpProxy?.(edgeHttp)) ?? edgeHttp
    const files = writeSite({
      dir,
      site: siteName,
      edge: 'edge-1',
      lanes: options.lanes,
      ports: { http, mqtt, edgeHttp, edgeHttpUplink, uplink: uplink.port, bus, plc },
      arrivals,
      drawn,
      language: options.language,
      logLevel: options.logLevel,
      certificates,
      ...(options.edgeDataDir === undefined ? {} : { edgeDataDir: options.edgeDataDir }),
      ...(options.timing === undefined ? {} : { timing: options.timing }),
      ...options.plan,
    })
    return new Site(options, { files, arrivals, uplink, mqttPort: mqtt, trust: certificates.trust })
  }

  /** Where the console is; known once the gateway has started. */
  get httpUrl(): string {
    return this.#httpUrl
  }

  /** The signed-in client; null before {@link start}. */
  get client(): GatewayClient | null {
    return this.#client
  }

  /** Starts all parts and signs in. */
  async start(): Promise<void> {
    const sim = this.parts.sim.start()
    // Beside the slowest part, the simulated PLC: the box enrols as soon as there is a gateway.
    const gateway = this.startGateway().then(() => this.enrol())
    await Promise.all([gateway, sim])
    await this.parts.edge.start()
    await this.signIn()
  }

  /** Gives the edge its identity, as a person with a token would; it keeps it over restarts of every part. */
  async enrol(): Promise<void> {
    const { edgeConfig } = this.files
    await enrolBox({ ...this.#enrolment, gateway: this.parts.gateway, edgeId: this.edgeId, edgeConfig })
  }

  /** Signs in, again after the gateway was killed: its sessions die with it. */
  async signIn(): Promise<void> {
    this.#client = await GatewayClient.signIn(await this.operatorLink(simulatedOfficer))
  }

  async startGateway(): Promise<void> {
    const ready = await this.parts.gateway.start()
    this.#httpUrl = String(ready['httpUrl'])
  }

  /** A new one-time link for one person. */
  operatorLink(operator?: string, withinMs = 10_000): Promise<string> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after('operator link', withinMs, () => {
        reject(new LanekeeperError('site.noLink', 'the gateway gave no operator link'))
      })
      this.#links.push((link) => {
        cancel()
        resolve(link)
      })
      this.parts.gateway.send({ ask: 'operatorLink', ...(operator === undefined ? {} : { operator }) })
    })
  }

  /** The first of the two asks for the lift of an order or a ban, and signs. */
  async askLift(list: ControlListName, key: string): Promise<void> {
    const [first] = liftingPeople
    const client = await GatewayClient.signIn(await this.operatorLink(first))
    await client.askLift(list, key, this.#trust.passphrases.get(first) ?? '')
  }

  /** The second one confirms it, and signs: the edge hears of it as of any change. */
  async confirmLift(list: ControlListName, key: string): Promise<void> {
    const [, second] = liftingPeople
    const client = await GatewayClient.signIn(await this.operatorLink(second))
    await client.confirmLift(list, key, this.#trust.passphrases.get(second) ?? '')
  }

  async yard(order: YardOrder, withinMs?: number): Promise<YardStatus | null> {
    return (await this.parts.sim.ask(order, withinMs)) as YardStatus | null
  }

  async yardStatus(): Promise<YardStatus> {
    const status = await this.yard({ do: 'status' })
    if (!status) throw new LanekeeperError('site.noStatus', 'the simulated hardware gave no status')
    return status
  }

  /** Ends every part that runs, the edge first so that it can say goodbye. */
  async close(): Promise<void> {
    await this.parts.edge.stop()
    await Promise.all([this.parts.sim.stop(), this.parts.gateway.stop()])
    await this.uplink.close()
  }

  #take(message: PartMessage, options: SiteOptions): void {
    if (message.is === 'operatorLink') this.#links.shift()?.(String(message['link']))
    if (message.is === 'observed') options.onNotice?.(message['observed'] as YardNotice)
  }
}
