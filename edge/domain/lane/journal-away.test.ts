import t from 'tap'
import { ExampleLane } from './example-lane.js'

function mend(lane: ExampleLane): void {
  lane.writable = true
  lane.deliver({ on: 'recordable' })
}

t.test('a lane that cannot record is CLOSED, asks for nothing, and is itself again after a write', (t) => {
  const lane = ExampleLane.started()
  lane.writable = false
  lane.arrive('E1')
  lane.pass(30_000)
  t.equal(lane.at, 'unwritable')
  t.equal(lane.raises.length, 0)
  t.match(lane.done.at(-1), { do: 'guide', light: 'red', prompt: 'prompt.otherLane' })
  lane.answer('release')
  lane.order({ do: 'setMode', mode: 'CLOSED' })
  t.same(lane.answers, ['journalNotWritable', 'journalNotWritable'])
  const mark = lane.journal.length
  mend(lane)
  t.equal(lane.story(mark), 'laneMode laneMode passageOpened', 'what it heard long ago is no evidence')
  t.same(
    lane
      .of('laneMode')
      .slice(-2)
      .map(({ body }) => [body['to'], body['cause']]),
    [
      ['CLOSED', 'journal.notWritable'],
      ['AUTO', 'journal.writable'],
    ],
  )
  t.equal(lane.of('passageOpened').at(-1)?.body['cause'], 'recovered')
  t.same(lane.state.faults, [])
  lane.hear('E1')
  lane.pass(400)
  t.equal(lane.at, 'raising')
  t.same(lane.breaches, [])
  t.end()
})

t.test('a decision that could not be recorded was never made', (t) => {
  const lane = ExampleLane.started()
  lane.sense({ entryLoop: 'occupied' })
  lane.hear('E1')
  lane.writable = false
  lane.pass(400)
  t.equal(lane.state.passage?.decisions, 0)
  mend(lane)
  t.match(lane.of('passageEnded')[0], { passageId: 'edge-1.k3f9.lane-1.1', body: { how: 'aborted' } })
  t.equal(lane.raises.length, 0)
  t.same(lane.breaches, [])
  t.end()
})

t.test('a vehicle that crosses while nothing can be recorded is recorded as cleared afterwards', (t) => {
  const lane = ExampleLane.started()
  lane.arrive('E1')
  lane.raiseBar()
  lane.writable = false
  lane.driveThrough()
  t.equal(lane.at, 'unwritable')
  mend(lane)
  t.equal(lane.of('passageEnded')[0]?.body['how'], 'cleared')
  t.equal(lane.at, 'idle')
  t.same(lane.breaches, [])
  t.end()
})

t.test(
  'the PLC’s acceptance that could not be recorded is recorded afterwards, and the vehicle goes on',
  (t) => {
    const lane = ExampleLane.started()
    lane.arrive('E1')
    lane.writable = false
    lane.raiseBar()
    t.equal(lane.at, 'unwritable')
    mend(lane)
    t.equal(lane.of('barrierOutcome')[0]?.body['outcome'], 'accepted')
    t.equal(lane.raises.length, 1)
    lane.driveThrough()
    t.equal(lane.of('passageEnded')[0]?.body['how'], 'cleared')
    t.same(lane.breaches, [])
    t.end()
  },
)

t.test('a verdict that could not be recorded moves nothing and is not used again', (t) => {
  const lane = ExampleLane.started()
  lane.arrive('X1')
  lane.writable = false
  lane.answer('release', { verdictId: 'v1' })
  t.equal(lane.raises.length, 0)
  t.same(lane.answers, [], 'what was not recorded is not answered either')
  mend(lane)
  lane.pass(10_000)
  lane.answer('release', { verdictId: 'v1' })
  t.equal(lane.answers.at(-1), 'usedId')
  t.equal(lane.raises.length, 0)
  t.same(lane.breaches, [])
  t.end()
})

t.test('a journal that fails again while the lane takes up leaves it CLOSED', (t) => {
  const lane = ExampleLane.started()
  lane.writable = false
  lane.arrive('E1')
  lane.deliver({ on: 'recordable' })
  t.equal(lane.at, 'unwritable')
  mend(lane)
  t.equal(lane.at, 'identifying')
  t.same(lane.breaches, [])
  t.end()
})

t.test('a start with a journal that takes no writes comes up CLOSED and recovers by itself', (t) => {
  const lane = new ExampleLane()
  lane.writable = false
  lane.start()
  lane.sense({})
  t.equal(lane.at, 'unwritable')
  mend(lane)
  lane.arrive('E1')
  t.equal(lane.at, 'raising')
  t.same(lane.breaches, [])
  t.end()
})
