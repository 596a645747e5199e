import { z } from 'zod'
import { idSchema } from '../../edge/messages/envelope.js'
import { languages } from '../../edge/messages/text/catalogue.js'

/** Modes, manual openings and what is reviewed of them, as the console and the HTTP API speak of them. */

/** `POST /api/edges/:edgeId/lanes/:lane/emergency`: the first person's word. */
export const emergencyRequestSchema = z.strictObject({
  reason: z.string().trim().min(1).max(500),
  /** How long the lane is to stay open at most; the edge's own limit holds beside. */
  minutes: z.number().int().min(1).max(1_440),
})
export type EmergencyRequest = z.infer<typeof emergencyRequestSchema>

/** An emergency opening that waits for a second person. */
export const emergencyStateSchema = z.object({
  requestId: z.string(),
  edgeId: z.string(),
  lane: z.string(),
  by: z.string(),
  reason: z.string(),
  minutes: z.number(),
  askedAt: z.number(),
  expiresAt: z.number(),
})
export type EmergencyState = z.infer<typeof emergencyStateSchema>

/** `GET /api/passages`: the newest first. Without a filter, all. */
export const passagesQuerySchema = z.strictObject({
  /** The review list of emergency openings. */
  contingency: z.literal('true').optional(),
  /** Opened by hand, as exceptions. */
  manual: z.literal('true').optional(),
  /** Went through on lists older than the gateway's, which speak against them. */
  offline: z.literal('true').optional(),
  /** Opened before, UTC ms; for the next page. */
  before: z.coerce.number().int().optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(200),
})
export type PassagesQuery = z.infer<typeof passagesQuerySchema>

/** `GET /api/shadow-report`; absent times: the last seven days. */
export const shadowQuerySchema = z.strictObject({
  /** Passages opened from then on, UTC ms. */
  from: z.coerce.number().int().min(0).optional(),
  /** And before then, UTC ms; at most 31 days later. */
  to: z.coerce.number().int().min(0).optional(),
  edgeId: idSchema.optional(),
  lane: idSchema.optional(),
  lang: z.enum(languages).default('en'),
})

/** All passages that one rule decided with one outcome, and what people did with them; `none`: without an answer. */
export const shadowRowSchema = z.object({
  primary: z.string(),
  outcome: z.enum(['release', 'disinfect', 'hold', 'lock', 'escalate']),
  passages: z.number(),
  release: z.number(),
  hold: z.number(),
  return: z.number(),
  none: z.number(),
})

/** What lanes in SHADOW would have done beside what people did (domain.md 5.2). */
export const shadowReportSchema = z.object({
  /** What was asked for, UTC ms. */
  asked: z.object({
    from: z.number(),
    to: z.number(),
    edgeId: z.string().nullable(),
    lane: z.string().nullable(),
  }),
  /** Passages of that time that were looked at, in SHADOW or not. */
  lookedAt: z.number(),
  /** False: there were more than a report looks at; it ends with what opened at `upTo`. */
  complete: z.boolean(),
  upTo: z.number(),
  /** First and last judgement in SHADOW, UTC ms; null: there is none. */
  from: z.number().nullable(),
  to: z.number().nullable(),
  passages: z.number(),
  agreed: z.number(),
  laneOnlyReleases: z.number(),
  personOnlyReleases: z.number(),
  unanswered: z.number(),
  rows: z.array(shadowRowSchema),
  differing: z.array(z.string()),
  more: z.number(),
  language: z.enum(languages),
  /** The same in words. */
  lines: z.array(z.string()),
})
export type ShadowReportState = z.infer<typeof shadowReportSchema>
