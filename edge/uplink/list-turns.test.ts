import t, { type Test } from 'tap'
import type { ListEntry, ListName } from '../messages/entities.js'
import { delta, headOf, order, tag, vehicle } from '../store/testing/list.contract.js'
import { bench, eventually } from './testing/edge.js'

/** A gateway whose register of tags comes in only when the test lets it, and what happens to other lists meanwhile. */

interface Version {
  readonly version: number
  readonly entries: readonly ListEntry[]
}

const contents: Partial<Record<ListName, readonly [Version, Version]>> = {
  tags: [
    { version: 1, entries: [tag('E1')] },
    { version: 2, entries: [tag('E1'), tag('E2')] },
  ],
  vehicles: [
    { version: 1, entries: [vehicle('V1', '粤Z1港')] },
    { version: 2, entries: [vehicle('V1', '粤Z1港'), vehicle('V2', '粤Z2港')] },
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

t.test('while a long register comes in, orders come beside it, and the next register waits', async (t) => {
  const b = await slowTags(t, 50)
  b.name('tags', 1)
  t.ok(await eventually(() => b.waits() === 1), 'the tags are on their way')
  b.name('vehicles', 1)
  b.name('orders', 1)
  t.ok(await eventually(() => b.inForce('orders') === 1), 'the orders are in force before the tags')
  b.name('vehicles', 2)
  await eventually(() => b.asked.includes('vehicles full'), 300)
  t.strictSame(b.asked, ['tags full', 'orders full'])
  b.finish()
  t.ok(await eventually(() => b.inForce('tags') === 1 && b.inForce('vehicles') === 2))
  t.strictSame(
    b.asked,
    ['tags full', 'orders full', 'vehicles full'],
    'what waited is fetched once, as it is by then',
  )
  t.equal(b.uplink.counters.failed, 0)
})

t.test('as many changes of a register as may wait take no place from an order', async (t) => {
  const b = await slowTags(t, 50)
  b.name('orders', 1)
  t.ok(await eventually(() => b.inForce('orders') === 1))
  b.name('tags', 1)
  t.ok(await eventually(() => b.waits() === 1), 'the tags are on their way')
  for (let n = 0; n < 20; n += 1) b.push('tags')
  b.push('orders')
  t.ok(await eventually(() => b.inForce('orders') === 2, 5_000))
  t.strictSame(
    b.asked.filter((one) => one.startsWith('orders')),
    ['orders full'],
    'by what was pushed',
  )
  b.finish()
  t.ok(await eventually(() => b.inForce('tags') === 2))
})
