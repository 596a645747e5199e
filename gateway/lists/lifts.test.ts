import t, { type Test } from 'tap'
import { systemClock } from '../../edge/base/clock.js'
import type { BlacklistEntry, ControlOrder, ListEntry } from '../../edge/messages/entities.js'
import type { HoldsState } from '../api/lift-schemas.js'
import type { OrderState } from '../api/order-schemas.js'
import { everything, folderOf, startIn } from '../testing/gateway-under-test.js'
import { makeSigning, phrase } from '../testing/signed.js'
import { demandMayWithdraw } from './two-people.js'

/** Finding what holds somebody and was placed by no order here, and lifting it where lists are unsigned. */
const people = [
  { name: 'operator', roles: ['supervisor', 'maintainer'] },
  { name: 'wang', roles: ['supervisor'], agency: 'CUSTOMS' },
  { name: 'li', roles: ['officer'], agency: 'CUSTOMS' },
  { name: 'chen', roles: ['officer'], agency: 'IQ' },
  { name: 'zhao', roles: ['inspector'] },
]

async function open(t: Test, more: Record<string, unknown> = {}) {
  const gateway = await startIn(t, folderOf(t), { people, secretOrderReaders: ['wang'], ...more })
  const cookies = new Map<string, string>()
  const headersOf = async (person: string) => {
    const cookie = cookies.get(person) ?? (await gateway.signIn(person)).split(';')[0] ?? ''
    cookies.set(person, cookie)
    return { cookie, origin: gateway.url }
  }
  const as = async (person: string, address: string, body: object) =>
    gateway.post(address, body, await headersOf(person))
  const seenBy = async <Body>(person: string, address: string): Promise<Body> =>
    (await gateway.get<Body>(address, await headersOf(person))).body
  const change = async (list: string, upserts: readonly ListEntry[]) => {
    const { status } = await as('operator', `/api/lists/${list}/changes`, { upserts, deletes: [] })
    t.equal(status, 200)
  }
  const find = (person: string, name?: string) =>
    seenBy<HoldsState>(person, `/api/holds${name === undefined ? '' : `?find=${encodeURIComponent(name)}`}`)
  const keys = async (person: string, name?: string) =>
    (await find(person, name)).holds.map(({ entry }) =>
      entry.kind === 'order' ? entry.orderId : entry.entryId,
    )
  return { change, find, keys, as, seenBy }
}

const ban = (entryId: string, kind: BlacklistEntry['subject']['kind'], key: string): BlacklistEntry => ({
  ...{ kind: 'blacklist', entryId, subject: { kind, key }, level: 'STOP', agency: 'CUSTOMS' },
  ...{ reason: '欠费', validFrom: 0 },
})
const order = (orderId: string, subject: ControlOrder['subject'], more: Partial<ControlOrder> = {}) =>
  ({
    ...{ kind: 'order', orderId, agency: 'CUSTOMS', subject, action: 'NOTIFY', nature: 'OPEN', level: 4 },
    ...{ reason: '', validFrom: 0, maxHits: 0, issuedBy: 'file', ...more },
  }) satisfies ControlOrder

t.test('a hold is found by its number and by whom it holds, as people write it', async (t) => {
  const { change, keys } = await open(t)
  await change('blacklist', [
    ...[ban('B1', 'COMPANY', 'C1'), ban('B2', 'PLATE', '粤B12345'), ban('B3', 'VEHICLE', 'V1')],
    ban('B4', 'TAG', 'E280AB'),
  ])
  await change('orders', [
    order('F1', { kind: 'PLATE_PATTERN', key: '粤B?2345' }),
    order('F2', { kind: 'VEHICLE', key: 'V1' }),
  ])
  t.same(await keys('li', 'B1'), ['B1'])
  t.same(await keys('li', 'C1'), ['B1'])
  t.same(await keys('li', ' V1 '), ['F2', 'B3'])
  t.same(await keys('li', 'e280ab'), ['B4'], 'a tag in small letters')
  t.same(await keys('li', '粤b·12345'), ['F1', 'B2'], 'a plate with its dot, and what holds by a part of it')
  t.same(await keys('li', 'V'), [], 'a part of a name is none')
  t.same(await keys('li'), [], 'no lift waits')
})

t.test('one answer holds fifty, and says that there are more', async (t) => {
  const { change, find } = await open(t)
  const many = (count: number) =>
    Array.from({ length: count }, (_, i) => ban(`B${String(i).padStart(3, '0')}`, 'COMPANY', 'C1'))
  await change('blacklist', many(50))
  t.match(await find('li', 'C1'), { more: false })
  await change('blacklist', many(51))
  const { holds, more } = await find('li', 'C1')
  t.same([holds.length, more], [50, true])
})

