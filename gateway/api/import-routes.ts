import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { listNames } from '../../edge/messages/entities.js'
import { refusedLineSchema } from '../lists/import-record.js'
import type { Lists } from '../lists/lists.js'
import { operatorOf } from './guard.js'
import { document, parse } from './parse.js'
import { apiErrorSchema, listStateSchema } from './schemas.js'
import { listView } from './views.js'

const contentType = 'application/x-ndjson'
const importMaxBytes = 16 * 1024 * 1024

const listParams = z.object({ list: z.enum(listNames) })

const importedSchema = z.object({
  list: listStateSchema,
  applied: z.number().describe('Entries that are new or changed.'),
  unchanged: z.number().describe('Entries that stood there already.'),
  refusedCount: z.number(),
  refused: z.array(refusedLineSchema).describe('The lines that were not taken, at most 1,000 of them.'),
})

/** The import of a file: what is good of it is taken, and every line that is not is named. */
export function importRoutes(app: FastifyInstance, { lists }: { readonly lists: Lists }): void {
  app.addContentTypeParser(
    contentType,
    { parseAs: 'string', bodyLimit: importMaxBytes },
    (_request, body, done) => {
      done(null, body)
    },
  )
  const refusal = document(apiErrorSchema)
  const schema = {
    summary: 'Import entries, one a line (NDJSON): good lines are one new version, the others are named',
    security: [{ session: [] }],
    params: document(listParams),
    consumes: [contentType],
    body: { type: 'string' },
    response: { '2xx': document(importedSchema), '4xx': refusal, '5xx': refusal },
  }
  app.post('/api/lists/:list/import', { schema, bodyLimit: importMaxBytes }, async (request) => {
    const { list } = parse(listParams, request.params)
    const text = parse(z.string(), request.body)
    const { head, ...done } = await lists.importLines(list, text, operatorOf(request))
    return { list: listView(head), ...done }
  })
}
