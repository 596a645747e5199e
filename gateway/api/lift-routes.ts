import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Lifts } from '../lists/lifts.js'
import { operatorOf } from './guard.js'
import {
  askLiftSchema,
  confirmLiftSchema,
  holdsQuery,
  holdsSchema,
  liftedSchema,
  liftParams,
  waitingLiftSchema,
  waitingLiftsSchema,
  withdrawLiftSchema,
} from './lift-schemas.js'
import { document, parse } from './parse.js'
import { apiErrorSchema } from './schemas.js'

/** Holds that have no order of their own here (orders: order-routes.ts): finding one, and lifting it by two people. */
export function liftRoutes(app: FastifyInstance, lifts: Lifts): void {
  const refusal = document(apiErrorSchema)
  const says = (summary: string, answer: z.ZodType, more: object = {}) => ({
    schema: {
      ...{ summary, security: [{ session: [] }], ...more },
      response: { '2xx': document(answer), '4xx': refusal, '5xx': refusal },
    },
  })
  const asks = (body: z.ZodType) => ({ params: document(liftParams), body: document(body, 'input') })

  app.get(
    '/api/holds',
    says('Orders and bans that bear a name, or whose lift waits', holdsSchema, {
      querystring: document(holdsQuery, 'input'),
    }),
    (request) => lifts.find(parse(holdsQuery, request.query).find, operatorOf(request)),
  )
  app.get('/api/lifts', says('Lifts that wait for another person', waitingLiftsSchema), async (request) => ({
    lifts: await lifts.waiting(operatorOf(request)),
  }))
  app.post(
    '/api/lists/:list/lifts',
    says('Ask for the lift of an order or a ban, and answer for it', waitingLiftSchema, asks(askLiftSchema)),
    (request) => {
      const { list } = parse(liftParams, request.params)
      const { key, reason, why, passphrase } = parse(askLiftSchema, request.body)
      return lifts.ask(list, key, { reason, why, passphrase }, operatorOf(request))
    },
  )
  app.post(
    '/api/lists/:list/lifts/confirm',
    says('Confirm it as another person: the hold ends', liftedSchema, asks(confirmLiftSchema)),
    async (request) => {
      const { list } = parse(liftParams, request.params)
      const asked = parse(confirmLiftSchema, request.body)
      const { version } = await lifts.confirm(list, asked.key, operatorOf(request), asked.passphrase)
      return { list, version }
    },
  )
  app.post(
    '/api/lists/:list/lifts/withdraw',
    says('Take back what was asked', z.object({}), asks(withdrawLiftSchema)),
    async (request) => {
      const { list } = parse(liftParams, request.params)
      const { key, why } = parse(withdrawLiftSchema, request.body)
      await lifts.withdraw(list, key, operatorOf(request), why)
      return {}
    },
  )
}
