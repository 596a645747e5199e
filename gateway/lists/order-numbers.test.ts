import fc from 'fast-check'
import path from 'node:path'
import t, { type Test } from 'tap'
import type { ControlOrder } from '../../edge/messages/entities.js'
import type { OrderState } from '../api/order-schemas.js'
import { numberProblem, secretNumber } from '../domain/order-numbers.js'
import {
  everything,
  folderOf,
  sendEntries,
  startIn,
  type GatewayUnderTest,
} from '../testing/gateway-under-test.js'
import type { DryRun } from './import-record.js'

const order = (orderId: string, more: Partial<ControlOrder> = {}): ControlOrder => ({
  ...{ kind: 'order', orderId, agency: 'IQ', subject: { kind: 'VEHICLE', key: 'V1' }, action: 'NOTIFY' },
  ...{ nature: 'OPEN', level: 3, reason: '', validFrom: 0, maxHits: 0, issuedBy: 'file', ...more },
})

const dryRun = (gateway: GatewayUnderTest, entries: readonly object[]) =>
  sendEntries(gateway, 'orders/imports?format=ndjson&name=o.ndjson', entries, 'application/octet-stream')

/** Everything in which a person names an order by its number, as the gateway answers it. */
async function everythingAbout(gateway: GatewayUnderTest, key: string): Promise<string[]> {
  const change = (upserts: readonly object[], deletes: readonly string[]) =>
    gateway.post('/api/lists/orders/changes', { upserts, deletes })
  const lines = async (entry: object) =>
    sendEntries(gateway, 'orders/import', [entry], 'application/x-ndjson')
  const dry = async (entry: object) => {
    const { status, body } = await dryRun(gateway, [entry])
    const { importId: _id, madeAt: _at, ...run } = body as DryRun
    return { status, run }
  }
  const lifting = { key, reason: '02' }
  const answers: { status?: number; body?: unknown; run?: unknown }[] = [
    await change([order(key)], []),
    await change([order(key, { nature: 'SECRET' })], []),
    await change([], [key]),
    await lines(order(key)),
    await lines(order(key, { nature: 'SECRET' })),
    await dry(order(key)),
    await dry(order(key, { nature: 'SECRET' })),
    await gateway.post('/api/orders', placedAs(key)),
    await gateway.get(`/api/orders/${key}`),
    await gateway.get(`/api/orders/${key}/hits`),
    await gateway.post(`/api/orders/${key}/approve`, {}),
    await gateway.post(`/api/orders/${key}/withdraw`, { why: 'x' }),
    await gateway.post(`/api/orders/${key}/lift`, { reason: '02' }),
    await gateway.post(`/api/orders/${key}/lift/withdraw`, { why: 'x' }),
    await gateway.get(`/api/lists/orders/history?key=${key}`),
    await gateway.get(`/api/holds?find=${key}`),
    await gateway.post('/api/lists/orders/lifts', lifting),
    await gateway.post('/api/lists/orders/lifts/confirm', { key }),
    await gateway.post('/api/lists/orders/lifts/withdraw', { key }),
  ]
  return answers.map(({ status, body, run }) =>
    JSON.stringify([status, body ?? run]).replaceAll(key, '<number>'),
  )
}

function placedAs(orderId: string, more: Partial<ControlOrder> = {}) {
  const { kind: _kind, issuedBy: _by, ...asked } = order(orderId, more)
  return asked
}

t.test(
  'a number that a secret order has is answered like one that no order has, wherever it is named',
  async (t) => {
    const people = ['operator', 'reader', 'officer'].map((name) => ({ ...everything(name) }))
    const more = { people, secretOrderReaders: ['reader'] }
    const gateway = await startIn(t, folderOf(t), more)
    await gateway.signIn('reader')
    const secret = { nature: 'SECRET' } as const
    const taken = [order('S-TAKEN', secret), order('AUTO-taken', secret), order('O-OPEN')]
    const placed = await gateway.post('/api/lists/orders/changes', { upserts: taken, deletes: [] })
    t.equal(placed.status, 200)
    await gateway.signIn('officer')
    for (const [key, free] of [
      ['S-TAKEN', 'S-FREEX'],
      ['AUTO-taken', 'AUTO-freex'],
    ] as const)
      t.same(await everythingAbout(gateway, key), await everythingAbout(gateway, free), key)
    const open = await everythingAbout(gateway, 'O-OPEN')
    t.notSame(open, await everythingAbout(gateway, 'O-FREE'), 'of an open order it is told')
    await gateway.signIn('reader')
    const { body } = await gateway.get<{ entries: ControlOrder[] }>('/api/lists/orders')
    t.same(
      body.entries.filter(({ nature }) => nature === 'SECRET').map(({ orderId }) => orderId),
      ['AUTO-taken', 'S-TAKEN'],
      'nobody has changed or ended what he may not know of',
    )
  },
)

const agencies = [
  { name: 'operator', roles: ['supervisor'] },
  { name: 'wang', roles: ['supervisor'], agency: 'IQ' },
  { name: 'clerk', roles: ['supervisor'], agency: 'IQ' },
]

