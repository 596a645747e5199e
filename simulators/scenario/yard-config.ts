import { z } from 'zod'
import type { Result } from '../../edge/base/result.js'
import { idSchema } from '../../edge/messages/envelope.js'
import { settingProblems } from '../../edge/messages/text/issue-problem.js'
import { lineForms, messageForms } from '../reader/index.js'

const port = z.number().int().min(0).max(65_535)

/** The file of `lanekeeper sim`: which hardware to simulate and what traffic comes. */
export const simFileSchema = z.strictObject({
  version: z.literal(1),
  plc: z.strictObject({
    port,
    /** Key and certificate of the PLC lie here; made when absent. */
    pkiDir: z.string().min(1),
    /** The only client certificate that the PLC takes. */
    edgeCertificateFile: z.string().min(1),
  }),
  /** The edge's reader bus. */
  bus: z.url({ protocol: /^mqtts?$/ }),
  /** Ground truth of the barriers, one line of JSON an event. */
  truthFile: z.string().min(1),
  arrivals: z.strictObject({
    seed: z.number().int().min(0),
    count: z.number().int().min(0).max(100_000),
    /** Draws after which nothing comes any more; traffic kinds by their weight, absent: mixed. */
    mix: z.record(z.string(), z.number().min(0)).optional(),
    /** Pause between two vehicles of one lane, at most, in milliseconds. */
    pauseMs: z.number().int().min(0).max(3_600_000),
    /** Where vehicles come into the lane, in metres; the entry loop is at 20. */
    startM: z.number().min(0).max(18).optional(),
    /** How long a driver waits before giving up. */
    patienceMs: z.number().int().min(1_000).max(3_600_000),
    /** UTC ms from which orders are valid. */
    wallMs: z.number().int(),
    prefix: z.string().min(1).max(4),
  }),
  lanes: z
    .array(
      z.strictObject({
        id: idSchema,
        /** Login of the lane's devices at the bus: the user is `<lane>-devices`. */
        secretFile: z.string().min(1),
        /** For disinfection, behind the PLC. */
        sprayer: z.boolean().default(false),
        reader: z.discriminatedUnion('kind', [
          z.strictObject({ kind: z.literal('line'), wire: z.string().min(1), form: z.enum(lineForms) }),
          z.strictObject({ kind: z.literal('mqtt'), form: z.enum(messageForms) }),
        ]),
      }),
    )
    .min(1)
    .max(8),
})

export type SimConfig = z.infer<typeof simFileSchema>

export function parseSimConfig(raw: unknown): Result<SimConfig> {
  const parsed = simFileSchema.safeParse(raw)
  if (parsed.success) return { ok: true, value: parsed.data }
  return { ok: false, problems: settingProblems(parsed.error, raw) }
}
