import type { FastifyInstance, FastifySchema } from 'fastify'
import { z } from 'zod'
import { idSchema } from '../../edge/messages/envelope.js'
import type { Emergencies } from '../desk/emergencies.js'
import { Refusal } from '../desk/refusal.js'
import type { Database } from '../store/database.js'
import { passagesForReview } from '../store/review.js'
import { operatorOf } from './guard.js'
import { emergencyRequestSchema, emergencyStateSchema, passagesQuerySchema } from './mode-schemas.js'
import { document, parse } from './parse.js'
import { apiErrorSchema, passageStateSchema } from './schemas.js'
import { passageView } from './views.js'

export interface ModeRoutesGiven {
  readonly database: Database
  readonly emergencies: Emergencies
  readonly edgeIds: () => readonly string[]
}

const laneParams = z.object({ edgeId: idSchema, lane: idSchema })
const requestParams = z.object({ requestId: idSchema })
const commandedSchema = z.object({
  commandId: z.string(),
  edgeId: z.string(),
  lane: z.string(),
  expiresAt: z.number(),
})

/** Emergency openings by two persons, and the lists of what people let pass. */
export function modeRoutes(app: FastifyInstance, { database, emergencies, edgeIds }: ModeRoutesGiven): void {
  app.post(
    '/api/edges/:edgeId/lanes/:lane/emergency',
    {
      schema: says('Ask to open a lane for an emergency; a second person confirms', emergencyStateSchema, {
        params: document(laneParams),
        body: document(emergencyRequestSchema, 'input'),
      }),
    },
    async (request, reply) => {
      const { edgeId, lane } = parse(laneParams, request.params)
      const asked = parse(emergencyRequestSchema, request.body)
      if (!edgeIds().includes(edgeId)) throw new Refusal('notFound', `there is no edge ${edgeId}`)
      reply.status(202)
      return emergencies.ask(edgeId, lane, asked, operatorOf(request))
    },
  )

  app.post(
    '/api/emergencies/:requestId/confirm',
    {
      schema: says('Confirm an emergency opening as the second person', commandedSchema, {
        params: document(requestParams),
      }),
    },
    async (request, reply) => {
      const { requestId } = parse(requestParams, request.params)
      reply.status(202)
      const { commandId, edgeId, lane, expiresAt } = await emergencies.confirm(requestId, operatorOf(request))
      return { commandId, edgeId, lane, expiresAt }
    },
  )

  app.get(
    '/api/passages',
    {
      schema: says(
        'Passages, the newest first; of emergency openings, or opened by hand',
        z.object({ passages: z.array(passageStateSchema) }),
        { querystring: document(passagesQuerySchema, 'input') },
      ),
    },
    async (request, reply) => {
      const asked = parse(passagesQuerySchema, request.query)
      reply.header('cache-control', 'no-store')
      const found = await database.read((sql) => passagesForReview(sql, asked))
      return { passages: found.map(passageView) }
    },
  )
}

function says(summary: string, answer: z.ZodType, rest: FastifySchema = {}): FastifySchema {
  const refusal = document(apiErrorSchema)
  return {
    summary,
    tags: ['modes'],
    security: [{ session: [] }],
    ...rest,
    response: { '2xx': document(answer), '4xx': refusal, '5xx': refusal },
  }
}
