import t from 'tap'
import type { VehicleEntry } from '../../messages/entities.js'
import { textOf } from '../../messages/text/catalogue.js'
import { decide, patienceMs, strengthOf } from './decide.js'
import {
  exampleBlacklisted,
  exampleCar,
  exampleHeard,
  exampleInputs,
  exampleNowMs,
  exampleOrder,
  examplePlate,
  exampleTag,
  type ExampleChange,
} from './examples.js'
import { profiles } from './profiles.js'
import { rules } from './ruleset.js'
import type { DecisionInputs } from './types.js'

const tractor: VehicleEntry = { ...exampleCar, vehicleKind: 'TRUCK' }
const trailer: VehicleEntry = {
  kind: 'vehicle',
  vehicleId: 'V3',
  vehicleKind: 'TRAILER',
  plates: [{ region: 'CN', text: '粤B3333挂' }],
  carriesTag: true,
}
const secondCar: VehicleEntry = {
  ...exampleCar,
  vehicleId: 'V2',
  plates: [{ region: 'CN', text: '粤B22222' }],
  companyId: 'C2',
}
const neighbourhood = {
  tags: {
    E1: exampleTag(),
    E2: exampleTag({ epc: 'E2', vehicleId: 'V2' }),
    E3: exampleTag({ epc: 'E3', vehicleId: 'V3' }),
  },
  vehicles: { V1: tractor, V2: secondCar, V3: trailer },
  plates: { 粤Z1234港: 'V1', AB1234: 'V1', 粤B22222: 'V2', 粤B3333挂: 'V3', ZZ9: null },
}
const heard = (...names: readonly string[]) => names.map((epc) => exampleHeard({ epc, tid: null }))
const plates = (...texts: readonly string[]) => texts.map((text) => examplePlate(text))

