import t from 'tap'
import { canonicalJson } from '../../base/canonical.js'
import { decisionSchema } from '../../messages/events.js'
import { decide } from './decide.js'
import { exampleInputs, exampleOrder } from './examples.js'
import { parseDecidedBody, redecide } from './replay.js'
import { rulesetVersion } from './ruleset.js'

const inputs = exampleInputs({ facts: { orders: [exampleOrder()] } })

/** As a journal gives it back: through canonical JSON. */
function recorded(body: unknown): Record<string, unknown> {
  return JSON.parse(canonicalJson(body))
}

function redecided(body: unknown) {
  const parsed = parseDecidedBody(recorded(body))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return redecide(parsed.value)
}

t.test('a recorded decision comes out the same, byte for byte', (t) => {
  const decision = decide(inputs)
  const again = redecided({ decisionId: 'p.d1', decision, inputs })
  t.same(again, { same: true, now: decision, differs: [] })
  t.equal(canonicalJson(again.now), canonicalJson(decision))
  t.ok(decisionSchema.parse(decision), 'and is what the wire takes for a decision')
  t.end()
})

t.test('a record that was changed shows where', (t) => {
  const decision = decide(inputs)
  t.same(
    redecided({ decision: { ...decision, outcome: 'release', prompt: 'prompt.release' }, inputs }).differs,
    ['outcome', 'prompt'],
  )
  const freed = { ...inputs, facts: { ...inputs.facts, orders: [] } }
  const other = redecided({ decision, inputs: freed })
  t.equal(other.same, false)
  t.equal(other.now.outcome, 'release')
  t.end()
})

t.test('a decision of another ruleset says so', (t) => {
  const old = redecided({ decision: { ...decide(inputs), rulesetVersion: 'older' }, inputs })
  t.same(old.differs, ['rulesetVersion'])
  t.equal(old.now.rulesetVersion, rulesetVersion)
  t.end()
})

t.test('a damaged record is a problem with a place, not a crash', (t) => {
  const decision = decide(inputs)
  const problemsOf = (body: unknown) => {
    const parsed = parseDecidedBody(recorded(body))
    return parsed.ok ? [] : parsed.problems.map((problem) => problem.path)
  }
  t.same(problemsOf({ inputs }), ['decision'])
  t.same(problemsOf({ decision: [], inputs }), ['decision'])
  t.same(problemsOf({ decision, inputs: { ...inputs, facts: undefined, lists: {} } }), [
    'inputs.lists',
    'inputs.facts',
    'inputs.facts.tags',
    'inputs.facts.vehicles',
    'inputs.facts.plates',
  ])
  t.equal(problemsOf({ decision }).length > 5, true)
  const parsed = parseDecidedBody({})
  t.ok(!parsed.ok && parsed.problems[0]?.remedy)
  t.end()
})
