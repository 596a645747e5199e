import t, { type Test } from 'tap'
import { ManualClock, systemClock } from '../../edge/base/clock.js'
import type { ControlOrder } from '../../edge/messages/entities.js'
import type { EventBody } from '../../edge/messages/events.js'
import type { OrderHitsState, OrderState } from '../api/order-schemas.js'
import type { InspectionStep } from '../api/task-schemas.js'
import { EventChain } from '../testing/chain.js'
import type { EdgeClient } from '../testing/edge-client.js'
import { everything, startIn, type GatewayUnderTest } from '../testing/gateway-under-test.js'
import { makeSigning, phrase } from '../testing/signed.js'

const people = [
  { name: 'operator', roles: ['supervisor', 'inspector', 'maintainer', 'auditor'] },
  { name: 'wang', roles: ['supervisor'], agency: 'IQ' },
  { name: 'li', roles: ['supervisor'], agency: 'IQ' },
]

/** Edges that tell of passages as lanes do: what was decided, and how it ended. */
class Lane {
  readonly edge: EdgeClient
  readonly chain: EventChain

  constructor(edge: EdgeClient, edgeId: string) {
    this.edge = edge
    this.chain = new EventChain(edgeId)
  }

  comes(passageId: string): Promise<void> {
    return this.#say('passageOpened', { passageNo: 1, direction: 'in', cause: 'loop' }, passageId)
  }

  decides(passageId: string, orderIds: string[], silentAlerts: string[] = []): Promise<void> {
    const decision = {
      ...{
        outcome: orderIds.length > 0 ? 'hold' : 'release',
        primary: orderIds.length > 0 ? 'CTL-02' : 'OK-01',
      },
      ...{ reasons: [], advisories: [], obligations: [], silentAlerts, interceptOrderIds: orderIds },
      ...{ prompt: 'prompt.wait', vehicleId: null, rulesetVersion: 'test' },
    }
    return this.#say('decided', { decisionId: `${passageId}.d`, inputs: {}, decision }, passageId)
  }

  ends(passageId: string, how: EventBody<'passageEnded'>['how'], contingency = false): Promise<void> {
    const body = { how, outcome: 'hold', readsHeard: 1, readsShed: 0, durationMs: 9_000 }
    return this.#say('passageEnded', body, passageId, contingency)
  }

  asksInspection(passageId: string): Promise<void> {
    return this.#say('inspectionAsked', { reasons: ['CTL-02'], containers: [] }, passageId)
  }

  async passes(passageId: string, orderIds: string[], how: EventBody<'passageEnded'>['how'] = 'cleared') {
    await this.comes(passageId)
    await this.decides(passageId, orderIds)
    await this.ends(passageId, how)
  }

  #say(type: string, body: Record<string, unknown>, passageId: string, contingency = false): Promise<void> {
    return this.edge.sendEvent(this.chain.any(type, body, { lane: 'lane-1', passageId, contingency }))
  }
}

async function open(t: Test, more: Record<string, unknown> = {}, dir = t.testdir()) {
  const clock = new ManualClock(systemClock.now().wallMs)
  const gateway = await startIn(t, dir, { people, predecision: { enabled: false }, ...more }, clock)
  await gateway.signIn('wang')
  return { gateway, clock, lane: async (edgeId = 'edge-1') => new Lane(await gateway.edge(edgeId), edgeId) }
}

async function place(
  gateway: GatewayUnderTest,
  orderId: string,
  maxHits: number,
  more: Partial<ControlOrder> = {},
) {
  const { status, body } = await gateway.post('/api/orders', {
    ...{ orderId, agency: 'IQ', subject: { kind: 'TAG', key: 'E1' }, action: 'INTERCEPT', nature: 'OPEN' },
    ...{ level: 3, reason: '检疫', validFrom: 0, maxHits, ...more },
  })
  if (status !== 200) throw new Error(JSON.stringify(body))
}

const orderOf = async (gateway: GatewayUnderTest, orderId = 'O-1') =>
  (await gateway.get<OrderState>(`/api/orders/${orderId}`)).body
const inForce = async (gateway: GatewayUnderTest) =>
  (await gateway.get<{ entries: ControlOrder[] }>('/api/lists/orders')).body.entries.map((one) => one.orderId)

