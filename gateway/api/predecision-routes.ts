import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Clock } from '../../edge/base/clock.js'
import { publishedSeeds } from '../predecision/seeds.js'
import type { Database } from '../store/database.js'
import { document, parse } from './parse.js'

const daysMax = 400
const seedsQuery = z.object({ days: z.coerce.number().int().min(1).max(daysMax).default(31) })
const seedsSchema = z.object({
  seeds: z.array(
    z.object({
      day: z.string().describe('UTC day.'),
      commitment: z.string().describe('SHA-256 of the seed, as text.'),
      seed: z.string().nullable().describe('Revealed when the day is over.'),
    }),
  ),
})

/** What lets anybody check a random selection afterwards (domain.md 6.4). */
export function predecisionRoutes(
  app: FastifyInstance,
  { database, clock }: { readonly database: Database; readonly clock: Clock },
): void {
  const summary = 'Seeds of the random draws: committed before, revealed after their day'
  const schema = {
    summary,
    querystring: document(seedsQuery, 'input'),
    response: { 200: document(seedsSchema) },
  }
  app.get('/api/draws/seeds', { schema }, async (request) => {
    const { days } = parse(seedsQuery, request.query)
    return { seeds: await database.read((sql) => publishedSeeds(sql, clock.now().wallMs, days)) }
  })
}
