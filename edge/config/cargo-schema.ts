import { z } from 'zod'
import { defaultCargoPolicy, needNames, type CargoPolicy } from '../domain/decision/cargo.js'

/** What a lane for goods may be told beside its profile. Every default is the table's (domain.md 6.5). */
const at = defaultCargoPolicy

const milliseconds = (fallback: number, low: number, high: number) =>
  z.number().int().min(low).max(high).default(fallback)
const share = (fallback: number) => z.number().min(0).max(1).default(fallback)
const fen = z.number().int().min(0).max(1_000_000_000_000)
const dayMs = 86_400_000

export const cargoPolicySchema = z.strictObject({
  manifestBeforeMs: milliseconds(at.manifestBeforeMs, 0, 7 * dayMs).describe(
    'A manifest must be sent so long before the arrival (row 31).',
  ),
  trustedManifestBeforeMs: milliseconds(at.trustedManifestBeforeMs, 0, 7 * dayMs).describe(
    'The same for trusted senders.',
  ),
  manifestWaitMs: milliseconds(at.manifestWaitMs, 0, 3_600_000).describe(
    'Missing less than this is waited for at the line.',
  ),
  customsWithinMs: milliseconds(at.customsWithinMs, 100, 60_000).describe(
    'T_cus: customs, asked at the lane, answers by then (row 71).',
  ),
  weightToleranceKg: z
    .number()
    .min(0)
    .max(10_000)
    .default(at.weightToleranceKg)
    .describe('A weight may be off by this in any case, kilograms (rows 60, 61).'),
  weightLadenShare: share(at.weightLadenShare).describe('Or by this share of the declared gross weight.'),
  weightEmptyShare: share(at.weightEmptyShare).describe('Or by this share of the tare, where it is empty.'),
  earTagShare: share(at.earTagShare).describe('So many of the declared ear tags may be missing (row 56).'),
  crateShareMin: share(at.crateShareMin).describe('Of the declared crates so many must be read (row 57).'),
  sealTriesMax: z
    .number()
    .int()
    .min(1)
    .max(16)
    .default(at.sealTriesMax)
    .describe('Tries after which a seal that was not read is missing (row 50).'),
  containerConfidenceMin: share(at.containerConfidenceMin).describe(
    'A container number read below this proves nothing, and still counts against orders.',
  ),
  lowBalanceFen: fen
    .default(at.lowBalanceFen)
    .describe('Below this the driver is reminded to top up (row 64).'),
  arrears: z
    .strictObject({ overFen: fen, overDays: z.number().int().min(0).max(3_650) })
    .nullable()
    .default(at.arrears)
    .describe('Arrears above or older than this hold the vehicle (row 65); null: never.'),
  healthSoonMs: milliseconds(at.healthSoonMs, 0, 365 * dayMs).describe(
    'A health certificate that ends within this is a reminder (row 66).',
  ),
  healthExpired: z
    .enum(['hold', 'advise'])
    .default(at.healthExpired)
    .describe('What an expired health certificate does (row 67).'),
}) satisfies z.ZodType<CargoPolicy>

export const needsSchema = z
  .array(z.enum(needNames))
  .max(needNames.length)
  .describe('What must be positively known beside the vehicle, instead of what the profile names.')
