import fc from 'fast-check'
import t from 'tap'
import { covers, isFilter } from './topics.js'

t.test('which filter covers which topic or narrower filter', (t) => {
  const table: readonly [string, string, boolean][] = [
    ['readers/north-1', 'readers/north-1', true],
    ['readers/north-1', 'readers/north-1/tags', false],
    ['readers/+', 'readers/north-1', true],
    ['readers/+', 'readers/+', true],
    ['readers/+', 'readers/#', false],
    ['readers/+', 'readers', false],
    ['readers/#', 'readers', true],
    ['readers/#', 'readers/#', true],
    ['readers/#', 'readers/+/tags', true],
    ['readers/north-1', 'readers/+', false],
    ['#', 'readers/north-1', true],
    ['#', '#', true],
    ['#', '$SYS/heartbeat', false],
    ['+/heartbeat', '$SYS/heartbeat', false],
    ['$SYS/#', '$SYS/heartbeat', false],
    ['a/+/c', 'a//c', true],
    ['a', 'A', false],
  ]
  for (const [allowed, asked, expected] of table)
    t.equal(covers(allowed, asked), expected, `${allowed} ${asked}`)
  t.end()
})

t.test('whatever a covered filter matches, the covering one matches too', (t) => {
  const level = fc.constantFrom('a', 'b', '', '+')
  const filter = fc
    .tuple(fc.array(level, { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([levels, all]) => [...levels, ...(all ? ['#'] : [])].join('/'))
    .filter((text) => isFilter(text))
  const topic = fc
    .array(fc.constantFrom('a', 'b', ''), { minLength: 1, maxLength: 5 })
    .map((levels) => levels.join('/'))
  fc.assert(
    fc.property(filter, filter, topic, (allowed, asked, name) => {
      return !covers(allowed, asked) || !covers(asked, name) || covers(allowed, name)
    }),
    { numRuns: 5_000, verbose: 1 },
  )
  t.end()
})

t.test('which texts are filters at all', (t) => {
  for (const text of ['a', 'a/b', '#', 'a/#', '+', '+/a', 'a/+/b', '/']) t.equal(isFilter(text), true, text)
  for (const text of ['', 'a#', '#/a', 'a/#/b', 'a+', '+a/b', 'a\0b']) t.equal(isFilter(text), false, text)
  t.end()
})
