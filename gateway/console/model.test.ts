import t from 'tap'
import type { LiveEvent } from '../api/schemas.js'
import { aHealth, anEdge, anEscalation, aPassage, aState, startMs } from './testing/samples.js'
import {
  escalationsMax,
  initialModel,
  missingForRelease,
  passagesMax,
  update,
  type Model,
  type PageEffect,
  type PageEvent,
} from './web/model.js'

const live = (event: LiveEvent, monoMs = 1_000): PageEvent => ({ on: 'live', event, monoMs })
const snapshot = (patch: Parameters<typeof aState>[0] = {}, monoMs = 1_000) =>
  live({ is: 'snapshot', state: aState(patch) }, monoMs)
const press = (answer: 'release' | 'hold' | 'return', reason = '', orderIds: string[] = []): PageEvent => ({
  on: 'answer',
  escalationId: anEscalation().escalationId,
  answer,
  reason,
  orderIds,
})

/** Plays events in order; gives the last model and everything that was to be done. */
function play(...events: PageEvent[]): { model: Model; effects: PageEffect[] } {
  let model = initialModel
  const effects: PageEffect[] = []
  for (const event of events) {
    const change = update(model, event)
    model = change.model
    effects.push(...change.effects)
  }
  return { model, effects }
}

t.test('Release sends one answer with the version that the officer saw', (t) => {
  const open = snapshot({ escalations: [anEscalation({ version: 3 })] })
  const { effects, model } = play(open, press('release', '  checked by phone '))
  t.same(effects, [
    {
      do: 'sendVerdict',
      escalationId: anEscalation().escalationId,
      request: { answer: 'release', version: 3, reason: 'checked by phone', orderIds: [] },
    },
  ])
  t.match(model.answers[anEscalation().escalationId], { is: 'sending', answer: 'release' })
  t.end()
})

t.test('an answer that was long on its way does not take back what the feed told meanwhile', (t) => {
  const asked = (askedMonoMs: number): PageEvent => ({
    ...{ on: 'live', monoMs: 9_000, askedMonoMs },
    event: { is: 'snapshot', state: aState() },
  })
  const opened = live({ is: 'escalation', escalation: anEscalation() }, 7_500)
  const known = (...events: PageEvent[]) => play(...events).model.state?.escalations.length
  t.equal(known(asked(7_000)), 0, 'the first answer is all that is known')
  t.equal(known(snapshot(), opened, asked(7_000)), 1, 'the lane that waits stays on the page')
  t.equal(known(snapshot(), opened, asked(8_000)), 0, 'what was asked since then is newer')
  t.equal(
    play(snapshot(), opened, asked(7_000)).model.heardMonoMs,
    7_500,
    'and the page looks no fresher than it is',
  )
  t.end()
})

t.test('pressing again, or another button, while an answer is on its way sends nothing', (t) => {
  const open = snapshot({ escalations: [anEscalation()] })
  t.equal(play(open, press('release'), press('release'), press('hold')).effects.length, 1)
  const taken: PageEvent = {
    on: 'answerTaken',
    escalationId: anEscalation().escalationId,
    escalation: null,
  }
  t.equal(
    play(open, press('release'), taken, press('release')).effects.length,
    1,
    'nor before the feed tells',
  )
  t.end()
})

t.test('nothing is sent for a case that is answered, closed or not known', (t) => {
  for (const state of ['ANSWERED', 'CLOSED'] as const) {
    t.same(play(snapshot({ escalations: [anEscalation({ state })] }), press('release')).effects, [])
  }
  t.same(play(snapshot(), press('release')).effects, [])
  t.same(play(press('release')).effects, [])
  t.end()
})

