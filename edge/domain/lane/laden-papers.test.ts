import t from 'tap'
import { ConsumedBoard } from '../lists/consumed.js'
import { ExampleLane } from './example-lane.js'
import {
  comeWithout,
  everything,
  findings,
  ladenLane,
  ladenSettings,
  primary,
  withTruck,
} from './example-truck.js'

t.test('the same papers do not serve a second truck, in this lane or the one beside it', (t) => {
  const lane = ladenLane()
  comeWithout(lane)
  lane.raiseBar()
  const beside = withTruck(
    new ExampleLane({ ...ladenSettings, id: 'lane-2', idPrefix: 'edge-1.k3f9.lane-2' }),
  )
  beside.consumed = lane.consumed
  beside.start()
  beside.sense({})
  comeWithout(beside)
  beside.pass(10_000)
  t.equal(beside.raises.length, 0, 'while the first is still under the bar')
  t.equal(primary(beside), 'DOC-04')

  lane.driveThrough()
  lane.pass(60_000)
  comeWithout(lane)
  lane.pass(10_000)
  t.equal(lane.raises.length, 1, 'nor when it has gone')
  t.equal(lane.at, 'escalated')
  t.end()
})

t.test('a truck that backs out before the bar is up has used nothing, and goes when it comes again', (t) => {
  const lane = ladenLane()
  lane.order({ do: 'setMode', mode: 'ATTENDED' })
  comeWithout(lane)
  lane.sense({ entryLoop: 'clear' })
  lane.pass(5_000)
  t.equal(lane.of('consumed').length + lane.of('perhapsConsumed').length, 0)
  lane.order({ do: 'setMode', mode: 'AUTO' })
  comeWithout(lane)
  lane.pass(10_000)
  t.equal(lane.raises.length, 1)
  t.end()
})

t.test('what a truck used that nobody saw clear the lane is in doubt, and serves nobody', (t) => {
  const lane = ladenLane()
  comeWithout(lane)
  lane.raiseBar()
  lane.sense({ entryLoop: 'clear' })
  lane.pass(5_000)
  t.match(
    lane.of('perhapsConsumed').map(({ body }) => body['tripId']),
    ['T1'],
  )
  t.equal(lane.of('consumed').length, 0)
  lane.order({ do: 'closePassage', passageId: lane.state.previous.passageId ?? '' })
  comeWithout(lane)
  lane.pass(10_000)
  t.equal(lane.raises.length, 1)
  t.end()
})

t.test('killed between raise and clearing, the papers are used up by what the journal says', (t) => {
  const lane = ladenLane()
  comeWithout(lane)
  lane.raiseBar()
  lane.signals = { ...lane.signals, exitLoop: 'clear', entryLoop: 'clear', exitCount: 1, barrier: 'lowered' }
  lane.consumed = new ConsumedBoard()
  lane.restart()
  t.match(
    lane.of('consumed').map(({ body }) => body['tripId']),
    ['T1'],
  )
  t.equal(lane.of('passageEnded').at(-1)?.body['how'], 'cleared')
  comeWithout(lane)
  lane.pass(10_000)
  t.equal(lane.raises.length, 1, 'not twice')
  t.end()
})

t.test('after a restart a truck that still stands there is judged by what was sensed before', (t) => {
  const lane = ladenLane()
  lane.sense({ entryLoop: 'occupied' })
  lane.hear('E1')
  lane.hear('E1')
  lane.senseLoad(...everything.map((one) => findings[one]))
  const seen = lane.state.passage?.cargo.seen
  lane.restart()
  t.same(lane.state.passage?.cargo.seen, seen)
  lane.pass(10_000)
  t.equal(lane.raises.length, 1)
  t.end()
})

t.test('after a restart another truck in its place has nothing sensed of it', (t) => {
  const lane = ladenLane()
  comeWithout(lane, 'card')
  lane.signals = { ...lane.signals, entryCount: (lane.signals.entryCount ?? 0) + 1 }
  lane.restart()
  lane.hear('E1')
  lane.hear('E1')
  lane.senseLoad(findings.card)
  lane.pass(10_000)
  t.equal(lane.state.passage?.cargo.seen.containers, null)
  t.equal(lane.raises.length, 0)
  t.end()
})