t.test(
  'the gateway gives a secret order its number, and an open order cannot have one of that kind',
  async (t) => {
    const gateway = await startIn(t, folderOf(t), { people: agencies, secretOrderReaders: ['wang'] })
    const place = (orderId: string | undefined, nature: ControlOrder['nature']) =>
      gateway.post<OrderState>('/api/orders', { ...placedAs(orderId ?? '', { nature }), orderId })
    await gateway.signIn('wang')
    const numbers = []
    for (const _ of [1, 2]) numbers.push((await place(undefined, 'SECRET')).body.order.orderId)
    t.match(numbers, [/^S-[0-9A-Z]{12}$/, /^S-[0-9A-Z]{12}$/])
    t.not(numbers[0], numbers[1])
    const [number = ''] = numbers
    const problem = (code: string) => ({ status: 400, body: { problems: [{ path: 'orderId', code }] } })
    t.match(await place('S-MINE', 'SECRET'), problem('numberGiven'))
    t.match(await place(undefined, 'OPEN'), problem('missing'))
    t.match(await place(number, 'OPEN'), problem('keptNumber'), 'not even by who may know of it')
    t.match(await place('s-1', 'OPEN'), problem('keptNumber'), 'in small letters')
    t.match(await place('Ｓ-1', 'OPEN'), problem('keptNumber'), 'in wide letters')
    await gateway.signIn('clerk')
    const answers = async (key: string) => everythingAbout(gateway, key)
    t.same(await answers(number), await answers('S-000000000000'))
    t.match(await place(undefined, 'SECRET'), { status: 200, body: { placedBy: 'clerk' } })
    t.match(await place('O-1', 'OPEN'), { status: 200 })
    t.match(await place('O-1', 'OPEN'), { status: 409, body: { error: 'idUsed' } })
  },
)

t.test('how many secret orders a file brought is told to nobody else than its readers', async (t) => {
  const people = ['operator', 'reader', 'officer'].map((name) => ({ ...everything(name) }))
  const gateway = await startIn(t, folderOf(t), { people, secretOrderReaders: ['reader'] })
  const secret = { nature: 'SECRET' } as const
  await gateway.signIn('reader')
  const before = [order('O-1'), order('O-2'), order('S-1', secret), order('S-2', secret)]
  await gateway.post('/api/lists/orders/changes', { upserts: before, deletes: [] })
  const file = [
    ...[order('O-1'), order('O-2', { level: 4 }), order('O-3'), order('S-1', secret)],
    ...[order('S-2', { ...secret, level: 4 }), order('S-3', secret)],
  ]
  const { importId } = (await dryRun(gateway, file)).body as DryRun
  const at = `/api/lists/orders/imports`
  await gateway.until(async () => (await gateway.get<DryRun>(`${at}/${importId}`)).body.state === 'READY')
  const seenBy = async (name: string) => {
    await gateway.signIn(name)
    const { body } = await gateway.get<DryRun>(`${at}/${importId}`)
    const listed = (await gateway.get<{ imports: DryRun[] }>(at)).body.imports[0]
    t.same([listed?.counts, listed?.read], [body.counts, body.read], 'the same in the list of files')
    t.notMatch(body, { openCounts: {} })
    return [body.counts, body.read]
  }
  t.same(await seenBy('reader'), [{ added: 2, changed: 2, same: 2, gone: 0 }, 6])
  t.same(await seenBy('officer'), [{ added: 1, changed: 1, same: 1, gone: 0 }, 3])
  await gateway.post(`${at}/${importId}/apply`, {})
  t.same(await seenBy('officer'), [{ added: 1, changed: 1, same: 1, gone: 0 }, 3], 'nor when it is in force')
  await gateway.signIn('reader')
  await gateway.post('/api/lists/orders/changes', { upserts: [order('AUTO-1', secret)], deletes: [] })
  await gateway.post('/api/lists/orders/changes', { upserts: [], deletes: ['S-1', 'O-1', 'AUTO-1'] })
  const seal = {
    ...{ kind: 'seal', sealId: 'S-77', sealKind: 'E_SEAL', container: 'CSQU3054383', state: 'ISSUED' },
  }
  await gateway.post('/api/lists/seals/changes', { upserts: [seal], deletes: [] })
  await gateway.post('/api/lists/seals/changes', { upserts: [], deletes: ['S-77'] })
  const auditOf = async (name: string) => {
    await gateway.signIn(name)
    return JSON.stringify((await gateway.get('/api/audit')).body)
  }
  const audit = await auditOf('officer')
  t.match(audit, /O-1/)
  t.notMatch(audit, /S-1|AUTO-1/, 'and the audit names none that was taken from the list')
  t.match(audit, /S-77/, 'but what bears such a number and is no order')
  t.match(await auditOf('reader'), /S-1.*AUTO-1/, 'and names them to their readers')
})

const startsWith = (t: Test, entry: ControlOrder) => {
  const dir = folderOf(t, { 'orders.ndjson': JSON.stringify(entry) })
  return startIn(t, dir, { initialLists: { orders: path.join(dir, 'orders.ndjson') } })
}

t.test('a gateway does not begin with a secret order whose number others may take', async (t) => {
  const secret = order('O-7', { nature: 'SECRET' })
  await t.rejects(startsWith(t, secret), { code: 'lists.secretNumber', message: /O-7.*begin with S-/ })
})

t.test('whoever sees no secret orders is told the same of a kept number, whatever the list holds', (t) => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
  t.comment(`SEED=${seed}`)
  const kept = fc.oneof(
    fc.uint8Array({ minLength: 12, maxLength: 12 }).map(secretNumber),
    fc.string({ maxLength: 20 }).map((rest) => `AUTO-${rest}`),
    fc.constantFrom('s-1', ' S-1', 'auto-1'),
  )
  const natures = fc.constantFrom<ControlOrder['nature']>('OPEN', 'SECRET')
  const secret = { nature: 'SECRET' } as const
  fc.assert(
    fc.property(kept, natures, (orderId, nature) => {
      const told = [{}, { held: secret }, { waiting: secret }, { held: secret, waiting: secret }].map((by) =>
        JSON.stringify(numberProblem({ orderId, nature }, by, false)),
      )
      return told[0] !== 'null' && new Set(told).size === 1
    }),
    { seed, numRuns: 500 },
  )
  t.end()
})
