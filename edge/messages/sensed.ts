import { z } from 'zod'
import { agencies } from './agencies.js'

/**
 * What devices beside the lane find out of driver and load: one finding each. `unknown`: the device
 * looked and cannot tell. A device that found nothing says nothing, except a seal reader, whose vain
 * try counts. Times are UTC milliseconds, weights kilograms.
 */
/** Of a card, seal, tag or paper: something must be written in it. */
const number = z
  .string()
  .max(64)
  .regex(/[\p{L}\p{N}]/u, { error: 'A number has a letter or a digit.' })
const tri = z.union([z.boolean(), z.literal('unknown')])

/** The members of each finding beside its kind. */
export const sensedShapes = {
  /** The card of whoever drives. */
  card: { cardNo: number },
  temperature: { is: z.enum(['normal', 'fever', 'unknown']) },
  radiation: { is: z.enum(['normal', 'alarm', 'unknown']) },
  /** Confidence from 0 to 1. */
  container: { number, confidence: z.number().min(0).max(1) },
  /** `openedAt`: as the seal says it; null: never, or it does not say. */
  seal: {
    sealId: number,
    status: z.enum(['CLOSED', 'OPENED', 'unknown']),
    openedAt: z.int().min(0).nullable(),
    batteryLow: z.boolean(),
  },
  /** A seal reader tried, and heard no seal. */
  sealMissed: {},
  /** One weighing: a scale says once what it found, not while the needle moves. Null: it gave no weight. */
  weight: { grossKg: z.number().min(0).max(1_000_000).nullable(), stable: tri, onScale: tri },
  earTags: { ids: z.array(number).max(2_000).readonly() },
  /** Different labels counted on this vehicle so far. */
  crateLabels: { count: z.int().min(0).max(1_000_000) },
  /** A release receipt shown as a QR text; its signature was checked where the keys are. */
  receipt: {
    receiptId: number,
    agency: z.enum(agencies),
    subject: z.strictObject({ kind: z.enum(['CONTAINER', 'DECLARATION', 'TRIP']), key: number }),
    signatureValid: tri,
    used: tri,
  },
} as const

export type SensedKind = keyof typeof sensedShapes
export const sensedKinds = Object.keys(sensedShapes) as readonly SensedKind[]

/** A finding as it stands in a record; what a newer version adds is left out. */
export const sensedSchema = z
  .discriminatedUnion('of', [
    z.object({ of: z.literal('card'), ...sensedShapes.card }),
    z.object({ of: z.literal('temperature'), ...sensedShapes.temperature }),
    z.object({ of: z.literal('radiation'), ...sensedShapes.radiation }),
    z.object({ of: z.literal('container'), ...sensedShapes.container }),
    z.object({ of: z.literal('seal'), ...sensedShapes.seal }),
    z.object({ of: z.literal('sealMissed') }),
    z.object({ of: z.literal('weight'), ...sensedShapes.weight }),
    z.object({ of: z.literal('earTags'), ...sensedShapes.earTags }),
    z.object({ of: z.literal('crateLabels'), ...sensedShapes.crateLabels }),
    z.object({ of: z.literal('receipt'), ...sensedShapes.receipt }),
  ])
  .readonly()
export type Sensed = z.infer<typeof sensedSchema>
