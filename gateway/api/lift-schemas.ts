import { z } from 'zod'
import { blacklistEntrySchema, controlOrderSchema } from '../../edge/messages/entities.js'
import { controlListNames } from '../../edge/messages/trust/bounds.js'
import { liftReasons } from '../../edge/messages/trust/lift.js'

/** Holds that no person placed here (bans, orders of a file, those of the gateway itself), and how two people lift one. */

export const liftParams = z.object({ list: z.enum(controlListNames) })
const key = z.string().min(1).max(128)
const why = z.string().max(500).default('')
const passphrase = z
  .string()
  .min(1)
  .max(512)
  .optional()
  .describe('Opens your own sealed key, where lists are signed; never kept.')

/** `POST /api/lists/:list/lifts`; the reason 99 needs `why`. */
export const askLiftSchema = z.strictObject({ key, reason: z.enum(liftReasons), why, passphrase })
export type AskLiftRequest = z.input<typeof askLiftSchema>
/** `POST /api/lists/:list/lifts/confirm` */
export const confirmLiftSchema = z.strictObject({ key, passphrase })
/** `POST /api/lists/:list/lifts/withdraw` */
export const withdrawLiftSchema = z.strictObject({ key, why })

export const waitingLiftSchema = z.object({
  list: z.enum(controlListNames),
  key: z.string(),
  reason: z.enum(liftReasons),
  why: z.string(),
  /** UTC ms. */
  at: z.number(),
  /** Who asked for it; another one confirms. */
  person: z.string(),
})
export const waitingLiftsSchema = z.object({ lifts: z.array(waitingLiftSchema) })
export const liftedSchema = z.object({ list: z.string(), version: z.number() })
export type LiftedState = z.infer<typeof liftedSchema>

/** `GET /api/holds` */
export const holdsQuery = z.object({
  find: z
    .string()
    .trim()
    .min(1)
    .max(128)
    .optional()
    .describe(
      'The number of an order or a ban, or its subject in whole: vehicle, plate, tag, company and so on. Absent: those whose lift waits.',
    ),
})
const holdSchema = z.object({
  list: z.enum(controlListNames),
  entry: z.discriminatedUnion('kind', [controlOrderSchema, blacklistEntrySchema]),
  placedHere: z
    .boolean()
    .describe('An order that was placed here: it is lifted by `/api/orders/:orderId/lift`.'),
  foreign: z.boolean().describe('Only people of its agency lift it, and you are none of them.'),
  waiting: waitingLiftSchema.nullable().describe('The lift that one person asked for; null: nobody did.'),
})
export type HoldState = z.infer<typeof holdSchema>
/** The first 50. `more`: there are others. */
export const holdsSchema = z.object({
  holds: z.array(holdSchema),
  more: z.boolean(),
  by: z
    .enum(['signed', 'unsigned', 'noKeys'])
    .describe(
      'By what two people answer for a lift: each with the own key; by the sign-in, where lists are unsigned; not at all, where they are signed and the gateway has no keys of people.',
    ),
})
export type HoldsState = z.infer<typeof holdsSchema>
