import t from 'tap'
import { spreadOf, tableOf } from './figures.js'
import { benches } from './index.js'
import type { Spread } from './figures.js'

// Some of it starts whole sites of real processes, on a machine that does other things as well.
t.setTimeout(300_000)

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

t.test('a small run of the lane sees every passage from ripe to the command on the wire', async (t) => {
  const bench = benches['lane']
  if (!bench) throw new Error('there is no bench "lane"')
  const said: string[] = []
  const options = { lanes: 2, passages: 4, reads: 60, entries: 400, dir: t.testdir() }
  const figures = await bench.run(options, (line) => said.push(line))
  t.comment(said.join('\n'))
  t.match(figures, { lanes: 2, entries: 400, passages: 4, notReleased: 0, gaveUp: 0 })
  const all = figures['ripeToWireMs'] as Spread
  const floor = figures['floorMs'] as Spread
  t.equal(all.count, 4, 'each has its figure')
  t.ok((all.p50 ?? -1) > 0, 'no command is on the wire before its passage is ripe')
  t.ok((floor.p50 ?? -1) > 0, 'the floor was measured')
  t.equal(typeof (figures['ratio'] as { p50: unknown }).p50, 'number')
  JSON.parse(JSON.stringify(figures))
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

t.test('a small run of the lists measures every step from the gateway to the edge', async (t) => {
  const said: string[] = []
  const options = { entries: 2_000, lanes: 2, dir: t.testdir() }
  const figures = await benches['lists']?.run(options, (line) => said.push(line))
  t.comment(said.join('\n'))
  t.match(figures, { bench: 'lists', entries: 2_000, taken: { entries: 600 } })
  const looked = figures?.['looked'] as Record<string, Record<string, Spread>>
  for (const how of ['cold', 'warm'])
    for (const name of ['tagMs', 'plateMs', 'tripMs', 'ordersMs'])
      t.equal(looked[how]?.[name]?.count, 3_000, `${how} ${name}`)
  t.ok(Number(figures?.['ratio']) > 0, 'the floor was measured')
  for (const { firstDecisionMs, readyMs } of figures?.['started'] as Record<string, number>[])
    t.ok((firstDecisionMs ?? 0) > 0 && (readyMs ?? 0) > 0, 'an edge with lanes decided')
  t.ok(Number(figures?.['deltaInForceMs']) > 0, 'a change of some entries came into force')
})

t.test('an order reaches every edge of a small site, verified, beside a floor', async (t) => {
  const figures = await benches['propagation']?.run({ edges: 8, dir: t.testdir() }, () => undefined)
  t.match(figures, { bench: 'propagation', sizes: [{ edges: 8, ratio: {} }] })
  const [sized] = figures?.['sizes'] as { lightMs: Spread; durableMs: Spread; floorMs: Spread }[]
  t.match(sized, { lightMs: { count: 20 }, durableMs: { count: 20 }, floorMs: { count: 40 } })
  t.ok(Number(sized?.floorMs.p50) > 0, 'the floor was measured')
})
