import type { AddressInfo, Socket } from 'node:net'
import { createServer, type Server, type TLSSocket, type TlsOptions } from 'node:tls'
import { Aedes, type AuthenticateError, type Client, type PublishPacket, type Subscription } from 'aedes'
import type { Clock } from '../../edge/base/clock.js'
import { messageOf } from '../../edge/base/error.js'
import type { Logger } from '../../edge/base/log.js'
import { messageMaxBytes } from '../../edge/messages/envelope.js'
import type { Peer } from '../authority/authority.js'
import type { GatewayConfig } from '../config.js'
import { Downlink } from './downlink.js'
import { FrameMeter, LimitedSocket } from './frame-limiter.js'
import { maySubscribe, mayPublish, type Listening } from './rights.js'
import { SessionWatch } from './session-watch.js'

export interface BrokerCounters {
  connections: number
  refusedConnections: number
  /** Without a certificate, or with one that is not ours; they never reach MQTT. */
  refusedCertificates: number
  /** With a certificate of ours that does not count, or under another name than it bears. */
  refusedLogins: number
  refusedPublishes: number
  refusedSubscriptions: number
  oversizedFrames: number
  takeovers: number
  /** Health and answers beyond what an edge may send a second. */
  shedUplinks: number
}

export interface BrokerGiven {
  readonly site: string
  readonly listen: GatewayConfig['mqtt']
  readonly tls: TlsOptions
  /** Who is at the other end, by the certificate of the connection; judged anew at each call. */
  readonly peerOf: (socket: Socket) => Peer
  readonly clock: Clock
  readonly log: Logger
  /** PUBACK follows when this resolves; a rejection ends the connection, so that the edge comes back later. */
  readonly onEvent: (edgeId: string, payload: Uint8Array) => Promise<void>
  readonly onHealth: (edgeId: string, payload: Uint8Array) => void
  readonly onAnswer: (edgeId: string, payload: Uint8Array) => void
  readonly onConnection: (edgeId: string, connected: boolean) => void
  /** From now on the edge hears this as well; what is retained of it is on its way. */
  readonly onListening: (edgeId: string, to: Listening) => void
  /** Two machines take turns under one id, or no longer do. */
  readonly onContest: (edgeId: string, contested: boolean) => void
}

/** The longest frame: a message of the wire, and its topic. A CONNECT needs a small part of that. */
const frameMaxBytes = messageMaxBytes + 4 * 1024
const firstFrameMaxBytes = 4 * 1024

/** A second: what an edge of eight lanes sends at most is 5 of health and a few answers. */
const uplinksPerSecond = 50

/**
 * The embedded broker, taken as a pipe: it keeps no session, no queue and no state that matters. Every
 * hook denies by default.
 */
export class Broker {
  readonly counters: BrokerCounters = {
    connections: 0,
    refusedConnections: 0,
    refusedCertificates: 0,
    refusedLogins: 0,
    refusedPublishes: 0,
    refusedSubscriptions: 0,
    oversizedFrames: 0,
    takeovers: 0,
    shedUplinks: 0,
  }
  /** What goes down to edges. */
  readonly down: Downlink
  readonly #given: BrokerGiven
  readonly #aedes: Aedes
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** The socket of TLS behind what aedes reads: the certificate stands there. */
  readonly #tlsSockets = new WeakMap<object, Socket>()
  readonly #uplinks = new Map<string, { second: number; count: number }>()
  readonly #watch: SessionWatch

  private constructor(given: BrokerGiven) {
    this.#given = given
    this.#watch = new SessionWatch(given.clock, given.onContest)
    this.#aedes = new Aedes({
      concurrency: 100,
      connectTimeout: 5_000,
      drainTimeout: 2_000,
      keepaliveLimit: 120,
      maxInflightInbound: 1,
      maxTopicLevels: 8,
      preConnect: (_client, packet, done) => {
        const ok = packet.clean === true && packet.will === undefined && packet.protocolVersion === 4
        // Without an error aedes would leave the connection open, and it has stopped its timer by now.
        if (ok) done(null, true)
        else done(this.#refusedConnection(packet.clientId), false)
      },
      authenticate: (client, _username, _password, done) => {
        this.#authenticate(client, done)
      },
      authorizePublish: (client, packet, done) => {
        this.#publish(client, packet, done)
      },
      authorizeSubscribe: (client, subscription, done) => {
        done(null, this.#subscribe(client, subscription))
      },
      authorizeForward: (client, packet) => (this.down.mayForward(client, packet) ? packet : null),
    })
    this.down = new Downlink({ site: given.site, aedes: this.#aedes, log: given.log })
    this.#server = this.#createServer()
    this.#listenToClients()
  }

  /** Listens, and resolves with the broker once it does. */
  static async open(given: BrokerGiven): Promise<Broker> {
    const broker = new Broker(given)
    await broker.#aedes.listen()
    const { host, port } = given.listen
    await new Promise<void>((resolve, reject) => {
      broker.#server.once('error', reject)
      broker.#server.listen(port, host, () => {
        broker.#server.off('error', reject)
        resolve()
      })
    })
    return broker
  }

