import t from 'tap'
import type { Command } from '../../messages/down.js'
import type { ControlOrder } from '../../messages/entities.js'
import { ExampleLaden, order } from './example-laden.js'
import { ExampleLane, exampleSettings } from './example-lane.js'
import { snapshotOf } from './snapshot.js'
import { forMs, inMode, openByHand, intercept } from './example-modes.js'

for (const mode of ['AUTO', 'ATTENDED', 'CLOSED'] as const) {
  t.test(`${mode} is set without a reason, by a person whose name is kept`, (t) => {
    const lane = inMode('MANUAL')
    lane.order({ do: 'setMode', mode })
    t.equal(lane.answers.at(-1), 'accepted')
    t.match(lane.of('laneMode').at(-1)?.body, { from: 'MANUAL', to: mode, cause: 'command', by: 'li.wei' })
    lane.restart()
    t.equal(lane.state.mode, mode, 'it survives a restart')
    t.same(lane.breaches, [])
    t.end()
  })
}

for (const mode of ['SHADOW', 'MANUAL', 'MAINTENANCE'] as const) {
  t.test(`${mode} needs a reason, and keeps it`, (t) => {
    const lane = ExampleLane.started()
    lane.order({ do: 'setMode', mode }, { reason: '  ' })
    t.equal(lane.answers.at(-1), 'reasonMissing')
    t.equal(lane.state.mode, 'AUTO')
    lane.order({ do: 'setMode', mode }, { reason: 'trial' })
    t.match(lane.of('laneMode').at(-1)?.body, { from: 'AUTO', to: mode, reason: 'trial' })
    lane.restart()
    t.equal(snapshotOf(lane.state, lane.view).mode, mode)
    t.same(lane.breaches, [])
    t.end()
  })
}

t.test('SHADOW judges like AUTO, and a person opens', (t) => {
  const lane = inMode('SHADOW')
  lane.arrive('E1')
  t.match(lane.of('decided').at(-1)?.body, { decision: { outcome: 'release' } })
  t.match(lane.of('escalationOpened').at(-1)?.body, { reasons: ['LANE-06'] })
  t.same(lane.raises, [])
  lane.answer('release')
  t.equal(lane.raises.length, 1)
  t.same(lane.breaches, [])
  t.end()
})

t.test('a MANUAL lane judges nobody; a person opens with a reason, and that is an exception', (t) => {
  const lane = inMode('MANUAL')
  lane.arrive('E1')
  lane.pass(60_000)
  t.equal(lane.at, 'byHand')
  t.same([lane.of('decided').length, lane.of('escalationOpened').length, lane.raises.length], [0, 0, 0])
  t.match(lane.of('passageOpened').at(-1), { captured: 'manual' })
  t.match(lane.done.at(-1), { do: 'guide', light: 'red', prompt: 'prompt.wait' })
  openByHand(lane)
  t.equal(lane.answers.at(-1), 'accepted')
  t.match(lane.of('manualRelease').at(-1), {
    captured: 'manual',
    body: { by: 'li.wei', reason: 'driver is ill', orderIds: [] },
  })
  t.match(lane.of('barrierIntent').at(-1)?.body, { right: { by: 'command', commandId: 'command-2' } })
  t.equal(lane.raises.length, 1)
  lane.raiseBar()
  lane.driveThrough()
  t.match(lane.of('passageEnded').at(-1), { captured: 'manual', body: { how: 'cleared' } })
  t.same(lane.breaches, [])
  t.end()
})

t.test('a manual opening without a reason is refused (scenario 39)', (t) => {
  const lane = inMode('MANUAL')
  lane.arrive('E1')
  openByHand(lane, ' ')
  t.equal(lane.answers.at(-1), 'reasonMissing')
  t.match(lane.of('commandJudged').at(-1)?.body, { result: 'refused', why: 'reasonMissing' })
  t.same([lane.raises.length, lane.of('barrierIntent').length], [0, 0])
  t.same(lane.breaches, [])
  t.end()
})

