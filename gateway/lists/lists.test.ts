import { writeFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { ManualClock, systemClock } from '../../edge/base/clock.js'
import { silentLogger } from '../../edge/base/log.js'
import {
  listChangeSchema,
  listDeltaSchema,
  listGapSchema,
  type ListDelta,
  type ListHead,
} from '../../edge/messages/down.js'
import { listKeyOf, type ControlOrder, type ListEntry } from '../../edge/messages/entities.js'
import { contentOf, leafOf } from '../../edge/messages/list-hash.js'
import { pruneVersions } from '../store/lists.js'
import { EventChain } from '../testing/chain.js'
import { testAuthority } from '../authority/testing/authority.js'
import { startIn, type GatewayUnderTest } from '../testing/gateway-under-test.js'
import { Lists } from './lists.js'
import { storeIn } from '../testing/store-in.js'

const tag = (epc: string, vehicleId = 'V1'): ListEntry => ({ kind: 'tag', epc, state: 'ACTIVE', vehicleId })
const order = (orderId: string, key = 'E200'): ControlOrder => ({
  kind: 'order',
  orderId,
  agency: 'IQ',
  subject: { kind: 'TAG', key },
  action: 'INTERCEPT',
  nature: 'OPEN',
  level: 1,
  reason: '检疫',
  validFrom: 0,
  maxHits: 0,
  issuedBy: 'wang',
})

/** By its definition, which has a test of its own (edge/messages/list-hash.test.ts). */
const contentHash = (entries: readonly ListEntry[]): string => contentOf(entries).contentHash

async function openLists(dir: string) {
  const { memory, database } = await storeIn(dir)
  const told: { head: ListHead; delta: ListDelta | undefined }[] = []
  const clock = new ManualClock()
  const lists = new Lists({
    database,
    memory,
    clock,
    log: silentLogger,
    onVersion: (head, delta) => {
      told.push({ head, delta })
    },
  })
  return { lists, database, memory, told, clock }
}

t.test('after any changes, head, deltas and full lists tell the same content', async (t) => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
  t.comment(`SEED=${seed}`)
  const { lists, database, memory, told } = await openLists(t.testdir())
  t.teardown(() => database.close())
  await lists.prepare({})
  const model = new Map<string, ListEntry>()
  const versions = new Map<number, Map<string, ListEntry>>([[1, new Map()]])
  const key = fc.integer({ min: 0, max: 15 }).map((n) => `E2${n.toString(16).toUpperCase()}`)
  const step = fc.array(fc.record({ key, value: fc.option(fc.integer({ min: 0, max: 2 })) }), {
    maxLength: 6,
  })
  await fc.assert(
    fc.asyncProperty(step, async (changes) => {
      const wanted = new Map(changes.map((one) => [one.key, one.value]))
      const deletes = [...wanted].filter(([at, value]) => value === null && model.has(at)).map(([at]) => at)
      const upserts = [...wanted].flatMap(([at, value]) => (value === null ? [] : [tag(at, `V${value}`)]))
      const head = await lists.change('tags', { upserts, deletes }, 'li')
      for (const at of deletes) model.delete(at)
      for (const entry of upserts) model.set(listKeyOf(entry), entry)
      versions.set(head.version, new Map(model))
      if (head.contentHash !== contentHash([...model.values()]) || head.count !== model.size) return false
      for (const [version, content] of versions) {
        const delta = version === head.version ? undefined : await lists.delta('tags', version)
        if (version !== head.version && !delta) return false
        const applied = new Map(content)
        for (const at of delta?.deletes ?? []) applied.delete(at)
        for (const entry of delta?.upserts ?? []) applied.set(listKeyOf(entry), entry)
        if (contentHash([...applied.values()]) !== head.contentHash) return false
        if (delta && delta.baseHash !== contentHash([...content.values()])) return false
      }
      return true
    }),
    { seed, numRuns: 60 },
  )
  for (const [version, content] of versions) {
    const page = await lists.page('tags', version, '', 1_000)
    t.same(
      page.entries.map((text) => JSON.parse(text) as ListEntry),
      [...content.values()].sort((a, b) => (listKeyOf(a) < listKeyOf(b) ? -1 : 1)),
      `version ${version} is still readable`,
    )
    const forEdges: ListEntry[] = []
    let bytes = 0
    for (let after: string | null = ''; after !== null;) {
      const some = await lists.pageForEdge('tags', version, after, 3)
      bytes += some.entries.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0)
      forEdges.push(...some.entries.map((text) => JSON.parse(text) as ListEntry))
      after = some.next
    }
    t.equal((await lists.head('tags', version))?.bytes, bytes, 'its head says how long it is, line ends too')
    t.equal(contentHash(forEdges), contentHash([...content.values()]), `and so is ${version} for an edge`)
    const leaves = forEdges.map((entry) => leafOf(listKeyOf(entry)))
    t.same(
      leaves,
      leaves.toSorted((a, b) => a - b),
    )
  }
  const numbers = told.map((one) => one.head.version)
  t.same(
    numbers,
    [...new Set(numbers)].sort((a, b) => a - b),
    'versions only rise',
  )
  t.equal(memory.head('tags')?.version, Math.max(...versions.keys()))
})

