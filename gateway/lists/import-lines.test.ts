import t, { type Test } from 'tap'
import { ManualClock } from '../../edge/base/clock.js'
import { silentLogger } from '../../edge/base/log.js'
import type { ControlOrder, ListEntry, ListName, TagEntry } from '../../edge/messages/entities.js'
import { contentOf } from '../../edge/messages/list-hash.js'
import { placed } from '../domain/order-flow.js'
import type { Memory } from '../store/memory.js'
import { saveOrder } from '../store/orders.js'
import { audit, auditEntries } from '../store/records.js'
import { Lists, type ListsGiven } from './lists.js'
import { storeIn } from '../testing/store-in.js'

/** More than one transaction takes. */
const many = 4_100

const tag = (n: number, vehicleId = 'V1'): TagEntry => ({
  kind: 'tag',
  epc: `E2${n.toString(16).padStart(6, '0').toUpperCase()}`,
  state: 'ACTIVE',
  vehicleId,
})
const order = (n: number): ControlOrder => ({
  ...{ kind: 'order', orderId: `o${n}`, agency: 'IQ', subject: { kind: 'TAG', key: `E${n}` } },
  ...{ action: 'NOTIFY', nature: 'OPEN', level: 3, reason: '', validFrom: 0, maxHits: 0, issuedBy: 'wang' },
})
const of = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n))
const textOf = (entries: readonly ListEntry[]) => entries.map((entry) => JSON.stringify(entry)).join('\n')

async function open(t: Test, more: Partial<ListsGiven> = {}) {
  const { memory, database } = await storeIn(t.testdir())
  const told: number[] = []
  const lists = new Lists({
    ...{ database, memory, clock: new ManualClock(), log: silentLogger, ...more },
    onVersion: ({ list, version }) => {
      if (list === 'tags') told.push(version)
    },
  })
  t.teardown(async () => {
    lists.close()
    await database.close()
  })
  await lists.prepare({})
  return { database, memory, lists, told }
}

const contentIn = ({ memory }: { readonly memory: Memory }, list: ListName) => memory.head(list)?.contentHash

t.test('a long import is one version, and others change their lists meanwhile', async (t) => {
  const opened = await open(t)
  const { lists, database, memory, told } = opened
  const entries = of(many, tag)
  let over = false
  const imported = lists
    .importLines('tags', `${textOf(entries)}\nno entry`, 'li')
    .finally(() => (over = true))
  let turns = 0
  while (!over) {
    await database.transact((sql) =>
      audit(sql, { at: 1, operator: 'wu', action: 'turn', target: '', detail: {} }),
    )
    turns += 1
  }
  t.match(await imported, {
    ...{ head: { version: 2, count: many }, applied: many, unchanged: 0 },
    ...{ refusedCount: 1, refused: [{ line: many + 1 }] },
  })
  t.ok(turns > 3, `${turns} others had their turn`)
  t.equal(contentIn(opened, 'tags'), contentOf(entries).contentHash)
  t.same(told, [2])
  const again = await lists.importLines('tags', textOf([...entries.slice(1), tag(0, 'V2')]), 'li')
  t.match(again, { head: { version: 3 }, applied: 1, unchanged: many - 1 })
  t.match(await lists.importLines('tags', textOf([...entries.slice(1), tag(0, 'V2')]), 'li'), {
    ...{ head: { version: 3 }, applied: 0, unchanged: many },
  })
  t.equal(memory.head('tags')?.version, 3, 'no version is made of nothing')
  const pages = await database.read((sql) => auditEntries(sql, 10))
  t.same(
    pages.filter(({ action }) => action === 'listImport').map(({ detail }) => detail),
    [
      { version: 3, upserts: 1, refused: 0 },
      { version: 2, upserts: many, refused: 1 },
    ],
  )
})

/** Each time that a page is judged, somebody else has a change of that list behind it. */
async function openRestless(t: Test, list: ListName, change: (n: number) => ListEntry) {
  const others: ListEntry[] = []
  const changes: Promise<unknown>[] = []
  const opened = await open(t, {
    guardHolds: (_sql, of, { upserts }) => {
      if (of !== list || upserts.length === 1) return Promise.resolve()
      const other = change(others.length)
      others.push(other)
      changes.push(opened.lists.change(list, { upserts: [other], deletes: [] }, 'wu'))
      return Promise.resolve()
    },
  })
  return { ...opened, others, settled: () => Promise.all(changes) }
}

t.test(
  'where a list never stands still a long import is taken in parts, and nothing is lost of either',
  async (t) => {
    const opened = await openRestless(t, 'tags', (n) => tag(900_000 + n, 'V9'))
    const { lists, others, settled, database } = opened
    const entries = of(many, tag)
    t.match(await lists.importLines('tags', textOf(entries), 'li'), { applied: many, unchanged: 0 })
    await settled()
    t.equal(contentIn(opened, 'tags'), contentOf([...entries, ...others]).contentHash)
    t.match(await lists.importLines('tags', textOf(entries), 'li'), { applied: 0, unchanged: many })
    await settled()
    t.equal(contentIn(opened, 'tags'), contentOf([...entries, ...others]).contentHash, 'taken once')
    const rows = await database.read((sql) =>
      sql.all<{ n: number }>('SELECT count(*) AS n FROM list_pending'),
    )
    t.equal(rows[0]?.n, 0)
  },
)

t.test('a long file of orders is taken as a whole or not at all', async (t) => {
  const opened = await openRestless(t, 'orders', (n) => order(900_000 + n))
  const { lists, others, settled } = opened
  await t.rejects(lists.importLines('orders', textOf(of(many, order)), 'li'), {
    error: 'conflict',
    message: /send it in parts of 4000 lines/,
  })
  await settled()
  t.ok(others.length > 0)
  t.equal(contentIn(opened, 'orders'), contentOf(others).contentHash)
})

t.test('a long file of orders does not pass one that was placed while it was stored', async (t) => {
  let pages = 0
  const opened = await open(t, {
    guardHolds: async (sql) => {
      pages += 1
      // The page before, which brings this number, is stored already.
      if (pages === 2) await saveOrder(sql, placed({ ...order(7), level: 1 }, 'wang', 0))
    },
  })
  const refused = await opened.lists
    .importLines('orders', textOf(of(many, order)), 'li')
    .catch((error: unknown) => error)
  t.match(refused, { error: 'conflict', problems: [{ code: 'waitingNumber', values: { key: 'o7' } }] })
  t.equal(pages, 2)
  t.equal(contentIn(opened, 'orders'), contentOf([]).contentHash)
})
