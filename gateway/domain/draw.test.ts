import { createHmac } from 'node:crypto'
import t from 'tap'
import { exampleTrip } from '../../edge/domain/decision/cargo-examples.js'
import {
  commitmentOf,
  defaultDrawRates,
  drawAfter,
  drawnAgainShare,
  drawOf,
  rateOf,
  type DrawOn,
} from './draw.js'

const seed = { day: '2026-01-01', seed: 'c0ffee'.padEnd(64, '0') }
const on: DrawOn = { trip: exampleTrip, managedClass: 3, goodsClasses: ['TOYS'], watched: false }

t.test('anybody can do the sum again once the seed is revealed', (t) => {
  const draw = drawOf(seed, on, defaultDrawRates)
  const mac = createHmac('sha256', seed.seed).update('CUS1\nIQ1').digest('hex')
  t.equal(draw.drawId, `2026-01-01-${mac.slice(0, 12)}`)
  t.equal(draw.selected, Number.parseInt(mac.slice(0, 12), 16) / 2 ** 48 < 0.1)
  t.same(drawOf(seed, on, defaultDrawRates), draw, 'the same again: it cannot be rolled anew')
  const turned = { ...on, trip: { ...exampleTrip, declarationNos: ['IQ1', 'CUS1'] } }
  t.same(drawOf(seed, turned, defaultDrawRates), draw, 'the order of the papers does not matter')
  t.match(commitmentOf(seed), /^[0-9a-f]{64}$/)
  t.notMatch(commitmentOf(seed), new RegExp(seed.seed.slice(0, 8)))
  t.end()
})

t.test('the share drawn is the rate', (t) => {
  const trips = 20_000
  for (const managedClass of [1, 2, 3, null] as const) {
    const rate = rateOf({ ...on, managedClass }, defaultDrawRates)
    let selected = 0
    for (let n = 0; n < trips; n++) {
      const trip = { ...exampleTrip, declarationNos: [`D${n}`] }
      if (drawOf(seed, { ...on, trip, managedClass }, defaultDrawRates).selected) selected += 1
    }
    // Four standard deviations of a binomial: with a fixed seed this is one sum, not a chance.
    const tolerance = 4 * Math.sqrt((rate * (1 - rate)) / trips)
    t.ok(Math.abs(selected / trips - rate) < tolerance, `class ${managedClass}: ${selected} of ${trips}`)
  }
  t.end()
})

t.test('goods and a watch list raise the share and never lower it', (t) => {
  const rates = { ...defaultDrawRates, byGoods: { VEGETABLES: 0.15, TOYS: 0.01 } }
  t.equal(rateOf({ ...on, managedClass: 1, goodsClasses: ['VEGETABLES'] }, rates), 0.15)
  t.equal(rateOf({ ...on, goodsClasses: ['TOYS'] }, rates), 0.1)
  t.equal(rateOf({ ...on, goodsClasses: ['constructor'] }, rates), 0.1)
  t.equal(rateOf({ ...on, watched: true }, rates), 1)
  t.ok(drawOf(seed, { ...on, watched: true }, rates).selected)
  t.end()
})

const drawn = { kind: 'draw', tripId: 'T1', drawId: 'DR1', selected: true } as const
const passed = { taskId: 'p1.i1', tripId: 'T1', reasons: ['RND-01'], result: 'PASS' } as const

t.test('a draw is answered by the inspection that it asked for, when that has passed', (t) => {
  t.same(drawAfter(drawn, passed, seed, 0), { ...drawn, result: 'PASS' })
  t.equal(drawAfter(drawn, { ...passed, reasons: ['INS-01'] }, seed, 0), null, 'asked for by another rule')
  t.equal(drawAfter(drawn, { ...passed, reasons: ['CTL-02S'] }, seed, 0), null)
  t.equal(drawAfter(drawn, { ...passed, tripId: 'T2' }, seed, 0), null, 'of another trip')
  t.equal(drawAfter({ ...drawn, selected: false }, passed, seed, 0), null, 'nothing was asked for')
  for (const result of ['TREAT', 'FAIL', 'RETURN'] as const)
    t.same(drawAfter({ ...drawn, result: 'PASS' }, { ...passed, reasons: [], result }, seed, 0), {
      ...drawn,
      result,
    })
  t.end()
})

t.test('of those that passed the share is drawn once more, and no third time', (t) => {
  const tasks = 20_000
  let again = 0
  for (let n = 0; n < tasks; n++) {
    const found = { ...passed, taskId: `p${n}.i1` }
    const after = drawAfter(drawn, found, seed)
    if (after?.round !== 2) continue
    again += 1
    const mac = createHmac('sha256', seed.seed).update(`again\nT1\n${found.taskId}`).digest('hex')
    if (after.drawId !== `2026-01-01-${mac.slice(0, 12)}` || after.result !== undefined) t.fail(found.taskId)
    if (drawAfter(after, found, seed, 1)?.result !== 'PASS') t.fail('drawn a third time')
  }
  const tolerance = 4 * Math.sqrt((drawnAgainShare * (1 - drawnAgainShare)) / tasks)
  t.ok(Math.abs(again / tasks - drawnAgainShare) < tolerance, `${again} of ${tasks}`)
  t.end()
})
