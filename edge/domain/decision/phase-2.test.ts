import t from 'tap'
import type { ControlOrder } from '../../messages/entities.js'
import { textOf } from '../../messages/text/catalogue.js'
import {
  exampleBox,
  exampleDraw,
  exampleLaden,
  exampleManifest,
  exampleTruck,
  type LadenChange,
} from './cargo-examples.js'
import { cargoProfiles } from './cargo-profiles.js'
import { decide, patienceMs } from './decide.js'
import {
  exampleBlacklisted,
  exampleHeard,
  exampleInputs,
  exampleLift,
  exampleOrder,
  exampleTag,
} from './examples.js'
import type { DecisionInputs } from './types.js'

type Subject = ControlOrder['subject']

const under = (change: Partial<ControlOrder>, more: LadenChange = {}) =>
  exampleLaden({ ...more, facts: { ...more.facts, orders: [exampleOrder(change)] } })
const spoken = (inputs: DecisionInputs) =>
  decide(inputs).reasons.map(({ row, code, outcome }) => `${row} ${code} ${outcome}`)

const lockable: readonly Subject[] = [
  { kind: 'CONTAINER', key: exampleBox },
  { kind: 'DECLARATION', key: 'IQ1' },
]
const others: readonly Subject[] = [
  { kind: 'TAG', key: 'E1' },
  { kind: 'PLATE', key: 'AB1234' },
  { kind: 'VEHICLE', key: 'V1' },
  { kind: 'COMPANY', key: 'C1' },
  { kind: 'DRIVER', key: 'D1' },
]

for (const subject of lockable) {
  t.test(`an order LOCK on a ${subject.kind} locks`, (t) => {
    const decision = decide(under({ action: 'LOCK', subject }))
    t.match(decision, { outcome: 'lock', primary: 'CTL-01', prompt: 'prompt.notReleased' })
    t.same(decision.interceptOrderIds, ['O1'])
    t.same(decision.obligations, [], 'what it is about is the outcome itself')
    t.end()
  })
}

for (const subject of others) {
  t.test(`an order LOCK on a ${subject.kind} holds, and somebody locks what it means`, (t) => {
    const decision = decide(under({ action: 'LOCK', subject }))
    t.match(decision, { outcome: 'hold', primary: 'CTL-01', prompt: 'prompt.inspection' })
    t.same(decision.obligations, ['LOCK'])
    t.end()
  })
}

for (const subject of [...lockable, ...others]) {
  t.test(`an order INTERCEPT on a ${subject.kind} holds the truck`, (t) => {
    t.same(spoken(under({ subject })), ['19 CTL-02 hold'])
    t.end()
  })
}

t.test('orders and bans that were lifted hold no truck, and stay in the record', (t) => {
  const orders = [
    ...lockable.map((subject, i) => ({ orderId: `O${i}`, action: 'LOCK' as const, subject })),
    { orderId: 'O7' },
    { orderId: 'O8', nature: 'SECRET' as const },
  ].map((change) => exampleOrder({ ...change, lift: exampleLift }))
  const blacklist = [exampleBlacklisted({ lift: exampleLift })]
  const inputs = exampleLaden({ facts: { orders, blacklist } })
  t.same(decide(inputs).outcome, decide(exampleLaden()).outcome)
  t.same(decide(inputs).interceptOrderIds, [])
  t.same(spoken(inputs), spoken(exampleLaden()))
  t.same(decide(JSON.parse(JSON.stringify(inputs))), decide(inputs), 'replayed from its record')
  t.end()
})

t.test('what the weaker orders ask for is left to be done under a lock', (t) => {
  const orders = (['LOCK', 'INTERCEPT', 'DOCS', 'DISINFECT'] as const).map((action, i) =>
    exampleOrder({ orderId: `O${i}`, action, subject: { kind: 'CONTAINER', key: exampleBox } }),
  )
  const decision = decide(exampleLaden({ facts: { orders } }))
  t.match(decision, { outcome: 'lock', primary: 'CTL-01', prompt: 'prompt.notReleased' })
  t.same(decision.obligations, ['DISINFECT', 'DOCS', 'INSPECT'])
  t.same(decision.interceptOrderIds, ['O0', 'O1', 'O2', 'O3'])
  t.end()
})

