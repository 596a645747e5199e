import t from 'tap'
import { ExampleLane, exampleSettings } from './example-lane.js'

t.test('nobody answers: the command centre is called, then the expert, and the bar stays down', (t) => {
  const lane = ExampleLane.started()
  lane.arrive(null)
  lane.pass(7_600)
  const opened = lane.of('escalationOpened')[0]
  const { escalationId } = opened?.body ?? {}
  t.match(opened?.body, { level: 1, deadlineAt: lane.wallMs + 60_000 })
  lane.pass(59_999)
  t.same(lane.of('escalationRaised'), [])
  lane.pass(1)
  t.same(lane.of('escalationRaised')[0]?.body, { escalationId, level: 2, deadlineAt: lane.wallMs + 180_000 })
  lane.pass(180_000)
  t.match(lane.of('escalationRaised')[1]?.body, { escalationId, level: 3 })
  lane.pass(3_600_000)
  t.equal(lane.of('escalationRaised').length, 2, 'there is nobody above')
  t.equal(lane.at, 'escalated')
  t.same(lane.raises, [])
  t.same(lane.breaches, [])
  lane.answer('release')
  t.equal(lane.raises.length, 1, 'an answer of a higher level counts like any other')
  t.end()
})

t.test('an answer, or another escalation, begins again at the first level; times are configuration', (t) => {
  const { timing } = exampleSettings
  const lane = ExampleLane.started({
    ...exampleSettings,
    timing: { ...timing, escalationDeadlineMs: 10_000, escalationHigherMs: 20_000 },
  })
  lane.arrive(null)
  lane.pass(7_600 + 10_000)
  t.match(lane.of('escalationRaised').at(-1)?.body, { level: 2, deadlineAt: lane.wallMs + 20_000 })
  lane.answer('hold')
  t.match(lane.of('escalationOpened').at(-1)?.body, { level: 1, deadlineAt: lane.wallMs + 10_000 })
  lane.pass(29_999)
  t.match(lane.of('escalationRaised').at(-1)?.body, { level: 2 })
  t.equal(lane.of('escalationRaised').length, 2)
  lane.answer('return')
  lane.pass(9_000)
  t.equal(lane.of('escalationRaised').length, 2)
  t.same(lane.breaches, [])
  t.end()
})

t.test(
  'while nobody trusts the clock, no answer outlives its time because a higher level was called',
  (t) => {
    const answeredAfter = (ms: number): string | null | undefined => {
      const lane = ExampleLane.started()
      lane.clockQuality = 'untrusted'
      lane.arrive('E1')
      lane.pass(ms)
      lane.answer('release', { issuedAt: lane.wallMs, expiresAt: lane.wallMs + 30_000 })
      return lane.answers.at(-1)
    }
    t.equal(answeredAfter(80_000), 'accepted')
    t.equal(answeredAfter(95_000), 'expired')
    t.equal(answeredAfter(250_000), 'expired')
    t.end()
  },
)
