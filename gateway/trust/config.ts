import path from 'node:path'
import { z } from 'zod'

const day = 86_400_000

/** `trust` of the gateway's configuration: from where lists are signed, and for how long that is good. */
export const trustConfigSchema = z.strictObject({
  recordsDir: z
    .string()
    .min(1)
    .describe(
      'root.<n>.json and delegation.<n>.json of `lanekeeper keys`; looked at again before each timestamp.',
    ),
  keysDir: z.string().min(1).describe('snapshot.key, timestamp.key and hold.key, mode 0600.'),
  personsDir: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Sealed keys of `lanekeeper keys person`, <person>.json: two people lift a hold by their passphrases; absent: signatures are made elsewhere.',
    ),
  timestampEveryMs: z
    .number()
    .int()
    .min(1_000)
    .max(600_000)
    .default(15_000)
    .describe('How often the lists are said to be the newest.'),
  timestampForMs: z
    .number()
    .int()
    .min(60_000)
    .max(day)
    .default(600_000)
    .describe('An edge that hears nothing newer says so after this long.'),
  snapshotForMs: z
    .number()
    .int()
    .min(3_600_000)
    .max(90 * day)
    .default(7 * day)
    .describe('A snapshot is signed anew, unchanged, when half of this has passed.'),
})
export type TrustConfig = z.infer<typeof trustConfigSchema>

export function trustPaths(config: TrustConfig, baseDir: string): TrustConfig {
  return {
    ...config,
    recordsDir: path.resolve(baseDir, config.recordsDir),
    keysDir: path.resolve(baseDir, config.keysDir),
    ...(config.personsDir !== undefined && { personsDir: path.resolve(baseDir, config.personsDir) }),
  }
}
