import t from 'tap'
import { ExampleLane } from './example-lane.js'

t.test('an answer to a vehicle that was lost from sight is no answer to the one that appears then', (t) => {
  const lane = ExampleLane.started()
  lane.arrive('E404')
  lane.pass(9_000)
  t.equal(lane.at, 'escalated')
  const first = String(lane.of('escalationOpened')[0]?.body['escalationId'])
  // Neither loop shows anything for a moment; then something stands on the entry loop.
  lane.sense({ entryLoop: 'clear' })
  lane.pass(300)
  lane.sense({ entryLoop: 'occupied' })
  t.same(
    lane.of('escalationClosed').map((one) => [one.body['escalationId'], one.body['why']]),
    [[first, 'lostSight']],
  )
  t.equal(lane.of('escalationOpened').length, 2, 'a person is asked again')
  const raises = lane.raises.length
  lane.answer('release', { escalationId: first })
  t.match(lane.of('verdictJudged').at(-1)?.body, { result: 'refused', why: 'otherEscalation' })
  t.equal(lane.raises.length, raises, 'the old answer moves nothing')
  t.same(lane.breaches, [])
  t.end()
})
