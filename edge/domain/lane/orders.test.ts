import t from 'tap'
import type { Verdict } from '../../messages/down.js'
import { exampleLift, exampleNowMs, exampleOrder } from '../decision/examples.js'
import { ExampleLane } from './example-lane.js'
import { intercept } from './example-modes.js'
import { boundedOrders, ordersMax } from './inputs.js'

/** A vehicle with a tag that nobody knows waits for a person. */
function held(): ExampleLane {
  const lane = ExampleLane.started()
  lane.arrive('X1')
  return lane
}

const order = intercept({ orderId: 'O1' })

function intercepted(): ExampleLane {
  const lane = ExampleLane.started()
  lane.control.replaceOrders([order])
  lane.arrive('E1')
  return lane
}

t.test('a release by an operator raises the barrier once, for the vehicle it names', (t) => {
  const lane = held()
  lane.answer('release')
  t.equal(lane.raises.length, 1)
  t.same(lane.answers, ['accepted'])
  lane.raiseBar()
  lane.driveThrough()
  t.equal(lane.of('passageEnded')[0]?.body['how'], 'cleared')
  t.same(lane.breaches, [])
  t.end()
})

const refused: [string, (lane: ExampleLane) => Partial<Verdict>, boolean, string][] = [
  ['kept by the broker', () => ({}), true, 'retained'],
  ['too late', (lane) => ({ expiresAt: lane.wallMs }), false, 'expired'],
  ['for another lane', () => ({ lane: 'lane-2' }), false, 'otherLane'],
  ['for another passage', () => ({ passageId: 'edge-1.k3f9.lane-1.9' }), false, 'otherPassage'],
  ['for another escalation', () => ({ escalationId: 'edge-1.k3f9.lane-1.1.e9' }), false, 'otherEscalation'],
]
for (const [name, change, retained, why] of refused) {
  t.test(`a verdict ${name} is refused, journaled and answered`, (t) => {
    const lane = held()
    lane.answer('release', change(lane), retained)
    t.equal(lane.raises.length, 0)
    t.same(lane.answers, [why])
    t.match(lane.of('verdictJudged')[0]?.body, { result: 'refused', why })
    t.equal(lane.at, 'escalated')
    lane.answer('release')
    t.equal(lane.raises.length, 1, 'an honest one is taken afterwards')
    t.same(lane.breaches, [])
    t.end()
  })
}

t.test('a verdict used twice is refused, before and after a restart', (t) => {
  const lane = held()
  lane.answer('hold', { verdictId: 'v1' })
  lane.answer('release', { verdictId: 'v1' })
  t.same(lane.answers, ['accepted', 'usedId'])
  lane.restart()
  lane.pass(10_000)
  t.equal(lane.at, 'escalated')
  lane.answer('release', { verdictId: 'v1' })
  t.equal(lane.answers.at(-1), 'usedId')
  t.equal(lane.raises.length, 0)
  t.same(lane.breaches, [])
  t.end()
})

t.test('a verdict for a vehicle that is not held is refused', (t) => {
  const lane = ExampleLane.started()
  lane.arrive('E1')
  lane.answer('release', { escalationId: 'edge-1.k3f9.lane-1.1.e1' })
  t.same(lane.answers, ['notHeld'])
  t.equal(lane.raises.length, 1)
  t.end()
})

t.test('a release under an intercept needs a reason and the number of the order', (t) => {
  const lane = intercepted()
  lane.answer('release', { orderIds: ['O1'] })
  lane.answer('release', { reason: 'inspected' })
  lane.answer('release', { reason: 'inspected', orderIds: ['O2'] })
  t.same(lane.answers, ['interceptNeedsReason', 'interceptNeedsOrder', 'interceptNeedsOrder'])
  lane.answer('release', { reason: 'inspected', orderIds: ['O1'] })
  t.equal(lane.raises.length, 1, 'the order that was named does not stop its own release')
  t.same(lane.breaches, [])
  t.end()
})

t.test('an order that came after the operator looked withdraws his release, and is shown to him', (t) => {
  const lane = intercepted()
  const look = lane.control.ordersOn.bind(lane.control)
  lane.control.ordersOn = (keys) => {
    const found = look(keys)
    return found === 'unknown' || lane.of('barrierIntent').length === 0
      ? found
      : [...found, { ...order, orderId: 'O2' }]
  }
  lane.answer('release', { reason: 'inspected', orderIds: ['O1'] })
  t.equal(lane.raises.length, 0)
  t.equal(lane.of('barrierOutcome')[0]?.body['outcome'], 'withdrawn')
  t.same(lane.of('escalationOpened').at(-1)?.body['interceptOrderIds'], ['O1', 'O2'])
  t.same(lane.breaches, [])
  t.end()
})

t.test('hold keeps the vehicle with a fresh escalation, and the lane never releases it by itself', (t) => {
  const lane = held()
  lane.answer('hold')
  t.equal(lane.of('escalationOpened').length, 2)
  lane.hear('E1')
  lane.pass(20_000)
  t.equal(lane.raises.length, 0)
  lane.answer('release')
  t.equal(lane.raises.length, 1)
  t.same(lane.breaches, [])
  t.end()
})

t.test('return shows the driver the way back, and ends when he has backed out', (t) => {
  const lane = held()
  lane.answer('return')
  t.equal(lane.at, 'returning')
  t.match(lane.done.at(-1), { do: 'guide', light: 'red', prompt: 'prompt.return' })
  lane.sense({ entryLoop: 'clear' })
  lane.pass(1_000)
  t.equal(lane.of('passageEnded')[0]?.body['how'], 'returned')
  t.same(lane.breaches, [])
  t.end()
})

