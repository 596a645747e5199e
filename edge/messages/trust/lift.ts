import { z } from 'zod'
import { trustBounds } from './bounds.js'

/** The form of a lift alone, so that entries of lists can carry it: whether it is proven, `holds.ts` judges. */
export const hashSchema = z.string().regex(/^[0-9a-f]{64}$/, '64 characters of lower-case hex')
export const keyIdSchema = hashSchema
/** UTC ms, never before 1970: a time that is compared must be one. */
export const timeSchema = z.number().int().min(0).max(8_640_000_000_000_000)

export const signatureSchema = z.strictObject({ keyId: keyIdSchema, signature: z.base64().length(88) })
export type RecordSignature = z.infer<typeof signatureSchema>

/** Why a hold was lifted (解控, field.md): 01 expired, 02 dealt with, 03 invalid, 04 wrong, 05 not approved, 99 other. */
export const liftReasons = ['01', '02', '03', '04', '05', '99'] as const
export type LiftReason = (typeof liftReasons)[number]

/** The proof that an entry carries once it was lifted: since when (UTC ms), why, and by whose keys. */
export const liftSchema = z.strictObject({
  at: timeSchema,
  reason: z.enum(liftReasons),
  by: z.array(signatureSchema).min(2).max(trustBounds.signaturesMax),
})
export type Lift = z.infer<typeof liftSchema>
