import t from 'tap'
import type { CompanyEntry, DriverEntry } from '../../messages/cargo-entities.js'
import type { VehicleEntry } from '../../messages/entities.js'
import {
  exampleCompany,
  exampleDriver,
  exampleLaden,
  exampleTruck,
  type LadenChange,
} from './cargo-examples.js'
import { cargoProfiles } from './cargo-profiles.js'
import { decide, patienceMs } from './decide.js'
import {
  exampleCar,
  exampleHeard,
  exampleInputs,
  exampleNowMs,
  examplePlate,
  exampleTag,
} from './examples.js'
import { defaultPolicy } from './profiles.js'
import type { DecisionInputs, LaneProfile } from './types.js'

const { roadInLaden, seaInLaden } = cargoProfiles
const needless: LaneProfile = { ...roadInLaden, needs: [] }
const untrusted: DecisionInputs['now'] = { wallMs: exampleNowMs, clockQuality: 'untrusted' }

const driverIs = (change: Partial<DriverEntry>): LadenChange => ({
  known: { drivers: { K1: { ...exampleDriver, ...change } } },
})
const companyIs = (change: Partial<CompanyEntry>): LadenChange => ({
  known: { companies: { C1: { ...exampleCompany, ...change } } },
})
/** The truck with members taken away. */
function truckWithout(...names: readonly (keyof VehicleEntry)[]): LadenChange {
  const kept = Object.entries(exampleTruck).filter(([name]) => !names.some((gone) => gone === name))
  const truck: VehicleEntry = JSON.parse(JSON.stringify(Object.fromEntries(kept)))
  return { facts: { vehicles: { V1: truck } } }
}
const trailer: VehicleEntry = {
  ...exampleCar,
  vehicleId: 'V3',
  vehicleKind: 'TRAILER',
  plates: [{ region: 'CN', text: '粤B3333挂' }],
  permit: 'REVOKED',
}
const withTrailer: LadenChange = {
  tags: [exampleHeard(), exampleHeard({ epc: 'E3', tid: null })],
  facts: {
    tags: { E1: exampleTag(), E3: exampleTag({ epc: 'E3', vehicleId: 'V3' }) },
    vehicles: { V1: exampleTruck, V3: trailer },
  },
}
const noCard = (presentForMs: number): LadenChange => ({
  seen: { driverCard: null },
  senses: { presentForMs },
})

const scenes: readonly (readonly [
  what: string,
  change: LadenChange,
  said: readonly string[],
  profile?: LaneProfile,
])[] = [
  ['a truck against which nothing speaks', {}, []],
  ['a permit revoked', { truck: { permit: 'REVOKED' } }, ['15 ID-09 hold']],
  [
    'a permit revoked counts wherever nobody needs one',
    { truck: { permit: 'REVOKED' } },
    ['15 ID-09 hold'],
    needless,
  ],
  ['a permit revoked is no matter of the seaport', { truck: { permit: 'REVOKED' } }, [], seaInLaden],
  ['no permit registered', truckWithout('permit', 'permitValidTo'), ['15 ID-09 hold']],
  ['no permit registered, where nobody needs one', truckWithout('permit'), [], needless],
  ['the last millisecond of a permit', { truck: { permitValidTo: exampleNowMs } }, []],
  ['a permit that has ended', { truck: { permitValidTo: exampleNowMs - 1 } }, ['15 ID-09 hold']],
  ['a permit without an end', truckWithout('permitValidTo'), []],
  ['a permit of a trailer revoked', withTrailer, ['15 ID-09 hold']],
  ['a company revoked', companyIs({ registration: 'REVOKED' }), ['15 ID-09 hold']],
  ['a company that is not on record', { known: { companies: { C1: null } } }, ['15 ID-09 hold']],
  [
    'a company that is not on record, where nobody needs it',
    { known: { companies: { C1: null } } },
    [],
    needless,
  ],
  ['a company of which nothing is known', { known: { companies: {} } }, ['15 SYS-02 escalate']],
  ['a company of which nothing is known or needed', { known: { companies: {} } }, [], needless],
  ['a truck that belongs to no company', truckWithout('companyId'), []],
  ['a registration that has ended', companyIs({ registrationValidTo: exampleNowMs - 1 }), ['15 ID-09 hold']],
  [
    'a permit revoked and a company that nobody knows: both',
    { truck: { permit: 'REVOKED' }, known: { companies: {} } },
    ['15 ID-09 hold', '15 SYS-02 escalate'],
  ],
  ['a card that nobody has', { known: { drivers: { K1: null } } }, ['16 ID-10 hold']],
  [
    'a card that nobody has, where nobody needs one',
    { known: { drivers: { K1: null } } },
    ['16 ID-10 hold'],
    needless,
  ],
  ['a driver suspended', driverIs({ state: 'SUSPENDED' }), ['16 ID-10 hold']],
  ['a driver of other vehicles', driverIs({ vehicleIds: ['V2', 'V3'] }), ['16 ID-10 hold']],
  ['a driver of several vehicles', driverIs({ vehicleIds: ['V2', 'V1'] }), []],
  ['a trip of another driver', { trip: { driverId: 'D2' } }, ['16 ID-10 hold']],
  ['a driver at the seaport', { trip: { driverId: 'D2' } }, [], seaInLaden],
  ['the last millisecond of a licence', driverIs({ licenceValidTo: exampleNowMs }), []],
  ['a licence that has ended', driverIs({ licenceValidTo: exampleNowMs - 1 }), ['16 ID-10 hold']],
  [
    'a licence that has ended, where nobody needs a driver',
    driverIs({ licenceValidTo: exampleNowMs - 1 }),
    ['16 ID-10 hold'],
    needless,
  ],
  ['no card yet', noCard(7_999), ['16 ID-10 escalate']],
  ['no card in the end', noCard(8_000), ['16 ID-10 hold']],
  ['no card, where nobody needs one', noCard(8_000), [], needless],
  ['border police says no', { known: { police: 'NO' } }, ['17 POL-01 hold']],
  ['border police says no, unasked', { known: { police: 'NO' } }, ['17 POL-01 hold'], needless],
  ['border police was not asked', { known: { police: null } }, ['17 SYS-04 escalate']],
  ['border police does not answer', { known: { police: 'unknown' } }, ['17 SYS-04 escalate']],
  ['border police does not answer, unasked', { known: { police: 'unknown' } }, [], needless],
  [
    'by a clock that is not trusted nothing is valid, and nothing has ended',
    {
      ...driverIs({ licenceValidTo: exampleNowMs - 1 }),
      truck: { permitValidTo: exampleNowMs - 1 },
      now: untrusted,
    },
    ['15 SYS-03 escalate', '16 SYS-03 escalate'],
  ],
  ['a clock that is not trusted, where neither is needed', { now: untrusted }, [], needless],
  [
    'whoever is revoked is so by any clock',
    { truck: { permit: 'REVOKED' }, now: untrusted },
    ['15 ID-09 hold', '15 SYS-03 escalate', '16 SYS-03 escalate'],
  ],
]

