import t, { type Test } from 'tap'
import { ManualClock } from '../../edge/base/clock.js'
import type { ControlOrder } from '../../edge/messages/entities.js'
import type { OrderState } from '../api/order-schemas.js'
import { startIn, type GatewayUnderTest } from '../testing/gateway-under-test.js'

const people = [
  { name: 'operator', roles: ['supervisor', 'maintainer'] },
  { name: 'wang', roles: ['officer', 'supervisor'], agency: 'IQ' },
  { name: 'li', roles: ['supervisor'], agency: 'IQ' },
  { name: 'chen', roles: ['supervisor'], agency: 'CUSTOMS' },
  { name: 'clerk', roles: ['officer'], agency: 'IQ' },
]
const asked = (orderId: string, more: Partial<ControlOrder> = {}) => ({
  orderId,
  agency: 'IQ',
  subject: { kind: 'PLATE', key: '粤b·12345' },
  action: 'INTERCEPT',
  nature: 'OPEN',
  level: 1,
  reason: '检疫',
  validFrom: 0,
  maxHits: 0,
  ...more,
})

/** As it is asked for: the gateway gives the number. */
const secretly = (more: Partial<ControlOrder> = {}) => {
  const { orderId: _number, ...order } = asked('', { nature: 'SECRET', ...more })
  return order
}

async function start(t: Test, more: Record<string, unknown> = {}, clock?: ManualClock) {
  const gateway = await startIn(
    t,
    t.testdir(),
    { people, secretOrderReaders: ['wang', 'li'], ...more },
    clock,
  )
  const as = async (name: string) => {
    await gateway.signIn(name)
    return gateway
  }
  return { gateway, as }
}

const inForce = async (gateway: GatewayUnderTest) =>
  (await gateway.get<{ entries: ControlOrder[] }>('/api/lists/orders')).body.entries.map(
    ({ orderId }) => orderId,
  )

t.test('an order of level 1 holds nobody before another person has approved it', async (t) => {
  const { as } = await start(t)
  const wang = await as('wang')
  t.match((await wang.post('/api/orders', asked('O-1'))).body, {
    state: 'PENDING_APPROVAL',
    placedBy: 'wang',
  })
  t.same(await inForce(wang), [])
  const own = await wang.post('/api/orders/O-1/approve', {})
  t.match([own.status, own.body], [403, { error: 'secondPerson' }])
  const li = await as('li')
  t.match((await li.post('/api/orders/O-1/approve', {})).body, { state: 'ACTIVE' })
  t.same(await inForce(li), ['O-1'])
  t.match((await li.post('/api/orders/O-1/approve', {})).body, { error: 'wrongState' })
  t.match((await li.post('/api/orders', asked('O-1'))).body, { error: 'idUsed' })

  await li.post('/api/orders', asked('O-2', { level: 3 }))
  t.same(await inForce(li), ['O-1', 'O-2'], 'one pair of eyes is enough for level 3')
  const { body: secret } = await li.post<OrderState>('/api/orders', secretly({ level: 4 }))
  t.same(await inForce(li), ['O-1', 'O-2'])
  const reject = `/api/orders/${secret.order.orderId}/reject`
  t.match((await (await as('wang')).post(reject, { why: '依据不足' })).body, {
    state: 'REJECTED',
  })
  t.same(await inForce(li), ['O-1', 'O-2'])
})