t.test('a change that changes nothing makes no version', async (t) => {
  const { lists, database, told } = await openLists(t.testdir())
  t.teardown(() => database.close())
  await lists.prepare({})
  t.equal((await lists.change('tags', { upserts: [tag('e1')], deletes: [] }, 'li')).version, 2)
  t.equal((await lists.change('tags', { upserts: [tag('E1')], deletes: [] }, 'li')).version, 2)
  t.equal((await lists.change('tags', { upserts: [], deletes: ['e1'] }, 'li')).version, 3)
  t.equal(told.length, 2)
})

t.test('too large a step has no delta, and forgotten versions lead nowhere', async (t) => {
  const { lists, database, told } = await openLists(t.testdir())
  t.teardown(() => database.close())
  await lists.prepare({})
  const many = Array.from({ length: 501 }, (_, i) =>
    tag(`E2${i.toString(16).padStart(4, '0').toUpperCase()}`),
  )
  await lists.change('tags', { upserts: many, deletes: [] }, 'li')
  t.equal(told.at(-1)?.delta, undefined)
  t.equal(await lists.delta('tags', 1), undefined)
  await lists.change('tags', { upserts: [tag('AA')], deletes: [] }, 'li')
  t.equal((await lists.delta('tags', 2))?.upserts.length, 1)
  await lists.change('tags', { upserts: [], deletes: ['AA'] }, 'li')
  await database.transact((sql) => pruneVersions(sql, 'tags', 2))
  t.equal(await lists.delta('tags', 2), undefined)
  t.same((await lists.delta('tags', 3))?.deletes, ['AA'])
  t.equal((await lists.page('tags', 4, '', 1_000)).entries.length, 501)
})

t.test(
  'changes that are asked for at once are told as one step or one after another, never with a hole',
  async (t) => {
    const { lists, database, told } = await openLists(t.testdir())
    t.teardown(() => database.close())
    await lists.prepare({})
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        lists.change('orders', { upserts: [order(`o${i}`)], deletes: [] }, 'li'),
      ),
    )
    let at = 1
    for (const { head, delta } of told) {
      t.equal(delta?.baseVersion, at)
      t.equal(delta?.head.version, head.version)
      at = head.version
    }
    t.equal(at, 21)
  },
)

t.test('first lists come from files, once; a wrong line names itself', async (t) => {
  const dir = t.testdir({
    other: {},
    'tags.ndjson': `${JSON.stringify(tag('e2ab'))}\n\n${JSON.stringify(tag('E2AC'))}\n`,
    'orders.json': `[\n${JSON.stringify(order('BK-1'))},\n${JSON.stringify(order('BK-2'))}\n]\n`,
    'bad.ndjson': `${JSON.stringify(tag('E1'))}\n{"kind":"tag"}\n${JSON.stringify(order('x'))}\nnoise\n${JSON.stringify(tag('E1'))}\n`,
  })
  const first = await openLists(dir)
  const files = { tags: path.join(dir, 'tags.ndjson'), orders: path.join(dir, 'orders.json') }
  await first.lists.prepare(files)
  t.match(first.memory.head('tags'), {
    version: 1,
    count: 2,
    contentHash: contentHash([tag('E2AB'), tag('E2AC')]),
  })
  t.match(first.memory.head('orders'), { version: 1, count: 2 })
  t.match(first.memory.head('blacklist'), { version: 1, count: 0, contentHash: contentHash([]) })
  writeFileSync(files.tags, '')
  await first.lists.prepare(files)
  t.equal(first.memory.head('tags')?.version, 1, 'a restart does not read the file again')
  await first.database.close()
  const second = await openLists(path.join(dir, 'other'))
  t.teardown(() => second.database.close())
  await t.rejects(second.lists.prepare({ tags: path.join(dir, 'bad.ndjson') }), {
    message:
      /bad.ndjson:2: .*\n.*bad.ndjson:3: kind: the list tags holds tag, not order\n.*bad.ndjson:4: not JSON.*\n.*bad.ndjson:5: E1 stands twice/,
  })
})

async function full(gateway: GatewayUnderTest, list: string, version: number) {
  const address = `/edge/v1/lists/${list}/full?version=${version}`
  const { status, text } = await gateway.asEdge(address, await gateway.identity())
  const [head, ...entries] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
  return { status, head: head as ListHead, entries: entries as ListEntry[] }
}

