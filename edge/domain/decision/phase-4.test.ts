import t from 'tap'
import type { ContainerEntry, QuarantineAreaEntry } from '../../messages/cargo-entities.js'
import { declared, goodReceipt, iqSays, needless, releasedExcept, untrusted } from './cases/papers.js'
import {
  exampleArea,
  exampleBox,
  exampleContainer,
  exampleLaden,
  exampleTrip,
  type LadenChange,
} from './cargo-examples.js'
import { cargoProfiles } from './cargo-profiles.js'
import { decide } from './decide.js'
import { exampleInputs, exampleNowMs, exampleOrder } from './examples.js'
import { profiles } from './profiles.js'
import { noCargoFacts, noCargoObservations } from './cargo.js'
import type { Crossing, DecisionInputs, LaneProfile } from './types.js'

const { roadInLaden, roadInEmpty, roadOutLaden, roadOutEmpty, seaInLaden, seaInEmpty } = cargoProfiles
const { seaOutLaden, seaOutEmpty, seaOutEmptyOpened, seaOutLadenNoWood } = cargoProfiles

/** What rows 41 to 49 say, as `row code outcome`. */
const said = (inputs: DecisionInputs) =>
  decide(inputs)
    .reasons.filter(({ row }) => row >= 41 && row <= 49)
    .map(({ row, code, outcome }) => `${row} ${code} ${outcome}`)
const area = (change: Partial<QuarantineAreaEntry> = {}) => exampleArea({ areaCode: 'HK', ...change })
/** On the scale as its load weighs; it comes from HK; a sprayer stands ready. */
const at = (profile: LaneProfile, areas: readonly QuarantineAreaEntry[], change: LadenChange = {}) =>
  exampleLaden(
    {
      ...change,
      seen: { sprayer: 'ready', ...(profile.assumedLoad === 'E' ? emptyWeight : {}), ...change.seen },
      known: { areas, ...change.known },
    },
    profile,
  )
const emptyWeight = { weight: { grossKg: 12_800, stable: true, onScale: true, tries: 1 } } as const
const boxed = (change: Partial<ContainerEntry>) => ({
  containers: { [exampleBox]: { ...exampleContainer, ...change } },
})

t.test('an area asks of each subject what its row says, in the lanes of its row', (t) => {
  const heard = (measure: QuarantineAreaEntry['measure']) =>
    Object.fromEntries(
      [
        roadInLaden,
        roadInEmpty,
        roadOutLaden,
        roadOutEmpty,
        seaInLaden,
        seaInEmpty,
        seaOutLaden,
        seaOutEmpty,
      ].map((profile) => [profile.name, said(at(profile, [area({ measure })]))]),
    )
  const always = {
    roadInEmpty: ['43 QUA-03 disinfect', '44 QUA-04 disinfect'],
    roadOutLaden: [],
    roadOutEmpty: [],
    seaInLaden: [],
    seaInEmpty: ['43 QUA-03 disinfect'],
    seaOutEmpty: ['43 QUA-03 disinfect'],
  }
  t.same(heard('LOCK'), {
    ...always,
    roadInLaden: ['41 QUA-01 lock', '44 QUA-04 disinfect'],
    seaOutLaden: ['41 QUA-01 lock'],
  })
  t.same(heard('INSPECT'), {
    ...always,
    roadInLaden: ['44 QUA-04 disinfect', '45 QUA-05 hold'],
    seaOutLaden: ['45 QUA-05 hold'],
  })
  t.same(heard('DISINFECT'), {
    ...always,
    roadInLaden: ['44 QUA-04 disinfect', '45 QUA-05 disinfect'],
    seaOutLaden: ['45 QUA-05 disinfect'],
  })
  t.end()
})

t.test('an area speaks only of its subjects', (t) => {
  const of = (subject: 'LADEN' | 'EMPTY' | 'VEHICLE', profile: LaneProfile) =>
    said(at(profile, [area({ subjects: [subject] })]))
  t.same(of('LADEN', roadInLaden), ['41 QUA-01 lock'])
  t.same(of('EMPTY', roadInLaden), [])
  t.same(of('VEHICLE', roadInLaden), ['44 QUA-04 disinfect'])
  t.same(of('LADEN', seaOutEmpty), [])
  t.same(of('VEHICLE', seaOutEmpty), [])
  t.end()
})

