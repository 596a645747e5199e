import t from 'tap'
import type { Sensed } from '../../interfaces/reader.js'
import type { ControlOrder } from '../../messages/entities.js'
import type { TripEntry } from '../../messages/cargo-entities.js'
import {
  exampleAccount,
  exampleBox,
  exampleDriver,
  exampleLaden,
  exampleTruck,
} from '../decision/cargo-examples.js'
import { noCargoFacts, type CargoFacts, type Need } from '../decision/cargo.js'
import { exampleNowMs } from '../decision/examples.js'
import { cargoProfiles } from '../decision/cargo-profiles.js'
import { chooseTrip } from '../lists/trip-choice.js'
import { ConsumedBoard } from '../lists/consumed.js'
import { ExampleLane, exampleSettings } from './example-lane.js'
import type { LaneSettings } from './types.js'

const settings: LaneSettings = { ...exampleSettings, profile: cargoProfiles.roadInLaden }
/** What the lists of the example hold of the truck. */
const known: CargoFacts = exampleLaden().facts.cargo ?? noCargoFacts

const findings = {
  card: { of: 'card', cardNo: 'K1' },
  temperature: { of: 'temperature', is: 'normal' },
  radiation: { of: 'radiation', is: 'normal' },
  container: { of: 'container', number: 'TCLU 426544-9', confidence: 0.98 },
  seal: { of: 'seal', sealId: 'S1', status: 'CLOSED', openedAt: null, batteryLow: false },
  weight: { of: 'weight', grossKg: 30_100, stable: true, onScale: true },
} as const satisfies Record<string, Sensed>

function weighed(grossKg: number): Sensed {
  return { of: 'weight', grossKg, stable: true, onScale: true }
}

/** A laden lane in which truck V1 of the examples (here E1, P1) is known, with these facts. */
function ladenLane(facts: Partial<CargoFacts> = {}, needs?: readonly Need[]): ExampleLane {
  const profile = needs === undefined ? settings.profile : { ...settings.profile, needs }
  const lane = ExampleLane.started({ ...settings, profile })
  return withTruck(lane, facts)
}

function withTruck(lane: ExampleLane, facts: Partial<CargoFacts> = {}): ExampleLane {
  lane.facts = (kind, key) => {
    const isTruck = key === 'E1' || key === 'P1'
    if (!isTruck) return { tag: null, vehicle: null }
    const tag = { kind: 'tag', epc: 'E1', state: 'ACTIVE', vehicleId: 'V1' } as const
    const vehicle = { ...exampleTruck, plates: [{ region: 'CN', text: 'P1' } as const] }
    return { tag: kind === 'tag' ? tag : null, vehicle }
  }
  lane.cargoFacts = (ask) =>
    ask.vehicleId === 'V1' && ask.direction === 'in'
      ? { ...known, drivers: ask.driverCards.includes('K1') ? { K1: exampleDriver } : {}, ...facts }
      : noCargoFacts
  // The wall of the examples starts at eight, as the facts do.
  return lane
}

type Finding = keyof typeof findings
const everything = Object.keys(findings) as Finding[]

/** The truck comes to the line with everything sensed but what is left out. */
function comeWithout(lane: ExampleLane, ...left: readonly Finding[]): void {
  lane.sense({ entryLoop: 'occupied' })
  lane.hear('E1')
  lane.hear('E1')
  lane.senseLoad(...everything.filter((one) => !left.includes(one)).map((one) => findings[one]))
  lane.pass(400)
}

const order: ControlOrder = {
  kind: 'order',
  orderId: 'O1',
  agency: 'IQ',
  subject: { kind: 'CONTAINER', key: exampleBox },
  action: 'INTERCEPT',
  nature: 'OPEN',
  level: 2,
  reason: '',
  validFrom: 0,
  maxHits: 0,
  issuedBy: 'chen',
}

function primary(lane: ExampleLane): string {
  const decision = lane.of('decided').at(-1)?.body['decision'] as { primary: string } | undefined
  return decision?.primary ?? 'none'
}

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
    lane.deliver({ on: 'cargoFacts', key: first, facts: known })
    t.match(lane.ignored.at(-1), /outdated/)
    t.equal(lane.state.passage?.cargo.facts, null)
    lane.deliver({ on: 'cargoFacts', key: second, facts: known })
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

