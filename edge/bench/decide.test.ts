import t from 'tap'
import { SeededRandom } from '../base/random.js'
import { decide } from '../domain/decision/decide.js'
import { casesOfEveryKind, differencesOf, isUntold, vehicleWith } from './decide-cases.js'
import { judgeByHand } from './decide-chain.js'
import { TableInEngine } from './decide-engine.js'
import { kindNames } from './decide-kinds.js'

const engine = new TableInEngine()

t.test('the chain by hand judges every difference in every lane and load as the rules do', (t) => {
  const spoken = new Set<string>()
  let tried = 0
  for (const kind of kindNames)
    for (const name of ['none', ...differencesOf(kind)]) {
      const inputs = vehicleWith(kind, [name])
      const { outcome, primary } = decide(inputs)
      if (isUntold(inputs)) continue
      tried += 1
      spoken.add(`${primary} ${outcome}`)
      const byHand = judgeByHand(inputs)
      if (byHand.outcome !== outcome || byHand.primary !== primary)
        t.same(byHand, { outcome, primary }, `${kind}: ${name}`)
    }
  t.comment(`${tried} vehicles, ${spoken.size} reasons with their outcomes: ${[...spoken].sort().join(', ')}`)
  t.ok(tried > 1_500, `${tried} vehicles`)
  t.ok(spoken.size > 55, `${spoken.size} reasons with their outcomes`)
  t.end()
})

t.test('a clear vehicle is released in every lane but the one that opens every empty container', (t) => {
  for (const kind of kindNames) {
    const { outcome } = decide(vehicleWith(kind, []))
    t.equal(outcome, kind === 'seaOutEmptyOpened' ? 'hold' : 'release', kind)
  }
  t.end()
})

t.test('chain and engine agree with the rules on generated vehicles of every lane and load', async (t) => {
  const { cases, untold } = casesOfEveryKind(120, new SeededRandom(4711))
  const outcomes = new Set<string>()
  for (const [n, inputs] of cases.entries()) {
    const { outcome, primary } = decide(inputs)
    outcomes.add(outcome)
    const others = [judgeByHand(inputs), ...(n % 7 === 0 ? [await engine.judge(inputs)] : [])]
    for (const judged of others)
      if (judged.outcome !== outcome || judged.primary !== primary)
        t.same(judged, { outcome, primary }, `${inputs.profile.name} ${n}`)
  }
  t.same([...outcomes].sort(), ['disinfect', 'escalate', 'hold', 'lock', 'release'])
  t.ok(untold < cases.length / 2, `${untold} were not taken`)
})