t.test('a lock leaves inspection and disinfection to be done, and shows the driver no reason', (t) => {
  const decision = decide(at(roadInLaden, [area()]))
  t.match(decision, { outcome: 'lock', primary: 'QUA-01', prompt: 'prompt.notReleased' })
  t.same(decision.obligations, ['DISINFECT', 'INSPECT'])
  t.match(decision.reasons[0]?.evidence, { areas: 'A1', from: 'HK' })
  const known = { areas: [area({ subjects: ['LADEN'] })], declarations: declared({ ruling: 'DOCS' }) }
  const papers = decide(exampleLaden({ known }))
  t.match(papers, { outcome: 'lock', obligations: ['DISINFECT', 'DOCS', 'INSPECT'] }, 'a hold is the weaker')
  t.end()
})

t.test(
  'a lock by area ends with both results and an unlocked container, not with one of them (scenario 12)',
  (t) => {
    const goods = [area({ subjects: ['LADEN'] })]
    const results = (change: Parameters<typeof declared>[0], box: Partial<ContainerEntry> = {}) =>
      decide(at(seaOutLaden, goods, { known: { declarations: declared(change), ...boxed(box) } }))
    t.equal(results({}).primary, 'QUA-01')
    t.equal(results({ result: 'PASS' }).primary, 'QUA-01', 'inspection only')
    t.equal(results({ treatmentDone: true }).primary, 'QUA-01', 'treatment only')
    t.match(results({ result: 'PASS', treatmentDone: true }, { lock: 'LOCKED' }), {
      outcome: 'lock',
      primary: 'QUA-01',
      reasons: [{ code: 'QUA-01' }, { code: 'QUA-02' }],
    })
    t.equal(results({ result: 'PASS', treatmentDone: true }).outcome, 'release')
    t.equal(results({ result: 'TREAT', treatmentDone: true }).outcome, 'release')
    t.equal(results({ result: 'FAIL', treatmentDone: true }).outcome, 'lock')
    const unread = { known: { declarations: declared('unknown'), areas: goods } }
    t.equal(decide(exampleLaden(unread, seaOutLaden)).outcome, 'lock', 'results that cannot be told are none')
    t.end()
  },
)

t.test('where it comes from: route, origin of goods and container, last ports and their countries', (t) => {
  const from = (change: LadenChange, areaCode = 'XX') =>
    said(at(seaOutLaden, [area({ areaCode, subjects: ['LADEN'] })], change))
  t.same(from({}), [])
  t.same(from({ trip: { routeAreas: ['HK', 'XX'] } }), ['41 QUA-01 lock'])
  t.same(from({ known: { declarations: declared({ originArea: 'XX' }) } }), ['41 QUA-01 lock'])
  t.same(from({ known: boxed({ originArea: 'XX' }) }), ['41 QUA-01 lock'])
  t.same(from({ known: boxed({ lastPorts: ['XXABC'] }) }), ['41 QUA-01 lock'])
  t.same(from({ known: boxed({ lastPorts: ['XXABC'] }) }, 'XXABC'), ['41 QUA-01 lock'])
  t.same(from({ known: boxed({ lastPorts: ['AXXBC'] }) }), [])
  t.end()
})

t.test('a vehicle comes from its route, not from the origin of what it carries', (t) => {
  const vehicles = [area({ areaCode: 'XX', subjects: ['VEHICLE'] })]
  t.same(said(at(roadInLaden, vehicles, { known: { areas: vehicles, ...boxed({ originArea: 'XX' }) } })), [])
  t.same(said(at(roadInLaden, vehicles, { trip: { routeAreas: ['XX'] } })), ['44 QUA-04 disinfect'])
  t.end()
})

t.test(
  'a seasonal order disinfects every vehicle that comes in by road, a car without a trip as well',
  (t) => {
    const areas = [area({ areaCode: '*', subjects: ['VEHICLE'], measure: 'DISINFECT' })]
    const car = (crossing: Crossing, sprayer: 'ready' | null = 'ready') => {
      const inputs = exampleInputs({ profile: { ...profiles.roadInNoBoxCar, crossing } })
      return decide({
        ...inputs,
        observations: { ...inputs.observations, cargo: { ...noCargoObservations, sprayer } },
        facts: { ...inputs.facts, cargo: { ...noCargoFacts, trip: null, areas } },
      })
    }
    t.match(car('RI'), { outcome: 'disinfect', primary: 'QUA-04', prompt: 'prompt.disinfectingSlowly' })
    t.match(car('RI', null), { outcome: 'hold', primary: 'QUA-09' }, 'not without a sprayer')
    t.equal(car('RO').outcome, 'release')
    t.end()
  },
)

