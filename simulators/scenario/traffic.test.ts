import t from 'tap'
import { SeededRandom } from '../../edge/base/random.js'
import { listEntrySchema } from '../../edge/messages/entities.js'
import { mixedTraffic, Traffic, trafficKinds } from './traffic.js'

const options = { mix: mixedTraffic, wallMs: 0, pauseMs: 3_000, patienceMs: 60_000, prefix: 'A' }

t.test('the same seed brings the same vehicles', (t) => {
  const draw = (seed: number): string => {
    const traffic = new Traffic(new SeededRandom(seed), options)
    return JSON.stringify(Array.from({ length: 50 }, () => traffic.next()))
  }
  t.equal(draw(7), draw(7))
  t.not(draw(7), draw(8))
  t.end()
})

t.test('every kind of vehicle comes, with list entries that a gateway would take', (t) => {
  const traffic = new Traffic(new SeededRandom(1), options)
  const arrivals = Array.from({ length: 600 }, () => traffic.next())
  t.strictSame(
    trafficKinds.filter((kind) => !arrivals.some((arrival) => arrival.kind === kind)),
    [],
  )
  for (const { lists, lateOrder } of arrivals) {
    for (const entry of [...lists, ...(lateOrder ? [lateOrder.order] : [])]) listEntrySchema.parse(entry)
  }
  const tags = arrivals.flatMap((arrival) => arrival.vehicle.tags.map((tag) => tag.epc))
  t.equal(new Set(tags).size, tags.length, 'no tag is on two vehicles')
  t.end()
})

t.test('a kind that the mix does not name never comes', (t) => {
  const traffic = new Traffic(new SeededRandom(1), { ...options, mix: { known: 1, intercepted: 1 } })
  const kinds = new Set(Array.from({ length: 100 }, () => traffic.next().kind))
  t.strictSame([...kinds].sort(), ['intercepted', 'known'])
  t.end()
})