t.test('an intercepted vehicle is released only with a reason and every number typed', (t) => {
  const escalation = anEscalation({ interceptOrderIds: ['BK-1', 'BK-2'] })
  const open = snapshot({ escalations: [escalation] })
  t.same(play(open, press('release', 'because')).effects, [])
  t.same(play(open, press('release', 'because', ['BK-1', 'BK-3'])).effects, [])
  t.same(play(open, press('release', '  ', ['BK-1', 'BK-2'])).effects, [])
  t.equal(play(open, press('hold')).effects.length, 1, 'to hold or return it needs neither')
  const { effects } = play(open, press('release', 'because', [' BK-1 ', 'BK-2']))
  t.same(effects[0]?.request.orderIds, ['BK-1', 'BK-2'])
  t.equal(missingForRelease(escalation, { reason: '', orderIds: [] }), 'orders')
  t.equal(missingForRelease(escalation, { reason: '', orderIds: ['BK-1', 'BK-2'] }), 'reason')
  t.equal(missingForRelease(anEscalation(), { reason: '', orderIds: [] }), null)
  const toDisinfect = { ...escalation, outcome: 'disinfect' } as const
  t.equal(missingForRelease(toDisinfect, { reason: ' ', orderIds: [''] }), null, 'the order is carried out')
  t.equal(missingForRelease(toDisinfect, { reason: 'live fish', orderIds: [''] }), 'orders')
  t.equal(missingForRelease(toDisinfect, { reason: '', orderIds: ['BK-1', 'BK-2'] }), 'reason')
  t.end()
})

t.test('an answer that was not taken is told until the case is closed, and may be given again', (t) => {
  const { escalationId } = anEscalation()
  const failed: PageEvent = { on: 'answerFailed', escalationId, error: 'api.conflict' }
  const base = [snapshot({ escalations: [anEscalation()] }), press('release'), failed]
  t.match(play(...base).model.answers[escalationId], { is: 'failed', error: 'api.conflict' })

  const changed = live({ is: 'escalation', escalation: anEscalation({ version: 2 }) })
  t.match(play(...base, changed).model.answers[escalationId], { is: 'failed' }, 'a change does not hide it')
  const again = play(...base, changed, press('hold'))
  t.equal(again.effects.length, 2)
  t.equal(again.effects[1]?.request.version, 2, 'the second names what is seen now')

  const closed = live({ is: 'escalation', escalation: anEscalation({ version: 3, state: 'CLOSED' }) })
  t.equal(play(...base, closed).model.answers[escalationId], undefined)
  t.end()
})

t.test('what the gateway says of a case replaces what this page did about it', (t) => {
  const { escalationId } = anEscalation()
  const answered = anEscalation({ version: 2, state: 'ANSWERED' })
  const { model } = play(snapshot({ escalations: [anEscalation()] }), press('release'), {
    on: 'answerTaken',
    escalationId,
    escalation: answered,
  })
  t.equal(model.state?.escalations[0]?.state, 'ANSWERED')
  t.equal(model.answers[escalationId], undefined)

  const feedFirst = play(
    snapshot({ escalations: [anEscalation()] }),
    press('release'),
    live({ is: 'escalation', escalation: answered }),
    { on: 'answerTaken', escalationId, escalation: null },
  )
  t.equal(feedFirst.model.answers[escalationId], undefined, 'also when the feed is faster than the answer')
  t.end()
})

t.test('news that overtook each other never turn a case back', (t) => {
  const { model } = play(
    snapshot(),
    live({ is: 'escalation', escalation: anEscalation({ version: 4, state: 'CLOSED' }) }),
    live({ is: 'escalation', escalation: anEscalation({ version: 2, state: 'OPEN' }) }),
  )
  t.equal(model.state?.escalations.length, 1)
  t.equal(model.state?.escalations[0]?.state, 'CLOSED')
  t.end()
})

t.test(
  'a case that opens while the page is looked at is announced; those found at the start are not',
  (t) => {
    const { escalationId } = anEscalation()
    t.equal(play(snapshot({ escalations: [anEscalation()] })).model.announced, null)
    const seen = play(snapshot(), live({ is: 'escalation', escalation: anEscalation() }))
    t.equal(seen.model.announced?.escalationId, escalationId)
    const missed = play(snapshot(), snapshot({ escalations: [anEscalation()] }, 9_000))
    t.equal(
      missed.model.announced?.escalationId,
      escalationId,
      'also one that opened while the feed was away',
    )
    t.end()
  },
)

