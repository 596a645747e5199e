import fc from 'fast-check'
import t from 'tap'
import type { GatewayState } from '../api/schemas.js'
import { aHealth, aLane, anEdge, anEscalation, aPassage, aState, startMs } from './testing/samples.js'
import { initialModel, update, type Model } from './web/model.js'
import {
  ageText,
  countdownText,
  dataAgeMs,
  edgeNowMs,
  gatewayNowMs,
  isStale,
  laneViews,
  passagesOf,
  presenceOf,
  remainingMs,
  staleAfterMs,
  vehiclePlace,
  waitingEscalations,
} from './web/view.js'

/** A page that heard this picture when its own clock stood at 1 s. */
function heard(patch: Partial<GatewayState> = {}): Model {
  const opened = update(initialModel, { on: 'feedOpened' }).model
  const event = { is: 'snapshot' as const, state: aState(patch) }
  return update(opened, { on: 'live', event, monoMs: 1_000 }).model
}

t.test('the picture is live while it is fresh and the feed stands, and at no other time', (t) => {
  const model = heard()
  t.equal(isStale(model, 1_000), false)
  t.equal(isStale(model, 1_000 + staleAfterMs), false)
  t.equal(isStale(model, 1_001 + staleAfterMs), true, 'silence makes it old')
  t.equal(isStale(update(model, { on: 'feedCut' }).model, 1_000), true, 'so does a cut, at once')
  t.equal(dataAgeMs(model, 4_000), 3_000)
  t.equal(dataAgeMs(initialModel, 4_000), null)
  t.end()
})

t.test('an edge is live, silent, away, or was never heard', (t) => {
  const model = heard()
  t.equal(presenceOf(model, anEdge(), 1_000), 'live')
  t.equal(presenceOf(model, anEdge(), 1_001 + staleAfterMs), 'silent')
  t.equal(presenceOf(model, anEdge({ connected: false }), 1_000), 'away')
  t.equal(presenceOf(model, anEdge({ health: null }), 1_000), 'never')
  t.equal(presenceOf(model, anEdge({ connected: false, health: null, lastSeenAt: null }), 1_000), 'never')
  t.end()
})

t.test('times of an edge are counted by its own clock, so that a wrong clock shows no wrong age', (t) => {
  const wrongByMs = -3_600_000
  const tag = { epc: 'E1', heardAt: startMs + wrongByMs - 2_000, rssiDbm: null }
  const health = aHealth({ at: startMs + wrongByMs, lanes: [aLane({ lastTag: tag })] })
  const escalation = anEscalation({ deadlineAt: startMs + wrongByMs + 60_000 })
  const model = heard({ edges: [anEdge({ health })], escalations: [escalation] })
  t.equal(gatewayNowMs(model, 4_000), startMs + 3_000)
  t.equal(edgeNowMs(model, 'edge-1', 4_000), startMs + wrongByMs + 3_000)
  t.equal(laneViews(model, 4_000)[0]?.lastTagAgeMs, 5_000)
  t.equal(remainingMs(model, escalation, 4_000), 57_000)
  t.equal(remainingMs(model, escalation, 64_000), -3_000, 'below zero it is overdue')
  t.end()
})

t.test('a case is shown with its lane, an unknown lane gets a card of its own', (t) => {
  const elsewhere = anEscalation({ escalationId: 'x', lane: 'lane-9' })
  const views = laneViews(heard({ escalations: [anEscalation(), elsewhere] }), 1_000)
  t.same(
    views.map((view) => [view.key, view.snapshot !== null, view.escalations.length]),
    [
      ['edge-1/lane-1', true, 1],
      ['edge-1/lane-9', false, 1],
    ],
  )
  t.end()
})

