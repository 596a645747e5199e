import { z } from 'zod'
import { listNames } from '../../edge/messages/entities.js'
import type { TollFormat } from './formats/acknowledgement.js'
import { fileFaults } from './formats/reader.js'

export const importFormats = ['ndjson', 'json', 'csv', 'niop', 'itag', 'ctoc'] as const
export type ImportFormat = (typeof importFormats)[number]

/** Whether files of this format come from a toll agency: they name it, and are acknowledged. */
export function isTolling(format: ImportFormat): format is TollFormat {
  return format === 'niop' || format === 'itag' || format === 'ctoc'
}

/** What is asked of a file: into which list, written how, and whether what it does not name stays. */
export const importAskSchema = z.object({
  list: z.enum(listNames),
  format: z.enum(importFormats),
  /** Of a file of tolling its head says it: a bulk list replaces the tags of its agency. */
  mode: z.enum(['merge', 'replace']),
  /** Of the file, as it came. */
  name: z.string().min(1).max(128),
})
export type ImportAsk = z.infer<typeof importAskSchema>

/** A line of a file that is not taken, and why. */
export const refusedLineSchema = z.object({
  line: z.number().describe('Counted from 1.'),
  path: z.string().describe('Within the entry or record; empty for the whole of it.'),
  message: z.string().describe('In English.'),
  code: z
    .string()
    .optional()
    .describe('The text in either language is `lineProblem.<code>`; absent of what an older program read.'),
  values: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
})
export type RefusedLine = z.infer<typeof refusedLineSchema>

const countsSchema = z.object({
  added: z.number(),
  changed: z.number(),
  same: z.number(),
  gone: z.number(),
})

/** A file of a list that was read, and what became of it. */
export const dryRunSchema = importAskSchema.extend({
  importId: z.string(),
  state: z
    .enum(['READING', 'READY', 'BROKEN', 'APPLIED', 'DISCARDED'])
    .describe('READY: it waits for a person. BROKEN: the whole file will not do.'),
  madeBy: z.string(),
  madeAt: z.number(),
  baseVersion: z.number().describe('The version of the list that the differences are against.'),
  read: z.number().describe('Entries read so far, without those refused.'),
  counts: countsSchema,
  openCounts: countsSchema
    .optional()
    .describe('Of a file of orders: without secret ones, for whoever may not know of them.'),
  refusedCount: z.number(),
  refused: z.array(refusedLineSchema).describe('The lines that are not taken, at most 1,000 of them.'),
  head: z
    .object({ agency: z.string(), bulk: z.boolean(), createdAt: z.string() })
    .nullable()
    .describe('Of a file of tolling: whose tags, and whether it is all of them.'),
  fault: z
    .object({ kind: z.enum(fileFaults), line: z.number(), message: z.string() })
    .nullable()
    .describe('Why nothing of the file is taken.'),
  applied: z.object({ by: z.string(), at: z.number(), version: z.number() }).nullable(),
})
export type DryRun = z.infer<typeof dryRunSchema>
