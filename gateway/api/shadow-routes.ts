import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import type { Clock } from '../../edge/base/clock.js'
import { ShadowReporter } from '../../edge/domain/decision/shadow-report.js'
import { shadowInLines } from '../../edge/domain/decision/shadow-words.js'
import { Refusal } from '../desk/refusal.js'
import type { Database } from '../store/database.js'
import { trialsPage, type TrialsPage, type TrialsPlace, type TrialsQuery } from '../store/trials.js'
import { operatorOf } from './guard.js'
import { shadowQuerySchema, shadowReportSchema, type ShadowReportState } from './mode-schemas.js'
import { document, parse } from './parse.js'
import { apiErrorSchema } from './schemas.js'

export interface ShadowRoutesGiven {
  readonly database: Database
  readonly clock: Clock
  /** Who may know of secret orders; everybody else reads of a random draw. */
  readonly secretOrderReaders: readonly string[]
}

const dayMs = 86_400_000
const defaultDays = 7
/** A month: longer trials are looked at in parts. */
const daysMax = 31
/** Passages of one report; some seconds of the database's work. */
const passagesMax = 50_000
/** A page is one job in the store's line: events wait behind it for some milliseconds, not for the whole report. */
const pageSize = 200
/** Differing passages named in the lines; all that are known stand in `differing`. */
const namedMax = 20

/** Lane and people over a time in SHADOW, from the events that the edges sent. */
export function shadowRoutes(app: FastifyInstance, given: ShadowRoutesGiven): void {
  const { database, clock, secretOrderReaders } = given
  const refusal = document(apiErrorSchema)
  let busy = false
  app.get(
    '/api/shadow-report',
    {
      schema: {
        summary: 'What lanes in SHADOW would have done beside what people did, by rule and outcome',
        security: [{ session: [] }],
        querystring: document(shadowQuerySchema, 'input'),
        response: { '2xx': document(shadowReportSchema), '4xx': refusal, '5xx': refusal },
      },
    },
    async (request, reply): Promise<ShadowReportState> => {
      const asked = parse(shadowQuerySchema, request.query)
      const seesSecrets = secretOrderReaders.includes(operatorOf(request))
      const query = { ...timeOf(asked, clock.now().wallMs), seesSecrets }
      if (busy) throw new Refusal('tooManyTries', 'another report is being made: ask again when it is done')
      busy = true
      try {
        reply.header('cache-control', 'no-store')
        // Nobody waits for the answer to a connection that is gone.
        return await made(database, query, asked.lang, () => request.socket.destroyed)
      } finally {
        busy = false
      }
    },
  )
}

type Asked = z.infer<typeof shadowQuerySchema>

function timeOf(asked: Asked, nowMs: number): Omit<TrialsQuery, 'seesSecrets'> {
  const toMs = asked.to ?? nowMs
  const fromMs = asked.from ?? Math.max(0, toMs - defaultDays * dayMs)
  const problem =
    fromMs >= toMs
      ? { path: 'from', message: 'must be before `to`' }
      : toMs - fromMs > daysMax * dayMs
        ? { path: 'to', message: `at most ${daysMax} days after \`from\`: ask for longer trials in parts` }
        : null
  if (problem !== null) throw new Refusal('invalid', `${problem.path}: ${problem.message}`, [problem])
  return { fromMs, toMs, edgeId: asked.edgeId, lane: asked.lane }
}

async function made(
  database: Database,
  query: TrialsQuery,
  language: Asked['lang'],
  isGivenUp: () => boolean,
): Promise<ShadowReportState> {
  const reporter = new ShadowReporter()
  let lookedAt = 0
  let place: TrialsPlace | null = null
  do {
    const after: TrialsPlace | null = place
    const page: TrialsPage = await database.read((sql) => trialsPage(sql, query, after, pageSize))
    for (const event of page.events) reporter.take(event)
    lookedAt += page.passages
    place = page.next
  } while (place !== null && lookedAt < passagesMax && !isGivenUp())
  const report = reporter.report()
  return {
    asked: {
      from: query.fromMs,
      to: query.toMs,
      edgeId: query.edgeId ?? null,
      lane: query.lane ?? null,
    },
    lookedAt,
    complete: place === null,
    upTo: place?.openedAt ?? query.toMs,
    ...report,
    rows: [...report.rows],
    differing: [...report.differing],
    language,
    lines: shadowInLines(report, language, namedMax),
  }
}
