import t from 'tap'
import type { Sensed } from '../../interfaces/reader.js'
import type { TripEntry } from '../../messages/cargo-entities.js'
import { exampleBox, exampleDriver } from '../decision/cargo-examples.js'
import { chooseTrip } from '../lists/trip-choice.js'
import { order } from './example-laden.js'
import { comeWithout, findings, knownOfTruck, ladenLane, primary } from './example-truck.js'

t.test('what a portal found in the approach belongs to the truck that comes within the time for it', (t) => {
  for (const [waitMs, raises] of [
    [2_900, 1],
    [3_100, 0],
  ] as const) {
    const lane = ladenLane()
    lane.senseLoad(findings.container, findings.radiation, findings.weight)
    lane.pass(waitMs)
    comeWithout(lane, 'container', 'weight')
    lane.pass(10_000)
    t.equal(lane.raises.length, raises, `${waitMs} ms before the loop`)
  }
  t.end()
})

t.test('an alarm heard while nobody could see whose it was calls a person to whoever comes', (t) => {
  const lane = ladenLane()
  lane.sense({ entryLoop: 'unknown', exitLoop: 'unknown' })
  lane.senseLoad({ of: 'radiation', is: 'alarm' })
  lane.sense({ entryLoop: 'clear', exitLoop: 'clear' })
  comeWithout(lane)
  lane.pass(5_000)
  t.equal(lane.raises.length, 0)
  t.equal(lane.at, 'escalated')
  t.end()
})

t.test('what is sensed while the journal takes no writes is not lost', (t) => {
  const lane = ladenLane()
  lane.sense({ entryLoop: 'occupied' })
  lane.hear('E1')
  lane.hear('E1')
  lane.writable = false
  lane.senseLoad(findings.card, findings.temperature, findings.radiation)
  t.equal(lane.at, 'unwritable')
  lane.senseLoad(findings.container, findings.seal, findings.weight)
  lane.writable = true
  lane.deliver({ on: 'recordable' })
  const seen = lane.state.passage?.cargo.seen
  t.match(seen, { driverCard: 'K1', temperature: 'normal', weight: { tries: 1 } })
  t.equal(seen?.containers?.length, 1)
  t.same(
    lane
      .of('deviceObserved')
      .map(({ body }) => body['of'])
      .sort(),
    ['card', 'container', 'radiation', 'seal', 'temperature', 'weight'],
    'and is written down afterwards, once',
  )
  t.end()
})

t.test('more containers than a passage holds are shown to a person', (t) => {
  const lane = ladenLane()
  comeWithout(lane, 'weight')
  lane.senseLoad(
    ...Array.from({ length: 9 }, (_, i): Sensed => ({
      of: 'container',
      number: `FAKE000000${i}`,
      confidence: 0.2,
    })),
  )
  lane.senseLoad(findings.weight)
  lane.pass(10_000)
  t.equal(lane.raises.length, 0)
  t.ok(lane.state.faults.includes('lane.tooManyTags'))
  t.end()
})

t.test("another driver's card after the first does not hide the first from an order", (t) => {
  const { driverId: _anybody, ...trip } = knownOfTruck.trip as TripEntry
  const lane = ladenLane({
    trip,
    drivers: { K1: exampleDriver, K2: { ...exampleDriver, driverId: 'D2', cardNo: 'K2' } },
  })
  lane.control.replaceOrders([order({ action: 'INTERCEPT', subject: { kind: 'DRIVER', key: 'D1' } })])
  comeWithout(lane, 'card', 'weight')
  lane.senseLoad(findings.card, { of: 'card', cardNo: 'K2' }, findings.weight)
  lane.pass(10_000)
  t.equal(primary(lane), 'CTL-02')
  t.end()
})

t.test(
  'of several trips the one that agrees best with the containers read is meant, or none can be told',
  (t) => {
    const base = knownOfTruck.trip as TripEntry
    const trip = (tripId: string, change: Partial<TripEntry> = {}): TripEntry => ({
      ...base,
      tripId,
      ...change,
    })
    const one = trip('T1')
    const two = trip('T2', { containers: ['MSCU1234566'] })
    t.equal(chooseTrip([one, two], 'in', [exampleBox]), one)
    t.equal(chooseTrip([one, two], 'in', ['MSCU1234566']), two)
    t.equal(chooseTrip([one, two], 'in', null), 'unknown')
    t.equal(chooseTrip([one, trip('T3')], 'in', [exampleBox]), 'unknown', 'equally good')
    t.equal(
      chooseTrip([one, trip('T3', { containers: [exampleBox, 'MSCU1234566'] })], 'in', [exampleBox]),
      one,
    )
    t.equal(chooseTrip([one, two], 'out', [exampleBox]), null)
    t.equal(chooseTrip([], 'in', null), null)
    const old = trip('T4', { crossedAt: 5 })
    t.equal(chooseTrip([old, two], 'in', null), two, 'a crossed one is not meant')
    t.equal(chooseTrip([old, trip('T5', { crossedAt: 3 })], 'in', null), old, 'unless all have')
    t.end()
  },
)

t.test('two trips that fit equally well are for a person', (t) => {
  const trips = [knownOfTruck.trip as TripEntry, { ...(knownOfTruck.trip as TripEntry), tripId: 'T2' }]
  const lane = ladenLane({ trip: chooseTrip(trips, 'in', [exampleBox]) })
  comeWithout(lane)
  lane.pass(10_000)
  t.equal(lane.raises.length, 0)
  t.equal(lane.at, 'escalated')
  t.end()
})
