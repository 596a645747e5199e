import t, { type Test } from 'tap'
import { systemClock } from './base/clock.js'
import type { ListEntry } from './messages/entities.js'
import { order, tag } from './store/testing/list.contract.js'
import { edgeAtGateway, trustIn } from './testing/edge-at-gateway.js'
import { startIn } from '../gateway/testing/gateway-under-test.js'

/** "Resync orders before the first automatic release" (domain.md 7): the whole edge before the real gateway. */

async function site(t: Test, resyncWithinMs: number) {
  const dir = t.testdir({})
  const trust = trustIn(dir)
  const gateway = await startIn(t, dir, { trust: trust.gateway })
  await gateway.signIn()
  const change = async (list: string, upserts: ListEntry[], deletes: string[] = []): Promise<void> => {
    const { status } = await gateway.post(`/api/lists/${list}/changes`, { upserts, deletes })
    if (status >= 300) throw new Error(`${list} not changed: ${status}`)
  }
  const vehicle = (n: number): ListEntry => ({
    kind: 'vehicle',
    vehicleId: `V${n}`,
    vehicleKind: 'CAR',
    plates: [{ region: 'CN', text: `P${n}` }],
    carriesTag: true,
  })
  const numbers = Array.from({ length: 40 }, (_, n) => n)
  await change('vehicles', numbers.map(vehicle))
  await change(
    'tags',
    numbers.map((n) => ({ ...tag(`E${n}`), vehicleId: `V${n}` })),
  )
  const whole = await edgeAtGateway(t, gateway, dir, { trust: trust.edge, gateway: { resyncWithinMs } })
  const { edge, hardware, eventually, of } = whole
  const isReady = (): boolean => {
    const { faults, lists, clockQuality, lanes } = edge.health()
    const confirmed = lists.filter(({ confirmedAt }) => confirmedAt !== null)
    return (
      confirmed.length >= 4 &&
      faults.length === 0 &&
      clockQuality !== 'untrusted' &&
      lanes[0]?.mode === 'AUTO'
    )
  }
  const ready = await eventually(isReady)
  if (!ready) throw new Error(`not ready: ${JSON.stringify(edge.health().faults)}`)
  const ended = (): number => of('passageEnded').length
  /** What became of a vehicle that stands there: released by the lane, or shown to a person. */
  const outcome = async (raisedBefore: number, escalatedBefore: number, boundMs: number) => {
    await eventually(
      () => hardware.raised.length > raisedBefore || of('escalationOpened').length > escalatedBefore,
      boundMs,
    )
    if (hardware.raised.length > raisedBefore) return 'released'
    return of('escalationOpened').length > escalatedBefore ? 'person' : 'waits'
  }
  const leave = async (what: string): Promise<void> => {
    const before = ended()
    if (what === 'released') hardware.driveThrough()
    else hardware.backOut()
    await eventually(() => ended() > before)
  }
  const since = () => ({ raised: hardware.raised.length, escalated: of('escalationOpened').length })
  /** Orders are placed while it is away; then it is connected, and the list itself cannot be fetched. */
  const missOrders = async (orders: ListEntry[]): Promise<boolean> => {
    const isAway = () => whole.stands('uplink.disconnected')
    whole.mqtt.down()
    if (!(await eventually(isAway))) return false
    await change('orders', orders)
    whole.http.down()
    whole.mqtt.up()
    return eventually(() => !isAway())
  }
  return { ...whole, gateway, change, missOrders, outcome, leave, since, isReady }
}

t.test(
  'an order that was placed while the link was cut stops the first vehicle after it, whenever that one comes',
  async (t) => {
    const s = await site(t, 5_000)
    const before = s.since()
    s.hardware.arrive('E0')
    t.equal(await s.outcome(before.raised, before.escalated, 5_000), 'released', 'the lane works')
    await s.leave('released')

    // From well before the line is back, to well after it.
    const offsetsMs = [-30, 0, 20, 60, 120, 400]
    for (const [n, offsetMs] of offsetsMs.entries()) {
      const epc = `E${n + 1}`
      s.mqtt.down()
      t.ok(await s.eventually(() => s.stands('uplink.disconnected')))
      await s.change('orders', [order(`BK-${n}`, epc)])
      const mark = s.since()
      const arriveAt = (afterMs: number): void => {
        systemClock.after('test', afterMs, () => s.hardware.arrive(epc))
      }
      if (offsetMs < 0) s.hardware.arrive(epc)
      const upMs = systemClock.now().monoMs
      s.mqtt.up()
      // The edge finds the line by its own tries: the vehicle comes at the instant of the next one.
      if (offsetMs >= 0) {
        await s.eventually(() => s.edge.health().faults.every(({ code }) => code !== 'uplink.disconnected'))
        arriveAt(offsetMs)
      }
      const what = await s.outcome(mark.raised, mark.escalated, 8_000)
      const connectedMs = s
        .of('faultChanged')
        .find(({ body, atMs }) => atMs > upMs && body['code'] === 'uplink.disconnected')?.atMs
      const raisedMs = s.hardware.raised.at(mark.raised)?.atMs ?? Infinity
      if (what === 'released')
        t.ok(raisedMs < (connectedMs ?? Infinity), `${epc}: released before there was a connection`)
      else {
        t.equal(what, 'person', `${epc} at ${offsetMs} ms`)
        t.match(s.of('escalationOpened').at(-1)?.body, { interceptOrderIds: [`BK-${n}`] })
      }
      await s.leave(what)
      const isReady = await s.eventually(s.isReady)
      t.ok(isReady, isReady ? 'ready again' : JSON.stringify(s.edge.health()))
    }
  },
)

t.test(
  'a vehicle that comes before the new orders do is waited with, and is stopped by them when they come',
  async (t) => {
    const s = await site(t, 6_000)
    t.ok(await s.missOrders([order('BK-1', 'E1')]))
    const mark = s.since()
    s.hardware.arrive('E1')
    t.equal(await s.outcome(mark.raised, mark.escalated, 1_500), 'waits', 'nobody is called either')
    s.http.up()
    t.equal(await s.outcome(mark.raised, mark.escalated, 6_000), 'person')
    t.match(s.of('escalationOpened').at(-1)?.body, { interceptOrderIds: ['BK-1'] })
  },
)

t.test(
  'orders that do not come within the time block no lane: it goes on as without a connection, and says so',
  async (t) => {
    const s = await site(t, 1_000)
    t.ok(await s.missOrders([order('BK-1', 'E1')]))
    const connectedMs = systemClock.now().monoMs
    const mark = s.since()
    s.hardware.arrive('E2')
    t.equal(await s.outcome(mark.raised, mark.escalated, 6_000), 'released')
    const waitedMs = (s.hardware.raised.at(-1)?.atMs ?? 0) - connectedMs
    t.ok(waitedMs > 500, `waited for ${Math.round(waitedMs)} ms first`)
    t.ok(s.stands('controlList.notResynced'))
    await s.leave('released')
    s.http.up()
    t.ok(await s.eventually(() => !s.stands('controlList.notResynced'), 40_000), 'it is gone with the orders')
    const late = s.since()
    s.hardware.arrive('E1')
    t.equal(await s.outcome(late.raised, late.escalated, 6_000), 'person')
  },
)
