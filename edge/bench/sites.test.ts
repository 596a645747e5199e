import t from 'tap'
import type { Spread } from './figures.js'
import { benches } from './index.js'

// Whole sites of real processes are started here, on a machine that does other things as well.
t.setTimeout(300_000)

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

t.test('a small run of the lists measures every step from the gateway to the edge', async (t) => {
  const said: string[] = []
  const options = { entries: 2_000, lanes: 2, starts: 1, dir: t.testdir() }
  const figures = await benches['lists']?.run(options, (line) => said.push(line))
  t.comment(said.join('\n'))
  t.match(figures, { bench: 'lists', entries: 2_000, taken: { entries: 600 } })
  const looked = figures?.['looked'] as Record<string, Record<string, Spread>>
  for (const how of ['cold', 'warm'])
    for (const name of ['tagMs', 'plateMs', 'tripMs', 'ordersMs'])
      t.equal(looked[how]?.[name]?.count, 3_000, `${how} ${name}`)
  t.ok(Number(figures?.['ratio']) > 0, 'the floor was measured')
  const started = figures?.['started'] as Record<string, number>[]
  t.equal(started.length, 1)
  for (const { firstDecisionMs, readyMs } of started)
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
