import { z } from 'zod'
import { defaultPolicy } from '../domain/decision/profiles.js'
import { publicKeyLine } from '../base/signature.js'
import { idSchema } from '../messages/envelope.js'
import { defaultModes } from '../domain/lane/mode-settings.js'
import { laneModes } from '../messages/down.js'
import { classChangesSchema } from '../messages/ruleset.js'
import { cargoPolicySchema, needsSchema } from './cargo-schema.js'

/**
 * The edge's configuration file as people write it. Parsed, not just validated: unknown keys are
 * problems, defaults are filled in, units stand in the key names. What belongs to a driver is
 * parsed by that driver.
 */

const milliseconds = (fallback: number, low: number, high: number) =>
  z.number().int().min(low).max(high).default(fallback)

export const timingSchema = z.strictObject({
  collectMs: milliseconds(400, 0, 5_000).describe('Least time from the entry loop to a decision.'),
  plateWithinMs: milliseconds(0, 0, 5_000).describe(
    'A lane with a camera waits so long for a plate before it decides; 0: it has none.',
  ),
  approachMs: milliseconds(3_000, 0, 30_000).describe(
    'Reads this long before the loop still belong to the vehicle.',
  ),
  departedAfterMs: milliseconds(1_500, 100, 60_000).describe('A tag not heard for this long has departed.'),
  raiseWithinMs: milliseconds(5_000, 500, 60_000).describe(
    'A raise that shows no raised bar by then has failed.',
  ),
  crossWithinMs: milliseconds(60_000, 5_000, 600_000).describe(
    'A released vehicle that has not left by then is looked at again.',
  ),
  loopStuckMs: milliseconds(600_000, 10_000, 86_400_000).describe(
    'A loop occupied longer without a passage is stuck.',
  ),
  afterglowMs: milliseconds(2_000, 0, 30_000).describe(
    'Late reads this long after the passage still belong to it.',
  ),
  leaseTicks: z
    .number()
    .int()
    .min(2)
    .max(100)
    .default(20)
    .describe('PLC heartbeat ticks a raise request lives.'),
  escalationDeadlineMs: milliseconds(60_000, 5_000, 3_600_000).describe(
    'An unanswered escalation rises a level.',
  ),
  escalationHigherMs: milliseconds(180_000, 5_000, 3_600_000).describe(
    'How long the levels above the first have to answer.',
  ),
})

export const modesSchema = z.strictObject({
  emergencyMaxMs: milliseconds(defaultModes.emergencyMaxMs, 60_000, 86_400_000).describe(
    'No emergency opening lasts longer; it ends by itself, and then the lane is closed.',
  ),
  manualOftenCount: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(defaultModes.manualOftenCount)
    .describe('So many manual releases within manualOftenWithinMs are reported as a fault.'),
  manualOftenWithinMs: milliseconds(defaultModes.manualOftenWithinMs, 60_000, 86_400_000),
})

export const baySchema = z.strictObject({
  id: idSchema,
  name: z
    .strictObject({ 'zh-CN': z.string().min(1).max(20), en: z.string().min(1).max(40) })
    .describe('As it stands on the board at the bay.'),
  reasons: z
    .array(z.string().max(16))
    .min(1)
    .max(64)
    .optional()
    .describe('Codes of the decision table that it serves; absent: any.'),
})

const fen = z.number().int().min(0).max(10_000_000).default(0)

export const disinfectionSchema = z.strictObject({
  minSeconds: z
    .number()
    .int()
    .min(1)
    .max(600)
    .default(30)
    .describe('How long a vehicle is sprayed; shorter, it does not count.'),
  peopleClearWithinMs: milliseconds(30_000, 0, 600_000).describe(
    'Nobody may be near; a person is called when somebody still is by then.',
  ),
  finishWithinMs: milliseconds(15_000, 1_000, 120_000).describe(
    "The PLC's word that it is done may come so long after its time.",
  ),
  feePerTeuFen: fen.describe('Fee for each twenty feet of containers, in fen.'),
  feePerVehicleFen: fen.describe('Fee for a vehicle without one, in fen; above 8 t double.'),
})

export const decisionSchema = z.strictObject({
  identifyWithinMs: milliseconds(defaultPolicy.identifyWithinMs, 500, 120_000).describe(
    'T_id: nothing identified by then escalates (row 7).',
  ),
  rereadForMs: milliseconds(defaultPolicy.rereadForMs, 0, 30_000).describe(
    "Listening on when a tag may be the neighbour lane's (row 14).",
  ),
  plateConfidenceMin: z
    .number()
    .min(0)
    .max(1)
    .default(defaultPolicy.plateConfidenceMin)
    .describe('A plate read below this proves nothing.'),
  tagReadsMin: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe('Reads of a tag that identify a vehicle without its plate (row 14); 2 where readers repeat.'),
  tagMissesMax: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(defaultPolicy.tagMissesMax)
    .describe('Missed tags in a row before a card check (row 8).'),
  impossibleTravelMs: milliseconds(defaultPolicy.impossibleTravelMs, 0, 3_600_000).describe(
    'The same tag elsewhere within this is a clone (row 13).',
  ),
  ordersStaleLadenMs: milliseconds(defaultPolicy.ordersStaleLadenMs, 10_000, 86_400_000).describe(
    'Maximum age of orders and blacklist, laden vehicles (row 69).',
  ),
  ordersStaleOtherMs: milliseconds(defaultPolicy.ordersStaleOtherMs, 10_000, 604_800_000).describe(
    'The same for all other vehicles.',
  ),
  registryStaleMs: milliseconds(defaultPolicy.registryStaleMs, 10_000, 604_800_000).describe(
    'Maximum age of the tag and vehicle registers.',
  ),
  sampleTagsMax: z
    .number()
    .int()
    .min(1)
    .max(256)
    .default(defaultPolicy.sampleTagsMax)
    .describe('Different tags a passage may hold.'),
  cargo: cargoPolicySchema
    .optional()
    .describe("Thresholds of the rules on driver and load; absent: the table's."),
  byClass: classChangesSchema
    .optional()
    .describe(
      'Other thresholds for vehicles of companies of class 1, 2 or 3, after all others; an unknown company gets the strictest.',
    ),
})

