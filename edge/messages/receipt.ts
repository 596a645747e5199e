import { z } from 'zod'
import { agencies } from './agencies.js'
import { idSchema } from './envelope.js'

/**
 * A release receipt (放行回执) as it stands in a QR code on paper: `LK1.<what it says>.<signature>`, both in
 * base64url. The gateway signs, with Ed25519, everything before the last dot; edges have its public key. It
 * lets a truck out where the release message is late (domain.md B2, row 39), once.
 */
export const receiptSchema = z.strictObject({
  receiptId: z.string().min(1).max(64),
  /** Whose release it stands for, and at which site. */
  agency: z.enum(agencies),
  site: idSchema,
  subject: z.strictObject({
    kind: z.enum(['CONTAINER', 'DECLARATION', 'TRIP']),
    key: z.string().min(1).max(64),
  }),
  /** UTC ms. */
  validFrom: z.number().int(),
  validTo: z.number().int(),
})
export type Receipt = z.infer<typeof receiptSchema>

/** Far above what the members can hold: a scanner that sends more has read something else. */
export const receiptTextMax = 1_024
