import { readdirSync } from 'node:fs'
import path from 'node:path'
import t, { type Test } from 'tap'
import fc from 'fast-check'
import { systemRandom } from '../base/random.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import { listKeyOf, type ListEntry, type ListName } from '../messages/entities.js'
import { compareKeys, leafOf } from '../messages/list-hash.js'
import { Connection } from './sqlite.js'
import { headOf, order, tag, vehicle } from './testing/list.contract.js'
import { openTestStore, type TestStore } from './testing/opener.js'

/** As the gateway sends a whole list. */
function inTreeOrder(entries: readonly ListEntry[]): ListEntry[] {
  const keyed = entries.map((entry) => ({ entry, key: listKeyOf(entry), leaf: leafOf(listKeyOf(entry)) }))
  return keyed.sort((a, b) => a.leaf - b.leaf || compareKeys(a.key, b.key)).map(({ entry }) => entry)
}

const tags = inTreeOrder(Array.from({ length: 3_000 }, (_, n) => tag(`E${n}`)))
const orders = inTreeOrder(Array.from({ length: 3_000 }, (_, n) => order(`O${n}`, `E${n}`)))

async function* cutAfter(entries: readonly ListEntry[], from: number, to: number): AsyncIterable<ListEntry> {
  for (const entry of entries.slice(from, to)) yield await Promise.resolve(entry)
  if (to < entries.length) throw new Error('the line was cut')
}

/** Goes on with what is staged, up to the entry with this number. */
async function goOn(
  store: TestStore,
  list: ListName,
  version: number,
  entries: readonly ListEntry[],
  to = entries.length,
) {
  const staged = await store.lists.staged(list)
  const from = staged?.count ?? 0
  const result = await store.lists.applyFull(
    headOf(list, version, entries),
    cutAfter(entries, from, to),
    staged?.afterKey,
  )
  return { from, result }
}

async function alter(dataDir: string, sql: string): Promise<void> {
  const connection = await Connection.open(path.join(dataDir, 'lists.db'), false)
  await connection.exec(sql)
  await connection.close()
}

const open = (t: Test, dataDir = t.testdir({})): Promise<TestStore> =>
  openTestStore(dataDir, new MemoryControl())

