import t from 'tap'
import { decide } from './decide.js'
import { exampleInputs, exampleOrder } from './examples.js'
import { ShadowReporter, type ReportedEvent } from './shadow-report.js'
import type { DecisionInputs } from './types.js'

const dayMs = 86_400_000
const beginMs = Date.UTC(2026, 5, 1, 8)

function events(no: number, inputs: DecisionInputs, answersGiven: readonly string[]): ReportedEvent[] {
  const head = { passageId: `p${no}`, lane: 'lane-1', occurredAt: beginMs + no * dayMs }
  return [
    { ...head, type: 'decided', body: { decision: decide(inputs), inputs } },
    ...answersGiven.map((answer) => ({
      ...head,
      type: 'verdictJudged',
      body: { answer, result: answer === 'late' ? 'refused' : 'accepted' },
    })),
    { ...head, type: 'passageEnded', body: { how: 'cleared' } },
  ]
}

const clear = exampleInputs({ mode: 'SHADOW' })
const ordered = exampleInputs({ mode: 'SHADOW', facts: { orders: [exampleOrder()] } })

t.test('a week on trial is told by rule and outcome, and every passage once', (t) => {
  const reporter = new ShadowReporter()
  const week = [
    events(0, clear, ['release']),
    events(1, clear, ['hold']),
    events(2, clear, ['hold', 'release']),
    events(3, ordered, ['return']),
    events(4, ordered, ['release']),
    events(5, clear, []),
    events(6, ordered, ['late']),
    events(6.5, exampleInputs(), []),
  ].flat()
  for (const event of week) reporter.take(event)
  t.match(reporter.report(), {
    from: beginMs,
    to: beginMs + 6 * dayMs,
    passages: 7,
    agreed: 3,
    laneOnlyReleases: 1,
    personOnlyReleases: 1,
    unanswered: 2,
    rows: [
      { primary: 'OK-01', outcome: 'release', passages: 4, release: 2, hold: 1, return: 0, none: 1 },
      { primary: 'CTL-02', outcome: 'hold', passages: 3, release: 1, hold: 0, return: 1, none: 1 },
    ],
    differing: ['p1', 'p4'],
    more: 0,
  })
  t.end()
})

t.test('what the lane says after a person has answered is not held against anybody', (t) => {
  const reporter = new ShadowReporter()
  const [decided, verdict, ended] = events(1, clear, ['release'])
  const [again] = events(1, ordered, [])
  for (const event of [decided, verdict, again, ended]) if (event) reporter.take(event)
  t.match(reporter.report(), { passages: 1, agreed: 1, rows: [{ primary: 'OK-01' }] })
  t.end()
})

t.test('a passage that is still open counts as it stands, and nothing else is a judgement', (t) => {
  const reporter = new ShadowReporter()
  for (const event of events(1, ordered, ['hold']).slice(0, 2)) reporter.take(event)
  reporter.take({ type: 'decided', passageId: 'p9', lane: null, occurredAt: 0, body: {} })
  reporter.take({ type: 'passageEnded', passageId: null, lane: null, occurredAt: 0, body: {} })
  t.match(reporter.report(), { passages: 1, agreed: 1, differing: [] })
  t.match(new ShadowReporter().report(), { passages: 0, from: null, to: null, rows: [] })
  t.end()
})
