import path from 'node:path'
import type { Cancel, Clock } from '../edge/base/clock.js'
import { messageOf } from '../edge/base/error.js'
import type { Logger } from '../edge/base/log.js'
import { EdgeServer, type EdgeServerGiven } from './api/edge-server.js'
import { Authority } from './authority/authority.js'
import { Enrolment } from './authority/enrolment.js'
import { edgeTls, peerOf, ServerCertificates } from './authority/listener.js'
import { Spool, type SpooledOrder } from './authority/spool.js'
import { Broker } from './broker/broker.js'
import type { GatewayConfig } from './config.js'
import type { FaultBoard } from './desk/fault-board.js'
import type { Switchboard } from './desk/switchboard.js'
import type { Inbox } from './inbox/inbox.js'
import type { Database } from './store/database.js'

/** How often sessions are looked at whose certificate may have ended meanwhile. */
const sweepEveryMs = 600_000

export interface EdgeSideGiven {
  readonly database: Database
  readonly clock: Clock
  readonly log: Logger
  readonly inbox: Inbox
  readonly switchboard: Switchboard
  readonly faults: FaultBoard
  /** Root record of the lists' trust, for boxes that enrol. */
  readonly rootRecord?: () => Uint8Array | undefined
  /** The edge has come, and wants to know which lists are the newest now. */
  readonly onAsksForTrust: (edgeId: string) => void
}

/** What edges see of the gateway: its authority, its broker, and its listener for enrolment and lists. */
export interface EdgeSide {
  readonly broker: Broker
  readonly enrolment: Enrolment
  /** Opens the HTTPS listener, once everything that it serves is there; returns its address. */
  listen(routes: EdgeServerGiven['routes']): Promise<string>
  readonly mqttUrl: string
  figures(): Readonly<Record<string, Readonly<Record<string, number>>>>
  close(): Promise<void>
}

/** Key and certificates of the authority, where the configuration names none. */
export function authorityFiles(config: GatewayConfig): { keyFile: string; certFile: string } {
  const folder = path.join(config.dataDir, 'authority')
  const { keyFile, certFile } = config.authority
  return {
    keyFile: keyFile ?? path.join(folder, 'authority.key'),
    certFile: certFile ?? path.join(folder, 'authority.pem'),
  }
}

const loopbackNames = ['localhost', '127.0.0.1', '::1']

export async function openEdgeSide(config: GatewayConfig, given: EdgeSideGiven): Promise<EdgeSide> {
  const { clock, log, inbox, switchboard, faults, database, rootRecord } = given
  const nowMs = clock.now().wallMs
  const authority = await Authority.open({ ...authorityFiles(config), site: config.site, nowMs })
  const names = [...new Set([...config.authority.names, ...loopbackNames])]
  const certificates = new ServerCertificates({ authority, names, clock, log })
  const own = await certificates.first()
  let server: EdgeServer | undefined = undefined
  const enrolment = new Enrolment({
    ...{ authority, database, clock, log },
    edgeIds: config.edges.map(({ edgeId }) => edgeId),
    certificateForMs: config.authority.certificateDays * 86_400_000,
    tokenForMs: config.authority.tokenForMs,
    ...(rootRecord && { rootRecord }),
    onEnded: (edgeId) => {
      broker.endInvalid(edgeId)
      server?.endSessions(edgeId)
    },
    onRevoked: (edgeId, revoked, detail) => {
      const is = revoked ? 'raised' : 'cleared'
      faults.change({ is, code: 'gateway.edgeRevoked', source: edgeId, detail })
    },
  })
  await database.read((sql) => enrolment.load(sql))
  const broker = await Broker.open({
    site: config.site,
    listen: config.mqtt,
    tls: edgeTls(authority, own),
    peerOf: (socket) => peerOf(socket, enrolment),
    clock,
    log,
    onEvent: (edgeId, payload) => inbox.offer(edgeId, payload),
    onHealth: (edgeId, payload) => switchboard.health(edgeId, payload),
    onAnswer: (edgeId, payload) => switchboard.answer(edgeId, payload),
    onConnection: (edgeId) => switchboard.edgeChanged(edgeId),
    onListening: (edgeId, to) => {
      if (to === 'down') switchboard.edgeListens(edgeId)
      if (to === 'trust') given.onAsksForTrust(edgeId)
    },
    onContest: (edgeId, contested) => {
      const is = contested ? 'raised' : 'cleared'
      faults.change({ is, code: 'gateway.edgeIdContested', source: edgeId })
    },
  })
  certificates.keep(broker.server)
  const spool = new Spool({ dataDir: config.dataDir, clock, log, take: (order) => obey(enrolment, order) })
  const stopSweeping = sweep(clock, log, async () => {
    broker.endInvalid()
    await enrolment.forgetEnded()
  })
  return {
    broker,
    enrolment,
    mqttUrl: `mqtts://${shownHost(config.mqtt.host)}:${broker.port}`,
    listen: async (routes) => {
      const listen = config.edgeHttp
      const opened = await EdgeServer.open({ listen, authority, own, enrolment, clock, log, routes })
      server = opened
      certificates.keep(opened.server)
      await spool.start()
      return `https://${shownHost(listen.host)}:${opened.port}`
    },
    figures: () => ({
      enrolment: { ...enrolment.counters },
      ...(server && { edge_http: { ...server.counters } }),
    }),
    close: async () => {
      stopSweeping()
      certificates.close()
      await spool.close()
      await server?.close()
      await broker.close()
    },
  }
}

async function obey(enrolment: Enrolment, order: SpooledOrder): Promise<void> {
  if (order.do === 'token') await enrolment.takeToken(order)
  else await enrolment.revoke(order.edgeId, order.by, order.reason)
}

function sweep(clock: Clock, log: Logger, work: () => Promise<void>): () => void {
  let stopped = false
  let cancel: Cancel = () => undefined
  const later = (): void => {
    cancel = clock.after('certificates', sweepEveryMs, () => {
      work()
        .catch((error: unknown) => {
          log.error({ error: messageOf(error) }, 'ended certificates could not be forgotten')
        })
        .finally(() => {
          if (!stopped) later()
        })
    })
  }
  later()
  return () => {
    stopped = true
    cancel()
  }
}

/** As it stands in an address. */
function shownHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
