import t from 'tap'
import type { VehicleEntry } from '../../messages/entities.js'
import type { WeightObservation } from './cargo.js'
import {
  exampleCompany,
  exampleContainer,
  exampleBox,
  exampleLaden,
  exampleTruck,
  type LadenChange,
} from './cargo-examples.js'
import { cargoProfiles } from './cargo-profiles.js'
import { decide, patienceMs } from './decide.js'
import { exampleCar, exampleHeard, exampleTag } from './examples.js'
import { profiles } from './profiles.js'
import type { LaneProfile } from './types.js'

const { roadInLaden, roadInEmpty, roadInAny } = cargoProfiles
const judged = (change: LadenChange, profile: LaneProfile = roadInLaden) =>
  decide(exampleLaden(change, profile))
const spoken = (change: LadenChange, profile?: LaneProfile) =>
  judged(change, profile).reasons.map((reason) => `${reason.row} ${reason.code} ${reason.outcome}`)
const ofWeight = (change: LadenChange, profile?: LaneProfile) =>
  spoken(change, profile).filter((line) => /^(59|6[0-3]) /.test(line))

function scale(grossKg: number | null, change: Partial<WeightObservation> = {}): LadenChange {
  return { seen: { weight: { grossKg, stable: true, onScale: true, tries: 1, ...change } } }
}
const again = { tries: 2 } as const
const expecting = (expectedGrossKg: number, measured: LadenChange): LadenChange => ({
  ...measured,
  trip: { expectedGrossKg },
})
/** The truck with one member taken away. */
function truckWithout(name: keyof VehicleEntry, entry: VehicleEntry = exampleTruck): VehicleEntry {
  const { [name]: _, ...rest } = entry
  const kept: VehicleEntry = JSON.parse(JSON.stringify(rest))
  return kept
}
const untared: LadenChange = { facts: { vehicles: { V1: truckWithout('tareKg') } } }
const classOne: LadenChange = { known: { companies: { C1: { ...exampleCompany, managedClass: 1 } } } }

/** What is said of an expected weight and a measured one, first and second time. */
const bounds: readonly (readonly [expectedKg: number, measuredKg: number, isOff: boolean])[] = [
  // 3 % of 30 t is 900 kg.
  [30_000, 30_900, false],
  [30_000, 30_901, true],
  [30_000, 29_100, false],
  [30_000, 29_099, true],
  // Below 10 t the 300 kg are more.
  [9_000, 9_300, false],
  [9_000, 9_301, true],
  [9_000, 8_700, false],
  [9_000, 8_699, true],
  [10_000, 10_300, false],
  [10_000, 10_301, true],
]

for (const [expectedKg, measuredKg, isOff] of bounds) {
  t.test(`${measuredKg} kg where ${expectedKg} kg are expected is ${isOff ? 'off' : 'right'}`, (t) => {
    const first = expecting(expectedKg, scale(measuredKg))
    t.same(ofWeight(first), isOff ? ['60 WGT-02 escalate'] : [])
    const second = expecting(expectedKg, scale(measuredKg, again))
    t.same(ofWeight(second), isOff ? ['60 WGT-02 hold'] : [])
    t.equal(judged(second).outcome, isOff ? 'hold' : 'release')
    t.end()
  })
}

t.test('a weight that is off is weighed again before anybody is held for it', (t) => {
  const first = judged(scale(32_400))
  t.match(first, { outcome: 'escalate', primary: 'WGT-02', prompt: 'prompt.reweigh' })
  t.equal(patienceMs(exampleLaden(scale(32_400))), 7_600, 'a second weight may still come')
  const second = judged(scale(32_380, { ...again, earlierKg: [32_400] }))
  t.match(second, { outcome: 'hold', primary: 'WGT-02', prompt: 'prompt.weight' })
  t.equal(patienceMs(exampleLaden(scale(32_380, again))), 0)
  t.same(second.reasons[0]?.evidence, {
    grossKg: '32380',
    earlierKg: '32400',
    expectedKg: '30000',
    limitKg: '900',
    offKg: '2380',
    tries: '2',
  })
  t.match(judged(scale(30_100, { ...again, earlierKg: [32_400] })), { outcome: 'release' })
  t.end()
})

t.test('a scale that gives no weight is tried again, and then a person comes', (t) => {
  for (const unfit of [{ stable: false }, { onScale: false }] as const) {
    t.match(judged(scale(30_000, unfit)), {
      outcome: 'escalate',
      primary: 'WGT-01',
      prompt: 'prompt.reweigh',
    })
    t.match(judged(scale(30_000, { ...unfit, ...again })), { primary: 'WGT-01', prompt: 'prompt.wait' })
  }
  t.same(ofWeight(scale(null)), ['59 WGT-01 escalate'])
  t.same(ofWeight({ seen: { weight: null } }), ['59 SYS-01 escalate'])
  t.same(ofWeight(scale(30_000, { onScale: 'unknown' })), ['59 SYS-01 escalate'])
  t.ok(patienceMs(exampleLaden({ seen: { weight: null } })) > 0)
  t.end()
})

t.test('a truck half on the scale is not held for its weight', (t) => {
  t.same(ofWeight(scale(60_000, { onScale: false })), ['59 WGT-01 escalate'])
  t.end()
})