  /** For a new certificate while it runs. */
  get server(): Server {
    return this.#server
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Ends the session of an edge whose certificate counts no longer; absent: of every such edge. */
  endInvalid(edgeId?: string): void {
    for (const [id, client] of this.down.sessions()) {
      if (edgeId !== undefined && id !== edgeId) continue
      const peer = this.#peer(client)
      if (peer.ok && peer.edgeId === id) continue
      this.#given.log.warn({ edge: id, why: peer.ok ? 'otherEdge' : peer.why }, 'MQTT session ended')
      client.close()
    }
  }

  async close(): Promise<void> {
    this.#watch.close()
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve()
      })
    })
    await new Promise<void>((resolve) => {
      this.#aedes.close(() => {
        resolve()
      })
    })
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #createServer(): Server {
    const server = createServer(this.#given.tls, (socket) => {
      this.#accept(socket)
    })
    server.on('tlsClientError', () => {
      this.counters.refusedConnections += 1
    })
    server.maxConnections = this.#given.listen.maxClients
    return server
  }

  #accept(socket: TLSSocket): void {
    this.counters.connections += 1
    const peer = this.#given.peerOf(socket)
    // Who holds no certificate of ours says no word to the broker. Who holds one that does not count hears so in MQTT.
    if (!peer.ok && (peer.why === 'noCertificate' || peer.why === 'foreignCertificate')) {
      this.counters.refusedCertificates += 1
      const count = this.counters.refusedCertificates
      if (count <= 10 || count % 1_000 === 0)
        this.#given.log.warn({ from: socket.remoteAddress, why: peer.why, count }, 'MQTT connection refused')
      socket.on('error', () => undefined)
      socket.destroy()
      return
    }
    this.#sockets.add(socket)
    socket.setNoDelay(true)
    socket.once('close', () => {
      this.#sockets.delete(socket)
    })
    const meter = new FrameMeter((isFirst) => (isFirst ? firstFrameMaxBytes : frameMaxBytes))
    const limited = new LimitedSocket(socket, meter, () => {
      this.counters.oversizedFrames += 1
      this.#given.log.warn(
        { from: socket.remoteAddress },
        'connection ended: frame longer than the wire allows',
      )
    })
    // aedes answers errors of the stream itself; this one is for those that come after it let go.
    limited.on('error', () => undefined)
    this.#tlsSockets.set(limited, socket)
    this.#aedes.handle(limited)
  }

  #listenToClients(): void {
    const quiet = (client: Client | null, error: Error) => {
      this.#given.log.debug({ edge: client?.id, error: error.message }, 'MQTT connection ended with an error')
    }
    this.#aedes.on('clientError', quiet)
    this.#aedes.on('connectionError', quiet)
    this.#aedes.on('client', (client) => {
      this.down.came(client)
      this.#given.onConnection(client.id, true)
      // A revocation may have come while it signed in.
      this.endInvalid(client.id)
    })
    this.#aedes.on('clientDisconnect', (client) => {
      if (this.down.left(client)) this.#given.onConnection(client.id, false)
    })
    this.#aedes.on('subscribe', (subscriptions, client) => {
      const rights = subscriptions.map(({ topic }) => maySubscribe(this.#given.site, client.id, topic))
      const granted = rights.filter((right) => right !== null)
      for (const to of this.down.listens(client, granted)) this.#given.onListening(client.id, to)
    })
    this.#aedes.on('unsubscribe', (_filters, client) => {
      // Edges never do.
      this.down.listensNoMore(client)
    })
  }

  #authenticate(
    client: Client,
    done: (error: AuthenticateError | null, success: boolean | null) => void,
  ): void {
    const peer = this.#peer(client)
    if (!peer.ok || peer.edgeId !== client.id) {
      this.counters.refusedLogins += 1
      const why = peer.ok ? `the certificate is that of ${peer.edgeId}` : peer.why
      this.#given.log.warn({ edge: client.id.slice(0, 64), why }, 'MQTT login refused')
      done(null, false)
      return
    }
    if (this.down.isConnected(client.id)) {
      this.counters.takeovers += 1
      this.#watch.takenOver(client.id)
    }
    done(null, true)
  }

  #peer(client: Client): Peer {
    const socket = this.#tlsSockets.get(client.conn)
    return socket ? this.#given.peerOf(socket) : { ok: false, why: 'noCertificate' }
  }

  #publish(client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const edgeId = client?.id ?? ''
    const right = mayPublish(this.#given.site, edgeId, packet)
    if (!right.ok) {
      this.counters.refusedPublishes += 1
      const { topic } = packet
      this.#given.log.warn({ edge: edgeId, topic: topic.slice(0, 200), why: right.why }, 'publish refused')
      done(new Error(`publish refused: ${right.why}`))
      return
    }
    const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
    if (right.kind === 'event') {
      this.#given.onEvent(edgeId, payload).then(
        () => {
          done()
        },
        (error: unknown) => {
          done(error instanceof Error ? error : new Error(messageOf(error)))
        },
      )
      return
    }
    if (this.#mayUplink(edgeId)) {
      if (right.kind === 'health') this.#given.onHealth(edgeId, payload)
      else this.#given.onAnswer(edgeId, payload)
    }
    done()
  }

  #mayUplink(edgeId: string): boolean {
    const second = Math.floor(this.#given.clock.now().monoMs / 1_000)
    const known = this.#uplinks.get(edgeId)
    const budget = known?.second === second ? known : { second, count: 0 }
    budget.count += 1
    this.#uplinks.set(edgeId, budget)
    if (budget.count <= uplinksPerSecond) return true
    this.counters.shedUplinks += 1
    return false
  }

  #subscribe(client: Client, subscription: Subscription): Subscription | null {
    if (maySubscribe(this.#given.site, client.id, subscription.topic)) return subscription
    this.counters.refusedSubscriptions += 1
    const { topic } = subscription
    this.#given.log.warn({ edge: client.id, filter: topic.slice(0, 200) }, 'subscription refused')
    return null
  }

  #refusedConnection(clientId: string): Error {
    this.counters.refusedConnections += 1
    const why = 'no clean session, a will, or not MQTT 3.1.1'
    this.#given.log.warn({ edge: clientId.slice(0, 64), why }, 'MQTT connection refused')
    return new Error(why)
  }
}
