import path from 'node:path'
import type { Test } from 'tap'
import { systemClock } from '../base/clock.js'
import type { FaultChange } from '../base/fault.js'
import { silentLogger, type Logger } from '../base/log.js'
import { describeProblems } from '../base/result.js'
import { writeIdentity } from '../enrol/files.js'
import { parseEdgeConfig } from '../config/parse.js'
import { startEdge, type Edge } from '../main.js'
import { initKeys } from '../cli/keys-make.js'
import type { EventDraft, Journal } from '../interfaces/journal.js'
import { openLink, type Link } from '../../gateway/testing/link.js'
import { site, type GatewayUnderTest } from '../../gateway/testing/gateway-under-test.js'
import { LaneHardware } from './lane-hardware.js'

/** A whole edge of one lane, composed as the program composes it, with its two lines to a real gateway. */
export interface EdgeAtGateway {
  readonly edge: Edge
  readonly hardware: LaneHardware
  readonly mqtt: Link
  readonly http: Link
  /** Everything that was recorded, oldest first, with the time of it, monotonic ms. */
  readonly records: (EventDraft & { readonly atMs: number })[]
  of(type: string): readonly (EventDraft & { readonly atMs: number })[]
  /** Waits, with a bound; false when it did not come. */
  eventually(holds: () => boolean, boundMs?: number): Promise<boolean>
  stands(code: FaultChange['code']): boolean
}

/** Keys for signed lists: what the gateway's configuration says of them, and the root that the edge is given. */
export function trustIn(dir: string) {
  const keys = path.join(dir, 'keys')
  const nowMs = systemClock.now().wallMs
  initKeys({
    ...{ dir: keys, site, offline: [], days: 100, nowMs: Math.floor(nowMs) - 86_400_000 },
    ...{ rootKeys: 2, rootThreshold: 2, rootDays: 400 },
  })
  const recordsDir = path.join(keys, 'records')
  return {
    gateway: { recordsDir, keysDir: path.join(keys, 'online') },
    edge: { rootFile: path.join(recordsDir, 'root.1.json') },
  }
}

/** The edge of the data folder `edge` beside the gateway's; `trust` is the edge's part of {@link trustIn}. */
export async function edgeAtGateway(
  t: Test,
  gateway: GatewayUnderTest,
  dir: string,
  over: {
    readonly gateway?: object
    readonly lane?: object
    readonly log?: Logger
    /** `trust` of the edge; absent: lists are unsigned, as at the gateway under test. */
    readonly trust?: object
  } = {},
): Promise<EdgeAtGateway> {
  const port = (url: string): number => Number(new URL(url).port)
  const mqtt = await openLink(port(gateway.gateway.mqttUrl))
  const http = await openLink(port(gateway.gateway.edgeUrl))
  const config = parseEdgeConfig(
    {
      version: 1,
      site,
      edge: 'edge-1',
      dataDir: 'edge',
      gateway: {
        mqtt: `mqtts://127.0.0.1:${mqtt.port}`,
        http: `https://127.0.0.1:${http.port}`,
        ...over.gateway,
      },
      trust: over.trust ?? { unsigned: true },
      readers: [
        { id: 'reader-1', kind: 'line', path: 'wire', dialect: 'transcore', feeds: [{ lane: 'lane-1' }] },
      ],
      lanes: [
        {
          id: 'lane-1',
          direction: 'in',
          profile: 'roadInNoBoxCar',
          timing: { collectMs: 50 },
          barrier: {
            kind: 'opcua',
            endpoint: 'opc.tcp://127.0.0.1:4840',
            serverCertificateFile: 'plc.pem',
            pkiDir: 'pki',
          },
          ...over.lane,
        },
      ],
    },
    (named) => path.resolve(dir, named),
  )
  if (!config.ok) throw new Error(describeProblems(config.problems))
  const dataDir = config.value.dataDir
  writeIdentity(dataDir, { ...(await gateway.identity()), edgeId: 'edge-1' })
  const hardware = new LaneHardware(systemClock)
  const records: (EventDraft & { atMs: number })[] = []
  const edge = await startEdge(
    {
      ...config.value,
      readers: config.value.readers.map((reader) => ({ ...reader, open: hardware.openReader })),
    },
    {
      clock: systemClock,
      // The shortest waits that the policies know, so that a test need not wait for the longest.
      random: { next: () => 0.999 },
      log: over.log ?? silentLogger,
      version: 'test',
      decorate: {
        journal: (journal) => noting(journal, records),
        openBarrier: (_open, given) => hardware.openBarrier(given),
      },
    },
  )
  t.teardown(async () => {
    await edge.close()
    await Promise.all([mqtt.close(), http.close()])
  })
  const of = (type: string) => records.filter((record) => record.type === type)
  return {
    ...{ edge, hardware, mqtt, http, records, of },
    eventually: async (holds, boundMs = 10_000) => {
      const untilMs = systemClock.now().monoMs + boundMs
      while (!holds()) {
        if (systemClock.now().monoMs > untilMs) return false
        await new Promise((resolve) => systemClock.after('test', 5, () => resolve(null)))
      }
      return true
    },
    stands: (code) => edge.health().faults.some((fault) => fault.code === code),
  }
}

/** A journal that remembers what it was given. */
function noting(journal: Journal, records: (EventDraft & { atMs: number })[]): Journal {
  return {
    ...{ epoch: journal.epoch, bootId: journal.bootId },
    memoryOf: (lane) => journal.memoryOf(lane),
    read: (after) => journal.read(after),
    probe: () => journal.probe(),
    append: async (drafts) => {
      const stored = await journal.append(drafts)
      const atMs = systemClock.now().monoMs
      records.push(...drafts.map((draft) => ({ ...draft, atMs })))
      return stored
    },
  }
}
