import t from 'tap'
import type { DeclarationEntry } from '../../messages/cargo-entities.js'
import type { Need } from './cargo.js'
import {
  exampleArea,
  exampleBox,
  exampleCompany,
  exampleDeclaration,
  exampleLaden,
  exampleManifest,
  exampleRelease,
  exampleTerminalOrder,
  type LadenChange,
} from './cargo-examples.js'
import { cargoProfiles, type CargoProfileName } from './cargo-profiles.js'
import { otherBox } from './cargo-mutations.js'
import { decide } from './decide.js'
import { exampleNowMs } from './examples.js'
import { missingForRelease } from './release-needs.js'
import type { LaneProfile } from './types.js'
import { viewOf } from './view.js'

const hourMs = 3_600_000
const bare: LadenChange = {
  seen: { weight: { grossKg: 12_800, stable: true, onScale: true, tries: 1 }, seals: [] },
  trip: { sealIds: [], needsFitness: false },
}
const judged = (name: CargoProfileName, change: LadenChange = {}) =>
  decide(exampleLaden(change, cargoProfiles[name]))
/** Asked of the release alone, whatever the rules say that object. */
const missing = (change: LadenChange, profile: LaneProfile = cargoProfiles.roadInLaden, isTreated = false) =>
  missingForRelease(viewOf(exampleLaden(change, profile)), isTreated)

const lanes: readonly (readonly [name: CargoProfileName, change: LadenChange, code: string])[] = [
  ['roadInLaden', {}, 'OK-02'],
  ['roadOutLaden', {}, 'OK-02'],
  ['roadInAny', {}, 'OK-02'],
  ['roadOutAny', {}, 'OK-02'],
  ['seaInLaden', {}, 'OK-03'],
  ['seaInEmpty', bare, 'OK-04'],
  ['seaOutEmpty', bare, 'OK-04'],
  ['roadInEmpty', bare, 'OK-04'],
  ['roadOutEmpty', bare, 'OK-04'],
  ['seaOutLaden', {}, 'OK-05'],
  ['seaOutLadenNoWood', {}, 'OK-05'],
]

for (const [name, change, code] of lanes) {
  t.test(`a clear truck in the lane ${name} goes by ${code}`, (t) => {
    const decision = judged(name, change)
    t.match(decision, { outcome: 'release', primary: code, prompt: 'prompt.pass', obligations: [] })
    t.equal(decision.reasons.length, 1)
    t.same(decision.reasons[0]?.evidence, { vehicle: 'V1', by: 'tag', trip: 'T1' })
    t.end()
  })
}

t.test('the lane that opens every empty container releases none', (t) => {
  t.match(judged('seaOutEmptyOpened', bare), { outcome: 'hold', primary: 'QUA-06' })
  t.same(missing(bare, cargoProfiles.seaOutEmptyOpened), ['lookedInto'])
  t.end()
})

t.test('a truck without a container goes through a lane for any load, and shows no container', (t) => {
  const bobtail: LadenChange = {
    trip: { load: 'V', containers: [], declarationNos: [], sealIds: [], needsFitness: false },
    seen: { weight: { grossKg: 9_100, stable: true, onScale: true, tries: 1 }, seals: [], containers: [] },
  }
  t.match(judged('roadInAny', bobtail), { outcome: 'release', primary: 'OK-01' })
  const boxed = { ...bobtail, seen: { ...bobtail.seen, containers: [{ number: otherBox, confidence: 0.4 }] } }
  t.match(judged('roadInAny', boxed), { outcome: 'escalate', primary: 'SYS-06' })
  t.end()
})

t.test('an empty container for food goes with a check of its fitness to be done', (t) => {
  const food = { ...bare, trip: { sealIds: [], needsFitness: true } }
  t.match(judged('seaOutEmpty', food), { outcome: 'release', obligations: ['FITNESS_CHECK'] })
  t.end()
})

const declared = (change: Partial<DeclarationEntry>, no: 'IQ1' | 'CUS1' = 'IQ1'): LadenChange => ({
  known: {
    declarations: {
      CUS1: exampleDeclaration({ declarationNo: 'CUS1', agency: 'CUSTOMS' }),
      IQ1: exampleDeclaration(),
      [no]: exampleDeclaration({
        declarationNo: no,
        agency: no === 'IQ1' ? 'IQ' : 'CUSTOMS',
        ...change,
      }),
    },
  },
})

