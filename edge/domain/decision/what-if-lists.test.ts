import t from 'tap'
import type { ControlOrder } from '../../messages/entities.js'
import { exampleInputs, exampleOrder } from './examples.js'
import { controlUnder, ListsChange } from './what-if-lists.js'

const pattern = (orderId: string, key: string): ControlOrder =>
  exampleOrder({ orderId, subject: { kind: 'PLATE_PATTERN', key }, patternMayIntercept: true })

/** The orders on the example vehicle, recorded and then changed, and what could not be told. */
function under(recorded: readonly ControlOrder[], change: ListsChange) {
  const inputs = exampleInputs({ facts: { orders: recorded } })
  const doubts: string[] = []
  const { orders } = controlUnder(inputs, inputs, change, (what) => doubts.push(what))
  return { ids: orders === 'unknown' ? orders : orders.map(({ orderId }) => orderId), doubts }
}

t.test('a planned order on a part of a plate finds the vehicles that have it, and no others', (t) => {
  const change = new ListsChange()
  for (const [orderId, key] of [
    ['READ', '粤Z12*'],
    ['ON-RECORD', 'AB?2*'],
    ['OTHER', 'AB?3*'],
  ] as const)
    change.put(pattern(orderId, key))
  t.same(under([], change), { ids: ['ON-RECORD', 'READ'], doubts: [] })
  t.end()
})

t.test('a recorded order on a part of a plate is understood, and goes when it is planned away', (t) => {
  const recorded = [pattern('A', 'AB?2*'), pattern('B', '粤Z12*')]
  t.same(under(recorded, new ListsChange()), { ids: ['A', 'B'], doubts: [] })
  const change = new ListsChange()
  change.delete('orders', 'A')
  t.same(under(recorded, change), { ids: ['B'], doubts: [] })
  const another = new ListsChange()
  another.put(pattern('B', '粤Z99*'))
  t.same(under(recorded, another), { ids: ['A'], doubts: [] }, 'changed, so that it is on others')
  t.end()
})
