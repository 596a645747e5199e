import t from 'tap'
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
import type { VehicleEntry } from '../../messages/entities.js'
import { cargoCases } from './cases/index.js'
import type { Cases } from './cases/case.js'
import { decide, strengthOf } from './decide.js'
import { profiles } from './profiles.js'
import { rules } from './ruleset.js'
import { answeringRows, caseNamesOf, rowsOfTable } from './table.js'
import type { DecisionInputs, ListUsed, TagElsewhere } from './types.js'
import { viewOf } from './view.js'

interface CarCase {
  readonly yes: ExampleChange
  readonly no: ExampleChange
  readonly unknown: ExampleChange | null
}

const truck: VehicleEntry = {
  ...exampleCar,
  vehicleId: 'V2',
  vehicleKind: 'TRUCK',
  plates: [{ region: 'CN', text: '粤B22222' }],
}
const byPlate: ExampleChange = { tags: [] }
const noTagEntry: ExampleChange = { facts: { tags: { E1: 'unknown' } } }
const noOrders: ExampleChange = { facts: { orders: 'unknown' } }
const passedThere: TagElsewhere = {
  lane: 'lane-2',
  count: 4,
  bestRssiDbm: -70,
  lastHeardAgoMs: 20_000,
  loopOccupiedForMs: null,
  passedAgoMs: 20_000,
}
const listed = (...orders: Parameters<typeof exampleOrder>[0][]): ExampleChange => ({
  facts: { orders: orders.map((order) => exampleOrder(order)) },
})
const listsWith = (name: string, ageMs: number | null): ExampleChange => ({
  lists: exampleInputs().lists.map((list): ListUsed => (list.list === name ? { ...list, ageMs } : list)),
})

