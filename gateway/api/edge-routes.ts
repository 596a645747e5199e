import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { gzip, type ZlibOptions } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  gapEntriesMax,
  listDeltaSchema,
  type ListDelta,
  type ListGap,
  type ListHead,
} from '../../edge/messages/down.js'
import { listNames, type ListName } from '../../edge/messages/entities.js'
import type { TrustMessage } from '../../edge/messages/trust/records.js'
import { Refusal } from '../desk/refusal.js'
import type { Lists } from '../lists/lists.js'
import type { Memory } from '../store/memory.js'
import { document, parse } from './parse.js'

const listParams = z.object({ list: z.enum(listNames) })
const deltaQuery = z.object({ from: z.coerce.number().int().min(0) })
const rootsQuery = z.object({ from: z.coerce.number().int().min(1) })
const fullQuery = z.object({
  version: z.coerce.number().int().min(1).optional(),
  /** List key of the last entry that is there already, of the content that `if-match` names by its hash. */
  after: z.string().min(1).max(512).optional(),
})

const pageRows = 2_000
/** Three times as fast as the usual level, and larger by a tenth. */
const packLevel = 2
const pack = promisify<string, ZlibOptions, Buffer>(gzip)

/** How edges fetch lists, on the listener that knows them by their certificates (edge-server.ts). */
export function edgeRoutes(
  app: FastifyInstance,
  given: { lists: Lists; memory: Memory; rootsFrom: (from: number) => TrustMessage['roots'] },
): void {
  const { lists, memory, rootsFrom } = given
  const config = { access: 'edge' as const }
  const security = [{ edge: [] }]

  app.get(
    '/edge/v1/lists/:list/delta',
    {
      config,
      schema: {
        summary: 'One delta from a version to the newest; 404 where none leads from there',
        security,
        params: document(listParams),
        querystring: document(deltaQuery, 'input'),
        response: { 200: document(listDeltaSchema) },
      },
    },
    async (request) => {
      const { list } = parse(listParams, request.params)
      const { from } = parse(deltaQuery, request.query)
      const delta = await lists.delta(list, from)
      if (!delta) throw new Refusal('noDelta', `no single delta leads from ${list}@${from} to the newest`)
      return delta
    },
  )

  app.get(
    '/edge/v1/lists/:list/changes',
    {
      config,
      schema: {
        summary:
          'Everything that changed from a version to the newest, as NDJSON: what is to come, then one change a line; ' +
          'gzip where accepted; 404 where the version is not kept or too much has changed',
        security,
        params: document(listParams),
        querystring: document(deltaQuery, 'input'),
      },
    },
    async (request, reply) => {
      const { list } = parse(listParams, request.params)
      const { from } = parse(deltaQuery, request.query)
      const delta = await lists.delta(list, from, gapEntriesMax)
      if (!delta) throw new Refusal('noDelta', `too much changed from ${list}@${from} to the newest`)
      return sendLines(request, reply, linesOfChanges(delta))
    },
  )

  app.get(
    '/edge/v1/trust/roots',
    {
      config,
      schema: {
        summary: 'Root records from a version on, oldest first, at most 64: the chain for who was away long',
        security,
        querystring: document(rootsQuery, 'input'),
      },
    },
    (request) => rootsFrom(parse(rootsQuery, request.query).from).slice(0, 64),
  )

  app.get(
    '/edge/v1/lists/:list/full',
    {
      config,
      schema: {
        summary:
          'A whole version as NDJSON: the head, then one entry a line in the order of the hash tree; with after, ' +
          'the rest behind that key of the content named by if-match (412 where it is another); gzip where accepted',
        security,
        params: document(listParams),
        querystring: document(fullQuery, 'input'),
      },
    },
    async (request, reply) => {
      const { list } = parse(listParams, request.params)
      const { version = memory.head(list)?.version, after } = parse(fullQuery, request.query)
      const head = version === undefined ? undefined : await lists.head(list, version)
      if (!head) throw new Refusal('notFound', `${list}@${version ?? '?'} is not kept`)
      const match = request.headers['if-match']
      if (match !== undefined && match !== etagOf(head))
        return reply
          .status(412)
          .send({ error: 'otherContent', message: `${list}@${head.version} has another content here` })
      reply.header('etag', etagOf(head))
      return sendLines(request, reply, pagesOf(lists, list, head, after))
    },
  )
}

function etagOf(head: ListHead): string {
  return `"${head.contentHash}"`
}

function sendLines(
  request: FastifyRequest,
  reply: FastifyReply,
  pages: AsyncIterable<string> | Iterable<string>,
): FastifyReply {
  reply.header('content-type', 'application/x-ndjson')
  if (!/(^|[\s,])gzip([\s,]|$)/.test(String(request.headers['accept-encoding'] ?? '')))
    return reply.send(Readable.from(pages, { objectMode: false }))
  reply.header('content-encoding', 'gzip').header('vary', 'accept-encoding')
  return reply.send(Readable.from(packed(pages), { objectMode: false }))
}

/** Changes as lines, a page at a time. */
function* linesOfChanges({ upserts, deletes, ...delta }: ListDelta): Generator<string> {
  const gap: ListGap = { ...delta, upserts: upserts.length, deletes: deletes.length }
  yield `${JSON.stringify(gap)}\n`
  for (let at = 0; at < upserts.length; at += pageRows)
    yield upserts
      .slice(at, at + pageRows)
      .map((upsert) => `${JSON.stringify({ upsert })}\n`)
      .join('')
  for (let at = 0; at < deletes.length; at += pageRows)
    yield deletes
      .slice(at, at + pageRows)
      .map((key) => `${JSON.stringify({ delete: key })}\n`)
      .join('')
}

/** Each page is packed by itself, outside this thread: whoever is cut has whole pages before it. */
async function* packed(pages: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Uint8Array> {
  for await (const page of pages) yield await pack(page, { level: packLevel })
}

/** The lines of a version, a page at a time; kept versions do not change while they are read. */
async function* pagesOf(lists: Lists, list: ListName, head: ListHead, from = ''): AsyncGenerator<string> {
  yield `${JSON.stringify(head)}\n`
  let after: string | null = from
  while (after !== null) {
    const page = await lists.pageForEdge(list, head.version, after, pageRows)
    if (page.entries.length > 0) yield `${page.entries.join('\n')}\n`
    after = page.next
  }
}
