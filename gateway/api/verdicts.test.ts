import t from 'tap'
import { systemClock, type Clock } from '../../edge/base/clock.js'
import { catalogue } from '../../edge/messages/text/catalogue.js'
import { EventChain } from '../testing/chain.js'
import { startIn } from '../testing/gateway-under-test.js'
import { ShiftedClock } from '../testing/shifted-clock.js'
import type { GatewayState } from './schemas.js'

/** Answers to what waits at a lane: taken once, refused with the reason, sent again, and given back. */
const asked = { answer: 'release', version: 1, reason: 'papers seen', orderIds: [] }
const verdictAt = '/api/escalations/p1.e1/verdict'

t.test('two desks answer one escalation: the first is taken, the second is told', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  const edge = await gateway.edge()
  await edge.sendEvents(new EventChain('edge-1').escalated('p1'))
  const answers = await Promise.all([
    gateway.post(verdictAt, { ...asked, answer: 'hold' }),
    gateway.post(verdictAt, asked),
  ])
  t.same(answers.map((one) => one.status).sort(), [200, 409])
  await edge.hears('verdict')
  t.equal(edge.heard.filter((one) => one.kind === 'verdict').length, 1)
  t.match(
    await gateway.post(verdictAt, asked),
    { status: 409, body: { error: 'conflict' } },
    'and the version is old',
  )
})

t.test('the same request sent twice is one verdict', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  const edge = await gateway.edge()
  await edge.sendEvents(new EventChain('edge-1').escalated('p1'))
  const once = { ...asked, verdictId: 'click-1' }
  const [first, second] = [await gateway.post(verdictAt, once), await gateway.post(verdictAt, once)]
  t.match([first, second], [{ status: 200 }, { status: 200, body: first.body }])
  t.match(await gateway.post(verdictAt, { ...once, answer: 'hold' }), {
    status: 409,
    body: { error: 'idUsed' },
  })
  await edge.hears('verdict')
  t.equal(edge.heard.filter((one) => one.kind === 'verdict').length, 1)
  const { body } = await gateway.get<{ entries: { action: string }[] }>('/api/audit')
  t.equal(body.entries.filter((one) => one.action === 'verdict').length, 1)
})

t.test('a verdict that cannot take effect is refused with its reason', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  const edge = await gateway.edge()
  const chain = new EventChain('edge-1')
  await edge.sendEvents(chain.escalated('p1', { interceptOrderIds: ['BK-1'] }))
  const refused = async (body: object, error: string, address = verdictAt) => {
    t.match((await gateway.post(address, body)).body, { error })
    t.ok(Object.hasOwn(catalogue, `api.${error}`), `${error} exists in words`)
  }
  await refused({ ...asked, reason: ' ' }, 'interceptNeedsReason')
  await refused(asked, 'interceptNeedsOrder')
  await refused({ ...asked, orderIds: ['BK-2'] }, 'interceptNeedsOrder')
  await refused({ ...asked, more: true }, 'invalid')
  await refused({ ...asked, answer: 'open sesame' }, 'invalid')
  await refused(asked, 'notFound', '/api/escalations/nobody/verdict')
  await edge.end()
  await gateway.until(() => Promise.resolve(gateway.gateway.figures().broker_connected === 0))
  await refused({ ...asked, orderIds: ['BK-1'] }, 'edgeAway')
  const back = await gateway.edge()
  await back.sendEvents([
    chain.next(
      'passageOpened',
      { passageNo: 2, direction: 'in', cause: 'loop' },
      { lane: 'lane-1', passageId: 'p2' },
    ),
  ])
  await refused({ ...asked, orderIds: ['BK-1'] }, 'passageNotCurrent')
  t.notOk([...edge.heard, ...back.heard].some((one) => one.kind === 'verdict'))
})

t.test('a verdict without word comes back to the desk when it has expired', async (t) => {
  const clock = new ShiftedClock()
  const gateway = await startIn(t, t.testdir(), {}, clock)
  await gateway.signIn()
  const edge = await gateway.edge()
  await edge.sendEvents(new EventChain('edge-1').escalated('p1'))
  await gateway.post(verdictAt, asked)
  const { message } = await edge.hears('verdict')
  t.equal(Number(message.expiresAt) - Number(message.issuedAt), 60_000)
  clock.advance(63_000)
  const escalation = async () => (await gateway.get<GatewayState>('/api/state')).body.escalations[0]
  await gateway.until(async () => (await escalation())?.state === 'OPEN')
  t.match(await escalation(), { version: 3, verdict: { result: null, why: 'noWord' } })
})

