import { z } from 'zod'
import { defaultFlood, type FloodPolicy } from '../common/flood-gate.js'
import { defaultNoise, type NoisePolicy } from '../common/noise-meter.js'
import { parseWith } from '../common/problems.js'
import type { Result } from '../../../base/result.js'

/** Names that change with the order of plugging: the next start could read another device by them. */
const unstablePath = /^\/dev\/tty(USB|ACM)\d+$/

/** Settings as they stand in the file, beside `id`, `kind` and `feeds`. */
export const lineReaderSchema = z.strictObject({
  path: z
    .string()
    .min(1)
    .refine((path) => !unstablePath.test(path), {
      error: 'This name changes with the order of plugging. Use the name below /dev/serial/by-id/.',
    })
    .describe('The serial device, by a name that stays with it: below /dev/serial/by-id/.'),
  dialect: z.enum(['transcore', 'alien', 'nedap']).describe('What the reader speaks.'),
  baudRate: z.int().min(300).max(921_600).default(9_600).describe('Bits a second.'),
  dataBits: z
    .union([z.literal(7), z.literal(8)])
    .optional()
    .describe('Absent: 8; nedap 7.'),
  parity: z.enum(['none', 'even', 'odd']).optional().describe('Absent: none; nedap even.'),
  stopBits: z.union([z.literal(1), z.literal(2)]).default(1),
  lineEnd: z
    .enum(['crlf', 'lf', 'cr'])
    .default('crlf')
    .describe('How a line ends; crlf is the safer against noise.'),
  maxLineBytes: z.int().min(64).max(4_096).default(512).describe('Longest line in bytes, its end included.'),
  interByteMs: z.int().min(20).max(5_000).default(200).describe('A pause so long inside a line ends it.'),
  epcLengths: z
    .array(z.int().min(1).max(128))
    .min(1)
    .max(16)
    .nullable()
    .default(null)
    .describe(
      'Lengths an identity may have, in characters; null: any. Set it: these protocols carry no check value.',
    ),
  utcOffsetMinutes: z
    .int()
    .min(-14 * 60)
    .max(14 * 60)
    .nullable()
    .default(null)
    .describe("Offset of the reader's local time; null: its times are not used."),
  heartbeatMs: z
    .int()
    .min(500)
    .max(86_400_000)
    .nullable()
    .default(null)
    .describe(
      'Longest silence of a healthy reader; after twice that the line is opened anew. Null: any silence is fine.',
    ),
  watchMs: z
    .int()
    .min(50)
    .max(2_000)
    .default(250)
    .describe('How often it is looked whether the device is still the one that was opened.'),
  maxReadsPerSecond: z
    .int()
    .min(1)
    .max(100_000)
    .default(defaultFlood.readsPerSecond)
    .describe('Reads above it are dropped and counted.'),
  noisyAfter: z
    .int()
    .min(1)
    .max(1_000)
    .default(defaultNoise.raiseAfter)
    .describe('Discards within 10 s that make the line a noisy one.'),
})

export interface LineReaderConfig extends Omit<
  z.output<typeof lineReaderSchema>,
  'maxReadsPerSecond' | 'noisyAfter'
> {
  readonly flood: FloodPolicy
  readonly noise: NoisePolicy
}

/** Settings of a `line` reader, each explained in this folder's README; all problems at once. */
export function parseConfig(raw: unknown): Result<LineReaderConfig> {
  const parsed = parseWith(lineReaderSchema, raw)
  if (!parsed.ok) return parsed
  const { maxReadsPerSecond, noisyAfter, ...rest } = parsed.value
  return {
    ok: true,
    value: {
      ...rest,
      flood: { ...defaultFlood, readsPerSecond: maxReadsPerSecond },
      noise: { ...defaultNoise, raiseAfter: noisyAfter },
    },
  }
}

export const lineEnds: Readonly<Record<LineReaderConfig['lineEnd'], string>> = {
  crlf: '\r\n',
  lf: '\n',
  cr: '\r',
}
