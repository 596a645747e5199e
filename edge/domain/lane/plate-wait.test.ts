import t from 'tap'
import { ExampleLane, exampleSettings } from './example-lane.js'

const withCamera = {
  ...exampleSettings,
  timing: { ...exampleSettings.timing, plateWithinMs: 1_500 },
}

t.test('a lane with a camera sees the plate of a copied card before the bar is up', (t) => {
  const lane = ExampleLane.started(withCamera)
  lane.arrive('E1')
  t.equal(lane.at, 'identifying')
  lane.pass(500)
  lane.see('P2')
  t.equal(lane.at, 'escalated')
  t.match(lane.of('escalationOpened').at(-1)?.body['reasons'], ['ID-06'])
  t.same(lane.raises, [])
  t.same(lane.breaches, [])
  t.end()
})

t.test('a plate that fits ends the wait, and a camera that says nothing prolongs it only so far', (t) => {
  const seen = ExampleLane.started(withCamera)
  seen.arrive('E1')
  seen.pass(500)
  seen.see('P1')
  t.equal(seen.at, 'raising')

  const unseen = ExampleLane.started(withCamera)
  unseen.arrive('E1')
  unseen.pass(1_099)
  t.equal(unseen.at, 'identifying')
  unseen.pass(1)
  t.equal(unseen.at, 'raising')
  for (const lane of [seen, unseen]) t.same(lane.breaches, [])
  t.end()
})