/** What the release itself misses, with no help of the rules that object. */
const lacks: readonly (readonly [what: string, change: LadenChange, needs: readonly Need[]])[] = [
  ['a permit that ended', { truck: { permitValidTo: exampleNowMs - 1 } }, ['permit']],
  ['a permit taken back', { truck: { permit: 'REVOKED' } }, ['permit']],
  [
    'a company struck off',
    { known: { companies: { C1: { ...exampleCompany, registration: 'REVOKED' } } } },
    ['permit'],
  ],
  ['no word of the police', { known: { police: null } }, ['police']],
  ['no temperature', { seen: { temperature: null } }, ['temperature']],
  ['no card', { seen: { driverCard: null } }, ['driver']],
  ['a trip used before', { trip: { crossedAt: exampleNowMs } }, ['trip']],
  ['a trip the other way', { trip: { direction: 'out' } }, ['trip']],
  ['a trip of another vehicle', { trip: { vehicleId: 'V2' } }, ['trip']],
  ['the last of three trucks, come second', { trip: { documentTrucks: { total: 3, arrived: 1 } } }, ['trip']],
  ['a container that was not read', { seen: { containers: [] } }, ['container']],
  [
    'a container too many',
    {
      seen: {
        containers: [
          { number: exampleBox, confidence: 1 },
          { number: otherBox, confidence: 0.3 },
        ],
      },
    },
    ['container'],
  ],
  [
    'a manifest of 59 minutes ago',
    { known: { manifest: { ...exampleManifest, sentAt: exampleNowMs - hourMs + 1 } } },
    ['manifest'],
  ],
  ['a manifest of another trip', { trip: { manifestNo: 'M2' } }, ['manifest']],
  [
    'no ruling',
    {
      ...declared({ ruling: null }),
      known: { ...declared({ ruling: null }).known, releases: [exampleRelease()] },
    },
    ['iq'],
  ],
  ['a failed inspection', declared({ result: 'FAIL' }), ['iq']],
  ['a treatment not done', declared({ result: 'TREAT' }), ['iq']],
  ['a ruling LOCK', declared({ ruling: 'LOCK' }), ['iq']],
  ['a window that is over', declared({ validTo: exampleNowMs - 1 }), ['iq']],
  ['a container that IQ was not told of', declared({ containers: [otherBox] }), ['iq']],
  ['a declaration that customs refused', declared({ state: 'REJECTED' }, 'CUS1'), ['customs']],
  ['customs that hold', { known: { customs: { is: 'answered', result: 'HOLD', hint: '' } } }, ['customs']],
  [
    'customs not asked, and no release',
    { known: { customs: null, releases: [exampleRelease({ usesLeft: 0 })] } },
    ['customs'],
  ],
  ['an origin that is not declared', declared({ originArea: null }), ['area']],
  ['an infected origin', { known: { areas: [exampleArea({ areaCode: 'HK' })] } }, ['area']],
  [
    'a seal that is open',
    { seen: { seals: [{ sealId: 'S1', status: 'OPENED', openedAt: null, batteryLow: false }] } },
    ['seal'],
  ],
  ['a reader of seals that said nothing', { seen: { seals: null }, trip: { sealIds: [] } }, ['seal']],
  [
    'a weight that is off',
    { seen: { weight: { grossKg: 32_000, stable: true, onScale: true, tries: 1 } } },
    ['weight'],
  ],
  ['a weight never taken', { seen: { weight: null } }, ['weight']],
  [
    'a draw of another trip',
    { known: { draw: { kind: 'draw', tripId: 'T2', drawId: 'DR2', selected: false } } },
    ['draw'],
  ],
]

for (const [what, change, needs] of lacks) {
  t.test(`${what} is missed by the release itself`, (t) => {
    t.same(missing(change), needs)
    t.not(judged('roadInLaden', change).outcome, 'release')
    t.end()
  })
}

t.test('money is asked for where the site says so, and only there', (t) => {
  const nobody: LadenChange = { known: { account: null } }
  t.same(missing(nobody), [])
  t.match(judged('roadInLaden', nobody), { outcome: 'release' })
  t.end()
})

t.test('what an area asks for may have been done, or be about to be done', (t) => {
  const infected = (measure: 'DISINFECT' | 'LOCK' | 'INSPECT', change: Partial<DeclarationEntry> = {}) => ({
    known: {
      ...declared(change).known,
      areas: [exampleArea({ areaCode: 'HK', measure, subjects: ['LADEN'] })],
    },
  })
  t.same(missing(infected('DISINFECT')), ['area'])
  t.same(missing(infected('DISINFECT'), cargoProfiles.roadInLaden, true), [], 'it is being sprayed')
  t.same(missing(infected('INSPECT'), cargoProfiles.roadInLaden, true), [], 'IQ has released it')
  t.same(missing(infected('LOCK', { result: 'PASS' })), ['area'])
  t.same(missing(infected('LOCK', { result: 'PASS', treatmentDone: true })), [])
  t.same(missing(infected('LOCK', { treatmentDone: true })), ['area'])
  t.same(missing(infected('LOCK'), cargoProfiles.roadInLaden, true), ['area'], 'a spray ends no lock')
  t.end()
})