/** What a person at the lane would expect, row by row: outcome, primary reason, what the driver is told. */
const scenes: readonly (readonly [
  what: string,
  change: ExampleChange,
  outcome: string,
  primary: string,
  prompt: string,
])[] = [
  ['a known car with its tag and plate', {}, 'release', 'OK-01', 'prompt.release'],
  [
    'a known car whose camera saw only the Hong Kong plate',
    { plates: plates('AB1234') },
    'release',
    'OK-01',
    'prompt.release',
  ],
  ['a known car whose plate nobody read', { plates: [] }, 'release', 'OK-01', 'prompt.release'],
  ['a car known by its plate alone', { tags: [] }, 'release', 'OK-01', 'prompt.release'],
  [
    'a car whose plate was read badly and whose tag is silent',
    { tags: [], plates: [examplePlate('AB1234', 0.89)] },
    'escalate',
    'ID-02',
    'prompt.wait',
  ],
  [
    'a car with a plate that nobody knows and no tag',
    { tags: [], plates: plates('ZZ9'), facts: neighbourhood },
    'escalate',
    'ID-02',
    'prompt.wait',
  ],
  [
    'nothing to see for eight seconds',
    { tags: [], plates: [], senses: { presentForMs: 8_000 } },
    'escalate',
    'ID-01',
    'prompt.presentCard',
  ],
  [
    'a tag that nobody knows',
    { tags: heard('E9'), facts: { tags: { E9: null } }, plates: [] },
    'escalate',
    'ID-03',
    'prompt.wait',
  ],
  [
    'a tag of a vehicle that nobody knows',
    { facts: { vehicles: { V1: null } }, plates: [] },
    'escalate',
    'ID-03',
    'prompt.wait',
  ],
  [
    'a tag that was never looked up',
    { tags: heard('constructor'), plates: [] },
    'escalate',
    'SYS-02',
    'prompt.wait',
  ],
  [
    'a stolen card',
    { facts: { tags: { E1: exampleTag({ state: 'STOLEN' }) } } },
    'hold',
    'ID-05',
    'prompt.office',
  ],
  [
    'a card on the plate of another car (clone)',
    { plates: plates('粤B22222'), facts: neighbourhood },
    'hold',
    'ID-06',
    'prompt.office',
  ],
  [
    'a card on a plate that nobody knows',
    { plates: plates('ZZ9'), facts: neighbourhood },
    'hold',
    'ID-06',
    'prompt.office',
  ],
  [
    'a tractor and its trailer',
    { tags: heard('E1', 'E3'), facts: neighbourhood },
    'release',
    'OK-01',
    'prompt.release',
  ],
  [
    'a tractor’s tag and the plate of its trailer',
    { tags: heard('E1'), plates: plates('粤B3333挂'), facts: neighbourhood },
    'release',
    'OK-01',
    'prompt.release',
  ],
  [
    'a trailer’s tag and the plate of its tractor',
    { tags: heard('E3'), facts: neighbourhood },
    'release',
    'OK-01',
    'prompt.release',
  ],
  [
    'a trailer without anybody to pull it',
    { tags: heard('E3'), plates: [], facts: neighbourhood },
    'escalate',
    'ID-02',
    'prompt.wait',
  ],
  [
    'two cars’ tags in one lane',
    { tags: heard('E1', 'E2'), facts: neighbourhood },
    'escalate',
    'ID-08',
    'prompt.wait',
  ],
  [
    'two cars’ plates and no tag',
    { tags: [], plates: plates('AB1234', '粤B22222'), facts: neighbourhood },
    'escalate',
    'ID-08',
    'prompt.wait',
  ],
  [
    'a known plate beside one that nobody knows, and no tag',
    { tags: [], plates: plates('AB1234', 'ZZ9'), facts: neighbourhood },
    'escalate',
    'ID-08',
    'prompt.wait',
  ],
  [
    'the neighbour’s tag beside the own one',
    { tags: [...heard('E1'), exampleHeard({ epc: 'E2', claim: 'neighbour' })], facts: neighbourhood },
    'release',
    'OK-01',
    'prompt.release',
  ],
  [
    'a tag that may be the neighbour’s beside the own one',
    {
      tags: [...heard('E1'), exampleHeard({ epc: 'E2', tid: null, claim: 'ambiguous' })],
      facts: neighbourhood,
    },
    'escalate',
    'ID-08',
    'prompt.wait',
  ],
  [
    'a tag that may be the neighbour’s, but whose plate was read here',
    { tags: [exampleHeard({ claim: 'ambiguous' })] },
    'release',
    'OK-01',
    'prompt.release',
  ],
  [
    'only the neighbour’s tag',
    { tags: [exampleHeard({ claim: 'neighbour' })], plates: [], senses: { presentForMs: 8_000 } },
    'escalate',
    'ID-01',
    'prompt.presentCard',
  ],
  ['more tags than can be kept', { senses: { tooManyTags: true } }, 'escalate', 'ID-08', 'prompt.wait'],
  [
    'a laden truck, whose papers no rule looks at yet',
    { profile: { ...profiles.roadInNoBoxTruck, assumedLoad: 'L' } },
    'escalate',
    'SYS-06',
    'prompt.wait',
  ],
  [
    'a load that nobody knows',
    { profile: { ...profiles.roadInNoBoxTruck, assumedLoad: 'unknown' } },
    'escalate',
    'SYS-06',
    'prompt.wait',
  ],
  ['nobody on the loop any more', { senses: { entryLoop: 'clear' } }, 'escalate', 'SYS-06', 'prompt.wait'],
  [
    'tail-gating under an INTERCEPT: safety first',
    { senses: { intrusion: true }, facts: { orders: [exampleOrder()] } },
    'escalate',
    'LANE-03',
    'prompt.back',
  ],
  [
    'an order on the neighbour’s tag',
    {
      tags: [...heard('E1'), exampleHeard({ epc: 'E2', claim: 'neighbour' })],
      facts: { ...neighbourhood, orders: [exampleOrder({ subject: { kind: 'VEHICLE', key: 'V2' } })] },
    },
    'release',
    'OK-01',
    'prompt.release',
  ],
  [
    'an order on a tag that may be the neighbour’s',
    {
      tags: [...heard('E1'), exampleHeard({ epc: 'E2', claim: 'ambiguous' })],
      facts: { ...neighbourhood, orders: [exampleOrder({ subject: { kind: 'TAG', key: 'E2' } })] },
    },
    'hold',
    'CTL-02',
    'prompt.inspection',
  ],
  [
    'an order on a plate that was hardly readable',
    {
      plates: [examplePlate('ZZ9', 0.2)],
      facts: { ...neighbourhood, orders: [exampleOrder({ subject: { kind: 'PLATE', key: 'ZZ9' } })] },
    },
    'hold',
    'CTL-02',
    'prompt.inspection',
  ],
  [
    'an order on the trailer',
    {
      tags: heard('E1', 'E3'),
      facts: { ...neighbourhood, orders: [exampleOrder({ subject: { kind: 'TAG', key: 'E3' } })] },
    },
    'hold',
    'CTL-02',
    'prompt.inspection',
  ],
  [
    'an order that ended a millisecond ago',
    { facts: { orders: [exampleOrder({ validTo: exampleNowMs - 1 })] } },
    'release',
    'OK-01',
    'prompt.release',
  ],
  [
    'an order that ended by a clock that is not trusted',
    {
      facts: { orders: [exampleOrder({ validTo: exampleNowMs - 1 })] },
      now: { wallMs: exampleNowMs, clockQuality: 'untrusted' },
    },
    'hold',
    'CTL-02',
    'prompt.inspection',
  ],
  [
    'a company on the blacklist',
    { facts: { blacklist: [exampleBlacklisted()] } },
    'hold',
    'BLK-01',
    'prompt.office',
  ],
]