t.test('whoever was told to turn back and drives on has run the barrier', (t) => {
  const lane = held()
  lane.answer('return')
  lane.sense({ exitLoop: 'occupied' })
  t.equal(lane.of('violation')[0]?.body['kind'], 'runThrough')
  t.end()
})

t.test('a vehicle that does not turn back is shown to a person again', (t) => {
  const lane = held()
  lane.answer('return')
  lane.pass(60_000)
  t.equal(lane.at, 'escalated')
  t.equal(lane.of('escalationOpened').length, 2)
  t.same(lane.breaches, [])
  t.end()
})

t.test(
  'with a clock that nobody trusts an answer must also come within its lifetime by the monotonic clock',
  (t) => {
    const lane = held()
    lane.clockQuality = 'untrusted'
    lane.pass(60_000 + 60_000)
    lane.answer('release')
    t.same(lane.answers, ['accepted'])
    const late = held()
    late.clockQuality = 'untrusted'
    late.pass(60_000 + 60_001)
    late.answer('release')
    t.same(late.answers, ['expired'])
    late.answer('hold', { expiresAt: late.wallMs + 3_600_000 })
    late.answer('release')
    t.equal(late.raises.length, 1, 'a fresh escalation starts the time anew')
    t.end()
  },
)

t.test('a release is refused while the barrier or the vehicle is not where it must be', (t) => {
  const lane = held()
  lane.sense({ barrier: 'blocked' })
  lane.answer('release')
  lane.sense({ barrier: 'lowered', entryLoop: 'unknown' })
  lane.answer('release')
  lane.sense({ entryLoop: 'occupied' })
  lane.order({ do: 'setMode', mode: 'CLOSED' })
  lane.answer('release')
  t.same(lane.answers, ['barrierNotReady', 'vehicleNotAtLine', 'accepted', 'notHeld'])
  t.equal(lane.raises.length, 0)
  t.same(lane.breaches, [])
  t.end()
})

t.test('commands are judged like verdicts: retained, late, used and foreign ones are refused', (t) => {
  const lane = ExampleLane.started()
  const what = { do: 'setMode', mode: 'CLOSED' } as const
  lane.order(what, {}, true)
  lane.order(what, { expiresAt: 0 })
  lane.order(what, { lane: 'lane-2' })
  lane.order({ do: 'closePassage', passageId: 'edge-1.k3f9.lane-1.7' })
  t.same(lane.answers, ['retained', 'expired', 'otherLane', 'otherPassage'])
  t.equal(lane.state.mode, 'AUTO')
  lane.order(what, { commandId: 'c1' })
  lane.order({ do: 'setMode', mode: 'AUTO' }, { commandId: 'c1' })
  t.equal(lane.answers.at(-1), 'usedId')
  t.equal(lane.state.mode, 'CLOSED')
  t.match(lane.of('laneMode').at(-1)?.body, { from: 'AUTO', to: 'CLOSED', by: 'li.wei' })
  lane.restart()
  t.equal(lane.state.mode, 'CLOSED', 'the mode survives a restart')
  t.end()
})

t.test('a record holds so many orders, and what stops the vehicle is the last to be left out', (t) => {
  const many = Array.from({ length: 400 }, (_, id) =>
    exampleOrder({
      orderId: `O${String(id).padStart(3, '0')}`,
      subject: { kind: 'PLATE_PATTERN', key: `*${id}` },
      action: id === 399 ? 'INTERCEPT' : 'NOTIFY',
      ...(id === 399 && { patternMayIntercept: true }),
    }),
  )
  const now = { wallMs: exampleNowMs, clockQuality: 'synchronised', monoMs: 0 } as const
  const { orders, ordersLeftOut } = boundedOrders([...many].reverse(), now)
  t.equal(ordersLeftOut, 400 - ordersMax)
  t.same(orders, [...many.slice(0, ordersMax - 1), ...many.slice(399)])
  const stops = many.slice(399)
  for (const [why, change] of [
    ['lifted', { lift: exampleLift }],
    ['ended', { validTo: exampleNowMs - 1 }],
    ['not begun', { validFrom: exampleNowMs + 1 }],
  ] as const) {
    const idle = many.map((order) => ({ ...order, action: 'INTERCEPT' as const, ...change }))
    const kept = boundedOrders([...idle.slice(0, 399), ...stops], now).orders
    t.same(kept, [...idle.slice(0, ordersMax - 1), ...stops], why)
  }
  t.same(boundedOrders(many.slice(0, ordersMax), now), { orders: many.slice(0, ordersMax) })
  t.same(boundedOrders('unknown', now), { orders: 'unknown' })
  t.end()
})

t.test(
  'an order on part of a plate of the vehicle holds it, and one that comes before the command too',
  (t) => {
    const onPart = exampleOrder({ subject: { kind: 'PLATE_PATTERN', key: 'P?*' }, patternMayIntercept: true })
    const held = ExampleLane.started()
    held.control.replaceOrders([onPart])
    held.arrive('E1')
    t.match(held.story(0), /decided:hold/, 'by the plate on record: only its tag was heard')
    const late = ExampleLane.started()
    const before = late.control.ordersOn.bind(late.control)
    late.control.ordersOn = (keys) => {
      if (late.of('barrierIntent').length > 0) late.control.replaceOrders([onPart])
      return before(keys)
    }
    late.arrive('E1')
    t.match(late.story(0), /decided:release barrierIntent barrierOutcome:withdrawn decided:hold/)
    t.equal(held.raises.length + late.raises.length, 0)
    t.end()
  },
)
