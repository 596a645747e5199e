import t from 'tap'
import type { LaneSignals } from '../../interfaces/barrier.js'
import { ExampleLane } from './example-lane.js'

/** Kills the lane, lets the world change while it is dead, and starts it again. */
function kill(lane: ExampleLane, meanwhile: Partial<LaneSignals> = {}): void {
  const { entryLoop, exitLoop, entryCount, exitCount } = lane.signals
  const rose = (from: string, to: string | undefined) => (from !== 'occupied' && to === 'occupied' ? 1 : 0)
  lane.signals = {
    ...lane.signals,
    entryCount: (entryCount ?? 0) + rose(entryLoop, meanwhile.entryLoop),
    exitCount: (exitCount ?? 0) + rose(exitLoop, meanwhile.exitLoop),
    ...meanwhile,
  }
  lane.restart()
}

/** Killed at K4 or K5: the intent is durable, and what became of the command is not known. */
function killedAfterIntent(meanwhile: (commandId: string) => Partial<LaneSignals>): ExampleLane {
  const lane = ExampleLane.started()
  lane.arrive('E1')
  kill(lane, meanwhile(lane.raises[0]?.commandId ?? ''))
  return lane
}

t.test('K0-K2: a vehicle that still stands there keeps its passage and is heard again', (t) => {
  const lane = ExampleLane.started()
  lane.sense({ entryLoop: 'occupied' })
  lane.hear('E1')
  kill(lane)
  t.equal(lane.of('passageRecovered')[0]?.body['found'], 'waiting')
  t.equal(lane.of('passageOpened').length, 1)
  lane.hear('E1')
  lane.pass(400)
  t.equal(lane.at, 'raising')
  t.same(lane.breaches, [])
  t.end()
})

t.test(
  'K2: a held trailer heard before the kill still holds the vehicle, though it is not heard again',
  (t) => {
    const lane = ExampleLane.started()
    lane.control.replaceOrders([
      {
        kind: 'order',
        orderId: 'O1',
        agency: 'IQ',
        subject: { kind: 'TAG', key: 'E2' },
        action: 'INTERCEPT',
        nature: 'OPEN',
        level: 1,
        reason: '',
        validFrom: 0,
        maxHits: 0,
        issuedBy: 'chen',
      },
    ])
    lane.sense({ entryLoop: 'occupied' })
    lane.hear('E1')
    lane.hear('E2')
    kill(lane)
    lane.hear('E1')
    lane.pass(1_000)
    t.equal(lane.at, 'escalated')
    t.equal(lane.raises.length, 0)
    t.end()
  },
)

t.test(
  'K1: a vehicle that left while the lane was dead ends its passage; a later one is another passage',
  (t) => {
    const lane = ExampleLane.started()
    lane.arrive('X1')
    kill(lane, { entryLoop: 'clear' })
    t.equal(lane.of('passageEnded')[0]?.body['how'], 'aborted')
    t.equal(lane.of('escalationClosed').at(-1)?.body['why'], 'restarted')
    t.equal(lane.at, 'idle')
    const other = ExampleLane.started()
    other.arrive('X1')
    kill(other, { entryCount: 2 })
    t.equal(other.of('passageRecovered')[0]?.body['found'], 'another')
    t.equal(other.of('passageOpened').at(-1)?.body['passageNo'], 2)
    t.same([...lane.breaches, ...other.breaches], [])
    t.end()
  },
)

t.test(
  'K4-K5: an intent that the PLC has not accepted is void once its lease is over, and is never sent',
  (t) => {
    const lane = killedAfterIntent(() => ({}))
    t.equal(lane.at, 'recovering', 'the old request may still take effect')
    t.equal(lane.raises.length, 1)
    lane.sense({ plcTick: 5 })
    t.equal(lane.at, 'recovering')
    lane.sense({ plcTick: 13 })
    t.match(lane.of('barrierOutcome')[0]?.body, { outcome: 'notSent', detail: 'leaseOver' })
    t.equal(lane.at, 'identifying')
    lane.pass(400)
    t.equal(lane.at, 'raising')
    t.not(lane.raises[1]?.commandId, lane.raises[0]?.commandId)
    t.equal(lane.of('decided').length, 2, 'decided anew')
    t.same(lane.breaches, [])
    t.end()
  },
)

