import t from 'tap'
import { ExampleLane } from './example-lane.js'

function asked(): ExampleLane {
  const lane = ExampleLane.started()
  lane.arrive('E1')
  return lane
}

function answer(lane: ExampleLane, is: 'sent' | 'notSent' | 'unknown', detail = 'x'): void {
  const commandId = lane.raises.at(-1)?.commandId ?? ''
  lane.deliver({ on: 'raiseAnswered', commandId, outcome: { is, detail } })
}

t.test('a request that was certainly not sent is decided anew with a new id, and not for ever', (t) => {
  const lane = asked()
  answer(lane, 'notSent')
  t.equal(lane.at, 'identifying')
  lane.pass(300)
  t.equal(lane.raises.length, 2)
  t.equal(lane.of('decided').length, 2)
  answer(lane, 'notSent')
  lane.pass(300)
  answer(lane, 'notSent')
  lane.pass(300)
  t.equal(lane.raises.length, 3)
  t.equal(new Set(lane.raises.map((raise) => raise.commandId)).size, 3)
  t.equal(lane.at, 'escalated')
  t.same(lane.of('escalationOpened')[0]?.body['reasons'], ['SYS-01'])
  t.same(lane.breaches, [])
  t.end()
})

t.test('an unknown outcome is never repeated: the PLC’s word for the id decides', (t) => {
  const lane = asked()
  answer(lane, 'unknown')
  t.equal(lane.of('barrierOutcome')[0]?.body['outcome'], 'unknown')
  lane.pass(1_000)
  t.equal(lane.raises.length, 1)
  lane.sense({ acceptedCommandId: lane.raises[0]?.commandId ?? null, acceptedCount: 1 })
  t.equal(lane.of('barrierOutcome')[1]?.body['outcome'], 'accepted')
  lane.sense({ barrier: 'raised' })
  t.equal(lane.at, 'raised')
  t.same(lane.state.faults, [])
  t.end()
})

t.test(
  'a lease that is over in the PLC’s own ticks makes an unknown outcome certain, and the vehicle is decided anew',
  (t) => {
    const lane = asked()
    answer(lane, 'unknown')
    lane.sense({ plcTick: 10 })
    lane.sense({ plcTick: 12 })
    t.equal(lane.at, 'raising', 'within the lease and its margin it may still take effect')
    lane.sense({ plcTick: 13 })
    t.match(lane.of('barrierOutcome').at(-1)?.body, { outcome: 'notSent', detail: 'leaseOver' })
    lane.pass(300)
    t.equal(lane.raises.length, 2)
    t.same(lane.breaches, [])
    t.end()
  },
)

t.test(
  'our own time proves nothing: without the PLC’s ticks the outcome stays unknown and a person is called',
  (t) => {
    const lane = asked()
    answer(lane, 'unknown')
    lane.pass(4_000)
    t.equal(lane.at, 'escalated')
    t.equal(lane.raises.length, 1)
    lane.answer('release')
    t.equal(lane.answers.at(-1), 'raiseUnsettled')
    lane.raiseBar()
    t.equal(lane.of('barrierOutcome').at(-1)?.body['outcome'], 'accepted')
    lane.driveThrough()
    t.equal(lane.of('passageEnded')[0]?.body['how'], 'cleared', 'the late raise was for this vehicle')
    t.same(lane.breaches, [])
    t.end()
  },
)

t.test('a PLC that restarted takes no old request', (t) => {
  const lane = asked()
  answer(lane, 'sent')
  lane.sense({ plcBootId: 'plc-2', entryCount: 0, exitCount: 0, plcTick: 0 })
  t.match(lane.of('barrierOutcome')[0]?.body, { outcome: 'notSent', detail: 'plcRestarted' })
  t.same(lane.breaches, [])
  t.end()
})

t.test(
  'the PLC’s refusal for its watchdog is tried again after a pause; a blocked bar calls a person',
  (t) => {
    const lane = asked()
    answer(lane, 'sent')
    const refused = (why: string) => {
      lane.sense({ refusedCommandId: lane.raises.at(-1)?.commandId ?? null, refusedWhy: why })
    }
    refused('watchdog')
    t.match(lane.of('barrierOutcome')[0]?.body, { outcome: 'refused', detail: 'watchdog' })
    lane.pass(300)
    t.equal(lane.raises.length, 2)
    refused('blocked')
    t.equal(lane.at, 'escalated')
    t.same(lane.breaches, [])
    t.end()
  },
)

t.test(
  'an accepted request without movement is a fault and an escalation; the fault ends when the bar is up',
  (t) => {
    const lane = asked()
    lane.sense({ acceptedCommandId: lane.raises[0]?.commandId ?? null })
    answer(lane, 'sent')
    lane.pass(4_000)
    t.ok(lane.state.faults.includes('barrier.failedToRaise'))
    t.equal(lane.at, 'escalated')
    lane.sense({ barrier: 'raised' })
    t.same(lane.state.faults, [])
    lane.driveThrough()
    t.equal(lane.of('passageEnded')[0]?.body['how'], 'cleared')
    t.same(lane.breaches, [])
    t.end()
  },
)

t.test(
  'a bar that comes down again before the vehicle drove spends the right: the lane decides anew',
  (t) => {
    const lane = asked()
    lane.raiseBar()
    lane.pass(25_000)
    t.equal(lane.at, 'raised', 'a slow driver is waited for')
    lane.sense({ barrier: 'lowered' })
    lane.pass(300)
    t.equal(lane.raises.length, 2)
    t.equal(lane.of('decided').length, 2)
    t.same(lane.breaches, [])
    t.end()
  },
)

t.test('a verdict’s right that came to nothing is spent: a person must answer again', (t) => {
  const lane = ExampleLane.started()
  lane.arrive('X1')
  lane.answer('release')
  answer(lane, 'notSent')
  lane.pass(300)
  t.equal(lane.at, 'escalated')
  t.equal(lane.raises.length, 1)
  lane.answer('release')
  t.equal(lane.raises.length, 2)
  t.same(lane.breaches, [])
  t.end()
})
