import fc from 'fast-check'
import t, { type Test } from 'tap'
import { canonicalJson } from '../base/canonical.js'
import { describeProblems, type Result } from '../base/result.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import type { ListInForce } from '../interfaces/list-store.js'
import { listKeyOf, type BlacklistEntry, type ControlOrder, type ListEntry } from '../messages/entities.js'
import { compareKeys, leafOf } from '../messages/list-hash.js'
import { judgeHoldChange, lifted, type HoldJudge } from '../messages/trust/holds.js'
import { delegationRecord, keys, nowMs } from '../messages/trust/testing/site.js'
import { delta, headOf, order as anOrder, streamed, tag } from './testing/list.contract.js'
import { openTestStore, type TestStore } from './testing/opener.js'

const judge: HoldJudge = (before, after) =>
  judgeHoldChange({ site: 'site-1', delegation: delegationRecord(), signedTimeMs: nowMs }, before, after)

function order(orderId: string, change: Partial<ControlOrder> = {}): ControlOrder {
  const entry = anOrder(orderId, `E-${orderId}`)
  if (entry.kind !== 'order') throw new Error('no order')
  return { ...entry, ...change }
}
const lift = { reason: '02', at: nowMs } as const
const byTwo = (entry: ControlOrder | BlacklistEntry) => lifted('site-1', entry, lift, [keys.anna, keys.bo])
const byOne = (entry: ControlOrder | BlacklistEntry) => lifted('site-1', entry, lift, [keys.anna, keys.hold])

const codeOf = (result: Result<ListInForce>): string =>
  result.ok ? 'ok' : (/\((\w+)\)/.exec(describeProblems(result.problems))?.[1] ?? 'no code')

/** A store that holds these orders as version 4. */
async function holding(t: Test, entries: readonly ListEntry[]): Promise<TestStore> {
  const store = await openTestStore(t.testdir({}), new MemoryControl())
  t.teardown(() => store.close())
  const result = await store.lists.applyFull(
    headOf('orders', 4, entries),
    streamed(entries),
    undefined,
    judge,
  )
  if (!result.ok) throw new Error(describeProblems(result.problems))
  return store
}

/** The next version, by a delta or in full, as an edge takes it that knows a root. */
async function next(
  { lists }: TestStore,
  way: 'delta' | 'full',
  from: readonly ListEntry[],
  to: readonly ListEntry[],
  by: HoldJudge | undefined = judge,
): Promise<Result<ListInForce>> {
  return way === 'delta'
    ? lists.applyDelta(delta('orders', { version: 4, entries: from }, { version: 5, entries: to }), by)
    : lists.applyFull(headOf('orders', 5, to), streamed(to), undefined, by)
}

const three = [order('O1'), order('O2'), order('O3')] as const
const [one, two, last] = three

