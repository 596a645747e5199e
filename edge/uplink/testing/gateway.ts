import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type net from 'node:net'
import type { AddressInfo } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { Aedes, type Client } from 'aedes'
import { testAuthority } from '../../../gateway/authority/testing/authority.js'
import { wireVersion, type SentEvent } from '../../messages/envelope.js'
import { downTopic, listHeadTopic, parseTopic, type DownKind } from '../../messages/topics.js'
import type { Answer, Health } from '../../messages/up.js'

export const site = 'site-1'
export const edgeId = 'edge-1'

/** How one HTTP request for a list is answered. */
export type ListRoute = (request: IncomingMessage, response: ServerResponse, url: URL) => void

/**
 * The gateway's end of the wire for tests of the uplink: a real broker on loopback that ingests
 * before it answers, keeps events in memory, and can be killed, forgetful or silent.
 */
export class TestGateway {
  /** Every event as it came, repeats included. */
  readonly heard: SentEvent[] = []
  readonly stored = new Map<number, SentEvent>()
  readonly answers: Answer[] = []
  readonly health: Health[] = []
  /** Message ids that the edge acknowledged to the broker. */
  brokerAcks = 0
  /** Whether acknowledgements of the gateway are sent. */
  acks = true
  /** While set, publishes are not answered at all. */
  hangs = false
  accepts = true
  connections = 0
  listRoute: ListRoute = (_request, response) => response.writeHead(404).end()
  epoch = ''
  #mqttPort = 0
  #aedes: Aedes | null = null
  #server: net.Server | null = null
  #http: Server | null = null
  readonly #sockets = new Set<net.Socket>()
  readonly #retained = new Map<string, string>()

  get mqttUrl(): string {
    return `mqtts://127.0.0.1:${this.#mqttPort}`
  }

  get httpUrl(): string {
    return `https://127.0.0.1:${(this.#http?.address() as AddressInfo).port}`
  }

  async start(): Promise<void> {
    if (!this.#http) {
      this.#http = createServer(await tls(), (request, response) => {
        this.listRoute(request, response, new URL(request.url ?? '', this.httpUrl))
      })
      await listening(this.#http, 0)
    }
    const aedes = await Aedes.createBroker({ concurrency: 500 })
    this.#aedes = aedes
    aedes.authenticate = (client, _username, _password, done) => {
      const right = client.id === edgeId
      if (right && this.accepts) done(null, true)
      else done(Object.assign(new Error('refused'), { returnCode: 5 }), false)
    }
    aedes.authorizePublish = (_client, packet, done) => {
      if (this.hangs) return
      this.#ingest(packet.topic, packet.payload.toString())
      done(null)
    }
    aedes.on('ack', (_packet, client: Client) => {
      if (client) this.brokerAcks += 1
    })
    aedes.on('subscribe', () => this.ack())
    aedes.on('clientReady', () => (this.connections += 1))
    for (const [topic, payload] of this.#retained) this.publish(topic, payload, true)
    this.#server = createTlsServer(await tls(), (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      aedes.handle(socket)
    })
    await listening(this.#server, this.#mqttPort)
    this.#mqttPort = (this.#server.address() as AddressInfo).port
  }

  /** The broker is gone at once, with all its connections; `start` brings another one to the same port. */
  async kill(): Promise<void> {
    const server = this.#server
    const aedes = this.#aedes
    this.#server = null
    this.#aedes = null
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)))
    await new Promise<void>((resolve) => (aedes ? aedes.close(resolve) : resolve()))
  }

  async close(): Promise<void> {
    await this.kill()
    this.#http?.closeAllConnections()
    await new Promise((resolve) => this.#http?.close(resolve))
  }

  /** Highest sequence up to which every event is stored. */
  get contiguous(): number {
    let upTo = 0
    while (this.stored.has(upTo + 1)) upTo += 1
    return upTo
  }

  ack(upTo = this.contiguous): void {
    if (!this.acks || this.epoch === '') return
    this.down('ack', { v: wireVersion, epoch: this.epoch, upTo, at: Date.now() })
  }

  down(kind: DownKind, message: unknown, retain = false): void {
    this.publish(downTopic(site, edgeId, kind), JSON.stringify(message), retain)
  }

  head(list: string, message: unknown): void {
    this.publish(listHeadTopic(site, list), JSON.stringify(message), true)
  }

  publish(topic: string, payload: string | Buffer, retain = false): void {
    if (retain) this.#retained.set(topic, payload.toString())
    this.#aedes?.publish({ cmd: 'publish', topic, payload, qos: 1, retain, dup: false }, () => undefined)
  }

  #ingest(topicText: string, payload: string): void {
    const topic = parseTopic(topicText)
    if (topic?.to !== 'up') return
    const message: unknown = JSON.parse(payload)
    if (topic.kind === 'answer') this.answers.push(message as Answer)
    else if (topic.kind === 'health') this.health.push(message as Health)
    else {
      const event = message as SentEvent
      this.heard.push(event)
      this.epoch = event.epoch
      this.stored.set(event.sequence, event)
      // Coalesced, as the gateway does after a commit.
      if (this.#ackPending) return
      this.#ackPending = true
      setImmediate(() => {
        this.#ackPending = false
        this.ack()
      })
    }
  }

  #ackPending = false
}

/** Certificates on both sides: who has none of the test's authority does not get as far as the broker. */
async function tls(): Promise<TlsOptions> {
  const { authority, server } = await testAuthority()
  const own = { key: server.keyPem, cert: server.chainPem, minVersion: 'TLSv1.3' as const }
  return { ...own, ca: [...authority.certificatesPem], requestCert: true, rejectUnauthorized: true }
}

function listening(server: net.Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
}
