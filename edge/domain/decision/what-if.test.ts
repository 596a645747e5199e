import t from 'tap'
import { SeededRandom } from '../../base/random.js'
import { defaultCargoPolicy } from './cargo.js'
import { exampleLaden } from './cargo-examples.js'
import { decide } from './decide.js'
import { exampleInputs, examplePlate } from './examples.js'
import { mutations } from './mutations.js'
import { changedPolicy } from './policy.js'
import { defaultPolicy } from './profiles.js'
import type { DecisionInputs } from './types.js'
import { whatIf } from './what-if.js'

const recorded = (inputs: DecisionInputs) => ({ decision: decide(inputs), inputs })

t.test('a planned threshold says which decision would differ and which rules make the difference', (t) => {
  const faint = exampleInputs({ plates: [examplePlate('ZZ9', 0.85)], facts: { plates: { ZZ9: null } } })
  const change = (inputs: DecisionInputs) => ({
    ...inputs,
    policy: changedPolicy(inputs.policy, { plateConfidenceMin: 0.8 }),
  })
  t.match(whatIf(recorded(faint), change), {
    would: { outcome: 'hold', primary: 'ID-06' },
    noLonger: ['73'],
    newly: ['12a'],
  })
  t.match(whatIf(recorded(exampleInputs()), change), { differs: [], noLonger: [], newly: [] })
  t.end()
})

t.test('without a change nothing would differ, whatever the passage', (t) => {
  for (let seed = 1; seed <= 500; seed += 1) {
    const random = new SeededRandom(seed)
    let inputs = exampleInputs()
    for (let n = random.int(0, 5); n > 0; n -= 1) inputs = random.pick(mutations)(inputs, random)
    if (whatIf(recorded(inputs), (same) => same).differs.length > 0) t.fail(`seed ${seed}`)
  }
  t.pass('500 generated inputs')
  t.end()
})

t.test('a change of the policy replaces what it names and leaves the rest', (t) => {
  t.same(changedPolicy(defaultPolicy, {}), defaultPolicy)
  t.same(changedPolicy(defaultPolicy, { tagMissesMax: 5 }), { ...defaultPolicy, tagMissesMax: 5 })
  const { policy } = exampleLaden()
  t.same(changedPolicy(policy, { cargo: { weightToleranceKg: 100 } }), {
    ...policy,
    cargo: { ...defaultCargoPolicy, weightToleranceKg: 100 },
  })
  t.end()
})
