import t from 'tap'
import { sleep, systemClock } from '../base/clock.js'
import { laneListNames, listNames, type CargoListName, type ListEntry } from '../messages/entities.js'
import { draft } from '../store/testing/journal.contract.js'
import { order, release, tag, trip } from '../store/testing/list.contract.js'
import { startIn } from '../../gateway/testing/gateway-under-test.js'
import { fixed } from '../../gateway/authority/testing/authority.js'
import { bench, eventually } from './testing/edge.js'

/** The uplink before the gateway itself, not before a stand-in: both ends read the wire the same way. */

t.test('five thousand events reach the real gateway in order, and its mark comes back', async (t) => {
  const gateway = await startIn(t, t.testdir({}))
  const { mqttUrl, edgeUrl: httpUrl } = gateway.gateway
  const b = await bench(t, { mqttUrl, httpUrl, identity: fixed(await gateway.identity()) })
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
    const { mqttUrl, edgeUrl: httpUrl } = gateway.gateway
    await gateway.signIn()
    const change = async (list: string, upserts: ListEntry[], deletes: string[] = []): Promise<void> => {
      const { status } = await gateway.post(`/api/lists/${list}/changes`, { upserts, deletes })
      t.ok(status < 300, `${list} changed`)
    }
    const many = Array.from({ length: 3_000 }, (_, n) => tag(`E${n}`))
    await change('tags', many)
    const b = await bench(t, { mqttUrl, httpUrl, identity: fixed(await gateway.identity()) })
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

t.test(
  'a trip placed at the real gateway is found by its vehicle, and what it used up comes back',
  async (t) => {
    const gateway = await startIn(t, t.testdir({}), { predecision: { enabled: false } })
    const { mqttUrl, edgeUrl: httpUrl } = gateway.gateway
    await gateway.signIn()
    const change = async (list: string, entry: ListEntry): Promise<void> => {
      const { status } = await gateway.post(`/api/lists/${list}/changes`, { upserts: [entry], deletes: [] })
      t.equal(status, 200, `${list} changed`)
    }
    const startMs = systemClock.now().monoMs
    const b = await bench(t, { mqttUrl, httpUrl, identity: fixed(await gateway.identity()) })
    const since = (): number => Math.round(systemClock.now().monoMs - startMs)
    const inForce = (names: readonly string[]): boolean =>
      names.every((name) =>
        b.store.lists.inForce().some(({ list, confirmedAt }) => list === name && confirmedAt !== null),
      )
    t.ok(await eventually(() => inForce(laneListNames)), 'what every lane needs')
    const laneListsMs = since()
    t.ok(await eventually(() => inForce(listNames)), 'and all the rest, empty as it is')
    t.comment({ laneListsMs, allListsMs: since(), lists: listNames.length })
    t.strictSame(await b.store.lists.find('trips', 'vehicle', ['V1']), [], 'nobody is expected yet')

    const placedMs = systemClock.now().monoMs
    await change('trips', trip('T1', 'V1', { containers: ['csqu 305438-3'] }))
    await change('releases', release('R1', 'CONTAINER', 'CSQU 3054383'))
    const found = async (
      list: CargoListName,
      by: string,
      value: string,
      like: (entry: ListEntry) => boolean,
    ): Promise<boolean> => {
      for (let tries = 0; tries < 400; tries += 1) {
        const entries = await b.store.lists.find(list, by, [value])
        if (entries !== 'unknown' && entries.some(like)) return true
        await sleep(systemClock, 'test', 25)
      }
      return false
    }
    t.ok(await found('trips', 'vehicle', 'V1', () => true), 'within ten seconds')
    t.ok(
      await found('releases', 'CONTAINER', 'CSQU3054383', () => true),
      'by the number as a camera reads it',
    )
    t.comment({ foundAfterMs: Math.round(systemClock.now().monoMs - placedMs) })

    const used = {
      tripId: 'T1',
      declarationNos: [],
      releaseIds: ['R1'],
      certificateNos: [],
      sealIds: [],
      containers: ['CSQU3054383'],
      receiptId: null,
    }
    const at = { lane: 'lane-1', passageId: 'p1' }
    await b.store.journal.append([
      draft({ ...at, type: 'passageOpened', body: { passageNo: 1, direction: 'in', cause: 'loop' } }),
      draft({ ...at, type: 'consumed', body: used }),
    ])
    const isCrossed = (entry: ListEntry): boolean => entry.kind === 'trip' && entry.crossedAt !== undefined
    t.ok(await found('trips', 'vehicle', 'V1', isCrossed), 'the trip is known to have crossed, at every edge')
    const isUsedUp = (entry: ListEntry): boolean => entry.kind === 'release' && entry.state === 'CONSUMED'
    t.ok(await found('releases', 'CONTAINER', 'CSQU3054383', isUsedUp))
    t.equal(b.uplink.counters.badMessages, 0)
  },
)
