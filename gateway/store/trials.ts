import type { ReportedEvent } from '../../edge/domain/decision/shadow-report.js'
import { primaryWithoutSecrets } from '../../edge/domain/decision/explain-secret.js'
import { decisionSchema } from '../../edge/messages/events.js'
import type { Sql } from './database.js'

/** Which passages: opened in [`fromMs`, `toMs`), UTC ms; absent edge or lane: any. */
export interface TrialsQuery {
  readonly fromMs: number
  readonly toMs: number
  readonly edgeId: string | undefined
  readonly lane: string | undefined
  /** Without it a secret order reads as the random draw that it looks like. */
  readonly seesSecrets: boolean
}

/** The last passage of a page: the next page begins behind it. */
export interface TrialsPlace {
  readonly openedAt: number
  readonly passageId: string
}

export interface TrialsPage {
  readonly passages: number
  /** What the report on a trial run looks at, of those passages, each passage's own in order. */
  readonly events: readonly ReportedEvent[]
  /** Null: there are no more. */
  readonly next: TrialsPlace | null
}

interface Row {
  readonly type: string
  readonly passageId: string
  readonly lane: string | null
  readonly occurredAt: number
  readonly mode: string | null
  readonly outcome: string | null
  readonly primaryCode: string | null
  readonly decision: string | null
  readonly answer: string | null
  readonly result: string | null
}

/**
 * A page of the passages of a time, oldest first, with their judgements, verdicts and ends. Only the few
 * members that are looked at leave the database: a judgement with its inputs is some ten kilobytes.
 */
export async function trialsPage(
  sql: Sql,
  query: TrialsQuery,
  after: TrialsPlace | null,
  limit: number,
): Promise<TrialsPage> {
  const { fromMs, toMs, edgeId, lane, seesSecrets } = query
  const place = after ?? { openedAt: fromMs, passageId: '' }
  const found = await sql.all<TrialsPlace>(
    `SELECT opened_at AS openedAt, passage_id AS passageId FROM passages
     WHERE (opened_at, passage_id) > (?1, ?2) AND opened_at < ?3
       AND (?4 IS NULL OR edge_id = ?4) AND (?5 IS NULL OR lane = ?5)
     ORDER BY opened_at, passage_id LIMIT ?6`,
    [place.openedAt, place.passageId, toMs, edgeId ?? null, lane ?? null, limit],
  )
  // An event that names another edge's passage is no event of it.
  const rows = await sql.all<Row>(
    `SELECT events.type, events.passage_id AS passageId, events.lane, events.occurred_at AS occurredAt,
       raw ->> '$.body.inputs.mode' AS mode, raw ->> '$.body.decision.outcome' AS outcome,
       raw ->> '$.body.decision.primary' AS primaryCode,
       CASE raw ->> '$.body.decision.primary' WHEN 'CTL-02S' THEN raw -> '$.body.decision' END AS decision,
       raw ->> '$.body.answer' AS answer, raw ->> '$.body.result' AS result
     FROM json_each(?) AS asked
       JOIN passages ON passages.passage_id = asked.value
       JOIN events ON events.passage_id = asked.value AND events.edge_id = passages.edge_id
     WHERE events.body_ok = 1 AND events.type IN ('decided', 'verdictJudged', 'passageEnded')
     ORDER BY events.edge_id, events.epoch, events.sequence`,
    [JSON.stringify(found.map(({ passageId }) => passageId))],
  )
  return {
    passages: found.length,
    events: rows.map((row) => reported(row, seesSecrets)),
    next: found.length < limit ? null : (found.at(-1) ?? null),
  }
}

function reported(row: Row, seesSecrets: boolean): ReportedEvent {
  const { type, passageId, lane, occurredAt, mode, outcome, answer, result } = row
  const primary = seesSecrets ? row.primaryCode : shownPrimary(row)
  const body = type === 'decided' ? { inputs: { mode }, decision: { outcome, primary } } : { answer, result }
  return { type, passageId, lane, occurredAt, body }
}

function shownPrimary({ primaryCode, decision }: Row): string | null {
  if (decision === null) return primaryCode
  const parsed = decisionSchema.safeParse(JSON.parse(decision))
  return parsed.success ? primaryWithoutSecrets(parsed.data) : 'RND-01'
}
