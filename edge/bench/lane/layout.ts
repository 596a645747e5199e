import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type {
  BlacklistEntry,
  ControlOrder,
  ListEntry,
  TagEntry,
  VehicleEntry,
} from '../../messages/entities.js'
import { listNames, type ListName } from '../../messages/entities.js'
import { makeCertificates } from '../../cli/certificates.js'
import { freePorts, type SiteCertificates } from '../../../simulators/scenario/site-files.js'

/** A site as the bench lays it out: MQTT readers only, because those cost the edge's process most. */
export interface Layout {
  readonly gatewayConfig: string
  readonly edgeConfig: string
  readonly edgeDataDir: string
  readonly lanes: readonly string[]
  readonly busUrl: string
  readonly readerSecret: string
  readonly plcPort: number
  readonly certificates: SiteCertificates
  readonly entries: number
  /** Seconds a passage has to be decided before the bench gives it up. */
  readonly collectMs: number
}

/** The vehicle of the n-th passage, spread over the whole list so that no page stays warm by chance. */
export function epcOf(passage: number, vehicles: number): string {
  return tagEpc((passage * 7_919) % vehicles)
}

function tagEpc(vehicle: number): string {
  return `E28011606000${vehicle.toString(16).toUpperCase().padStart(12, '0')}`
}

/** How many vehicles lists of so many entries hold: each stands in two lists, a hundredth are orders. */
export function vehiclesIn(entries: number): number {
  return Math.max(1, Math.floor((entries - ordersIn(entries)) / 2))
}

function ordersIn(entries: number): number {
  return Math.floor(entries / 100)
}

/** Orders and stops of subjects that never come, so that every passage is released. */
function listsOf(entries: number, nowMs: number): Partial<Record<ListName, readonly ListEntry[]>> {
  const vehicles: VehicleEntry[] = []
  const tags: TagEntry[] = []
  for (let n = 0; n < vehiclesIn(entries); n += 1) {
    const vehicleId = `V${n}`
    const plates = [{ region: 'CN' as const, text: `粤B${String(n).padStart(5, '0')}` }]
    vehicles.push({
      kind: 'vehicle',
      vehicleId,
      vehicleKind: 'CAR',
      plates,
      companyId: `C${n % 997}`,
      carriesTag: true,
    })
    tags.push({ kind: 'tag', epc: tagEpc(n), state: 'ACTIVE', vehicleId })
  }
  const orders: ControlOrder[] = []
  const blacklist: BlacklistEntry[] = []
  const common = { agency: 'CUSTOMS' as const, reason: 'bench', validFrom: nowMs - 60_000 }
  const left = entries - vehicles.length - tags.length
  for (let n = 0; n < left; n += 1) {
    const subject = { kind: 'TAG' as const, key: `AD${n.toString(16).toUpperCase().padStart(22, '0')}` }
    if (n % 10 === 0)
      blacklist.push({ kind: 'blacklist', entryId: `B${n}`, subject, level: 'STOP', ...common })
    else
      orders.push({
        kind: 'order',
        orderId: `O${n}`,
        subject,
        action: 'INTERCEPT',
        nature: 'OPEN',
        level: 2,
        maxHits: 0,
        issuedBy: 'bench',
        ...common,
      })
  }
  return { tags, vehicles, orders, blacklist }
}

