import t from 'tap'
import type { TagElsewhere } from '../decision/types.js'
import { ExampleLane } from './example-lane.js'

const heardBeside: TagElsewhere = {
  lane: 'lane-2',
  count: 1,
  bestRssiDbm: -50,
  lastHeardAgoMs: 100,
  loopOccupiedForMs: null,
  passedAgoMs: null,
}

t.test('a tag that may be the neighbour’s has not passed this lane, whoever was let through', (t) => {
  const lane = ExampleLane.started()
  lane.elsewhereOf = (epc) => (epc === 'E2' ? [heardBeside] : [])
  lane.sense({ entryLoop: 'occupied' })
  lane.hear('E1')
  lane.hear('E2')
  lane.pass(3_000)
  t.equal(lane.at, 'escalated')
  lane.answer('release')
  lane.raiseBar()
  lane.driveThrough()
  t.same(lane.state.recent?.epcs, ['E1'])
  t.same(lane.breaches, [])
  t.end()
})