t.test('an edge hears of a new version at once, and fetches what it missed', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  const edge = await gateway.edge()
  const changed = await gateway.post('/api/lists/orders/changes', { upserts: [order('BK-1')], deletes: [] })
  t.match(changed, { status: 200, body: { list: 'orders', version: 2, count: 1 } })
  const { message } = await edge.hears('list')
  t.match(message, { list: 'orders', baseVersion: 1, head: { version: 2 }, upserts: [{ orderId: 'BK-1' }] })
  t.ok(listDeltaSchema.safeParse(message).success)
  await edge.hears('head', (head) => head.list === 'orders' && head.version === 2)
  const late = await gateway.edge('edge-2')
  t.match(await late.hears('head', (head) => head.list === 'orders'), {
    retained: true,
    message: { version: 2 },
  })

  await gateway.post('/api/lists/orders/changes', { upserts: [order('BK-2')], deletes: ['BK-1'] })
  const own = await gateway.identity()
  const delta = await gateway.asEdge<ListDelta>('/edge/v1/lists/orders/delta?from=1', own)
  t.match(delta, {
    status: 200,
    body: { baseVersion: 1, head: { version: 3 }, upserts: [{ orderId: 'BK-2' }], deletes: [] },
  })
  const none = await gateway.asEdge('/edge/v1/lists/orders/delta?from=3', own)
  t.match(none, { status: 404, body: { error: 'noDelta' } })
  for (const version of [2, 3]) {
    const { status, head, entries } = await full(gateway, 'orders', version)
    t.equal(status, 200)
    t.equal(head.contentHash, contentHash(entries), `version ${version} adds up`)
  }
  t.equal((await full(gateway, 'orders', 9)).status, 404)
})

t.test(
  'who was away over thousands of changes is told those, and nobody is told more than that',
  async (t) => {
    const gateway = await startIn(t, t.testdir())
    await gateway.signIn()
    const numbered = (from: number, to: number, vehicleId: string) =>
      Array.from({ length: to - from }, (_, n) => tag(`E2${from + n}`, vehicleId))
    const put = (upserts: readonly ListEntry[], deletes: string[] = []) =>
      gateway.post('/api/lists/tags/changes', { upserts, deletes })
    for (let at = 0; at < 2_000; at += 500) await put(numbered(at, at + 500, 'V1'))
    for (let at = 0; at < 1_500; at += 500) await put(numbered(at, at + 500, 'V2'))
    await put(
      [],
      numbered(1_900, 2_000, 'V1').map((entry) => listKeyOf(entry)),
    )
    const own = await gateway.identity()
    const asked = (from: number) => gateway.asEdge(`/edge/v1/lists/tags/changes?from=${from}`, own)
    const { status, text } = await asked(5)
    t.equal(status, 200)
    const [gap, ...changes] = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    t.match(listGapSchema.parse(gap), { baseVersion: 5, head: { version: 9 }, upserts: 1_500, deletes: 100 })
    t.equal(changes.length, 1_600)
    t.ok(changes.every((change) => listChangeSchema.safeParse(change).success))
    t.match(await asked(9), { status: 404 }, 'nothing has changed since')
    t.match(await asked(77), { status: 404 }, 'a version that is not kept')
    for (let at = 2_000; at < 6_000; at += 500) await put(numbered(at, at + 500, 'V3'))
    t.match(await asked(1), { status: 404 }, 'more than the list is worth')
  },
)

t.test('a large list is streamed in the order of the hash tree and adds up', async (t) => {
  const count = 7_001
  const dir = t.testdir({
    'tags.ndjson': Array.from({ length: count }, (_, i) => JSON.stringify(tag(`E2${i}`))).join('\n'),
  })
  const gateway = await startIn(t, dir, { initialLists: { tags: 'tags.ndjson' } })
  const { head, entries } = await full(gateway, 'tags', 1)
  t.equal(entries.length, count)
  t.equal(head.count, count)
  t.equal(head.contentHash, contentHash(entries))
  const leaves = entries.map((entry) => leafOf(listKeyOf(entry)))
  t.ok(
    leaves.every((leaf, n) => leaf >= (leaves[n - 1] ?? 0)),
    'so that an edge appends it',
  )
})

t.test('lists are given to enrolled edges only', async (t) => {
  const gateway = await startIn(t, t.testdir())
  const address = '/edge/v1/lists/orders/full?version=1'
  t.match(await gateway.asEdge(address, null), { status: 401, body: { error: 'noCertificate' } })
  const { authorityPem } = await gateway.identity()
  const foreign = { ...(await (await testAuthority()).identityOf('edge-1')), authorityPem }
  t.match(await gateway.asEdge(address, foreign), { status: 403, body: { error: 'foreignCertificate' } })
  t.equal((await gateway.asEdge(address, await gateway.identity())).status, 200)
  await gateway.signIn()
  t.equal((await gateway.get(address)).status, 404, 'nor to an operator, whose listener knows no such thing')
})

