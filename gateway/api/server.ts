import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import cookie from '@fastify/cookie'
import swagger from '@fastify/swagger'
import fastify, { type FastifyInstance } from 'fastify'
import { hasCode, messageOf } from '../../edge/base/error.js'
import type { Logger } from '../../edge/base/log.js'
import type { GatewayConfig } from '../config.js'
import { isLoopback } from '../config-checks.js'
import { Refusal } from '../desk/refusal.js'
import type { Role } from '../domain/roles.js'
import { guard, setSecurityHeaders } from './guard.js'
import type { Sessions } from './sessions.js'

export interface HttpGiven {
  readonly config: GatewayConfig['http']
  readonly log: Logger
  readonly sessions: Sessions
  readonly version: string
  /** What a signed-in person may do. */
  readonly rolesOf: (operator: string) => readonly Role[]
  readonly routes: (app: FastifyInstance, http: HttpServer) => Promise<void>
}

const bodyMaxBytes = 16 * 1024 * 1024

/** The HTTP side: guards, headers and errors in one place; the routes bring the rest. */
export class HttpServer {
  readonly counters = { requests: 0, refused: 0, failed: 0 }
  readonly #given: HttpGiven
  readonly #app: FastifyInstance
  #port = 0

  private constructor(given: HttpGiven) {
    this.#given = given
    const { tls } = given.config
    this.#app = fastify({
      bodyLimit: bodyMaxBytes,
      requestTimeout: 30_000,
      forceCloseConnections: true,
      // Two paths that mean one route would be one guard too few to think about.
      routerOptions: { caseSensitive: true, ignoreTrailingSlash: false, maxParamLength: 300 },
      serverFactory: (handler) =>
        tls
          ? createHttpsServer(
              { key: readFileSync(tls.keyFile), cert: readFileSync(tls.certFile), minVersion: 'TLSv1.2' },
              handler,
            )
          : createHttpServer(handler),
    })
  }

  static async open(given: HttpGiven): Promise<HttpServer> {
    const http = new HttpServer(given)
    await http.#prepare()
    await http.#app.listen({ host: given.config.host, port: given.config.port })
    http.#port = (http.#app.server.address() as AddressInfo).port
    return http
  }

  get isTls(): boolean {
    return this.#given.config.tls !== undefined
  }

  get port(): number {
    return this.#port
  }

  /** Where the gateway reaches itself from this machine, or where the configuration says people do. */
  get url(): string {
    const { host, publicOrigins } = this.#given.config
    const [publicOrigin] = publicOrigins
    if (publicOrigin !== undefined) return publicOrigin
    const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
    return `${this.isTls ? 'https' : 'http'}://${name}:${this.#port}`
  }

  /** A name of its own for every gateway: cookies do not tell the ports of one host apart. */
  get cookieName(): string {
    return `${this.isTls ? '__Host-' : ''}lanekeeper-${this.#port}`
  }

  /** Host headers under which we answer. */
  hosts(): ReadonlySet<string> {
    const { host, publicOrigins } = this.#given.config
    const names = isLoopback(host) ? ['127.0.0.1', 'localhost', '[::1]', host] : ['localhost', host]
    const hosts = names.flatMap((name) => {
      const isDefault = this.#port === (this.isTls ? 443 : 80)
      return isDefault ? [name, `${name}:${this.#port}`] : [`${name}:${this.#port}`]
    })
    return new Set([...hosts, ...publicOrigins.map((origin) => new URL(origin).host)])
  }

  origins(): ReadonlySet<string> {
    const own = [...this.hosts()].map((host) => `${this.isTls ? 'https' : 'http'}://${host}`)
    return new Set([...own, ...this.#given.config.publicOrigins])
  }

  async close(): Promise<void> {
    await this.#app.close()
  }

  async #prepare(): Promise<void> {
    const app = this.#app
    const { version, routes } = this.#given
    // Bodies are parsed by zod in the routes; the schemas of fastify only make the document.
    app.setValidatorCompiler(() => () => true)
    app.setSerializerCompiler(() => (value) => JSON.stringify(value))
    app.removeContentTypeParser('text/plain')
    app.decorateRequest('session', null)
    await app.register(cookie)
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Lanekeeper gateway',
          version,
          description: 'Lanes, escalations, verdicts and control lists of one site.',
        },
        components: {
          securitySchemes: {
            session: { type: 'apiKey', in: 'cookie', name: 'lanekeeper-<port>' },
          },
        },
      },
    })
    app.addHook('onRequest', (request, reply, next) => {
      this.counters.requests += 1
      setSecurityHeaders(reply, this.isTls)
      try {
        guard(
          {
            sessions: this.#given.sessions,
            cookieName: () => this.cookieName,
            hosts: () => this.hosts(),
            origins: () => this.origins(),
            rolesOf: this.#given.rolesOf,
          },
          request,
        )
        next()
      } catch (error) {
        next(error instanceof Error ? error : new Error(messageOf(error)))
      }
    })
    this.#answerErrors()
    await routes(app, this)
  }

  #answerErrors(): void {
    this.#app.setNotFoundHandler((_request, reply) => {
      void reply.status(404).send({ error: 'notFound', message: 'there is nothing at this address' })
    })
    this.#app.setErrorHandler((error: unknown, request, reply) => {
      const refusal = refusalOf(error)
      if (refusal.error === 'internal' || refusal.error === 'storeNotWritable') {
        this.counters.failed += 1
        const { method, url } = request
        this.#given.log.error({ method, url: url.split('?')[0], error: messageOf(error) }, 'request failed')
      } else {
        this.counters.refused += 1
      }
      const { error: code, message, problems } = refusal
      void reply.status(refusal.status).send({ error: code, message, ...(problems ? { problems } : {}) })
    })
  }
}

/** What was thrown, as an answer: nothing of an internal failure but its name goes out. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (hasCode(error, 'store.commitFailed') || isSqliteError(error)) {
    return new Refusal('storeNotWritable', 'the gateway cannot write its store; nothing was done')
  }
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 500
  if (status === 413) return new Refusal('tooLarge', 'the request is larger than the gateway takes')
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new Refusal('invalid', messageOf(error))
  }
  return new Refusal('internal', 'the gateway failed; its log says why')
}

function isSqliteError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_')
}