for (const [what, change, outcome, primary, prompt] of scenes) {
  t.test(`${what}: ${outcome} ${primary}`, (t) => {
    const decision = decide(exampleInputs(change))
    t.match(decision, { outcome, primary, prompt }, JSON.stringify(decision.reasons))
    t.end()
  })
}

t.test(
  'all rules are heard: the strongest wins, the lowest row is named, the rest is still to be done',
  (t) => {
    const decision = decide(
      exampleInputs({
        facts: {
          tags: { E1: exampleTag({ state: 'SUSPENDED' }) },
          orders: [exampleOrder(), exampleOrder({ orderId: 'O2', action: 'DISINFECT' })],
          blacklist: [exampleBlacklisted(), exampleBlacklisted({ entryId: 'B2', level: 'WATCH' })],
        },
        journalWritable: false,
      }),
    )
    t.match(decision, {
      outcome: 'hold',
      primary: 'ID-04',
      prompt: 'prompt.office',
      advisories: ['BLK-02'],
      obligations: ['DISINFECT', 'INSPECT'],
      interceptOrderIds: ['O1', 'O2'],
    })
    t.same(
      decision.reasons.map((reason) => `${reason.row} ${reason.code} ${reason.outcome}`),
      [
        '10 ID-04 hold',
        '19 CTL-02 hold',
        '23 CTL-05 disinfect',
        '24 BLK-01 hold',
        // This lane has no sprayer.
        '49 QUA-09 hold',
        '72 SYS-05 escalate',
      ],
    )
    t.end()
  },
)

t.test('under a safety escalation the weaker hold is left to be done', (t) => {
  const held = { facts: { blacklist: [exampleBlacklisted()] } }
  t.same(decide(exampleInputs({ ...held, incidentId: 'I1' })).obligations, ['INSPECT'])
  t.same(decide(exampleInputs(held)).obligations, [])
  t.end()
})

t.test('the outcomes are as strong as the table says', (t) => {
  const ladder = (['release', 'disinfect', 'escalate', 'hold', 'lock'] as const).map((outcome) => ({
    outcome,
    safety: false,
  }))
  const strengths = [...ladder, { outcome: 'escalate' as const, safety: true }].map(strengthOf)
  t.same(
    strengths,
    [...strengths].sort((a, b) => a - b),
  )
  t.equal(new Set(strengths).size, 6)
  t.end()
})

