import t from 'tap'
import { disinfect, ready, settings, Spraying } from './example-spraying.js'

/** A vehicle to be disinfected in a lane where a person is asked. */
function attended(mode: 'ATTENDED' | 'SHADOW' = 'ATTENDED', change = {}): Spraying {
  return Spraying.at(change, { ...settings, initialMode: mode })
}

t.test('in ATTENDED a person releases, the lane disinfects first and then raises in the same stop', (t) => {
  const lane = attended()
  t.equal(lane.at, 'escalated')
  t.same(lane.sprays, [], 'nothing is sprayed before a person has looked')
  const from = lane.journal.length
  lane.answer('release')
  t.equal(lane.answers.at(-1), 'accepted')
  t.equal(lane.at, 'disinfecting')
  t.equal(lane.sprays.length, 1)
  t.equal(lane.shown, 'red prompt.disinfectingStay')
  lane.sprayStarts()
  lane.pass(30_000)
  t.equal(lane.raises.length, 0, 'nothing is raised while it is sprayed')
  lane.sprayEnds()
  t.equal(lane.raises.length, 1)
  lane.raiseBar()
  lane.driveThrough()
  t.equal(
    lane.story(from),
    'verdictJudged escalationClosed sprayIntent disinfected barrierIntent barrierOutcome:accepted barrierMoved passageEnded:cleared barrierMoved',
  )
  const [verdict, spray, raise] = ['verdictJudged', 'sprayIntent', 'barrierIntent'].map(
    (type) => lane.of(type)[0]?.body,
  )
  t.equal(spray?.['verdictId'], verdict?.['verdictId'])
  t.same(raise?.['right'], { by: 'verdict', verdictId: verdict?.['verdictId'] }, 'one right for both')
  t.same(lane.of('lateObjection'), [])
  t.same(lane.breaches, [])
  t.end()
})

t.test('the interlocks are those of AUTO: people near are waited for, then a person looks again', (t) => {
  const lane = attended('ATTENDED', { peopleClear: false })
  lane.answer('release')
  t.equal(lane.at, 'disinfecting')
  t.equal(lane.shown, 'red prompt.stopAndWait')
  t.same(lane.of('sprayIntent'), [])
  lane.pass(19_000)
  lane.sprayer({ peopleClear: true })
  t.equal(lane.sprays.length, 1)
  t.same(lane.breaches, [])

  const never = attended('ATTENDED', { peopleClear: 'unknown' })
  never.answer('release')
  never.pass(20_000)
  t.equal(never.at, 'escalated')
  t.match(never.of('escalationOpened').at(-1)?.body['reasons'], ['CTL-05', 'QUA-09'])
  never.sprayer({ peopleClear: true })
  never.pass(60_000)
  never.answer('release')
  t.equal(never.answers.at(-1), 'interceptNeedsReason', 'the second time it goes without only with a reason')
  t.same([...never.sprays, ...never.raises, ...never.breaches], [])
  t.end()
})

t.test('a spray that is broken off goes back to a person, and the verdict is spent', (t) => {
  const lane = attended()
  lane.answer('release')
  const failedCommandId = lane.sprayStarts()
  lane.sprayer({ state: 'ready', failedCommandId, failedWhy: 'watchdog' })
  t.equal(lane.at, 'escalated')
  t.equal(lane.shown, 'red prompt.treatment')
  lane.pass(300_000)
  t.equal(lane.sprays.length, 1)
  t.same(lane.raises, [])
  lane.answer('release', { verdictId: 'verdict-1' })
  t.equal(lane.answers.at(-1), 'usedId')
  t.same(lane.breaches, [])
  t.end()
})

t.test('what comes to speak against it before the spray or before the raise stops it', (t) => {
  const intercept = { ...disinfect, orderId: 'O1', action: 'INTERCEPT' } as const
  const before = attended('ATTENDED', { peopleClear: false })
  before.answer('release')
  before.control.replaceOrders([disinfect, intercept])
  before.deliver({ on: 'listsSwitched' })
  before.sprayer({ peopleClear: true })
  t.same(before.sprays, [], 'not even sprayed')
  before.pass(1_000)
  t.equal(before.at, 'escalated')
  t.same(before.of('escalationOpened').at(-1)?.body['interceptOrderIds'], ['D1', 'O1'])

  const during = attended()
  during.answer('release')
  during.sprayStarts()
  during.control.replaceOrders([disinfect, intercept])
  during.deliver({ on: 'listsSwitched' })
  during.sprayEnds()
  t.equal(during.at, 'escalated')
  t.same(during.raises, [])

  // Not an order: something that only the rules see, and nobody has been shown.
  const ruled = attended()
  ruled.answer('release')
  ruled.sprayStarts()
  ruled.hear('E2')
  ruled.hear('E2')
  ruled.sprayEnds()
  t.same(ruled.raises, [], 'a second vehicle in the lane, which no person has seen')
  ruled.pass(1_000)
  t.equal(ruled.at, 'escalated')
  t.same([...before.breaches, ...during.breaches, ...ruled.breaches], [])
  t.end()
})