t.test('a truck that is too heavy is weighed again once, and then held', (t) => {
  const lane = ladenLane()
  lane.sense({ entryLoop: 'occupied' })
  lane.hear('E1')
  lane.hear('E1')
  lane.senseLoad(findings.card, findings.temperature, findings.container, findings.seal, weighed(33_000))
  lane.pass(10_000)
  t.equal(lane.at, 'escalated')
  t.match(
    lane.done.findLast((effect) => effect.do === 'guide'),
    { prompt: 'prompt.reweigh' },
  )
  lane.senseLoad(weighed(33_000))
  t.equal(primary(lane), 'WGT-02')
  t.match(lane.of('decided').at(-1)?.body['decision'], { outcome: 'hold' })
  t.match(lane.state.passage?.cargo.seen.weight, { tries: 2, earlierKg: [33_000] })
  lane.senseLoad(weighed(30_000))
  t.equal(lane.raises.length, 0, 'a hold is not undone by weighing until it fits')
  t.end()
})

t.test('who is weighed too heavy is asked to the scale again at once, and told to wait when it fits', (t) => {
  const lane = ladenLane()
  const shown = () => lane.done.findLast((effect) => effect.do === 'guide')
  comeWithout(lane, 'weight', 'temperature')
  lane.senseLoad(weighed(33_000))
  lane.pass(2_000)
  t.equal(lane.at, 'identifying')
  t.match(shown(), { light: 'red', prompt: 'prompt.reweigh' })
  lane.senseLoad(findings.weight)
  t.equal(lane.at, 'identifying', 'its driver is still to be measured')
  t.match(shown(), { light: 'red', prompt: 'prompt.wait' })
  t.end()
})

t.test(
  'a driver is reminded of a low account and of an early end of his certificate once the bar is up',
  (t) => {
    const day = 86_400_000
    const poor = { ...exampleAccount, balanceFen: 100 }
    const due = { ...exampleDriver, healthCertificateValidTo: exampleNowMs + 20 * day }
    const lane = ladenLane({ account: poor, drivers: { K1: due } })
    comeWithout(lane)
    const guided = () => lane.done.flatMap((effect) => (effect.do === 'guide' ? [effect.prompt] : []))
    t.equal(guided().at(-1), 'prompt.pass')
    lane.raiseBar()
    t.equal(guided().at(-1), 'prompt.topUp')
    lane.driveThrough()
    t.same(
      guided().filter((prompt) => /topUp|healthSoon/.test(prompt)),
      ['prompt.topUp', 'prompt.healthSoon'],
    )
    t.end()
  },
)

