import t from 'tap'
import type { ControlOrder } from '../../messages/entities.js'
import { disinfect, ready, settings, Spraying } from './example-spraying.js'

t.test('a vehicle to be disinfected is sprayed and released in the same stop', (t) => {
  const lane = Spraying.at()
  const mark = lane.journal.findIndex((record) => record.type === 'decided')
  t.equal(lane.at, 'disinfecting')
  t.match(lane.sprays, [{ commandId: 'edge-1.k3f9.lane-1.1.s1', minSeconds: 30 }])
  t.equal(lane.shown, 'red prompt.disinfectingStay')
  lane.sprayStarts()
  lane.pass(30_000)
  t.equal(lane.raises.length, 0, 'nothing is raised while it is sprayed')
  lane.sprayEnds()
  t.equal(lane.at, 'raising')
  t.match(lane.of('disinfected').at(-1)?.body, {
    seconds: 30,
    feeFen: 1_500,
    feeKey: 'disinfection/passage/edge-1.k3f9.lane-1.1',
  })
  lane.raiseBar()
  lane.driveThrough()
  t.equal(
    lane.story(mark),
    'decided:disinfect sprayIntent disinfected barrierIntent barrierOutcome:accepted barrierMoved passageEnded:cleared barrierMoved',
  )
  const [decided, intent] = [lane.of('decided')[0], lane.of('barrierIntent')[0]]
  t.same(
    intent?.body['right'],
    { by: 'decision', decisionId: decided?.body['decisionId'] },
    'one right for both',
  )
  t.equal(lane.sprays.length, 1)
  t.same(lane.of('lateObjection'), [])
  t.same(lane.breaches, [])
  t.end()
})

t.test('the request waits until its intent is durable, and is not sent if the disk is full', (t) => {
  const lane = new Spraying(settings)
  lane.control.replaceOrders([disinfect])
  lane.start()
  lane.sense({ sprayer: ready })
  lane.sense({ entryLoop: 'occupied' })
  lane.hear('E1')
  lane.hear('E1')
  lane.writable = false
  lane.pass(400)
  t.same(lane.sprays, [])
  t.equal(lane.at, 'unwritable')
  t.same(lane.breaches, [])
  t.end()
})

t.test('people near are waited for, and a person is called when they do not go', (t) => {
  const lane = Spraying.at({ peopleClear: false })
  t.equal(lane.at, 'disinfecting')
  t.same(lane.of('sprayIntent'), [])
  lane.pass(19_000)
  lane.sprayer({ peopleClear: true })
  t.equal(lane.sprays.length, 1)
  t.same(lane.breaches, [])

  for (const peopleClear of [false, 'unknown'] as const) {
    const other = Spraying.at({ peopleClear })
    other.pass(20_000)
    t.equal(other.at, 'escalated')
    t.match(other.of('sprayOutcome').at(-1)?.body, { commandId: null, outcome: 'notSent' })
    t.match(other.of('escalationOpened').at(-1)?.body['reasons'], ['CTL-05', 'QUA-09'])
    other.sprayer({ peopleClear: true })
    other.pass(60_000)
    t.same(other.sprays, [], 'a person has been called: the lane does nothing more by itself')
    t.same(other.raises, [])
    t.same(other.breaches, [])
  }
  t.end()
})

t.test(
  'what is broken off, refused or never heard of again goes to a person, and is not tried again',
  (t) => {
    const ends: Record<string, (lane: Spraying, commandId: string) => void> = {
      'failed people': (lane, id) =>
        lane.sprayer({ state: 'ready', failedCommandId: id, failedWhy: 'people' }),
      'failed device': (lane, id) =>
        lane.sprayer({ state: 'failed', failedCommandId: id, failedWhy: 'device' }),
      'failed watchdog': (lane, id) =>
        lane.sprayer({ state: 'ready', failedCommandId: id, failedWhy: 'watchdog' }),
      'refused noVehicle': (lane, id) =>
        lane.sprayer({ state: 'ready', refusedCommandId: id, refusedWhy: 'noVehicle' }),
      'unknown no word of its end in time': (lane) => lane.pass(60_000),
    }
    for (const [how, end] of Object.entries(ends)) {
      const lane = Spraying.at()
      end(lane, lane.sprayStarts())
      t.equal(lane.at, 'escalated', how)
      const { outcome, detail } = lane.of('sprayOutcome').at(-1)?.body ?? {}
      t.equal(`${String(outcome)} ${String(detail)}`, how)
      t.match(lane.of('escalationOpened').at(-1)?.body, {
        outcome: 'hold',
        reasons: ['CTL-05', 'QUA-09'],
      })
      t.equal(lane.shown, 'red prompt.treatment')
      lane.sprayer({ state: 'ready' })
      lane.pass(300_000)
      t.equal(lane.of('escalationOpened').length, 1, 'nothing takes it from under the operator')
      t.equal(lane.sprays.length, 1)
      t.same(lane.raises, [])
      t.same(lane.breaches, [], how)
    }
    t.end()
  },
)