t.test(
  'an order is lifted by two people of its own agency, with the reason, and its history says so',
  async (t) => {
    const { as } = await start(t)
    await (await as('wang')).post('/api/orders', asked('O-1'))
    await (await as('li')).post('/api/orders/O-1/approve', {})
    const foreign = await (await as('chen')).post('/api/orders/O-1/lift', { reason: '02' })
    t.match([foreign.status, foreign.body], [403, { error: 'foreignAgency' }])
    const wang = await as('wang')
    t.match((await wang.post('/api/orders/O-1/lift', { reason: '99' })).body, { error: 'needsReason' })
    t.match((await wang.post('/api/orders/O-1/lift', { reason: '02', why: '已查验' })).body, {
      state: 'LIFT_ASKED',
    })
    t.same(await inForce(wang), ['O-1'], 'it holds until the second person')
    t.match((await wang.post('/api/orders/O-1/lift/confirm', {})).body, { error: 'secondPerson' })
    t.match((await (await as('chen')).post('/api/orders/O-1/lift/confirm', {})).body, {
      error: 'foreignAgency',
    })
    const li = await as('li')
    t.match((await li.post('/api/orders/O-1/lift/withdraw', { why: '再查' })).body, {
      state: 'ACTIVE',
      lift: null,
    })
    await (await as('wang')).post('/api/orders/O-1/lift', { reason: '02', why: '已查验' })
    t.match((await (await as('clerk')).post('/api/orders/O-1/lift/confirm', {})).body, { state: 'LIFTED' })
    t.same(await inForce(li), [])
    const { body } = await li.get<{ steps: object[] }>('/api/orders/O-1')
    t.match(body.steps, [
      { by: 'wang', did: 'placed', before: null, after: 'PENDING_APPROVAL' },
      { by: 'li', did: 'approved', before: 'PENDING_APPROVAL', after: 'ACTIVE' },
      { by: 'wang', did: 'liftAsked', why: '02 已查验' },
      { by: 'li', did: 'liftWithdrawn', why: '再查' },
      { by: 'wang', did: 'liftAsked' },
      { by: 'clerk', did: 'lifted', why: '02', before: 'LIFT_ASKED', after: 'LIFTED' },
    ])
  },
)

t.test('nobody goes around approval and lift by changing the list', async (t) => {
  const { as } = await start(t)
  const li = await as('li')
  await li.post('/api/orders', asked('O-1', { level: 3 }))
  const change = (upserts: readonly object[], deletes: readonly string[]) =>
    li.post<{ error: string; problems: { path: string }[] }>('/api/lists/orders/changes', {
      upserts,
      deletes,
    })
  const entry = (orderId: string, more: Partial<ControlOrder>) => ({
    kind: 'order',
    issuedBy: 'li',
    ...asked(orderId, more),
  })
  const refusedFor = async (upserts: readonly object[], deletes: readonly string[]) => {
    const { status, body } = await change(upserts, deletes)
    return [status, body.error, body.problems.map(({ path }) => path)]
  }
  t.same(await refusedFor([], ['O-1']), [409, 'needsApproval', ['O-1']])
  t.same(await refusedFor([entry('O-9', { level: 2 })], []), [409, 'needsApproval', ['O-9']])
  t.same(await refusedFor([entry('S-9', { level: 4, nature: 'SECRET' })], []), [
    409,
    'needsApproval',
    ['S-9'],
  ])
  t.same(await refusedFor([entry('O-1', { level: 4, action: 'NOTIFY' })], []), [
    409,
    'needsApproval',
    ['O-1'],
  ])
  t.equal((await change([entry('O-9', { level: 3, validTo: 1 })], [])).status, 200)
  t.equal((await change([], ['O-9'])).status, 200, 'what is over may be cleared away')
  const file = await fetch(`${li.url}/api/lists/orders/import`, {
    method: 'POST',
    body: JSON.stringify(entry('O-8', { level: 1 })),
    headers: { cookie: li.cookie, origin: li.url, 'content-type': 'application/x-ndjson' },
  })
  t.match(await file.json(), { error: 'needsApproval' })
  t.same(await inForce(li), ['O-1'])
})

t.test('where nobody else is named who could approve, orders are changed directly as before', async (t) => {
  const { as } = await start(t, {
    people: [{ name: 'operator', roles: ['supervisor'] }],
    secretOrderReaders: [],
  })
  const operator = await as('operator')
  const upserts = [{ kind: 'order', issuedBy: 'operator', ...asked('O-1') }]
  t.equal((await operator.post('/api/lists/orders/changes', { upserts, deletes: [] })).status, 200)
  t.match((await operator.post('/api/orders', asked('O-2'))).body, { error: 'foreignAgency' })
})

