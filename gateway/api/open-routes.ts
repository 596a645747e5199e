import { existsSync } from 'node:fs'
import path from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { Registry, Gauge } from 'prom-client'
import { z } from 'zod'
import type { Agency } from '../../edge/messages/agencies.js'
import { languages, textOf } from '../../edge/messages/text/catalogue.js'
import type { HttpServer } from './server.js'
import type { Sessions } from './sessions.js'
import type { People } from '../people/people.js'
import { giveCookie, signInRoutes } from './sign-in-routes.js'

export interface OpenRoutesGiven {
  readonly http: HttpServer
  readonly sessions: Sessions
  readonly people: People
  /** The agency of a person; undefined: none. */
  readonly agencyOf: (name: string) => Agency | undefined
  readonly version: string
  readonly consoleDir: string
  /** Every counter and gauge of the gateway, by name. */
  readonly figures: () => Readonly<Record<string, number>>
  readonly isHealthy: () => boolean
}

const loginQuery = z.object({ token: z.string().min(1).max(200) })

/** What needs no session: the page, signing in, and whether the gateway lives. */
export async function openRoutes(app: FastifyInstance, given: OpenRoutesGiven): Promise<void> {
  const { isHealthy, version } = given
  const open = { access: 'open' as const }
  app.get('/healthz', { config: open, schema: { summary: 'Whether the gateway can store' } }, (_, reply) => {
    reply.status(isHealthy() ? 200 : 503)
    return { ok: isHealthy(), version }
  })
  // Browsers ask for it on pages without a link to an icon, whenever they find time to.
  app.get('/favicon.ico', { config: open, schema: { hide: true } }, (_, reply) => reply.status(204).send())
  app.get('/openapi.json', { config: open, schema: { hide: true } }, () => app.swagger())
  linkRoute(app, given)
  signInRoutes(app, given)
  metricsRoute(app, given)
  await consoleRoutes(app, given)
}

function linkRoute(app: FastifyInstance, { http, sessions }: OpenRoutesGiven): void {
  const loginOptions = {
    config: { access: 'open' as const },
    // A HEAD, as link checkers send it, must not use the link up.
    exposeHeadRoute: false,
    schema: { summary: 'Sign in with the link that the gateway printed: works once' },
  }
  app.get('/login', loginOptions, async (request, reply) => {
    if (!sessions.mayTry(request.ip)) return page(reply, 429, 'api.tooManyTries', false)
    const query = loginQuery.safeParse(request.query)
    const session = query.success ? await sessions.signIn(query.data.token, request.ip) : undefined
    if (!session) return page(reply, 401, 'api.linkUsed', false)
    giveCookie(http, reply, session)
    // The browser is sent on by the page and not by the answer's status: after a link in another
    // program, a redirect would still count as that program's request and leave the cookie out.
    return page(reply, 200, 'api.signedIn', true)
  })
}

function metricsRoute(app: FastifyInstance, { figures }: OpenRoutesGiven): void {
  const registry = new Registry()
  const gauges = new Map<string, Gauge>()
  app.get(
    '/metrics',
    { config: { access: 'operatorOrLoopback' }, schema: { hide: true } },
    async (_request, reply) => {
      for (const [name, value] of Object.entries(figures())) {
        const gauge =
          gauges.get(name) ??
          new Gauge({ name: `lanekeeper_gateway_${name}`, help: name, registers: [registry] })
        gauges.set(name, gauge)
        gauge.set(value)
      }
      reply.header('content-type', registry.contentType)
      return registry.metrics()
    },
  )
}

async function consoleRoutes(app: FastifyInstance, { consoleDir }: OpenRoutesGiven): Promise<void> {
  if (!existsSync(path.join(consoleDir, 'index.html'))) {
    app.get('/', { config: { access: 'open' }, schema: { hide: true } }, (_request, reply) =>
      page(reply, 503, 'api.consoleNotBuilt', false),
    )
    return
  }
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'open' }
      route.schema = { ...route.schema, hide: true }
    })
    await scope.register(fastifyStatic, { root: consoleDir, index: ['index.html'], cacheControl: false })
  })
}

/** A page of a sentence, in every language: it is seen before anybody has chosen one. */
function page(reply: FastifyReply, status: number, key: string, goOn: boolean): FastifyReply {
  const sentences = languages.map((language) => `<p lang="${language}">${textOf(key, language)}</p>`).join('')
  const onward = goOn ? '<meta http-equiv="refresh" content="0;url=/"><p><a href="/">Lanekeeper</a></p>' : ''
  return reply
    .status(status)
    .header('content-type', 'text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(`<!doctype html><meta charset="utf-8"><title>Lanekeeper</title>${onward}${sentences}`)
}