/** The look that comes every 5 s. A request behind it sees what it did, because the store does one thing after another. */
async function look(clock: ManualClock, gateway: GatewayUnderTest) {
  clock.advance(5_000)
  await gateway.get('/api/orders')
  await gateway.get('/api/orders')
}

t.test('an order ends after so many passages at the whole site, and its history says so', async (t) => {
  const { gateway, clock, lane } = await open(t)
  await place(gateway, 'O-1', 2)
  const [one, two] = [await lane('edge-1'), await lane('edge-2')]
  await one.comes('p1')
  await one.decides('p1', ['O-1'])
  await one.decides('p1', ['O-1'])
  t.match(
    await orderOf(gateway),
    { hits: { seen: 1, counted: 0 } },
    'a passage is one hit, however often it is judged',
  )
  await one.ends('p1', 'cleared')
  await look(clock, gateway)
  t.match(await orderOf(gateway), { state: 'ACTIVE', hits: { seen: 1, counted: 1 } })
  await two.passes('q1', ['O-1'])
  await look(clock, gateway)
  const ended = await orderOf(gateway)
  t.match(ended, { state: 'EXPIRED', hits: { seen: 2, counted: 2 } })
  t.match(ended.steps.at(-1), {
    by: 'lanekeeper',
    did: 'usedUp',
    why: '2/2',
    before: 'ACTIVE',
    after: 'EXPIRED',
  })
  t.same(await inForce(gateway), [], 'and no lane holds it any more')
  const { body } = await gateway.get<OrderHitsState>('/api/orders/O-1/hits')
  t.match(body.hits, [
    { passageId: 'q1', edgeId: 'edge-2', counted: true },
    { passageId: 'p1', edgeId: 'edge-1' },
  ])
})

t.test('it is counted once over restarts, and 0 is no bound', async (t) => {
  const dir = t.testdir()
  const first = await open(t, {}, dir)
  await place(first.gateway, 'O-1', 2)
  await place(first.gateway, 'O-2', 0)
  const before = await first.lane()
  await before.passes('p1', ['O-1', 'O-2'])
  await first.gateway.close()
  const { gateway, clock, lane } = await open(t, {}, dir)
  const after = await lane()
  // The edge says again what it is not sure was heard.
  const again = new EventChain('edge-1', 'e2')
  await after.edge.sendEvent(
    again.next('faultChanged', { is: 'raised', code: 'reader.silent', source: 'r1' }),
  )
  await look(clock, gateway)
  await look(clock, gateway)
  t.match(await orderOf(gateway), { state: 'ACTIVE', hits: { seen: 1, counted: 1 } })
  t.match(await orderOf(gateway, 'O-2'), { state: 'ACTIVE', hits: { seen: 1, counted: 1 } })
})

t.test('a vehicle that turned round, ran the bar or was sent back leaves the order as it was', async (t) => {
  const { gateway, clock, lane } = await open(t)
  await place(gateway, 'O-1', 1)
  const one = await lane()
  for (const how of ['backedOut', 'returned', 'violation', 'aborted'] as const)
    await one.passes(`p-${how}`, ['O-1'], how)
  await one.comes('fire')
  await one.decides('fire', ['O-1'])
  await one.ends('fire', 'cleared', true)
  await look(clock, gateway)
  t.match(await orderOf(gateway), { state: 'ACTIVE', hits: { seen: 5, counted: 0 } })
  t.same(await inForce(gateway), ['O-1'])
})

t.test('a passage that the order does not name in the end is no hit of it', async (t) => {
  const { gateway, clock, lane } = await open(t)
  await place(gateway, 'O-1', 1)
  await place(gateway, 'N-1', 1, { action: 'NOTIFY' })
  const one = await lane()
  await one.comes('p1')
  await one.decides('p1', ['O-1'])
  await one.decides('p1', [], ['N-1'])
  await one.ends('p1', 'cleared')
  await look(clock, gateway)
  t.match(await orderOf(gateway), { state: 'ACTIVE', hits: { seen: 0 } }, 'the plate was read better')
  t.match(
    await orderOf(gateway, 'N-1'),
    { state: 'EXPIRED', hits: { seen: 1 } },
    'one that only notifies counts too',
  )
})

