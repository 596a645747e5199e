import path from 'node:path'
import t, { type Test } from 'tap'
import type { FaultChange } from '../base/fault.js'
import { ManualClock, sleep, systemClock } from '../base/clock.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import type { ListEntry } from '../messages/entities.js'
import { findByKeySql, findByLookSql } from './list-facts.js'
import { Connection } from './sqlite.js'
import { delta, headOf, order, streamed, tag, trip, vehicle } from './testing/list.contract.js'
import { openTestStore, type TestStore } from './testing/opener.js'

async function eventually(condition: () => boolean | Promise<boolean>, boundMs = 20_000): Promise<boolean> {
  const endMs = systemClock.now().monoMs + boundMs
  while (!(await condition())) {
    if (systemClock.now().monoMs > endMs) return false
    await sleep(systemClock, 'test', 5)
  }
  return true
}

const stands = (faults: readonly FaultChange[], code: string, source: string): boolean =>
  faults.filter((change) => change.code === code && change.source === source).at(-1)?.is === 'raised'

async function withOrders(dataDir: string, entries: readonly ListEntry[]): Promise<void> {
  const store = await openTestStore(dataDir, new MemoryControl())
  t.ok((await store.lists.applyFull(headOf('orders', 4, entries), streamed(entries))).ok)
  await store.close()
}

async function alter(dataDir: string, sql: string): Promise<void> {
  const connection = await Connection.open(path.join(dataDir, 'lists.db'), false)
  await connection.exec(sql)
  await connection.close()
}

const orders = [order('O1', 'E1'), order('O2', 'E2'), order('O3', 'E3')]
const onE1 = [{ kind: 'TAG' as const, key: 'E1' }]

/** The same version loaded again is what mends a corrupt list. */
async function mend(t: Test, store: TestStore): Promise<void> {
  t.ok(
    (await store.lists.applyFull(headOf('orders', 4, orders), streamed(orders))).ok,
    'the same version again',
  )
  t.strictSame(store.lists.ordersOn(onE1), [orders[0]])
  t.notOk(stands(store.faults, 'controlList.corrupt', 'orders'), 'and the fault is cleared')
}

t.test(
  'an order altered on the disk is found out after the start, and the list is no longer believed',
  async (t) => {
    const dataDir = t.testdir({})
    await withOrders(dataDir, orders)
    await alter(dataDir, `UPDATE entries SET body = replace(body, 'E1', 'E7') WHERE key = 'O1'`)
    const store = await openTestStore(dataDir, new MemoryControl())
    t.ok(await eventually(() => stands(store.faults, 'controlList.corrupt', 'orders')))
    t.equal(store.lists.ordersOn(onE1), 'unknown')
    t.strictSame(store.lists.inForce(), [])
    const older = headOf('orders', 3, [])
    t.notOk((await store.lists.applyFull(older, streamed([]))).ok, 'not even now does the version go back')
    await mend(t, store)
    await store.close()
  },
)

t.test('a list whose count is wrong is not believed from the first moment', async (t) => {
  const dataDir = t.testdir({})
  await withOrders(dataDir, orders)
  await alter(dataDir, `DELETE FROM entries WHERE key = 'O1'`)
  const store = await openTestStore(dataDir, new MemoryControl())
  t.equal(store.lists.ordersOn(onE1), 'unknown')
  t.ok(stands(store.faults, 'controlList.corrupt', 'orders'))
  await mend(t, store)
  await store.close()
})

t.test('a lists file that makes no sense is kept aside, and every list is unknown', async (t) => {
  const dataDir = t.testdir({ 'lists.db': 'this is no database'.repeat(500) })
  const store = await openTestStore(dataDir, new MemoryControl())
  t.equal(store.lists.ordersOn(onE1), 'unknown')
  for (const list of ['tags', 'vehicles', 'orders', 'blacklist'])
    t.ok(stands(store.faults, 'controlList.corrupt', list))
  t.notOk(stands(store.faults, 'journal.corrupt', 'journal'), 'the journal is another file')
  await store.close()
})

