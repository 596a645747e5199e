import { z } from 'zod'
import { receiptSchema } from '../../edge/messages/receipt.js'

/** What is to be done behind the lane: inspections, locked containers, receipts, fees (domain.md 5.2). */

/** A task goes from left to right, and never back. */
export const inspectionStates = [
  'CREATED',
  'ASSIGNED',
  'CHECKED_IN',
  'IN_PROGRESS',
  'RESULT',
  'CLOSED',
] as const

export const inspectionResults = ['PASS', 'TREAT', 'RETURN', 'DESTROY', 'DETAIN'] as const
export type InspectionResult = (typeof inspectionResults)[number]

const byAt = { by: z.string(), at: z.number() }

export const inspectionSchema = z.object({
  taskId: z.string(),
  edgeId: z.string(),
  lane: z.string(),
  /** Every passage that asked for it, the first one first, at most 16. */
  passageIds: z.array(z.string()),
  vehicleId: z.string().nullable(),
  plates: z.array(z.string()),
  tripId: z.string().nullable(),
  containers: z.array(z.string()),
  reasons: z.array(z.string()),
  state: z.enum(inspectionStates),
  /** For compare-and-set: a step names the version it saw. */
  version: z.number(),
  inspector: z.string().nullable(),
  /** By which draw the inspector was found; null: nobody was drawn, or a person chose. */
  drawId: z.string().nullable(),
  bay: z.string().nullable(),
  result: z.object({ is: z.enum(inspectionResults), remark: z.string(), ...byAt }).nullable(),
  /** The treatment that the goods or the container needed is done. */
  treatment: z.object({ remark: z.string(), ...byAt }).nullable(),
  /** Issued when a passed task is closed; `text` is what its QR code holds. */
  receipt: z.object({ receiptId: z.string(), text: z.string() }).nullable(),
  /** The vehicle did not come in time, and was put under an order; it may still come. */
  missedAt: z.number().optional(),
  /** Closed without an inspection, because a person let the vehicle go, or sent it back. */
  cancelled: z.object({ why: z.enum(['released', 'returned']), remark: z.string(), ...byAt }).optional(),
  createdAt: z.number(),
  changedAt: z.number(),
})
export type InspectionState = z.infer<typeof inspectionSchema>

const remark = z.string().max(500).default('')

/** `POST /api/inspections/:taskId`: one step of a task. */
export const inspectionStepSchema = z.strictObject({
  /** Version of the task that the person saw. */
  version: z.number().int(),
  what: z.discriminatedUnion('do', [
    /** Another inspector than the one drawn needs a remark. */
    z.strictObject({ do: z.literal('assign'), inspector: z.string().min(1).max(64), remark }),
    z.strictObject({ do: z.literal('checkIn'), bay: z.string().max(64).default('') }),
    z.strictObject({ do: z.literal('start') }),
    /** Anything but PASS needs a remark. */
    z.strictObject({ do: z.literal('result'), result: z.enum(inspectionResults), remark }),
    z.strictObject({ do: z.literal('treated'), remark }),
    z.strictObject({ do: z.literal('close') }),
  ]),
})
export type InspectionStep = z.infer<typeof inspectionStepSchema>

/** What stands between a locked container and its officer. */
export const unlockNeeds = ['inspectionPass', 'treatment'] as const
export type UnlockNeed = (typeof unlockNeeds)[number]

export const containerLockSchema = z.object({
  number: z.string(),
  state: z.enum(['LOCKED', 'UNLOCKED']),
  version: z.number(),
  /** Where it was locked; null: nobody knows, its entry in the list says so. */
  edgeId: z.string().nullable(),
  passageId: z.string().nullable(),
  tripId: z.string().nullable(),
  declarationNos: z.array(z.string()),
  orderIds: z.array(z.string()),
  /** A treatment was ordered with the lock. */
  treatmentOrdered: z.boolean(),
  lockedAt: z.number(),
  /** Who unlocked it, and why; null: it is locked. */
  unlocked: z.object({ reason: z.string(), ...byAt }).nullable(),
})
export type ContainerLockState = z.infer<typeof containerLockSchema>

/** A locked container, with what is missing before it may be unlocked. */
export const shownLockSchema = containerLockSchema.extend({ missing: z.array(z.enum(unlockNeeds)) })
export type ShownLock = z.infer<typeof shownLockSchema>

/** `POST /api/containers/:number/unlock` */
export const unlockRequestSchema = z.strictObject({
  version: z.number().int(),
  reason: z.string().trim().min(1).max(500),
})
export type UnlockRequest = z.infer<typeof unlockRequestSchema>

/** A release receipt (放行回执) that was issued. */
export const receiptStateSchema = z.object({
  ...receiptSchema.shape,
  text: z.string(),
  taskId: z.string().nullable(),
  issuedBy: z.string(),
  issuedAt: z.number(),
  reason: z.string(),
  /** Null: not used yet, as far as the gateway knows. */
  used: z.object({ edgeId: z.string(), passageId: z.string(), at: z.number() }).nullable(),
})
export type ReceiptState = z.infer<typeof receiptStateSchema>

/** `POST /api/receipts`: by hand, for those whom the configuration names. */
export const receiptRequestSchema = z.strictObject({
  ...receiptSchema.pick({ agency: true, subject: true }).shape,
  reason: z.string().trim().min(1).max(500),
})
export type ReceiptRequest = z.infer<typeof receiptRequestSchema>

/** A fee that arose in a lane (计费项); what is said under one key is charged once. */
export const feeItemSchema = z.object({
  feeKey: z.string(),
  item: z.literal('disinfection'),
  amountFen: z.number(),
  state: z.enum(['CALCULATED', 'SENT', 'DEBITED', 'INSUFFICIENT', 'ARREARS', 'UNKNOWN', 'REFUNDED']),
  edgeId: z.string(),
  lane: z.string(),
  passageId: z.string(),
  vehicleId: z.string().nullable(),
  createdAt: z.number(),
})
export type FeeItem = z.infer<typeof feeItemSchema>
