import type { FastifyInstance, FastifySchema } from 'fastify'
import { z } from 'zod'
import { idSchema } from '../../edge/messages/envelope.js'
import { listEntrySchema, listKeyOf, listNames, type ListEntry } from '../../edge/messages/entities.js'
import type { Desk } from '../desk/desk.js'
import { Refusal } from '../desk/refusal.js'
import type { Lists } from '../lists/lists.js'
import type { Database } from '../store/database.js'
import { rawEvents, rawEventsOfPassage, storedCounts } from '../store/events.js'
import type { Memory } from '../store/memory.js'
import { auditEntries, loadPassages, type CommandRecord } from '../store/records.js'
import { operatorOf, rolesOfPerson } from './guard.js'
import { demandRole, roleForCommand } from './rights.js'
import { importRoutes } from './import-routes.js'
import type { LiveFeed } from './live.js'
import { document, parse } from './parse.js'
import {
  apiErrorSchema,
  escalationSchema,
  laneCommandRequestSchema,
  listChangeRequestSchema,
  listStateSchema,
  passageStateSchema,
  stateSchema,
  verdictRequestSchema,
  type GatewayState,
} from './schemas.js'
import { isSecret, shownAudit, shownEvent, shownPage } from './secrecy.js'
import { escalationView, listView, passageView } from './views.js'

export interface OperatorRoutesGiven {
  readonly database: Database
  readonly memory: Memory
  readonly desk: Desk
  readonly lists: Lists
  readonly live: LiveFeed
  readonly edgeIds: () => readonly string[]
  readonly snapshot: (operator: string) => GatewayState
  readonly maySee: (sessionHash: string) => boolean
  /** Who may know of secret orders. */
  readonly secretOrderReaders: readonly string[]
}

const passageEventsMax = 2_000
const eventsPageMax = 1_000

const listParams = z.object({ list: z.enum(listNames) })
const escalationParams = z.object({ escalationId: z.string().min(1).max(140) })
const passageParams = z.object({ passageId: z.string().min(1).max(120) })
const laneParams = z.object({ edgeId: idSchema, lane: idSchema })
const edgeParams = z.object({ edgeId: idSchema })
const commandParams = z.object({ commandId: idSchema })
const eventsQuery = z.object({
  epoch: z.string().min(1).max(40),
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(eventsPageMax).default(200),
})
const entriesQuery = z.object({
  after: z.string().max(128).default(''),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
})
const limitQuery = z.object({ limit: z.coerce.number().int().min(1).max(1_000).default(200) })

const eventSchema = z.record(z.string(), z.unknown())
const commandStateSchema = z.object({
  commandId: z.string(),
  edgeId: z.string(),
  lane: z.string(),
  expiresAt: z.number(),
  /** Null: no word of the edge yet; once it has expired, it had no effect. */
  result: z.enum(['accepted', 'refused']).nullable(),
  why: z.string().nullable(),
})

/** Everything a signed-in person may see and do. */
export function operatorRoutes(app: FastifyInstance, given: OperatorRoutesGiven): void {
  stateRoutes(app, given)
  recordRoutes(app, given)
  deskRoutes(app, given)
  listRoutes(app, given)
}

function stateRoutes(app: FastifyInstance, { live, snapshot, maySee }: OperatorRoutesGiven): void {
  app.get('/api/state', { schema: says('The whole picture', stateSchema) }, (request, reply) => {
    reply.header('cache-control', 'no-store')
    return snapshot(operatorOf(request))
  })

  app.get(
    '/api/live',
    { schema: { summary: 'Server-sent events: a snapshot, then what changes', tags: ['state'] } },
    (request, reply) => {
      const operator = operatorOf(request)
      const hash = request.session?.hash ?? ''
      reply.hijack()
      const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' }
      reply.raw.writeHead(200, { ...stringHeaders(reply.getHeaders()), ...headers })
      const client = { operator, response: reply.raw, maySee: () => maySee(hash) }
      if (!live.open(client)) reply.raw.end()
    },
  )
}

