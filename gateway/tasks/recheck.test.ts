import t, { type Test } from 'tap'
import { ManualClock, systemClock } from '../../edge/base/clock.js'
import { exampleBox, exampleLaden, exampleTruck } from '../../edge/domain/decision/cargo-examples.js'
import { cargoProfiles } from '../../edge/domain/decision/cargo-profiles.js'
import { decide } from '../../edge/domain/decision/decide.js'
import { exampleLift } from '../../edge/domain/decision/examples.js'
import type { BlacklistEntry, ControlOrder, ListEntry, ListName } from '../../edge/messages/entities.js'
import type { AlertState } from '../api/alert-schemas.js'
import type { PassageState } from '../api/schemas.js'
import { EventChain } from '../testing/chain.js'
import { startIn, type GatewayUnderTest } from '../testing/gateway-under-test.js'

/** Within what a session may rest. */
const aWhile = 1_200_000

function order(orderId: string, subject: ControlOrder['subject'], more: Partial<ControlOrder> = {}) {
  const validFrom = systemClock.now().wallMs - 72 * aWhile
  return {
    ...{ kind: 'order', orderId, agency: 'IQ', subject, action: 'INTERCEPT', nature: 'OPEN', level: 2 },
    ...{ reason: 'x', validFrom, maxHits: 0, issuedBy: 'iq' },
    ...more,
  } as const satisfies ControlOrder
}

/** A laden truck that its lane released by those versions of the lists, and that went through. */
function released(chain: EventChain, passageId: string, versions: { orders: number; blacklist: number }) {
  const at = { lane: 'lane-1', passageId }
  const inputs = exampleLaden({}, cargoProfiles.roadInLaden)
  const contentHash = '0'.repeat(64)
  const lists = Object.entries(versions).map(([list, version]) => ({ list, version, contentHash, ageMs: 5 }))
  return [
    chain.next('passageOpened', { passageNo: 1, direction: 'in', cause: 'loop' }, at),
    chain.any('decided', { decisionId: 'd1', decision: decide(inputs), inputs: { ...inputs, lists } }, at),
    chain.next(
      'passageEnded',
      { how: 'cleared', outcome: 'release', readsHeard: 3, readsShed: 0, durationMs: 20_000 },
      at,
    ),
  ]
}

const alertsOf = async (gateway: GatewayUnderTest) =>
  (await gateway.get<{ alerts: AlertState[] }>('/api/alerts')).body.alerts
const placedIn = async (gateway: GatewayUnderTest) =>
  (await gateway.get<{ entries: ControlOrder[] }>('/api/lists/orders')).body.entries.filter(
    ({ issuedBy }) => issuedBy === 'lanekeeper',
  )

async function put(gateway: GatewayUnderTest, list: ListName, upserts: ListEntry[], deletes: string[] = []) {
  const { status, body } = await gateway.post(`/api/lists/${list}/changes`, { upserts, deletes })
  if (status !== 200) throw new Error(JSON.stringify(body))
}

async function open(t: Test, more: Record<string, unknown> = {}) {
  const clock = new ManualClock(systemClock.now().wallMs)
  const gateway = await startIn(t, t.testdir(), { predecision: { enabled: false }, ...more }, clock)
  await gateway.signIn()
  const edge = await gateway.edge()
  return { gateway, edge, clock }
}

t.test(
  'a truck that its lane released while cut off, under an order that the gateway had, is told and sought',
  async (t) => {
    const { gateway, edge, clock } = await open(t)
    clock.advance(aWhile)
    await put(gateway, 'orders', [order('O-1', { kind: 'CONTAINER', key: exampleBox })])
    clock.advance(aWhile)
    const passed = clock.now().wallMs
    clock.advance(aWhile)
    const events = released(new EventChain('edge-1', 'e1', passed), 'p1', { orders: 1, blacklist: 1 })
    await edge.sendEvents(events)
    await edge.sendEvents(events)
    t.match(await alertsOf(gateway), [
      { kind: 'passedOffline', passageId: 'p1', orderIds: ['O-1'], wasInForce: true, secret: false },
    ])
    const placed = await placedIn(gateway)
    t.match(placed, [{ action: 'INTERCEPT', nature: 'OPEN', subject: { kind: 'VEHICLE' } }])
    t.equal(placed.length, 1)
    const { body } = await gateway.get<{ passages: PassageState[] }>('/api/passages?offline=true')
    t.match(body.passages, [{ passageId: 'p1' }], 'it stands on the review list')
    t.notOk('seen' in (body.passages[0] ?? {}), 'what the lane knew is the gateway’s own')
    const { passages } = (await gateway.get<{ passages: PassageState[] }>('/api/passages?limit=5')).body
    t.equal(passages.length, 1)
    await edge.hears('list', (message) => JSON.stringify(message).includes(placed[0]?.orderId ?? '-'))

    // The same truck once more, still on the old list: told again, but no second order on it.
    const again = new EventChain('edge-1', 'e2', passed + 60_000)
    await edge.sendEvents(released(again, 'p2', { orders: 1, blacklist: 1 }))
    t.equal((await alertsOf(gateway)).length, 2)
    t.equal((await placedIn(gateway)).length, 1)
  },
)