t.test('a secret order is nobody’s business but of those who may know of it', async (t) => {
  const { as } = await start(t)
  const place = async (name: string) =>
    (await (await as(name)).post<OrderState>('/api/orders', secretly())).body.order.orderId
  const first = await place('wang')
  const clerk = await as('clerk')
  t.match((await clerk.get('/api/session')).body, { agency: 'IQ' }, 'the page knows whose orders he places')
  t.equal((await clerk.get(`/api/orders/${first}`)).status, 404)
  t.same((await clerk.get('/api/orders')).body, { orders: [], more: false })
  t.equal((await clerk.post(`/api/orders/${first}/lift`, { reason: '02' })).status, 404)
  const own = await place('clerk')
  t.equal((await clerk.get(`/api/orders/${own}`)).status, 200, 'who placed one himself sees it')
  t.match((await clerk.get('/api/orders?limit=1')).body, {
    orders: [{ order: { orderId: own } }],
    more: false,
  })
  const audit = await (await as('chen')).get('/api/audit')
  t.notMatch(JSON.stringify(audit.body), /S-/)
})

t.test('whoever placed an order takes it back before its approval, and nobody else does', async (t) => {
  const { as } = await start(t)
  const clerk = await as('clerk')
  for (const orderId of ['O-1', 'O-2']) await clerk.post('/api/orders', asked(orderId))
  const li = await as('li')
  t.match(await li.post('/api/orders/O-1/withdraw', { why: '误' }), {
    status: 403,
    body: { error: 'notAllowed' },
  })
  t.match((await li.post('/api/orders/O-2/reject', { why: '依据不足' })).body, {
    state: 'REJECTED',
    steps: [{}, { did: 'rejected', by: 'li' }],
  })
  t.match((await (await as('clerk')).post('/api/orders/O-1/withdraw', { why: '误' })).body, {
    state: 'REJECTED',
    steps: [{}, { did: 'withdrawn', by: 'clerk' }],
  })
  t.same(await inForce(clerk), [])
})

t.test('an order ends by its validity also while its lift or its approval is waited for', async (t) => {
  const clock = new ManualClock()
  const { as } = await start(t, {}, clock)
  const li = await as('li')
  const validTo = Math.round(clock.now().wallMs + 90_000)
  await li.post('/api/orders', asked('O-1', { level: 3, validTo }))
  await li.post('/api/orders', asked('O-2', { level: 1, validTo }))
  t.match((await li.post('/api/orders/O-1/lift', { reason: '02' })).body, { state: 'LIFT_ASKED' })
  clock.advance(61_000)
  for (const [orderId, state] of [
    ['O-1', 'LIFT_ASKED'],
    ['O-2', 'PENDING_APPROVAL'],
  ] as const)
    t.match((await li.get(`/api/orders/${orderId}`)).body, { state })
  clock.advance(61_000)
  for (const orderId of ['O-1', 'O-2'])
    await li.until(
      async () => (await li.get<{ state: string }>(`/api/orders/${orderId}`)).body.state === 'EXPIRED',
    )
  t.match((await (await as('wang')).post('/api/orders/O-1/lift/confirm', {})).body, { error: 'wrongState' })
})

t.test('an order whose validity is over is noted as expired, and not while it lasts', async (t) => {
  const clock = new ManualClock()
  const { as } = await start(t, {}, clock)
  const li = await as('li')
  const validTo = clock.now().wallMs + 90_000
  await li.post('/api/orders', asked('O-1', { level: 3, validTo: Math.round(validTo) }))
  clock.advance(61_000)
  t.match((await li.get('/api/orders/O-1')).body, { state: 'ACTIVE' })
  clock.advance(61_000)
  await li.until(async () => (await li.get<{ state: string }>('/api/orders/O-1')).body.state === 'EXPIRED')
  t.match((await li.post('/api/orders/O-1/lift', { reason: '01' })).body, { error: 'wrongState' })
})
