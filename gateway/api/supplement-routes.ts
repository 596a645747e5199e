import type { FastifyInstance, FastifySchema } from 'fastify'
import { z } from 'zod'
import type { Supplements } from '../tasks/supplements.js'
import { operatorOf } from './guard.js'
import { document, parse } from './parse.js'
import { apiErrorSchema } from './schemas.js'
import {
  correctionRequestSchema,
  enteredSchema,
  outageRequestSchema,
  outageSchema,
  supplementSchema,
} from './supplement-schemas.js'

const passageParams = z.object({ passageId: z.string().min(1).max(120) })
const outageParams = z.object({ outageId: z.string().min(1).max(64) })
const limitQuery = z.object({ limit: z.coerce.number().int().min(1).max(1_000).default(100) })
const papersMaxBytes = 1024 * 1024

/** What is added to the records afterwards: corrections, outages, passages from paper. */
export function supplementRoutes(
  app: FastifyInstance,
  { supplements }: { readonly supplements: Supplements },
): void {
  app.get(
    '/api/passages/:passageId/supplements',
    {
      schema: says('What was added to a passage', z.object({ supplements: z.array(supplementSchema) }), {
        params: document(passageParams),
      }),
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      return { supplements: await supplements.of(parse(passageParams, request.params).passageId) }
    },
  )

  app.post(
    '/api/passages/:passageId/corrections',
    {
      schema: says('Correct a passage that is over; what was recorded stays', supplementSchema, {
        params: document(passageParams),
        body: document(correctionRequestSchema, 'input'),
      }),
    },
    async (request) => {
      const { passageId } = parse(passageParams, request.params)
      const asked = parse(correctionRequestSchema, request.body)
      return supplements.correct(passageId, asked, operatorOf(request))
    },
  )
  outageRoutes(app, supplements)
}

function outageRoutes(app: FastifyInstance, supplements: Supplements): void {
  app.get(
    '/api/outages',
    {
      schema: says('Announced outages, newest first', z.object({ outages: z.array(outageSchema) }), {
        querystring: document(limitQuery, 'input'),
      }),
    },
    async (request) => ({ outages: await supplements.outages(parse(limitQuery, request.query).limit) }),
  )

  app.post(
    '/api/outages',
    { schema: says('Announce an outage', outageSchema, { body: document(outageRequestSchema, 'input') }) },
    async (request) => supplements.announce(parse(outageRequestSchema, request.body), operatorOf(request)),
  )

  const params = document(outageParams)
  app.post(
    '/api/outages/:outageId/end',
    { schema: says('The outage is over', outageSchema, { params }) },
    async (request) => supplements.end(parse(outageParams, request.params).outageId, operatorOf(request)),
  )

  app.post(
    '/api/outages/:outageId/entries',
    {
      bodyLimit: papersMaxBytes,
      schema: says('Enter passages from paper, one a line (NDJSON, at most 500)', enteredSchema, {
        params,
        consumes: ['application/x-ndjson'],
        body: { type: 'string' },
      }),
    },
    async (request) => {
      const { outageId } = parse(outageParams, request.params)
      return supplements.enter(outageId, parse(z.string(), request.body), operatorOf(request))
    },
  )
}

function says(summary: string, answer: z.ZodType, rest: FastifySchema = {}): FastifySchema {
  const refusal = document(apiErrorSchema)
  return {
    summary,
    tags: ['supplements'],
    security: [{ session: [] }],
    ...rest,
    response: { '2xx': document(answer), '4xx': refusal, '5xx': refusal },
  }
}