t.test('a truck that was badly weighed goes when the second weighing is right', (t) => {
  const lane = ladenLane()
  comeWithout(lane, 'weight')
  lane.senseLoad({ of: 'weight', grossKg: null, stable: false, onScale: true })
  lane.pass(10_000)
  t.equal(lane.at, 'escalated')
  lane.senseLoad(findings.weight)
  t.equal(lane.raises.length, 1)
  t.equal(lane.of('passageOpened').length, 1, 'on the same passage')
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
      return lane.of('barrierIntent').length > 0 && named ? [{ ...order, subject }] : look(keys)
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
  lane.control.replaceOrders([order])
  lane.deliver({ on: 'listsSwitched' })
  t.match(
    lane.of('lateObjection').map(({ body }) => body),
    [{ code: 'CTL-02', orderIds: ['O1'] }],
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

t.test('the same papers do not serve a second truck, in this lane or the one beside it', (t) => {
  const lane = ladenLane()
  comeWithout(lane)
  lane.raiseBar()
  const beside = withTruck(new ExampleLane({ ...settings, id: 'lane-2', idPrefix: 'edge-1.k3f9.lane-2' }))
  beside.consumed = lane.consumed
  beside.start()
  beside.sense({})
  comeWithout(beside)
  beside.pass(10_000)
  t.equal(beside.raises.length, 0, 'while the first is still under the bar')
  t.equal(primary(beside), 'DOC-04')

  lane.driveThrough()
  lane.pass(60_000)
  comeWithout(lane)
  lane.pass(10_000)
  t.equal(lane.raises.length, 1, 'nor when it has gone')
  t.equal(lane.at, 'escalated')
  t.end()
})

t.test('a truck that backs out before the bar is up has used nothing, and goes when it comes again', (t) => {
  const lane = ladenLane()
  lane.order({ do: 'setMode', mode: 'ATTENDED' })
  comeWithout(lane)
  lane.sense({ entryLoop: 'clear' })
  lane.pass(5_000)
  t.equal(lane.of('consumed').length + lane.of('perhapsConsumed').length, 0)
  lane.order({ do: 'setMode', mode: 'AUTO' })
  comeWithout(lane)
  lane.pass(10_000)
  t.equal(lane.raises.length, 1)
  t.end()
})

t.test('what a truck used that nobody saw clear the lane is in doubt, and serves nobody', (t) => {
  const lane = ladenLane()
  comeWithout(lane)
  lane.raiseBar()
  lane.sense({ entryLoop: 'clear' })
  lane.pass(5_000)
  t.match(
    lane.of('perhapsConsumed').map(({ body }) => body['tripId']),
    ['T1'],
  )
  t.equal(lane.of('consumed').length, 0)
  lane.order({ do: 'closePassage', passageId: lane.state.previous.passageId ?? '' })
  comeWithout(lane)
  lane.pass(10_000)
  t.equal(lane.raises.length, 1)
  t.end()
})

t.test('killed between raise and clearing, the papers are used up by what the journal says', (t) => {
  const lane = ladenLane()
  comeWithout(lane)
  lane.raiseBar()
  lane.signals = { ...lane.signals, exitLoop: 'clear', entryLoop: 'clear', exitCount: 1, barrier: 'lowered' }
  lane.consumed = new ConsumedBoard()
  lane.restart()
  t.match(
    lane.of('consumed').map(({ body }) => body['tripId']),
    ['T1'],
  )
  t.equal(lane.of('passageEnded').at(-1)?.body['how'], 'cleared')
  comeWithout(lane)
  lane.pass(10_000)
  t.equal(lane.raises.length, 1, 'not twice')
  t.end()
})

t.test('after a restart a truck that still stands there is judged by what was sensed before', (t) => {
  const lane = ladenLane()
  lane.sense({ entryLoop: 'occupied' })
  lane.hear('E1')
  lane.hear('E1')
  lane.senseLoad(...everything.map((one) => findings[one]))
  const seen = lane.state.passage?.cargo.seen
  lane.restart()
  t.same(lane.state.passage?.cargo.seen, seen)
  lane.pass(10_000)
  t.equal(lane.raises.length, 1)
  t.end()
})

t.test('after a restart another truck in its place has nothing sensed of it', (t) => {
  const lane = ladenLane()
  comeWithout(lane, 'card')
  lane.signals = { ...lane.signals, entryCount: (lane.signals.entryCount ?? 0) + 1 }
  lane.restart()
  lane.hear('E1')
  lane.hear('E1')
  lane.senseLoad(findings.card)
  lane.pass(10_000)
  t.equal(lane.state.passage?.cargo.seen.containers, null)
  t.equal(lane.raises.length, 0)
  t.end()
})

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
  const { driverId: _anybody, ...trip } = known.trip as TripEntry
  const lane = ladenLane({
    trip,
    drivers: { K1: exampleDriver, K2: { ...exampleDriver, driverId: 'D2', cardNo: 'K2' } },
  })
  lane.control.replaceOrders([{ ...order, subject: { kind: 'DRIVER', key: 'D1' } }])
  comeWithout(lane, 'card', 'weight')
  lane.senseLoad(findings.card, { of: 'card', cardNo: 'K2' }, findings.weight)
  lane.pass(10_000)
  t.equal(primary(lane), 'CTL-02')
  t.end()
})

t.test(
  'of several trips the one that agrees best with the containers read is meant, or none can be told',
  (t) => {
    const base = known.trip as TripEntry
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
  const trips = [known.trip as TripEntry, { ...(known.trip as TripEntry), tripId: 'T2' }]
  const lane = ladenLane({ trip: chooseTrip(trips, 'in', [exampleBox]) })
  comeWithout(lane)
  lane.pass(10_000)
  t.equal(lane.raises.length, 0)
  t.equal(lane.at, 'escalated')
  t.end()
})
