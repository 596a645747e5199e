import { z } from 'zod'
import { faultCodes } from '../../edge/base/fault.js'
import { listNames } from '../../edge/messages/entities.js'
import { outcomes, passageEnds } from '../../edge/messages/events.js'

/** What may be waited for: the words of `expect`, `never` and `on`. */
const codesSchema = z.array(z.string()).optional()
const valuesSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional()

/** What a judgement says. Lists name what must be among it; an empty one says that there is nothing. */
const judgementShape = {
  /** Any of its reasons. */
  reason: z.string().optional(),
  /** The reason that it is known by. */
  primary: z.string().optional(),
  prompt: z.string().optional(),
  obligations: codesSchema,
  advisories: codesSchema,
}

/**
 * What can be asked for. `fees`: what stands against a key at the gateway; `shadowReport`: lane beside people so
 * far; `draw`: the random draw of a trip, computed again from what is published; `replay`: every decision
 * recorded so far, decided again.
 */
export const findable = ['fees', 'shadowReport', 'draw', 'replay'] as const
export type Findable = (typeof findable)[number]

/** One thing to wait for; which members it has depends on the word. */
export const conditions = {
  /** The lane's own judgement was recorded. */
  decided: z.strictObject({ outcome: z.enum(outcomes).optional(), ...judgementShape }),
  /** As `decided`, with any outcome but release. */
  held: z.strictObject({ outcome: z.enum(outcomes).optional(), ...judgementShape }),
  escalation: z.strictObject({ reason: z.string().optional() }),
  /** The arm is up, as the physical barrier has it. */
  barrierRaised: z.strictObject({}),
  barrierLowered: z.strictObject({}),
  /** The PLC took a request to raise. */
  raiseAccepted: z.strictObject({}),
  passageOpened: z.strictObject({}),
  passageEnded: z.strictObject({
    how: z.enum(passageEnds).optional(),
    outcome: z.enum(outcomes).nullable().optional(),
  }),
  faultRaised: z.strictObject({ code: z.enum(faultCodes) }),
  faultCleared: z.strictObject({ code: z.enum(faultCodes) }),
  /** Key of the catalogue, as `prompt.release`. */
  prompt: z.strictObject({ prompt: z.string() }),
  /** A verdict or command was refused, by the edge or already at the gateway. */
  refused: z.strictObject({ why: z.string().optional() }),
  /** Any event of the journal, with the values its body must have, by dotted path. */
  recorded: z.strictObject({
    type: z.string(),
    where: valuesSchema,
  }),
  /** A crossing used papers up: all of these among them. */
  consumed: z.strictObject({
    tripId: z.string().optional(),
    declarationNos: codesSchema,
    releaseIds: codesSchema,
    certificateNos: codesSchema,
    receiptId: z.string().nullable().optional(),
  }),
  /** A spray ran to its end, and what it costs under which name. */
  disinfected: z.strictObject({ feeFen: z.number().optional(), feeKey: z.string().optional() }),
  /** The lane tells the gateway that containers are locked. */
  locked: z.strictObject({ containers: codesSchema }),
  /** An entry of the gateway's lists has these values. */
  listed: z.strictObject({ list: z.enum(listNames), key: z.string(), where: valuesSchema }),
  /** A vehicle is out of the lane. */
  left: z.strictObject({ vehicle: z.string(), how: z.enum(['through', 'backwards']).optional() }),
  /** Every event of the journal is in the gateway's store, once and in order. */
  everythingAtGateway: z.strictObject({
    /** And so many vehicles at least have gone through by then. */
    passages: z.number().int().min(1).optional(),
  }),
  /** Something that whoever asks for it is told, with these values in it. */
  found: z.strictObject({ of: z.enum(findable), key: z.string().default(''), where: valuesSchema }),
} as const
export type ConditionWord = keyof typeof conditions
export const conditionWords = Object.keys(conditions) as ConditionWord[]

export type Condition = {
  [Word in ConditionWord]: { readonly is: Word; readonly lane: number | null } & z.infer<
    (typeof conditions)[Word]
  >
}[ConditionWord]