t.test(
  'a secret order is found by its readers only, and its lift is seen to wait by them alone',
  async (t) => {
    const { keys, find, as } = await open(t, { people: ['operator', 'wang'].map(everything) })
    const secret = order('S-1', { kind: 'VEHICLE', key: 'V1' }, { nature: 'SECRET' })
    await as('wang', '/api/lists/orders/changes', { upserts: [secret], deletes: [] })
    t.same(await keys('wang', 'S-1'), ['S-1'])
    t.same(await keys('wang', 'V1'), ['S-1'])
    t.equal(
      (await as('wang', '/api/lists/orders/lifts', { key: 'S-1', reason: '02', why: '线索 9' })).status,
      200,
    )
    t.match((await find('wang')).holds, [{ waiting: { person: 'wang', why: '线索 9' } }])
    for (const name of ['S-1', 'V1', undefined])
      t.same(await find('zhao', name), { holds: [], more: false, by: 'unsigned' })
  },
)

t.test('where lists are unsigned two people of the agency lift a ban by their sign-in', async (t) => {
  const { change, find, keys, as, seenBy } = await open(t)
  await change('blacklist', [ban('B1', 'COMPANY', 'C1')])
  const ask = (person: string, more: object = { reason: '02' }) =>
    as(person, '/api/lists/blacklist/lifts', { key: 'B1', ...more })
  const confirm = (person: string) => as(person, '/api/lists/blacklist/lifts/confirm', { key: 'B1' })
  t.match(await find('chen', 'B1'), {
    by: 'unsigned',
    holds: [{ foreign: true, placedHere: false, waiting: null }],
  })
  t.match(await ask('chen'), { status: 403, body: { error: 'foreignAgency' } })
  t.match(await ask('zhao'), { status: 403, body: { error: 'needsOfficer' } })
  t.match(await ask('wang', { reason: '99' }), { status: 422, body: { error: 'needsReason' } })
  t.match(await ask('wang', { reason: '99', why: '已缴清' }), { status: 200 })
  t.match(await confirm('wang'), { status: 403, body: { error: 'secondPerson' } })
  t.match(await confirm('chen'), { status: 403, body: { error: 'foreignAgency' } })
  t.same(await keys('li'), ['B1'], 'the second person finds it without a name')
  t.match(await find('li', 'B1'), { holds: [{ foreign: false, waiting: { person: 'wang', why: '已缴清' } }] })
  t.match(await confirm('li'), { status: 200, body: { list: 'blacklist' } })
  t.same(await keys('li', 'C1'), [])
  t.match(await seenBy('li', '/api/lists/blacklist'), { entries: [] })
  const audit = await seenBy<{ entries: { action: string }[] }>('wang', '/api/audit')
  const steps = audit.entries.filter(({ action }) => /lift/i.test(action))
  t.match(steps, [
    { action: 'lifted', operator: 'li', detail: { askedBy: 'wang', keyIds: [] } },
    { action: 'liftAsked', detail: { why: '已缴清' } },
  ])
})

t.test('a lift that waits is taken back by people of its agency, and by nobody of another', async (t) => {
  const { change, find, as } = await open(t)
  await change('blacklist', [ban('B1', 'COMPANY', 'C1')])
  const { kind: _kind, issuedBy: _issuedBy, ...asked } = order('O1', { kind: 'VEHICLE', key: 'V1' })
  await as('wang', '/api/orders', asked)
  for (const [address, body] of [
    ['/api/lists/blacklist/lifts', { key: 'B1' }],
    ['/api/orders/O1/lift', {}],
  ] as const) {
    const ask = () => as('wang', address, { ...body, reason: '02' })
    const withdraw = (person: string) => as(person, `${address}/withdraw`, { ...body, why: '再查' })
    t.equal((await ask()).status, 200)
    for (const person of ['chen', 'operator'])
      t.match(
        await withdraw(person),
        { status: 403, body: { error: 'foreignAgency' } },
        `${person} ${address}`,
      )
    t.match(await ask(), { status: 409, body: { error: 'wrongState' } }, 'it waits as before')
    for (const person of ['li', 'wang']) {
      t.equal((await withdraw(person)).status, 200, person)
      t.equal((await ask()).status, 200)
    }
  }
  t.match((await find('li', 'C1')).holds, [{ waiting: { person: 'wang' } }])
})

