import fc from 'fast-check'
import t from 'tap'
import { SeededRandom } from '../../base/random.js'
import { classChangesSchema, policyChangeSchema, type ClassChanges } from '../../messages/ruleset.js'
import { defaultCargoPolicy } from './cargo.js'
import { exampleCompany, exampleLaden, type LadenChange } from './cargo-examples.js'
import { cargoMutations, clearTruck } from './cargo-mutations.js'
import { decide, strengthOf } from './decide.js'
import { explain } from './explain.js'
import { inWords } from './explain-words.js'
import { mutations } from './mutations.js'
import { changedPolicy } from './policy.js'
import { cargoStrictness, strictestOf, strictness } from './policy-class.js'
import { defaultPolicy } from './profiles.js'
import { redecide } from './replay.js'
import type { Decision, DecisionInputs } from './types.js'

/** A fresh seed each run; `SEED=n` repeats one. */
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
t.comment(`SEED=${seed}`)

/** Class 1 may be off by 1,500 kg, class 3 by nothing but 100 kg. */
const byClass: ClassChanges = {
  '1': { cargo: { weightToleranceKg: 1_500 } },
  '3': { cargo: { weightToleranceKg: 100, weightLadenShare: 0.001 } },
}
const ofClass = (managedClass: 1 | 2 | 3): LadenChange => ({
  known: { companies: { C1: { ...exampleCompany, managedClass } } },
})
/** The clear truck, so many kilograms heavier than declared at both weighings. */
const heavier = (byKg: number, change: LadenChange) =>
  exampleLaden({
    policy: changedPolicy(defaultPolicy, { byClass }),
    seen: { weight: { grossKg: 30_000 + byKg, stable: true, onScale: true, tries: 2 } },
    ...change,
  })
const outcomeOf = (byKg: number, change: LadenChange) => decide(heavier(byKg, change)).outcome

t.test('every threshold says which way it is strict, and only those may differ by class that may', (t) => {
  const { byClass: _byClass, cargo, ...plain } = policyChangeSchema.shape
  t.same(Object.keys(strictness).sort(), Object.keys(plain).sort())
  t.same(Object.keys(cargoStrictness).sort(), Object.keys(cargo.unwrap().shape).sort())
  t.same(Object.keys(cargoStrictness).sort(), Object.keys(defaultCargoPolicy).sort())
  const may = (ways: Readonly<Record<string, string>>) =>
    Object.keys(ways).filter((name) => ways[name] !== 'sensing')
  const { cargo: ofCargo, ...others } = classChangesSchema.shape['2'].unwrap().shape
  t.same(Object.keys(others).sort(), may(strictness).sort())
  t.same(Object.keys(ofCargo.unwrap().shape).sort(), may(cargoStrictness).sort())
  t.end()
})

t.test('a truck is weighed by the tolerance of its company’s class', (t) => {
  t.equal(outcomeOf(1_400, ofClass(1)), 'release', 'class 1 may be off by more')
  t.equal(outcomeOf(1_600, ofClass(1)), 'hold')
  t.equal(outcomeOf(900, ofClass(2)), 'release', 'class 2 has the numbers of the lane')
  t.equal(outcomeOf(901, ofClass(2)), 'hold')
  t.equal(outcomeOf(101, ofClass(3)), 'hold', 'class 3 may be off by less')
  t.equal(outcomeOf(99, ofClass(3)), 'release')
  t.end()
})

t.test('a company that nobody knows gets the strictest tolerance of all classes', (t) => {
  const nobody: readonly (readonly [what: string, change: LadenChange])[] = [
    ['not registered', { known: { companies: { C1: null } } }],
    ['not to be told', { known: { companies: { C1: 'unknown' } } }],
    ['not looked up', { known: { companies: {} } }],
    ['none', { truck: { companyId: undefined } }],
    ['of a register that is too old', { ...ofClass(1), lists: listsOfAge(4 * 3_600_000 + 1) }],
    ['of a register that was never confirmed', { ...ofClass(1), lists: listsOfAge(null) }],
    ['of a register that the record does not name', { ...ofClass(1), lists: [] }],
  ]
  for (const [what, change] of nobody) {
    const held = decide(heavier(101, change))
    t.ok(
      held.reasons.some(({ code, outcome }) => code === 'WGT-02' && outcome === 'hold'),
      what,
    )
    t.notOk(
      decide(heavier(99, change)).reasons.some(({ code }) => code === 'WGT-02'),
      what,
    )
  }
  t.equal(
    outcomeOf(1_400, { ...ofClass(1), lists: listsOfAge(60_000) }),
    'release',
    'a young one is believed',
  )
  t.end()
})

function listsOfAge(ageMs: number | null): DecisionInputs['lists'] {
  return exampleLaden().lists.map((list) => (list.list === 'companies' ? { ...list, ageMs } : list))
}