const feedSchema = z.strictObject({
  lane: idSchema,
  antennas: z.array(z.string().min(1)).min(1).optional().describe('Absent: every antenna of the reader.'),
  zones: z.array(z.string().min(1)).min(1).optional().describe('Absent: every zone.'),
})

const readerSchema = z.looseObject({
  id: idSchema,
  kind: z.string(),
  feeds: z.array(feedSchema).min(1),
})

const laneSchema = z.strictObject({
  id: idSchema,
  direction: z.enum(['in', 'out']),
  profile: z.string().describe('What must be positively known before a release.'),
  needs: needsSchema.optional(),
  mode: z
    .enum(laneModes)
    .exclude(['EMERGENCY_OPEN'])
    .default('AUTO')
    .describe('Mode at the very first start; later starts keep the recorded one.'),
  requires: z
    .array(idSchema)
    .optional()
    .describe('Readers without which the lane does not release; absent: every reader that feeds it.'),
  timing: timingSchema.prefault({}),
  disinfection: disinfectionSchema.prefault({}),
  modes: modesSchema.prefault({}),
  bays: z
    .array(baySchema)
    .max(16)
    .optional()
    .describe('Where held vehicles are inspected; the board names one. Absent: the inspection area.'),
  decision: decisionSchema.prefault({}),
  barrier: z.looseObject({ kind: z.string() }),
})

export const edgeFileSchema = z.strictObject({
  version: z.literal(1),
  site: idSchema,
  edge: idSchema,
  dataDir: z.string().min(1).describe('Where journal and lists live; relative to this file.'),
  language: z.enum(['zh-CN', 'en']).default('zh-CN').describe('Language of the LED boards.'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  gateway: z.strictObject({
    mqtt: z.url().describe('The listener of the gateway for MQTT, mqtts://.'),
    http: z
      .url()
      .describe('Its listener for edges (edgeHttp), https://, where the box enrols and fetches lists.'),
    resyncWithinMs: milliseconds(5_000, 100, 60_000).describe(
      'Connected again, lanes wait so long for the newest orders before they go on as without a connection (row 69).',
    ),
  }),
  journal: z
    .strictObject({
      keepDays: z.number().min(1).max(3_650).default(7).describe('Acknowledged events are kept this long.'),
      maxMegabytes: z
        .number()
        .int()
        .min(16)
        .max(1_000_000)
        .default(2_048)
        .describe('Acknowledged events past this size go first.'),
    })
    .prefault({}),
  ruleset: z
    .strictObject({
      file: z
        .string()
        .min(1)
        .optional()
        .describe('A signed ruleset: lanekeeper ruleset sign. Absent: the thresholds of this file.'),
      publicKey: z.string().min(1).describe('PEM of the key that it must be signed with.'),
      shadowFile: z
        .string()
        .min(1)
        .optional()
        .describe(
          'A second signed ruleset that decides beside it and moves nothing: differences are recorded.',
        ),
    })
    .optional()
    .describe('Thresholds and profiles in force from the start; absent: those of this file.'),
  receiptKeys: z
    .array(
      z
        .string()
        .regex(publicKeyLine, { error: 'No Ed25519 public key: take the line that the gateway tells.' }),
    )
    .min(1)
    .max(4)
    .optional()
    .describe(
      'Public keys of the gateway for release receipts (GET /api/receipts); absent: no receipt counts.',
    ),
  trust: z
    .strictObject({
      rootFile: z
        .string()
        .min(1)
        .optional()
        .describe('root.<n>.json of `lanekeeper keys`, brought by hand; absent: the one of enrolment.'),
      copyFile: z
        .string()
        .min(1)
        .optional()
        .describe('Second place of what was proven, best on another disk; default: in dataDir.'),
      unsigned: z
        .literal(true)
        .optional()
        .describe('Takes lists on the word of the gateway, for trials; a standing fault says so.'),
    })
    .optional()
    .describe('Lists count only as signed in the name of a root; without one nobody is released.'),
  readerBus: z.looseObject({}).optional(),
  readers: z.array(readerSchema).max(64).default([]),
  lanes: z.array(laneSchema).min(1).max(8),
})

export type EdgeFile = z.infer<typeof edgeFileSchema>
export type Feed = z.infer<typeof feedSchema>
