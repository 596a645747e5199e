import t from 'tap'
import { exampleLaden } from './cargo-examples.js'
import { cargoProfiles } from './cargo-profiles.js'
import type { CustomsAnswer } from './cargo.js'
import { decide, patienceMs } from './decide.js'
import { exampleInputs, exampleOrder } from './examples.js'
import { cargoListsFor } from './needed-lists.js'
import { defaultPolicy } from './profiles.js'
import { defaultCargoPolicy } from './cargo.js'
import type { LaneProfile } from './types.js'

const waiting = (forMs: number, tries: number): CustomsAnswer => ({ is: 'waiting', forMs, tries })
const asked = (customs: CustomsAnswer | null, profile: LaneProfile = cargoProfiles.roadInLaden) =>
  exampleLaden({ known: { customs } }, profile)

const answers: readonly (readonly [
  what: string,
  customs: CustomsAnswer | null,
  late: boolean,
  leftMs: number,
])[] = [
  ['just asked', waiting(0, 1), false, 6_000],
  ['the first try is over', waiting(3_000, 1), false, 3_000],
  ['asked a second time', waiting(0, 2), false, 3_000],
  ['the last millisecond of the second try', waiting(2_999, 2), false, 1],
  ['the second try is over', waiting(3_000, 2), true, 0],
  ['long over', waiting(60_000, 2), true, 0],
  ['nobody asked a second time', waiting(6_000, 1), true, 0],
]

for (const [what, customs, late, leftMs] of answers) {
  t.test(`customs, ${what}: ${late ? 'a person' : `${leftMs} ms more`}`, (t) => {
    const inputs = asked(customs)
    const [reason, ...more] = decide(inputs).reasons
    t.match(reason, { row: 71, code: 'SYS-04', outcome: 'escalate' })
    t.same(reason?.evidence, late ? { partner: 'customs' } : { missing: 'customs' })
    t.same(more, [], 'an answer that is awaited is not a refusal')
    t.equal(patienceMs(inputs), leftMs)
    t.end()
  })
}

t.test('where nobody needs customs no answer is awaited', (t) => {
  const inputs = asked(waiting(60_000, 2), cargoProfiles.roadInEmpty)
  t.same(
    decide(inputs).reasons.filter(({ row }) => row === 71),
    [],
  )
  t.end()
})

t.test('how long customs may take is configuration', (t) => {
  const policy = { ...defaultPolicy, cargo: { ...defaultCargoPolicy, customsWithinMs: 500 } }
  t.equal(patienceMs(exampleLaden({ policy, known: { customs: waiting(100, 1) } })), 900)
  t.end()
})

t.test('a hold does not wait for customs', (t) => {
  t.equal(patienceMs(exampleLaden({ known: { customs: waiting(0, 1), police: 'NO' } })), 0)
  t.end()
})

const clearLaden = Object.values(cargoProfiles)
  .map((profile) => exampleLaden({}, profile))
  .filter((inputs) => decide(inputs).outcome === 'release')

t.test('without any one of the lists that its profile rests on no load is released', (t) => {
  t.ok(clearLaden.length >= 4, `${clearLaden.length} profiles release the clear truck`)
  for (const inputs of clearLaden) {
    const needed = cargoListsFor(inputs.profile.needs)
    t.ok(needed.includes('trips'), inputs.profile.name)
    for (const name of needed) {
      const others = inputs.lists.filter(({ list }) => list !== name)
      const own = { list: name, version: 7, contentHash: 'a'.repeat(64) }
      for (const [what, lists] of [
        ['not there', others],
        ['never confirmed', [...others, { ...own, ageMs: null }]],
        ['of the future', [...others, { ...own, ageMs: -2_001 }]],
      ] as const) {
        const [reason] = decide({ ...inputs, lists }).reasons
        t.match(reason, { row: 69, outcome: 'escalate', evidence: { missing: name } }, `${name} ${what}`)
      }
    }
  }
  t.end()
})

t.test('an empty truck may go by the older limit, a laden one and one of unknown load may not', (t) => {
  const outcomeAt = (profile: LaneProfile, load: 'L' | 'E', ageMs: number) => {
    const inputs = exampleLaden({ trip: { load } }, profile)
    const lists = inputs.lists.map((list) => (list.list === 'trips' ? { ...list, ageMs } : list))
    return decide({ ...inputs, lists }).reasons.filter(({ row }) => row === 69).length
  }
  t.equal(outcomeAt(cargoProfiles.roadInLaden, 'L', 600_001), 1)
  t.equal(outcomeAt(cargoProfiles.roadInEmpty, 'E', 600_001), 0)
  t.equal(outcomeAt(cargoProfiles.roadInEmpty, 'E', 4 * 3_600_000 + 1), 1)
  t.equal(outcomeAt(cargoProfiles.roadInEmpty, 'L', 600_001), 1, 'the trip contradicts the lane')
  t.end()
})

t.test('a list that the profile does not rest on may be as old as it likes, or missing', (t) => {
  const [inputs] = clearLaden
  if (!inputs) return t.end()
  const needed: readonly string[] = cargoListsFor(inputs.profile.needs)
  t.notOk(needed.includes('fitness'))
  const old = { list: 'fitness', version: 1, contentHash: 'a'.repeat(64), ageMs: null }
  t.equal(decide({ ...inputs, lists: [...inputs.lists, old] }).outcome, 'release')
  t.end()
})

t.test('connected again, the newest orders are waited for, and a hold is not', (t) => {
  const waiting = { resyncLeftMs: 4_000 }
  const decision = decide(exampleInputs(waiting))
  t.match(decision.reasons, [{ row: 69, code: 'SYS-02', outcome: 'escalate' }])
  t.same(decision.reasons[0]?.evidence, { missing: 'listsResynced' })
  t.equal(patienceMs(exampleInputs(waiting)), 4_000, 'nobody is called before that time is over')
  t.equal(
    decide(exampleInputs({ resyncLeftMs: 0 })).outcome,
    'release',
    'afterwards the ages of the lists judge',
  )
  const held = exampleInputs({ ...waiting, facts: { orders: [exampleOrder({})] } })
  t.equal(decide(held).outcome, 'hold')
  t.equal(patienceMs(held), 0)
  t.end()
})
