import { z } from 'zod'
import { idSchema, wireVersion } from './envelope.js'
import { laneModes } from './down.js'

export const lights = ['red', 'green', 'off'] as const
export const barrierPositions = ['raised', 'lowered', 'moving', 'blocked', 'unknown'] as const
export const loopLevels = ['occupied', 'clear', 'unknown'] as const

/** One lane as a person should see it. Lossy by design: the newest replaces the older. */
export const laneSnapshotSchema = z.strictObject({
  lane: idSchema,
  direction: z.enum(['in', 'out']),
  mode: z.enum(laneModes),
  /** When EMERGENCY_OPEN ends by itself, UTC ms; absent: the mode has no end. */
  modeUntil: z.number().optional(),
  /** Name of the state of the lane's machine, a key of the text catalogue (`state.<at>`). */
  at: z.string().max(40),
  light: z.enum(lights),
  barrier: z.enum(barrierPositions),
  entryLoop: z.enum(loopLevels),
  exitLoop: z.enum(loopLevels),
  passageId: z.string().nullable(),
  /** Reason code shown to people, or null. */
  reason: z.string().nullable(),
  prompt: z.string().nullable(),
  /** Id of the bay that the prompt names; absent: it names none. */
  bay: z.string().max(64).optional(),
  /** What the sign says to a vehicle that is still driving up to the empty lane; absent: nothing. */
  approach: z.strictObject({ prompt: z.string().max(64), bay: z.string().max(64).optional() }).optional(),
  lastTag: z
    .strictObject({ epc: z.string(), heardAt: z.number(), rssiDbm: z.number().nullable() })
    .nullable(),
  plate: z.string().nullable(),
})
export type LaneSnapshot = z.infer<typeof laneSnapshotSchema>

export const activeFaultSchema = z.strictObject({
  code: z.string().max(60),
  source: z.string().max(80),
  since: z.number().int(),
  detail: z.string().max(500).optional(),
})
export type ActiveFault = z.infer<typeof activeFaultSchema>

export const listStatusSchema = z.strictObject({
  list: z.string().max(40),
  version: z.number().int(),
  count: z.number().int(),
  /** UTC ms when the edge last knew that this is the newest version; null: never. */
  confirmedAt: z.number().int().nullable(),
})

/** `up/health`, QoS 0: on change, at most 5 a second, and at least every 2 s. */
export const healthSchema = z.strictObject({
  v: z.literal(wireVersion),
  edgeId: idSchema,
  at: z.number().int(),
  bootId: z.string(),
  version: z.string(),
  clockQuality: z.enum(['synchronised', 'holdover', 'untrusted']),
  lanes: z.array(laneSnapshotSchema).max(64),
  faults: z.array(activeFaultSchema).max(200),
  lists: z.array(listStatusSchema).max(32),
  outbox: z.strictObject({ waiting: z.number().int(), epoch: z.string(), lastSequence: z.number().int() }),
  rssBytes: z.number().int(),
  counters: z.record(z.string(), z.number()),
})
export type Health = z.infer<typeof healthSchema>

/** `up/answer`: what became of a verdict, command or list, for the person who waits for it. */
export const answerSchema = z.strictObject({
  v: z.literal(wireVersion),
  edgeId: idSchema,
  /** Id of the verdict or command, or `<list>@<version>`. */
  to: z.string().max(140),
  result: z.enum(['accepted', 'refused', 'inForce']),
  why: z.string().max(200).nullable(),
  at: z.number().int(),
})
export type Answer = z.infer<typeof answerSchema>
