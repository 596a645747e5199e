import t from 'tap'
import { ExampleLane } from './example-lane.js'

const tagsMax = 64

/** What people are told of too many tags, oldest first. */
const told = (lane: ExampleLane): string[] =>
  lane.done.flatMap((effect) =>
    effect.do === 'fault' && effect.change.code === 'lane.tooManyTags' ? [effect.change.is] : [],
  )

function flood(lane: ExampleLane, tags: number, from = 0): void {
  for (let i = from; i < from + tags; i += 1) lane.hear(`FLOOD${i}`)
}

t.test('a flood that began before the vehicle came is a fault from its arrival to its leaving', (t) => {
  const lane = ExampleLane.started()
  flood(lane, 200)
  t.same(told(lane), [], 'nobody is judged by it yet')
  lane.sense({ entryLoop: 'occupied' })
  t.same(told(lane), ['raised'])
  flood(lane, 200)
  lane.pass(1_000)
  t.equal(lane.at, 'escalated')
  t.match(String(lane.of('escalationOpened')[0]?.body['reasons']), 'ID-08')
  lane.sense({ entryLoop: 'clear' })
  lane.pass(1_100)
  t.same(told(lane), ['raised', 'cleared'], 'once for all its reads')
  t.same(lane.state.faults, [])
  t.same(lane.breaches, [])
  t.end()
})

t.test('a flood is told with each vehicle that comes into it, and no more when it is over', (t) => {
  const lane = ExampleLane.started()
  for (let vehicle = 1; vehicle <= 2; vehicle += 1) {
    flood(lane, 200)
    lane.arrive('E1')
    t.equal(lane.at, 'escalated')
    lane.sense({ entryLoop: 'clear' })
    lane.pass(1_100)
  }
  t.same(told(lane), ['raised', 'cleared', 'raised', 'cleared'])
  lane.pass(lane.settings.timing.approachMs + 1)
  lane.arrive('E1')
  t.equal(lane.at, 'raising', 'the next vehicle is released by the lane again')
  t.equal(told(lane).length, 4)
  t.same(lane.breaches, [])
  t.end()
})

t.test('too many tags after a restart are a fault at the next read', (t) => {
  const lane = ExampleLane.started()
  lane.sense({ entryLoop: 'occupied' })
  flood(lane, tagsMax)
  lane.pass(1_000)
  lane.signals = { ...lane.signals, entryLoop: 'unknown' }
  lane.restart()
  flood(lane, 1, tagsMax)
  lane.sense({ entryLoop: 'occupied', entryCount: lane.signals.entryCount })
  t.ok(lane.state.tracks.overflow, 'what was heard meanwhile and what is in the record are too many together')
  lane.hear('FLOOD0')
  t.same(told(lane), ['raised'])
  t.same(lane.breaches, [])
  t.end()
})

t.test('too many tags heard while the journal was away are a fault when it is back', (t) => {
  const lane = ExampleLane.started()
  lane.arrive(null)
  lane.writable = false
  lane.see('P1')
  flood(lane, 200)
  t.same(told(lane), [])
  lane.writable = true
  lane.deliver({ on: 'recordable' })
  lane.hear('FLOOD0')
  t.ok(lane.state.tracks.overflow)
  t.same(told(lane), ['raised'])
  t.same(lane.breaches, [])
  t.end()
})

t.test(
  'a tag that found no room behind a vehicle is missed by the next one, who is shown to a person',
  (t) => {
    const lane = ExampleLane.started()
    lane.sense({ entryLoop: 'occupied' })
    flood(lane, 100)
    lane.pass(1_000)
    lane.answer('release')
    lane.raiseBar()
    lane.pass(5_000)
    lane.sense({ exitLoop: 'occupied' })
    lane.sense({ entryLoop: 'clear' })
    lane.pass(500)
    lane.hear('E2')
    lane.sense({ exitLoop: 'clear' })
    lane.sense({ barrier: 'moving' })
    lane.sense({ barrier: 'lowered' })
    lane.pass(500)
    lane.arrive('E1')
    t.equal(lane.at, 'escalated')
    t.same(told(lane), ['raised', 'cleared', 'raised'])
    lane.sense({ entryLoop: 'clear' })
    lane.pass(lane.settings.timing.approachMs + 1)
    lane.arrive('E1')
    t.equal(lane.at, 'raising', 'and no longer than it may matter')
    t.same(lane.breaches, [])
    t.end()
  },
)
