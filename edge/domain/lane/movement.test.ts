import t from 'tap'
import { unknownSignals } from '../../interfaces/barrier.js'
import { ExampleLane } from './example-lane.js'

/** Arrives, is released, and the bar is up. */
function raised(epc = 'E1'): ExampleLane {
  const lane = ExampleLane.started()
  lane.arrive(epc)
  lane.raiseBar()
  return lane
}

function faultsOf(lane: ExampleLane): string[] {
  return lane.done.flatMap((effect) =>
    effect.do === 'fault' ? [`${effect.change.is} ${effect.change.code}`] : [],
  )
}

t.test('a vehicle that waits behind a leaving one gets its own passage when that one has left', (t) => {
  const lane = raised()
  lane.sense({ exitLoop: 'occupied' })
  lane.sense({ entryLoop: 'clear' })
  lane.pass(300)
  lane.sense({ entryLoop: 'occupied' })
  lane.hear('E2')
  t.equal(lane.of('passageOpened').length, 1, 'one open passage a lane')
  lane.sense({ exitLoop: 'clear' })
  t.equal(lane.of('passageOpened').length, 2)
  t.equal(lane.of('violation').length, 0)
  lane.sense({ barrier: 'lowered' })
  lane.pass(400)
  t.equal(lane.at, 'raising', 'its tag, heard while it waited, counts for it')
  t.equal(lane.raises.at(-1)?.commandId, 'edge-1.k3f9.lane-1.2.r1')
  t.same(lane.breaches, [])
  t.end()
})

t.test('the tag of the vehicle that has just left is not taken for the next one’s', (t) => {
  const lane = raised()
  lane.sense({ exitLoop: 'occupied' })
  lane.sense({ entryLoop: 'clear' })
  lane.sense({ entryLoop: 'occupied' })
  lane.sense({ exitLoop: 'clear' })
  lane.hear('E1')
  lane.hear('E1')
  lane.pass(2_000)
  t.equal(lane.of('tagObserved').filter((one) => one.passageId?.endsWith('.2')).length, 0)
  lane.pass(2_000)
  t.match(lane.of('lateReads')[0], { passageId: 'edge-1.k3f9.lane-1.1', body: { reads: 2 } })
  t.same(lane.breaches, [])
  t.end()
})

t.test(
  'a second vehicle under the same raise is tail-gating, and a person looks at whoever comes next',
  (t) => {
    const lane = raised()
    lane.sense({ exitLoop: 'occupied' })
    lane.sense({ entryLoop: 'clear' })
    lane.sense({ entryLoop: 'occupied' })
    lane.sense({ entryLoop: 'clear' })
    t.equal(lane.of('violation')[0]?.body['kind'], 'tailgating')
    lane.sense({ exitLoop: 'clear' })
    lane.sense({ barrier: 'lowered' })
    t.equal(lane.of('passageEnded')[0]?.body['how'], 'violation')
    lane.pass(10_000)
    lane.arrive('E3')
    t.equal(lane.at, 'escalated')
    t.same(lane.of('escalationOpened')[0]?.body['reasons'], ['LANE-03'])
    t.equal(lane.raises.length, 1, 'the barrier was asked for nothing more')
    lane.answer('release')
    t.equal(lane.at, 'raising')
    t.ok(faultsOf(lane).includes('cleared lane.violation'))
    lane.raiseBar()
    lane.driveThrough()
    lane.pass(10_000)
    lane.arrive('E4')
    t.equal(lane.at, 'raising', 'the lane is itself again')
    t.same(lane.breaches, [])
    t.end()
  },
)

t.test(
  'a vehicle that follows after the first has left, under the bar that is still up, is tail-gating',
  (t) => {
    const lane = raised()
    lane.sense({ exitLoop: 'occupied' })
    lane.sense({ entryLoop: 'clear' })
    lane.sense({ entryLoop: 'occupied' })
    lane.sense({ exitLoop: 'clear' })
    lane.sense({ exitLoop: 'occupied' })
    lane.sense({ entryLoop: 'clear' })
    lane.sense({ exitLoop: 'clear' })
    t.equal(lane.of('violation')[0]?.body['kind'], 'tailgating')
    t.equal(lane.of('violation')[0]?.passageId, 'edge-1.k3f9.lane-1.2')
    t.same(
      lane.of('passageEnded').map(({ body }) => body['how']),
      ['cleared', 'violation'],
    )
    t.same(lane.breaches, [])
    t.end()
  },
)