t.test('who asked for a lift takes it back also when he has gone to another agency since', (t) => {
  t.doesNotThrow(() => demandMayWithdraw('IQ', 'CUSTOMS', 'wang', 'Wang'))
  t.throws(() => demandMayWithdraw('IQ', 'CUSTOMS', undefined, 'wang'), /belongs to IQ/)
  t.end()
})

t.test(
  'an order that is in force by its record is lifted there; one that came again by a file, here',
  async (t) => {
    const { change, find, as, seenBy } = await open(t)
    const { kind: _kind, issuedBy: _issuedBy, ...asked } = order('O1', { kind: 'VEHICLE', key: 'V1' })
    t.match(await as('wang', '/api/orders', asked), { status: 200, body: { state: 'ACTIVE' } })
    t.match(await find('li', 'O1'), { holds: [{ placedHere: true }] })
    t.match(await as('li', '/api/lists/orders/lifts', { key: 'O1', reason: '02' }), {
      status: 409,
      body: { error: 'wrongState' },
    })
    await as('li', '/api/orders/O1/lift', { reason: '02' })
    t.match(await as('wang', '/api/orders/O1/lift/confirm', {}), { body: { state: 'LIFTED' } })
    t.match(await find('li', 'O1'), { holds: [] })
    await change('orders', [order('O1', { kind: 'VEHICLE', key: 'V1' })])
    t.match(await find('li', 'O1'), { holds: [{ placedHere: false }] })
    const again = (person: string, step: string, more: object) =>
      as(person, `/api/lists/orders/lifts${step}`, { key: 'O1', ...more })
    t.equal((await again('li', '', { reason: '02', why: '文件重复' })).status, 200)
    t.equal((await again('li', '/withdraw', { why: '再查' })).status, 200)
    t.equal((await again('li', '', { reason: '99', why: '文件重复' })).status, 200)
    t.equal((await again('wang', '/confirm', {})).status, 200)
    const { state, steps } = await seenBy<OrderState>('chen', '/api/orders/O1')
    t.equal(state, 'LIFTED')
    t.match(steps.slice(-4), [
      { by: 'li', did: 'liftAskedAgain', why: '02 文件重复', before: 'LIFTED', after: 'LIFTED' },
      { by: 'li', did: 'liftWithdrawnAgain', why: '再查' },
      { by: 'li', did: 'liftAskedAgain', why: '99 文件重复' },
      { by: 'wang', did: 'liftedAgain', why: '99' },
    ])
  },
)

t.test(
  'a lift that was asked for while lists were unsigned is not confirmed once they are signed',
  async (t) => {
    const dir = folderOf(t)
    const before = await startIn(t, dir, { people })
    await before.signIn('wang')
    await before.post('/api/lists/blacklist/changes', { upserts: [ban('B1', 'COMPANY', 'C1')], deletes: [] })
    t.equal((await before.post('/api/lists/blacklist/lifts', { key: 'B1', reason: '02' })).status, 200)
    await before.close()
    const { trust } = makeSigning(dir, systemClock.now().wallMs, ['wang', 'li'])
    const after = await startIn(t, dir, { people, trust })
    await after.signIn('li')
    const confirm = (body: object) => after.post('/api/lists/blacklist/lifts/confirm', { key: 'B1', ...body })
    t.match(await confirm({}), { status: 400, body: { problems: [{ path: 'passphrase' }] } })
    t.match(await confirm({ passphrase: phrase('li') }), {
      status: 409,
      body: { message: /unsigned: withdraw/ },
    })
    t.match((await after.get('/api/holds?find=B1')).body, {
      by: 'signed',
      holds: [{ entry: { entryId: 'B1' } }],
    })
  },
)

t.test(
  'where lists are signed and the gateway has no keys of people, it says so and lifts nothing',
  async (t) => {
    const dir = folderOf(t)
    const { trust } = makeSigning(dir, systemClock.now().wallMs, ['wang'])
    const { recordsDir, keysDir } = trust
    const gateway = await startIn(t, dir, { people, trust: { recordsDir, keysDir } })
    await gateway.signIn('wang')
    await gateway.post('/api/lists/blacklist/changes', { upserts: [ban('B1', 'COMPANY', 'C1')], deletes: [] })
    t.match((await gateway.get('/api/holds?find=B1')).body, { by: 'noKeys' })
    const asked = { key: 'B1', reason: '02', passphrase: phrase('wang') }
    t.match(await gateway.post('/api/lists/blacklist/lifts', asked), {
      status: 403,
      body: { error: 'noKeysHere' },
    })
  },
)
