import t from 'tap'
import type { Edge } from '../barrier/image.js'
import { atEntry, follow, positionByLevels, type Moved, type Position } from './follow.js'

function drive(edges: readonly Edge[]): { at: Position; moved: (Moved | null)[] } {
  let at = atEntry
  const moved = edges.map((edge) => {
    const step = follow(at, edge)
    at = step.position
    return step.moved
  })
  return { at, moved }
}

const stories: [string, Edge[], (Moved | null)[]][] = [
  ['drives through', ['exitRose', 'entryFell', 'exitFell'], ['ontoExit', 'leftEntry', 'offExit']],
  ['backs out', ['entryFell'], ['lostSight']],
  ['flickers', ['entryFell', 'entryRose'], ['lostSight', 'returned']],
  ['crosses very fast', ['entryFell', 'exitRose', 'exitFell'], ['lostSight', 'ontoExit', 'offExit']],
  ['goes under the bar and comes back', ['exitRose', 'exitFell'], ['ontoExit', 'reversed']],
  [
    'leaves while another waits',
    ['exitRose', 'entryFell', 'entryRose', 'exitFell'],
    ['ontoExit', 'leftEntry', 'secondArrived', 'offExit'],
  ],
  [
    'is followed closely',
    ['exitRose', 'entryFell', 'entryRose', 'entryFell', 'exitFell'],
    ['ontoExit', 'leftEntry', 'secondArrived', 'secondFollowed', 'offExit'],
  ],
]
for (const [name, edges, moved] of stories) {
  t.test(`a vehicle ${name}`, (t) => {
    t.same(drive(edges).moved, moved)
    t.end()
  })
}

t.test('of all sequences of seven changes none moves a vehicle that is gone, or ends it twice', (t) => {
  const edges: Edge[] = ['entryRose', 'entryFell', 'exitRose', 'exitFell']
  let sequences = 0
  const walk = (at: Position, ends: number, depth: number): void => {
    sequences += 1
    if (ends > 1) t.fail('a vehicle ended twice')
    if (depth === 7) return
    for (const edge of edges) {
      const { position, moved } = follow(at, edge)
      if (at.where === 'gone' && moved !== null) t.fail(`gone, and ${moved}`)
      const ended = moved === 'offExit' || moved === 'reversed'
      if (ended !== (position.where === 'gone' && at.where !== 'gone'))
        t.fail(`${moved ?? 'nothing'} and not gone`)
      walk(position, ends + (ended ? 1 : 0), depth + 1)
    }
  }
  walk(atEntry, 0, 0)
  t.equal(sequences, (4 ** 8 - 1) / 3)
  t.end()
})

t.test('levels alone tell where a vehicle is, or that there is none', (t) => {
  t.match(positionByLevels('occupied', 'clear'), { where: 'onEntry' })
  t.match(positionByLevels('occupied', 'occupied'), { where: 'onBoth' })
  t.match(positionByLevels('clear', 'occupied'), { where: 'onExit' })
  t.equal(positionByLevels('clear', 'clear'), null)
  t.equal(positionByLevels(null, null), null)
  t.end()
})
