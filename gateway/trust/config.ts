import path from 'node:path'
import { z } from 'zod'
import { bad, ok, type Result } from '../../edge/base/result.js'

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

/** `trust` as people write it: the keys, or that there are none on purpose. */
export const trustSettingSchema = trustConfigSchema.partial({ recordsDir: true, keysDir: true }).extend({
  unsigned: z
    .literal(true)
    .optional()
    .describe('Instead of keys, for trials: lists go out unsigned, and a standing fault says so.'),
})
export type TrustSetting = z.infer<typeof trustSettingSchema>

const makeKeysRemedy =
  'Make keys: `lanekeeper keys init --site <site> --dir <folder>`, then set trust.recordsDir and trust.keysDir (docs/keys.md).'

/** Undefined: unsigned, as the setting says. Nothing said is a problem, since an edge would release nobody. */
export function parseTrust(setting: TrustSetting | undefined): Result<TrustConfig | undefined> {
  if (!setting)
    return bad(
      'trust',
      'it is not said whether lists are signed.',
      `${makeKeysRemedy} For trials: trust.unsigned: true.`,
    )
  const { unsigned, recordsDir, keysDir, ...rest } = setting
  const named = [recordsDir, keysDir, rest.personsDir].filter((one) => one !== undefined)
  if (unsigned && named.length > 0)
    return bad('trust.unsigned', 'lists are either unsigned or signed with keys.', 'Remove trust.unsigned.')
  if (unsigned) return ok(undefined)
  if (recordsDir === undefined) return bad('trust.recordsDir', 'is missing.', makeKeysRemedy)
  if (keysDir === undefined) return bad('trust.keysDir', 'is missing.', makeKeysRemedy)
  return ok({ ...rest, recordsDir, keysDir })
}

export function trustPaths(config: TrustConfig, baseDir: string): TrustConfig {
  return {
    ...config,
    recordsDir: path.resolve(baseDir, config.recordsDir),
    keysDir: path.resolve(baseDir, config.keysDir),
    ...(config.personsDir !== undefined && { personsDir: path.resolve(baseDir, config.personsDir) }),
  }
}
