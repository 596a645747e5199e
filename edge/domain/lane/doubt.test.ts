import t from 'tap'
import type { ControlOrder } from '../../messages/entities.js'
import { ExampleLane, exampleFacts, exampleSettings } from './example-lane.js'
import { intercept } from './example-modes.js'

function interceptOf(key: string): ControlOrder {
  return intercept({ orderId: 'O1', subject: { kind: 'TAG', key } })
}

/** An intercepted vehicle is held, and then neither loop shows it any more. */
function heldAndLost(lane: ExampleLane): void {
  lane.control.replaceOrders([interceptOf('E1')])
  lane.arrive('E1')
  lane.sense({ entryLoop: 'clear' })
  lane.pass(2_000)
}

t.test(
  'a held vehicle that was lost from sight and stands there again is not released by the tag behind it',
  (t) => {
    const lane = ExampleLane.started()
    heldAndLost(lane)
    t.equal(lane.at, 'idle')
    lane.pass(300_000)
    lane.arrive('E2')
    t.equal(lane.at, 'escalated', 'however long it took')
    t.same(lane.of('escalationOpened').at(-1)?.body['reasons'], ['LANE-05'])
    lane.answer('release')
    lane.raiseBar()
    lane.driveThrough()
    lane.pass(30_000)
    lane.arrive('E3')
    t.equal(lane.at, 'raising', 'a person has seen who stood there: the next one goes by itself')
    t.same(lane.breaches, [])
    t.end()
  },
)

t.test('an order on the TID of its tag counts as one on its EPC', (t) => {
  for (const restarts of [false, true]) {
    const lane = ExampleLane.started()
    lane.sense({ entryLoop: 'occupied' })
    lane.hear('E1', { tid: 'e2801160' })
    lane.sense({ entryLoop: 'clear' })
    lane.pass(2_000)
    if (restarts) lane.restart()
    lane.control.replaceOrders([interceptOf('E2801160')])
    lane.arrive('E2')
    t.equal(lane.at, 'escalated', restarts ? 'over a restart' : 'while it runs')
    t.same(lane.raises, [])
    t.same(lane.breaches, [])
  }
  t.end()
})

t.test('also if the order came only after the vehicle was lost, or the edge was restarted meanwhile', (t) => {
  const late = ExampleLane.started()
  late.sense({ entryLoop: 'occupied' })
  late.hear('E1')
  late.sense({ entryLoop: 'clear' })
  late.pass(2_000)
  late.control.replaceOrders([interceptOf('E1')])
  late.arrive('E2')
  t.equal(late.at, 'escalated')

  const restarted = ExampleLane.started()
  heldAndLost(restarted)
  restarted.restart()
  restarted.arrive('E2')
  t.equal(restarted.at, 'escalated')

  for (const lane of [late, restarted]) t.same(lane.breaches, [])
  t.end()
})

t.test('whoever follows a vehicle that merely backed out goes by itself', (t) => {
  const lane = ExampleLane.started()
  lane.arrive('E404')
  lane.sense({ entryLoop: 'clear' })
  lane.pass(2_000)
  lane.restart()
  lane.arrive('E2')
  t.equal(lane.at, 'raising')
  t.end()
})

t.test('a plate seen with a passage too short to be judged is remembered through others like it', (t) => {
  const lane = ExampleLane.started()
  lane.control.replaceOrders([{ ...interceptOf('P1'), subject: { kind: 'PLATE', key: 'P1' } }])
  lane.sense({ entryLoop: 'occupied' })
  lane.see('P1')
  // An exit loop that bounces: each fall ends a passage, and the vehicle is still on the entry loop.
  for (let count = 0; count < 4; count += 1) {
    lane.sense({ exitLoop: 'occupied' })
    lane.pass(20)
    lane.sense({ exitLoop: 'clear' })
    lane.pass(20)
  }
  for (const { passageId } of lane.of('violation'))
    lane.order({ do: 'closePassage', passageId: passageId ?? 'none' })
  lane.hear('E2')
  lane.hear('E2')
  lane.pass(2_000)
  t.equal(lane.at, 'escalated')
  t.same(lane.raises, [])
  t.same(lane.breaches, [])
  t.end()
})

t.test(
  'of a tag that the lists never answered nobody knows whose it is: the next one is shown to a person',
  (t) => {
    const lane = ExampleLane.started()
    lane.facts = () => ({ tag: 'unknown', vehicle: 'unknown' })
    lane.sense({ entryLoop: 'occupied' })
    lane.hear('E1')
    lane.pass(400)
    lane.sense({ entryLoop: 'clear' })
    lane.pass(2_000)
    lane.facts = exampleFacts
    // The order is on the vehicle, and only the lists could have told that the tag is its own.
    lane.control.replaceOrders([{ ...interceptOf('V1'), subject: { kind: 'VEHICLE', key: 'V1' } }])
    lane.arrive('E2')
    t.equal(lane.at, 'escalated')
    t.same(lane.breaches, [])
    t.end()
  },
)

t.test('where more was heard than can be remembered, the next one is shown to a person', (t) => {
  const settings = { ...exampleSettings, decision: { ...exampleSettings.decision, sampleTagsMax: 256 } }
  const lane = ExampleLane.started(settings)
  lane.sense({ entryLoop: 'occupied' })
  for (let n = 0; n < 250; n += 1) lane.hear(`X${n}`)
  for (const plate of ['P1', 'P2', 'P3', 'P4']) lane.see(plate)
  lane.pass(400)
  lane.sense({ entryLoop: 'clear' })
  lane.pass(2_000)
  lane.control.replaceOrders([{ ...interceptOf('C4'), subject: { kind: 'COMPANY', key: 'C4' } }])
  lane.arrive('E5')
  t.equal(lane.at, 'escalated')
  t.same(lane.breaches, [])
  t.end()
})

t.test('what was heard of a vehicle that came while nothing could be recorded is not forgotten', (t) => {
  const lane = ExampleLane.started()
  lane.control.replaceOrders([interceptOf('E1')])
  lane.pass(10_000)
  lane.hear('E1')
  lane.pass(1_700)
  lane.writable = false
  lane.sense({ entryLoop: 'occupied' })
  lane.pass(1_500)
  lane.hear('E2')
  lane.writable = true
  lane.deliver({ on: 'recordable' })
  lane.hear('E2')
  lane.pass(2_000)
  t.equal(lane.at, 'escalated')
  t.same(lane.raises, [])
  t.same(lane.breaches, [])
  t.end()
})
