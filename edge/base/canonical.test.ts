import fc from 'fast-check'
import t from 'tap'
import { canonicalJson } from './canonical.js'

t.test('the order of members does not show', (t) => {
  t.equal(canonicalJson({ b: 1, a: [undefined, { d: undefined, c: 'x' }] }), '{"a":[null,{"c":"x"}],"b":1}')
  t.end()
})

/** The same value with the members of every object in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  )
}

t.test('one value has one text, and the text has the value', (t) => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
  t.comment(`SEED=${seed}`)
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value))
      const text = canonicalJson(plain)
      return text === canonicalJson(reversed(plain)) && canonicalJson(JSON.parse(text)) === text
    }),
    { seed, numRuns: 500 },
  )
  t.end()
})

t.test('arrays keep their order, empty ones their brackets, and keys are sorted by code unit', (t) => {
  t.equal(canonicalJson([]), '[]')
  t.equal(canonicalJson({}), '{}')
  t.equal(canonicalJson([[], {}, '', 0, null]), '[[],{},"",0,null]')
  t.equal(canonicalJson({ ä: 1, a: 2, B: 3, '10': 4, '9': 5 }), '{"10":4,"9":5,"B":3,"a":2,"ä":1}')
  t.throws(() => canonicalJson(undefined), TypeError)
  t.throws(
    () => canonicalJson({ a: [{ b: () => 0 }] }),
    TypeError,
    'what is no JSON is not left out in silence',
  )
  t.end()
})
