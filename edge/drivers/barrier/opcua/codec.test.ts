import t from 'tap'
import { unknownSignals } from '../../../interfaces/barrier.js'
import { countOf, noReading, signalsOf, textOf, type Reading } from './codec.js'

t.test('bad quality and wrong types are unknown, never a level', (t) => {
  const good = (value: unknown): Reading => ({ good: true, value })
  t.same(
    signalsOf(() => noReading),
    unknownSignals,
  )
  t.same(
    signalsOf((name) => ({ good: false, value: name === 'entryLoop' ? false : 'boot' })),
    unknownSignals,
    'a clear loop of bad quality is not clear',
  )
  t.same(
    signalsOf(() => good({ strange: [1] })),
    unknownSignals,
  )
  t.equal(countOf(good(-1)), null)
  t.equal(countOf(good(0.5)), null)
  t.equal(countOf(good(4_294_967_295)), 4_294_967_295)
  t.equal(textOf(good('')), null)
  t.equal(textOf(good('x'.repeat(5_000)))?.length, 200)
  t.end()
})
