import { z } from 'zod'

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
