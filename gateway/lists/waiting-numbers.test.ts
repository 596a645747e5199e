import { writeFileSync } from 'node:fs'
import path from 'node:path'
import t, { type Test } from 'tap'
import { ManualClock, systemClock, type Clock } from '../../edge/base/clock.js'
import type { ControlOrder } from '../../edge/messages/entities.js'
import { textOf } from '../../edge/messages/text/catalogue.js'
import { numberProblem } from '../domain/order-numbers.js'
import {
  everything,
  folderOf,
  sendEntries,
  startIn,
  type GatewayUnderTest,
} from '../testing/gateway-under-test.js'
import { storeIn } from '../testing/store-in.js'
import type { DryRun } from './import-record.js'

const twoOfAnAgency = [
  everything('operator'),
  { ...everything('wang'), agency: 'IQ' },
  { ...everything('clerk'), agency: 'IQ' },
]
/** Orders wait for another person, and files of them are taken: nobody else has an agency. */
const oneOfAnAgency = [everything('operator'), { ...everything('wang'), agency: 'IQ' }, everything('clerk')]

const asked = (orderId: string, more: Partial<ControlOrder> = {}) => ({
  ...{ orderId, agency: 'IQ', subject: { kind: 'PLATE', key: '粤B12345' }, action: 'INTERCEPT' },
  ...{ nature: 'OPEN', level: 1, reason: '', validFrom: 0, maxHits: 0, ...more },
})

/** Another hold than the one that waits, as a file or a change brings it. */
const brought = (orderId: string, more: Partial<ControlOrder> = {}) => ({
  ...{ kind: 'order', issuedBy: 'file', ...asked(orderId, { level: 3 }) },
  ...{ subject: { kind: 'DRIVER', key: 'D7' }, ...more },
})

async function begin(t: Test, people: readonly object[], more: object = {}, clock: Clock = systemClock) {
  const dir = folderOf(t)
  const gateway = await startIn(t, dir, { people, ...more }, clock)
  await gateway.signIn('wang')
  return { gateway, dir }
}

const change = (gateway: GatewayUnderTest, upserts: readonly object[], deletes: readonly string[] = []) =>
  gateway.post('/api/lists/orders/changes', { upserts, deletes })

const lines = (gateway: GatewayUnderTest, entries: readonly object[]) =>
  sendEntries(gateway, 'orders/import', entries, 'application/x-ndjson')

const dryRun = (gateway: GatewayUnderTest, entries: readonly object[], mode = 'merge') =>
  sendEntries(
    gateway,
    `orders/imports?format=ndjson&mode=${mode}&name=o`,
    entries,
    'application/octet-stream',
  )

/** Whom the orders of the list hold, by their numbers. */
async function held(gateway: GatewayUnderTest): Promise<Record<string, string>> {
  const { body } = await gateway.get<{ entries: ControlOrder[] }>('/api/lists/orders')
  return Object.fromEntries(body.entries.map(({ orderId, subject }) => [orderId, subject.key]))
}

/** What is wrong with that place of a change. */
const waits = (path: string) => ({ path, code: 'waitingNumber', values: { key: 'O-1' } })

t.test('no change and no line puts another hold under the number of an order that waits', async (t) => {
  const { gateway } = await begin(t, twoOfAnAgency)
  t.match((await gateway.post('/api/orders', asked('O-1'))).body, { state: 'PENDING_APPROVAL' })
  const both = [brought('O-2'), brought('O-1')]
  const refused = { status: 400, body: { error: 'invalid', problems: [waits('upserts.1.orderId')] } }
  t.match(await change(gateway, both), refused)
  t.match(await lines(gateway, both), refused)
  t.same(await held(gateway), {}, 'all or nothing')
  for (const [language, text] of [
    ['zh-CN', /^O-1 是待批准布控的编号/],
    ['en', /^O-1 is the number of an order that waits/],
  ] as const)
    t.match(textOf('lineProblem.waitingNumber', language, { key: 'O-1' }), text)
  await gateway.signIn('clerk')
  t.match((await gateway.post('/api/orders/O-1/approve', {})).body, { state: 'ACTIVE' })
  t.same(await held(gateway), { 'O-1': '粤B12345' })
})

t.test('a number whose order was rejected may be brought by a change', async (t) => {
  const { gateway } = await begin(t, twoOfAnAgency)
  await gateway.post('/api/orders', asked('O-1'))
  await gateway.post('/api/orders/O-1/withdraw', { why: '误' })
  t.equal((await change(gateway, [brought('O-1')])).status, 200)
  t.same(await held(gateway), { 'O-1': 'D7' })
})

t.test('a dry run names the line whose number an order waits under, and takes the others', async (t) => {
  const { gateway } = await begin(t, oneOfAnAgency)
  t.match((await gateway.post('/api/orders', asked('O-1'))).body, { state: 'PENDING_APPROVAL' })
  const { body } = await dryRun(gateway, [brought('O-2'), brought('O-1')])
  t.match(body, {
    ...{ state: 'READY', counts: { added: 1, changed: 0 }, refusedCount: 1 },
    refused: [{ line: 2, ...waits('orderId') }],
  })
  await gateway.post(`/api/lists/orders/imports/${(body as DryRun).importId}/apply`, {})
  t.same(await held(gateway), { 'O-2': 'D7' })
})

