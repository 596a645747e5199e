import t from 'tap'
import {
  exampleAccount,
  exampleArea,
  exampleBox,
  exampleCompany,
  exampleContainer,
  exampleDeclaration,
  exampleDraw,
  exampleDriver,
  exampleFitness,
  exampleManifest,
  exampleRelease,
  exampleSeal,
  exampleTrip,
  exampleTruck,
} from '../../edge/domain/decision/cargo-examples.js'
import { noCargoFacts, type CargoFacts } from '../../edge/domain/decision/cargo.js'
import { cargoProfiles } from '../../edge/domain/decision/cargo-profiles.js'
import { exampleNowMs, exampleOrder } from '../../edge/domain/decision/examples.js'
import type { DeclarationEntry } from '../../edge/messages/cargo-entities.js'
import { defaultVettingPolicy, planTrip, vet, waitsForRuling, type TripFile } from './predecision.js'

const given = { profile: cargoProfiles.roadInLaden, nowMs: exampleNowMs }

function fileOf(cargo: Partial<CargoFacts> = {}, change: Partial<TripFile> = {}): TripFile {
  return {
    trip: exampleTrip,
    vehicle: exampleTruck,
    orders: [],
    blacklist: [],
    cargo: {
      ...noCargoFacts,
      drivers: { K1: exampleDriver },
      companies: { C1: exampleCompany },
      trip: exampleTrip,
      declarations: {
        CUS1: exampleDeclaration({ declarationNo: 'CUS1', agency: 'CUSTOMS' }),
        IQ1: exampleDeclaration(),
      },
      manifest: exampleManifest,
      containers: { [exampleBox]: exampleContainer },
      releases: [exampleRelease()],
      areas: [],
      seals: { S1: exampleSeal },
      fitness: { [exampleBox]: exampleFitness },
      account: exampleAccount,
      draw: exampleDraw,
      ...cargo,
    },
    ...change,
  }
}

t.test('a trip with all its papers is planned to go, as long as its papers hold', (t) => {
  const plan = planTrip(fileOf(), given)
  t.match(plan, { tripId: 'T1', vehicleId: 'V1', outcome: 'release', primary: 'OK-02', obligations: [] })
  t.equal(plan.validTo, exampleNowMs + 86_400_000)
  t.same(planTrip(fileOf(), given), plan)
  t.end()
})

t.test('what speaks against it is in the plan, and makes another version of what it rests on', (t) => {
  const clear = planTrip(fileOf(), given)
  const cases: [string, TripFile, string][] = [
    ['drawn', fileOf({ draw: { ...exampleDraw, selected: true } }), 'RND-01'],
    ['infected area', fileOf({ areas: [exampleArea({ areaCode: 'HK' })] }), 'QUA-01'],
    [
      'an order',
      fileOf({}, { orders: [exampleOrder({ subject: { kind: 'CONTAINER', key: exampleBox } })] }),
      'CTL-02',
    ],
    ['a release taken back', fileOf({ releases: [exampleRelease({ state: 'REVOKED' })] }), 'CUS-01'],
    ['a driver nobody knows', fileOf({ drivers: {} }), 'ID-10'],
  ]
  for (const [name, file, code] of cases) {
    const plan = planTrip(file, given)
    t.not(plan.outcome, 'release', name)
    t.ok(plan.codes.includes(code), `${name}: ${plan.codes.join()}`)
    t.not(plan.inputsVersion, clear.inputsVersion, name)
  }
  t.end()
})

t.test('the vetting rules what agrees in everything, by the class of the firm', (t) => {
  const declaration = exampleDeclaration({ state: 'ACCEPTED', ruling: null })
  const ask = (file: TripFile, change: Partial<DeclarationEntry> = {}, riskGoods: string[] = []) =>
    vet({ ...declaration, ...change }, file, { ...defaultVettingPolicy, riskGoods }, exampleNowMs)
  const firm = (managedClass: 1 | 2 | 3) => fileOf({ companies: { C1: { ...exampleCompany, managedClass } } })
  const auto = { by: 'auto', ruling: 'NO_INSPECTION' }
  t.same(ask(firm(1), {}, ['TOYS']), auto)
  t.same(ask(firm(2)), auto)
  t.same(ask(firm(2), {}, ['TOYS']), { by: 'person', why: 'goods' })
  t.same(ask(firm(3)), { by: 'person', why: 'class' })
  t.same(ask(fileOf({ companies: { C1: null } })), { by: 'person', why: 'class' })
  const revoked = { ...exampleCompany, registration: 'REVOKED' as const }
  t.same(ask(fileOf({ companies: { C1: revoked } })), { by: 'person', why: 'class' })
  const wrong: [string, TripFile, Partial<DeclarationEntry>][] = [
    ['order', fileOf({}, { orders: [exampleOrder()] }), {}],
    ['direction', fileOf(), { direction: 'out' }],
    ['window', fileOf(), { validTo: exampleNowMs - 1 }],
    ['origin', fileOf(), { originArea: null }],
    ['areas', fileOf({ areas: 'unknown' }), {}],
    ['area', fileOf({ areas: [exampleArea({ areaCode: 'HK' })] }), {}],
    ['wood', fileOf(), { woodPacking: 'unknown' }],
    ['containers', fileOf(), { containers: ['MSKU6011672'] }],
    ['manifest', fileOf({ manifest: null }), {}],
    ['weight', fileOf(), { grossKg: 31_000 }],
  ]
  for (const [why, file, change] of wrong) t.same(ask(file, change), { by: 'person', why })
  const secretly = fileOf({}, { orders: [exampleOrder({ nature: 'SECRET' })] })
  t.same(ask(secretly), auto, 'a ruling that stayed away would tell the firm of a secret order')
  t.end()
})

t.test('what somebody has ruled is never ruled again', (t) => {
  const waits = (change: Partial<DeclarationEntry>) =>
    waitsForRuling(exampleDeclaration({ state: 'ACCEPTED', ruling: null, ...change }), defaultVettingPolicy)
  t.ok(waits({}))
  t.notOk(waits({ ruling: 'INSPECT' }))
  t.notOk(waits({ agency: 'CUSTOMS' }))
  t.notOk(waits({ state: 'REJECTED' }))
  t.end()
})