t.test('a held vehicle that drives through a lowered bar has run it (闯关)', (t) => {
  const lane = ExampleLane.started()
  lane.arrive('X1')
  t.equal(lane.at, 'escalated')
  lane.sense({ exitLoop: 'occupied' })
  t.equal(lane.at, 'violating')
  t.equal(lane.of('violation')[0]?.body['kind'], 'runThrough')
  t.equal(lane.of('escalationClosed')[0]?.body['why'], 'violation')
  t.ok(faultsOf(lane).includes('raised lane.violation'))
  lane.sense({ entryLoop: 'clear' })
  lane.sense({ exitLoop: 'clear' })
  t.equal(lane.of('passageEnded')[0]?.body['how'], 'violation')
  t.same(lane.breaches, [])
  t.end()
})

t.test('a vehicle that backs out before it is judged ends its passage, and may come again', (t) => {
  const lane = ExampleLane.started()
  lane.sense({ entryLoop: 'occupied' })
  lane.pass(100)
  lane.sense({ entryLoop: 'clear' })
  lane.pass(1_000)
  t.equal(lane.of('passageEnded')[0]?.body['how'], 'backedOut')
  lane.arrive('E1')
  t.equal(lane.at, 'raising')
  t.same(lane.breaches, [])
  t.end()
})

t.test('a loop that flickers for less than a second does not end the passage', (t) => {
  const lane = ExampleLane.started()
  lane.sense({ entryLoop: 'occupied' })
  lane.pass(100)
  lane.sense({ entryLoop: 'clear' })
  lane.pass(200)
  lane.sense({ entryLoop: 'occupied' })
  lane.hear('E1')
  lane.pass(400)
  t.equal(lane.of('passageOpened').length, 1)
  t.equal(lane.at, 'raising')
  t.end()
})

t.test(
  'a released vehicle of which the exit loop sees nothing leaves the lane unclosed until a person says it is gone',
  (t) => {
    const lane = raised()
    lane.sense({ entryLoop: 'clear' })
    lane.pass(1_000)
    t.equal(lane.of('passageEnded')[0]?.body['how'], 'aborted')
    t.ok(faultsOf(lane).includes('raised lane.previousNotClosed'))
    lane.sense({ barrier: 'lowered' })
    lane.pass(5_000)
    lane.arrive('E2')
    t.equal(lane.at, 'escalated')
    t.same(lane.of('escalationOpened')[0]?.body['reasons'], ['LANE-04'])
    lane.order({ do: 'closePassage', passageId: 'edge-1.k3f9.lane-1.1' })
    t.equal(lane.at, 'raising')
    t.ok(faultsOf(lane).includes('cleared lane.previousNotClosed'))
    t.same(lane.breaches, [])
    t.end()
  },
)

t.test('a person may name the newest passage when he says that the lane is free', (t) => {
  const lane = raised()
  lane.sense({ entryLoop: 'clear' })
  lane.pass(1_000)
  lane.sense({ barrier: 'lowered' })
  lane.arrive('E2')
  lane.sense({ entryLoop: 'clear' })
  lane.pass(1_000)
  lane.order({ do: 'closePassage', passageId: 'edge-1.k3f9.lane-1.2' })
  t.same(lane.answers, ['accepted'])
  t.same(lane.state.faults, [])
  lane.arrive('E3')
  t.equal(lane.at, 'raising')
  t.same(lane.breaches, [])
  t.end()
})

t.test('a vehicle that waited long for the one in front keeps what was heard of it', (t) => {
  const lane = raised()
  lane.sense({ exitLoop: 'occupied' })
  lane.sense({ entryLoop: 'clear' })
  lane.pass(300)
  lane.sense({ entryLoop: 'occupied' })
  lane.hear('E2')
  lane.see('P2')
  lane.pass(10_000)
  lane.sense({ exitLoop: 'clear' })
  lane.sense({ barrier: 'lowered' })
  t.equal(lane.of('plateObserved').at(-1)?.passageId, 'edge-1.k3f9.lane-1.2')
  lane.pass(400)
  t.equal(lane.at, 'raising')
  t.same(lane.breaches, [])
  t.end()
})

