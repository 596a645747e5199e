import { z } from 'zod'

/**
 * Changes to the numbers that rules are held against (domain.md 6.5). What is not named stays as it is. The
 * bounds keep a slip of the keyboard from making a rule meaningless.
 */
const day = 86_400_000
const ms = z.number().int().min(0).max(day)
const share = z.number().min(0).max(1)

const cargoChangeSchema = z
  .strictObject({
    manifestBeforeMs: ms,
    trustedManifestBeforeMs: ms,
    manifestWaitMs: ms,
    customsWithinMs: ms,
    weightToleranceKg: z.number().min(0).max(5_000),
    weightLadenShare: z.number().min(0).max(0.5),
    weightEmptyShare: z.number().min(0).max(0.5),
    earTagShare: z.number().min(0).max(0.5),
    crateShareMin: z.number().min(0.5).max(1),
    sealTriesMax: z.number().int().min(1).max(100),
    containerConfidenceMin: share,
    lowBalanceFen: z.number().int().min(0),
    arrears: z
      .strictObject({ overFen: z.number().int().min(0), overDays: z.number().min(0).max(10_000) })
      .nullable(),
    healthSoonMs: z
      .number()
      .int()
      .min(0)
      .max(366 * day),
    healthExpired: z.enum(['hold', 'advise']),
  })
  .partial()

export const policyChangeSchema = z
  .strictObject({
    identifyWithinMs: ms,
    rereadForMs: ms,
    plateConfidenceMin: share,
    tagMissesMax: z.number().int().min(1).max(1_000),
    impossibleTravelMs: ms,
    ordersStaleLadenMs: ms,
    ordersStaleOtherMs: ms,
    registryStaleMs: z
      .number()
      .int()
      .min(0)
      .max(30 * day),
    sampleTagsMax: z.number().int().min(1).max(1_000),
    cargo: cargoChangeSchema,
  })
  .partial()
export type PolicyChange = z.infer<typeof policyChangeSchema>
