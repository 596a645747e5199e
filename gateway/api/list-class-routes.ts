import type { FastifyInstance } from 'fastify'
import { listAgeOf } from '../../edge/domain/decision/list-ages.js'
import { defaultPolicy } from '../../edge/domain/decision/profiles.js'
import type { Database } from '../store/database.js'
import { keptVersions } from '../store/list-history.js'
import type { Memory } from '../store/memory.js'
import { listClassesSchema, type ListClass } from './list-schemas.js'
import { document } from './parse.js'
import { apiErrorSchema } from './schemas.js'
import { listView } from './views.js'

/** Every list with its newest version, and how old a lane's copy of it may be (architecture.md 6). */
export function listClassRoutes(
  app: FastifyInstance,
  given: { readonly database: Database; readonly memory: Memory },
): void {
  const { database, memory } = given
  const refusal = document(apiErrorSchema)
  const schema = {
    summary: 'Every list: its newest version, who made it, and how old a lane’s copy may be',
    security: [{ session: [] }],
    response: { '2xx': document(listClassesSchema), '4xx': refusal, '5xx': refusal },
  }
  app.get('/api/lists', { schema }, async () => {
    const lists = await database.read(async (sql) => {
      const classes: ListClass[] = []
      for (const head of memory.heads()) {
        const [newest] = await keptVersions(sql, head.list, 1)
        classes.push({ ...listView(head), by: newest?.by ?? '', maxAge: listAgeOf(head.list, defaultPolicy) })
      }
      return classes
    })
    return { lists }
  })
}