for (const [what, change, said, profile = roadInLaden] of scenes) {
  t.test(`${what}: ${said.join(', ') || 'nothing'}`, (t) => {
    const { reasons } = decide(withTruck(exampleLaden(change, profile), change))
    const heard = reasons
      .filter(({ row }) => row >= 15 && row <= 17)
      .map(({ row, code, outcome }) => `${row} ${code} ${outcome}`)
    t.same([...new Set(heard)], said)
    t.end()
  })
}

/** Facts of vehicles that a scene names stand as they are. */
function withTruck(inputs: DecisionInputs, { facts }: LadenChange): DecisionInputs {
  const vehicles = { ...inputs.facts.vehicles, ...facts?.vehicles }
  return { ...inputs, facts: { ...inputs.facts, vehicles } }
}

t.test('the card that is awaited is asked for on the board, and waited for', (t) => {
  const inputs = exampleLaden(noCard(400))
  t.match(decide(inputs), { outcome: 'escalate', primary: 'ID-10', prompt: 'prompt.presentCard' })
  t.equal(patienceMs(inputs), 7_600)
  t.equal(patienceMs(exampleLaden(noCard(8_000))), 0)
  t.equal(patienceMs(exampleLaden({ ...noCard(400), known: { police: 'NO' } })), 0, 'a hold is not')
  t.end()
})

t.test('nothing of the police’s reason gets into the record, and the driver is sent to its desk', (t) => {
  const decision = decide(exampleLaden({ known: { police: 'NO' } }))
  t.match(decision, { primary: 'POL-01', prompt: 'prompt.borderPolice' })
  t.same(decision.reasons.find((reason) => reason.code === 'POL-01')?.evidence, {})
  t.end()
})

t.test('nothing is asked of a driver or permit while nobody knows which vehicle it is', (t) => {
  const inputs = exampleLaden({ tags: [], plates: [] })
  t.same(
    decide(inputs).reasons.filter(({ row }) => row === 15 || row === 16),
    [],
  )
  t.equal(patienceMs(inputs), 7_600, 'so that its tag is waited for')
  t.end()
})

t.test('a car whose permit is revoked is held in a lane for cars', (t) => {
  const car: VehicleEntry = { ...exampleCar, permit: 'REVOKED' }
  t.match(decide(exampleInputs({ facts: { vehicles: { V1: car } } })), { outcome: 'hold', primary: 'ID-09' })
  t.end()
})

t.test('row 14: a plate that the lists never answered on may be another vehicle’s, set or no set', (t) => {
  const plates = [examplePlate('粤Z1234港'), examplePlate('AB1234')]
  const known = { 粤Z1234港: 'V1', AB1234: 'V1' }
  const byPlates = (of: Record<string, string>) =>
    decide(exampleInputs({ tags: [], plates, facts: { plates: of } }))
  t.equal(byPlates(known).outcome, 'release')
  t.match(byPlates({ ...known, AB1234: 'unknown' }).reasons, [{ row: 14, outcome: 'escalate' }])
  t.end()
})

t.test('one read of a tag does not make a vehicle where readers repeat, unless its plate was seen', (t) => {
  const policy = { ...defaultPolicy, tagReadsMin: 2 }
  const once = [exampleHeard({ count: 1, presence: 'glimpsed' })]
  const faint = exampleInputs({ policy, tags: once, plates: [] })
  t.match(decide(faint), { outcome: 'escalate', primary: 'ID-08' })
  t.ok(patienceMs(faint) > 0, 'it is heard again first')
  t.equal(decide(exampleInputs({ policy, tags: once })).outcome, 'release', 'its plate was seen')
  t.equal(decide(exampleInputs({ policy, plates: [] })).outcome, 'release', 'heard often')
  t.equal(decide(exampleInputs({ tags: once, plates: [] })).outcome, 'release', 'readers that report once')
  const strange = exampleInputs({ policy, tags: once, plates: [examplePlate('粤B00000')] })
  t.not(decide(strange).outcome, 'release')
  t.end()
})
