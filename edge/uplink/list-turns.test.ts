import t, { type Test } from 'tap'
import type { ListEntry, ListName } from '../messages/entities.js'
import { delta, headOf, order } from '../store/testing/list.contract.js'
import { bench, eventually } from './testing/edge.js'

/** A gateway whose register of tags comes in only when the test lets it, and what happens to other lists meanwhile. */

interface Version {
  readonly version: number
  readonly entries: readonly ListEntry[]
}

const tag = (n: number): ListEntry => ({
  kind: 'tag',
  epc: `E28011606000${String(n).padStart(12, '0')}`,
  state: 'ACTIVE',
  vehicleId: `V${n}`,
})
const vehicle = (n: number): ListEntry => ({
  kind: 'vehicle',
  vehicleId: `V${n}`,
  vehicleKind: 'TRUCK',
  plates: [{ region: 'CN', text: `粤Z${n}港` }],
  companyId: 'C1',
  carriesTag: true,
})
const contents: Partial<Record<ListName, readonly [Version, Version]>> = {
  tags: [
    { version: 1, entries: [tag(1)] },
    { version: 2, entries: [tag(1), tag(2)] },
  ],
  vehicles: [
    { version: 1, entries: [vehicle(1)] },
    { version: 2, entries: [vehicle(1), vehicle(2)] },
  ],
  orders: [
    { version: 1, entries: [order('O1', 'E1', 'look at it')] },
    { version: 2, entries: [order('O1', 'E1', 'look at it'), order('O2', 'E2', 'look at it')] },
  ],
}

async function slowTags(t: Test, deltaGraceMs: number) {
  const asked: string[] = []
  const finish: (() => void)[] = []
  const of = (list: ListName, version: number): Version =>
    contents[list]?.find((one) => one.version === version) ?? { version: 0, entries: [] }
  const headIn = (list: ListName, version: number) => headOf(list, version, of(list, version).entries)
  const b = await bench(t, { bounds: { deltaGraceMs } }, (gateway) => {
    gateway.listRoute = (_request, response, url) => {
      const [list, what] = url.pathname.split('/').slice(-2) as [ListName, string]
      const version = Number(url.searchParams.get('version'))
      asked.push(`${list} ${what}`)
      if (what !== 'full') return void response.writeHead(404).end()
      response.write(`${JSON.stringify(headIn(list, version))}\n`)
      const end = () =>
        response.end(
          of(list, version)
            .entries.map((one) => `${JSON.stringify(one)}\n`)
            .join(''),
        )
      if (list === 'tags') finish.push(end)
      else end()
    }
  })
  const inForce = (list: ListName) => b.store.lists.inForce().find((held) => held.list === list)?.version
  const name = (list: ListName, version: number) => b.gateway.head(list, headIn(list, version))
  const push = (list: ListName) => b.gateway.down('list', delta(list, of(list, 1), of(list, 2)))
  return { ...b, asked, finish: () => finish.shift()?.(), waits: () => finish.length, inForce, name, push }
}

t.test('an order that is pushed waits for no change of a register that is still coming in', async (t) => {
  const b = await slowTags(t, 50)
  b.name('orders', 1)
  t.ok(await eventually(() => b.inForce('orders') === 1))
  b.name('tags', 1)
  t.ok(await eventually(() => b.waits() === 1), 'the tags are on their way')
  b.push('tags')
  b.push('orders')
  t.ok(await eventually(() => b.inForce('orders') === 2, 5_000))
  t.equal(b.inForce('tags'), undefined)
  t.strictSame(
    b.asked.filter((one) => one.startsWith('orders')),
    ['orders full'],
    'by what was pushed, and not because it was asked for again',
  )
  b.finish()
  t.ok(await eventually(() => b.inForce('tags') === 2), 'and the change of the register follows')
})

t.test(
  'a register that a delta brought there while it waited for its turn is not fetched any more',
  async (t) => {
    const b = await slowTags(t, 50)
    b.name('vehicles', 1)
    t.ok(await eventually(() => b.inForce('vehicles') === 1))
    b.name('tags', 1)
    t.ok(await eventually(() => b.waits() === 1), 'the tags are on their way')
    b.name('vehicles', 2)
    t.ok(
      await eventually(() => b.asked.includes('vehicles changes')),
      'no delta is there: it waits for its turn',
    )
    b.push('vehicles')
    t.ok(await eventually(() => b.inForce('vehicles') === 2))
    b.asked.length = 0
    b.finish()
    t.ok(await eventually(() => b.inForce('tags') === 1))
    b.name('orders', 1)
    t.ok(await eventually(() => b.inForce('orders') === 1))
    t.strictSame(b.asked, ['orders full'])
    t.notOk(b.stands('controlList.refused'))
    t.equal(b.uplink.counters.failed, 0)
  },
)