t.test('both kinds of lock at once: locked, and the other is still to be locked', (t) => {
  const orders = [...lockable, ...others].map((subject, i) =>
    exampleOrder({ orderId: `O${i}`, action: 'LOCK', subject }),
  )
  const decision = decide(exampleLaden({ facts: { orders } }))
  t.equal(decision.outcome, 'lock')
  t.same(decision.obligations, ['LOCK'])
  t.end()
})

t.test('an order DOCS sends the driver to the office with the papers', (t) => {
  const decision = decide(under({ action: 'DOCS', subject: { kind: 'DECLARATION', key: 'CUS1' } }))
  t.match(decision, { outcome: 'hold', primary: 'CTL-04', prompt: 'prompt.office' })
  t.same(decision.obligations, ['DOCS'])
  t.end()
})

t.test('an order DISINFECT alone disinfects; beside anything stronger it is left to be done', (t) => {
  const ready = { seen: { sprayer: 'ready' } } as const
  const alone = decide(under({ action: 'DISINFECT' }, ready))
  t.match(alone, { outcome: 'disinfect', primary: 'CTL-05', prompt: 'prompt.disinfecting' })
  t.same(alone.obligations, [])
  const doubted = decide(under({ action: 'DISINFECT' }, { ...ready, journalWritable: false }))
  t.match(doubted, { outcome: 'escalate', primary: 'SYS-05' })
  t.same(doubted.obligations, ['DISINFECT'])
  t.end()
})

t.test('an order that ended by a wrong clock still locks', (t) => {
  const order = { action: 'LOCK', subject: { kind: 'CONTAINER', key: exampleBox }, validTo: 0 } as const
  const { now } = exampleInputs()
  t.not(decide(under(order)).outcome, 'lock')
  t.equal(decide(under(order, { now: { ...now, clockQuality: 'untrusted' } })).outcome, 'lock')
  t.end()
})

t.test('driver and company of the load on the blacklist hold the truck', (t) => {
  for (const subject of [{ kind: 'DRIVER', key: 'D1' } as const, ...lockable]) {
    const blacklist = [exampleBlacklisted({ subject })]
    t.match(decide(exampleLaden({ facts: { blacklist } })), { outcome: 'hold', primary: 'BLK-01' })
    const watched = [exampleBlacklisted({ subject, level: 'WATCH' })]
    t.same(decide(exampleLaden({ facts: { blacklist: watched } })).advisories, ['BLK-02'])
  }
  t.end()
})

const onPart = (key: string, change: Partial<ControlOrder> = {}): ControlOrder =>
  exampleOrder({ subject: { kind: 'PLATE_PATTERN', key }, patternMayIntercept: true, ...change })

t.test('an order on part of a plate says which part fits which plate, read apart from on record', (t) => {
  const orders = [onPart('粤Z12*'), onPart('AB?2*', { orderId: 'O2' }), exampleOrder({ orderId: 'O3' })]
  const decision = decide(exampleLaden({ facts: { orders } }))
  t.match(decision, { outcome: 'hold', primary: 'CTL-02', interceptOrderIds: ['O1', 'O2', 'O3'] })
  t.same(decision.reasons[0]?.evidence, {
    orders: 'O1,O2,O3',
    agencies: 'IQ',
    TAG: 'E1',
    PLATE_PATTERN: '粤Z12*=粤Z1234港',
    PLATE_PATTERN_ON_RECORD: 'AB?2*=AB1234',
  })
  const unseen = decide(exampleLaden({ plates: [], facts: { orders: [onPart('粤Z12*')] } }))
  t.match(unseen.reasons[0]?.evidence, { PLATE_PATTERN_ON_RECORD: '粤Z12*=粤Z1234港' })
  const unexplained = decide(exampleLaden({ facts: { orders: [onPart('ZZ9*')] } }))
  t.match(
    unexplained.reasons[0],
    { outcome: 'hold', evidence: { PLATE_PATTERN: 'ZZ9*' } },
    'it was found, so it counts',
  )
  t.end()
})

t.test('an order on part of a plate that only notifies changes nothing but the silent alert', (t) => {
  const plain = decide(exampleLaden())
  const notified = decide(exampleLaden({ facts: { orders: [onPart('粤Z12*', { action: 'NOTIFY' })] } }))
  t.same(notified, { ...plain, silentAlerts: ['O1'] })
  t.end()
})

