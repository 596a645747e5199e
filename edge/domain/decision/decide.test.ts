import t from 'tap'
import { textOf } from '../../messages/text/catalogue.js'
import { decide, patienceMs, strengthOf } from './decide.js'
import {
  exampleBlacklisted,
  exampleHeard,
  exampleInputs,
  exampleOrder,
  exampleTag,
  type ExampleChange,
} from './examples.js'
import { rules } from './ruleset.js'
import type { DecisionInputs } from './types.js'
import { neighbourhood, heard, plates, scenes } from './decide-scenes.js'

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
