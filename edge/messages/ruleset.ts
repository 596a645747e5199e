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

const numbersSchema = z
  .strictObject({
    identifyWithinMs: ms,
    rereadForMs: ms,
    plateConfidenceMin: share,
    tagReadsMin: z.number().int().min(1).max(100),
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

/**
 * What may differ by the class of the vehicle's company (domain.md 5.1, Company.class). Not what says who is
 * there, because the company is only known after it: see edge/domain/decision/policy-class.ts.
 */
const ofClassSchema = numbersSchema
  .omit({ identifyWithinMs: true, rereadForMs: true, plateConfidenceMin: true, sampleTagsMax: true })
  .extend({ cargo: cargoChangeSchema.omit({ containerConfidenceMin: true }).optional() })
export type ClassChange = z.infer<typeof ofClassSchema>

/** Changes for vehicles of companies of a class; they come after all others. */
export const classChangesSchema = z
  .strictObject({ '1': ofClassSchema, '2': ofClassSchema, '3': ofClassSchema })
  .partial()
export type ClassChanges = z.infer<typeof classChangesSchema>

export const policyChangeSchema = numbersSchema.extend({ byClass: classChangesSchema.optional() })
export type PolicyChange = z.infer<typeof policyChangeSchema>

const profileChangeSchema = z
  .strictObject({
    identifyBy: z.enum(['tag', 'tagOrPlate']),
    plateRequired: z.boolean(),
    /** Needs beside those that the lane has; none can be taken away. */
    alsoNeeds: z.array(z.string().min(1).max(32)).max(32),
  })
  .partial()

const idPattern = /^[a-z0-9][a-z0-9.-]{0,39}$/

/** What a ruleset says: numbers and profiles over the rules of one version of the code. */
export const rulesetContentSchema = z.strictObject({
  v: z.literal(1),
  id: z.string().regex(idPattern, 'small letters, digits, dots and dashes'),
  version: z.number().int().min(1),
  /** The version of the rules in code that it was made for; another one refuses it. */
  codeVersion: z.string().min(1).max(64),
  /** UTC ms. */
  issuedAt: z.number().int(),
  /** UTC ms; absent: no end. */
  expiresAt: z.number().int().optional(),
  policy: z
    .strictObject({
      site: policyChangeSchema.default({}),
      lanes: z.record(z.string().regex(/^[\w-]{1,64}$/), policyChangeSchema).default({}),
      /** In every lane, after its own; no default, so that a ruleset without it keeps its hash. */
      byClass: classChangesSchema.optional(),
    })
    .prefault({}),
  /** By the name of a lane profile. */
  profiles: z.record(z.string().min(1).max(64), profileChangeSchema).default({}),
})
export type RulesetContent = z.infer<typeof rulesetContentSchema>

/** A ruleset with who answers for it: Ed25519 over the canonical JSON of everything but the signature. */
export const signedRulesetSchema = rulesetContentSchema.extend({
  signature: z.strictObject({
    /** First half of the SHA-256 of the public key (SPKI). */
    keyId: z.string().regex(/^[0-9a-f]{32}$/),
    value: z.base64(),
  }),
})
export type SignedRuleset = z.infer<typeof signedRulesetSchema>
