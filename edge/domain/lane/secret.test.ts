import t from 'tap'
import { unknownSprayer } from '../../interfaces/barrier.js'
import type { CargoFacts } from '../decision/cargo.js'
import { exampleDraw } from '../decision/cargo-examples.js'
import { ExampleLaden, order } from './example-laden.js'
import { nextDeadlineMs, snapshotOf } from './step.js'

const drawn: Partial<CargoFacts> = { draw: { ...exampleDraw, drawId: 'N1', selected: true } }

/** All that anybody at the lane can see of a stay in it, and when, from the loop to the end of the escalation. */
function seenOf(lane: ExampleLaden): unknown[] {
  const seen: unknown[] = []
  const look = (): void => {
    seen.push(snapshotOf(lane.state, lane.view), nextDeadlineMs(lane.state, lane.settings), lane.answers)
  }
  look()
  lane.pass(59_999)
  look()
  lane.answer('hold')
  look()
  lane.pass(300_000)
  look()
  lane.answer('release', { orderIds: ['N1'] })
  look()
  lane.answer('release', { orderIds: ['N1'], reason: 'inspected' })
  look()
  lane.raiseBar()
  lane.driveThrough()
  look()
  t.same(lane.breaches, [])
  return [...seen, ...lane.done]
}

t.test('a secret order, whatever it asks for, shows and does what a random draw shows and does', (t) => {
  const ready = { ...unknownSprayer, state: 'ready', peopleClear: true } as const
  for (const sprayer of [undefined, ready]) {
    const with_ = sprayer === undefined ? {} : { sprayer }
    const draw = ExampleLaden.come(drawn, [], with_)
    const expected = JSON.stringify(seenOf(draw))
    t.match(expected, /RND-01/)
    for (const action of ['INTERCEPT', 'LOCK', 'DOCS', 'DISINFECT'] as const) {
      const lane = ExampleLaden.come({}, [order({ orderId: 'N1', action, nature: 'SECRET' })], with_)
      t.equal(JSON.stringify(seenOf(lane)), expected, action)
      t.equal(lane.story(), draw.story(), `${action}: and the journal has the same events`)
      t.same(lane.of('containerLocked'), [])
      const decided = JSON.stringify(lane.of('decided')[0]?.body)
      t.match(
        decided,
        new RegExp(`"CTL-02S".*"actions":"${action}"|"actions":"${action}".*"CTL-02S"`),
        'the truth is kept',
      )
    }
  }
  t.end()
})

t.test('a secret order that only notifies changes nothing that anybody could see', (t) => {
  const seen = (orders: Parameters<typeof ExampleLaden.come>[1]): string => {
    const lane = ExampleLaden.come({}, orders)
    lane.raiseBar()
    lane.driveThrough()
    t.same(lane.breaches, [])
    return JSON.stringify([snapshotOf(lane.state, lane.view), lane.done, lane.nowMs])
  }
  t.equal(seen([order({ action: 'NOTIFY', nature: 'SECRET' })]), seen([]))
  t.end()
})
