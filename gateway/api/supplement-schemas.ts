import { z } from 'zod'
import { idSchema } from '../../edge/messages/envelope.js'

/**
 * What is added to the records afterwards (补采, 更正, 补录; domain.md 7): corrections of a passage that is
 * over, and passages that stood on paper while the system was out. Nothing that was recorded is overwritten.
 */
const text = (max: number) => z.string().trim().min(1).max(max)

/** What may be said otherwise of a passage; what is absent stays as it was. */
export const correctableSchema = z.strictObject({
  direction: z.enum(['in', 'out']).optional(),
  plates: z.array(text(16)).max(8).optional(),
  epcs: z.array(text(128)).max(16).optional(),
  /** Null: which vehicle it was is not known. */
  vehicleId: text(64).nullable().optional(),
  note: text(500).optional(),
})
export type Correctable = z.infer<typeof correctableSchema>

/** `POST /api/passages/:passageId/corrections` */
export const correctionRequestSchema = z.strictObject({
  /** How many supplements of the passage the person saw. */
  seen: z.number().int().min(0),
  is: correctableSchema,
  reason: text(500),
})
export type CorrectionRequest = z.infer<typeof correctionRequestSchema>

/** Where papers and records do not say the same. */
export const differenceKinds = [
  /** No vehicle in the register has the tag or plate. */
  'vehicleUnknown',
  /** No trip that waits fits the vehicle and direction, or more than one does. */
  'tripUnknown',
  /** The trip had gone through already. */
  'tripCrossed',
  'tripOtherVehicle',
  'tripOtherDirection',
  'tripOtherContainers',
  /** A declaration of the trip is missing, rejected, or used already. */
  'declarationNotValid',
] as const

export const differenceSchema = z.object({ kind: z.enum(differenceKinds), detail: z.string() })
export type Difference = z.infer<typeof differenceSchema>

/** Something that was added to a passage, with who, when and why. */
export const supplementSchema = z.object({
  supplementId: z.string(),
  passageId: z.string(),
  kind: z.enum(['correction', 'entry']),
  /** Counted within its passage from 1. */
  no: z.number(),
  by: z.string(),
  at: z.number(),
  reason: z.string(),
  /** What was in force before, and what is since; of a correction. */
  was: correctableSchema,
  is: correctableSchema,
  /** Of an entry from paper. */
  paperNo: z.string().nullable(),
  outageId: z.string().nullable(),
  officer: z.string().nullable(),
  decided: z.enum(['released', 'held', 'returned']).nullable(),
  differences: z.array(differenceSchema),
})
export type Supplement = z.infer<typeof supplementSchema>

/** `POST /api/outages`: passages on paper are entered only within an outage that was announced. */
export const outageRequestSchema = z.strictObject({
  edgeId: idSchema,
  /** Absent: every lane of the edge. */
  lane: idSchema.optional(),
  /** UTC ms. */
  from: z.number().int().min(0),
  /** Absent: it lasts still. */
  to: z.number().int().min(0).optional(),
  reason: text(500),
})
export type OutageRequest = z.infer<typeof outageRequestSchema>

export const outageSchema = z.object({
  outageId: z.string(),
  edgeId: z.string(),
  lane: z.string().nullable(),
  from: z.number(),
  /** Null: it lasts still. */
  to: z.number().nullable(),
  reason: z.string(),
  announcedBy: z.string(),
  announcedAt: z.number(),
  endedBy: z.string().nullable(),
  /** Passages entered from paper so far. */
  entered: z.number(),
})
export type OutageState = z.infer<typeof outageSchema>

/** One line of `POST /api/outages/:outageId/entries` (NDJSON): a passage as it stands on paper. */
export const paperEntrySchema = z.strictObject({
  /** Printed on the form; the same number is the same passage. */
  paperNo: text(64),
  lane: idSchema,
  direction: z.enum(['in', 'out']),
  /** UTC ms. */
  openedAt: z.number().int().min(0),
  /** Absent: not written down. */
  endedAt: z.number().int().min(0).optional(),
  plates: z.array(text(16)).max(8).default([]),
  epcs: z.array(text(128)).max(16).default([]),
  containers: z.array(text(16)).max(8).default([]),
  /** Absent: the one that waits for this vehicle and direction, where there is just one. */
  tripId: text(64).optional(),
  decided: z.enum(['released', 'held', 'returned']),
  /** Who decided at the lane, as signed on the paper. */
  officer: text(64),
  remark: z.string().trim().max(500).default(''),
})
export type PaperEntry = z.infer<typeof paperEntrySchema>

/** What became of an import; every line that was not taken is named. */
export const enteredSchema = z.object({
  taken: z.number(),
  /** Entered before, with the same content. */
  unchanged: z.number(),
  refused: z.array(z.object({ line: z.number(), path: z.string(), message: z.string() })),
  differences: z.array(differenceSchema.extend({ paperNo: z.string() })),
})
export type Entered = z.infer<typeof enteredSchema>