/** Writes configuration, secrets, certificates and lists of the site. */
export async function layOut(
  dir: string,
  options: { readonly lanes: number; readonly entries: number; readonly nowMs: number },
): Promise<Layout> {
  const at = (...parts: string[]) => path.join(dir, ...parts)
  for (const folder of ['secrets', 'lists']) mkdirSync(at(folder), { recursive: true, mode: 0o700 })
  const lists = listsOf(options.entries, options.nowMs)
  for (const list of listNames)
    writeFileSync(
      at('lists', `${list}.ndjson`),
      (lists[list] ?? []).map((entry) => `${JSON.stringify(entry)}\n`).join(''),
    )
  const [http = 0, mqtt = 0, bus = 0, plc = 0, edgeHttp = 0] = await freePorts(5)
  const secrets = Object.fromEntries(
    ['driver', 'devices'].map((name) => [name, randomBytes(24).toString('base64url')]),
  )
  for (const [name, secret] of Object.entries(secrets))
    writeFileSync(at('secrets', name), `${secret}\n`, { mode: 0o600 })
  const lanes = Array.from({ length: options.lanes }, (_, index) => `lane-${index + 1}`)
  const certificates = await makeCertificates(dir, 'bench')
  const write = (file: string, content: unknown) => {
    writeFileSync(at(file), `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
    return at(file)
  }
  return {
    gatewayConfig: write('gateway.yaml', {
      version: 1,
      site: 'bench',
      dataDir: at('gateway-data'),
      http: { port: http },
      mqtt: { port: mqtt },
      edgeHttp: { port: edgeHttp },
      edges: [{ edgeId: 'edge-1' }],
      // Planning of trips is no part of what is measured, and would make lists of its own meanwhile.
      predecision: { enabled: false },
      operator: 'bench',
      people: [{ name: 'bench', roles: ['maintainer', 'supervisor'] }],
      trust: {
        recordsDir: certificates.trust.recordsDir,
        keysDir: certificates.trust.keysDir,
        personsDir: certificates.trust.personsDir,
      },
      initialLists: Object.fromEntries(listNames.map((list) => [list, at('lists', `${list}.ndjson`)])),
      logLevel: 'warn',
    }),
    edgeConfig: write('edge.yaml', edgeConfig({ at, lanes, edgeHttp, mqtt, bus, plc, certificates })),
    edgeDataDir: at('edge-data'),
    lanes,
    busUrl: `mqtt://127.0.0.1:${bus}`,
    readerSecret: secrets['devices'] ?? '',
    plcPort: plc,
    certificates,
    entries: options.entries,
    collectMs: 400,
  }
}

function edgeConfig(given: {
  readonly at: (...parts: string[]) => string
  readonly lanes: readonly string[]
  readonly edgeHttp: number
  readonly mqtt: number
  readonly bus: number
  readonly plc: number
  readonly certificates: SiteCertificates
}): unknown {
  const { at, lanes, certificates } = given
  return {
    version: 1,
    site: 'bench',
    edge: 'edge-1',
    dataDir: at('edge-data'),
    language: 'en',
    logLevel: 'warn',
    gateway: {
      mqtt: `mqtts://127.0.0.1:${given.mqtt}`,
      http: `https://127.0.0.1:${given.edgeHttp}`,
    },
    readerBus: {
      port: given.bus,
      users: [
        { name: 'edge', secretFile: at('secrets', 'driver'), subscribe: ['readers/#'] },
        { name: 'devices', secretFile: at('secrets', 'devices'), publish: ['readers/#'] },
      ],
    },
    readers: lanes.map((lane) => ({
      id: `reader-${lane}`,
      feeds: [{ lane }],
      kind: 'mqtt',
      url: `mqtt://127.0.0.1:${given.bus}`,
      username: 'edge',
      secretFile: at('secrets', 'driver'),
      topic: `readers/${lane}/tags`,
      dialect: 'impinj-r700',
    })),
    lanes: lanes.map((lane, index) => ({
      id: lane,
      direction: index % 2 === 0 ? 'in' : 'out',
      profile: index % 2 === 0 ? 'roadInNoBoxCar' : 'roadOutNoBoxCar',
      timing: { collectMs: 400 },
      barrier: {
        kind: 'opcua',
        endpoint: `opc.tcp://127.0.0.1:${given.plc}`,
        serverCertificateFile: certificates.plcCertificateFile,
        pkiDir: certificates.edgePkiDir,
      },
    })),
  }
}
