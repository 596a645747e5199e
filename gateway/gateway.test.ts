import t from 'tap'
import { EventChain } from './testing/chain.js'
import { startIn } from './testing/gateway-under-test.js'
import type { EscalationState, GatewayState } from './api/schemas.js'

t.test('an edge is acknowledged what is stored, and the picture shows it', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  const edge = await gateway.edge()
  const chain = new EventChain('edge-1')
  await edge.sendEvents(chain.escalated('p1'))
  const ack = await edge.hears('ack', (message) => message.upTo === 3)
  t.match(ack.message, { v: 1, epoch: 'e1', upTo: 3 })
  const { body } = await gateway.get<GatewayState>('/api/state')
  t.match(body, {
    site: 'site-1',
    operator: 'operator',
    edges: [{ edgeId: 'edge-1', connected: true, stored: { epoch: 'e1', upTo: 3 } }, { edgeId: 'edge-2' }],
    escalations: [{ escalationId: 'p1.e1', state: 'OPEN', version: 1 }],
    passages: [{ passageId: 'p1', epcs: ['E200AA'], endedAt: null }],
  })
  t.equal(body.lists.length, 4, 'every list has a version, even if it is empty')
})

t.test('a verdict reaches the edge, and its word closes the escalation', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  const edge = await gateway.edge()
  const chain = new EventChain('edge-1')
  await edge.sendEvents(chain.escalated('p1'))
  const asked = { answer: 'release', version: 1, reason: 'papers seen', orderIds: [] }
  const answer = await gateway.post<EscalationState>('/api/escalations/p1.e1/verdict', asked)
  t.match(answer, { status: 200, body: { state: 'ANSWERED', version: 2, verdict: { answer: 'release' } } })
  const { message } = await edge.hears('verdict')
  t.match(message, { lane: 'lane-1', passageId: 'p1', escalationId: 'p1.e1', by: 'operator' })
  const verdict = { verdictId: String(message.verdictId), escalationId: 'p1.e1', passageId: 'p1' }
  await edge.sendEvent(chain.verdictJudged({ ...verdict, answer: 'release' }, 'accepted'))
  const { body } = await gateway.get<GatewayState>('/api/state')
  t.match(body.escalations[0], { state: 'CLOSED', closedWhy: 'verdict', verdict: { result: 'accepted' } })
})
