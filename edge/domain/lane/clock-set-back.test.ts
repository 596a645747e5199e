import t from 'tap'
import { ExampleLane } from './example-lane.js'

t.test('a clock that is set back does not make a late answer an answer in time', (t) => {
  const lane = ExampleLane.started()
  lane.arrive('E404')
  lane.pass(9_000)
  t.equal(lane.at, 'escalated')
  const given = { issuedAt: lane.wallMs, expiresAt: lane.wallMs + 60_000 }
  lane.pass(61_000)
  lane.wallOffsetMs -= 3_600_000
  lane.clockQuality = 'untrusted'
  lane.answer('release', given)
  t.same(lane.answers, ['expired'])
  t.equal(lane.raises.length, 0)
  // An answer of now, by the gateway's clock, which nobody has touched.
  const nowMs = given.issuedAt + 61_000
  lane.answer('release', { issuedAt: nowMs, expiresAt: nowMs + 60_000 })
  t.same(lane.answers.at(-1), 'accepted')
  t.same(lane.breaches, [])
  t.end()
})
