import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { Refusal } from '../desk/refusal.js'
import type { OrderRecord } from '../domain/order-flow.js'
import type { OrderHits } from '../lists/order-hits.js'
import type { Orders } from '../lists/orders.js'
import type { SignLift } from '../trust/persons.js'
import { operatorOf } from './guard.js'
import {
  confirmSchema,
  hitsSchema,
  liftSchema,
  orderParams,
  orderSchema,
  ordersSchema,
  ordersQuery,
  placeSchema,
  whySchema,
  type OrderState,
} from './order-schemas.js'
import { document, parse } from './parse.js'
import { apiErrorSchema } from './schemas.js'
import { isSecret } from './secrecy.js'

/** Control orders as people work with them, each with its whole history. */
export function orderRoutes(
  app: FastifyInstance,
  given: {
    readonly orders: Orders
    readonly hits: OrderHits
    /** Edges take the end of an order by two signatures only. */
    readonly signed: boolean
    readonly secretOrderReaders: readonly string[]
    /** Where persons' keys are here. */
    readonly sign?: SignLift | null | undefined
  },
): void {
  const { orders, hits, signed, secretOrderReaders, sign } = given
  const refusal = document(apiErrorSchema)
  const says = (summary: string, answer: z.ZodType, more: object = {}) => ({
    schema: {
      ...{ summary, security: [{ session: [] }], ...more },
      response: { '2xx': document(answer), '4xx': refusal, '5xx': refusal },
    },
  })
  const views = async (records: readonly OrderRecord[]): Promise<OrderState[]> => {
    const counts = await hits.counts(records.map(({ order }) => order.orderId))
    return records.map((record) => ({
      ...{
        ...record,
        lift: record.lift && { ...record.lift, by: [...record.lift.by] },
        steps: [...record.steps],
      },
      statement: orders.statement(record) ?? null,
      hits: counts.get(record.order.orderId) ?? { seen: 0, counted: 0 },
      signed,
    }))
  }
  const view = async (record: OrderRecord) => (await views([record]))[0]
  /** Whoever may not know of a secret order learns nothing of it, unless he placed it himself. */
  const isShown = ({ order, placedBy }: OrderRecord, person: string) =>
    !isSecret(order) || placedBy === person || secretOrderReaders.includes(person)
  const shown = async (orderId: string, person: string) => {
    const record = await orders.get(orderId)
    if (!isShown(record, person))
      throw new Refusal('notFound', `there is no order ${orderId} that was placed here`)
    return record
  }

  app.get(
    '/api/orders',
    says('Orders that were placed here, the last change first', ordersSchema, {
      querystring: document(ordersQuery, 'input'),
    }),
    async (request) => {
      const { state, limit } = parse(ordersQuery, request.query)
      const person = operatorOf(request)
      const reader = secretOrderReaders.includes(person) ? null : person
      const found = await orders.list(state ?? null, reader, limit + 1)
      return { orders: await views(found.slice(0, limit)), more: found.length > limit }
    },
  )
  const params = document(orderParams)
  app.get(
    '/api/orders/:orderId',
    says('One order with its history', orderSchema, { params }),
    async (request) => view(await shown(parse(orderParams, request.params).orderId, operatorOf(request))),
  )
  app.get(
    '/api/orders/:orderId/hits',
    says('The passages that an order hit', hitsSchema, { params }),
    async (request) => {
      const { orderId } = parse(orderParams, request.params)
      await shown(orderId, operatorOf(request))
      return { hits: await hits.of(orderId) }
    },
  )
  app.post(
    '/api/orders',
    says('Place an order; level 1 and 2 and SECRET wait for another person', orderSchema, {
      body: document(placeSchema, 'input'),
    }),
    async (request) => {
      const asked = parse(placeSchema, request.body)
      return view(await orders.place({ kind: 'order', ...asked }, operatorOf(request)))
    },
  )
  const step = <Body>(
    name: string,
    summary: string,
    body: z.ZodType<Body>,
    act: (orderId: string, body: Body, by: string) => Promise<OrderRecord>,
  ): void => {
    const more = { params, body: document(body, 'input') }
    app.post(`/api/orders/:orderId/${name}`, says(summary, orderSchema, more), async (request) => {
      const { orderId } = parse(orderParams, request.params)
      const by = operatorOf(request)
      await shown(orderId, by)
      return view(await act(orderId, parse(body, request.body), by))
    })
  }
  step('approve', 'Approve what another person placed', z.strictObject({}), (id, _body, by) =>
    orders.approve(id, by),
  )
  step('reject', 'Reject what another person placed', whySchema, (id, { why }, by) =>
    orders.reject(id, why, by),
  )
  step('withdraw', 'Take back what you placed, before it is approved', whySchema, (id, { why }, by) =>
    orders.withdraw(id, why, by),
  )
  step('lift', 'Ask for the lift of an order of your agency', liftSchema, (id, { reason, why }, by) =>
    orders.askLift(id, reason, why, by),
  )
  step(
    'lift/confirm',
    'Answer for a lift as another person',
    confirmSchema,
    async (id, { signature, passphrase }, by) => {
      if (passphrase !== undefined && signed && !sign)
        throw new Refusal('noKeysHere', 'there are no keys of people here: set trust.personsDir')
      const statement = passphrase === undefined ? undefined : orders.statement(await orders.get(id))
      const made = statement && passphrase !== undefined ? await sign?.(by, passphrase, statement) : undefined
      return orders.confirmLift(id, signature ?? made ?? null, by)
    },
  )
  step('lift/withdraw', 'Take back what was asked', whySchema, (id, { why }, by) =>
    orders.withdrawLift(id, why, by),
  )
}