t.test(
  'an area is in force from its first to its last millisecond, and always by a clock that is not trusted',
  (t) => {
    const during = (validFrom: number, validTo: number, now: LadenChange['now']) =>
      said(
        at(
          seaOutLaden,
          [
            area({
              subjects: ['LADEN'],
              validFrom: exampleNowMs + validFrom,
              validTo: exampleNowMs + validTo,
            }),
          ],
          now === undefined ? {} : { now },
        ),
      )
    const trusted = { wallMs: exampleNowMs, clockQuality: 'synchronised' } as const
    t.same(during(0, 0, trusted), ['41 QUA-01 lock'])
    t.same(during(1, 2, trusted), [])
    t.same(during(-2, -1, trusted), [])
    t.same(during(-2, -1, { wallMs: exampleNowMs, ...untrusted }), ['41 QUA-01 lock'])
    t.end()
  },
)

t.test(
  'row 42: nothing leads out of a lock but its officer, in no lane, not under a faint number either',
  (t) => {
    const known = boxed({ lock: 'LOCKED' })
    for (const profile of [
      roadInLaden,
      roadOutLaden,
      roadOutEmpty,
      seaInLaden,
      seaInEmpty,
      seaOutEmpty,
      needless,
    ])
      t.ok(said(exampleLaden({ known }, profile)).includes('42 QUA-02 lock'), profile.name)
    const other = 'MSCU1111111'
    const faint = {
      seen: {
        containers: [
          { number: exampleBox, confidence: 0.98 },
          { number: other, confidence: 0.3 },
        ],
      },
      known: {
        containers: {
          [exampleBox]: exampleContainer,
          [other]: { ...exampleContainer, number: other, lock: 'LOCKED' as const },
        },
      },
    }
    t.same(said(exampleLaden(faint, roadInLaden)), ['42 QUA-02 lock'])
    t.end()
  },
)

t.test('row 42: a ruling LOCK ends with a good result, not with a receipt', (t) => {
  t.same(said(iqSays({ ruling: 'LOCK' })), ['42 QUA-02 lock'])
  t.same(said(iqSays({ ruling: 'LOCK', result: 'PASS' })), [])
  const receipt = { ...goodReceipt, agency: 'IQ', subject: { kind: 'DECLARATION', key: 'IQ1' } } as const
  const known = { declarations: declared({ ruling: 'LOCK' }), releases: releasedExcept('IQ', null) }
  t.same(said(exampleLaden({ seen: { receipt }, known }, seaOutLaden)), ['42 QUA-02 lock'])
  t.end()
})

t.test(
  'row 43: an empty from an infected area is sprayed and released in one stop, if all else is well',
  (t) => {
    const good = decide(at(seaOutEmpty, [area()]))
    t.match(good, { outcome: 'disinfect', primary: 'QUA-03', prompt: 'prompt.disinfectingStay' })
    t.match(good.reasons[0]?.evidence, { containers: exampleBox, from: 'HK' })
    const unpaid = decide(at(seaOutEmpty, [area()], { known: { areas: [area()], terminalOrders: {} } }))
    t.match(unpaid, { outcome: 'escalate', obligations: ['DISINFECT', 'FITNESS_CHECK'] })
    const other = decide(at(roadOutEmpty, [area()], { trip: { vehicleId: 'V9' } }))
    t.not(other.outcome, 'disinfect')
    t.end()
  },
)

t.test('a disinfection is no way round what a release needs', (t) => {
  const half = at(seaOutEmpty, [area()], { seen: { sprayer: 'ready', containers: null } })
  const decision = decide(half)
  t.match(decision, { outcome: 'escalate', primary: 'SYS-06', obligations: ['DISINFECT', 'FITNESS_CHECK'] })
  t.end()
})

t.test('row 45: INSPECT ends with a pass, by result or receipt; verified seals do not end it', (t) => {
  const goods = [area({ subjects: ['LADEN'], measure: 'INSPECT' })]
  const looked = (change: LadenChange) => said(at(seaOutLaden, goods, change))
  t.same(looked({}), ['45 QUA-05 hold'])
  t.same(looked({ known: { declarations: declared({ result: 'PASS' }) } }), [])
  const receipt = { ...goodReceipt, agency: 'IQ', subject: { kind: 'DECLARATION', key: 'IQ1' } } as const
  t.same(looked({ seen: { receipt }, known: { releases: releasedExcept('IQ', null) } }), [])
  t.same(looked({ trip: { straightRelease: true } }), ['45 QUA-05 hold'])
  t.match(decide(at(seaOutLaden, goods)), { prompt: 'prompt.inspection', obligations: ['INSPECT'] })
  t.end()
})

t.test('row 46: an opened empty goes to the apron, and its spraying is left to be done', (t) => {
  const decision = decide(at(seaOutEmptyOpened, [area()]))
  t.match(decision, { outcome: 'hold', primary: 'QUA-06', prompt: 'prompt.openBox' })
  t.same(decision.obligations, ['DISINFECT', 'FITNESS_CHECK', 'OPEN_BOX'])
  t.end()
})

