import { z } from 'zod'
import { idSchema, wireVersion } from './envelope.js'
import { listEntrySchema, listNames } from './entities.js'

/** `down/ack`: everything of this epoch up to and including `upTo` is in the gateway's store. */
export const ackSchema = z.strictObject({
  v: z.literal(wireVersion),
  epoch: z.string().min(1).max(40),
  /** Contiguous high-water mark; 0: nothing yet. */
  upTo: z.number().int().min(0),
  /** The gateway's wall clock, UTC ms: a second source for the edge's clock quality. */
  at: z.number().int(),
})
export type Ack = z.infer<typeof ackSchema>

export const verdictAnswers = ['release', 'hold', 'return'] as const

/** `down/verdict`: an operator's answer, for one passage, once, before it expires (law 5). */
export const verdictSchema = z.strictObject({
  v: z.literal(wireVersion),
  verdictId: idSchema,
  lane: idSchema,
  passageId: z.string().min(1).max(120),
  escalationId: z.string().min(1).max(140),
  answer: z.enum(verdictAnswers),
  /** The signed-in person. */
  by: z.string().min(1).max(64),
  reason: z.string().max(500),
  /** Numbers of the orders that the operator typed in; needed to release under an INTERCEPT. */
  orderIds: z.array(z.string().min(1).max(64)).max(16),
  issuedAt: z.number().int(),
  /** UTC ms. */
  expiresAt: z.number().int(),
})
export type Verdict = z.infer<typeof verdictSchema>

export const laneModes = [
  'AUTO',
  'ATTENDED',
  'SHADOW',
  'MANUAL',
  'CLOSED',
  'EMERGENCY_OPEN',
  'MAINTENANCE',
] as const
export type LaneMode = (typeof laneModes)[number]

/** `down/command`: an order of the gateway to one lane, judged like a verdict: id, expiry, one use. */
export const commandSchema = z.strictObject({
  v: z.literal(wireVersion),
  commandId: idSchema,
  lane: idSchema,
  by: z.string().min(1).max(64),
  reason: z.string().max(500),
  issuedAt: z.number().int(),
  expiresAt: z.number().int(),
  what: z.discriminatedUnion('do', [
    z.strictObject({
      do: z.literal('setMode'),
      mode: z.enum(laneModes),
      /** EMERGENCY_OPEN: the second person, another one than `by`, and how long it lasts from its arrival, ms. */
      confirmedBy: z.string().min(1).max(64).optional(),
      forMs: z.number().int().min(1).max(86_400_000).optional(),
    }),
    /** MANUAL: a person opens for this vehicle, an exception with a reason. `orderIds` as in a verdict. */
    z.strictObject({
      do: z.literal('manualRaise'),
      passageId: z.string().min(1).max(120),
      orderIds: z.array(z.string().min(1).max(64)).max(16),
    }),
    /** Emergency order for the lane (row 2): everything is held until it is ended. */
    z.strictObject({ do: z.literal('holdAll'), incidentId: idSchema, on: z.boolean() }),
    /** The person at the gateway says that the previous vehicle is really gone (row 4). */
    z.strictObject({ do: z.literal('closePassage'), passageId: z.string().min(1).max(120) }),
  ]),
})
export type Command = z.infer<typeof commandSchema>

/**
 * The wire's version of heads and deltas. 2: the content hash is the tree of list-hash.ts. An edge or
 * gateway that knows only another one refuses them as unknown, and nobody compares hashes of two kinds.
 */
export const listWireVersion = 2

/** Retained `lists/<list>/head`: which version should be in force. */
export const listHeadSchema = z.strictObject({
  v: z.literal(listWireVersion),
  list: z.enum(listNames),
  version: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  count: z.number().int().min(0),
  /** Root of the tree of hashes over the entries (list-hash.ts), 64 hex digits. */
  contentHash: z.string().length(64),
  publishedAt: z.number().int(),
  /** UTF-8 bytes of the entries in full, each as a line of canonical JSON with its end; absent: not known. */
  bytes: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
})
export type ListHead = z.infer<typeof listHeadSchema>

/** `down/list`: a small delta. It names its base and what must come out. */
export const listDeltaSchema = z.strictObject({
  v: z.literal(listWireVersion),
  list: z.enum(listNames),
  baseVersion: z.number().int().min(0),
  baseHash: z.string().length(64),
  head: listHeadSchema,
  upserts: z.array(listEntrySchema).max(500),
  deletes: z.array(z.string().min(1).max(128)).max(500),
})
export type ListDelta = z.infer<typeof listDeltaSchema>

/** Most changes of each kind between a kept version and the newest that are fetched as changes, and not as a full list. */
export const gapEntriesMax = 5_000

/** First line of the changes over a gap (`GET /edge/v1/lists/:list/changes`); one line for each change follows. */
export const listGapSchema = listDeltaSchema.extend({
  upserts: z.number().int().min(0).max(gapEntriesMax),
  deletes: z.number().int().min(0).max(gapEntriesMax),
})
export type ListGap = z.infer<typeof listGapSchema>

/** One change of a gap. */
export const listChangeSchema = z.union([
  z.strictObject({ upsert: listEntrySchema }),
  z.strictObject({ delete: z.string().min(1).max(128) }),
])
