import { z } from 'zod'

/** What people must look into: found by the gateway, settled by a person (domain.md 7). */
export const alertKinds = [
  /** Sent to inspection, and did not check in within its time. */
  'referralMissed',
  /** Went through on lists older than the gateway's, and the gateway's speak against it. */
  'passedOffline',
  /** Entered or corrected afterwards, and the lists speak against what stands there now. */
  'enteredLate',
  /** Held by a secret order, and passed its inspection: the order goes on until who may know of it lifts it. */
  'secretPassed',
] as const
export type AlertKind = (typeof alertKinds)[number]

export const alertSchema = z.object({
  alertId: z.string(),
  kind: z.enum(alertKinds),
  /** When it was found, UTC ms. */
  at: z.number(),
  edgeId: z.string(),
  lane: z.string(),
  passageId: z.string().nullable(),
  taskId: z.string().nullable(),
  vehicleId: z.string().nullable(),
  plates: z.array(z.string()),
  epcs: z.array(z.string()),
  /** Orders and blacklist entries that speak against it. */
  orderIds: z.array(z.string()),
  /** One of them was in force at the gateway when it happened, and not only afterwards. */
  wasInForce: z.boolean(),
  /** INTERCEPT orders that the gateway placed for it; a person lifts them. Empty: such orders stand already, or nothing is to be intercepted. */
  placedOrderIds: z.array(z.string()),
  /** Of a secret order: for those only who may know of it. */
  secret: z.boolean(),
  /** Who settled it, and how; null: it is open. */
  settled: z.object({ by: z.string(), at: z.number(), reason: z.string() }).nullable(),
})
export type AlertState = z.infer<typeof alertSchema>

/** `GET /api/alerts`: open ones first, the newest first. */
export const alertsQuerySchema = z.strictObject({
  open: z.literal('true').optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
})
export type AlertsQuery = z.infer<typeof alertsQuerySchema>

/** `POST /api/alerts/:alertId/settle` */
export const settleRequestSchema = z.strictObject({ reason: z.string().trim().min(1).max(500) })
export type SettleRequest = z.infer<typeof settleRequestSchema>
