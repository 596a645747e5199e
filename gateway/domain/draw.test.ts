import { createHmac } from 'node:crypto'
import t from 'tap'
import { exampleTrip } from '../../edge/domain/decision/cargo-examples.js'
import { commitmentOf, defaultDrawRates, drawOf, rateOf, type DrawOn } from './draw.js'

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