t.test('that the next vehicle went back says nothing of the one before it', (t) => {
  const lane = raised()
  lane.sense({ entryLoop: 'clear' })
  lane.pass(1_000)
  lane.sense({ barrier: 'lowered' })
  lane.arrive('E2')
  lane.sense({ entryLoop: 'clear' })
  lane.pass(1_000)
  lane.arrive('E3')
  t.same(lane.of('escalationOpened').at(-1)?.body['reasons'], ['LANE-04'])
  t.equal(lane.raises.length, 1)
  t.end()
})

t.test('a counter that ran on shows a vehicle that was never seen', (t) => {
  const lane = ExampleLane.started()
  lane.arrive('E1')
  t.equal(lane.at, 'raising')
  lane.sense({ entryLoop: 'occupied', entryCount: 2 })
  t.equal(lane.of('passageOpened').length, 2, 'whoever stands there now is another vehicle')
  t.equal(lane.of('passageEnded')[0]?.body['how'], 'backedOut')
  lane.raiseBar()
  t.match(lane.of('barrierOutcome').at(-1), {
    passageId: 'edge-1.k3f9.lane-1.1',
    body: { outcome: 'accepted' },
  })
  lane.sense({ exitLoop: 'occupied' })
  t.equal(lane.of('violation')[0]?.body['kind'], 'tailgating', 'the raise was not for this one')
  t.same(lane.breaches, [])
  t.end()
})

t.test('a whole passage that no image showed is found by the counters', (t) => {
  const lane = ExampleLane.started()
  lane.sense({ entryCount: 1, exitCount: 1 })
  t.equal(lane.story().split(' passageOpened ')[1], 'violation:runThrough passageEnded:violation')
  t.same(lane.breaches, [])
  t.end()
})

t.test('an exit loop that becomes free while the entry loop stays occupied spends the right', (t) => {
  const lane = raised()
  lane.sense({ exitLoop: 'occupied' })
  lane.sense({ exitLoop: 'clear' })
  t.equal(lane.of('violation')[0]?.body['kind'], 'reversed')
  t.equal(lane.of('passageOpened').length, 2)
  lane.hear('E1')
  lane.pass(5_000)
  lane.hear('E1')
  lane.pass(5_000)
  t.equal(lane.at, 'escalated', 'a person looks at whoever stands there')
  t.same(lane.breaches, [])
  t.end()
})

t.test('a vehicle let through with the key is written down as passed by hand', (t) => {
  const lane = ExampleLane.started()
  lane.arrive('X1')
  lane.sense({ barrier: 'moving' })
  lane.sense({ barrier: 'raised' })
  t.ok(faultsOf(lane).includes('raised barrier.unexpectedlyRaised'))
  lane.driveThrough()
  t.match(lane.of('passageEnded')[0], { captured: 'manual', body: { how: 'cleared' } })
  t.equal(lane.of('violation').length, 0)
  t.ok(faultsOf(lane).includes('cleared barrier.unexpectedlyRaised'))
  t.same(lane.breaches, [])
  t.end()
})

t.test(
  'unknown loops open nothing, release nothing, and what is found afterwards is told by the counters',
  (t) => {
    const lane = ExampleLane.started()
    lane.sense({ entryLoop: 'unknown', entryCount: null })
    lane.pass(5_000)
    t.equal(lane.at, 'idle')
    t.ok(faultsOf(lane).includes('raised loop.unknown'))
    lane.sense({ entryLoop: 'occupied', entryCount: 1 })
    t.equal(lane.at, 'identifying')
    lane.hear('E1')
    lane.sense({ exitLoop: 'unknown' })
    lane.pass(1_000)
    t.equal(lane.at, 'identifying', 'not ripe while a loop is unknown')
    t.equal(lane.raises.length, 0)
    lane.sense({ exitLoop: 'clear' })
    t.equal(lane.at, 'raising')
    t.same(lane.breaches, [])
    t.end()
  },
)

