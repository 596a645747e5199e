import { z } from 'zod'
import { controlOrderSchema } from '../../edge/messages/entities.js'
import { liftReasons, signatureSchema } from '../../edge/messages/trust/lift.js'
import { liftStatementSchema } from '../../edge/messages/trust/records.js'
import { orderStates, orderSteps } from '../domain/order-flow.js'

/** Control orders as people work with them (domain.md 5.2, 5.3). */

export const orderParams = z.object({ orderId: z.string().min(1).max(64) })
export const ordersQuery = z.object({
  state: z.enum(orderStates).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
})
/** Checked as a whole where it is placed. */
const { kind: _kind, issuedBy: _issuedBy, lift: _lift, orderId, ...placedShape } = controlOrderSchema.shape
export const placeSchema = z.strictObject({
  ...placedShape,
  orderId: orderId
    .optional()
    .describe(
      'Of an open order, and not beginning with S- or AUTO-. Absent of a SECRET one: the gateway gives it.',
    ),
})
export type PlaceOrderRequest = z.input<typeof placeSchema>
export const whySchema = z.strictObject({ why: z.string().min(1).max(500) })
export const liftSchema = z.strictObject({
  reason: z.enum(liftReasons),
  why: z.string().max(500).default(''),
})
export type LiftRequest = z.input<typeof liftSchema>
export const confirmSchema = z.strictObject({
  signature: signatureSchema
    .optional()
    .describe('Of your own key over the statement, where lists are signed.'),
  passphrase: z
    .string()
    .min(1)
    .max(512)
    .optional()
    .describe('Instead: opens your own sealed key at the gateway, which then signs; never kept.'),
})
export const orderSchema = z.object({
  order: controlOrderSchema,
  state: z.enum(orderStates),
  placedBy: z.string(),
  lift: z
    .object({ at: z.number(), reason: z.enum(liftReasons), by: z.array(z.object({ person: z.string() })) })
    .nullable(),
  /** What two persons sign to lift it; null: no lift is asked for. */
  statement: liftStatementSchema.nullable(),
  steps: z.array(
    z.object({
      at: z.number(),
      by: z.string(),
      did: z.enum(orderSteps),
      why: z.string(),
      before: z.enum(orderStates).nullable(),
      after: z.enum(orderStates),
    }),
  ),
  hits: z
    .object({ seen: z.number(), counted: z.number() })
    .describe('Passages that it hit, and those of them that count towards `maxHits`.'),
  signed: z.boolean().describe('Lists are signed here: each of the two who lift it signs with the own key.'),
})
export type OrderState = z.infer<typeof orderSchema>

/** `GET /api/orders`. `more`: there are older ones. */
export const ordersSchema = z.object({ orders: z.array(orderSchema), more: z.boolean() })

export const hitsSchema = z.object({
  /** The newest first, at most 100. `counted` null: the passage or its inspection is not over. */
  hits: z.array(
    z.object({
      passageId: z.string(),
      edgeId: z.string(),
      lane: z.string(),
      at: z.number(),
      counted: z.boolean().nullable(),
    }),
  ),
})
export type OrderHitsState = z.infer<typeof hitsSchema>