/** One line a rule: when it is true, when it is false, when it cannot be told. */
const carCases: Readonly<Record<string, CarCase>> = {
  '1': { yes: { mode: 'CLOSED' }, no: { mode: 'SHADOW' }, unknown: null },
  '2': { yes: { incidentId: 'I1' }, no: { incidentId: null }, unknown: null },
  '3': {
    yes: { senses: { intrusion: true } },
    no: { senses: { intrusion: false } },
    unknown: { senses: { intrusion: 'unknown' } },
  },
  '4': {
    yes: { senses: { previousClosed: false } },
    no: { senses: { previousClosed: true } },
    unknown: { senses: { previousClosed: 'unknown' } },
  },
  '7a': {
    yes: { tags: [], plates: [], senses: { presentForMs: 8_000 } },
    no: { tags: [], senses: { presentForMs: 8_000 } },
    unknown: { tags: [], plates: [], senses: { presentForMs: 7_999 } },
  },
  '7b': {
    yes: {
      profile: { ...profiles.roadInNoBoxCar, plateRequired: true },
      plates: [],
      senses: { presentForMs: 8_000 },
    },
    no: { profile: { ...profiles.roadInNoBoxCar, plateRequired: true } },
    unknown: { profile: { ...profiles.roadInNoBoxCar, plateRequired: true }, plates: [] },
  },
  '8a': { yes: byPlate, no: {}, unknown: null },
  '8b': { yes: { ...byPlate, tagMissesBefore: 3 }, no: { ...byPlate, tagMissesBefore: 2 }, unknown: null },
  '8c': {
    yes: { ...byPlate, profile: { ...profiles.roadInNoBoxCar, identifyBy: 'tag' } },
    no: byPlate,
    unknown: { ...byPlate, facts: { plates: { 粤Z1234港: 'unknown' } } },
  },
  '9': { yes: { facts: { tags: { E1: null } } }, no: {}, unknown: noTagEntry },
  '10a': {
    yes: { facts: { tags: { E1: exampleTag({ state: 'SUSPENDED' }) } } },
    no: {},
    unknown: noTagEntry,
  },
  '10b': {
    yes: { facts: { tags: { E1: exampleTag({ validTo: exampleNowMs - 1 }) } } },
    no: { facts: { tags: { E1: exampleTag({ validTo: exampleNowMs }) } } },
    unknown: {
      facts: { tags: { E1: exampleTag({ validTo: exampleNowMs + 1 }) } },
      now: { wallMs: exampleNowMs, clockQuality: 'untrusted' },
    },
  },
  '11': { yes: { facts: { tags: { E1: exampleTag({ state: 'STOLEN' }) } } }, no: {}, unknown: noTagEntry },
  '12a': {
    yes: {
      plates: [examplePlate('粤B22222')],
      facts: { plates: { 粤B22222: 'V2' }, vehicles: { V1: exampleCar, V2: truck } },
    },
    no: { plates: [examplePlate('AB1234')] },
    unknown: { plates: [examplePlate('粤B22222')], facts: { plates: { 粤B22222: 'unknown' } } },
  },
  '12b': {
    yes: { tags: [exampleHeard({ tid: 'T9' })] },
    no: { tags: [exampleHeard({ tid: null })] },
    unknown: noTagEntry,
  },
  '13': {
    yes: { tags: [exampleHeard({ elsewhere: [passedThere] })] },
    no: { tags: [exampleHeard({ elsewhere: [{ ...passedThere, passedAgoMs: 30_001 }] })] },
    unknown: null,
  },
  '14': {
    yes: { tags: [exampleHeard({ claim: 'ambiguous' })], plates: [] },
    no: { tags: [exampleHeard({ claim: 'ambiguous' })] },
    unknown: {
      tags: [exampleHeard(), exampleHeard({ epc: 'E2' })],
      facts: { tags: { E1: exampleTag(), E2: exampleTag({ vehicleId: 'V2' }) } },
    },
  },
  '18b': { yes: listed({ action: 'LOCK' }), no: listed({ action: 'NOTIFY' }), unknown: noOrders },
  '19': {
    yes: listed({}),
    no: listed({ validTo: exampleNowMs - 1 }, { orderId: 'O2', nature: 'SECRET' }),
    unknown: noOrders,
  },
  '20': { yes: listed({ nature: 'SECRET' }), no: listed({}), unknown: noOrders },
  '21': { yes: listed({ action: 'NOTIFY' }), no: listed({}), unknown: null },
  '22': { yes: listed({ action: 'DOCS' }), no: listed({}), unknown: noOrders },
  '23': { yes: listed({ action: 'DISINFECT' }), no: listed({}), unknown: noOrders },
  '24': {
    yes: { facts: { blacklist: [exampleBlacklisted()] } },
    no: { facts: { blacklist: [exampleBlacklisted({ level: 'WATCH' })] } },
    unknown: { facts: { blacklist: 'unknown' } },
  },
  '25': {
    yes: { facts: { blacklist: [exampleBlacklisted({ level: 'WATCH' })] } },
    no: { facts: { blacklist: [exampleBlacklisted()] } },
    unknown: null,
  },
  '68a': {
    yes: { devices: { 'reader-1': false } },
    no: { devices: { 'reader-1': true } },
    unknown: { devices: { 'reader-1': 'unknown' } },
  },
  '68b': {
    yes: { senses: { barrier: 'blocked' } },
    no: { senses: { barrier: 'moving' } },
    unknown: { senses: { exitLoop: 'unknown' } },
  },
  '69a': {
    yes: { ...listsWith('orders', 600_001), profile: { ...profiles.roadInNoBoxCar, assumedLoad: 'L' } },
    no: listsWith('orders', 600_001),
    unknown: listsWith('blacklist', null),
  },
  '69b': {
    yes: listsWith('tags', 4 * 3_600_000 + 1),
    no: listsWith('vehicles', 4 * 3_600_000),
    unknown: { lists: exampleInputs().lists.filter((list) => list.list !== 'vehicles') },
  },
  '69d': { yes: { resyncLeftMs: 1 }, no: { resyncLeftMs: 0 }, unknown: null },
  '70': {
    yes: { now: { wallMs: exampleNowMs, clockQuality: 'untrusted' } },
    no: { now: { wallMs: exampleNowMs, clockQuality: 'holdover' } },
    unknown: null,
  },
  '72': { yes: { journalWritable: false }, no: { journalWritable: true }, unknown: null },
  '73': { yes: {}, no: { profile: { ...profiles.roadInNoBoxCar, assumedLoad: 'L' } }, unknown: null },
}

