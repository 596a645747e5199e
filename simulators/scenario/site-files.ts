import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import type { LaneMode } from '../../edge/messages/down.js'
import { listKinds, listNames, type ListEntry } from '../../edge/messages/entities.js'
import { listsFor } from './arrivals.js'
import type { Arrival } from './traffic.js'
import type { LaneKind } from './format.js'
import type { SimConfig } from './yard-config.js'

/** Ports of one site on this machine. */
export interface SitePorts {
  readonly http: number
  readonly mqtt: number
  /** Where the edge enrols and fetches lists. */
  readonly edgeHttp: number
  /** Where the edge reaches that: absent: the same; else a proxy in between. */
  readonly edgeHttpUplink?: number
  /** Where the edge reaches the gateway's broker: the same, or a proxy in between. */
  readonly uplink: number
  readonly bus: number
  readonly plc: number
}

export interface SitePlan {
  readonly dir: string
  readonly site: string
  readonly edge: string
  readonly lanes: number
  readonly ports: SitePorts
  readonly arrivals: readonly Arrival[]
  /** Stands in the simulation's file so that it draws the same arrivals. */
  readonly drawn: SimConfig['arrivals']
  readonly language: 'zh-CN' | 'en'
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  /** Certificates that edge and PLC pin of each other. */
  readonly certificates: SiteCertificates
  /** Folder of the edge's record; absent: below `dir`. */
  readonly edgeDataDir?: string
  /** Differences of every lane's timing, e.g. `{ collectMs: 300 }`. */
  readonly timing?: Readonly<Record<string, number>>
  /** The same for its decisions, e.g. `{ identifyWithinMs: 5000 }`. */
  readonly decision?: Readonly<Record<string, number | Readonly<Record<string, number>>>>
  /** And for disinfecting. */
  readonly disinfection?: Readonly<Record<string, number>>
  /** What the lanes are for, in turn; absent: cars, in and out. */
  readonly kinds?: readonly LaneKind[]
  /** Mode of every lane at its very first start. */
  readonly mode?: LaneMode
  /** In the lists beside what the arrivals need. */
  readonly entries?: readonly ListEntry[]
  /** Readers of the lanes in turn; absent: both kinds. */
  readonly readers?: readonly ReaderKind[]
}

/** Keys that the lists of a site are signed with; passphrases by the name of a person who may lift holds. */
export interface SiteTrust {
  readonly recordsDir: string
  readonly keysDir: string
  readonly personsDir: string
  readonly passphrases: ReadonlyMap<string, string>
}

export interface SiteCertificates {
  readonly trust: SiteTrust
  readonly plcPkiDir: string
  readonly plcCertificateFile: string
  readonly edgePkiDir: string
  readonly edgeCertificateFile: string
}

export interface SiteFiles {
  readonly gatewayConfig: string
  readonly edgeConfig: string
  readonly simConfig: string
  readonly edgeDataDir: string
  readonly gatewayDataDir: string
  readonly truthFile: string
}

/** As many free ports of loopback as asked for, all different. Somebody else may take one before it is used. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer()
          server.once('error', reject)
          server.listen(0, '127.0.0.1', () => resolve(server))
        }),
    ),
  )
  const ports = servers.map((server) => {
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  })
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** Serial readers and MQTT readers in turn, so that both kinds are heard at every site. */
const readerKinds = ['line', 'mqtt'] as const
export type ReaderKind = (typeof readerKinds)[number]

/**
 * Writes everything that a site of this machine needs: secrets, lists, and the configuration of
 * gateway, edge and simulated hardware, the same files as a person would write them.
 */
export function writeSite(plan: SitePlan): SiteFiles {
  const { dir } = plan
  const at = (...parts: string[]) => path.join(dir, ...parts)
  for (const folder of ['secrets', 'lists', 'wires']) mkdirSync(at(folder), { recursive: true, mode: 0o700 })
  const secret = (name: string): string => {
    const file = at('secrets', name)
    writeFileSync(file, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 })
    return file
  }
  const lists = listsFor(plan.arrivals)
  for (const list of listNames) {
    const more = (plan.entries ?? []).filter((entry) => entry.kind === listKinds[list])
    const lines = [...lists[list], ...more].map((entry) => JSON.stringify(entry))
    writeFileSync(at('lists', `${list}.ndjson`), lines.length === 0 ? '' : `${lines.join('\n')}\n`)
  }
  const laneIds = Array.from({ length: plan.lanes }, (_, index) => `lane-${index + 1}`)
  const kinds = plan.readers ?? readerKinds
  const devices = laneIds.map((lane, index) => ({
    lane,
    kind: kinds[index % kinds.length] ?? 'line',
    wire: at('wires', `${lane}.tty`),
    secretFile: secret(`${lane}-devices`),
  }))
  const files: SiteFiles = {
    gatewayConfig: at('gateway.yaml'),
    edgeConfig: at('edge.yaml'),
    simConfig: at('sim.yaml'),
    edgeDataDir: plan.edgeDataDir ?? at('edge-data'),
    gatewayDataDir: at('gateway-data'),
    truthFile: at('truth.jsonl'),
  }
  write(files.gatewayConfig, gatewayConfig(plan, files, at('lists')))
  write(files.edgeConfig, edgeConfig(plan, devices, files, secret('bus-driver')))
  write(files.simConfig, simConfig(plan, devices, files))
  return files
}

interface Device {
  readonly lane: string
  readonly kind: ReaderKind
  readonly wire: string
  readonly secretFile: string
}

/** Under this name the player itself signs in. */
export const simulatedOfficer = 'simulated-officer'

/** The two who lift a hold together: the player, and who opens the console. */
export const liftingPeople = [simulatedOfficer, 'operator'] as const

