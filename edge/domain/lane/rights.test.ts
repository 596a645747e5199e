import t from 'tap'
import type { Command, LaneMode } from '../../messages/down.js'
import { ExampleLane } from './example-lane.js'
import { atOf, step } from './step.js'
import type { LaneEvent } from './types.js'

function setMode(lane: ExampleLane, mode: LaneMode): LaneEvent {
  const command: Command = {
    v: 1,
    commandId: 'command-x',
    lane: lane.settings.id,
    by: 'li.wei',
    reason: 'trial',
    issuedAt: lane.wallMs,
    expiresAt: lane.wallMs + 60_000,
    what: { do: 'setMode', mode },
  }
  return { on: 'command', command, retained: false }
}

for (const mode of ['ATTENDED', 'SHADOW'] as const) {
  t.test(`the lane's own decision raises nothing once the lane is ${mode}: a person is asked`, (t) => {
    const lane = ExampleLane.started()
    lane.sense({ entryLoop: 'occupied' })
    lane.hear('E1')
    lane.hear('E1')
    lane.nowMs += lane.settings.timing.collectMs
    // The mode changes after the intent was made and before it is durable.
    const intended = step(lane.state, { on: 'tick' }, lane.view).state
    t.equal(atOf(intended), 'releasing')
    const changed = step(intended, setMode(lane, mode), lane.view).state
    const looked = step(changed, { on: 'recorded' }, lane.view)
    t.notOk(looked.effects.some((effect) => effect.do === 'raise'))
    t.match(looked.effects[0], {
      do: 'record',
      record: { type: 'barrierOutcome', body: { outcome: 'withdrawn', detail: 'modeForbids' } },
    })
    t.end()
  })

  t.test(`the verdict of a person raises the bar in ${mode}`, (t) => {
    const lane = ExampleLane.started()
    lane.deliver(setMode(lane, mode))
    lane.arrive('E1')
    t.equal(lane.raises.length, 0)
    lane.answer('release')
    t.equal(lane.raises.length, 1)
    t.same(lane.breaches, [])
    t.end()
  })
}
