import fc from 'fast-check'
import t from 'tap'
import { unknownSignals, type LaneSignals } from '../../interfaces/barrier.js'
import { compareImage, noImage, type Edge, type Image } from './image.js'

const lane: LaneSignals = {
  ...unknownSignals,
  entryLoop: 'clear',
  exitLoop: 'clear',
  entryCount: 4,
  exitCount: 2,
  barrier: 'lowered',
  plcBootId: 'plc-1',
  plcTick: 1,
}
const known = (change: Partial<LaneSignals> = {}): Image =>
  compareImage(noImage, { ...lane, ...change }).image

const table: [string, Partial<LaneSignals>, Partial<LaneSignals>, Edge[], boolean][] = [
  ['nothing changed', {}, { plcTick: 9 }, [], false],
  ['a vehicle arrives', {}, { entryLoop: 'occupied', entryCount: 5 }, ['entryRose'], false],
  ['it leaves again', { entryLoop: 'occupied' }, { entryLoop: 'clear' }, ['entryFell'], false],
  [
    'it leaves the entry loop and takes the exit loop between two images',
    { entryLoop: 'occupied' },
    { exitLoop: 'occupied', exitCount: 3 },
    ['exitRose', 'entryFell'],
    false,
  ],
  [
    'the exit becomes free and another arrives between two images',
    { exitLoop: 'occupied' },
    { entryLoop: 'occupied', entryCount: 5 },
    ['exitFell', 'entryRose'],
    false,
  ],
  ['a vehicle that nobody saw: the counter ran on', {}, { entryCount: 5 }, ['entryRose', 'entryFell'], true],
  [
    'one left and another came, unseen',
    { entryLoop: 'occupied' },
    { entryLoop: 'occupied', entryCount: 5 },
    ['entryFell', 'entryRose'],
    true,
  ],
  [
    'a whole crossing between two images',
    {},
    { entryCount: 5, exitCount: 3 },
    ['entryRose', 'exitRose', 'entryFell', 'exitFell'],
    true,
  ],
  ['a level that is ahead of its counter counts once', {}, { entryLoop: 'occupied' }, ['entryRose'], false],
]
for (const [name, before, after, edges, missed] of table) {
  t.test(name, (t) => {
    const change = compareImage(known(before), { ...lane, ...after })
    t.same(change.edges, edges)
    t.equal(change.missed, missed)
    t.equal(change.broken, false)
    t.end()
  })
}

t.test('a counter that comes one image after its level is not counted again', (t) => {
  const first = compareImage(known(), { ...lane, entryLoop: 'occupied' })
  const second = compareImage(first.image, { ...lane, entryLoop: 'occupied', entryCount: 5 })
  t.same(second.edges, [])
  t.end()
})

t.test('the first image, and one of another PLC boot, tell levels and no edges', (t) => {
  t.equal(compareImage(noImage, lane).broken, true)
  const restarted = compareImage(known(), {
    ...lane,
    entryLoop: 'occupied',
    plcBootId: 'plc-2',
    entryCount: 0,
  })
  t.equal(restarted.broken, true)
  t.same(restarted.edges, [])
  t.end()
})

t.test('a gap is bridged by the counters of the same boot, and by nothing else', (t) => {
  const gap = compareImage(known({ entryLoop: 'occupied' }), { ...unknownSignals }).image
  const same = compareImage(gap, { ...lane, entryLoop: 'occupied' })
  t.match(same, { broken: false, edges: [], missed: false })
  const gone = compareImage(gap, lane)
  t.match(gone, { broken: false, edges: ['entryFell'], missed: true })
  t.equal(compareImage(gap, { ...lane, entryCount: null }).broken, true)
  t.equal(
    compareImage(gap, { ...lane, entryCount: 0 }).broken,
    true,
    'a counter that ran backwards is no witness',
  )
  t.end()
})

t.test('edges always lead from the known levels to the new ones', (t) => {
  const level = fc.constantFrom('occupied' as const, 'clear' as const)
  fc.assert(
    fc.property(level, level, level, level, fc.nat(5), fc.nat(5), (e0, x0, e1, x1, de, dx) => {
      const change = compareImage(known({ entryLoop: e0, exitLoop: x0 }), {
        ...lane,
        entryLoop: e1,
        exitLoop: x1,
        entryCount: 4 + de,
        exitCount: 2 + dx,
      })
      let entry: string = e0
      let exit: string = x0
      for (const edge of change.edges) {
        const to = edge.endsWith('Rose') ? 'occupied' : 'clear'
        if (edge.startsWith('entry')) {
          if (entry === to) return false
          entry = to
        } else {
          if (exit === to) return false
          exit = to
        }
      }
      return entry === e1 && exit === x1
    }),
  )
  t.end()
})
