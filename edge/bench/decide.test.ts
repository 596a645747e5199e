import t from 'tap'
import { SeededRandom } from '../base/random.js'
import { decide } from '../domain/decision/decide.js'
import { anyTruck, differences, truckWith } from './decide-cases.js'
import { judgeByHand } from './decide-chain.js'
import { TableInEngine } from './decide-engine.js'

const engine = new TableInEngine()

t.test('the chain by hand and the engine judge every difference as the rules do', async (t) => {
  for (const name of ['none', ...Object.keys(differences)]) {
    const inputs = truckWith([name])
    const { outcome, primary } = decide(inputs)
    t.same(judgeByHand(inputs), { outcome, primary }, `${name} by hand`)
    t.same(await engine.judge(inputs), { outcome, primary }, `${name} by the engine`)
  }
})

t.test('and so they do on generated trucks', async (t) => {
  const random = new SeededRandom(4711)
  const outcomes = new Set<string>()
  for (let n = 0; n < 3_000; n += 1) {
    const inputs = anyTruck(random)
    const { outcome, primary } = decide(inputs)
    outcomes.add(outcome)
    const other = [judgeByHand(inputs), ...(n % 10 === 0 ? [await engine.judge(inputs)] : [])]
    for (const judged of other)
      if (judged.outcome !== outcome || judged.primary !== primary)
        t.same(judged, { outcome, primary }, `${n}`)
  }
  t.same([...outcomes].sort(), ['escalate', 'hold', 'lock', 'release'])
})