t.test('a secret order looks like a sampling to everybody at the lane', (t) => {
  const secret = decide(exampleInputs({ facts: { orders: [exampleOrder({ nature: 'SECRET' })] } }))
  const open = decide(exampleInputs({ facts: { orders: [exampleOrder()] } }))
  t.equal(secret.prompt, open.prompt)
  t.equal(secret.primary, 'CTL-02S')
  for (const language of ['zh-CN', 'en'] as const)
    t.equal(textOf('reason.CTL-02S', language), textOf('reason.RND-01', language))
  t.end()
})

t.test('evidence names what it rests on, tags and plates apart', (t) => {
  const orders = [
    exampleOrder(),
    exampleOrder({ orderId: 'O2', agency: 'CUSTOMS', subject: { kind: 'PLATE', key: 'AB1234' } }),
  ]
  const [reason] = decide(exampleInputs({ facts: { orders } })).reasons
  t.same(reason?.evidence, { orders: 'O1,O2', agencies: 'CUSTOMS,IQ', TAG: 'E1', PLATE: 'AB1234' })
  t.end()
})

t.test('evidence stays short when a lane is flooded', (t) => {
  const names = Array.from({ length: 60 }, (_, i) => `X${String(i).padStart(2, '0')}`)
  const decision = decide(
    exampleInputs({
      tags: heard(...names),
      facts: { tags: Object.fromEntries(names.map((n) => [n, null])) },
    }),
  )
  t.equal(decision.reasons[0]?.evidence['tags'], 'X00,X01,X02,X03,X04,X05,X06,X07,+52')
  t.end()
})

const waits: readonly (readonly [what: string, change: ExampleChange, waitMs: number])[] = [
  ['a car that is clear', {}, 0],
  ['nothing heard yet', { tags: [], plates: [] }, 7_600],
  ['nothing heard until the end', { tags: [], plates: [], senses: { presentForMs: 8_000 } }, 0],
  ['a plate whose tag may still come', { tags: [] }, 1_600],
  ['a plate whose tag did not come', { tags: [], senses: { presentForMs: 2_000 } }, 0],
  ['a card check that the tag may still spare', { tags: [], tagMissesBefore: 3 }, 1_600],
  ['a plate that nobody knows', { tags: [], plates: plates('ZZ9'), facts: neighbourhood }, 7_600],
  ['a tag between two lanes', { tags: [exampleHeard({ claim: 'ambiguous' })], plates: [] }, 1_600],
  [
    'a tag between two lanes, under an order',
    { tags: [exampleHeard({ claim: 'ambiguous' })], plates: [], facts: { orders: [exampleOrder()] } },
    0,
  ],
  [
    'a tag between two lanes, and a reader that is down',
    { tags: [exampleHeard({ claim: 'ambiguous' })], plates: [], devices: { 'reader-1': false } },
    0,
  ],
  ['an unknown tag', { facts: { tags: { E1: null } } }, 0],
]

for (const [what, change, waitMs] of waits) {
  t.test(`${what} is waited for ${waitMs} ms`, (t) => {
    t.equal(patienceMs(exampleInputs(change)), waitMs)
    t.end()
  })
}

t.test('what a newer version wrote into a record does not stop the judgement', (t) => {
  const inputs: DecisionInputs = JSON.parse(JSON.stringify({ ...exampleInputs(), weather: 'rain' }))
  t.equal(decide(inputs).outcome, 'release')
  t.end()
})

t.test('every code, prompt and advisory that a person may see has its words in both languages', (t) => {
  const codes = rules.flatMap((rule) => [rule.code, ...(rule.unknown === null ? [] : [rule.unknown])])
  const keys = [...[...codes, 'SYS-06'].map((code) => `reason.${code}`), ...rules.map((rule) => rule.prompt)]
  for (const key of new Set(keys)) {
    for (const language of ['zh-CN', 'en'] as const)
      t.not(textOf(key, language), key, `${key} in ${language}`)
  }
  t.end()
})
