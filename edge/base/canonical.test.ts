import t from 'tap'
import { canonicalJson } from './canonical.js'

t.test('the order of members does not show', (t) => {
  t.equal(canonicalJson({ b: 1, a: [undefined, { d: undefined, c: 'x' }] }), '{"a":[null,{"c":"x"}],"b":1}')
  t.end()
})