t.test('a manual opening is for one vehicle, once, in a MANUAL lane, at its line', (t) => {
  const lane = ExampleLane.started()
  lane.arrive('E1')
  openByHand(lane)
  t.equal(lane.answers.at(-1), 'modeForbids')
  const manual = inMode('MANUAL')
  manual.arrive('E1')
  manual.order({ do: 'manualRaise', passageId: 'another', orderIds: [] }, { reason: 'known' })
  t.equal(manual.answers.at(-1), 'otherPassage')
  const passageId = manual.state.passage?.id ?? ''
  const what: Command['what'] = { do: 'manualRaise', passageId, orderIds: [] }
  manual.order(what, { reason: 'known', commandId: 'c-1' })
  manual.order(what, { reason: 'known', commandId: 'c-1' })
  t.equal(manual.answers.at(-1), 'usedId')
  manual.order(what, { reason: 'known', commandId: 'c-2' })
  t.equal(manual.answers.at(-1), 'raiseUnsettled')
  t.equal(manual.raises.length, 1)
  manual.restart()
  manual.order(what, { reason: 'known', commandId: 'c-1' })
  t.equal(manual.answers.at(-1), 'usedId', 'nor after a restart')
  t.same([...lane.breaches, ...manual.breaches], [])
  t.end()
})

t.test('no hand opens under an intercept whose number it does not name', (t) => {
  const lane = inMode('MANUAL')
  lane.control.replaceOrders([intercept()])
  lane.arrive('E1')
  openByHand(lane)
  t.equal(lane.answers.at(-1), 'interceptNeedsOrder')
  openByHand(lane, 'escorted', ['O-1'])
  t.equal(lane.answers.at(-1), 'accepted')
  t.match(lane.of('manualRelease').at(-1)?.body, { orderIds: ['O-1'] })
  t.equal(lane.raises.length, 1)
  t.same(lane.breaches, [])
  t.end()
})

t.test('no hand opens a lock or passes over a blacklist, and a secret order is refused as a draw is', (t) => {
  const answerUnder = (change: Partial<ControlOrder>): string | null | undefined => {
    const lane = inMode('MANUAL')
    lane.control.replaceOrders([intercept(change)])
    lane.arrive('E1')
    openByHand(lane)
    t.same([lane.raises.length, lane.breaches.length], [0, 0])
    return lane.answers.at(-1)
  }
  t.equal(answerUnder({ nature: 'SECRET' }), 'interceptNeedsOrder', 'as a random draw does')
  t.equal(answerUnder({ action: 'DOCS' }), 'interceptNeedsOrder')
  const locked = ExampleLaden.come({}, [order()])
  locked.order({ do: 'setMode', mode: 'MANUAL' }, { reason: 'trial' })
  openByHand(locked, 'known shipper', ['L1'])
  t.equal(locked.answers.at(-1), 'locked')
  locked.switched({}, 'unknown')
  openByHand(locked, 'known shipper', ['L1'])
  t.equal(locked.answers.at(-1), 'locked', 'also when nobody can tell any more')
  t.same(locked.breaches, [])
  const listed = inMode('MANUAL')
  listed.control.replaceBlacklist([
    {
      ...{ kind: 'blacklist', entryId: 'B-1', subject: { kind: 'TAG', key: 'E1' }, level: 'STOP' },
      ...{ reason: '', agency: 'IQ', validFrom: 0 },
    },
  ])
  listed.arrive('E1')
  openByHand(listed)
  t.equal(listed.answers.at(-1), 'inspectFirst')
  const watched = inMode('MANUAL')
  watched.control.replaceOrders([intercept({ action: 'NOTIFY' })])
  watched.arrive('E1')
  openByHand(watched)
  t.equal(watched.answers.at(-1), 'accepted', 'one that only notifies is not seen')
  t.end()
})

t.test('an order that comes while the exception is written stops it', (t) => {
  const lane = inMode('MANUAL')
  lane.arrive('E1')
  const { control } = lane
  const before = lane.journal.length
  const push = lane.journal.push.bind(lane.journal)
  lane.journal.push = (...records) => {
    if (records.some(({ type }) => type === 'barrierIntent')) control.replaceOrders([intercept()])
    return push(...records)
  }
  openByHand(lane)
  t.same(lane.raises, [])
  t.equal(
    lane.story(before),
    'commandJudged manualRelease barrierIntent barrierOutcome:withdrawn',
    'it was written, and then withdrawn',
  )
  lane.pass(1_000)
  t.equal(lane.at, 'byHand')
  t.same(lane.breaches, [])
  t.end()
})

