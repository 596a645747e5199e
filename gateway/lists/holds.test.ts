import t, { type Test } from 'tap'
import { ManualClock, systemClock } from '../../edge/base/clock.js'
import type { BlacklistEntry, ControlOrder, ListEntry } from '../../edge/messages/entities.js'
import { judgeLift, type HoldEntry } from '../../edge/messages/trust/holds.js'
import { everything, folderOf, site, startIn } from '../testing/gateway-under-test.js'
import { makeSigning, phrase } from '../testing/signed.js'
import { confirmedBy } from './holds.js'

const day = 86_400_000
const nowMs = systemClock.now().wallMs
/** A gateway that signs its lists, with keys of anna and bo; eve may sign in and has a key that nobody delegated. */
async function open(t: Test, more: Record<string, unknown> = {}) {
  const dir = folderOf(t)
  const { trust, delegation } = makeSigning(dir, nowMs, ['anna', 'bo'], ['eve'])
  const clock = new ManualClock(nowMs)
  const people = ['operator', 'anna', 'bo', 'eve'].map((name) => everything(name))
  const gateway = await startIn(t, dir, { trust, people, secretOrderReaders: ['anna', 'bo'], ...more }, clock)
  await gateway.signIn('anna')
  const change = (list: string, upserts: readonly ListEntry[], deletes: readonly string[] = []) =>
    gateway.post(`/api/lists/${list}/changes`, { upserts, deletes })
  const entries = async (list: string) =>
    (await gateway.get<{ entries: HoldEntry[] }>(`/api/lists/${list}`)).body.entries
  const as = async (person: string, address: string, body: object) => {
    await gateway.signIn(person)
    return gateway.post(address, body)
  }
  return { gateway, clock, change, entries, as, delegation }
}

const ban: BlacklistEntry = {
  kind: 'blacklist',
  entryId: 'B1',
  subject: { kind: 'COMPANY', key: 'C1' },
  level: 'STOP',
  agency: 'CUSTOMS',
  reason: 'unpaid',
  validFrom: 0,
}
const secret: ControlOrder = {
  kind: 'order',
  orderId: 'S-1',
  agency: 'IQ',
  subject: { kind: 'VEHICLE', key: 'V1' },
  action: 'INTERCEPT',
  nature: 'SECRET',
  level: 1,
  reason: 'nobody may know',
  validFrom: 0,
  maxHits: 0,
  issuedBy: 'iq',
}

t.test('where lists are signed no hold is deleted or made weaker, by a change or by a file', async (t) => {
  const { change, entries, gateway } = await open(t)
  t.equal((await change('blacklist', [ban])).status, 200)
  const gone = await change('blacklist', [], ['B1'])
  t.match(
    [gone.status, gone.body],
    [409, { error: 'needsApproval', problems: [{ path: 'B1', message: /two persons/ }] }],
  )
  const weaker = await change('blacklist', [{ ...ban, level: 'WATCH' }])
  t.match(weaker.body, { error: 'needsApproval', problems: [{ message: /listHoldWeakened/ }] })
  const byFile = await fetch(`${gateway.url}/api/lists/blacklist/import`, {
    method: 'POST',
    headers: { cookie: gateway.cookie, origin: gateway.url, 'content-type': 'application/x-ndjson' },
    body: JSON.stringify({ ...ban, validTo: 5 }),
  })
  t.equal(byFile.status, 409)
  t.strictSame(await entries('blacklist'), [ban])
  t.equal((await change('blacklist', [{ ...ban, reason: 'still unpaid' }])).status, 200, 'words may change')
})

t.test('a ban whose end is more than a week ago may go, and not before', async (t) => {
  const { change } = await open(t)
  const ended = (entryId: string, days: number) => ({
    ...ban,
    entryId,
    validTo: Math.floor(nowMs - days * day),
  })
  await change('blacklist', [ended('B6', 6.9), ended('B8', 7.1)])
  t.equal((await change('blacklist', [], ['B6'])).status, 409)
  t.equal((await change('blacklist', [], ['B8'])).status, 200)
})

