import { randomUUID } from 'node:crypto'
import { assert } from '../../edge/base/assert.js'
import { systemClock, type Cancel, type Clock } from '../../edge/base/clock.js'
import { silentLogger, type Logger } from '../../edge/base/log.js'
import {
  MessageSecurityMode,
  OPCUAServer,
  SecurityPolicy,
  setErrorLogger,
  setWarningLogger,
} from './library.js'
import { publishLanes, type Publication } from './address-space.js'
import type { PlcLane } from './model.js'
import { plcApplicationUri, preparePki, type PlcPki } from './pki.js'

export interface PlcServerOptions {
  /** Lanes of one PLC: the same boot, the same heartbeat period, started at the same time. */
  readonly lanes: readonly PlcLane[]
  /** 0: a free one, kept over restarts. */
  readonly port: number
  /** Own certificate and key, and below `trusted/certs` the certificates that may connect. */
  readonly pkiDir: string
  /** PEM files put into the trusted ones at the start. */
  readonly trustedCertificateFiles?: readonly string[]
  /** Heartbeat period; must be that of the lanes. */
  readonly tickMs?: number
  /** Cycle of the program. */
  readonly scanMs?: number
  /** Fastest sampling that is offered; a PLC that offers 1,000 ms is too slow for loops. */
  readonly samplingMs?: number
  /** The clock by which the caller moves the lanes as well. */
  readonly clock?: Clock
  readonly log?: Logger
}

export interface PlcServer {
  readonly endpoint: string
  readonly serverCertificateFile: string
  /** Sessions that are open now. */
  readonly sessionCount: number
  /** Values of these nodes (by name, e.g. `EntryLoop`) get bad quality; an empty list mends all. */
  setBadQuality(laneId: string, names: readonly string[]): void
  /** The power goes: the port is closed, the bars stay where they are. */
  stop(): Promise<void>
  /** A new boot on the same port, after {@link PlcServer.stop} or instead of it. */
  restart(): Promise<void>
}

/**
 * Puts simulated lanes on the wire as one PLC: OPC UA, SignAndEncrypt with Basic256Sha256 only,
 * and only for certificates that lie in its trusted folder; without one of them not even an
 * anonymous session comes about.
 */
export async function startPlcServer(options: PlcServerOptions): Promise<PlcServer> {
  const [first] = options.lanes
  assert(first, 'a PLC has at least one lane')
  for (const lane of options.lanes) {
    assert(lane.bootId === first.bootId, 'the lanes of one PLC have one boot id')
    assert(lane.settings.tickMs === first.settings.tickMs, 'the lanes of one PLC have one heartbeat')
  }
  assert(
    (options.tickMs ?? first.settings.tickMs) === first.settings.tickMs,
    'lanes count in ticks of the PLC',
  )
  const clock = options.clock ?? systemClock
  keepLibraryQuiet(options.log ?? silentLogger)
  const pki = await preparePki({
    pkiDir: options.pkiDir,
    trustedCertificateFiles: options.trustedCertificateFiles ?? [],
    nowWallMs: clock.now().wallMs,
  })
  const bad = new Set<string>()
  const start = (port: number) => run({ ...options, clock }, port, pki, bad)
  let running: Running | null = await start(options.port)
  const { endpoint, port } = running

  const stop = async () => {
    const stopping = running
    running = null
    if (!stopping) return
    for (const lane of options.lanes) lane.powerOff(clock.now().monoMs)
    await stopping.end()
  }
  return {
    endpoint,
    serverCertificateFile: pki.certificateFile,
    get sessionCount() {
      return running?.sessionCount() ?? 0
    },
    setBadQuality: (laneId, names) => {
      for (const key of [...bad]) if (key.startsWith(`${laneId}.`)) bad.delete(key)
      for (const name of names) bad.add(`${laneId}.${name}`)
    },
    stop,
    restart: async () => {
      await stop()
      const bootId = `boot-${randomUUID().slice(0, 8)}`
      for (const lane of options.lanes) lane.restart(clock.now().monoMs, bootId)
      running = await start(port)
    },
  }
}

interface Running {
  readonly endpoint: string
  readonly port: number
  sessionCount(): number
  end(): Promise<void>
}

async function run(
  options: PlcServerOptions & { readonly clock: Clock },
  port: number,
  pki: PlcPki,
  bad: ReadonlySet<string>,
): Promise<Running> {
  const manager = await pki.open()
  const server = new OPCUAServer({
    host: '127.0.0.1',
    hostname: '127.0.0.1',
    port,
    securityModes: [MessageSecurityMode.SignAndEncrypt],
    securityPolicies: [SecurityPolicy.Basic256Sha256],
    serverCertificateManager: manager,
    userCertificateManager: manager,
    certificateFile: pki.certificateFile,
    privateKeyFile: pki.privateKeyFile,
    serverInfo: { applicationUri: plcApplicationUri },
    maxConnectionsPerEndpoint: 20,
    isAuditing: false,
  })
  await server.initialize()
  const publication = publishLanes(server, options, bad)
  await server.start()
  const endpoint = server.getEndpointUrl()
  const stopScanning = scan(options, publication)
  return {
    endpoint,
    port: Number(new URL(endpoint).port),
    sessionCount: () => server.engine.currentSessionCount,
    end: async () => {
      stopScanning()
      await server.shutdown(0)
      await manager.dispose()
    },
  }
}

/** The program's cycle: time goes on in every lane, then what changed is published. */
function scan(options: PlcServerOptions & { readonly clock: Clock }, publication: Publication): () => void {
  let next: Cancel = () => undefined
  const cycle = () => {
    next = options.clock.after('plc.scan', options.scanMs ?? 20, cycle)
    const nowMs = options.clock.now().monoMs
    for (const lane of options.lanes) lane.advance(nowMs)
    publication.publish()
  }
  cycle()
  return () => {
    next()
  }
}

/** The library speaks to the console; here it speaks to the log, and only in detail. */
function keepLibraryQuiet(log: Logger): void {
  const say = (_context: unknown, ...words: unknown[]) => {
    log.debug({ from: 'node-opcua' }, words.map(String).join(' '))
  }
  setWarningLogger(say)
  setErrorLogger(say)
}