t.test(
  'it holds on while its inspection is open, and while a vehicle that it holds stands at a bar',
  async (t) => {
    const { gateway, clock, lane } = await open(t)
    await place(gateway, 'O-1', 1)
    const one = await lane()
    await one.comes('p1')
    await one.decides('p1', ['O-1'])
    await one.asksInspection('p1')
    await one.ends('p1', 'backedOut')
    await look(clock, gateway)
    t.match(
      await orderOf(gateway),
      { state: 'ACTIVE', hits: { seen: 1, counted: 0 } },
      'on its way to the bay',
    )
    await gateway.signIn('operator')
    const steps: readonly InspectionStep['what'][] = [
      { do: 'assign', inspector: 'operator', remark: '' },
      { do: 'checkIn', bay: 'B4' },
      { do: 'start' },
      { do: 'result', result: 'RETURN', remark: 'seen' },
      { do: 'close' },
    ]
    const two = await lane('edge-2')
    await two.comes('q1')
    await two.decides('q1', ['O-1'])
    for (const [index, what] of steps.entries()) {
      const done = await gateway.post(`/api/inspections/p1.i1`, { version: index + 1, what })
      t.equal(done.status, 200, `${what.do} ${JSON.stringify(done.body)}`)
    }
    await look(clock, gateway)
    t.match(await orderOf(gateway), { state: 'ACTIVE', hits: { seen: 2, counted: 1 } }, 'q1 stands at a bar')
    await two.ends('q1', 'returned')
    await look(clock, gateway)
    t.match(await orderOf(gateway), { state: 'EXPIRED' })
  },
)

t.test(
  'an order that came by a list change ends by its hits too, and begins anew when it is changed',
  async (t) => {
    const { gateway, clock, lane } = await open(t, {
      people: ['operator', 'wang'].map(everything),
    })
    const entry = (level: number) => ({
      ...{
        kind: 'order',
        orderId: 'F-1',
        agency: 'IQ',
        subject: { kind: 'TAG', key: 'E1' },
        action: 'INTERCEPT',
      },
      ...{ nature: 'OPEN', level, reason: '', validFrom: 0, maxHits: 2, issuedBy: 'file' },
    })
    const change = (upserts: object[]) => gateway.post('/api/lists/orders/changes', { upserts, deletes: [] })
    await change([entry(3)])
    const one = await lane()
    await one.passes('p1', ['F-1'])
    await change([entry(2)])
    await one.passes('p2', ['F-1'])
    await look(clock, gateway)
    t.same(await inForce(gateway), ['F-1'], 'p1 was a hit of what it was before')
    await one.passes('p3', ['F-1'])
    await look(clock, gateway)
    t.same(await inForce(gateway), [])
    const { body } = await gateway.get<{ entries: object[] }>('/api/audit')
    t.match(body.entries[0], {
      action: 'orderUsedUp',
      target: 'F-1',
      detail: { counted: 2, maxHits: 2, ended: true },
    })
  },
)

t.test(
  'where lists are signed it holds on until two people lift it, and says that it is used up',
  async (t) => {
    const dir = t.testdir()
    const { trust } = makeSigning(dir, systemClock.now().wallMs, ['wang', 'li'])
    const { gateway, clock, lane } = await open(t, { trust }, dir)
    await place(gateway, 'O-1', 1)
    const one = await lane()
    for (const passageId of ['p1', 'p2']) {
      await one.passes(passageId, ['O-1'])
      await look(clock, gateway)
    }
    const used = await orderOf(gateway)
    t.match(used, { state: 'ACTIVE', signed: true, hits: { seen: 2, counted: 2 } })
    t.same(
      used.steps.map(({ did, why }) => [did, why]),
      [
        ['placed', '检疫'],
        ['usedUp', '1/1'],
      ],
      'said once',
    )
    t.same(await inForce(gateway), ['O-1'], 'no edge would let it go by a count')
    await gateway.post('/api/orders/O-1/lift', { reason: '01', why: '' })
    for (const name of ['wang', 'li']) {
      await gateway.signIn(name)
      const { body } = await gateway.post('/api/orders/O-1/lift/confirm', { passphrase: phrase(name) })
      t.match(body, { state: name === 'li' ? 'LIFTED' : 'LIFT_ASKED' })
    }
  },
)
