import type { FastifyInstance, FastifySchema } from 'fastify'
import { z } from 'zod'
import { idSchema } from '../../edge/messages/envelope.js'
import type { Enrolment } from '../authority/enrolment.js'
import { operatorOf } from './guard.js'
import { document, parse } from './parse.js'
import { apiErrorSchema } from './schemas.js'

const edgeParams = z.object({ edgeId: idSchema })

/** `GET /api/enrolment`: how each edge stands. Times are UTC ms. */
export const enrolmentStateSchema = z.object({
  edges: z.array(
    z.object({
      edgeId: z.string(),
      /** The newest certificate that counts; null: none that this store knows. */
      certificate: z.object({ serial: z.string(), issuedAt: z.number(), expiresAt: z.number() }).nullable(),
      revoked: z.object({ at: z.number(), by: z.string(), reason: z.string() }).nullable(),
    }),
  ),
})

/** `POST /api/edges/:edgeId/token`: the line for `lanekeeper enroll`, shown this once. */
export const newTokenSchema = z.object({ edgeId: z.string(), token: z.string(), expiresAt: z.number() })

/** `POST /api/edges/:edgeId/revoke`. */
export const revokeRequestSchema = z.strictObject({ reason: z.string().trim().min(1).max(500) })

/** Tokens for boxes, how each edge is enrolled, and the end of that. */
export function enrolmentRoutes(app: FastifyInstance, { enrolment }: { enrolment: Enrolment }): void {
  app.get(
    '/api/enrolment',
    { schema: says('How the edges are enrolled', enrolmentStateSchema) },
    (_request, reply) => {
      reply.header('cache-control', 'no-store')
      return { edges: enrolment.states() }
    },
  )

  app.post(
    '/api/edges/:edgeId/token',
    {
      schema: says('Make a one-time enrolment token; earlier ones of this edge are void', newTokenSchema, {
        params: document(edgeParams),
      }),
    },
    async (request, reply) => {
      const { edgeId } = parse(edgeParams, request.params)
      reply.header('cache-control', 'no-store')
      return enrolment.newToken(edgeId, operatorOf(request))
    },
  )

  app.post(
    '/api/edges/:edgeId/revoke',
    {
      schema: says('End every certificate of an edge, at once', z.object({ ok: z.literal(true) }), {
        params: document(edgeParams),
        body: document(revokeRequestSchema, 'input'),
      }),
    },
    async (request) => {
      const { edgeId } = parse(edgeParams, request.params)
      const { reason } = parse(revokeRequestSchema, request.body)
      await enrolment.revoke(edgeId, operatorOf(request), reason)
      return { ok: true }
    },
  )
}

function says(summary: string, answer: z.ZodType, rest: FastifySchema = {}): FastifySchema {
  const refusal = document(apiErrorSchema)
  return {
    summary,
    tags: ['enrolment'],
    security: [{ session: [] }],
    ...rest,
    response: { '2xx': document(answer), '4xx': refusal, '5xx': refusal },
  }
}