t.test('a wrong change is refused whole, with every problem', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  const change = { upserts: [order('BK-1'), tag('E1')], deletes: ['BK-7'] }
  const answer = await gateway.post('/api/lists/orders/changes', change)
  t.match(answer, {
    status: 400,
    body: { error: 'invalid', problems: [{ path: 'upserts.1.kind' }, { path: 'deletes.0' }] },
  })
  t.match(await gateway.get('/api/lists/orders'), {
    body: { list: { version: 1, count: 0 }, entries: [], next: null },
  })
  const malformed = await gateway.post('/api/lists/orders/changes', { upserts: [{ kind: 'order' }], more: 1 })
  t.match(malformed, { status: 400, body: { error: 'invalid' } })
  t.equal((await gateway.post('/api/lists/secrets/changes', { upserts: [], deletes: [] })).status, 400)
})

t.test('what edges answer about a version is kept and shown', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  const edge = await gateway.edge()
  const answer = (to: string, result: string, why: string | null) =>
    edge.send('answer', JSON.stringify({ v: 1, edgeId: 'edge-1', to, result, why, at: 5 }))
  await answer('orders@1', 'refused', 'hash')
  await answer('tags@1', 'inForce', null)
  await gateway.until(async () => {
    const { body } = await gateway.get<{ edges: { lists: unknown[] }[] }>('/api/state')
    return body.edges[0]?.lists.length === 2
  })
  const refused = await gateway.get('/api/state')
  t.match(refused.body, {
    edges: [
      {
        faults: [{ code: 'gateway.listRefused', detail: 'orders@1: hash' }],
        lists: [
          { list: 'orders', version: 1, result: 'refused', why: 'hash' },
          { list: 'tags', version: 1, result: 'inForce' },
        ],
      },
    ],
  })
  await answer('orders@1', 'inForce', null)
  await gateway.until(async () => {
    const { body } = await gateway.get<{ edges: { faults: unknown[] }[] }>('/api/state')
    return body.edges[0]?.faults.length === 0
  })
})

t.test('a vehicle that got away is intercepted at every lane, once', async (t) => {
  const dir = t.testdir()
  const gateway = await startIn(t, dir)
  await gateway.signIn()
  const edge = await gateway.edge()
  const other = await gateway.edge('edge-2')
  const chain = new EventChain('edge-1')
  const late = chain.next(
    'lateObjection',
    { epc: 'E9', code: 'ORD-01', orderIds: ['BK-1'] },
    { lane: 'lane-1', passageId: 'p1' },
  )
  await edge.sendEvents([late])
  const { message } = await other.hears('list')
  const orders = message.upserts as ControlOrder[]
  t.match(orders, [
    { action: 'INTERCEPT', agency: 'PORT', subject: { kind: 'TAG', key: 'E9' }, issuedBy: 'lanekeeper' },
  ])
  await edge.sendEvents([late])
  const again = chain.next(
    'lateObjection',
    { epc: 'E9', code: 'ORD-01', orderIds: [] },
    { lane: 'lane-1', passageId: 'p1' },
  )
  await edge.sendEvents([again])
  t.match(await gateway.get('/api/lists/orders'), { body: { list: { version: 2, count: 1 } } })
  t.equal(systemClock.now().wallMs >= (orders[0]?.validFrom ?? Infinity) - 1_000, true)
})

t.test('lists that change with every crossing are told in steps, and control orders at once', async (t) => {
  const { lists, told, clock, database } = await openLists(t.testdir())
  t.teardown(() => database.close())
  await lists.prepare({})
  const company = (companyId: string): ListEntry => ({
    kind: 'company',
    companyId,
    roles: [],
    creditClass: 'A',
    managedClass: 1,
    registration: 'VALID',
  })
  for (const id of ['C1', 'C2', 'C3'])
    await lists.change('companies', { upserts: [company(id)], deletes: [] }, 'wang')
  for (const id of ['O1', 'O2'])
    await lists.change('orders', { upserts: [order(id, id)], deletes: [] }, 'wang')
  const steps = () => told.map(({ head, delta }) => [head.list, delta?.baseVersion, head.version])
  t.same(steps(), [
    ['companies', 1, 2],
    ['orders', 1, 2],
    ['orders', 2, 3],
  ])
  clock.advance(500)
  // The turn of a publication that another one has to wait for.
  await lists.publish([])
  t.same(steps().slice(3), [['companies', 2, 4]], 'what came meanwhile is one step, without a hole')
  await lists.change('companies', { upserts: [company('C4')], deletes: [] }, 'wang')
  lists.close()
  clock.advance(5_000)
  await lists.publish([])
  t.equal(told.length, 4, 'what waits at the end is told by the heads of the next start')
})
