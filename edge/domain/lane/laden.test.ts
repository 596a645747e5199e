import t from 'tap'
import type { Sensed } from '../../interfaces/reader.js'
import type { LaneSettings } from './types.js'
import { exampleArea, exampleBox } from '../decision/cargo-examples.js'
import type { CargoFacts } from '../decision/cargo.js'
import { order } from './example-laden.js'
import { ExampleLane, exampleSettings } from './example-lane.js'
import {
  comeWithout,
  everything,
  findings,
  knownOfTruck,
  ladenLane,
  primary,
  withTruck,
} from './example-truck.js'

t.test(
  'a laden truck of which everything is known goes by itself, and uses up its papers when it has cleared',
  (t) => {
    const lane = ladenLane()
    comeWithout(lane)
    t.equal(lane.raises.length, 1)
    t.equal(primary(lane), 'OK-02')
    t.match(
      lane.done.findLast((effect) => effect.do === 'guide'),
      { light: 'green', prompt: 'prompt.pass' },
    )
    t.equal(lane.of('consumed').length, 0, 'released is not consumed')
    lane.raiseBar()
    t.equal(lane.of('consumed').length, 0)
    lane.driveThrough()
    t.match(
      lane.of('consumed').map(({ body }) => body),
      [
        {
          tripId: 'T1',
          declarationNos: ['CUS1', 'IQ1'],
          releaseIds: ['R1', 'R2', 'R3'],
          certificateNos: ['F1'],
          sealIds: ['S1'],
          containers: [exampleBox],
          receiptId: null,
        },
      ],
    )
    t.same(
      lane.of('deviceObserved').map(({ body }) => body['of']),
      ['card', 'temperature', 'radiation', 'container', 'seal', 'weight'],
    )
    t.same(lane.breaches, [])
    t.end()
  },
)

for (const left of everything.filter((one) => one !== 'radiation')) {
  t.test(`a laden truck whose ${left} was not sensed is shown to a person`, (t) => {
    const lane = ladenLane()
    comeWithout(lane, left)
    lane.pass(10_000)
    t.equal(lane.raises.length, 0)
    t.equal(lane.at, 'escalated')
    t.end()
  })
}

const unknowns: readonly Partial<CargoFacts>[] = [
  { trip: 'unknown' },
  { drivers: {} },
  { companies: {} },
  { police: 'unknown' },
  { declarations: {} },
  { manifest: 'unknown' },
  { containers: {} },
  { areas: 'unknown' },
  { seals: {} },
  { draw: 'unknown' },
  { customs: null, releases: 'unknown' },
]
for (const facts of unknowns) {
  t.test(
    `a laden truck is shown to a person where ${Object.keys(facts).join(' and ')} cannot be told`,
    (t) => {
      const lane = ladenLane(facts)
      comeWithout(lane)
      lane.pass(10_000)
      t.equal(lane.raises.length, 0)
      t.equal(lane.at, 'escalated')
      t.end()
    },
  )
}

t.test('lists that do not answer release nobody', (t) => {
  const lane = ladenLane()
  lane.answersLookups = false
  comeWithout(lane)
  t.equal(lane.at, 'identifying', 'it waits')
  lane.pass(10_000)
  t.equal(lane.at, 'escalated')
  t.equal(lane.raises.length, 0)
  t.end()
})

t.test(
  'the lists are asked again when something new is sensed, and an answer to the question before is not taken',
  (t) => {
    const lane = ladenLane()
    const asked: string[] = []
    lane.answersLookups = false
    const { facts } = lane
    lane.sense({ entryLoop: 'occupied' })
    lane.hear('E1')
    lane.deliver({ on: 'facts', of: { kind: 'tag', key: 'E1' }, facts: facts('tag', 'E1') })
    asked.push(...(lane.state.passage?.pending ?? []))
    lane.senseLoad(findings.card)
    asked.push(...(lane.state.passage?.pending ?? []))
    t.equal(asked.length, 2)
    t.not(asked[0], asked[1])
    const [first = '', second = ''] = asked.map((name) => name.slice('cargo:'.length))
    lane.deliver({ on: 'cargoFacts', key: first, facts: knownOfTruck })
    t.match(lane.ignored.at(-1), /outdated/)
    t.equal(lane.state.passage?.cargo.facts, null)
    lane.deliver({ on: 'cargoFacts', key: second, facts: knownOfTruck })
    t.not(lane.state.passage?.cargo.facts, null)
    t.same(lane.state.passage?.pending, [])
    t.end()
  },
)

