import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { explain } from '../../edge/domain/decision/explain.js'
import { inWords } from '../../edge/domain/decision/explain-words.js'
import { parseDecidedBody } from '../../edge/domain/decision/replay.js'
import { languages, type Language } from '../../edge/messages/text/catalogue.js'
import { Refusal } from '../desk/refusal.js'
import type { Database } from '../store/database.js'
import { rawEventsOfPassage } from '../store/events.js'
import type { Memory } from '../store/memory.js'
import { loadPassages } from '../store/records.js'
import { operatorOf } from './guard.js'
import { document, parse } from './parse.js'
import { apiErrorSchema, explanationSchema, type ExplainedDecision } from './schemas.js'

export interface ExplainRoutesGiven {
  readonly database: Database
  readonly memory: Memory
  /** Who may know of secret orders; everybody else reads of a random draw. */
  readonly secretOrderReaders: readonly string[]
}

const params = z.object({ passageId: z.string().min(1).max(120) })
const query = z.object({ lang: z.enum(languages).default('en') })
const eventsMax = 2_000
/** A vehicle that waits is judged again and again: the newest say what is the matter. */
const decisionsMax = 20

/** Why a passage was judged as it was, from the records that its edge sent. */
export function explainRoutes(app: FastifyInstance, given: ExplainRoutesGiven): void {
  const refusal = document(apiErrorSchema)
  app.get(
    '/api/passages/:passageId/explanation',
    {
      schema: {
        summary: 'Why a passage was judged as it was, newest decision first, in sentences',
        security: [{ session: [] }],
        params: document(params),
        querystring: document(query, 'input'),
        response: { '2xx': document(explanationSchema), '4xx': refusal, '5xx': refusal },
      },
    },
    async (request, reply) => {
      const { passageId } = parse(params, request.params)
      const { lang } = parse(query, request.query)
      const seesSecrets = given.secretOrderReaders.includes(operatorOf(request))
      const raw = await given.database.read(async (sql) => {
        const passage = given.memory.passage(passageId) ?? (await loadPassages(sql, [passageId]))[0]
        if (!passage) throw new Refusal('notFound', `there is no passage ${passageId}`)
        return rawEventsOfPassage(sql, passage.edgeId, passageId, eventsMax)
      })
      reply.header('cache-control', 'no-store')
      const decided = raw.map(decidedIn).filter((event) => event !== null)
      const newest = decided.reverse().slice(0, decisionsMax)
      return {
        passageId,
        language: lang,
        decisions: newest.map((event) => explained(event, lang, seesSecrets)),
      }
    },
  )
}

const decidedSchema = z.object({
  type: z.literal('decided'),
  occurredAt: z.number(),
  body: z.looseObject({ decisionId: z.string() }),
})
type Decided = z.infer<typeof decidedSchema>

function decidedIn(raw: string): Decided | null {
  const event: unknown = JSON.parse(raw)
  const parsed = decidedSchema.safeParse(event)
  return parsed.success ? parsed.data : null
}

/** A record that this program cannot read again is named, not guessed at. */
function explained({ occurredAt, body }: Decided, lang: Language, seesSecrets: boolean): ExplainedDecision {
  const { decisionId } = body
  const record = parseDecidedBody(body)
  if (!record.ok) return { decisionId, at: occurredAt, explanation: null }
  const explanation = explain(record.value, { seesSecrets })
  const { outcome, primary, rulesetVersion } = explanation
  return {
    decisionId,
    at: occurredAt,
    explanation: { outcome, primary, rulesetVersion, sections: inWords(explanation, lang) },
  }
}