t.test('a request that certainly was not sent, or whose lease ran out, goes to a person', (t) => {
  const lane = Spraying.at()
  const { commandId } = lane.sprays[0] ?? { commandId: '' }
  lane.deliver({ on: 'raiseAnswered', commandId, outcome: { is: 'notSent', detail: 'not connected' } })
  t.equal(lane.at, 'escalated')
  const late = Spraying.at()
  const asked = late.sprays[0]?.commandId ?? ''
  late.deliver({ on: 'raiseAnswered', commandId: asked, outcome: { is: 'unknown', detail: 'no answer' } })
  t.equal(late.at, 'disinfecting', 'the PLC may still take it')
  late.sense({ plcTick: 1 })
  late.sense({ plcTick: 40 })
  t.equal(late.at, 'escalated')
  t.match(late.of('sprayOutcome').at(-1)?.body, { outcome: 'notSent', detail: 'leaseOver' })
  t.same([...lane.breaches, ...late.breaches], [])
  t.end()
})

t.test('a vehicle that moves under the spray is not released, though the PLC says done', (t) => {
  const lane = Spraying.at()
  lane.sprayStarts()
  lane.sense({ entryLoop: 'clear' })
  t.equal(lane.at, 'escalated')
  lane.sense({ entryLoop: 'occupied' })
  lane.sprayEnds()
  lane.pass(5_000)
  t.equal(lane.at, 'escalated')
  t.equal(lane.of('disinfected').length, 1, 'that it came to its end is written down all the same')
  t.same(lane.raises, [])
  t.same(lane.breaches, [])
  const through = Spraying.at()
  through.sprayStarts()
  through.sense({ exitLoop: 'occupied' })
  t.equal(through.at, 'violating')
  through.sense({ entryLoop: 'clear' })
  through.sense({ exitLoop: 'clear' })
  t.match(through.of('sprayOutcome').at(-1)?.body, { outcome: 'unknown' })
  t.same(through.breaches, [])
  t.end()
})

t.test('a stronger objection that comes during the spray holds the vehicle', (t) => {
  const lane = Spraying.at()
  lane.sprayStarts()
  lane.control.replaceOrders([disinfect, { ...disinfect, orderId: 'O1', action: 'INTERCEPT' }])
  lane.deliver({ on: 'listsSwitched' })
  lane.sprayEnds()
  t.equal(lane.at, 'escalated')
  t.same(lane.of('escalationOpened').at(-1)?.body['interceptOrderIds'], ['D1', 'O1'])
  t.same(lane.raises, [])
  t.same(lane.breaches, [])
  t.end()
})

t.test('in ATTENDED and SHADOW, and after a person, a person comes first', (t) => {
  for (const mode of ['ATTENDED', 'SHADOW'] as const) {
    const lane = Spraying.at({}, { ...settings, initialMode: mode })
    t.equal(lane.at, 'escalated', mode)
    t.equal(lane.shown, 'red prompt.wait', 'nobody says that it is being disinfected')
    lane.order({ do: 'setMode', mode: 'AUTO' })
    t.equal(lane.at, 'escalated')
    t.same(lane.sprays, [])
    t.same(lane.breaches, [])
  }
  const lane = Spraying.at()
  lane.sprayStarts()
  lane.order({ do: 'setMode', mode: 'ATTENDED' })
  lane.sprayEnds()
  t.equal(lane.at, 'escalated', 'the lane may not act by itself any more')
  t.same(lane.of('escalationOpened').at(-1)?.body['reasons'], ['CTL-05'])
  lane.answer('release', { orderIds: ['D1'], reason: 'disinfected, seen' })
  t.equal(lane.raises.length, 1)
  t.same(lane.breaches, [])
  const closed = Spraying.at()
  closed.sprayStarts()
  closed.order({ do: 'setMode', mode: 'CLOSED' })
  closed.sprayEnds()
  t.equal(closed.at, 'closed')
  t.same(closed.raises, [])
  t.same(closed.breaches, [])
  t.end()
})

t.test('a person may release without disinfection, with a reason', (t) => {
  const area: ControlOrder = { ...disinfect, orderId: 'D1' }
  const lane = Spraying.at({}, { ...settings, initialMode: 'ATTENDED' })
  lane.control.replaceOrders([area])
  lane.answer('release', { orderIds: ['D1'] })
  t.equal(lane.answers.at(-1), 'interceptNeedsReason')
  lane.answer('release', { orderIds: ['D1'], reason: 'live fish' })
  t.equal(lane.answers.at(-1), 'accepted')
  t.equal(lane.raises.length, 1)
  t.same(lane.sprays, [])
  t.same(lane.breaches, [])
  t.end()
})