t.test('row 47: only a declared absence of wood goes through a lane without wood', (t) => {
  const wood = (iq: 'yes' | 'no' | 'unknown', customs: 'yes' | 'no' | 'unknown', profile: LaneProfile) =>
    said(
      exampleLaden(
        { known: { declarations: declared({ woodPacking: iq }, { woodPacking: customs }) } },
        profile,
      ),
    )
  t.same(wood('no', 'no', seaOutLadenNoWood), [])
  t.same(wood('yes', 'no', seaOutLadenNoWood), ['47 QUA-07 hold'])
  t.same(wood('no', 'unknown', seaOutLadenNoWood), ['47 QUA-07 hold'])
  t.same(wood('yes', 'yes', seaOutLaden), [])
  t.same(wood('yes', 'yes', { ...roadInLaden, noWood: true }), ['47 QUA-07 hold'])
  t.same(wood('yes', 'yes', { ...roadOutLaden, noWood: true }), [], 'rows 41 to 47 look at what comes in')
  const none = exampleLaden({ trip: { declarationNos: [] } }, seaOutLadenNoWood)
  t.ok(said(none).includes('47 QUA-07 hold'))
  const redirected = exampleLaden(
    { known: { declarations: declared({ woodPacking: 'yes' }) } },
    seaOutLadenNoWood,
  )
  t.equal(decide(redirected).prompt, 'prompt.otherLane')
  t.end()
})

t.test(
  'row 48: an origin that is not declared escalates where the lane asks for areas, else nowhere',
  (t) => {
    const missing = { known: boxed({ originArea: null }) }
    t.same(said(exampleLaden(missing, seaOutLaden)), ['48 QUA-08 escalate'])
    t.same(said(exampleLaden(missing, seaOutEmpty)), ['48 QUA-08 escalate'])
    t.same(said(exampleLaden(missing, roadOutEmpty)), [], 'it asks for no area')
    t.same(said(exampleLaden({ known: { containers: { [exampleBox]: null } } }, seaOutEmpty)), [
      '48 QUA-08 escalate',
    ])
    t.same(said(iqSays({ originArea: null })), ['48 QUA-08 escalate'])
    t.same(said(exampleLaden({ known: { declarations: declared({}, { originArea: null }) } })), [])
    t.end()
  },
)

t.test('row 49: whatever has to be disinfected needs a sprayer that works', (t) => {
  const empties = (sprayer: 'ready' | 'failed' | 'unknown' | null) =>
    decide(at(seaOutEmpty, [area()], { seen: { sprayer } }))
  t.equal(empties('ready').outcome, 'disinfect')
  t.match(empties('failed'), { outcome: 'hold', primary: 'QUA-09', prompt: 'prompt.treatment' })
  t.ok(empties('failed').obligations.includes('DISINFECT'))
  t.equal(empties(null).outcome, 'hold', 'a lane without one')
  t.match(empties('unknown'), { outcome: 'escalate', primary: 'SYS-01' })
  const orders = [exampleOrder({ action: 'DISINFECT' })]
  const ordered = (sprayer: 'ready' | 'failed') =>
    decide(exampleLaden({ facts: { orders }, seen: { sprayer } }))
  t.match(ordered('ready'), { outcome: 'disinfect', primary: 'CTL-05' })
  t.match(ordered('failed'), { outcome: 'hold', primary: 'QUA-09' })
  const treated = [area({ subjects: ['LADEN'], measure: 'DISINFECT' })]
  const goods = decide(at(seaOutLaden, treated, { seen: { sprayer: 'failed' } }))
  t.match(goods, { outcome: 'hold', primary: 'QUA-09' })
  t.same(said(exampleLaden({ seen: { sprayer: 'failed' } })), [], 'nobody needs it')
  const locked = decide(at(roadInLaden, [area({ subjects: ['LADEN'] })], { seen: { sprayer: 'failed' } }))
  t.same(
    locked.reasons.map(({ code }) => code),
    ['QUA-01'],
    'what a locked load has to go through is not done in this lane',
  )
  t.end()
})

t.test('an unknown load hears every row of its lane', (t) => {
  const trip = { ...exampleTrip, load: 'E' as const }
  const inputs = at(seaOutLaden, [area()], {
    known: { areas: [area()], trip: { ...trip, direction: 'out' } },
  })
  t.same(said(inputs), ['41 QUA-01 lock', '43 QUA-03 disinfect'])
  t.end()
})
