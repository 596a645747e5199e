import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { listEntrySchema, listNames } from '../../edge/messages/entities.js'
import type { Database } from '../store/database.js'
import { entryHistory, keptVersions } from '../store/list-history.js'
import { operatorOf } from './guard.js'
import { document, parse } from './parse.js'
import { apiErrorSchema, listStateSchema } from './schemas.js'
import { isSecret } from './secrecy.js'

const listParams = z.object({ list: z.enum(listNames) })
const historyQuery = z.object({ key: z.string().min(1).max(128) })
const versionsQuery = z.object({ limit: z.coerce.number().int().min(1).max(1_000).default(100) })

export const entryStateSchema = z.object({
  entry: listEntrySchema,
  since: z.number().describe('The version that it came with.'),
  sinceAt: z.number().nullable().describe('UTC ms; null: that version is forgotten.'),
  sinceBy: z.string().nullable(),
  until: z.number().nullable().describe('The first version without it; null: it stands so now.'),
  untilAt: z.number().nullable(),
  untilBy: z.string().nullable(),
})
export const entryHistorySchema = z.object({ states: z.array(entryStateSchema) })
export const versionsSchema = z.object({
  versions: z.array(listStateSchema.extend({ by: z.string() })),
})

/** Since when an entry stands in a list, by whom, and what stood before. */
export function listHistoryRoutes(
  app: FastifyInstance,
  given: { readonly database: Database; readonly secretOrderReaders: readonly string[] },
): void {
  const { database, secretOrderReaders } = given
  const refusal = document(apiErrorSchema)
  const says = (summary: string, query: z.ZodType, answer: z.ZodType) => ({
    schema: {
      summary,
      security: [{ session: [] }],
      params: document(listParams),
      querystring: document(query, 'input'),
      response: { '2xx': document(answer), '4xx': refusal, '5xx': refusal },
    },
  })
  app.get(
    '/api/lists/:list/history',
    says('Everything that is kept of one entry, oldest first', historyQuery, entryHistorySchema),
    async (request) => {
      const { list } = parse(listParams, request.params)
      const { key } = parse(historyQuery, request.query)
      const states = await database.read((sql) => entryHistory(sql, list, key))
      const all = secretOrderReaders.includes(operatorOf(request))
      return { states: all ? states : states.filter(({ entry }) => !isSecret(entry)) }
    },
  )
  app.get(
    '/api/lists/:list/versions',
    says('Kept versions of a list, newest first', versionsQuery, versionsSchema),
    async (request) => {
      const { list } = parse(listParams, request.params)
      const { limit } = parse(versionsQuery, request.query)
      const kept = await database.read((sql) => keptVersions(sql, list, limit))
      return {
        versions: kept.map(({ version, count, contentHash, publishedAt, by }) => ({
          ...{ list, version, count, contentHash, publishedAt, by },
        })),
      }
    },
  )
}