function recordRoutes(
  app: FastifyInstance,
  { database, memory, secretOrderReaders }: OperatorRoutesGiven,
): void {
  app.get(
    '/api/passages/:passageId',
    {
      schema: says(
        'A passage and its events',
        z.object({ passage: passageStateSchema, events: z.array(eventSchema) }),
        { params: document(passageParams) },
      ),
    },
    async (request) => {
      const { passageId } = parse(passageParams, request.params)
      return database.read(async (sql) => {
        const passage = memory.passage(passageId) ?? (await loadPassages(sql, [passageId]))[0]
        if (!passage) throw new Refusal('notFound', `there is no passage ${passageId}`)
        const raw = await rawEventsOfPassage(sql, passage.edgeId, passageId, passageEventsMax)
        const events = raw.map(parsedEvent)
        const all = secretOrderReaders.includes(operatorOf(request))
        const shown = all ? events : events.map(shownEvent).filter((event) => event !== null)
        return { passage: passageView(passage), events: shown }
      })
    },
  )

  app.get(
    '/api/edges/:edgeId/events',
    {
      schema: says('Stored events of one epoch in order', z.object({ events: z.array(eventSchema) }), {
        params: document(edgeParams),
        querystring: document(eventsQuery, 'input'),
      }),
    },
    async (request) => {
      // Evidence as it was sent: with anything left out or changed its chain of hashes would not hold.
      if (!secretOrderReaders.includes(operatorOf(request)))
        throw new Refusal('notAllowed', 'only secretOrderReaders of the configuration may read whole records')
      const { edgeId } = parse(edgeParams, request.params)
      const { epoch, after, limit } = parse(eventsQuery, request.query)
      const rows = await database.read((sql) => rawEvents(sql, edgeId, epoch, after, limit))
      return { events: rows.map((row) => parsedEvent(row.raw)) }
    },
  )

  const countSchema = z.object({
    edgeId: z.string(),
    epoch: z.string(),
    stored: z.number(),
    upTo: z.number(),
  })
  app.get(
    '/api/stored',
    { schema: says('How many events of each epoch are stored', z.object({ epochs: z.array(countSchema) })) },
    async () => ({ epochs: await database.read(storedCounts) }),
  )

  app.get(
    '/api/audit',
    {
      schema: says('What operators did, newest first', z.object({ entries: z.array(eventSchema) }), {
        querystring: document(limitQuery, 'input'),
      }),
    },
    async (request) => {
      const { limit } = parse(limitQuery, request.query)
      const entries = await database.read((sql) => auditEntries(sql, limit))
      const all = secretOrderReaders.includes(operatorOf(request))
      return { entries: all ? entries : entries.map(shownAudit) }
    },
  )
}

function deskRoutes(app: FastifyInstance, { desk, edgeIds }: OperatorRoutesGiven): void {
  app.post(
    '/api/escalations/:escalationId/verdict',
    {
      schema: says('Answer an escalation', escalationSchema, {
        params: document(escalationParams),
        body: document(verdictRequestSchema, 'input'),
      }),
    },
    async (request) => {
      const { escalationId } = parse(escalationParams, request.params)
      const asked = parse(verdictRequestSchema, request.body)
      return escalationView(await desk.giveVerdict(escalationId, asked, operatorOf(request)))
    },
  )

  app.post(
    '/api/edges/:edgeId/lanes/:lane/command',
    {
      schema: says('Order something of a lane', commandStateSchema, {
        params: document(laneParams),
        body: document(laneCommandRequestSchema, 'input'),
      }),
    },
    async (request, reply) => {
      const { edgeId, lane } = parse(laneParams, request.params)
      const asked = parse(laneCommandRequestSchema, request.body)
      demandRole(rolesOfPerson(request), roleForCommand(asked.what))
      if (!edgeIds().includes(edgeId)) throw new Refusal('notFound', `there is no edge ${edgeId}`)
      reply.status(202)
      return commandView(await desk.giveCommand(edgeId, lane, asked, operatorOf(request)))
    },
  )

  app.get(
    '/api/commands/:commandId',
    { schema: says('What became of a command', commandStateSchema, { params: document(commandParams) }) },
    async (request) => commandView(await desk.command(parse(commandParams, request.params).commandId)),
  )
}

function listRoutes(app: FastifyInstance, { lists, memory, secretOrderReaders }: OperatorRoutesGiven): void {
  importRoutes(app, { lists })
  const entriesSchema = z.object({
    list: listStateSchema,
    entries: z.array(listEntrySchema),
    /** Pass as `after` for the next page; null: that was all. */
    next: z.string().nullable(),
  })
  app.get(
    '/api/lists/:list',
    {
      schema: says('A list and its entries in key order', entriesSchema, {
        params: document(listParams),
        querystring: document(entriesQuery, 'input'),
      }),
    },
    async (request) => {
      const { list } = parse(listParams, request.params)
      const { after, limit } = parse(entriesQuery, request.query)
      const head = memory.head(list)
      if (!head) throw new Refusal('notFound', `there is no list ${list}`)
      const all = secretOrderReaders.includes(operatorOf(request))
      const { rows, next } = await shownPage({
        ...{ after, limit },
        page: async (from, most) => {
          const page = await lists.page(list, head.version, from, most)
          return { rows: page.entries.map((entry) => listEntryOf(entry)), next: page.next }
        },
        isShown: (entry) => all || !isSecret(entry),
        keyOf: listKeyOf,
      })
      return { list: listView(head), entries: rows, next }
    },
  )

  app.post(
    '/api/lists/:list/changes',
    {
      schema: says('Change a list: one new version, all or nothing', listStateSchema, {
        params: document(listParams),
        body: document(listChangeRequestSchema, 'input'),
      }),
    },
    async (request) => {
      const { list } = parse(listParams, request.params)
      const asked = parse(listChangeRequestSchema, request.body)
      return listView(await lists.change(list, asked, operatorOf(request)))
    },
  )
}

function says(summary: string, answer: z.ZodType, rest: FastifySchema = {}): FastifySchema {
  const refusal = document(apiErrorSchema)
  return {
    summary,
    security: [{ session: [] }],
    ...rest,
    response: { '2xx': document(answer), '4xx': refusal, '5xx': refusal },
  }
}

function commandView({ commandId, edgeId, lane, expiresAt, result, why }: CommandRecord) {
  return { commandId, edgeId, lane, expiresAt, result, why }
}

function listEntryOf(text: string): ListEntry {
  return JSON.parse(text) as ListEntry
}

function parsedEvent(raw: string): unknown {
  return JSON.parse(raw)
}

function stringHeaders(headers: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}