for (const way of ['delta', 'full'] as const) {
  t.test(`an order that a ${way} takes away without a lift stays in force`, async (t) => {
    const store = await holding(t, three)
    for (const [how, entries, reason] of [
      ['gone', [one, last], 'listHoldVanished'],
      ['all gone', [], 'listHoldVanished'],
      ['only notified of', [one, order('O2', { action: 'NOTIFY' }), last], 'listHoldWeakened'],
      ['lifted by one person', [one, byOne(two), last], 'liftNotProven'],
      ['gone, another in its place', [one, order('O4'), last], 'listHoldVanished'],
      ['new and lifted already', [...three, byOne(order('O4'))], 'liftNotProven'],
    ] as const) {
      const refused = await next(store, way, three, entries)
      t.equal(codeOf(refused), reason, how)
      t.match(store.lists.inForce(), [{ version: 4 }], how)
      t.strictSame(store.lists.ordersOn([{ kind: 'TAG', key: 'E-O2' }]), [two], how)
    }
    t.notOk(refusedText(await next(store, way, three, [one])).includes('undefined'))
  })

  t.test(`holds that come, grow stronger or are lifted by two come into force by a ${way}`, async (t) => {
    const store = await holding(t, three)
    const after = [order('O1', { action: 'LOCK' }), byTwo(two), last, order('O4')]
    t.equal(codeOf(await next(store, way, three, after)), 'ok')
    t.strictSame(store.lists.ordersOn([{ kind: 'TAG', key: 'E-O2' }]), [byTwo(two)], 'with its proof')
  })

  t.test(`without a root known here a ${way} is taken as before`, async (t) => {
    const store = await holding(t, three)
    const taken = way === 'delta' ? await store.lists.applyDelta(deltaTo([one])) : await fullOf(store, [one])
    t.equal(codeOf(taken), 'ok')
  })

  t.test(`lists that hold nobody may lose entries by a ${way}`, async (t) => {
    const store = await openTestStore(t.testdir({}), new MemoryControl())
    t.teardown(() => store.close())
    const tags = [tag('E1'), tag('E2')]
    await store.lists.applyFull(headOf('tags', 4, tags), streamed(tags), undefined, judge)
    const change = delta('tags', { version: 4, entries: tags }, { version: 5, entries: [] })
    const none = headOf('tags', 5, [])
    const taken =
      way === 'delta'
        ? await store.lists.applyDelta(change, judge)
        : await store.lists.applyFull(none, streamed([]), undefined, judge)
    t.equal(codeOf(taken), 'ok')
  })
}

const deltaTo = (entries: readonly ListEntry[]) =>
  delta('orders', { version: 4, entries: three }, { version: 5, entries })
const fullOf = ({ lists }: TestStore, entries: readonly ListEntry[]) =>
  lists.applyFull(headOf('orders', 5, entries), streamed(entries))
const refusedText = (result: Result<ListInForce>): string =>
  result.ok ? 'ok' : describeProblems(result.problems)

t.test('the first list of an edge needs no proof for what it adds, and one for each lift', async (t) => {
  const { lists, close } = await openTestStore(t.testdir({}), new MemoryControl())
  t.teardown(close)
  for (const entries of [[one, byOne(two)], [byOne(two)]]) {
    t.equal(
      codeOf(await lists.applyFull(headOf('orders', 1, entries), streamed(entries), undefined, judge)),
      'liftNotProven',
    )
    const from = { version: 0, entries: [] }
    t.equal(
      codeOf(await lists.applyDelta(delta('orders', from, { version: 1, entries }), judge)),
      'liftNotProven',
    )
  }
  const good = [one, byTwo(two)]
  t.equal(codeOf(await lists.applyFull(headOf('orders', 1, good), streamed(good), undefined, judge)), 'ok')
})

t.test('the refusal names the hold and the remedy, and nothing of a secret order', async (t) => {
  const secret = order('S1', { nature: 'SECRET', reason: 'nobody may know' })
  const store = await holding(t, [one, secret])
  const open = refusedText(await next(store, 'full', [one, secret], [secret]))
  t.match(open, /O1: it is gone without a lift .*two persons lift it/)
  const hidden = refusedText(await next(store, 'full', [one, secret], [one]))
  t.match(hidden, /listHoldVanished/)
  t.notMatch(hidden, /S1|nobody may know/)
})

