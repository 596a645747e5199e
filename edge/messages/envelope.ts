import { z } from 'zod'

/** The only version of the wire there is; a message of another one is refused with a reason. */
export const wireVersion = 1

export const idSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'one to 64 letters, digits, dots, dashes or underscores')

export const clockQualitySchema = z.enum(['synchronised', 'holdover', 'untrusted'])

/**
 * The frame of every event (architecture.md 5). `(edgeId, epoch, sequence)` identifies it for ever:
 * the epoch changes when an edge's database is new. `previousHash` chains the events of an epoch;
 * the hash covers everything except `sentAt`, which is added when it is sent.
 */
export const envelopeSchema = z.strictObject({
  v: z.literal(wireVersion),
  type: z.string().min(1).max(40),
  edgeId: idSchema,
  epoch: z.string().min(1).max(40),
  sequence: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  lane: idSchema.nullable(),
  passageId: z.string().max(120).nullable(),
  /** UTC ms: when it happened, and when it was written. */
  occurredAt: z.number().int(),
  recordedAt: z.number().int(),
  bootId: z.string().max(40),
  monoMs: z.number(),
  clockQuality: clockQualitySchema,
  captured: z.enum(['auto', 'manual', 'backoffice']),
  contingency: z.boolean(),
  /** Sequence of the event that this one corrects; nothing is overwritten. */
  correctionOf: z.number().int().optional(),
  previousHash: z.string().length(64),
  body: z.record(z.string(), z.unknown()),
})
export type EventEnvelope = z.infer<typeof envelopeSchema>

/** An event on the wire; `sentAt` (UTC ms) stands outside the hash. */
export const sentEventSchema = envelopeSchema.extend({
  sentAt: z.number().int(),
  hash: z.string().length(64),
})
export type SentEvent = z.infer<typeof sentEventSchema>

/** The hash chain starts here. */
export const firstPreviousHash = '0'.repeat(64)

/** One MQTT message at most; the broker's frame limiter is set from this. */
export const messageMaxBytes = 256 * 1024