t.test(
  'a refused verdict gives the escalation back; the quick answer and the journal say it once',
  async (t) => {
    const gateway = await startIn(t, t.testdir())
    await gateway.signIn()
    const edge = await gateway.edge()
    const chain = new EventChain('edge-1')
    await edge.sendEvents(chain.escalated('p1'))
    await gateway.post(verdictAt, asked)
    const verdictId = String((await edge.hears('verdict')).message.verdictId)
    await edge.send(
      'answer',
      JSON.stringify({ v: 1, edgeId: 'edge-1', to: verdictId, result: 'refused', why: 'notHeld', at: 1 }),
    )
    const escalation = async () => (await gateway.get<GatewayState>('/api/state')).body.escalations[0]
    await gateway.until(async () => (await escalation())?.state === 'OPEN')
    const verdict = { verdictId, escalationId: 'p1.e1', answer: 'release' as const, passageId: 'p1' }
    await edge.sendEvent(chain.verdictJudged(verdict, 'refused', 'notHeld'))
    t.match(await escalation(), { version: 3, verdict: { result: 'refused', why: 'notHeld' } })
  },
)

t.test('a verdict under way when the line is cut is sent again, and not when it was judged', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  const edge = await gateway.edge()
  const chain = new EventChain('edge-1')
  await edge.sendEvents([...chain.escalated('p1'), ...chain.escalated('q1', { lane: 'lane-2' })])
  await gateway.post(verdictAt, asked)
  await gateway.post('/api/escalations/q1.e1/verdict', asked)
  const [p, q] = [
    await edge.hears('verdict', (m) => m.passageId === 'p1'),
    await edge.hears('verdict', (m) => m.passageId === 'q1'),
  ]
  edge.cut()
  const back = await gateway.edge()
  const judged = {
    verdictId: String(q.message.verdictId),
    escalationId: 'q1.e1',
    answer: 'release' as const,
    passageId: 'q1',
  }
  await back.sendEvent(chain.verdictJudged(judged, 'accepted'))
  t.same((await back.hears('verdict')).message, p.message)
  t.equal(back.heard.filter((one) => one.kind === 'verdict').length, 1)
})

/** Real time, but for the repeating of verdicts, which waits to be let go. */
class RepeatingByHand implements Clock {
  readonly repeats: (() => void)[] = []
  now() {
    return systemClock.now()
  }
  after(name: string, delayMs: number, run: () => void) {
    if (name !== 'verdicts again') return systemClock.after(name, delayMs, run)
    this.repeats.push(run)
    return () => undefined
  }
}

t.test('only what was under way before the edge listened is sent again', async (t) => {
  const clock = new RepeatingByHand()
  const gateway = await startIn(t, t.testdir(), {}, clock)
  await gateway.signIn()
  const edge = await gateway.edge()
  const chain = new EventChain('edge-1')
  await edge.sendEvents([...chain.escalated('p1'), ...chain.escalated('q1', { lane: 'lane-2' })])
  await gateway.post(verdictAt, asked)
  await edge.hears('verdict')
  edge.cut()
  const back = await gateway.edge()
  await gateway.post('/api/escalations/q1.e1/verdict', asked)
  await back.hears('verdict', (message) => message.passageId === 'q1')
  for (const repeat of clock.repeats) repeat()
  await back.hears('verdict', (message) => message.passageId === 'p1')
  // A command is sent after everything that was asked for before it.
  await gateway.post('/api/edges/edge-1/lanes/lane-1/command', {
    reason: 'the end of the test',
    what: { do: 'setMode', mode: 'CLOSED' },
  })
  await back.hears('command')
  t.same(
    back.heard.filter((one) => one.kind === 'verdict').map((one) => one.message.passageId),
    ['q1', 'p1'],
  )
})

t.test('a deadline calls the next level', async (t) => {
  const clock = new ShiftedClock()
  const gateway = await startIn(t, t.testdir(), {}, clock)
  await gateway.signIn()
  const edge = await gateway.edge()
  await edge.sendEvents(new EventChain('edge-1').escalated('p1', { deadlineAt: clock.now().wallMs + 60_000 }))
  clock.advance(61_000)
  const escalation = async () => (await gateway.get<GatewayState>('/api/state')).body.escalations[0]
  await gateway.until(async () => (await escalation())?.level === 2)
  t.match(await escalation(), { state: 'OPEN', version: 1 })
  t.notOk(edge.heard.some((one) => one.kind === 'verdict' || one.kind === 'command'))
})
