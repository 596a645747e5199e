import { z } from 'zod'
import { listEntrySchema, listNames } from '../../edge/messages/entities.js'
import { dryRunSchema, importFormats, type DryRun, type ImportFormat } from '../lists/import-record.js'

/** Lists as people look after them: how old one may be, and files that are read into one. */

/** `GET /api/lists` */
export const listClassSchema = z.object({
  list: z.enum(listNames),
  version: z.number(),
  count: z.number(),
  contentHash: z.string(),
  /** UTC ms. */
  publishedAt: z.number(),
  /** Who made the newest version. */
  by: z.string(),
  maxAge: z
    .object({ ladenMs: z.number(), otherMs: z.number() })
    .nullable()
    .describe(
      'How old a lane’s copy may be before it releases no laden vehicle, and no other one, without a person. As it is ' +
        'shipped: the configuration of a lane may say otherwise, and the lane goes by that. Null: of any age, since it lets nobody pass and stops nobody.',
    ),
})
export const listClassesSchema = z.object({ lists: z.array(listClassSchema) })
export type ListClass = z.infer<typeof listClassSchema>

/** `GET /api/lists/:list/imports/:importId/differences` */
export const differencesSchema = z.object({
  differences: z.array(
    z.object({
      key: z.string(),
      line: z.number(),
      before: listEntrySchema.nullable(),
      after: listEntrySchema.nullable(),
    }),
  ),
  /** Pass as `after` for the next page; null: that was all. */
  next: z.string().nullable(),
})
export type Difference = z.infer<typeof differencesSchema>['differences'][number]

export const importsSchema = z.object({ imports: z.array(dryRunSchema.omit({ refused: true })) })
/** A run in the list of runs: without its refused lines. */
export type ImportListed = z.infer<typeof importsSchema>['imports'][number]
export { importFormats, type DryRun, type ImportFormat }