/** 9 000 kg of vehicle and 3 800 kg of container; 5 % of that is 640 kg. */
const empties: readonly (readonly [
  what: string,
  change: LadenChange,
  profile: LaneProfile,
  isOver: boolean,
])[] = [
  ['an empty container, at the bound', scale(13_440), roadInEmpty, false],
  ['an empty container, a kilogram more', scale(13_441), roadInEmpty, true],
  ['an empty container 900 kg too heavy', scale(13_700), roadInEmpty, true],
  ['an empty container lighter than registered', scale(11_000), roadInEmpty, false],
  [
    'a truck without a container, at the bound',
    { ...scale(9_450), trip: { load: 'V', containers: [] } },
    roadInAny,
    false,
  ],
  [
    'a truck without a container, a kilogram more',
    { ...scale(9_451), trip: { load: 'V', containers: [] } },
    roadInAny,
    true,
  ],
]

for (const [what, change, profile, isOver] of empties) {
  t.test(`${what}: ${isOver ? 'a hidden load' : 'nothing hidden'}`, (t) => {
    t.same(ofWeight(change, profile), isOver ? ['61 WGT-03 hold'] : [])
    t.end()
  })
}

t.test('a light vehicle may be 300 kg off its tare', (t) => {
  const light = { ...exampleTruck, tareKg: 2_000 }
  const at = (grossKg: number) =>
    ofWeight(
      { ...scale(grossKg), facts: { vehicles: { V1: light } }, trip: { load: 'V', containers: [] } },
      roadInAny,
    )
  t.same(at(2_300), [])
  t.same(at(2_301), ['61 WGT-03 hold'])
  t.end()
})

const trailer: VehicleEntry = {
  ...exampleCar,
  vehicleId: 'V3',
  vehicleKind: 'TRAILER',
  plates: [{ region: 'CN', text: '粤B3333挂' }],
  permit: 'VALID',
  tareKg: 6_000,
}

t.test('the trailer stands on the scale too, whether it was read or the trip names it', (t) => {
  const read: LadenChange = {
    tags: [exampleHeard(), exampleHeard({ epc: 'E3', tid: null })],
    facts: {
      tags: { E1: exampleTag(), E3: exampleTag({ epc: 'E3', vehicleId: 'V3' }) },
      vehicles: { V1: exampleTruck, V3: trailer },
    },
  }
  const named: LadenChange = { trip: { trailerVehicleId: 'V3' }, facts: read.facts ?? {} }
  for (const change of [read, named, { ...read, ...named }]) {
    t.same(ofWeight({ ...change, ...scale(19_700) }, roadInEmpty), [])
    t.same(ofWeight({ ...change, ...scale(19_741) }, roadInEmpty), ['61 WGT-03 hold'])
  }
  const nobody: LadenChange = { trip: { trailerVehicleId: 'V9' }, ...scale(12_800) }
  t.same(ofWeight(nobody, roadInEmpty), ['61 SYS-02 escalate'], 'a trailer that cannot be told')
  const tareless = { V1: exampleTruck, V3: truckWithout('tareKg', trailer) }
  const bare: LadenChange = { trip: { trailerVehicleId: 'V3' }, facts: { vehicles: tareless } }
  t.same(ofWeight({ ...bare, ...scale(12_800) }, roadInEmpty), ['63 WGT-05 escalate'])
  t.end()
})

t.test('heavy, and nobody knows whether it was to be empty: a person comes', (t) => {
  const contradicting: LadenChange = { trip: { load: 'E' }, ...scale(30_000) }
  t.ok(ofWeight(contradicting, roadInLaden).includes('61 SYS-02 escalate'))
  t.notOk(ofWeight(contradicting, roadInLaden).includes('61 WGT-03 hold'))
  t.end()
})

t.test('nobody is let go above the legal gross weight, at once and on whatever lane', (t) => {
  t.same(ofWeight(expecting(49_000, scale(49_000))), [])
  t.match(judged(expecting(49_000, scale(49_001))), {
    outcome: 'hold',
    primary: 'WGT-04',
    prompt: 'prompt.overweight',
  })
  t.ok(ofWeight(scale(49_001), profiles.roadInNoBoxTruck).includes('62 WGT-04 hold'))
  const illegal: LadenChange = { facts: { vehicles: { V1: truckWithout('legalGrossKg') } } }
  t.same(ofWeight(illegal), ['62 SYS-02 escalate'])
  t.same(ofWeight(illegal, { ...roadInLaden, needs: [] }), [])
  t.end()
})

t.test('without a registered tare a person comes, but class 1 firms go on', (t) => {
  t.match(judged(untared), { outcome: 'escalate', primary: 'WGT-05', advisories: [] })
  t.match(judged({ ...untared, ...classOne }), { outcome: 'release', advisories: ['TARE_UNKNOWN'] })
  const unknown = { ...untared, known: { companies: {} } }
  t.ok(ofWeight(unknown).includes('63 WGT-05 escalate'), 'a firm of unknown class is not class 1')
  const box: LadenChange = { known: { ...classOne.known, containers: {} }, ...scale(12_800) }
  t.ok(ofWeight(box, roadInEmpty).includes('61 SYS-02 escalate'), 'what cannot be told is told for nobody')
  const { tareKg: _, ...bare } = exampleContainer
  const known = { ...classOne.known, containers: { [exampleBox]: bare } }
  t.same(ofWeight({ known, ...scale(12_800) }, roadInEmpty), [])
  t.end()
})

t.test('a lane that needs no weight holds for one that is wrong, and for none that is missing', (t) => {
  const needless: LaneProfile = { ...roadInLaden, needs: [] }
  t.same(ofWeight(scale(32_400, again), needless), ['60 WGT-02 hold'])
  for (const change of [{ seen: { weight: null } }, scale(null), scale(1, { stable: 'unknown' }), untared])
    t.same(ofWeight(change, needless), [])
  t.end()
})
