import t from 'tap'
import { decide } from '../../edge/domain/decision/decide.js'
import { exampleInputs, exampleOrder } from '../../edge/domain/decision/examples.js'
import type { DecisionInputs } from '../../edge/domain/decision/types.js'
import type { SentEvent } from '../../edge/messages/envelope.js'
import { decisionSchema } from '../../edge/messages/events.js'
import { EventChain } from '../testing/chain.js'
import { everything, startIn } from '../testing/gateway-under-test.js'
import type { ShadowReportState } from './mode-schemas.js'

const dayMs = 86_400_000
const beginMs = Date.UTC(2026, 5, 1, 8)

interface Trial {
  readonly day: number
  readonly lane?: string
  readonly inputs?: DecisionInputs
  readonly answers?: readonly ('release' | 'hold' | 'return')[]
  readonly refused?: boolean
}

/** One passage of a trial, as its edge records it. */
function passage(chain: EventChain, passageId: string, trial: Trial): SentEvent[] {
  const { day, lane = 'lane-1', inputs = clear, answers = [], refused = false } = trial
  const at = { lane, passageId, occurredAt: beginMs + day * dayMs }
  const decision = decisionSchema.parse(decide(inputs))
  const end = {
    how: 'cleared',
    outcome: decision.outcome,
    readsHeard: 1,
    readsShed: 0,
    durationMs: 1_000,
  } as const
  return [
    chain.next('passageOpened', { passageNo: 1, direction: 'in', cause: 'loop' }, at),
    chain.next('decided', { decisionId: `${passageId}.d1`, decision, inputs: { ...inputs } }, at),
    ...answers.map((answer, no) => {
      const verdict = { verdictId: `${passageId}.v${no}`, escalationId: `${passageId}.e1`, answer, passageId }
      return chain.verdictJudged(verdict, refused ? 'refused' : 'accepted')
    }),
    chain.next('passageEnded', end, at),
  ]
}

const inShadow = { mode: 'SHADOW' } as const
const clear = exampleInputs(inShadow)
const ordered = exampleInputs({ ...inShadow, facts: { orders: [exampleOrder()] } })
const secret = exampleInputs({
  ...inShadow,
  facts: { orders: [exampleOrder({ orderId: 'S77', nature: 'SECRET' })] },
})

const week = `/api/shadow-report?from=${beginMs}&to=${beginMs + 7 * dayMs}`

t.test('a week on trial is told by rule and outcome, with what people did beside it', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  const chain = new EventChain('edge-1', 'e1', beginMs)
  const trials: Trial[] = [
    { day: 0, answers: ['release'] },
    { day: 1, answers: ['hold'] },
    { day: 2, inputs: ordered, answers: ['hold', 'release'] },
    { day: 3, inputs: ordered, answers: ['release'], refused: true },
    { day: 4, lane: 'lane-2', inputs: ordered, answers: ['return'] },
    { day: 5, inputs: exampleInputs(), answers: ['release'] },
    { day: 7, answers: ['hold'] },
  ]
  const edge = await gateway.edge()
  await edge.sendEvents(trials.flatMap((trial, no) => passage(chain, `p${no}`, trial)))

  const { status, body } = await gateway.get<ShadowReportState>(week)
  t.equal(status, 200)
  t.match(body, {
    asked: { from: beginMs, to: beginMs + 7 * dayMs, edgeId: null, lane: null },
    lookedAt: 6,
    complete: true,
    from: beginMs,
    to: beginMs + 4 * dayMs,
    passages: 5,
    agreed: 2,
    laneOnlyReleases: 1,
    personOnlyReleases: 1,
    unanswered: 1,
    rows: [
      { primary: 'CTL-02', outcome: 'hold', passages: 3, release: 1, hold: 0, return: 1, none: 1 },
      { primary: 'OK-01', outcome: 'release', passages: 2, release: 1, hold: 1, return: 0, none: 0 },
    ],
    differing: ['p1', 'p2'],
    more: 0,
  })
  t.match(
    body.lines.join('\n'),
    /2026-06-01T08:00 to 2026-06-05T08:00, 5 passages[^]*Lane and officer agree: 2/,
  )
  const chinese = await gateway.get<ShadowReportState>(`${week}&lang=zh-CN`)
  t.match(chinese.body.lines.join('\n'), /共 5 次通行[^]*仅人员放行（系统拟不放行）：1/)

  const other = await gateway.get<ShadowReportState>(`${week}&lane=lane-2&edgeId=edge-1`)
  t.match(other.body, { lookedAt: 1, passages: 1, agreed: 1, asked: { lane: 'lane-2' } })
  const nobody = await gateway.get<ShadowReportState>(`${week}&edgeId=edge-2`)
  t.match(nobody.body, { lookedAt: 0, passages: 0, from: null, lines: ['No passage was judged on trial'] })
})

