import t from 'tap'
import type { ControlOrder } from '../../messages/entities.js'
import { ExampleLane } from './example-lane.js'

function intercept(kind: 'TAG' | 'VEHICLE' | 'PLATE', key: string): ControlOrder {
  return {
    kind: 'order',
    orderId: 'O1',
    agency: 'IQ',
    subject: { kind, key },
    action: 'INTERCEPT',
    nature: 'OPEN',
    level: 2,
    reason: '',
    validFrom: 0,
    maxHits: 0,
    issuedBy: 'chen',
  }
}

/** A vehicle stands on a loop that says clear, and is heard once; later the loop works again. */
function hidden(lane: ExampleLane, forMs: number): void {
  lane.hear('E1')
  lane.see('P1')
  for (let n = 0; n < forMs / 1_000; n++) {
    lane.pass(1_000)
    // Whoever waits behind is heard all the time.
    lane.hear('E2')
  }
}

t.test('a held vehicle that a failing loop hid is not released by the tag behind it', (t) => {
  for (const order of [intercept('TAG', 'E1'), intercept('VEHICLE', 'V1'), intercept('PLATE', 'P1')]) {
    const lane = ExampleLane.started()
    lane.control.replaceOrders([order])
    hidden(lane, 8_000)
    lane.arrive('E2')
    t.equal(lane.at, 'escalated', order.subject.kind)
    t.same(lane.raises, [])
    t.same(lane.breaches, [])
  }
  t.end()
})

t.test('without an order on it, and after a quarter of a minute, it hinders nobody', (t) => {
  const free = ExampleLane.started()
  hidden(free, 8_000)
  free.arrive('E2')
  t.equal(free.at, 'raising')

  const late = ExampleLane.started()
  late.control.replaceOrders([intercept('TAG', 'E1')])
  hidden(late, 20_000)
  late.arrive('E2')
  t.equal(late.at, 'raising')
  for (const lane of [free, late]) t.same(lane.breaches, [])
  t.end()
})

t.test('the tag of the vehicle in the lane beside is nobody hidden here', (t) => {
  const lane = ExampleLane.started()
  lane.control.replaceOrders([intercept('TAG', 'E1')])
  lane.elsewhereOf = (epc) =>
    epc === 'E1'
      ? [
          {
            lane: 'lane-2',
            count: 40,
            bestRssiDbm: -40,
            lastHeardAgoMs: 50,
            loopOccupiedForMs: 2_000,
            passedAgoMs: null,
          },
        ]
      : []
  lane.hear('E1')
  for (let n = 0; n < 5; n++) {
    lane.pass(1_000)
    lane.hear('E2')
  }
  lane.arrive('E2')
  t.equal(lane.at, 'raising')
  t.end()
})
