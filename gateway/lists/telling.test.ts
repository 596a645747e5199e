import t from 'tap'
import { ManualClock } from '../../edge/base/clock.js'
import { silentLogger } from '../../edge/base/log.js'
import { listWireVersion, type ListDelta, type ListHead } from '../../edge/messages/down.js'
import type { ListName } from '../../edge/messages/entities.js'
import { messageMaxBytes } from '../../edge/messages/envelope.js'
import { Telling } from './telling.js'

const headOf = (list: ListName, version: number): ListHead => ({
  ...{ v: listWireVersion, list, version, count: 1, contentHash: 'a'.repeat(64), publishedAt: 0, bytes: 1 },
})

/** Lists whose newest version a test sets, and what the edges were told: the step's first and last version. */
function open(keyLength = 8) {
  const clock = new ManualClock(1_000_000)
  const newest = new Map<ListName, number>()
  const told: string[] = []
  const present = (list: ListName) => headOf(list, newest.get(list) ?? 0)
  const delta = (list: ListName, from: number): Promise<ListDelta> =>
    Promise.resolve({
      ...{ v: listWireVersion, list, head: present(list), baseVersion: from, baseHash: 'b'.repeat(64) },
      ...{ upserts: [], deletes: ['E'.repeat(keyLength)] },
    })
  const telling = new Telling({
    ...{ clock, log: silentLogger, delta, present },
    onVersion: (head, step) => {
      told.push(`${head.list} ${step?.baseVersion ?? '-'}..${head.version}`)
    },
  })
  const make = (list: ListName, version: number) => {
    newest.set(list, version)
    return telling.tell([headOf(list, version)])
  }
  return { clock, told, make, telling }
}

t.test(
  'what became several versions while one was told goes out as one step, and nothing twice',
  async (t) => {
    const { make, told } = open()
    await make('orders', 2)
    await Promise.all([make('orders', 3), make('orders', 4), make('orders', 5)])
    t.same(told, ['orders 1..2', 'orders 2..5'])
  },
)

t.test('a step that is too large for a message is told by its head, and fetched', async (t) => {
  const { make, told } = open(messageMaxBytes)
  await make('orders', 2)
  t.same(told, ['orders -..2'])
})

t.test('a list that changes with every crossing is told at most once in half a second', async (t) => {
  const { clock, make, told, telling } = open()
  const settled = () => telling.tell([])
  await make('trips', 2)
  await make('trips', 3)
  await make('trips', 4)
  t.same(told, ['trips 1..2'])
  await make('orders', 2)
  t.same(told.pop(), 'orders 1..2', 'an order waits for nothing')
  clock.advance(499)
  await settled()
  t.same(told, ['trips 1..2'])
  clock.advance(1)
  await settled()
  t.same(told, ['trips 1..2', 'trips 2..4'])
  clock.advance(10_000)
  await settled()
  t.equal(told.length, 2, 'and is not told again')
})

t.test('nothing is told after the end', async (t) => {
  const { clock, make, told, telling } = open()
  await make('trips', 2)
  // Two wait, by one timer: a second one would be lost to whoever ends it.
  await make('trips', 3)
  await make('trips', 4)
  telling.close()
  clock.advance(10_000)
  await telling.tell([])
  t.same(told, ['trips 1..2'])
})