t.test('nobody releases while the sprayer is at work', (t) => {
  const lane = Spraying.at()
  lane.sprayStarts()
  lane.pass(45_000)
  t.equal(lane.at, 'escalated', 'no word in time, and it still sprays')
  lane.answer('release', { orderIds: ['D1'], reason: 'urgent' })
  t.equal(lane.answers.at(-1), 'spraying')
  lane.sprayer({ state: 'ready' })
  lane.answer('release', { orderIds: ['D1'], reason: 'urgent' })
  t.equal(lane.raises.length, 1)
  t.same(lane.breaches, [])
  t.end()
})

t.test('after a crash in the middle the spray is not sent again: the word of the PLC counts', (t) => {
  const done = Spraying.at()
  const id = done.sprayStarts()
  done.signals = {
    ...done.signals,
    sprayer: { ...ready, state: 'done', acceptedCommandId: id, doneCommandId: id },
  }
  done.restart()
  done.pass(400)
  t.equal(done.of('disinfected').length, 1)
  t.equal(done.at, 'raising', 'it has been done for this very vehicle')
  t.equal(done.sprays.length, 1)
  t.same(done.breaches, [])

  const running = Spraying.at()
  running.sprayStarts()
  running.restart()
  t.equal(running.at, 'disinfecting')
  running.pass(10_000)
  running.sprayEnds()
  t.equal(running.at, 'raising')
  t.equal(running.sprays.length, 1)
  t.same(running.breaches, [])

  const failed = Spraying.at()
  const other = failed.sprayStarts()
  failed.signals = {
    ...failed.signals,
    sprayer: { ...ready, acceptedCommandId: other, failedCommandId: other, failedWhy: 'watchdog' },
  }
  failed.restart()
  failed.pass(10_000)
  t.equal(failed.at, 'escalated')
  t.match(failed.of('sprayOutcome').at(-1)?.body, { outcome: 'failed', detail: 'watchdog' })
  t.equal(failed.sprays.length, 1)
  t.same(failed.raises, [])
  t.same(failed.breaches, [])

  const unsent = Spraying.at()
  unsent.restart()
  unsent.sense({ plcTick: 10 })
  unsent.sense({ plcTick: 50 })
  unsent.pass(10_000)
  t.equal(unsent.at, 'escalated', 'the PLC never heard of it, and its lease is over')
  t.equal(unsent.sprays.length, 1)
  t.same(unsent.breaches, [])
  t.end()
})

t.test('a PLC that restarts under the spray has forgotten it: a person looks', (t) => {
  const lane = Spraying.at()
  lane.sprayStarts()
  lane.sense({ plcBootId: 'plc-2', entryCount: 0, exitCount: 0, sprayer: ready })
  lane.pass(60_000)
  t.equal(lane.at, 'escalated')
  t.equal(lane.sprays.length, 1)
  t.same(lane.raises, [])
  t.same(lane.breaches, [])
  t.end()
})

t.test('a bar that failed to rise is asked again without a second spray', (t) => {
  const lane = Spraying.at()
  lane.sprayStarts()
  lane.sprayEnds()
  const { commandId } = lane.raises.at(-1) ?? { commandId: '' }
  lane.sense({ refusedCommandId: commandId, refusedWhy: 'expired' })
  lane.pass(1_000)
  t.equal(lane.raises.length, 2)
  t.equal(lane.sprays.length, 1)
  t.equal(lane.of('disinfected').length, 1, 'and a second fee')
  t.same(lane.breaches, [])
  t.end()
})

t.test(
  'without a sprayer, or with one that is out, nothing is sprayed and the treatment area is shown',
  (t) => {
    const none = new Spraying(settings)
    none.control.replaceOrders([disinfect])
    none.start()
    none.sense({})
    none.arrive('E1')
    t.equal(none.at, 'escalated')
    t.same(none.of('escalationOpened').at(-1)?.body['outcome'], 'hold')
    const out = Spraying.at({ state: 'failed' })
    t.equal(out.at, 'escalated')
    t.equal(out.shown, 'red prompt.treatment')
    t.ok(out.state.faults.includes('sprayer.failed'))
    out.sprayer({ state: 'ready' })
    t.notOk(out.state.faults.includes('sprayer.failed'))
    t.same([...none.sprays, ...out.sprays, ...none.breaches, ...out.breaches], [])
    t.end()
  },
)