t.test('a hand moves nothing while every vehicle is held, or nothing can be written', (t) => {
  const lane = inMode('MANUAL')
  lane.arrive('E1')
  lane.order({ do: 'holdAll', incidentId: 'i1', on: true })
  openByHand(lane)
  t.equal(lane.answers.at(-1), 'incident')
  lane.order({ do: 'holdAll', incidentId: 'i1', on: false })
  lane.writable = false
  openByHand(lane)
  lane.pass(1_000)
  openByHand(lane)
  t.equal(lane.answers.at(-1), 'journalNotWritable')
  t.same(lane.raises, [])
  t.same(lane.breaches, [])
  t.end()
})

t.test('many manual releases are reported, until they are rare again', (t) => {
  const modes = { emergencyMaxMs: forMs, manualOftenCount: 2, manualOftenWithinMs: 600_000 }
  const lane = inMode('MANUAL', { ...exampleSettings, modes })
  for (const epc of ['E1', 'E2']) {
    t.notOk(lane.state.faults.includes('lane.manualOften'))
    lane.arrive(epc)
    openByHand(lane)
    lane.raiseBar()
    lane.driveThrough()
    lane.pass(60_000)
  }
  t.ok(lane.state.faults.includes('lane.manualOften'))
  lane.pass(600_000)
  t.notOk(lane.state.faults.includes('lane.manualOften'))
  t.same(lane.breaches, [])
  t.end()
})

t.test('under maintenance nothing moves, and no read is evidence', (t) => {
  const lane = inMode('MAINTENANCE')
  lane.hear('E1')
  lane.see('P1')
  lane.arrive('E1')
  lane.pass(60_000)
  openByHand(lane)
  t.equal(lane.answers.at(-1), 'modeForbids')
  t.same(
    ['tagObserved', 'plateObserved', 'decided'].flatMap((type) => lane.of(type)),
    [],
  )
  t.same(lane.raises, [])
  t.equal(lane.state.lastRead?.kind, 'tag', 'whoever mends a reader sees what it reads')
  lane.order({ do: 'setMode', mode: 'AUTO' })
  lane.pass(30_000)
  t.not(lane.at, 'raising', 'what was held before the reader meanwhile speaks for nobody')
  lane.hear('E1')
  lane.hear('E1')
  t.match(lane.of('tagObserved'), [{ body: { epc: 'E1' } }])
  t.same(lane.breaches, [])
  t.end()
})

for (const through of [[], ['CLOSED'], ['MANUAL', 'CLOSED']] as const)
  t.test(`whoever stood there while no read was evidence is a person's${through.join()}`, (t) => {
    const lane = ExampleLane.started()
    lane.sense({ entryLoop: 'occupied' })
    lane.hear('E1')
    lane.hear('E1')
    lane.order({ do: 'setMode', mode: 'MAINTENANCE' }, { reason: 'a new antenna' })
    lane.hear('E2')
    lane.pass(60_000)
    for (const mode of through) lane.order({ do: 'setMode', mode }, { reason: 'still at it' })
    lane.order({ do: 'setMode', mode: 'AUTO' })
    lane.pass(5_000)
    t.same(lane.raises, [])
    t.equal(lane.at, 'escalated')
    t.same(lane.breaches, [])
    t.end()
  })

t.test('on its battery a lane serves who is there, closes, and leaves the rest to people', (t) => {
  const lane = ExampleLane.started()
  lane.arrive('E1')
  lane.sense({ onBattery: true })
  t.ok(lane.state.faults.includes('plc.onBattery'))
  t.equal(lane.state.mode, 'AUTO')
  lane.raiseBar()
  lane.driveThrough()
  t.equal(lane.state.mode, 'CLOSED')
  t.match(lane.of('laneMode').at(-1)?.body, { to: 'CLOSED', cause: 'onBattery', by: null })
  lane.order({ do: 'setMode', mode: 'ATTENDED' })
  lane.sense({ entryLoop: 'occupied' })
  lane.sense({ onBattery: 'unknown' })
  lane.sense({ onBattery: true })
  t.equal(lane.state.mode, 'ATTENDED', 'a person decides otherwise')
  lane.sense({ onBattery: false })
  t.notOk(lane.state.faults.includes('plc.onBattery'))
  const empty = ExampleLane.started()
  empty.sense({ onBattery: true })
  t.equal(empty.state.mode, 'CLOSED')
  const evacuated = inMode('EMERGENCY_OPEN')
  evacuated.sense({ onBattery: true })
  t.equal(evacuated.state.mode, 'EMERGENCY_OPEN', 'nobody is shut in')
  t.same(
    [lane, empty, evacuated].flatMap((one) => one.breaches),
    [],
  )
  t.end()
})