t.test('the strictest takes each threshold by itself, those of no class among them', (t) => {
  const policy = changedPolicy(defaultPolicy, {
    cargo: { arrears: { overFen: 500, overDays: 90 }, crateShareMin: 0.97 },
    byClass: {
      '1': { tagMissesMax: 9, tagReadsMin: 3, cargo: { healthExpired: 'advise', crateShareMin: 0.8 } },
      '2': { tagMissesMax: 2, cargo: { arrears: { overFen: 900, overDays: 30 } } },
      '3': { cargo: { arrears: null } },
    },
  })
  t.match(strictestOf(policy), {
    tagMissesMax: 2,
    tagReadsMin: 3,
    byClass: undefined,
    cargo: { arrears: { overFen: 500, overDays: 30 }, healthExpired: 'hold', crateShareMin: 0.97 },
  })
  t.end()
})

t.test('the record says enough to be judged again, and its explanation names the class', (t) => {
  for (const [change, said] of [
    [ofClass(1), 'Thresholds of companies of class 1'],
    [{ known: { companies: { C1: null } } }, 'the strictest of each threshold'],
  ] as const) {
    const inputs = heavier(1_400, change)
    const decision = decide(inputs)
    const body = JSON.parse(JSON.stringify({ decision, inputs })) as {
      decision: Decision
      inputs: DecisionInputs
    }
    t.equal(redecide(body).same, true)
    t.match(JSON.stringify(inWords(explain(body, { seesSecrets: false }), 'en')), said)
  }
  t.notMatch(
    JSON.stringify(
      explain({ decision: decide(exampleLaden()), inputs: exampleLaden() }, { seesSecrets: true }),
    ),
    'companyClass',
    'where no class has numbers of its own nothing is said',
  )
  t.end()
})

const changes = [...cargoMutations, ...cargoMutations, ...mutations]
const share = fc.double({ min: 0, max: 0.5, noNaN: true })
/** Numbers of one class, about as many stricter as weaker ones. */
const classArbitrary = fc.record(
  {
    tagReadsMin: fc.integer({ min: 1, max: 20 }),
    tagMissesMax: fc.integer({ min: 1, max: 6 }),
    impossibleTravelMs: fc.integer({ min: 0, max: 600_000 }),
    ordersStaleLadenMs: fc.integer({ min: 0, max: 3_600_000 }),
    ordersStaleOtherMs: fc.integer({ min: 0, max: 86_400_000 }),
    registryStaleMs: fc.integer({ min: 0, max: 86_400_000 }),
    cargo: fc.record(
      {
        manifestBeforeMs: fc.integer({ min: 0, max: 4 * 3_600_000 }),
        trustedManifestBeforeMs: fc.integer({ min: 0, max: 4 * 3_600_000 }),
        manifestWaitMs: fc.integer({ min: 0, max: 3_600_000 }),
        customsWithinMs: fc.integer({ min: 0, max: 10_000 }),
        weightToleranceKg: fc.integer({ min: 0, max: 3_000 }),
        weightLadenShare: share,
        weightEmptyShare: share,
        earTagShare: share,
        crateShareMin: fc.double({ min: 0.5, max: 1, noNaN: true }),
        sealTriesMax: fc.integer({ min: 1, max: 6 }),
        arrears: fc.option(
          fc.record({
            overFen: fc.integer({ min: 0, max: 100_000 }),
            overDays: fc.integer({ min: 0, max: 60 }),
          }),
        ),
        healthExpired: fc.constantFrom('hold' as const, 'advise' as const),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
)

t.test('a company that nobody knows is never judged weaker than any class would be', (t) => {
  let stronger = 0
  const strength = (decision: Decision) => Math.max(...decision.reasons.map(strengthOf))
  fc.assert(
    fc.property(
      fc.nat(),
      fc.array(fc.record({ which: fc.nat(changes.length - 1), with: fc.nat() }), { maxLength: 4 }),
      fc.record({ '1': classArbitrary, '2': classArbitrary, '3': classArbitrary }, { requiredKeys: [] }),
      (start, drawn, classes) => {
        const inputs = drawn.reduce(
          (before, change) => changes[change.which]?.(before, new SeededRandom(change.with)) ?? before,
          clearTruck(new SeededRandom(start)),
        )
        const policy = changedPolicy(inputs.policy, { byClass: classes })
        const strict = decide({ ...inputs, policy: strictestOf(policy) })
        const { byClass: _byClass, ...base } = policy
        for (const change of [{}, ...Object.values(classes)]) {
          const known = decide({ ...inputs, policy: changedPolicy(base, change) })
          if (strength(strict) < strength(known))
            throw new Error(`weaker: ${JSON.stringify([known, strict, change])}`)
          if (strength(strict) > strength(known)) stronger += 1
        }
        // And that is how one is judged whose company nobody can tell.
        const facts = {
          ...inputs.facts,
          ...(inputs.facts.cargo && { cargo: { ...inputs.facts.cargo, companies: {} } }),
        }
        const unknown = decide({ ...inputs, facts, policy })
        const same = decide({ ...inputs, facts, policy: strictestOf(policy) })
        if (JSON.stringify(unknown) !== JSON.stringify(same)) throw new Error('not the strictest')
      },
    ),
    { numRuns: 4_000, seed },
  )
  t.ok(stronger > 200, `${stronger} were judged more strictly`)
  t.end()
})