/** Somebody who works at lanes and behind them, and makes no rules. */
export const dutyOfficer = 'duty-officer'

/** What whoever plays everybody may do: every role that the gateway knows. */
const everyRole = ['supervisor', 'maintainer']

/** JSON is YAML: what is generated needs no comments. */
function write(file: string, content: unknown): void {
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
}

function gatewayConfig(plan: SitePlan, files: SiteFiles, listsDir: string): unknown {
  const { recordsDir, keysDir, personsDir } = plan.certificates.trust
  return {
    version: 1,
    site: plan.site,
    dataDir: files.gatewayDataDir,
    http: { port: plan.ports.http },
    mqtt: { port: plan.ports.mqtt },
    edgeHttp: { port: plan.ports.edgeHttp },
    edges: [{ edgeId: plan.edge }],
    trust: { recordsDir, keysDir, personsDir },
    // The player compares what is stored with what was recorded, event by event.
    secretOrderReaders: [simulatedOfficer],
    people: [
      { name: 'operator', roles: everyRole },
      { name: simulatedOfficer, roles: everyRole },
      { name: dutyOfficer, roles: ['officer', 'inspector'] },
    ],
    initialLists: Object.fromEntries(listNames.map((list) => [list, path.join(listsDir, `${list}.ndjson`)])),
    logLevel: plan.logLevel,
  }
}

function edgeConfig(
  plan: SitePlan,
  devices: readonly Device[],
  files: SiteFiles,
  driverSecretFile: string,
): unknown {
  const bus = `mqtt://127.0.0.1:${plan.ports.bus}`
  const overBus = (topic: string, dialect: string) => ({
    kind: 'mqtt',
    url: bus,
    username: 'edge',
    secretFile: driverSecretFile,
    topic,
    dialect,
  })
  const readers = devices.flatMap((device) => {
    const feeds = [{ lane: device.lane }]
    const reader =
      device.kind === 'line'
        ? { kind: 'line', path: device.wire, dialect: 'transcore' }
        : overBus(`readers/${device.lane}/tags`, 'impinj-r700')
    return [
      { id: `reader-${device.lane}`, feeds, ...reader },
      { id: `devices-${device.lane}`, feeds, ...overBus(`readers/${device.lane}/devices`, 'lanekeeper') },
      { id: `camera-${device.lane}`, feeds, ...overBus(`readers/${device.lane}/plates`, 'lanekeeper') },
    ]
  })
  return {
    version: 1,
    site: plan.site,
    edge: plan.edge,
    dataDir: files.edgeDataDir,
    language: plan.language,
    logLevel: plan.logLevel,
    gateway: {
      mqtt: `mqtts://127.0.0.1:${plan.ports.uplink}`,
      http: `https://127.0.0.1:${plan.ports.edgeHttpUplink ?? plan.ports.edgeHttp}`,
    },
    readerBus: {
      port: plan.ports.bus,
      users: [
        { name: 'edge', secretFile: driverSecretFile, subscribe: ['readers/#'] },
        ...devices.map((device) => ({
          name: `${device.lane}-devices`,
          secretFile: device.secretFile,
          publish: [`readers/${device.lane}/#`],
        })),
      ],
    },
    readers,
    lanes: devices.map(({ lane }, index) => ({
      id: lane,
      ...useOf(plan, index),
      requires: [`reader-${lane}`],
      ...(plan.mode === undefined ? {} : { mode: plan.mode }),
      // The yard has a camera at every lane.
      timing: { plateWithinMs: 1_500, ...plan.timing },
      // Its readers repeat: one read may be of whoever waits behind.
      decision: { tagReadsMin: 2, ...plan.decision },
      ...(plan.disinfection === undefined ? {} : { disinfection: plan.disinfection }),
      barrier: {
        kind: 'opcua',
        ...(kindOf(plan, index)?.sprayer === true ? { sprayer: {} } : {}),
        endpoint: `opc.tcp://127.0.0.1:${plan.ports.plc}`,
        serverCertificateFile: plan.certificates.plcCertificateFile,
        pkiDir: plan.certificates.edgePkiDir,
      },
    })),
  }
}

function kindOf({ kinds = [] }: SitePlan, index: number): LaneKind | undefined {
  return kinds[index % Math.max(1, kinds.length)]
}

/** Direction and profile of a lane, and what it needs. */
function useOf(plan: SitePlan, index: number) {
  const kind = kindOf(plan, index)
  const isInward = kind === undefined ? index % 2 === 0 : /^[a-z]+In/.test(kind.profile)
  return {
    direction: isInward ? 'in' : 'out',
    profile: kind?.profile ?? (isInward ? 'roadInNoBoxCar' : 'roadOutNoBoxCar'),
    ...(kind?.needs === undefined ? {} : { needs: kind.needs }),
  }
}

function simConfig(plan: SitePlan, devices: readonly Device[], files: SiteFiles): SimConfig {
  return {
    version: 1,
    plc: {
      port: plan.ports.plc,
      pkiDir: plan.certificates.plcPkiDir,
      edgeCertificateFile: plan.certificates.edgeCertificateFile,
    },
    bus: `mqtt://127.0.0.1:${plan.ports.bus}`,
    truthFile: files.truthFile,
    arrivals: plan.drawn,
    lanes: devices.map((device, index) => ({
      id: device.lane,
      sprayer: kindOf(plan, index)?.sprayer === true,
      secretFile: device.secretFile,
      reader:
        device.kind === 'line'
          ? { kind: 'line', wire: device.wire, form: 'transcore' }
          : { kind: 'mqtt', form: 'impinj-r700' },
    })),
  }
}