t.test('an order that was lifted or ran out before the truck passed finds nobody', async (t) => {
  const { gateway, edge, clock } = await open(t)
  const box = { kind: 'CONTAINER', key: exampleBox } as const
  const now = clock.now().wallMs
  await put(gateway, 'orders', [
    order('LIFTED', box),
    order('OVER', box, { validTo: now + 1_000 }),
    order('OTHER', { kind: 'CONTAINER', key: 'MSKU9070323' }),
  ])
  clock.advance(aWhile)
  await put(gateway, 'orders', [], ['LIFTED'])
  clock.advance(aWhile)
  const passed = clock.now().wallMs
  const chain = new EventChain('edge-1', 'e1', passed)
  await edge.sendEvents(released(chain, 'p1', { orders: 1, blacklist: 1 }))
  t.same(await alertsOf(gateway), [])
  t.same(await placedIn(gateway), [])
  t.match(gateway.gateway.figures(), { tasks_passagesRechecked: 1, tasks_passagesOnNewest: 0 })
})

t.test(
  'an order that was lifted by proof, and stays in its list, is found only where it held when the truck passed',
  async (t) => {
    const { gateway, edge, clock } = await open(t)
    const plain = (orderId: string) => order(orderId, { kind: 'DECLARATION', key: 'IQ1' })
    await put(gateway, 'orders', [plain('BEFORE'), plain('AFTER')])
    clock.advance(aWhile)
    await put(gateway, 'orders', [{ ...plain('BEFORE'), lift: exampleLift }])
    clock.advance(aWhile)
    const passed = clock.now().wallMs
    clock.advance(aWhile)
    await put(gateway, 'orders', [{ ...plain('AFTER'), lift: exampleLift }])
    await edge.sendEvents(released(new EventChain('edge-1', 'e1', passed), 'p1', { orders: 1, blacklist: 1 }))
    t.match(await alertsOf(gateway), [{ orderIds: ['AFTER'], wasInForce: true }])
    t.equal((await alertsOf(gateway)).length, 1)
  },
)

t.test('an order that was in force when the truck passed is found, though it is lifted by now', async (t) => {
  const { gateway, edge, clock } = await open(t)
  await put(gateway, 'orders', [order('O-1', { kind: 'DECLARATION', key: 'IQ1' })])
  clock.advance(aWhile)
  const passed = clock.now().wallMs
  clock.advance(aWhile)
  await put(gateway, 'orders', [], ['O-1'])
  await edge.sendEvents(released(new EventChain('edge-1', 'e1', passed), 'p1', { orders: 1, blacklist: 1 }))
  t.match(await alertsOf(gateway), [{ orderIds: ['O-1'], wasInForce: true }])
})

t.test(
  'a blacklist entry that came after the truck is told as such; one that only watches orders nothing',
  async (t) => {
    const { gateway, edge, clock } = await open(t)
    const passed = clock.now().wallMs
    clock.advance(aWhile)
    const entry = (entryId: string, level: BlacklistEntry['level']): BlacklistEntry => ({
      ...{ kind: 'blacklist', entryId, subject: { kind: 'DECLARATION', key: 'IQ1' }, level, agency: 'IQ' },
      ...{ reason: 'x', validFrom: passed },
    })
    await put(gateway, 'blacklist', [entry('B-1', 'WATCH')])
    const chain = new EventChain('edge-1', 'e1', passed)
    await edge.sendEvents(released(chain, 'p1', { orders: 1, blacklist: 1 }))
    t.match(await alertsOf(gateway), [{ orderIds: ['B-1'], wasInForce: false, placedOrderIds: [] }])
    await put(gateway, 'blacklist', [entry('B-1', 'STOP')])
    await edge.sendEvents(released(chain, 'p2', { orders: 1, blacklist: 1 }))
    t.equal((await placedIn(gateway)).length, 1)
  },
)

t.test(
  'an order on a part of its plate finds a truck that passed, also when the order is gone',
  async (t) => {
    const { gateway, edge, clock } = await open(t)
    const pattern = (orderId: string, key: string) =>
      order(orderId, { kind: 'PLATE_PATTERN', key }, { patternMayIntercept: true })
    await put(gateway, 'vehicles', [exampleTruck])
    await put(gateway, 'orders', [
      pattern('STANDS', 'AB?2*'),
      pattern('GONE', '粤Z12*'),
      pattern('OTHER', 'AB?3*'),
    ])
    clock.advance(aWhile)
    const passed = clock.now().wallMs
    clock.advance(aWhile)
    await put(gateway, 'orders', [], ['GONE', 'OTHER'])
    const chain = new EventChain('edge-1', 'e1', passed)
    await edge.sendEvents(released(chain, 'p1', { orders: 1, blacklist: 1 }))
    t.match(await alertsOf(gateway), [{ orderIds: ['GONE', 'STANDS'], wasInForce: true }])
    t.equal((await placedIn(gateway)).length, 1)
  },
)

