import t from 'tap'
import { spreadOf, tableOf } from './figures.js'
import { benches } from './index.js'

t.test('percentiles are values that were measured, and nothing is no value', (t) => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
  t.same(spreadOf(hundred), { count: 100, p50: 50, p95: 95, p99: 99, max: 100 })
  t.same(spreadOf([7]), { count: 1, p50: 7, p95: 7, p99: 7, max: 7 })
  t.same(spreadOf([]), { count: 0, p50: null, p95: null, p99: null, max: null })
  t.same(
    tableOf([
      ['a', 1],
      ['bbb', null],
    ]),
    ['a    1', 'bbb  -'],
  )
  t.end()
})

t.test('the small benches give a rate beside a floor', async (t) => {
  for (const name of ['decide', 'codec', 'journal', 'ingest']) {
    const figures = await benches[name]?.run(
      { seconds: 0.05, entries: 140, dir: t.testdir() },
      () => undefined,
    )
    t.match(figures, { bench: name })
    const ratio =
      name === 'codec' ? (figures?.['codecs'] as { ratio: number }[])[0]?.ratio : figures?.['ratio']
    t.ok(Number(ratio) > 0, name)
    if (name === 'decide') t.match(figures, { disagreeByHand: 0, disagreeEngine: 0 })
  }
})
