import { z } from 'zod'
import { idSchema } from '../../edge/messages/envelope.js'
import { listEntrySchema, listNames } from '../../edge/messages/entities.js'
import { activeFaultSchema, healthSchema } from '../../edge/messages/up.js'
import { outcomes, passageEnds } from '../../edge/messages/events.js'
import { laneModes, verdictAnswers } from '../../edge/messages/down.js'
import { emergencyStateSchema } from './mode-schemas.js'

/** What the console and the HTTP API speak. OpenAPI is made from these. */

/** An edge as the gateway knows it. `health` is the newest it sent; null: none since the gateway's start. */
/** A version of a list, and when (UTC ms). */
const listWordSchema = z.object({ list: z.string(), version: z.number(), at: z.number() })

export const edgeStateSchema = z.object({
  edgeId: z.string(),
  site: z.string(),
  connected: z.boolean(),
  /** UTC ms of the last word of it; null: never. */
  lastSeenAt: z.number().nullable(),
  stored: z.object({ epoch: z.string().nullable(), upTo: z.number() }),
  health: healthSchema.nullable(),
  /** What the gateway itself holds against this edge (`gateway.*`). */
  faults: z.array(activeFaultSchema).optional(),
  /** Its newest word on each list it was told of. */
  lists: z
    .array(
      z.object({
        list: z.string(),
        version: z.number(),
        result: z.enum(['inForce', 'refused']),
        why: z.string().nullable(),
        at: z.number(),
      }),
    )
    .optional(),
  /** The newest version of each list that went out to it since this gateway started. */
  listsSent: z.array(listWordSchema).optional(),
  /** Versions that it found to be proven by a signature, and began to fetch. */
  listsVerified: z.array(listWordSchema).optional(),
})
export type EdgeState = z.infer<typeof edgeStateSchema>

/** OPEN: waits for a person. ANSWERED: the verdict is on its way or arrived. CLOSED: the edge has judged it, or the passage ended. */
export const escalationStates = ['OPEN', 'ANSWERED', 'CLOSED'] as const

export const escalationSchema = z.object({
  escalationId: z.string(),
  edgeId: z.string(),
  lane: z.string(),
  passageId: z.string(),
  state: z.enum(escalationStates),
  /** For compare-and-set: a verdict names the version it saw. */
  version: z.number(),
  outcome: z.enum(outcomes),
  reasons: z.array(z.string()),
  interceptOrderIds: z.array(z.string()),
  epcs: z.array(z.string()),
  plates: z.array(z.string()),
  vehicleId: z.string().nullable(),
  level: z.number(),
  openedAt: z.number(),
  deadlineAt: z.number(),
  verdict: z
    .object({
      verdictId: z.string(),
      answer: z.enum(verdictAnswers),
      by: z.string(),
      reason: z.string(),
      at: z.number(),
      /** What the edge did with it; null: no word yet. */
      result: z.enum(['accepted', 'refused']).nullable(),
      why: z.string().nullable(),
    })
    .nullable(),
  closedWhy: z.string().nullable(),
})
export type EscalationState = z.infer<typeof escalationSchema>

export const passageStateSchema = z.object({
  passageId: z.string(),
  edgeId: z.string(),
  lane: z.string(),
  direction: z.enum(['in', 'out']),
  openedAt: z.number(),
  endedAt: z.number().nullable(),
  how: z.enum(passageEnds).nullable(),
  outcome: z.enum(outcomes).nullable(),
  primary: z.string().nullable(),
  epcs: z.array(z.string()),
  plates: z.array(z.string()),
  vehicleId: z.string().nullable(),
  /** A verdict released it. */
  byVerdict: z.boolean(),
  violation: z.string().nullable(),
  /** It went while the lane stood open for an emergency: for the review list. */
  contingency: z.boolean().optional(),
  /** A person opened by hand, as an exception. */
  manual: z.boolean().optional(),
  /** Entered afterwards, from the paper of that number. */
  captured: z.literal('backoffice').optional(),
  paperNo: z.string().optional(),
  /** Somebody has added a correction. */
  corrected: z.boolean().optional(),
})
export type PassageState = z.infer<typeof passageStateSchema>

export const listStateSchema = z.object({
  list: z.enum(listNames),
  version: z.number(),
  count: z.number(),
  contentHash: z.string(),
  publishedAt: z.number(),
})

