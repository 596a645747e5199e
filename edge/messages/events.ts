import { z } from 'zod'
import { laneModes, verdictAnswers } from './down.js'
import { sensedKinds } from './sensed.js'
import { barrierPositions } from './up.js'

/**
 * The body of each event, by type. Bodies may gain members, so readers of another version keep
 * what they do not know; a type that is not here is stored and shown by its name only.
 */
export const outcomes = ['release', 'disinfect', 'hold', 'lock', 'escalate'] as const
export const passageEnds = ['cleared', 'backedOut', 'returned', 'violation', 'aborted'] as const

const reasonSchema = z.looseObject({
  row: z.number().int(),
  code: z.string(),
  outcome: z.enum(outcomes),
  safety: z.boolean(),
  evidence: z.record(z.string(), z.string()),
})

export const decisionSchema = z.looseObject({
  outcome: z.enum(outcomes),
  primary: z.string(),
  reasons: z.array(reasonSchema),
  advisories: z.array(z.string()),
  obligations: z.array(z.string()),
  silentAlerts: z.array(z.string()),
  interceptOrderIds: z.array(z.string()),
  prompt: z.string(),
  vehicleId: z.string().nullable(),
  rulesetVersion: z.string(),
})

/** What a crossing uses up; null and empty where there is none. */
const consumptionShape = {
  tripId: z.string().nullable(),
  declarationNos: z.array(z.string()),
  releaseIds: z.array(z.string()),
  certificateNos: z.array(z.string()),
  sealIds: z.array(z.string()),
  containers: z.array(z.string()),
  receiptId: z.string().nullable(),
  /** Uses that each release had left by the list, before this one. */
  usesLeft: z.record(z.string(), z.number()).optional(),
} as const

/** The whole of it, as a lane's intent to raise names it too. */
export const consumptionSchema = z.object(consumptionShape)

/** On which trip, and what else the decision leaves to be done; absent: an edge of an older version. */
const loadShape = {
  tripId: z.string().nullable().optional(),
  obligations: z.array(z.string()).optional(),
} as const