t.test('a lane for cars asks whose company it is when its thresholds differ by class', (t) => {
  const asked = (byClass?: LaneSettings['decision']['byClass']) => {
    const decision = { ...exampleSettings.decision, ...(byClass && { byClass }) }
    const lane = withTruck(ExampleLane.started({ ...exampleSettings, decision }))
    lane.sense({ entryLoop: 'occupied' })
    lane.hear('E1')
    lane.pass(400)
    return lane.state.passage?.cargo.facts?.companies
  }
  t.equal(asked(), undefined)
  t.match(asked({ 3: { tagMissesMax: 1 } }), { C1: { managedClass: 2 } })
  t.end()
})

for (const subject of [
  { kind: 'CONTAINER', key: exampleBox },
  { kind: 'DRIVER', key: 'D1' },
  { kind: 'DECLARATION', key: 'IQ1' },
  { kind: 'COMPANY', key: 'C1' },
] as const) {
  t.test(`an order on the ${subject.kind.toLowerCase()} stops the truck between intent and command`, (t) => {
    const lane = ladenLane()
    const look = lane.control.ordersOn.bind(lane.control)
    lane.control.ordersOn = (keys) => {
      const named = keys.some(({ kind, key }) => kind === subject.kind && key === subject.key)
      return lane.of('barrierIntent').length > 0 && named
        ? [order({ action: 'INTERCEPT', subject })]
        : look(keys)
    }
    comeWithout(lane)
    t.equal(lane.of('barrierIntent').length, 1)
    t.equal(lane.raises.length, 0)
    t.match(lane.of('barrierOutcome').at(-1)?.body, { outcome: 'withdrawn', detail: 'CTL-02' })
    t.equal(lane.at, 'escalated')
    t.same(lane.breaches, [])
    t.end()
  })
}

t.test('an order that comes after the raise is a late objection, also on the container', (t) => {
  const lane = ladenLane()
  comeWithout(lane)
  lane.raiseBar()
  lane.control.replaceOrders([order({ action: 'INTERCEPT' })])
  lane.deliver({ on: 'listsSwitched' })
  t.match(
    lane.of('lateObjection').map(({ body }) => body),
    [{ code: 'CTL-02', orderIds: ['L1'] }],
  )
  t.end()
})

const alarms: readonly (readonly [string, Sensed, string])[] = [
  ['a radiation alarm', { of: 'radiation', is: 'alarm' }, 'RAD-01'],
  ['a fever', { of: 'temperature', is: 'fever' }, 'HLT-01'],
  ['an opened seal', { ...findings.seal, status: 'OPENED' }, 'SEAL-03'],
]
for (const [name, sensed, code] of alarms) {
  t.test(`${name} before the raise stops the truck, and after it is a late objection`, (t) => {
    const before = ladenLane()
    before.sense({ entryLoop: 'occupied' })
    before.senseLoad(sensed)
    before.hear('E1')
    before.hear('E1')
    before.senseLoad(...everything.map((one) => findings[one]))
    before.pass(10_000)
    t.equal(before.raises.length, 0, 'looking again does not unsay it')
    t.equal(primary(before), code)

    const after = ladenLane()
    comeWithout(after)
    after.raiseBar()
    after.senseLoad(sensed)
    t.match(
      after.of('lateObjection').map(({ body }) => body['code']),
      [code],
    )
    t.end()
  })
}

t.test('a radiation alarm is shown to a person who holds the truck for something else', (t) => {
  const lane = ladenLane()
  comeWithout(lane, 'card')
  lane.pass(10_000)
  lane.answer('hold')
  const before = lane.of('escalationOpened').length
  lane.senseLoad({ of: 'radiation', is: 'alarm' })
  t.equal(lane.of('escalationOpened').length, before + 1)
  t.ok((lane.of('escalationOpened').at(-1)?.body['reasons'] as string[]).includes('RAD-01'))
  lane.senseLoad({ of: 'radiation', is: 'alarm' })
  t.equal(lane.of('escalationOpened').length, before + 1, 'once')
  t.end()
})

t.test(
  'who releases a truck that is held for something else says that it goes without its disinfection',
  (t) => {
    const area = exampleArea({ areaCode: 'HK', subjects: ['VEHICLE'], measure: 'DISINFECT' })
    const lane = ladenLane({ areas: [area] })
    comeWithout(lane, 'card')
    lane.pass(10_000)
    t.equal(lane.at, 'escalated')
    t.notMatch(lane.of('decided').at(-1)?.body['decision'], { outcome: 'disinfect' })
    lane.answer('release')
    t.equal(lane.answers.at(-1), 'disinfectionNeedsReason')
    t.same(lane.raises, [])
    lane.answer('release', { reason: 'live fish' })
    t.equal(lane.answers.at(-1), 'accepted')
    t.end()
  },
)