const cases: Cases = {
  ...Object.fromEntries(
    Object.entries(carCases).map(([id, { yes, no, unknown }]) => [
      id,
      { yes: exampleInputs(yes), no: exampleInputs(no), unknown: unknown && exampleInputs(unknown) },
    ]),
  ),
  ...cargoCases,
}

t.test('every rule has its line in the table, and no line is without its rule', (t) => {
  t.same(Object.keys(cases).sort(), rules.map((rule) => rule.id).sort())
  t.equal(new Set(rules.map((rule) => rule.id)).size, rules.length, 'rule ids are unique')
  t.same(
    rules.map((rule) => rule.row),
    rules.map((rule) => rule.row).sort((a, b) => a - b),
    'rules stand in the order of the rows',
  )
  t.same(
    rowsOfTable(),
    Array.from({ length: 77 }, (_, i) => i + 1),
    'no row of the table is missing',
  )
  t.end()
})

t.test(
  'every rule has a case in which it speaks, one in which it does not, and one that cannot be told',
  (t) => {
    for (const rule of rules) {
      const own = cases[rule.id]
      t.ok(own?.yes && own.no, `rule ${rule.id} is held both ways`)
      t.equal(own?.unknown === null, rule.unknown === null, `rule ${rule.id} where it cannot be told`)
      t.equal(caseNamesOf(rule).length, 3)
    }
    for (const { row, answers } of answeringRows) {
      t.notOk(
        rules.some((rule) => rule.row === row),
        `row ${row} objects to nobody`,
      )
      t.ok(
        rules.some((rule) => rule.row === answers),
        `row ${row} answers a rule that there is`,
      )
    }
    t.end()
  },
)

for (const rule of rules) {
  const row = cases[rule.id]
  if (row === undefined) continue
  const found = (inputs: DecisionInputs) => rule.when(viewOf(inputs))
  const [speaks = '', silent = '', untold = ''] = caseNamesOf(rule)

  t.test(speaks, (t) => {
    const inputs = row.yes
    t.ok(found(inputs).yes, 'the condition is true')
    const decision = decide(inputs)
    if (rule.outcome === 'none') {
      if (rule.advisory !== undefined) t.ok(decision.advisories.includes(rule.advisory))
      if (rule.orders === 'silent') t.same(decision.silentAlerts, ['O1'])
      t.notOk(decision.reasons.some((reason) => reason.code === rule.code))
    } else {
      const reason = decision.reasons.find(
        (reason) => reason.row === rule.row && reason.code === rule.code && reason.outcome === rule.outcome,
      )
      t.ok(reason, 'the reason stands in the decision')
      t.equal(reason?.safety, rule.safety === true)
      const strengths = decision.reasons.map(strengthOf)
      t.equal(
        strengthOf({ outcome: decision.outcome, safety: Math.max(...strengths) === 6 }),
        Math.max(...strengths),
      )
      if (decision.primary === rule.code) t.equal(decision.prompt, rule.prompt)
      if (rule.obligation !== undefined) t.ok(decision.obligations.includes(rule.obligation))
      if (rule.orders === 'typed') t.same(decision.interceptOrderIds, ['O1'])
      if (rule.outcome !== 'release') t.not(decision.outcome, 'release')
    }
    t.end()
  })

  t.test(silent, (t) => {
    const finding = found(row.no)
    t.notOk(finding.yes ?? finding.unknown)
    const decision = decide(row.no)
    t.notOk(decision.reasons.some((reason) => reason.row === rule.row && reason.code === rule.code))
    t.end()
  })

  t.test(untold, (t) => {
    if (row.unknown === null || rule.unknown === null) {
      t.equal(row.unknown, rule.unknown, 'both say that it can always be told')
    } else {
      const inputs = row.unknown
      t.ok(found(inputs).unknown, 'it says so')
      const decision = decide(inputs)
      const reason = decision.reasons.find((reason) => reason.code === rule.unknown)
      t.equal(reason?.outcome, 'escalate')
      t.not(decision.outcome, 'release')
    }
    t.end()
  })
}