t.test(
  'a full list that is cut goes on where it was cut, through restarts, and is in force whole',
  async (t) => {
    const seed = Math.floor(systemRandom.next() * 2 ** 31)
    t.comment(`seed ${seed}`)
    const cuts = fc.array(fc.record({ at: fc.integer({ min: 1, max: 2_999 }), restarts: fc.boolean() }), {
      minLength: 1,
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(cuts, fc.constantFrom('tags' as const, 'orders' as const), async (plan, list) => {
        const dataDir = t.testdir({})
        const entries = list === 'tags' ? tags : orders
        let store = await open(t, dataDir)
        let before = 0
        for (const { at, restarts } of plan.toSorted((a, b) => a.at - b.at)) {
          const { from, result } = await goOn(store, list, 7, entries, Math.max(at, before))
          if (result.ok || from !== before) throw new Error(`went on at ${from}, not at ${before}`)
          before = Math.max(at, before)
          if (store.lists.inForce().length > 0) throw new Error('half a list is in force')
          if (!restarts) continue
          await store.close()
          store = await open(t, dataDir)
        }
        const { from, result } = await goOn(store, list, 7, entries)
        const facts = await store.lists.factsOfTag('E2999')
        const found = store.lists.ordersOn([{ kind: 'TAG', key: 'E2999' }])
        const staged = await store.lists.staged(list)
        await store.close()
        if (!result.ok || from !== before || staged) throw new Error(JSON.stringify(result))
        if (list === 'orders' && (found === 'unknown' || found.length !== 1)) throw new Error('not in memory')
        if (list === 'tags' && facts.tag === null) throw new Error('not in the file')
      }),
      { seed, numRuns: 5 },
    )
  },
)

t.test('what was staged before a restart and altered on the disk since is not put in force', async (t) => {
  const dataDir = t.testdir({})
  const first = await open(t, dataDir)
  t.notOk((await goOn(first, 'tags', 7, tags, 2_000)).result.ok)
  await first.close()
  await alter(
    dataDir,
    `UPDATE entries SET body = replace(body, 'ACTIVE', 'LOST__') WHERE key = '${listKeyOf(tags[5] ?? tag('?'))}'`,
  )
  const store = await open(t, dataDir)
  const tried = await goOn(store, 'tags', 7, tags)
  t.match(tried, { from: 2_000, result: { ok: false, problems: [{ message: /listHashMismatch/ }] } })
  t.equal(await store.lists.staged('tags'), null, 'and is not tried again')
  t.ok((await goOn(store, 'tags', 7, tags)).result.ok, 'from the beginning it is taken')
  await store.close()
})

t.test('a process that dies while it checks a list that came whole checks it again', async (t) => {
  const dataDir = t.testdir({})
  const first = await open(t, dataDir)
  t.notOk((await goOn(first, 'tags', 7, tags, 2_999)).result.ok)
  await first.close()
  await alter(
    dataDir,
    `INSERT INTO leaves SELECT DISTINCT generation, leaf, 1, 'x' FROM entries LIMIT 40;
     INSERT INTO branches SELECT generation, 1, 1, 'x' FROM staged`,
  )
  const store = await open(t, dataDir)
  t.match(await goOn(store, 'tags', 7, tags), { from: 2_999, result: { ok: true } })
  await store.close()
})

t.test('only the same content goes on, and only after the last key that is here', async (t) => {
  const store = await open(t)
  t.notOk((await goOn(store, 'tags', 7, tags, 1_000)).result.ok)
  const staged = await store.lists.staged('tags')
  t.match(staged, { count: 1_000, afterKey: listKeyOf(tags[999] ?? tag('?')), head: { version: 7 } })
  const other = tags.slice(1)
  for (const [head, afterKey] of [
    [headOf('tags', 8, tags), staged?.afterKey],
    [headOf('tags', 7, other), staged?.afterKey],
    [headOf('tags', 7, tags), 'E1'],
  ] as const) {
    const result = await store.lists.applyFull(head, cutAfter(tags, 1_000, 3_000), afterKey)
    t.match(result, { ok: false, problems: [{ message: /listNotStaged/ }] })
  }
  t.match(await goOn(store, 'tags', 7, tags), { from: 1_000, result: { ok: true } })
  await store.close()
})

t.test(
  'what is staged is let go when a newer version is in force, or the beginning comes again',
  async (t) => {
    const dataDir = t.testdir({})
    const store = await open(t, dataDir)
    t.notOk((await goOn(store, 'tags', 7, tags, 2_500)).result.ok)
    const head = headOf('tags', 8, tags)
    t.notOk((await store.lists.applyFull(head, cutAfter(tags, 0, 10))).ok)
    t.match(await store.lists.staged('tags'), { count: 10, head: { version: 8 } }, 'one of each list')
    const small = tags.slice(0, 5)
    t.ok((await store.lists.applyFull(headOf('tags', 9, small), cutAfter(small, 0, 5))).ok)
    t.equal(await store.lists.staged('tags'), null)
    await store.close()
    const again = await open(t, dataDir)
    t.equal(await again.lists.staged('tags'), null, 'nor after a restart')
    t.equal(again.lists.inForce()[0]?.version, 9)
    await again.close()
  },
)

t.test('a full list that came in another order than that of the tree is not gone on with', async (t) => {
  const store = await open(t)
  const mixed = tags.toReversed()
  t.notOk((await goOn(store, 'tags', 7, mixed, 1_000)).result.ok)
  t.equal(await store.lists.staged('tags'), null)
  t.match(await goOn(store, 'tags', 7, mixed), { from: 0, result: { ok: true } })
  await store.close()
})

t.test('the names of a list that was cut and restarted are those of the whole list', async (t) => {
  const dataDir = t.testdir({})
  const trucks = inTreeOrder(Array.from({ length: 600 }, (_, n) => vehicle(`V${n}`, `P${n}`, `Q${n}`)))
  const ofTrucks = inTreeOrder(Array.from({ length: 600 }, (_, n) => tag(`E${n}`, `V${n}`)))
  let store = await open(t, dataDir)
  for (const [list, entries] of [
    ['vehicles', trucks],
    ['tags', ofTrucks],
  ] as const) {
    for (const to of [150, 320]) t.match(await goOn(store, list, 1, entries, to), { result: { ok: false } })
    await store.close()
    store = await open(t, dataDir)
    t.match(await goOn(store, list, 1, entries, 450), { from: 320, result: { ok: false } })
    t.match(await goOn(store, list, 1, entries), { from: 450, result: { ok: true } })
  }
  for (const n of [0, 149, 150, 319, 320, 449, 450, 599])
    t.match(await store.lists.factsOfPlate(`Q${n}`), {
      tag: { epc: `E${n}` },
      vehicle: { vehicleId: `V${n}` },
    })
  await store.close()
  const file = await Connection.open(path.join(dataDir, 'lists.db'), false)
  t.match(await file.all('SELECT count(*) AS n FROM plates'), [{ n: 1_200 }])
  t.match(await file.all('SELECT count(*) AS n FROM looks'), [{ n: 600 }])
  await file.close()
  t.same(
    readdirSync(dataDir).filter((name) => name.includes('names')),
    [],
    'no file of names is left',
  )
})

t.test('lists of an older program keep their tags findable by plate', async (t) => {
  const dataDir = t.testdir({})
  let store = await open(t, dataDir)
  await goOn(store, 'vehicles', 1, [vehicle('V1', 'P1')])
  await goOn(store, 'tags', 1, [tag('E1', 'V1')])
  await store.close()
  await alter(
    dataDir,
    `DELETE FROM looks; CREATE INDEX entries_ref ON entries (generation, ref) WHERE ref IS NOT NULL;
     DROP TABLE owner;
     ALTER TABLE lists DROP COLUMN seal;
     PRAGMA user_version = 4`,
  )
  store = await open(t, dataDir)
  t.match(await store.lists.factsOfPlate('P1'), { tag: { epc: 'E1' }, vehicle: { vehicleId: 'V1' } })
  await store.close()
})
