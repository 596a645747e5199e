import t from 'tap'
import { listNames, type ListName } from '../../messages/entities.js'
import { ExampleLane } from '../lane/example-lane.js'
import { exampleLaden } from './cargo-examples.js'
import { needNames } from './cargo.js'
import { cargoProfiles } from './cargo-profiles.js'
import { decide } from './decide.js'
import { exampleBlacklisted, exampleInputs, exampleOrder } from './examples.js'
import { defaultPolicy, profiles } from './profiles.js'
import { listAgeOf } from './list-ages.js'
import type { DecisionInputs, ListUsed } from './types.js'

/** What the age of each class of lists means, and for whom (domain.md 5.1, 6.5 and 7; architecture.md 6). */

const { ordersStaleLadenMs, ordersStaleOtherMs, registryStaleMs } = defaultPolicy
/** Everything that a lane may need, so that every list counts. */
const profile = { ...cargoProfiles.roadInLaden, needs: needNames }

interface Age {
  /** For a vehicle that is laden or may be, and for any other: longest age in milliseconds. */
  readonly ladenMs: number
  readonly otherMs: number
}

const holds: Age = { ladenMs: ordersStaleLadenMs, otherMs: ordersStaleOtherMs }
const registry: Age = { ladenMs: registryStaleMs, otherMs: registryStaleMs }
/** What lets a vehicle pass may be as old as what stops it; only a lane that rests on it asks. */
const papers: Age = holds

/** Null: it lets nobody pass and stops nobody, whatever its age. */
const ages: Readonly<Record<ListName, Age | null>> = {
  orders: holds,
  blacklist: holds,
  tags: registry,
  vehicles: registry,
  drivers: papers,
  companies: papers,
  trips: papers,
  declarations: papers,
  manifests: papers,
  containers: papers,
  terminalOrders: papers,
  areas: papers,
  seals: papers,
  fitness: papers,
  releases: papers,
  accounts: papers,
  draws: papers,
  plans: null,
}

const aged = (inputs: DecisionInputs, list: ListName, ageMs: number | null | 'gone'): DecisionInputs => {
  const others = inputs.lists.filter((one) => one.list !== list)
  const found = inputs.lists.find((one) => one.list === list) ?? { ...inputs.lists[0], list }
  const used: ListUsed = {
    version: 7,
    contentHash: 'a'.repeat(64),
    ...found,
    ageMs: ageMs === 'gone' ? null : ageMs,
  }
  return { ...inputs, lists: ageMs === 'gone' ? others : [...others, used] }
}

/** What row 69 says of this list. */
function said(inputs: DecisionInputs, list: ListName): 'stale' | 'unknown' | 'nothing' {
  for (const { row, code, evidence } of decide(inputs).reasons) {
    if (row !== 69 || code !== 'SYS-02') continue
    if (evidence['lists']?.split(',').includes(list)) return 'stale'
    if (evidence['missing']?.split(',').includes(list)) return 'unknown'
  }
  return 'nothing'
}

for (const list of listNames) {
  const age = ages[list]
  t.test(
    `${list}: ${age ? `at most ${age.ladenMs} ms laden, ${age.otherMs} ms else` : 'of any age'}`,
    (t) => {
      const laden = exampleLaden({}, profile)
      const ofLoad: readonly (readonly [what: string, inputs: DecisionInputs, limitMs: number | null])[] = [
        ['laden', laden, age?.ladenMs ?? null],
        ['not laden', exampleLaden({}, { ...profile, assumedLoad: 'E' }), age?.otherMs ?? null],
        ['perhaps laden', exampleLaden({}, { ...profile, assumedLoad: 'unknown' }), age?.ladenMs ?? null],
      ]
      for (const [what, inputs, limitMs] of ofLoad) {
        if (limitMs === null) {
          t.equal(said(aged(inputs, list, 1e12), list), 'nothing', what)
          continue
        }
        t.equal(said(aged(inputs, list, limitMs), list), 'nothing', `${what}, as old as it may be`)
        for (const tooOldMs of [limitMs + 1, 1_000 * 86_400_000]) {
          const stale = aged(inputs, list, tooOldMs)
          t.equal(said(stale, list), 'stale', `${what}, ${tooOldMs} ms`)
          t.not(decide(stale).outcome, 'release')
        }
        for (const unknown of [null, 'gone', -3_600_000] as const)
          t.equal(said(aged(inputs, list, unknown), list), 'unknown', `${what}, ${unknown}`)
      }
      t.end()
    },
  )
}

t.test('what people are told of the age of a list is what lanes go by', (t) => {
  for (const list of listNames) t.same(listAgeOf(list, defaultPolicy), ages[list], list)
  t.end()
})

t.test('a hold never ends with the age of its list, nor of any other', (t) => {
  for (const list of listNames)
    for (const ageMs of [0, 3_600_000, 1_000 * 86_400_000, null, 'gone'] as const)
      for (const facts of [{ orders: [exampleOrder({})] }, { blacklist: [exampleBlacklisted()] }]) {
        const held = decide(aged(exampleInputs({ facts }), list, ageMs))
        t.equal(held.outcome, 'hold', `${list} ${ageMs}`)
      }
  t.end()
})

t.test('a lane that rests on no papers asks none of their age', (t) => {
  const car = exampleInputs({ profile: profiles.roadInNoBoxCar })
  for (const list of listNames) {
    const isLanes = ['orders', 'blacklist', 'tags', 'vehicles'].includes(list)
    const old = aged(car, list, 1_000 * 86_400_000)
    t.equal(decide(old).outcome === 'release', !isLanes, list)
  }
  t.end()
})

t.test('the age of each list stands in the record of the decision', (t) => {
  const lane = ExampleLane.started()
  lane.arrive('E1')
  const inputs = lane.of('decided').at(-1)?.body['inputs'] as DecisionInputs
  for (const list of listNames)
    t.match(
      inputs.lists.find((used) => used.list === list),
      { list, version: 1, ageMs: 1_000 },
      list,
    )
  t.end()
})