t.test('a part of a plate that may only be told of places no order', async (t) => {
  const { gateway, edge, clock } = await open(t)
  await put(gateway, 'vehicles', [exampleTruck])
  await put(gateway, 'orders', [order('TOLD', { kind: 'PLATE_PATTERN', key: 'AB?2*' }, { action: 'NOTIFY' })])
  clock.advance(aWhile)
  const chain = new EventChain('edge-1', 'e1', clock.now().wallMs)
  await edge.sendEvents(released(chain, 'p1', { orders: 1, blacklist: 1 }))
  t.match(await alertsOf(gateway), [{ orderIds: ['TOLD'], placedOrderIds: [] }])
  t.same(await placedIn(gateway), [])
})

t.test('a truck judged by the newest lists, or turned back, is not looked at again', async (t) => {
  const { gateway, edge } = await open(t)
  await put(gateway, 'orders', [order('O-1', { kind: 'CONTAINER', key: exampleBox })])
  const chain = new EventChain('edge-1')
  await edge.sendEvents(released(chain, 'p1', { orders: 2, blacklist: 1 }))
  t.match(gateway.gateway.figures(), { tasks_passagesRechecked: 0, tasks_passagesOnNewest: 1 })
  const at = { lane: 'lane-1', passageId: 'p2' }
  await edge.sendEvents([
    chain.next('passageOpened', { passageNo: 1, direction: 'in', cause: 'loop' }, at),
    chain.next(
      'passageEnded',
      { how: 'returned', outcome: 'hold', readsHeard: 0, readsShed: 0, durationMs: 1 },
      at,
    ),
  ])
  t.match(gateway.gateway.figures(), { tasks_passagesRechecked: 0, tasks_passagesOnNewest: 1 })
  t.same(await alertsOf(gateway), [])
})

t.test(
  'a secret order is told to those only who may know of it, and the order behind it is secret',
  async (t) => {
    const people = ['operator', 'reader'].map((name) => ({ name, roles: ['supervisor'] }))
    const { gateway, edge, clock } = await open(t, {
      people: people.map((one) => ({ ...one, roles: [...one.roles, 'maintainer'] })),
      secretOrderReaders: ['reader'],
    })
    await gateway.signIn('reader')
    await put(gateway, 'orders', [
      order('S-1', { kind: 'CONTAINER', key: exampleBox }, { nature: 'SECRET' }),
      order('S-2', { kind: 'CONTAINER', key: exampleBox }, { nature: 'SECRET', action: 'NOTIFY' }),
    ])
    await gateway.signIn()
    clock.advance(aWhile)
    await edge.sendEvents(
      released(new EventChain('edge-1', 'e1', clock.now().wallMs), 'p1', { orders: 1, blacklist: 1 }),
    )
    t.same(await alertsOf(gateway), [], 'whoever may not know sees nothing')
    const everything = async () => {
      const pages = ['/api/audit', '/api/lists/orders', '/api/passages?offline=true', '/api/state']
      const found = await Promise.all(pages.map((page) => gateway.get(page)))
      return JSON.stringify(found.map(({ body }) => body))
    }
    const seen = await everything()
    t.notMatch(seen, /S-1|S-2|AUTO-|p1\.passedOffline/)
    const settle = () =>
      gateway.post('/api/alerts/p1.passedOffline.secret/settle', { reason: 'looked into it' })
    t.match(await settle(), { status: 404 })
    await gateway.signIn('reader')
    t.match(await alertsOf(gateway), [{ secret: true, orderIds: ['S-1', 'S-2'] }])
    t.match(await placedIn(gateway), [{ nature: 'SECRET', action: 'INTERCEPT' }])
    t.match(await everything(), /S-1.*AUTO-|AUTO-.*S-1/)
    t.match(await settle(), { status: 200 })
  },
)

t.test(
  'a vehicle that ran the barrier is found once, by the order of its running and not by another',
  async (t) => {
    const { gateway, edge } = await open(t)
    await put(gateway, 'orders', [order('O-9', { kind: 'TAG', key: 'ELSE' })])
    const chain = new EventChain('edge-1')
    const at = { lane: 'lane-1', passageId: 'p1' }
    await edge.sendEvents([
      ...chain.escalated('p1', { vehicleId: 'V-1' }),
      chain.next('violation', { kind: 'runThrough', detail: '' }, at),
      chain.next(
        'passageEnded',
        { how: 'violation', outcome: 'escalate', readsHeard: 3, readsShed: 0, durationMs: 1 },
        at,
      ),
    ])
    t.ok((await placedIn(gateway)).length > 0)
    t.same(await alertsOf(gateway), [])
  },
)