t.test('a secret order on part of a plate reads like a random draw', (t) => {
  const secret = decide(exampleLaden({ facts: { orders: [onPart('粤Z12*', { nature: 'SECRET' })] } }))
  const drawn = decide(exampleLaden({ known: { draw: { ...exampleDraw, selected: true } } }))
  const shown = ({ outcome, prompt, obligations, advisories }: typeof secret) => [
    outcome,
    prompt,
    obligations,
    advisories,
  ]
  t.equal(secret.primary, 'CTL-02S')
  t.same(shown(secret), shown(drawn))
  t.end()
})

/** Next to it stands V2 of company C2, whose tag is heard, too. */
const beside: LadenChange = {
  tags: [exampleHeard(), exampleHeard({ epc: 'E2', claim: 'neighbour' })],
}
const besideFacts = {
  tags: { E1: exampleTag(), E2: exampleTag({ epc: 'E2', vehicleId: 'V2' }) },
  vehicles: { V1: exampleTruck, V2: { ...exampleTruck, vehicleId: 'V2', companyId: 'C2' } },
}

t.test('an order on part of the plate next to it is no matter of this truck', (t) => {
  const neighbour = { ...besideFacts.vehicles.V2, plates: [{ region: 'CN', text: '粤B99999' } as const] }
  const vehicles = { ...besideFacts.vehicles, V2: neighbour }
  const outcomeOf = (key: string) =>
    decide(exampleLaden({ ...beside, facts: { ...besideFacts, vehicles, orders: [onPart(key)] } })).outcome
  t.equal(outcomeOf('粤B999*'), 'release')
  t.equal(outcomeOf('粤?*9*9*9*'), 'release')
  t.equal(outcomeOf('粤Z12*'), 'hold')
  t.equal(outcomeOf('粤*'), 'hold', 'what both have counts')
  t.end()
})

t.test(
  'an order on the company next to it is no matter of this truck, unless that is the company of its load',
  (t) => {
    const order = { subject: { kind: 'COMPANY', key: 'C2' } } as const
    const next = under(order, { ...beside, facts: besideFacts })
    t.same(
      decide(next).reasons.filter(({ row }) => row === 19),
      [],
    )
    const companies = { ...next.facts.cargo?.companies, C2: null }
    const cargo = next.facts.cargo && { ...next.facts.cargo, companies }
    const ours: DecisionInputs = { ...next, facts: { ...next.facts, ...(cargo ? { cargo } : {}) } }
    t.match(decide(ours), { outcome: 'hold', primary: 'CTL-02' })
    t.end()
  },
)

t.test('whatever is under an order counts with a neighbour in the next lane as without', (t) => {
  const faint = { containers: [{ number: 'MSKU1234565', confidence: 0.2 }] }
  const manifest = {
    ...exampleManifest,
    lines: [{ lineNo: 1, container: exampleBox, declarationNo: 'CUS9' }],
  }
  const subjects: readonly (readonly [Subject, LadenChange])[] = [
    ...[...lockable, ...others].map((subject): [Subject, LadenChange] => [subject, {}]),
    [{ kind: 'CONTAINER', key: 'MSKU1234565' }, { seen: faint }],
    [{ kind: 'DECLARATION', key: 'CUS9' }, { known: { manifest } }],
    [{ kind: 'VEHICLE', key: 'V2' }, { trip: { trailerVehicleId: 'V2' } }],
    [{ kind: 'DRIVER', key: 'D2' }, { trip: { driverId: 'D2' } }],
  ]
  for (const [subject, change] of subjects) {
    const inputs = under({ subject }, { ...beside, ...change, facts: besideFacts })
    t.ok(spoken(inputs).includes('19 CTL-02 hold'), `${subject.kind} ${subject.key}`)
  }
  t.end()
})

const drawn: LadenChange = { known: { draw: { ...exampleDraw, selected: true } } }

