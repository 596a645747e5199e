import t from 'tap'
import type { ListEntry } from '../messages/entities.js'
import { systemClock } from '../base/clock.js'
import { order, tag } from '../store/testing/list.contract.js'
import { secretOf, startIn } from '../../gateway/testing/gateway-under-test.js'
import { bench, eventually } from './testing/edge.js'

/** The uplink before the gateway itself, not before a stand-in: both ends read the wire the same way. */

t.test('five thousand events reach the real gateway in order, and its mark comes back', async (t) => {
  const gateway = await startIn(t, t.testdir({}))
  const { mqttUrl, httpUrl } = gateway.gateway
  const b = await bench(t, { mqttUrl, httpUrl, secret: secretOf('edge-1') })
  for (let n = 0; n < 10; n += 1) await b.append(500)
  const startMs = systemClock.now().monoMs
  t.ok(await eventually(() => b.store.journal.status().acknowledged === 5_000, 30_000))
  const seconds = (systemClock.now().monoMs - startMs) / 1_000
  t.comment({ perSecond: Math.round(5_000 / seconds), repeated: b.uplink.counters.repeated })
  t.equal(b.uplink.counters.badMessages, 0)
  t.notOk(b.stands('uplink.disconnected'))
})

t.test(
  'a list changed at the real gateway is in force at the edge, pushed while up and fetched after',
  async (t) => {
    const dir = t.testdir({})
    const gateway = await startIn(t, dir)
    const { mqttUrl, httpUrl } = gateway.gateway
    await gateway.signIn()
    const change = async (list: string, upserts: ListEntry[], deletes: string[] = []): Promise<void> => {
      const { status } = await gateway.post(`/api/lists/${list}/changes`, { upserts, deletes })
      t.ok(status < 300, `${list} changed`)
    }
    const many = Array.from({ length: 3_000 }, (_, n) => tag(`E${n}`))
    await change('tags', many)
    const b = await bench(t, { mqttUrl, httpUrl, secret: secretOf('edge-1') })
    const countOf = (list: string): number | undefined =>
      b.store.lists.inForce().find((held) => held.list === list)?.count
    t.ok(await eventually(() => countOf('tags') === 3_000), 'in full')
    t.strictSame((await b.store.lists.factsOfTag('E2999')).tag, many[2_999])

    const onE1 = [{ kind: 'TAG' as const, key: 'E1' }]
    t.ok(await eventually(() => b.uplink.connected))
    const startMs = systemClock.now().monoMs
    await change('orders', [order('BK-1', 'E1')])
    t.ok(
      await eventually(() => {
        const orders = b.store.lists.ordersOn(onE1)
        return orders !== 'unknown' && orders.length === 1
      }),
    )
    t.comment({ orderInForceAfterMs: Math.round(systemClock.now().monoMs - startMs) })
    await change('orders', [], ['BK-1'])
    t.ok(await eventually(() => countOf('orders') === 0))
    t.strictSame(b.store.lists.ordersOn(onE1), [])
    t.ok(
      await eventually(() => b.store.lists.inForce().every((held) => held.confirmedAt !== null)),
      'each is known to be the newest',
    )
    t.notOk(b.stands('controlList.refused'))
    t.equal(b.uplink.counters.badMessages, 0)
  },
)