t.test(
  'two people lift a ban, each with the own passphrase, and the entry carries a proof that edges take',
  async (t) => {
    const { change, entries, as, delegation, gateway } = await open(t)
    await change('blacklist', [ban])
    const ask = (person: string, passphrase: string) =>
      as(person, '/api/lists/blacklist/lifts', { key: 'B1', reason: '02', passphrase })
    const confirm = (person: string, passphrase: string) =>
      as(person, '/api/lists/blacklist/lifts/confirm', { key: 'B1', passphrase })
    t.match(await confirm('bo', phrase('bo')), { status: 404 }, 'nobody asked yet')
    t.match(await ask('anna', phrase('bo')), { status: 400, body: { error: 'wrongPassphrase' } })
    t.match(await ask('eve', phrase('eve')), { status: 403, body: { error: 'noKey' } })
    t.match(await ask('anna', phrase('anna')), { status: 200, body: { key: 'B1', person: 'anna' } })
    t.match((await gateway.get('/api/lifts')).body, { lifts: [{ key: 'B1', reason: '02' }] })
    t.match(await ask('bo', phrase('bo')), { status: 409 }, 'it is asked for')
    t.match(await confirm('anna', phrase('anna')), { status: 403, body: { error: 'secondPerson' } })
    t.strictSame(await entries('blacklist'), [ban], 'one person lifts nothing')
    t.match(await confirm('bo', phrase('bo')), { status: 200, body: { list: 'blacklist' } })
    const [lifted] = await entries('blacklist')
    t.match(lifted, { ...ban, lift: { reason: '02' } })
    if (lifted) t.equal(judgeLift({ site, delegation, signedTimeMs: 0 }, lifted), null)
    t.match((await gateway.get('/api/lifts')).body, { lifts: [] })
    const audit = JSON.stringify((await gateway.get('/api/audit')).body)
    t.match(audit, /liftAsked/)
    t.match(audit, /"lifted"/)
    t.notMatch(audit, /good words/)
  },
)

t.test('what the first one signed outlasts a restart of the gateway', async (t) => {
  const dir = folderOf(t)
  const { trust } = makeSigning(dir, nowMs, ['anna', 'bo'])
  const more = { trust, people: ['operator', 'anna', 'bo'].map((name) => everything(name)) }
  const before = await startIn(t, dir, more)
  await before.signIn('anna')
  await before.post('/api/lists/blacklist/changes', { upserts: [ban], deletes: [] })
  const asked = { key: 'B1', reason: '02', passphrase: phrase('anna') }
  t.equal((await before.post('/api/lists/blacklist/lifts', asked)).status, 200)
  await before.close()
  const after = await startIn(t, dir, more)
  await after.signIn('bo')
  t.match((await after.get('/api/lifts')).body, { lifts: [{ key: 'B1', person: 'anna' }] })
  const confirmed = await after.post('/api/lists/blacklist/lifts/confirm', {
    ...{ key: 'B1', passphrase: phrase('bo') },
  })
  t.equal(confirmed.status, 200)
  t.match((await after.get('/api/lists/blacklist')).body, { entries: [{ lift: { reason: '02' } }] })
})

t.test('a first list brings no lift where lists are signed, since nobody could prove it yet', async (t) => {
  const by = ['a', 'b'].map((letter) => ({ keyId: letter.repeat(64), signature: `${'A'.repeat(86)}==` }))
  const lifted = { ...ban, lift: { at: 1, reason: '02', by } }
  const dir = folderOf(t, { 'blacklist.ndjson': JSON.stringify(lifted) })
  const { trust } = makeSigning(dir, nowMs, ['anna', 'bo'])
  const initialLists = { blacklist: 'blacklist.ndjson' }
  await t.rejects(startIn(t, dir, { trust, initialLists }), { code: 'lists.lifted', message: /B1/ })
})

t.test(
  'an entry that was changed between the two people is not lifted by what the first one signed',
  async (t) => {
    const { change, entries, as } = await open(t)
    await change('blacklist', [ban])
    await as('anna', '/api/lists/blacklist/lifts', { key: 'B1', reason: '04', passphrase: phrase('anna') })
    await change('blacklist', [{ ...ban, reason: 'found anew' }])
    const late = await as('bo', '/api/lists/blacklist/lifts/confirm', { key: 'B1', passphrase: phrase('bo') })
    t.match(late, { status: 409, body: { error: 'conflict' } })
    t.notOk((await entries('blacklist'))[0]?.lift)
    t.equal((await as('bo', '/api/lists/blacklist/lifts/withdraw', { key: 'B1' })).status, 200)
  },
)