t.test('a load that broke off and a content that was replaced are freed', async (t) => {
  const dataDir = t.testdir({})
  const store = await openTestStore(dataDir, new MemoryControl())
  const trips = Array.from({ length: 300 }, (_, n) => trip(`T${n}`, `V${n}`))
  await store.lists.applyFull(headOf('trips', 1, trips), streamed(trips))
  await store.lists.applyFull(headOf('trips', 2, []), streamed([]))
  const many = Array.from({ length: 1_000 }, (_, n) => vehicle(`V${n}`, `P${n}`))
  await store.lists.applyFull(headOf('vehicles', 1, many), streamed(many))
  await store.lists.applyFull(headOf('vehicles', 2, many.slice(1)), streamed(many.slice(1)))
  t.notOk((await store.lists.applyFull(headOf('vehicles', 3, many), streamed(many.slice(0, 500)))).ok)
  const connection = await Connection.open(path.join(dataDir, 'lists.db'), false)
  const count = async (table: string): Promise<number> =>
    (await connection.all<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))[0]?.n ?? 0
  for (const table of ['entries', 'plates'])
    t.ok(await eventually(async () => (await count(table)) === 999), table)
  t.ok(await eventually(async () => (await count('looks')) === 0), 'looks')
  t.strictSame((await store.lists.factsOfPlate('P1')).vehicle, many[1])
  await connection.close()
  await store.close()
})

t.test('a process that dies in a load leaves the old list in force', async (t) => {
  const dataDir = t.testdir({})
  await withOrders(dataDir, orders)
  // What a kill between staging and switch leaves: a content that no head names.
  await alter(
    dataDir,
    `INSERT INTO entries SELECT 77, value, 'O' || value, zeroblob(32), NULL, NULL, '{}' FROM json_each('[1,2,3,4]')`,
  )
  const store = await openTestStore(dataDir, new MemoryControl())
  t.strictSame(store.lists.ordersOn(onE1), [orders[0]])
  const connection = await Connection.open(path.join(dataDir, 'lists.db'), false)
  const generations = async (): Promise<number> =>
    (await connection.all<{ n: number }>('SELECT DISTINCT generation AS n FROM entries')).length
  t.ok(await eventually(async () => (await generations()) === 1), 'and the rest is freed at the next start')
  await connection.close()
  await store.close()
})

t.test('lists that are loaded at the same time do not touch each other', async (t) => {
  const store = await openTestStore(t.testdir({}), new MemoryControl())
  for (const version of [1, 2, 3]) {
    const tags = Array.from({ length: 900 }, (_, n) => tag(`E${n}-${version}`))
    const vehicles = Array.from({ length: 900 }, (_, n) => vehicle(`V${n}`, `P${n}-${version}`))
    const results = await Promise.all([
      store.lists.applyFull(headOf('tags', version, tags), streamed(tags)),
      store.lists.applyFull(headOf('vehicles', version, vehicles), streamed(vehicles)),
      store.lists.applyFull(headOf('orders', version, []), streamed([])),
    ])
    t.ok(results.every((result) => result.ok))
    t.strictSame((await store.lists.factsOfTag(`E899-${version}`)).tag, tags[899])
    t.strictSame((await store.lists.factsOfPlate(`P0-${version}`)).vehicle, vehicles[0])
  }
  await store.close()
})

t.test('lookups go on at their pace while a list of 20,000 entries is loaded', async (t) => {
  const store = await openTestStore(t.testdir({}), new MemoryControl())
  const many = Array.from({ length: 20_000 }, (_, n) => tag(`E${n}`))
  await store.lists.applyFull(headOf('tags', 1, many), streamed(many))
  const next = many.slice(1)
  const load = store.lists.applyFull(headOf('tags', 2, next), streamed(next))
  let loading = true
  void load.then(() => (loading = false))
  let during = 0
  while (loading) {
    const { tag: found } = await store.lists.factsOfTag('E0')
    if (found === null || found === 'unknown') break
    during += 1
  }
  t.ok((await load).ok)
  t.ok(during > 50, `${during} lookups found the old list whole while the new one came`)
  t.strictSame((await store.lists.factsOfTag('E0')).tag, null, 'now it is the new one')
  await store.close()
})

t.test('a closed store answers unknown and changes nothing', async (t) => {
  const store = await openTestStore(t.testdir({}), new MemoryControl(), { clock: new ManualClock() })
  await store.close()
  t.strictSame(await store.lists.factsOfTag('E1'), { tag: 'unknown', vehicle: 'unknown' })
  t.notOk((await store.lists.applyFull(headOf('tags', 1, []), streamed([]))).ok)
  await t.rejects(
    store.journal.append([]).then(() => store.journal.probe()),
    { code: 'journal.notWritable' },
  )
})