t.test(
  'without times it is the last seven days, and longer than a month is asked for in parts',
  async (t) => {
    const gateway = await startIn(t, t.testdir())
    await gateway.signIn()
    const chain = new EventChain('edge-1')
    const ago = (days: number) => (Date.now() - beginMs) / dayMs - days
    const edge = await gateway.edge()
    await edge.sendEvents([
      ...passage(chain, 'p1', { day: ago(8), answers: ['release'] }),
      ...passage(chain, 'p2', { day: ago(6), answers: ['release'] }),
    ])
    t.match(await gateway.get('/api/shadow-report'), { status: 200, body: { passages: 1, lookedAt: 1 } })
    for (const [times, path] of [
      [`from=${beginMs}&to=${beginMs}`, 'from'],
      [`from=${beginMs}&to=${beginMs + 32 * dayMs}`, 'to'],
      ['from=yesterday', 'from'],
      ['lane=', 'lane'],
    ] as const) {
      const { status, body } = await gateway.get(`/api/shadow-report?${times}`)
      t.match({ status, body }, { status: 400, body: { error: 'invalid', problems: [{ path }] } }, times)
    }
  },
)

t.test('more passages than one page of the store are all counted, each once', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  const chain = new EventChain('edge-1', 'e1', beginMs)
  const small = { ...clear, observations: { ...clear.observations, tags: [] } }
  const edge = await gateway.edge()
  const all = Array.from({ length: 405 }, (_, no) =>
    // Many open in the same millisecond: the page is cut among them.
    passage(chain, `p${no}`, { day: no < 300 ? 1 : 2, inputs: small, answers: ['hold'] }),
  )
  for (let n = 0; n < all.length; n += 45) await edge.sendEvents(all.slice(n, n + 45).flat())
  const { body } = await gateway.get<ShadowReportState>(week)
  t.match(body, { lookedAt: 405, passages: 405, complete: true })
  const added = body.agreed + body.laneOnlyReleases + body.personOnlyReleases + body.unanswered
  t.equal(added, 405)
})

t.test('a secret order reads as the draw that it looks like to whoever may not know of it', async (t) => {
  const dir = t.testdir({ closed: {}, open: {} })
  const reportIn = async (folder: string, secretOrderReaders: string[]) => {
    const gateway = await startIn(t, `${dir}/${folder}`, { secretOrderReaders })
    await gateway.signIn()
    const chain = new EventChain('edge-1', 'e1', beginMs)
    const edge = await gateway.edge()
    await edge.sendEvents(passage(chain, 'p1', { day: 1, inputs: secret, answers: ['hold'] }))
    return gateway.get<ShadowReportState>(week)
  }
  const closed = await reportIn('closed', [])
  t.match(closed.body.rows, [{ primary: 'RND-01', outcome: 'hold', passages: 1, hold: 1 }])
  t.notMatch(JSON.stringify(closed.body), /CTL-|S77/)
  const open = await reportIn('open', ['operator'])
  t.match(open.body.rows, [{ primary: 'CTL-02S', passages: 1 }])
})

t.test('it is for auditors and supervisors: it holds what officers did against the lane', async (t) => {
  const gateway = await startIn(t, t.testdir(), {
    people: [everything('operator'), { name: 'li.wei', roles: ['officer'] }],
  })
  await gateway.signIn('li.wei')
  t.match(await gateway.get(week), { status: 403, body: { error: 'needsAuditor' } })
  await gateway.signIn('operator')
  t.match(await gateway.get(week), { status: 200, body: { passages: 0 } })
})