t.test(
  'a dry run is not put in force over an order that was placed since, until that is decided',
  async (t) => {
    const { gateway } = await begin(t, oneOfAnAgency)
    const { importId } = (await dryRun(gateway, [brought('O-1'), brought('O-2')])).body as DryRun
    await gateway.post('/api/orders', asked('O-1'))
    const apply = () => gateway.post(`/api/lists/orders/imports/${importId}/apply`, {})
    t.match(await apply(), { status: 409, body: { error: 'conflict', problems: [waits('orderId')] } })
    t.same(await held(gateway), {}, 'nothing of the file is in force')
    await gateway.post('/api/orders/O-1/withdraw', { why: '误' })
    t.match(await apply(), { status: 200, body: { state: 'APPLIED' } })
    t.same(await held(gateway), { 'O-1': 'D7', 'O-2': 'D7' })
  },
)

t.test('no file replaces all orders', async (t) => {
  const { gateway } = await begin(t, oneOfAnAgency)
  await gateway.post('/api/orders', asked('O-1'))
  t.match(await dryRun(gateway, [brought('O-1')], 'replace'), {
    status: 400,
    body: { problems: [{ code: 'noEndByFile' }] },
  })
})

t.test('a file of first lists that names the number later is not read again at a start', async (t) => {
  const { gateway, dir } = await begin(t, twoOfAnAgency)
  await gateway.post('/api/orders', asked('O-1'))
  await gateway.close()
  const file = path.join(dir, 'orders.ndjson')
  writeFileSync(file, JSON.stringify(brought('O-1')))
  const again = await startIn(t, dir, { people: twoOfAnAgency, initialLists: { orders: file } })
  await again.signIn('clerk')
  t.same(await held(again), {})
  t.match((await again.post('/api/orders/O-1/approve', {})).body, { state: 'ACTIVE' })
  t.same(await held(again), { 'O-1': '粤B12345' })
})

t.test('an order cannot be placed under the number of a hold of the first list', async (t) => {
  const dir = folderOf(t, { 'orders.ndjson': JSON.stringify(brought('O-1')) })
  const file = path.join(dir, 'orders.ndjson')
  const gateway = await startIn(t, dir, { people: twoOfAnAgency, initialLists: { orders: file } })
  await gateway.signIn('wang')
  t.match(await gateway.post('/api/orders', asked('O-1')), { status: 409, body: { error: 'idUsed' } })
})

/** A store in which another hold came under the number before that was refused, as it may be restored. */
async function restored(t: Test) {
  const { gateway, dir } = await begin(t, twoOfAnAgency)
  await gateway.post('/api/orders', asked('O-1'))
  await change(gateway, [brought('O-2')])
  await gateway.close()
  const { database } = await storeIn(path.join(dir, 'data'))
  await database.transact((sql) =>
    sql.run(
      `UPDATE orders SET order_id = 'O-2', record = json_set(record, '$.order.orderId', 'O-2')
       WHERE order_id = 'O-1'`,
    ),
  )
  await database.close()
  const again = await startIn(t, dir, { people: twoOfAnAgency })
  await again.signIn('clerk')
  return again
}

t.test('an approval overwrites no hold that a store of before has under that number', async (t) => {
  const gateway = await restored(t)
  t.match(await gateway.post('/api/orders/O-2/approve', {}), {
    status: 409,
    body: { error: 'idUsed', problems: [{ code: 'numberTaken', values: { key: 'O-2' } }] },
  })
  t.same(await held(gateway), { 'O-2': 'D7' })
  t.match((await gateway.get('/api/orders/O-2')).body, { state: 'PENDING_APPROVAL' }, 'nothing half done')
  const why = '编号重复'
  t.match((await gateway.post('/api/orders/O-2/reject', { why })).body, { state: 'REJECTED' })
  t.same(await held(gateway), { 'O-2': 'D7' })
})

t.test('the lift of an order that is over ends no other hold that came under its number', async (t) => {
  const clock = new ManualClock()
  const { gateway } = await begin(t, twoOfAnAgency, {}, clock)
  const validTo = Math.round(clock.now().wallMs) + 20_000
  await gateway.post('/api/orders', asked('O-1', { level: 3, validTo }))
  await gateway.post('/api/orders/O-1/lift', { reason: '02' })
  // Its validity is over, and nobody has noted that yet.
  clock.advance(30_000)
  t.equal((await change(gateway, [brought('O-1')])).status, 200)
  await gateway.signIn('clerk')
  t.match(await gateway.post('/api/orders/O-1/lift/confirm', {}), {
    status: 409,
    body: { error: 'idUsed', problems: [{ code: 'numberTaken' }] },
  })
  t.same(await held(gateway), { 'O-1': 'D7' })
})

t.test('that a secret order waits is told to its readers only', (t) => {
  const waiting = { nature: 'SECRET' } as const
  const told = (seesSecrets: boolean) =>
    numberProblem({ orderId: 'O-9', nature: 'OPEN' }, { waiting }, seesSecrets)?.code
  t.equal(told(false), 'keptNumber')
  t.equal(told(true), 'waitingNumber')
  t.end()
})