t.test('whatever changes in a list, a full list is refused exactly when its delta is', async (t) => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  t.comment(`SEED=${seed}`)
  const store = await openTestStore(t.testdir({}), new MemoryControl())
  t.teardown(() => store.close())
  const { lists } = store
  const kind = fc.constantFrom('absent', 'plain', 'strong', 'weak', 'proven', 'unproven')
  const entryOf = (n: number, is: string): ControlOrder[] => {
    const entry = order(`O${n}`)
    if (is === 'absent') return []
    if (is === 'strong') return [{ ...entry, action: 'LOCK' }]
    if (is === 'weak') return [{ ...entry, action: 'NOTIFY' }]
    if (is === 'plain') return [entry]
    return [is === 'proven' ? cached(n, byTwo) : cached(n, byOne)] as ControlOrder[]
  }
  const made = new Map<string, unknown>()
  const cached = (n: number, by: typeof byTwo) => {
    const key = `${n} ${by === byTwo}`
    if (!made.has(key)) made.set(key, by(order(`O${n}`)))
    return made.get(key) as ControlOrder
  }
  let version = 10
  const put = async (entries: readonly ListEntry[]) => {
    version += 1
    const result = await lists.applyFull(headOf('orders', version, entries), streamed(entries))
    if (!result.ok) throw new Error(describeProblems(result.problems))
    return { version, entries }
  }
  const states = fc.array(kind, { minLength: 8, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(states, states, async (before, after) => {
      const from = before.flatMap((is, n) => entryOf(n, is))
      const to = after.flatMap((is, n) => entryOf(n, is))
      const changed = changedKeys(from, to)
      const mayBe = changed.every((key) => judge(entryIn(from, key), entryIn(to, key)) === null)
      const base = await put(from)
      version += 1
      const target = { version, entries: to }
      const byFull = await lists.applyFull(headOf('orders', version, to), streamed(to), undefined, judge)
      const again = byFull.ok ? await put(from) : base
      version += 1
      const byDelta = await lists.applyDelta(delta('orders', again, { ...target, version }), judge)
      if (byFull.ok !== mayBe || byDelta.ok !== mayBe)
        throw new Error(`full ${byFull.ok}, delta ${byDelta.ok}`)
    }),
    { numRuns: 60, seed },
  )
})

const entryIn = (entries: readonly ControlOrder[], key: string): ControlOrder | null =>
  entries.find((entry) => entry.orderId === key) ?? null

function changedKeys(from: readonly ControlOrder[], to: readonly ControlOrder[]): string[] {
  const all = [...new Set([...from, ...to].map(listKeyOf))]
  return all.filter((key) => canonicalJson(entryIn(from, key)) !== canonicalJson(entryIn(to, key)))
}

t.test('in ten thousand orders the one that went is found, and only what changed is judged', async (t) => {
  const many = Array.from({ length: 10_000 }, (_, n) => order(`O${n}`))
  const store = await holding(t, many)
  let asked = 0
  const counting: HoldJudge = (before, after) => {
    asked += 1
    return judge(before, after)
  }
  const without = many.filter(({ orderId }) => orderId !== 'O7777')
  t.equal(codeOf(await next(store, 'full', many, without, counting)), 'listHoldVanished')
  t.equal(asked, 1)
  asked = 0
  const stronger = many.map((entry, n) => (n % 2 === 0 ? { ...entry, action: 'LOCK' as const } : entry))
  t.equal(codeOf(await next(store, 'full', many, stronger, counting)), 'ok')
  t.equal(asked, 5_000)
})

t.test(
  'a list whose entries were all made to fall into one leaf is compared to the last of them',
  async (t) => {
    const crowd = oneLeaf(600)
    const store = await holding(t, crowd)
    const changed = crowd.map((entry, n): ControlOrder => ({ ...entry, reason: `read again ${n}` }))
    let asked = 0
    const counting: HoldJudge = (before, after) => {
      asked += 1
      return judge(before, after)
    }
    t.equal(codeOf(await next(store, 'full', crowd, changed.slice(0, -1), counting)), 'listHoldVanished')
    t.equal(asked, 600, 'the last one is looked at after all the others')
  },
)

/** Orders in the order of their keys, which share a range of leaves that one step reads. */
function oneLeaf(count: number): ControlOrder[] {
  const found: { leaf: number; entry: ControlOrder }[] = []
  for (let n = 0; found.length < count; n += 1) {
    const entry = order(`C${n}`)
    const leaf = leafOf(entry.orderId)
    if (leaf < 512) found.push({ leaf, entry })
  }
  return found
    .sort((a, b) => a.leaf - b.leaf || compareKeys(listKeyOf(a.entry), listKeyOf(b.entry)))
    .map(({ entry }) => entry)
}
