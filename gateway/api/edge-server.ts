import { createServer, type Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import type { Clock } from '../../edge/base/clock.js'
import { hasCode, messageOf } from '../../edge/base/error.js'
import type { Logger } from '../../edge/base/log.js'
import {
  enrolRequestSchema,
  enrolVersion,
  renewRequestSchema,
  type IdentityState,
} from '../../edge/messages/enrol.js'
import type { Authority, Peer, ServerIdentity } from '../authority/authority.js'
import type { Enrolment } from '../authority/enrolment.js'
import { edgeTls, peerOf } from '../authority/listener.js'
import { IdentityRefused } from '../authority/refused.js'
import { Tries } from '../authority/tries.js'
import { Refusal } from '../desk/refusal.js'
import { parse } from './parse.js'

export interface EdgeServerGiven {
  readonly listen: { readonly host: string; readonly port: number }
  readonly authority: Authority
  readonly own: ServerIdentity
  readonly enrolment: Enrolment
  readonly clock: Clock
  readonly log: Logger
  /** What edges may ask for beside their identity; behind the certificate like everything here. */
  readonly routes: (app: FastifyInstance) => void
}

/** Enrolments tried from one address a minute. */
const triesMax = 20
const bodyMaxBytes = 64 * 1024

type Known = Extract<Peer, { ok: true }>

/**
 * The listener for edges, HTTPS with certificates on both sides. Every route needs the certificate of an
 * enrolled edge but the one that gives the first: forgetting it opens nothing.
 */
export class EdgeServer {
  readonly counters = { requests: 0, refused: 0, failed: 0, handshakesFailed: 0 }
  readonly #given: EdgeServerGiven
  readonly #app: FastifyInstance
  readonly #tries: Tries
  readonly #peers = new WeakMap<FastifyRequest, Known>()
  readonly #sockets = new Map<string, Set<Socket>>()
  #server: Server | null = null

  private constructor(given: EdgeServerGiven) {
    this.#given = given
    this.#tries = new Tries(given.clock, triesMax)
    this.#app = fastify({
      bodyLimit: bodyMaxBytes,
      requestTimeout: 30_000,
      forceCloseConnections: true,
      routerOptions: { caseSensitive: true, ignoreTrailingSlash: false, maxParamLength: 300 },
      serverFactory: (handler) => {
        this.#server = createServer(edgeTls(given.authority, given.own), handler)
        this.#server.on('tlsClientError', () => {
          this.counters.handshakesFailed += 1
        })
        return this.#server
      },
    })
  }

  static async open(given: EdgeServerGiven): Promise<EdgeServer> {
    const opened = new EdgeServer(given)
    opened.#prepare()
    await opened.#app.listen({ host: given.listen.host, port: given.listen.port })
    return opened
  }

  /** For a new certificate while it runs. */
  get server(): Server {
    if (!this.#server) throw new Error('the listener for edges is not open')
    return this.#server
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  /** Ends every connection of an edge, downloads under way included. */
  endSessions(edgeId: string): void {
    for (const socket of this.#sockets.get(edgeId) ?? []) socket.destroy()
  }

  async close(): Promise<void> {
    await this.#app.close()
  }

  #prepare(): void {
    const app = this.#app
    app.setValidatorCompiler(() => () => true)
    app.setSerializerCompiler(() => (value) => JSON.stringify(value))
    app.removeContentTypeParser('text/plain')
    app.decorateRequest('edgeId', null)
    app.addHook('onRequest', (request, reply, next) => {
      this.counters.requests += 1
      reply.header('cache-control', 'no-store')
      try {
        if (request.routeOptions.config?.access !== 'open') this.#demandEdge(request)
        next()
      } catch (error) {
        next(error instanceof Error ? error : new Error(messageOf(error)))
      }
    })
    this.#answerErrors()
    this.#identityRoutes()
    this.#given.routes(app)
  }

  #identityRoutes(): void {
    const { enrolment, clock } = this.#given
    this.#app.post('/edge/v1/enrol', { config: { access: 'open' } }, async (request) => {
      if (!this.#tries.may(request.ip)) throw new Refusal('tooManyTries', 'too many tries: wait a minute')
      return enrolment.enrol(parse(enrolRequestSchema, request.body))
    })
    this.#app.post('/edge/v1/renew', async (request) => {
      const peer = this.#peer(request)
      if (!this.#tries.may(peer.edgeId)) throw new Refusal('tooManyTries', 'too many tries: wait a minute')
      return enrolment.renew(peer, parse(renewRequestSchema, request.body))
    })
    this.#app.get('/edge/v1/identity', (request): IdentityState => {
      const { edgeId, serial, expiresAt } = this.#peer(request)
      return { v: enrolVersion, edgeId, serial, expiresAt, at: clock.now().wallMs }
    })
  }

  #demandEdge(request: FastifyRequest): void {
    const { socket } = request.raw
    const peer = peerOf(socket, this.#given.enrolment)
    if (!peer.ok) throw new IdentityRefused(peer.why)
    request.edgeId = peer.edgeId
    this.#peers.set(request, peer)
    const sockets = this.#sockets.get(peer.edgeId) ?? new Set()
    this.#sockets.set(peer.edgeId, sockets)
    if (sockets.has(socket)) return
    sockets.add(socket)
    socket.once('close', () => {
      sockets.delete(socket)
    })
  }

  #peer(request: FastifyRequest): Known {
    const peer = this.#peers.get(request)
    if (!peer) throw new IdentityRefused('noCertificate')
    return peer
  }

  #answerErrors(): void {
    this.#app.setNotFoundHandler((_request, reply) => {
      void reply.status(404).send({ error: 'notFound', message: 'there is nothing at this address' })
    })
    this.#app.setErrorHandler((error: unknown, request, reply) => {
      const { status, why, message } = answerFor(error)
      if (status >= 500) {
        this.counters.failed += 1
        const url = request.url.split('?')[0]
        this.#given.log.error({ url, error: messageOf(error) }, 'request of an edge failed')
      } else {
        this.counters.refused += 1
        this.#given.log.debug({ why, from: request.ip }, 'request of an edge refused')
      }
      void reply.status(status).send({ error: why, message })
    })
  }
}

/** What was thrown, as an answer: nothing of an internal failure but its name goes out. */
function answerFor(error: unknown): { status: number; why: string; message: string } {
  if (error instanceof IdentityRefused)
    return { status: error.status, why: error.why, message: error.message }
  if (error instanceof Refusal) return { status: error.status, why: error.error, message: error.message }
  if (hasCode(error, 'store.commitFailed')) {
    return { status: 503, why: 'storeNotWritable', message: 'the gateway cannot write its store' }
  }
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500
  if (typeof status === 'number' && status >= 400 && status < 500)
    return { status, why: 'invalid', message: messageOf(error) }
  return { status: 500, why: 'internal', message: 'the gateway failed; its log says why' }
}
