import { z } from 'zod'
import type { Problem, Result } from '../../edge/base/result.js'

const loop = z.enum(['occupied', 'clear'])

/** A line on the standard input of the PLC process: what happens at the lane, or to the PLC. */
const commandSchema = z.union([
  z.strictObject({
    lane: z.string(),
    sensed: z.strictObject({
      entryOccupied: z.boolean(),
      exitOccupied: z.boolean(),
      zoneOccupied: z.boolean(),
    }),
  }),
  z.strictObject({
    lane: z.string(),
    fail: z.strictObject({
      stuckAt: z.number().min(0).max(90).nullable().exactOptional(),
      slowFactor: z.number().min(1).max(100).exactOptional(),
      tornOff: z.boolean().exactOptional(),
      loopStuck: z
        .strictObject({ entry: loop.exactOptional(), exit: loop.exactOptional() })
        .nullable()
        .exactOptional(),
      loopBounceMs: z.number().min(0).max(10_000).exactOptional(),
      armBounceMs: z.number().min(0).max(10_000).exactOptional(),
      sprayerOut: z.boolean().exactOptional(),
      tickFrozen: z.boolean().exactOptional(),
      mainsOut: z.boolean().exactOptional(),
    }),
  }),
  z.strictObject({ lane: z.string(), people: z.boolean() }),
  z.strictObject({ lane: z.string(), mend: z.literal(true) }),
  z.strictObject({ lane: z.string(), badQuality: z.array(z.string().max(40)).max(20) }),
  z.strictObject({ power: z.enum(['off', 'cycle']) }),
  z.strictObject({ stop: z.literal(true) }),
])
export type PlcCommand = z.output<typeof commandSchema>

/** Settings of a PLC process, each explained in README.md. */
const processSchema = z.strictObject({
  lanes: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[\w-]{1,40}$/),
        /** Where the bar stands at the start, 0 lowered .. 90 raised. */
        armAngle: z.number().min(0).max(90).default(0),
        sprayer: z.boolean().default(false),
        battery: z.boolean().default(false),
      }),
    )
    .min(1)
    .max(16),
  port: z.int().min(0).max(65_535).default(0),
  pkiDir: z.string().min(1),
  trustedCertificateFiles: z.array(z.string().min(1)).max(64).default([]),
  /** Ground truth goes here, a line of JSON an entry, whatever becomes of the process. */
  truthFile: z.string().min(1).nullable().default(null),
  /** `commands`: lines on the standard input, and its end ends the process; `none`: runs until it is told to end. */
  stdin: z.enum(['commands', 'none']).default('commands'),
  tickMs: z.int().min(10).max(1_000).default(100),
  scanMs: z.int().min(5).max(1_000).default(20),
})
export type PlcProcessConfig = z.output<typeof processSchema>
/** As written, with everything that has a default left out at will. */
export type PlcProcessInput = z.input<typeof processSchema>

export function parseProcessConfig(raw: unknown): Result<PlcProcessConfig> {
  const parsed = processSchema.safeParse(raw)
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, problems: problemsOf(parsed.error) }
}

/** A command from one line, or what is wrong with the line. */
export function parseCommand(line: string): Result<PlcCommand> {
  let raw: unknown
  try {
    raw = JSON.parse(line)
  } catch {
    return { ok: false, problems: [{ path: '', message: 'The line is no JSON.' }] }
  }
  const parsed = commandSchema.safeParse(raw)
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, problems: problemsOf(parsed.error) }
}

function problemsOf(error: z.ZodError): Problem[] {
  return error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message }))
}
