import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Clock } from '../../edge/base/clock.js'
import { listNames } from '../../edge/messages/entities.js'
import { Refusal } from '../desk/refusal.js'
import { exportOf } from '../lists/export.js'
import type { TollingConfig } from '../lists/formats/agencies.js'
import { dryRunSchema, importAskSchema, importFormats, type DryRun } from '../lists/import-record.js'
import type { Imports } from '../lists/imports.js'
import type { Lists } from '../lists/lists.js'
import { differenceKinds } from '../store/imports.js'
import type { Memory } from '../store/memory.js'
import { operatorOf } from './guard.js'
import { differencesSchema, importsSchema } from './list-schemas.js'
import { document, parse } from './parse.js'
import { apiErrorSchema } from './schemas.js'
import { isSecret, shownPage } from './secrecy.js'

export interface ListFileRoutesGiven {
  readonly lists: Lists
  readonly imports: Imports
  readonly memory: Memory
  readonly clock: Clock
  readonly tolling: TollingConfig | undefined
  /** Who may know of secret orders. */
  readonly secretOrderReaders: readonly string[]
}

const listParams = z.object({ list: z.enum(listNames) })
const importParams = listParams.extend({ importId: z.uuid() })
const askQuery = importAskSchema.omit({ list: true }).extend({
  mode: importAskSchema.shape.mode.default('merge'),
  name: importAskSchema.shape.name.default('unnamed'),
})
const differencesQuery = z.object({
  what: z.enum(differenceKinds),
  after: z.string().max(128).default(''),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
})
const exportQuery = z.object({
  format: z.enum(importFormats).default('ndjson'),
  agency: z.string().max(8).optional(),
  to: z.string().max(2).optional(),
  version: z.coerce.number().int().min(1).optional(),
})

const refusal = document(apiErrorSchema)
const security = [{ session: [] }]
const answers = (answer: z.ZodType) => ({ '2xx': document(answer), '4xx': refusal, '5xx': refusal })

/** Files of lists: what one would change, putting that in force, and writing a list as a file. */
export function listFileRoutes(app: FastifyInstance, given: ListFileRoutesGiven): void {
  // A file comes as it is, of any type and far larger than a body that is held: only here.
  app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, taken) => {
      taken(null)
    })
    takeRoute(scope, given)
    done()
  })
  runRoutes(app, given)
  exportRoute(app, given)
}

function takeRoute(app: FastifyInstance, { imports }: ListFileRoutesGiven): void {
  const schema = {
    summary: 'Read a file against a list: a dry run that shows what it would change; 202: still reading',
    security,
    params: document(listParams),
    querystring: document(askQuery, 'input'),
    consumes: ['application/octet-stream'],
    response: answers(dryRunSchema),
  }
  app.post('/api/lists/:list/imports', { schema }, async (request, reply) => {
    const { list } = parse(listParams, request.params)
    const asked = { list, ...parse(askQuery, request.query) }
    const run = await imports.start(asked, operatorOf(request), request.raw)
    reply.status(run.state === 'READING' ? 202 : 201)
    return run
  })
}

function runRoutes(app: FastifyInstance, { imports, secretOrderReaders }: ListFileRoutesGiven): void {
  const at = '/api/lists/:list/imports/:importId'
  const params = document(importParams)
  const of = (request: FastifyRequest) => parse(importParams, request.params)
  const runSchema = (summary: string) => ({ summary, security, params, response: answers(dryRunSchema) })
  const maySee = (request: FastifyRequest) => secretOrderReaders.includes(operatorOf(request))

  app.get(
    '/api/lists/:list/imports',
    {
      schema: {
        summary: 'Files that were read for a list, newest first',
        security,
        params: document(listParams),
        response: answers(importsSchema),
      },
    },
    async (request) => {
      const { list } = parse(listParams, request.params)
      const all = (await imports.all()).filter((run) => run.list === list)
      return { imports: all.map((run) => shownRun(run, request)).map(({ refused: _refused, ...run }) => run) }
    },
  )
  /** Words about a line may name the order in it: of orders they are for their readers, and for who brought the file. */
  const shownRun = (run: DryRun, request: FastifyRequest): DryRun => {
    const { openCounts, ...whole } = run
    if (run.list !== 'orders' || maySee(request) || run.madeBy === operatorOf(request)) return whole
    const counts = openCounts ?? { added: 0, changed: 0, same: 0, gone: 0 }
    return { ...whole, refused: [], counts, read: counts.added + counts.changed + counts.same }
  }
  app.get(at, { schema: runSchema('What became of a file') }, async (request): Promise<DryRun> => {
    const { list, importId } = of(request)
    return shownRun(await imports.get(list, importId), request)
  })
  app.get(
    `${at}/differences`,
    {
      schema: {
        summary: 'What a dry run would change, in key order',
        security,
        params,
        querystring: document(differencesQuery, 'input'),
        response: answers(differencesSchema),
      },
    },
    async (request) => {
      const { list, importId } = of(request)
      const { what, after, limit } = parse(differencesQuery, request.query)
      const all = maySee(request)
      const { rows, next } = await shownPage({
        ...{ after, limit },
        page: async (from, most) => {
          const page = await imports.differences(list, importId, what, from, most)
          return { rows: page.differences, next: page.next }
        },
        isShown: ({ before, after: now }) => all || !(isSecret(before) || isSecret(now)),
        keyOf: ({ key }) => key,
      })
      return { differences: rows, next }
    },
  )
  app.post(`${at}/apply`, { schema: runSchema('Put in force what the dry run showed') }, async (request) => {
    const { list, importId } = of(request)
    return shownRun(await imports.apply(list, importId, operatorOf(request)), request)
  })
  app.post(`${at}/discard`, { schema: runSchema('Forget a dry run') }, async (request) => {
    const { list, importId } = of(request)
    return shownRun(await imports.discard(list, importId, operatorOf(request)), request)
  })
  app.get(
    `${at}/acknowledgement`,
    { schema: { summary: 'The file that tells a toll agency what became of its list', security, params } },
    async (request, reply) => {
      const { list, importId } = of(request)
      const { fileName, text } = await imports.acknowledgement(list, importId)
      reply.header('content-type', 'text/plain; charset=utf-8')
      reply.header('content-disposition', `attachment; filename="${fileName}"`)
      return text
    },
  )
}

function exportRoute(app: FastifyInstance, given: ListFileRoutesGiven): void {
  const { lists, memory, clock, tolling, secretOrderReaders } = given
  const schema = {
    summary: 'One version of a list as a file',
    security,
    params: document(listParams),
    querystring: document(exportQuery, 'input'),
  }
  app.get('/api/lists/:list/export', { schema }, async (request, reply) => {
    const { list } = parse(listParams, request.params)
    const asked = parse(exportQuery, request.query)
    const version = asked.version ?? memory.head(list)?.version
    const head = version === undefined ? undefined : await lists.head(list, version)
    if (!head) throw new Refusal('notFound', `${list}@${version ?? '?'} is not kept`)
    const all = secretOrderReaders.includes(operatorOf(request))
    const isShown = (entry: unknown) => all || !isSecret(entry)
    const made = exportOf({ lists, tolling, nowMs: clock.now().wallMs, isShown }, { list, ...asked }, head)
    reply.header('content-type', made.contentType)
    reply.header('content-disposition', `attachment; filename="${made.fileName}"`)
    return reply.send(Readable.from(made.parts, { objectMode: false }))
  })
}