t.test(
  'a vehicle that left while the loops were unknown is gone: the one that comes at once is another',
  (t) => {
    const lane = ExampleLane.started()
    lane.sense({ entryLoop: 'occupied' })
    lane.hear('E1')
    const { signals } = lane
    lane.sense({ ...unknownSignals })
    lane.pass(100)
    lane.signals = signals
    lane.sense({ entryLoop: 'clear' })
    t.equal(lane.of('passageEnded')[0]?.body['how'], 'backedOut')
    lane.pass(100)
    lane.sense({ entryLoop: 'occupied' })
    lane.pass(2_000)
    t.equal(lane.raises.length, 0, 'the tag of the one that left does not release it')
    t.same(lane.breaches, [])
    t.end()
  },
)

t.test(
  'what was heard while the lane was blind must turn out to be the vehicle’s own, or a person looks',
  (t) => {
    const blind = (): ExampleLane => {
      const lane = ExampleLane.started()
      const { signals } = lane
      lane.sense({ ...unknownSignals })
      lane.hear('E1')
      lane.signals = signals
      lane.sense({ entryLoop: 'occupied', plcBootId: 'plc-2', entryCount: 0, exitCount: 0 })
      return lane
    }
    const other = blind()
    other.hear('E2')
    other.pass(500)
    t.equal(other.at, 'escalated')
    t.equal(other.raises.length, 0)
    const same = blind()
    same.hear('E1')
    same.pass(500)
    t.equal(same.at, 'raising')
    t.same([...other.breaches, ...same.breaches], [])
    t.end()
  },
)

t.test('after a restart of the PLC nothing of a waiting vehicle is believed: it is identified anew', (t) => {
  const lane = ExampleLane.started()
  lane.sense({ entryLoop: 'occupied' })
  lane.hear('E1')
  lane.pass(200)
  lane.sense({ plcBootId: 'plc-2', entryCount: 0, exitCount: 0, plcTick: 0 })
  t.equal(lane.of('passageOpened').at(-1)?.body['cause'], 'recovered')
  lane.pass(1_000)
  t.equal(lane.raises.length, 0, 'the tag heard before does not count')
  lane.hear('E1')
  t.equal(lane.at, 'raising')
  t.same(lane.breaches, [])
  t.end()
})

t.test('a vehicle under the bar stays in its passage when the PLC restarts', (t) => {
  const lane = raised()
  lane.sense({ exitLoop: 'occupied' })
  lane.sense({ plcBootId: 'plc-2', entryCount: 0, exitCount: 0, acceptedCommandId: null })
  t.equal(lane.at, 'crossing')
  lane.sense({ entryLoop: 'clear' })
  lane.sense({ exitLoop: 'clear' })
  t.equal(lane.of('passageEnded')[0]?.body['how'], 'cleared')
  t.ok(
    lane.done.filter((effect) => effect.do === 'guide').length > 4,
    'light and text were shown again to the new PLC',
  )
  t.same(lane.breaches, [])
  t.end()
})

t.test('an exit loop that does not let go hands the vehicle behind to a person, and mends itself', (t) => {
  const lane = raised()
  lane.sense({ exitLoop: 'occupied' })
  lane.sense({ entryLoop: 'clear' })
  lane.sense({ entryLoop: 'occupied' })
  lane.hear('E2')
  lane.pass(119_000)
  t.equal(lane.at, 'crossing')
  lane.hear('E2')
  lane.pass(2_000)
  t.ok(faultsOf(lane).includes('raised loop.stuck'))
  t.equal(lane.at, 'escalated')
  t.ok(String(lane.of('escalationOpened').at(-1)?.body['reasons']).includes('LANE-04'))
  lane.hear('E2')
  lane.sense({ exitLoop: 'clear', barrier: 'lowered' })
  t.ok(faultsOf(lane).includes('cleared loop.stuck'))
  t.equal(lane.at, 'raising', 'the lane sees that the one before is gone')
  t.same(lane.breaches, [])
  t.end()
})

t.test('an entry loop that stays occupied with nobody there is reported as stuck', (t) => {
  const lane = ExampleLane.started()
  lane.arrive('X1')
  lane.order({ do: 'closePassage', passageId: 'edge-1.k3f9.lane-1.1' })
  t.match(lane.of('passageEnded')[0], { captured: 'backoffice', body: { how: 'aborted' } })
  lane.pass(120_000)
  t.ok(faultsOf(lane).includes('raised loop.stuck'))
  lane.sense({ entryLoop: 'clear' })
  t.ok(faultsOf(lane).includes('cleared loop.stuck'))
  t.same(lane.breaches, [])
  t.end()
})