t.test(
  'a secret order is not there for who may not know of it, and its number stands in no audit',
  async (t) => {
    const { change, as, gateway } = await open(t)
    await change('orders', [secret])
    const body = { key: 'S-1', reason: '02', passphrase: phrase('anna') }
    t.match(await as('eve', '/api/lists/orders/lifts', body), { status: 404 })
    t.equal((await as('anna', '/api/lists/orders/lifts', body)).status, 200)
    await gateway.signIn('eve')
    t.match((await gateway.get('/api/lifts')).body, { lifts: [] })
    t.match(await gateway.post('/api/lists/orders/lifts/withdraw', { key: 'S-1' }), { status: 404 })
    const confirmed = { key: 'S-1', passphrase: phrase('bo') }
    t.equal((await as('bo', '/api/lists/orders/lifts/confirm', confirmed)).status, 200)
    t.match(await as('eve', '/api/lists/orders/lifts', body), {
      ...{ status: 404, body: { message: 'the list orders has no entry S-1' } },
    })
    await gateway.signIn('anna')
    const { entries: rows } = (
      await gateway.get<{ entries: { action: string; target: string }[] }>('/api/audit')
    ).body
    t.same(
      rows.filter(({ action }) => action === 'liftAsked').map(({ target }) => target),
      ['order'],
    )
  },
)

t.test('a passphrase is tried five times and no more, until a quarter of an hour has passed', async (t) => {
  const { change, as, clock } = await open(t)
  await change('blacklist', [ban])
  const ask = (passphrase: string) =>
    as('anna', '/api/lists/blacklist/lifts', { key: 'B1', reason: '02', passphrase })
  for (let tries = 0; tries < 5; tries += 1) t.equal((await ask('wrong words')).status, 400)
  t.equal((await ask(phrase('anna'))).status, 429)
  clock.advance(15 * 60_000)
  t.equal((await ask(phrase('anna'))).status, 200)
})

t.test('a lifted ban leaves its list when every enrolled edge has it in force, and not before', async (t) => {
  const { gateway, change, entries, as, clock } = await open(t)
  const edge = await gateway.edge('edge-1')
  const other = await gateway.edge('edge-2')
  await change('blacklist', [ban])
  await as('anna', '/api/lists/blacklist/lifts', { key: 'B1', reason: '02', passphrase: phrase('anna') })
  const done = await as('bo', '/api/lists/blacklist/lifts/confirm', { key: 'B1', passphrase: phrase('bo') })
  const { version } = done.body as { version: number }
  const early = await change('blacklist', [], ['B1'])
  t.match(early.body, { problems: [{ message: /leaves the list by itself/ }] })
  t.equal((await change('blacklist', [{ ...ban, level: 'WATCH' }])).status, 409, 'an edge may still hold it')
  const confirms = async (from: typeof edge, edgeId: string, at: number) => {
    const said = { v: 1, edgeId, to: `blacklist@${at}`, result: 'inForce', why: null, at: 5 }
    await from.send('answer', JSON.stringify(said))
    await gateway.until(async () => {
      const { body } = await gateway.get<{ edges: { edgeId: string; lists: { version: number }[] }[] }>(
        '/api/state',
      )
      return body.edges.some((one) => one.edgeId === edgeId && one.lists.some((list) => list.version === at))
    })
  }
  await confirms(edge, 'edge-1', version)
  await confirms(other, 'edge-2', version - 1)
  t.equal((await change('blacklist', [], ['B1'])).status, 409, 'the other edge has not seen it')
  await confirms(other, 'edge-2', version)
  await gateway.signIn('anna')
  clock.advance(15 * 60_000)
  await gateway.until(async () => (await entries('blacklist')).length === 0)
})

t.test('edges that said nothing, refused, or are none confirm nothing', (t) => {
  const answers = {
    a: [{ list: 'orders', version: 7, result: 'inForce' }],
    b: [{ list: 'orders', version: 5, result: 'inForce' }],
    c: [{ list: 'orders', version: 9, result: 'refused' }],
    d: [{ list: 'blacklist', version: 9, result: 'inForce' }],
  } as const
  const of = (...edges: (keyof typeof answers)[]) =>
    confirmedBy(edges, (edgeId) => answers[edgeId as keyof typeof answers], 'orders')
  t.same([of('a'), of('a', 'b'), of('a', 'c'), of('a', 'd'), of()], [7, 5, 0, 0, 0])
  t.end()
})