export const eventBodies = {
  edgeStarted: z.looseObject({ version: z.string(), configHash: z.string(), lanes: z.array(z.string()) }),
  laneMode: z.looseObject({
    from: z.enum(laneModes).nullable(),
    to: z.enum(laneModes),
    cause: z.string(),
    by: z.string().nullable(),
    reason: z.string().optional(),
    /** Of EMERGENCY_OPEN: who confirmed it, by which command, for how long, and its end, UTC ms. */
    confirmedBy: z.string().optional(),
    commandId: z.string().optional(),
    forMs: z.number().optional(),
    endsAt: z.number().optional(),
  }),
  faultChanged: z.looseObject({
    is: z.enum(['raised', 'cleared']),
    code: z.string(),
    source: z.string(),
    detail: z.string().optional(),
  }),
  listSwitched: z.looseObject({
    list: z.string(),
    version: z.number().int(),
    contentHash: z.string(),
    count: z.number().int(),
  }),
  passageOpened: z.looseObject({
    passageNo: z.number().int(),
    direction: z.enum(['in', 'out']),
    cause: z.enum(['loop', 'recovered']),
  }),
  /** Restart found the passage open: what the journal and the PLC together say of it. */
  passageRecovered: z.looseObject({ found: z.string(), commandId: z.string().nullable() }),
  tagObserved: z.looseObject({
    epc: z.string(),
    tid: z.string().nullable(),
    readerId: z.string(),
    antenna: z.string(),
    rssiDbm: z.number().nullable(),
    count: z.number().int(),
    claim: z.enum(['mine', 'neighbour', 'ambiguous']),
  }),
  plateObserved: z.looseObject({
    plate: z.string(),
    region: z.string(),
    confidence: z.number(),
    readerId: z.string(),
  }),
  /** A device found something new of driver or load; the rest of the finding stands beside `of` (sensed.ts). */
  deviceObserved: z.looseObject({ of: z.enum(sensedKinds), readerId: z.string() }),
  /** `inputs` is the whole of what `decide` saw: the record replays. */
  decided: z.looseObject({
    decisionId: z.string(),
    decision: decisionSchema,
    inputs: z.record(z.string(), z.unknown()),
  }),
  /** K4: the raise that may now be asked for, and by what right. One right, one intent. */
  barrierIntent: z.looseObject({
    commandId: z.string(),
    right: z.discriminatedUnion('by', [
      z.strictObject({ by: z.literal('decision'), decisionId: z.string() }),
      z.strictObject({ by: z.literal('verdict'), verdictId: z.string() }),
      /** A person's command for this very vehicle, in MANUAL. */
      z.strictObject({ by: z.literal('command'), commandId: z.string() }),
      /** The command of two persons that opened the lane; `no` is the request's own number in its passage. */
      z.strictObject({ by: z.literal('emergency'), commandId: z.string(), no: z.number().int() }),
    ]),
    leaseTicks: z.number().int(),
  }),
  /** `withdrawn`: a hold came between record and command, so nothing was sent. */
  barrierOutcome: z.looseObject({
    commandId: z.string(),
    outcome: z.enum(['accepted', 'refused', 'notSent', 'unknown', 'withdrawn']),
    detail: z.string(),
  }),
  /**
   * The spray that may now be asked for, by right of a decision, or of a person's release of a vehicle that this
   * decision wants disinfected (`verdictId`). One right, one spray.
   */
  sprayIntent: z.looseObject({
    commandId: z.string(),
    decisionId: z.string(),
    verdictId: z.string().exactOptional(),
    minSeconds: z.number().int(),
    leaseTicks: z.number().int(),
  }),
  /** It did not run to its end, as far as is known; `commandId` null: it was not even asked for. */
  sprayOutcome: z.looseObject({
    commandId: z.string().nullable(),
    outcome: z.enum(['refused', 'notSent', 'unknown', 'withdrawn', 'failed']),
    detail: z.string(),
  }),
  /** It ran to its end. `feeKey`: whatever is said under one key is charged once. */
  disinfected: z.looseObject({
    commandId: z.string(),
    seconds: z.number(),
    feeFen: z.number().int(),
    feeKey: z.string(),
  }),
  barrierMoved: z.looseObject({ position: z.enum(barrierPositions) }),
  escalationOpened: z.looseObject({
    escalationId: z.string(),
    decisionId: z.string().nullable(),
    outcome: z.enum(outcomes),
    /** Reason codes in words come from the catalogue: `reason.<code>`. */
    reasons: z.array(z.string()),
    interceptOrderIds: z.array(z.string()),
    epcs: z.array(z.string()),
    plates: z.array(z.string()),
    vehicleId: z.string().nullable(),
    level: z.number().int().min(1).max(3),
    deadlineAt: z.number().int(),
  }),
  /** Nobody answered in time: the next level is called. */
  escalationRaised: z.looseObject({
    escalationId: z.string(),
    level: z.number().int().min(1).max(3),
    deadlineAt: z.number().int(),
  }),
  /** The port must not move these; only an officer at the gateway unlocks (domain.md 5.2). */
  containerLocked: z.looseObject({
    containers: z.array(z.string()),
    declarationNos: z.array(z.string()),
    orderIds: z.array(z.string()),
    ...loadShape,
  }),
  /** The vehicle, or the container that is locked on it, is to be inspected: a task for the inspectors. */
  inspectionAsked: z.looseObject({
    reasons: z.array(z.string()),
    containers: z.array(z.string()),
    /** Id of the bay that the driver was sent to; absent: to none by name. */
    bay: z.string().max(64).optional(),
    ...loadShape,
  }),
  escalationClosed: z.looseObject({ escalationId: z.string(), why: z.string() }),
  verdictJudged: z.looseObject({
    verdictId: z.string(),
    escalationId: z.string(),
    answer: z.enum(verdictAnswers),
    by: z.string(),
    reason: z.string(),
    orderIds: z.array(z.string()),
    result: z.enum(['accepted', 'refused']),
    /** Key of the catalogue, `refusal.<why>`; null when accepted. */
    why: z.string().nullable(),
  }),
  commandJudged: z.looseObject({
    commandId: z.string(),
    what: z.record(z.string(), z.unknown()),
    by: z.string(),
    result: z.enum(['accepted', 'refused']),
    why: z.string().nullable(),
  }),
  /** A vehicle let go by a person's command, unjudged: an exception (domain.md 7). */
  manualRelease: z.looseObject({
    commandId: z.string(),
    by: z.string(),
    reason: z.string(),
    orderIds: z.array(z.string()),
  }),
  /** A tag heard after the raise speaks against the vehicle that is already moving. */
  lateObjection: z.looseObject({ epc: z.string(), code: z.string(), orderIds: z.array(z.string()) }),
  silentAlert: z.looseObject({ orderId: z.string(), epcs: z.array(z.string()), plates: z.array(z.string()) }),
  violation: z.looseObject({ kind: z.enum(['runThrough', 'tailgating', 'reversed']), detail: z.string() }),
  /** Reads of its tags after it had ended (`afterglowMs`): counted, without any action. */
  lateReads: z.looseObject({ reads: z.number().int() }),
  /** A passage that was released has cleared: what it used up cannot be used again (law 7). */
  consumed: z.looseObject(consumptionShape),
  /** The bar was raised for it and nobody saw it clear the lane: what it would have used up, in doubt. */
  perhapsConsumed: z.looseObject(consumptionShape),
  /** The ruleset in the shadow would have decided otherwise. Nothing followed from it. */
  shadowDiffered: z.looseObject({
    decisionId: z.string(),
    ruleset: z.string(),
    outcome: z.enum(outcomes),
    primary: z.string(),
    wouldBe: z.looseObject({ outcome: z.enum(outcomes), primary: z.string() }),
    /** Rules of the table that would no longer speak, and that would newly speak. */
    noLonger: z.array(z.string()),
    newly: z.array(z.string()),
  }),
  passageEnded: z.looseObject({
    how: z.enum(passageEnds),
    outcome: z.enum(outcomes).nullable(),
    readsHeard: z.number().int(),
    readsShed: z.number().int(),
    durationMs: z.number(),
  }),
} as const

export type EventType = keyof typeof eventBodies
export type EventBody<T extends EventType> = z.infer<(typeof eventBodies)[T]>
