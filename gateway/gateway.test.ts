import path from 'node:path'
import sqlite3 from 'sqlite3'
import t from 'tap'
import { listNames } from '../edge/messages/entities.js'
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
  t.equal(body.lists.length, listNames.length, 'every list has a version, even if it is empty')
})

/** Changes the store of a gateway that is not running, as damage or a mistaken repair would. */
function damage(dir: string, statement: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const db = new sqlite3.Database(path.join(dir, 'data', 'gateway.db'))
    db.exec(statement, (error) => {
      db.close(() => {
        if (error) reject(error)
        else resolve()
      })
    })
  })
}

t.test('an acknowledgement never says more than is stored; what is missing comes again', async (t) => {
  const dir = t.testdir()
  const first = await startIn(t, dir)
  const before = await first.edge()
  const events = new EventChain('edge-1').fault(7)
  await before.sendEvents(events.slice(0, 6))
  await before.hears('ack', (message) => message.upTo === 6)
  await first.close()
  await damage(dir, 'DELETE FROM events WHERE sequence > 3')

  const gateway = await startIn(t, dir)
  await gateway.signIn()
  const edge = await gateway.edge()
  t.match((await edge.hears('ack')).message, { epoch: 'none', upTo: 0 }, 'it gets the time, and no word more')
  const ofEdge = async () => (await gateway.get<GatewayState>('/api/state')).body.edges[0]
  t.match((await ofEdge())?.faults, [
    { code: 'gateway.ackBeyondStore', source: 'edge-1', detail: 'e1: the mark says 6, the store ends at 3' },
  ])
  t.equal(gateway.gateway.figures().switchboard_acksWithheld, 1)

  await edge.sendEvents(events.slice(3))
  await edge.hears('ack', (message) => message.epoch === 'e1' && message.upTo === 7)
  t.same((await ofEdge())?.faults, [])
  t.same(
    edge.heard
      .filter((one) => one.kind === 'ack' && one.message.epoch === 'e1')
      .map((one) => one.message.upTo),
    [7],
  )
  t.match(gateway.gateway.figures(), { inbox_stored: 4, inbox_duplicates: 0, switchboard_acksWithheld: 1 })
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
