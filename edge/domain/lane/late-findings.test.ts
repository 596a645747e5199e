import t from 'tap'
import type { Sensed } from '../../interfaces/reader.js'
import { ExampleLane } from './example-lane.js'

const years = 10 * 365 * 86_400_000

/** A finding that was under way for `lateMs`, of a device whose clock is behind by `wrongMs`. */
function find(lane: ExampleLane, sensed: Sensed, lateMs = 0, wrongMs = 0): void {
  lane.deliver({
    on: 'read',
    read: {
      kind: 'device',
      readerId: 'scale-1',
      antenna: '0',
      zone: null,
      heardAt: { monoMs: lane.nowMs, wallMs: lane.wallMs },
      readerAtMs: lane.wallMs - lateMs - wrongMs,
      sensed,
    },
  })
}

const weight = (grossKg: number): Sensed => ({ of: 'weight', grossKg, stable: true, onScale: true })
const weightOf = (lane: ExampleLane) => lane.state.passage?.cargo.seen.weight?.grossKg

function waiting(): ExampleLane {
  const lane = ExampleLane.started()
  lane.sense({ entryLoop: 'occupied' })
  find(lane, { of: 'card', cardNo: 'K1' })
  return lane
}

t.test('a weight that was held up on its way is not the weight of who stands there now', (t) => {
  const lane = waiting()
  find(lane, weight(30_000), 10_000)
  t.equal(weightOf(lane), undefined)
  t.ok(lane.state.faults.includes('lane.findingsLate'))
  lane.pass(500)
  find(lane, weight(20_000), 300)
  t.equal(weightOf(lane), 20_000, 'a network takes its time')
  t.notOk(lane.state.faults.includes('lane.findingsLate'), 'and the fault is over')
  t.same(lane.breaches, [])
  t.end()
})

t.test('an alarm counts however late it comes', (t) => {
  const lane = waiting()
  find(lane, { of: 'radiation', is: 'alarm' }, 60_000)
  t.equal(lane.state.passage?.cargo.seen.radiation, 'alarm')
  t.end()
})

t.test('a clock that was set back is believed again after some findings, not at once', (t) => {
  const lane = waiting()
  for (let n = 1; n <= 4; n++) {
    find(lane, weight(n), 3_600_000)
    lane.pass(1_000)
    t.equal(weightOf(lane), undefined, `finding ${n}`)
  }
  find(lane, weight(5), 3_600_000)
  t.equal(weightOf(lane), 5)
  t.notOk(lane.state.faults.includes('lane.findingsLate'))
  t.end()
})

t.test('findings that are late by ever other times are never believed', (t) => {
  const lane = waiting()
  for (let n = 1; n <= 30; n++) find(lane, weight(n), 5_000 + n * 700)
  t.equal(weightOf(lane), undefined)
  t.end()
})

t.test('what comes late while nothing can be recorded is the next vehicle’s as little', (t) => {
  const lane = ExampleLane.started()
  find(lane, weight(10_000))
  lane.pass(60_000)
  lane.writable = false
  lane.sense({ entryLoop: 'occupied' })
  t.equal(lane.at, 'unwritable')
  find(lane, weight(30_000), 20_000)
  t.same(lane.state.approachSensed, [])
  t.end()
})

t.test('the first finding after a start may have waited for the edge, and then it is not believed', (t) => {
  const lane = ExampleLane.started()
  lane.sense({ entryLoop: 'occupied' })
  find(lane, weight(30_000), 10_000)
  t.equal(weightOf(lane), undefined)
  t.ok(lane.state.faults.includes('lane.findingsLate'))
  find(lane, weight(20_000), 100)
  t.equal(weightOf(lane), 20_000)
  t.notOk(lane.state.faults.includes('lane.findingsLate'))
  t.end()
})

t.test('a queue that is emptied in an instant is late however many findings it holds', (t) => {
  const lane = waiting()
  for (let n = 0; n < 40; n++) find(lane, weight(n), 30_000 - n * 50)
  t.equal(weightOf(lane), undefined)
  for (let n = 0; n < 40; n++) find(lane, weight(n), 20_000)
  t.equal(weightOf(lane), undefined, 'all by the same, but at once')
  t.end()
})

t.test(
  'a device whose clock is wrong by years is believed when it was wrong by the same for a while',
  (t) => {
    for (const wrongMs of [years, -years]) {
      const lane = ExampleLane.started()
      lane.sense({ entryLoop: 'occupied' })
      for (let n = 1; n <= 4; n++) {
        find(lane, weight(n), 0, wrongMs)
        t.equal(weightOf(lane), undefined, `finding ${n}`)
        lane.pass(600)
      }
      find(lane, weight(20_000), 0, wrongMs)
      t.equal(weightOf(lane), 20_000)
      find(lane, weight(30_000), 10_000, wrongMs)
      t.equal(weightOf(lane), 20_000, 'and from then on it is told late by it')
      t.same(lane.breaches, [])
    }
    t.end()
  },
)