/** `GET /api/state`, and the `snapshot` event of the live feed. */
export const stateSchema = z.object({
  site: z.string(),
  gatewayVersion: z.string(),
  at: z.number(),
  operator: z.string(),
  edges: z.array(edgeStateSchema),
  /** Open and answered ones, and those closed in the last minutes; newest first, at most 200. */
  escalations: z.array(escalationSchema),
  /** Newest first, at most 100. */
  passages: z.array(passageStateSchema),
  lists: z.array(listStateSchema),
  /** What is wrong with the gateway itself. */
  faults: z.array(activeFaultSchema).optional(),
  /** Emergency openings that wait for a second person. */
  emergencies: z.array(emergencyStateSchema).optional(),
})
export type GatewayState = z.infer<typeof stateSchema>

/**
 * `GET /api/live` (server-sent events, one `data:` line of JSON each). The first is always a
 * snapshot; the page may drop anything in between and asks again after a cut.
 */
export const liveEventSchema = z.discriminatedUnion('is', [
  z.object({ is: z.literal('snapshot'), state: stateSchema }),
  z.object({ is: z.literal('edge'), edge: edgeStateSchema }),
  z.object({ is: z.literal('escalation'), escalation: escalationSchema }),
  z.object({ is: z.literal('passage'), passage: passageStateSchema }),
  z.object({ is: z.literal('list'), list: listStateSchema }),
  z.object({ is: z.literal('emergencies'), emergencies: z.array(emergencyStateSchema) }),
  /** All that is wrong with the gateway itself now: none, when the last is over. */
  z.object({ is: z.literal('faults'), faults: z.array(activeFaultSchema) }),
])
export type LiveEvent = z.infer<typeof liveEventSchema>

/** `POST /api/escalations/:escalationId/verdict` */
export const verdictRequestSchema = z.strictObject({
  answer: z.enum(verdictAnswers),
  /** Version of the escalation that the person saw. */
  version: z.number().int(),
  reason: z.string().max(500),
  orderIds: z.array(z.string().min(1).max(64)).max(16),
  /** Chosen by who asks, so that a request sent twice is one verdict; absent: the gateway chooses. */
  verdictId: idSchema.optional(),
})
export type VerdictRequest = z.infer<typeof verdictRequestSchema>

/** `POST /api/lists/:list/changes`: one new version of the list, all or nothing. */
export const listChangeRequestSchema = z.strictObject({
  upserts: z.array(listEntrySchema).max(10_000),
  deletes: z.array(z.string().min(1).max(128)).max(10_000),
})
export type ListChangeRequest = z.infer<typeof listChangeRequestSchema>

/** `POST /api/edges/:edgeId/lanes/:lane/command` */
export const laneCommandRequestSchema = z.strictObject({
  reason: z.string().min(1).max(500),
  what: z.discriminatedUnion('do', [
    /** EMERGENCY_OPEN takes two persons, and an address of its own (mode-schemas.ts). */
    z.strictObject({ do: z.literal('setMode'), mode: z.enum(laneModes).exclude(['EMERGENCY_OPEN']) }),
    z.strictObject({
      do: z.literal('manualRaise'),
      passageId: z.string().min(1).max(120),
      orderIds: z.array(z.string().min(1).max(64)).max(16),
    }),
    z.strictObject({ do: z.literal('holdAll'), on: z.boolean() }),
    z.strictObject({ do: z.literal('closePassage'), passageId: z.string().min(1).max(120) }),
  ]),
})
export type LaneCommandRequest = z.infer<typeof laneCommandRequestSchema>

/** `GET /api/passages/:passageId/explanation?lang=`: sentences in the language that was asked for. */
export const explainedDecisionSchema = z.object({
  decisionId: z.string(),
  at: z.number(),
  /** Null: the record was written by a version that this gateway cannot read again. */
  explanation: z
    .object({
      outcome: z.string(),
      primary: z.string(),
      rulesetVersion: z.string(),
      sections: z.array(
        z.object({ about: z.string(), title: z.string(), sentences: z.array(z.string()).readonly() }),
      ),
    })
    .nullable(),
})
export type ExplainedDecision = z.infer<typeof explainedDecisionSchema>
export const explanationSchema = z.object({
  passageId: z.string(),
  language: z.string(),
  /** Newest first, at most 20. */
  decisions: z.array(explainedDecisionSchema),
})
export type PassageExplanation = z.infer<typeof explanationSchema>

/** Every refusal of the API. `error` is a key of the text catalogue (`api.<error>`). */
export const apiErrorSchema = z.object({
  error: z.string(),
  message: z.string(),
  problems: z
    .array(
      z.object({
        path: z.string().describe('Within what was sent; empty for the whole of it.'),
        message: z.string().describe('In English.'),
        code: z.string().optional().describe('The text in either language is `lineProblem.<code>`.'),
        values: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
      }),
    )
    .optional(),
})