t.test('an edge, a passage and a list each replace the older news of the same', (t) => {
  const { model } = play(
    snapshot({
      passages: [aPassage()],
      lists: [{ list: 'tags', version: 1, count: 1, contentHash: '', publishedAt: 0 }],
    }),
    live({ is: 'edge', edge: anEdge({ connected: false }) }),
    live({ is: 'edge', edge: anEdge({ edgeId: 'edge-0' }) }),
    live({ is: 'passage', passage: aPassage({ how: 'cleared', endedAt: startMs + 9_000 }) }),
    live({ is: 'list', list: { list: 'tags', version: 2, count: 2, contentHash: '', publishedAt: 0 } }),
  )
  t.same(
    model.state?.edges.map((edge) => [edge.edgeId, edge.connected]),
    [
      ['edge-0', true],
      ['edge-1', false],
    ],
    'edges keep their order, so that people find them',
  )
  t.same(
    model.state?.passages.map((one) => one.how),
    ['cleared'],
  )
  t.same(
    model.state?.lists.map((one) => one.version),
    [2],
  )
  t.end()
})

t.test(
  'what is wrong with the gateway itself appears while the page is open, and goes when it is over',
  (t) => {
    const fault = { code: 'gateway.storeNotWritable', source: 'store', since: startMs } as const
    const raised = live({ is: 'faults', faults: [fault] })
    t.same(play(snapshot(), raised).model.state?.faults, [fault])
    t.same(play(snapshot(), raised, live({ is: 'faults', faults: [] })).model.state?.faults, [])
    t.end()
  },
)

t.test('a page that stays open for weeks holds no more than one that was just opened', (t) => {
  const events = Array.from({ length: 400 }, (_, i) => [
    live({ is: 'passage', passage: aPassage({ passageId: `p${i}`, openedAt: startMs + i }) }),
    live({ is: 'escalation', escalation: anEscalation({ escalationId: `e${i}`, openedAt: startMs + i }) }),
  ]).flat()
  const { model } = play(snapshot(), ...events)
  t.equal(model.state?.passages.length, passagesMax)
  t.equal(model.state?.passages[0]?.passageId, 'p399', 'the newest stay')
  t.equal(model.state?.escalations.length, escalationsMax)
  t.end()
})

t.test('changes before the first whole picture change nothing', (t) => {
  const { model } = play(live({ is: 'edge', edge: anEdge() }))
  t.equal(model, initialModel)
  t.end()
})

t.test('signing out forgets everything that was on the page', (t) => {
  const { model } = play(snapshot({ escalations: [anEscalation()] }), { on: 'signedOut' })
  t.equal(model.access, 'signedOut')
  t.equal(model.state, null)
  t.end()
})

t.test('the page notes which gateway it came from', (t) => {
  const { model } = play(snapshot(), snapshot({ gatewayVersion: '0.2.0' }))
  t.equal(model.pageVersion, '0.1.0')
  t.equal(model.state?.gatewayVersion, '0.2.0')
  t.end()
})

t.test('each edge is timed by its own clock, from the moment its report came', (t) => {
  const slow = anEdge({ health: aHealth({ at: startMs - 90_000 }) })
  const { model } = play(snapshot({ edges: [slow] }))
  t.equal(model.edgeOffsetsMs['edge-1'], -90_000)

  const repeated = play(
    snapshot({ edges: [slow] }),
    snapshot({ edges: [slow], at: startMs + 30_000 }, 31_000),
  )
  t.equal(
    repeated.model.edgeOffsetsMs['edge-1'],
    -90_000,
    'an old report heard again says nothing of the clock',
  )

  const next = anEdge({ lastSeenAt: startMs + 2_000, health: aHealth({ at: startMs + 2_500 }) })
  const heard = play(snapshot({ edges: [slow] }), live({ is: 'edge', edge: next }, 3_000))
  t.equal(heard.model.edgeOffsetsMs['edge-1'], 500, 'a corrected clock is noticed')
  t.end()
})
