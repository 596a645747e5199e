import type { FastifyInstance, FastifySchema } from 'fastify'
import { z } from 'zod'
import type { Alerts } from '../tasks/alerts.js'
import { alertSchema, alertsQuerySchema, settleRequestSchema } from './alert-schemas.js'
import { operatorOf } from './guard.js'
import { document, parse } from './parse.js'
import { apiErrorSchema } from './schemas.js'

export interface AlertRoutesGiven {
  readonly alerts: Alerts
  /** Who may know of secret orders. */
  readonly secretOrderReaders: readonly string[]
}

const alertParams = z.object({ alertId: z.string().min(1).max(160) })

/** What the gateway found and a person must look into. */
export function alertRoutes(app: FastifyInstance, { alerts, secretOrderReaders }: AlertRoutesGiven): void {
  const listSchema = z.object({ alerts: z.array(alertSchema) })
  app.get(
    '/api/alerts',
    {
      schema: says('Alerts: open ones first, the newest first', listSchema, {
        querystring: document(alertsQuerySchema, 'input'),
      }),
    },
    async (request, reply) => {
      const query = parse(alertsQuerySchema, request.query)
      reply.header('cache-control', 'no-store')
      return { alerts: await alerts.list(query, secretOrderReaders.includes(operatorOf(request))) }
    },
  )

  app.post(
    '/api/alerts/:alertId/settle',
    {
      schema: says('Settle an alert; orders that it placed stay until somebody lifts them', alertSchema, {
        params: document(alertParams),
        body: document(settleRequestSchema, 'input'),
      }),
    },
    async (request) => {
      const { alertId } = parse(alertParams, request.params)
      const asked = parse(settleRequestSchema, request.body)
      const by = operatorOf(request)
      return alerts.settle(alertId, asked, by, secretOrderReaders.includes(by))
    },
  )
}

function says(summary: string, answer: z.ZodType, rest: FastifySchema = {}): FastifySchema {
  const refusal = document(apiErrorSchema)
  return {
    summary,
    tags: ['alerts'],
    security: [{ session: [] }],
    ...rest,
    response: { '2xx': document(answer), '4xx': refusal, '5xx': refusal },
  }
}