t.test('K5: a request that the PLC takes after the kill is found as accepted', (t) => {
  const lane = killedAfterIntent(() => ({}))
  const { commandId } = lane.raises[0] ?? { commandId: '' }
  lane.sense({ acceptedCommandId: commandId, plcTick: 3 })
  t.equal(lane.of('passageRecovered')[0]?.body['found'], 'accepted')
  lane.sense({ barrier: 'raised' })
  lane.driveThrough()
  t.equal(lane.of('passageEnded')[0]?.body['how'], 'cleared')
  t.equal(lane.raises.length, 1)
  t.same(lane.breaches, [])
  t.end()
})

t.test(
  'K5: a PLC that restarted meanwhile takes no old intent, and a person looks at who stands there',
  (t) => {
    const lane = killedAfterIntent(() => ({ plcBootId: 'plc-2', entryCount: 0, exitCount: 0, plcTick: 0 }))
    t.match(lane.of('barrierOutcome')[0]?.body, { outcome: 'notSent', detail: 'plcRestarted' })
    t.equal(lane.of('passageRecovered')[0]?.body['found'], 'perhapsAnother')
    lane.hear('E1')
    lane.pass(400)
    t.equal(lane.at, 'escalated')
    t.equal(lane.raises.length, 1)
    t.same(lane.breaches, [])
    t.end()
  },
)

const afterAccept: [string, Partial<LaneSignals>, string, string][] = [
  ['K6: the bar is on its way up', { barrier: 'moving' }, 'accepted', 'raised'],
  ['K7: the bar is up and the vehicle waits', { barrier: 'raised' }, 'accepted', 'raised'],
  ['K8: the vehicle is under the bar', { barrier: 'raised', exitLoop: 'occupied' }, 'crossing', 'crossing'],
  [
    'K8: the vehicle has crossed',
    { barrier: 'lowered', entryLoop: 'clear', exitCount: 1 },
    'cleared',
    'idle',
  ],
  ['K7: the vehicle backed out, or the exit loop is dead', { entryLoop: 'clear' }, 'gone', 'idle'],
  [
    'K9: it has crossed and another one stands there',
    { entryCount: 2, exitCount: 1, barrier: 'lowered' },
    'cleared',
    'identifying',
  ],
]
for (const [name, meanwhile, found, at] of afterAccept) {
  t.test(`${name}: found as ${found}, and no second raise`, (t) => {
    const lane = killedAfterIntent((acceptedCommandId) => ({ acceptedCommandId, ...meanwhile }))
    t.equal(lane.of('passageRecovered')[0]?.body['found'], found)
    t.equal(lane.of('barrierOutcome')[0]?.body['outcome'], 'accepted')
    t.equal(lane.at, at)
    t.equal(lane.raises.length, 1)
    t.same(lane.breaches, [])
    t.end()
  })
}

t.test('a release that a person gave and that was not sent is void: the escalation opens anew', (t) => {
  const lane = ExampleLane.started()
  lane.arrive('X1')
  lane.answer('release')
  kill(lane)
  lane.sense({ plcTick: 20 })
  lane.pass(400)
  t.equal(lane.at, 'escalated')
  t.equal(lane.of('escalationOpened').length, 2)
  lane.pass(60_000)
  t.equal(lane.raises.length, 1)
  t.same(lane.breaches, [])
  t.end()
})

t.test('what a person or an order held is not released by the lane after a restart', (t) => {
  const lane = ExampleLane.started()
  lane.arrive('X1')
  lane.answer('hold')
  lane.facts = (_kind, key) =>
    key === 'X1'
      ? {
          tag: { kind: 'tag', epc: key, state: 'ACTIVE', vehicleId: 'V1' },
          vehicle: lane.facts('tag', 'E1').vehicle,
        }
      : { tag: null, vehicle: null }
  kill(lane)
  lane.hear('X1')
  lane.pass(10_000)
  t.equal(lane.raises.length, 0)
  t.equal(lane.at, 'escalated')
  t.end()
})

t.test('passage numbers go on where they were', (t) => {
  const lane = ExampleLane.started()
  lane.arrive('E1')
  lane.raiseBar()
  lane.driveThrough()
  kill(lane)
  lane.pass(5_000)
  lane.arrive('E2')
  t.equal(lane.of('passageOpened').at(-1)?.body['passageNo'], 2)
  t.same(lane.breaches, [])
  t.end()
})

t.test('a vehicle that stands there at the very first start is identified', (t) => {
  const lane = new ExampleLane()
  lane.signals = { ...lane.signals, entryLoop: 'occupied', entryCount: 7 }
  lane.start()
  lane.sense({})
  t.equal(lane.of('passageOpened')[0]?.body['cause'], 'recovered')
  lane.hear('E1')
  lane.pass(400)
  t.equal(lane.at, 'raising')
  t.end()
})
