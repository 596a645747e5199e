import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { controlListNames } from '../../edge/messages/trust/bounds.js'
import { liftReasons } from '../../edge/messages/trust/lift.js'
import { Refusal } from '../desk/refusal.js'
import type { Lifts } from '../lists/lifts.js'
import { operatorOf } from './guard.js'
import { document, parse } from './parse.js'
import { apiErrorSchema } from './schemas.js'

const params = z.object({ list: z.enum(controlListNames) })
const key = z.string().min(1).max(128)
const passphrase = z.string().min(1).max(512).describe('Opens your own sealed key; never kept.')
const askSchema = z.strictObject({ key, reason: z.enum(liftReasons), passphrase })
const confirmSchema = z.strictObject({ key, passphrase })
const withdrawSchema = z.strictObject({ key })
const waitingSchema = z.object({
  list: z.enum(controlListNames),
  key: z.string(),
  reason: z.enum(liftReasons),
  at: z.number(),
  person: z.string(),
})
const versionSchema = z.object({ list: z.string(), version: z.number() })

/** Lifts of holds that have no order of their own here (orders: order-routes.ts), where lists are signed. */
export function liftRoutes(app: FastifyInstance, present: Lifts | undefined): void {
  const lifts = (): Lifts => {
    if (present) return present
    throw new Refusal('notAllowed', 'there are no keys of people here: set trust.personsDir')
  }
  const refusal = document(apiErrorSchema)
  const says = (summary: string, answer: z.ZodType, more: object = {}) => ({
    schema: {
      ...{ summary, security: [{ session: [] }], ...more },
      response: { '2xx': document(answer), '4xx': refusal, '5xx': refusal },
    },
  })
  const asks = (body: z.ZodType) => ({ params: document(params), body: document(body, 'input') })

  app.get(
    '/api/lifts',
    says('Lifts that wait for another person', z.object({ lifts: z.array(waitingSchema) })),
    async (request) => ({ lifts: (await present?.waiting(operatorOf(request))) ?? [] }),
  )
  app.post(
    '/api/lists/:list/lifts',
    says('Ask for the lift of an order or a ban, and sign it', waitingSchema, asks(askSchema)),
    (request) => {
      const { list } = parse(params, request.params)
      const asked = parse(askSchema, request.body)
      return lifts().ask(list, asked.key, asked.reason, operatorOf(request), asked.passphrase)
    },
  )
  app.post(
    '/api/lists/:list/lifts/confirm',
    says('Confirm it as another person, and sign it: the hold ends', versionSchema, asks(confirmSchema)),
    async (request) => {
      const { list } = parse(params, request.params)
      const asked = parse(confirmSchema, request.body)
      const { version } = await lifts().confirm(list, asked.key, operatorOf(request), asked.passphrase)
      return { list, version }
    },
  )
  app.post(
    '/api/lists/:list/lifts/withdraw',
    says('Take back what was asked', z.object({}), asks(withdrawSchema)),
    async (request) => {
      const { list } = parse(params, request.params)
      await lifts().withdraw(list, parse(withdrawSchema, request.body).key, operatorOf(request))
      return {}
    },
  )
}