t.test('a draw and a secret order are alike in everything but their numbers', (t) => {
  const random = exampleLaden(drawn)
  const subject = { kind: 'CONTAINER', key: exampleBox } as const
  for (const action of ['INTERCEPT', 'LOCK', 'DOCS', 'DISINFECT'] as const) {
    const secret = under({ action, nature: 'SECRET', subject })
    const [byDraw, byOrder] = [decide(random), decide(secret)]
    const { primary, reasons, interceptOrderIds, ...look } = byDraw
    const { primary: code, reasons: others, interceptOrderIds: ids, ...same } = byOrder
    t.match([primary, code], ['RND-01', 'CTL-02S'], action)
    t.same(look, same, action)
    t.match(look, { outcome: 'hold', prompt: 'prompt.inspection', obligations: ['INSPECT'] })
    t.same(
      [reasons.length, interceptOrderIds.length],
      [others.length, ids.length],
      'and a number to be typed',
    )
    t.equal(patienceMs(random), patienceMs(secret))
    for (const language of ['zh-CN', 'en'] as const)
      t.equal(textOf(`reason.${primary}`, language), textOf(`reason.${code}`, language))
  }
  t.end()
})

t.test('whoever is drawn and under a secret order is inspected once', (t) => {
  const decision = decide(under({ nature: 'SECRET' }, drawn))
  t.match(decision, { outcome: 'hold', primary: 'CTL-02S', prompt: 'prompt.inspection' })
  t.same(decision.obligations, ['INSPECT'])
  t.end()
})

const draws: readonly (readonly [what: string, change: LadenChange, said: readonly string[]])[] = [
  ['a draw that was lost', {}, []],
  ['a draw that hit', drawn, ['26 RND-01 hold']],
  ['no stored draw: nobody says that it hit', { known: { draw: null } }, ['26 SYS-02 escalate']],
  ['a draw of which nothing is known', { known: { draw: 'unknown' } }, ['26 SYS-02 escalate']],
  ['the draw of another trip', { known: { draw: { ...exampleDraw, tripId: 'T2' } } }, ['26 SYS-02 escalate']],
  [
    'the draw of another trip that hit',
    { known: { draw: { ...exampleDraw, tripId: 'T2', selected: true } } },
    ['26 RND-01 hold'],
  ],
]

for (const [what, change, said] of draws) {
  t.test(`${what}: ${said.join(', ') || 'nothing'}`, (t) => {
    const heard = spoken(exampleLaden(change)).filter((reason) => reason.startsWith('26 '))
    t.same(heard, said)
    t.end()
  })
}

t.test('a drawn trip goes when its inspection has passed, and only then', (t) => {
  const after = (change: Partial<typeof exampleDraw>) =>
    decide(exampleLaden({ known: { draw: { ...exampleDraw, selected: true, ...change } } }))
  t.match(after({ result: 'PASS' }), { outcome: 'release', primary: 'OK-02', interceptOrderIds: [] })
  t.match(after({ result: 'PASS', round: 2 }), { outcome: 'release' })
  for (const result of ['TREAT', 'FAIL', 'RETURN', undefined] as const)
    t.match(
      after({ result }),
      { outcome: 'hold', primary: 'RND-01', interceptOrderIds: ['DR1'] },
      `${result}`,
    )
  t.match(after({ result: 'PASS', tripId: 'T2' }), { outcome: 'hold', primary: 'RND-01' }, 'of another trip')
  const unknownTrip = { ...exampleDraw, selected: true, result: 'PASS' } as const
  t.ok(spoken(exampleLaden({ known: { draw: unknownTrip, trip: 'unknown' } })).includes('26 RND-01 hold'))
  t.end()
})

t.test('a secret order outlives the inspection of a draw, and looks like a draw again', (t) => {
  const passed = { known: { draw: { ...exampleDraw, selected: true, result: 'PASS' } } } as const
  const secret = decide(under({ nature: 'SECRET' }, passed))
  const again = decide(exampleLaden({ known: { draw: { ...exampleDraw, selected: true, round: 2 } } }))
  t.equal(secret.primary, 'CTL-02S')
  const shown = ({ outcome, prompt, obligations, advisories, silentAlerts }: typeof secret) => ({
    outcome,
    prompt,
    obligations,
    advisories,
    silentAlerts,
  })
  t.same(shown(secret), shown(again))
  t.end()
})

t.test('a draw is a matter of loads: an empty container is not drawn', (t) => {
  t.same(
    decide(exampleLaden(drawn, cargoProfiles.roadInEmpty)).reasons.filter(({ row }) => row === 26),
    [],
  )
  const any = exampleLaden({ ...drawn, known: { ...drawn.known, trip: 'unknown' } }, cargoProfiles.roadInAny)
  t.ok(spoken(any).includes('26 RND-01 hold'), 'and whatever may be laden counts as laden')
  t.end()
})