t.test('a second order to disinfect is carried out by the same spray', (t) => {
  const lane = attended()
  lane.answer('release')
  lane.sprayStarts()
  lane.control.replaceOrders([disinfect, { ...disinfect, orderId: 'D2' }])
  lane.deliver({ on: 'listsSwitched' })
  lane.sprayEnds()
  t.equal(lane.raises.length, 1)
  t.same(lane.breaches, [])
  t.end()
})

t.test('who gives a reason releases it without; who names the order must give one', (t) => {
  const lane = attended()
  lane.answer('release', { orderIds: ['D1'] })
  t.equal(lane.answers.at(-1), 'interceptNeedsReason')
  lane.answer('release', { reason: 'live fish' })
  t.equal(lane.answers.at(-1), 'interceptNeedsOrder')
  lane.answer('release', { orderIds: ['D1'], reason: 'live fish' })
  t.equal(lane.answers.at(-1), 'accepted')
  t.equal(lane.raises.length, 1)
  t.same([...lane.sprays, ...lane.breaches], [])
  t.end()
})

t.test('in SHADOW, and without a sprayer that works, nothing is sprayed and a reason is asked for', (t) => {
  const shadow = attended('SHADOW')
  shadow.answer('release')
  t.equal(shadow.answers.at(-1), 'interceptNeedsReason')
  const out = attended()
  out.sprayer({ state: 'unknown' })
  out.answer('release')
  t.not(out.answers.at(-1), 'accepted')
  t.same([...shadow.sprays, ...out.sprays, ...shadow.raises, ...out.raises], [])
  t.same([...shadow.breaches, ...out.breaches], [])
  t.end()
})

t.test('a lane put to SHADOW or CLOSED meanwhile sprays nobody', (t) => {
  for (const mode of ['SHADOW', 'CLOSED'] as const) {
    const lane = attended('ATTENDED', { peopleClear: false })
    lane.answer('release')
    lane.order({ do: 'setMode', mode }, { reason: 'trial' })
    lane.sprayer({ peopleClear: true })
    lane.pass(60_000)
    t.same([...lane.sprays, ...lane.raises, ...lane.breaches], [], mode)
  }
  t.end()
})

t.test('nothing is sprayed by a verdict that cannot be written down', (t) => {
  const lane = attended()
  lane.writable = false
  lane.answer('release')
  t.equal(lane.at, 'unwritable')
  t.same([...lane.sprays, ...lane.raises, ...lane.breaches], [])
  t.end()
})

t.test('after a crash in the middle a person looks: done counts, and the old verdict raises nothing', (t) => {
  const done = attended()
  done.answer('release')
  const id = done.sprayStarts()
  const sprayer = { ...ready, state: 'done', acceptedCommandId: id, doneCommandId: id } as const
  done.signals = { ...done.signals, sprayer }
  done.restart()
  done.pass(1_000)
  t.equal(done.of('disinfected').length, 1)
  t.equal(done.at, 'escalated')
  t.same(done.raises, [])
  done.answer('release')
  t.equal(done.raises.length, 1, 'it is disinfected: nothing is passed over, and no reason is asked for')
  t.equal(done.sprays.length, 1)

  const running = attended()
  running.answer('release')
  running.sprayStarts()
  running.restart()
  t.equal(running.at, 'disinfecting')
  running.sprayEnds()
  t.equal(running.at, 'escalated')
  t.same(running.raises, [])

  const waiting = attended('ATTENDED', { peopleClear: false })
  waiting.answer('release')
  waiting.restart()
  waiting.sprayer({ peopleClear: true })
  waiting.pass(30_000)
  t.equal(waiting.at, 'escalated')
  t.same([...waiting.sprays, ...waiting.raises], [])
  t.same([...done.breaches, ...running.breaches, ...waiting.breaches], [])
  t.end()
})
