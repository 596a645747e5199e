import t from 'tap'
import { ExampleLane } from './example-lane.js'
import { snapshotOf } from './snapshot.js'
import { type SetMode, forMs, evacuate, inMode, intercept } from './example-modes.js'

t.test('an emergency opening needs two persons, a reason, and an end within its limit', (t) => {
  const refused = (what: SetMode, reason = 'fire'): string | null | undefined => {
    const lane = ExampleLane.started()
    lane.order(what, { reason })
    t.equal(lane.state.mode, 'AUTO')
    return lane.answers.at(-1)
  }
  t.equal(refused(evacuate, ''), 'reasonMissing')
  t.equal(refused({ do: 'setMode', mode: 'EMERGENCY_OPEN', forMs }), 'twoPersons')
  t.equal(refused({ ...evacuate, confirmedBy: ' Li.Wei' }), 'twoPersons')
  t.equal(refused({ do: 'setMode', mode: 'EMERGENCY_OPEN', confirmedBy: 'wang.fang' }), 'emergencyNeedsEnd')
  t.equal(refused({ ...evacuate, forMs: 5 * 3_600_000 }), 'emergencyNeedsEnd')
  const held = ExampleLane.started()
  held.order({ do: 'holdAll', incidentId: 'i1', on: true })
  held.order(evacuate, { reason: 'fire' })
  t.equal(held.answers.at(-1), 'incident')
  t.end()
})

t.test(
  'in an emergency everybody passes, each by a recorded request of his own, for the review list',
  (t) => {
    const lane = inMode('EMERGENCY_OPEN')
    lane.control.replaceOrders([intercept()])
    t.match(lane.done.at(-1), { do: 'guide', prompt: 'prompt.emergency' })
    const mark = lane.journal.length
    for (const epc of ['E1', 'E2', null]) {
      lane.sense({ entryLoop: 'occupied' })
      if (epc !== null) lane.hear(epc)
      lane.raiseBar()
      lane.driveThrough()
    }
    t.equal(lane.raises.length, 3)
    t.equal(new Set(lane.raises.map((raise) => raise.commandId)).size, 3)
    t.same(
      lane.of('passageEnded').map(({ body }) => body['how']),
      ['cleared', 'cleared', 'cleared'],
    )
    t.same(
      lane.of('barrierIntent').map(({ body }) => body['right']),
      [1, 2, 3].map(() => ({ by: 'emergency', commandId: 'command-1', no: 1 })),
    )
    t.match(lane.of('laneMode').at(-1)?.body, {
      by: 'li.wei',
      confirmedBy: 'wang.fang',
      reason: 'fire in hall 2',
    })
    t.ok(lane.journal.slice(mark).every((record) => record.contingency))
    t.match(lane.of('lateObjection').at(-1)?.body, { code: 'CTL-02' }, 'what spoke against it is told')
    t.same(lane.of('decided'), [])
    t.same(lane.breaches, [])
    t.end()
  },
)

t.test('who waits when the emergency begins goes, whatever he waited for', (t) => {
  const lane = ExampleLane.started()
  lane.control.replaceOrders([intercept()])
  lane.arrive('E1')
  t.equal(lane.at, 'escalated')
  lane.order(evacuate, { reason: 'fire' })
  t.match(lane.of('escalationClosed').at(-1)?.body, { why: 'modeChanged' })
  t.equal(lane.raises.length, 1)
  lane.raiseBar()
  lane.driveThrough()
  t.match(lane.of('passageEnded').at(-1), { contingency: true, body: { how: 'cleared' } })
  t.same(lane.breaches, [])
  t.end()
})

t.test('an emergency opening ends by itself, and the lane is closed, never automatic', (t) => {
  const lane = inMode('EMERGENCY_OPEN')
  t.equal(snapshotOf(lane.state, lane.view).modeUntil, lane.wallMs + forMs)
  t.ok(lane.state.faults.includes('lane.emergencyOpen'))
  lane.pass(forMs - 1)
  t.equal(lane.state.mode, 'EMERGENCY_OPEN')
  lane.pass(1)
  t.equal(lane.state.mode, 'CLOSED')
  t.match(lane.of('laneMode').at(-1)?.body, { to: 'CLOSED', cause: 'emergencyEnded', by: null })
  t.notOk(lane.state.faults.includes('lane.emergencyOpen'))
  lane.arrive('E1')
  t.same(lane.raises, [])
  t.equal(lane.of('passageOpened').at(-1)?.contingency, false)
  t.same(lane.breaches, [])
  t.end()
})

t.test('a restart prolongs no emergency, and one of which nobody knows the end is closed', (t) => {
  const lane = inMode('EMERGENCY_OPEN')
  lane.pass(forMs - 60_000)
  lane.restart()
  t.equal(lane.state.mode, 'EMERGENCY_OPEN')
  lane.sense({ entryLoop: 'occupied' })
  t.equal(lane.raises.length, 1)
  lane.raiseBar()
  lane.driveThrough()
  lane.pass(60_000)
  t.equal(lane.state.mode, 'CLOSED')
  const late = inMode('EMERGENCY_OPEN')
  late.nowMs += forMs + 1
  late.restart()
  late.pass(1)
  t.equal(late.state.mode, 'CLOSED')
  const back = inMode('EMERGENCY_OPEN')
  back.pass(forMs / 2)
  back.wallOffsetMs -= forMs
  back.restart()
  t.equal(back.state.mode, 'CLOSED', 'a clock that was set back to before it began prolongs it by nothing')
  const little = inMode('EMERGENCY_OPEN')
  little.pass(60_000)
  little.sense({ entryLoop: 'occupied' })
  little.wallOffsetMs -= 30_000
  little.restart()
  t.equal(little.state.mode, 'CLOSED', 'nor one that was set back by less, where the record tells it')
  const forgotten = inMode('EMERGENCY_OPEN')
  forgotten.journal.push({
    ...{ type: 'laneMode', passageId: null, captured: 'auto', contingency: false },
    body: { from: 'AUTO', to: 'EMERGENCY_OPEN', cause: 'command', by: 'li.wei' },
  })
  forgotten.restart()
  t.equal(forgotten.state.mode, 'CLOSED')
  t.same(
    [lane, late, back, little, forgotten].flatMap((one) => one.breaches),
    [],
  )
  t.end()
})

t.test('a request that comes to nothing in an emergency is followed by a new one, not sent again', (t) => {
  const lane = inMode('EMERGENCY_OPEN')
  lane.sense({ entryLoop: 'occupied' })
  const [first] = lane.raises
  lane.sense({ refusedCommandId: first?.commandId ?? null, refusedWhy: 'watchdog' })
  t.equal(lane.raises.length, 1)
  lane.pass(3_000)
  t.equal(lane.raises.length, 2)
  t.not(lane.raises[1]?.commandId, first?.commandId)
  t.match(lane.of('barrierIntent').at(-1)?.body, { right: { by: 'emergency', no: 2 } })
  lane.sense({ barrier: 'unknown' })
  lane.pass(3_000)
  t.same(lane.breaches, [])
  t.end()
})

t.test('an emergency asks for nothing that cannot be written first', (t) => {
  const lane = inMode('EMERGENCY_OPEN')
  lane.writable = false
  lane.sense({ entryLoop: 'occupied' })
  t.same(lane.raises, [])
  lane.writable = true
  lane.deliver({ on: 'recordable' })
  lane.pass(3_000)
  t.equal(lane.raises.length, 1)
  t.same(lane.breaches, [])
  t.end()
})
