import t from 'tap'
import { controlOrderSchema } from '../../edge/messages/entities.js'
import { EventChain } from '../testing/chain.js'
import { closed, type EscalationRecord } from './escalation.js'
import { knownEvent, type KnownEvent } from './judge.js'
import type { PassageRecord } from './passage.js'
import { idsOf, project, projectLostEpoch, type Projected, type World } from './project.js'

class Ledger implements World {
  readonly passages = new Map<string, PassageRecord>()
  readonly escalations = new Map<string, EscalationRecord>()
  passage(id: string) {
    return this.passages.get(id)
  }
  escalation(id: string) {
    return this.escalations.get(id)
  }
  openEscalationsOf(passageId: string) {
    return [...this.escalations.values()].filter((e) => e.passageId === passageId && e.state !== 'CLOSED')
  }
  take(event: Parameters<typeof knownEvent>[0]): Projected {
    const projected = project(this, known(event))
    for (const one of projected.passages) this.passages.set(one.passageId, one)
    for (const one of projected.escalations) this.escalations.set(one.escalationId, one)
    return projected
  }
}
const known = (event: Parameters<typeof knownEvent>[0]): KnownEvent => {
  const found = knownEvent(event)
  if (!found) throw new Error('no known event')
  return found
}
const at = { lane: 'lane-1', passageId: 'p1' }

t.test('the end of a passage ends what was asked about it', (t) => {
  const chain = new EventChain('edge-1')
  const ledger = new Ledger()
  for (const event of chain.escalated('p1')) ledger.take(event)
  const body = { how: 'returned', outcome: 'hold', readsHeard: 0, readsShed: 0, durationMs: 1 } as const
  const projected = ledger.take(chain.next('passageEnded', body, at))
  t.match(projected, { passages: [{ how: 'returned' }], escalations: [{ state: 'CLOSED' }], orders: [] })
  t.end()
})

t.test('the level that a lane has called shows in its escalation', (t) => {
  const chain = new EventChain('edge-1')
  const ledger = new Ledger()
  for (const event of chain.escalated('p1')) ledger.take(event)
  const raised = { escalationId: 'p1.e1', level: 2, deadlineAt: Date.UTC(2100, 0) }
  t.match(ledger.take(chain.next('escalationRaised', raised, at)).escalations, [{ level: 2, state: 'OPEN' }])
  const foreign = new EventChain('edge-2').next(
    'escalationRaised',
    { ...raised, level: 3 },
    { lane: 'lane-1', passageId: 'p9' },
  )
  t.same(ledger.take(foreign).escalations, [])
  t.end()
})

t.test('an edge that speaks of the passage of another edge changes nothing', (t) => {
  const ledger = new Ledger()
  for (const event of new EventChain('edge-1').escalated('p1')) ledger.take(event)
  const foreign = new EventChain('edge-2')
  const body = { how: 'cleared', outcome: null, readsHeard: 0, readsShed: 0, durationMs: 1 } as const
  t.same(ledger.take(foreign.next('passageEnded', body, at)), { passages: [], escalations: [], orders: [] })
  const closing = foreign.next(
    'escalationClosed',
    { escalationId: 'p1.e1', why: 'x' },
    { lane: 'lane-1', passageId: 'p9' },
  )
  t.same(ledger.take(closing), { passages: [], escalations: [], orders: [] })
  t.equal(ledger.escalations.get('p1.e1')?.state, 'OPEN')
  t.end()
})

t.test('a late objection and a run barrier call for an intercept; tail-gating does not', (t) => {
  const chain = new EventChain('edge-1')
  const ledger = new Ledger()
  for (const event of chain.escalated('p1', { vehicleId: 'V-7' })) ledger.take(event)
  const late = ledger.take(chain.next('lateObjection', { epc: 'E9', code: 'ORD-01', orderIds: ['o'] }, at))
  t.match(late.orders, [
    { action: 'INTERCEPT', agency: 'PORT', subject: { kind: 'VEHICLE', key: 'V-7' } },
    { action: 'INTERCEPT', agency: 'PORT', subject: { kind: 'TAG', key: 'E9' } },
  ])
  const run = ledger.take(chain.next('violation', { kind: 'runThrough', detail: '' }, at))
  t.same(
    run.orders.map((order) => order.subject),
    [
      { kind: 'VEHICLE', key: 'V-7' },
      { kind: 'TAG', key: 'E200AA' },
      { kind: 'TAG', key: 'E9' },
    ],
  )
  for (const order of [...late.orders, ...run.orders]) t.ok(controlOrderSchema.safeParse(order).success)
  const ids = [...late.orders, ...run.orders].map((order) => order.orderId)
  t.equal(new Set(ids).size, ids.length, 'every order has an id of its own')
  t.same(ledger.take(chain.next('violation', { kind: 'tailgating', detail: '' }, at)).orders, [])
  t.end()
})

t.test('the same event gives the same order ids, and another event others', (t) => {
  const orders = (chain: EventChain) =>
    project(new Ledger(), known(chain.next('lateObjection', { epc: 'E9', code: 'x', orderIds: [] }, at)))
      .orders
  const first = orders(new EventChain('edge-1', 'e1', 1))
  t.same(first, orders(new EventChain('edge-1', 'e1', 1)))
  t.not(first[0]?.orderId, orders(new EventChain('edge-1', 'e2', 1))[0]?.orderId)
  t.end()
})

t.test('events without a passage change no passage', (t) => {
  const chain = new EventChain('edge-1')
  const event = chain.next('faultChanged', { is: 'raised', code: 'reader.silent', source: 'r' })
  t.same(project(new Ledger(), known(event)), { passages: [], escalations: [], orders: [] })
  t.same(idsOf(known(event)), { passageId: null, escalationId: null })
  t.end()
})

t.test('a new database of an edge ends what the old one left open', (t) => {
  const chain = new EventChain('edge-1')
  const ledger = new Ledger()
  for (const event of chain.escalated('p1')) ledger.take(event)
  const lost = projectLostEpoch([...ledger.passages.values()], [...ledger.escalations.values()], 77)
  t.match(lost, {
    passages: [{ endedAt: 77 }],
    escalations: [{ state: 'CLOSED', closedWhy: 'edgeStartedAnew' }],
  })
  const before = closed(lost.escalations[0] as EscalationRecord, 'again', 99)
  t.equal(before.closedWhy, 'edgeStartedAnew')
  t.end()
})
