import { z } from 'zod'
import { boundsFields, heartbeatField, withBounds, type WithBounds } from '../common/bounds.js'
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
  heartbeatMs: heartbeatField.describe(
    'Longest silence of a healthy reader; after twice that the line is opened anew. Null: any silence is fine.',
  ),
  watchMs: z
    .int()
    .min(50)
    .max(2_000)
    .default(250)
    .describe('How often it is looked whether the device is still the one that was opened.'),
  ...boundsFields,
})

export type LineReaderConfig = WithBounds<z.output<typeof lineReaderSchema>>

/** Settings of a `line` reader, each explained in this folder's README; all problems at once. */
export function parseConfig(raw: unknown): Result<LineReaderConfig> {
  return withBounds(parseWith(lineReaderSchema, raw))
}

export const lineEnds: Readonly<Record<LineReaderConfig['lineEnd'], string>> = {
  crlf: '\r\n',
  lf: '\n',
  cr: '\r',
}