t.test(
  'a lists file whose content was hashed in an older way is fetched again, and no version goes back',
  async (t) => {
    const dataDir = t.testdir({})
    await withOrders(dataDir, orders)
    await alter(
      dataDir,
      'DROP TABLE leaves; DROP TABLE branches; DROP TABLE staged; DROP TABLE owner; ALTER TABLE lists DROP COLUMN seal; PRAGMA user_version = 2',
    )
    const store = await openTestStore(dataDir, new MemoryControl())
    t.equal(store.lists.ordersOn(onE1), 'unknown')
    t.ok(stands(store.faults, 'controlList.missing', 'orders'))
    t.notOk(stands(store.faults, 'controlList.corrupt', 'orders'), 'nothing is damaged')
    t.notOk((await store.lists.applyFull(headOf('orders', 3, orders), streamed(orders))).ok, 'an older one')
    t.ok((await store.lists.applyFull(headOf('orders', 4, orders), streamed(orders))).ok)
    t.strictSame(store.lists.ordersOn(onE1), [orders[0]])
    const trips = [trip('T1', 'V1'), trip('T2', 'V2')]
    t.ok((await store.lists.applyFull(headOf('trips', 1, trips), streamed(trips))).ok)
    t.strictSame(await store.lists.find('trips', 'vehicle', ['V2']), [trips[1]])
    await store.close()
  },
)

t.test(
  'hashes beside a list that are not those of its head make it unknown from the first moment',
  async (t) => {
    const dataDir = t.testdir({})
    await withOrders(dataDir, orders)
    await alter(dataDir, `UPDATE branches SET hash = replace(hash, substr(hash, 1, 1), 'x')`)
    const store = await openTestStore(dataDir, new MemoryControl())
    t.equal(store.lists.ordersOn(onE1), 'unknown')
    t.ok(stands(store.faults, 'controlList.corrupt', 'orders'))
    await mend(t, store)
    await store.close()
  },
)

t.test(
  'a delta changes the tree of a long list where it was touched, and leaves the rest alone',
  async (t) => {
    const dataDir = t.testdir({})
    const store = await openTestStore(dataDir, new MemoryControl())
    const many = Array.from({ length: 5_000 }, (_, n) => vehicle(`V${n}`, `P${n}`))
    t.ok((await store.lists.applyFull(headOf('vehicles', 1, many), streamed(many))).ok)
    const next = [...many.slice(3), vehicle('V1', 'P1', 'NEW')]
    t.ok(
      (
        await store.lists.applyDelta(
          delta('vehicles', { version: 1, entries: many }, { version: 2, entries: next }),
        )
      ).ok,
    )
    t.strictSame((await store.lists.factsOfPlate('NEW')).vehicle, next.at(-1))
    t.strictSame((await store.lists.factsOfPlate('P2')).vehicle, null)
    const connection = await Connection.open(path.join(dataDir, 'lists.db'), false)
    const one = async (sql: string): Promise<unknown> =>
      Object.values((await connection.all<object>(sql))[0] ?? {})[0]
    t.equal(await one('SELECT sum(count) FROM leaves'), 4_998)
    t.equal(await one('SELECT sum(count) FROM branches'), 4_998)
    t.equal(await one('SELECT count(*) FROM plates'), 4_999, 'no name is left of what is gone')
    await connection.close()
    await store.close()
    const again = await openTestStore(dataDir, new MemoryControl())
    t.equal(again.lists.inForce()[0]?.contentHash, headOf('vehicles', 2, next).contentHash)
    t.notOk(again.faults.some((change) => change.code === 'controlList.corrupt'))
    await again.close()
  },
)

t.test('a lookup of the load seeks by index, however long the list is', async (t) => {
  const dataDir = t.testdir({})
  const store = await openTestStore(dataDir, new MemoryControl())
  const connection = await Connection.open(path.join(dataDir, 'lists.db'), false)
  for (const sql of [findByKeySql, findByLookSql]) {
    const plan = await connection.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, [1, '[[1,"a"]]', 10])
    const steps = plan.map((row) => row.detail).filter((detail) => / (entries|looks)\b/.test(detail))
    t.ok(steps.length > 0 && steps.every((step) => step.startsWith('SEARCH')), steps.join('; '))
  }
  await connection.close()
  await store.close()
})

t.test('a list that a lane of this edge needs and that is not there is a fault', async (t) => {
  const given = { neededLists: new Set(['orders', 'trips'] as const) }
  const store = await openTestStore(t.testdir({}), new MemoryControl(), given)
  t.ok(stands(store.faults, 'controlList.missing', 'trips'))
  t.notOk(stands(store.faults, 'controlList.missing', 'drivers'))
  t.ok((await store.lists.applyFull(headOf('trips', 1, []), streamed([]))).ok)
  t.notOk(stands(store.faults, 'controlList.missing', 'trips'), 'an empty list is a list')
  await store.close()
})
