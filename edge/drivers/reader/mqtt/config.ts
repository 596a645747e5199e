import { z } from 'zod'
import type { Result } from '../../../base/result.js'
import { boundsFields, heartbeatField, withBounds, type WithBounds } from '../common/bounds.js'
import { parseWith } from '../common/problems.js'

/** Settings as they stand in the file, beside `id`, `kind` and `feeds`. */
export const mqttReaderSchema = z.strictObject({
  url: z
    .string()
    .superRefine((text, context) => {
      const why = objectionTo(text)
      if (why !== null) context.addIssue({ code: 'custom', message: why })
    })
    .describe("The edge's own reader bus, mqtt://127.0.0.1:1884, or another broker by mqtts://."),
  username: z.string().min(1).max(64).describe('Login of the edge at that broker.'),
  secretFile: z.string().min(1).describe('One line, mode 0600.'),
  caFile: z
    .string()
    .min(1)
    .optional()
    .describe('Certificate authority of the broker, PEM; absent: those that Node trusts.'),
  topic: z
    .string()
    .min(1)
    .max(256)
    .refine((topic) => !topic.startsWith('$') && topic !== '#', {
      error: 'Name the topic of this one reader, e.g. "readers/north-1".',
    })
    .describe('Topic or filter of this one reader.'),
  dialect: z
    .enum(['impinj-r700', 'zebra-iotc', 'lanekeeper'])
    .describe('What the reader sends; lanekeeper: base stations and plate cameras.'),
  maxPayloadBytes: z.int().min(256).max(1_048_576).default(65_536).describe('A longer message is discarded.'),
  heartbeatMs: heartbeatField.describe(
    'Longest silence of a healthy reader; alive messages count. Null: any silence is fine.',
  ),
  ...boundsFields,
})

export type MqttReaderConfig = WithBounds<z.output<typeof mqttReaderSchema>>

/** Settings of an `mqtt` reader, each explained in this folder's README; all problems at once. */
export function parseConfig(raw: unknown): Result<MqttReaderConfig> {
  return withBounds(parseWith(mqttReaderSchema, raw))
}

function objectionTo(text: string): string | null {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    return 'This is no address. Write it as mqtt://127.0.0.1:1884 or mqtts://host:8883.'
  }
  if (url.username !== '' || url.password !== '')
    return 'Name the user in username and the secret in secretFile.'
  if (url.protocol === 'mqtts:') return null
  if (url.protocol !== 'mqtt:') return 'Only mqtt:// and mqtts:// are spoken.'
  const local =
    url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(url.hostname)
  return local ? null : 'mqtt:// would send the secret over the network in clear. Use mqtts://.'
}
