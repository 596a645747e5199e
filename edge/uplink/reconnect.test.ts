import t from 'tap'
import { systemClock, type Clock } from '../base/clock.js'
import { brisk, slow } from '../base/backoff.js'
import { testAuthority } from '../../gateway/authority/testing/authority.js'
import { bench, eventually } from './testing/edge.js'
import { edgeId } from './testing/gateway.js'
import { headOf, order } from '../store/testing/list.contract.js'

/** Real time, but the waits between two tries are noted and take a millisecond. */
class WaitsNoted implements Clock {
  readonly waitsMs: number[] = []
  now() {
    return systemClock.now()
  }
  after(name: string, delayMs: number, run: () => void) {
    if (name !== 'uplink backoff') return systemClock.after(name, delayMs, run)
    this.waitsMs.push(delayMs)
    return systemClock.after(name, 1, run)
  }
}

/** Draws that make every wait as long as it can be. */
const unlucky = { next: () => 0 }

t.test('however long the gateway was away, it is looked for every 4 s at least', async (t) => {
  const clock = new WaitsNoted()
  const b = await bench(t, { clock, random: unlucky, backoff: brisk, refusedBackoff: slow })
  t.ok(await eventually(() => b.uplink.connected))
  await b.gateway.kill()
  t.ok(await eventually(() => clock.waitsMs.length > 30))
  t.same(clock.waitsMs.slice(0, 5), [500, 1_000, 2_000, 4_000, 4_000])
  t.equal(Math.max(...clock.waitsMs), 4_000)
  t.notOk(b.stands('uplink.refused'))
  await b.gateway.start()
  t.ok(await eventually(() => b.uplink.connected))
})

t.test('a gateway that refuses is not pestered, and an absence before makes nothing worse', async (t) => {
  const clock = new WaitsNoted()
  const b = await bench(t, { clock, random: unlucky, backoff: brisk, refusedBackoff: slow })
  t.ok(await eventually(() => b.uplink.connected))
  await b.gateway.kill()
  t.ok(await eventually(() => clock.waitsMs.length > 12))
  b.gateway.accepts = false
  await b.gateway.start()
  const from = clock.waitsMs.length
  t.ok(await eventually(() => b.stands('uplink.refused') && clock.waitsMs.length > from + 12))
  const waitsMs = clock.waitsMs.slice(clock.waitsMs.indexOf(30_000) - 6)
  t.same(waitsMs.slice(0, 8), [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  b.gateway.accepts = true
  t.ok(await eventually(() => !b.stands('uplink.refused') && b.uplink.connected))
})

t.test(
  'a list that could not be fetched while the gateway was away is fetched when it is back',
  async (t) => {
    const never = { firstMs: 3_600_000, factor: 1, maxMs: 3_600_000, jitter: 0 }
    let down = true
    const version = { version: 1, entries: [order('O1', 'E1', 'look at it')] }
    const head = headOf('orders', 1, version.entries)
    const b = await bench(t, { refusedBackoff: never }, (gateway) => {
      gateway.listRoute = (_request, response) => {
        if (down) response.writeHead(503).end()
        else
          response
            .writeHead(200)
            .end([head, ...version.entries].map((one) => JSON.stringify(one) + '\n').join(''))
      }
      gateway.head('orders', head)
    })
    t.ok(await eventually(() => b.uplink.counters.failed === 1))
    down = false
    await b.gateway.kill()
    await b.gateway.start()
    t.ok(await eventually(() => b.store.lists.inForce()[0]?.version === 1))
  },
)

t.test(
  'a certificate and key that do not go together leave the edge at work, and the next one connects',
  async (t) => {
    const { identityOf } = await testAuthority()
    const [own, other] = [await identityOf(edgeId), await identityOf(edgeId)]
    let current = { ...own, keyPem: other.keyPem }
    let tellChange = (): void => undefined
    const clock = new WaitsNoted()
    const b = await bench(t, {
      clock,
      identity: {
        current: () => current,
        onChanged: (listener) => {
          tellChange = listener
          return () => undefined
        },
      },
    })
    t.ok(await eventually(() => clock.waitsMs.length > 3))
    t.notOk(b.uplink.connected)
    current = own
    tellChange()
    t.ok(await eventually(() => b.uplink.connected))
  },
)