t.test('a closed case stays in sight while its vehicle stands there, and only then', (t) => {
  const closed = anEscalation({ state: 'CLOSED' })
  const withPassage = (passageId: string | null) =>
    heard({ edges: [anEdge({ health: aHealth({ lanes: [aLane({ passageId })] }) })], escalations: [closed] })
  t.equal(laneViews(withPassage(closed.passageId), 1_000)[0]?.escalations.length, 1)
  t.equal(laneViews(withPassage('edge-1.e1.lane-1.2'), 1_000)[0]?.escalations.length, 0)
  t.equal(laneViews(withPassage(null), 1_000)[0]?.escalations.length, 0)

  const passages = [aPassage({ passageId: closed.passageId, endedAt: startMs + 9_000 })]
  const ended = { ...withPassage(closed.passageId) }
  const left = { ...ended, state: ended.state && { ...ended.state, passages } }
  t.equal(laneViews(left, 1_000)[0]?.escalations.length, 0, 'the event may be faster than the report')
  t.end()
})

t.test('what waits is told in the order in which it runs out', (t) => {
  const late = anEscalation({ escalationId: 'late', deadlineAt: startMs + 90_000 })
  const soon = anEscalation({ escalationId: 'soon', deadlineAt: startMs + 5_000 })
  const done = anEscalation({ escalationId: 'done', state: 'ANSWERED' })
  const model = heard({ escalations: [late, soon, done] })
  t.same(
    waitingEscalations(model).map((one) => one.escalationId),
    ['soon', 'late'],
  )
  t.equal(model.state?.escalations[0]?.escalationId, 'late', 'and the model is left as it was')
  t.end()
})

t.test('passages of one lane are not mixed with those of a lane of the same name elsewhere', (t) => {
  const passages = [aPassage(), aPassage({ passageId: 'other', edgeId: 'edge-2' })]
  t.same(
    passagesOf(passages, 'edge-2/lane-1').map((one) => one.passageId),
    ['other'],
  )
  t.equal(passagesOf(passages, null).length, 2)
  t.end()
})

t.test('the vehicle is drawn where the loops say, and not drawn where they do not know', (t) => {
  t.equal(vehiclePlace({ entryLoop: 'clear', exitLoop: 'clear' }), 'none')
  t.equal(vehiclePlace({ entryLoop: 'occupied', exitLoop: 'clear' }), 'atStopLine')
  t.equal(vehiclePlace({ entryLoop: 'occupied', exitLoop: 'occupied' }), 'underBar')
  t.equal(vehiclePlace({ entryLoop: 'clear', exitLoop: 'occupied' }), 'leaving')
  for (const other of ['clear', 'unknown'] as const) {
    t.equal(vehiclePlace({ entryLoop: 'unknown', exitLoop: other }), 'unknown')
    t.equal(vehiclePlace({ entryLoop: other, exitLoop: 'unknown' }), 'unknown')
  }
  t.equal(vehiclePlace({ entryLoop: 'unknown', exitLoop: 'occupied' }), 'leaving')
  t.equal(vehiclePlace({ entryLoop: 'occupied', exitLoop: 'unknown' }), 'atStopLine')
  t.end()
})

t.test('ages are told in one unit, rounded down, never below zero', (t) => {
  t.equal(ageText(-5, 'en'), '0 s')
  t.equal(ageText(119_999, 'en'), '119 s')
  t.equal(ageText(120_000, 'en'), '2 min')
  t.equal(ageText(7_200_000, 'zh-CN'), '2 小时')
  t.equal(ageText(172_800_000, 'zh-CN'), '2 天')
  t.equal(countdownText(65_000), '1:05')
  t.equal(countdownText(400), '0:01')
  t.equal(countdownText(-9_000), '0:09')
  t.end()
})

t.test('an age is never told as more than it is, nor as less by a unit', (t) => {
  const unitsMs: Readonly<Record<string, number>> = { s: 1e3, min: 60e3, h: 3600e3, d: 86_400e3 }
  const seed = Number(process.env['SEED'] ?? 20260301)
  t.comment(`SEED=${seed}`)
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e12 }), (ms) => {
      const [number, unit] = ageText(ms, 'en').split(' ')
      const unitMs = unitsMs[unit ?? ''] ?? NaN
      const toldMs = Number(number) * unitMs
      return toldMs <= ms && ms - toldMs < unitMs
    }),
    { seed },
  )
  t.end()
})