t.test('from the ship each of the three has to say its word', (t) => {
  const of = (...agencies: readonly ('IQ' | 'CUSTOMS' | 'PORT')[]): LadenChange => ({
    known: {
      customs: null,
      releases: agencies.map((agency) =>
        exampleRelease({ releaseId: agency, agency, subject: { kind: 'TRIP', key: 'T1' } }),
      ),
    },
  })
  const at = (change: LadenChange) => missing(change, cargoProfiles.seaOutLaden)
  t.same(at(of('IQ', 'CUSTOMS', 'PORT')), [])
  t.same(at(of('CUSTOMS', 'PORT')), ['iq'])
  t.same(at(of('IQ', 'PORT')), ['customs'])
  t.same(at(of('IQ', 'CUSTOMS')), ['terminal'])
  t.match(judged('seaOutLaden', of('IQ', 'CUSTOMS')), { outcome: 'escalate', primary: 'SYS-06' })
  t.end()
})

t.test('a receipt may stand for a message at a sea gate, unless any message came', (t) => {
  const receipt = {
    receiptId: 'Q1',
    agency: 'CUSTOMS',
    subject: { kind: 'DECLARATION', key: 'CUS1' },
    signatureValid: true,
    used: false,
  } as const
  const iq = exampleRelease({ releaseId: 'R2', agency: 'IQ', subject: { kind: 'TRIP', key: 'T1' } })
  const port = exampleRelease({ releaseId: 'R3', agency: 'PORT', subject: { kind: 'TRIP', key: 'T1' } })
  const at = (shown: object, profile: LaneProfile, ...more: readonly ReturnType<typeof exampleRelease>[]) =>
    missing(
      {
        seen: { receipt: { ...receipt, ...shown } },
        known: { customs: null, releases: [iq, port, ...more] },
      },
      profile,
    )
  const { seaOutLaden, roadInLaden } = cargoProfiles
  t.same(at({}, seaOutLaden), [])
  for (const shown of [{ used: true }, { used: 'unknown' }, { signatureValid: 'unknown' }, { agency: 'IQ' }])
    t.same(at(shown, seaOutLaden), ['customs'], JSON.stringify(shown))
  t.same(at({ subject: { kind: 'DECLARATION', key: 'CUS2' } }, seaOutLaden), ['customs'])
  t.same(at({}, seaOutLaden, exampleRelease({ state: 'REVOKED' })), ['customs'])
  t.same(at({}, roadInLaden), ['customs'])
  t.end()
})

t.test('a release that names containers must name all of them', (t) => {
  const two: LadenChange = {
    trip: { containers: [exampleBox, otherBox] },
    known: {
      declarations: {
        CUS1: exampleDeclaration({
          declarationNo: 'CUS1',
          agency: 'CUSTOMS',
          containers: [exampleBox, otherBox],
        }),
        IQ1: exampleDeclaration({ containers: [exampleBox, otherBox] }),
      },
      customs: null,
      releases: [exampleRelease({ subject: { kind: 'CONTAINER', key: exampleBox } })],
    },
  }
  t.ok(missing(two).includes('customs'))
  const both = [exampleBox, otherBox].map((key, i) =>
    exampleRelease({ releaseId: `R${i}`, subject: { kind: 'CONTAINER', key } }),
  )
  t.notOk(missing({ ...two, known: { ...two.known, releases: both } }).includes('customs'))
  t.end()
})

t.test('whatever a profile leaves out, a load is never released without the least of its row', (t) => {
  const without = (name: CargoProfileName): LaneProfile => ({ ...cargoProfiles[name], needs: [] })
  t.same(missing({ known: { trip: null } }, without('roadInLaden')), ['agencies', 'container', 'trip'])
  t.same(missing({}, without('roadInLaden')), ['agencies'], 'no agency has a word in such a lane')
  t.same(missing({}, without('seaInLaden')), ['agencies'])
  t.same(missing({ known: { releases: 'unknown' } }, without('seaOutLaden')), ['iq', 'terminal'])
  const unpaid = { [exampleBox]: { ...exampleTerminalOrder, direction: 'out', paid: false } } as const
  t.same(missing({ ...bare, known: { terminalOrders: unpaid } }, without('seaOutEmpty')), ['terminal'])
  t.same(missing({ ...bare, seen: { containers: null } }, without('roadInEmpty')), ['container'])
  t.end()
})

t.test('by an untrusted clock nothing that permits is valid', (t) => {
  const now = { wallMs: exampleNowMs, clockQuality: 'untrusted' } as const
  const lacking = missing({ now, known: { customs: null } })
  t.same(lacking, ['clockTrusted', 'driver', 'iq', 'manifest', 'permit', 'customs'].sort())
  t.end()
})
