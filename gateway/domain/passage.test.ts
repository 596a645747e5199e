import t from 'tap'
import type { EventType, EventBody } from '../../edge/messages/events.js'
import { knownEvent, type KnownEvent } from './judge.js'
import { EventChain } from '../testing/chain.js'
import { passageAfter, passageOfLostEpoch, type PassageRecord } from './passage.js'

const chain = new EventChain('edge-1', 'e1', 1_000)
function of<T extends EventType>(type: T, body: EventBody<T>, passageId: string | null = 'p1'): KnownEvent {
  const known = knownEvent(chain.next(type, body, { lane: 'lane-1', passageId, occurredAt: 5_000 }))
  if (!known) throw new Error(`not a body of ${type}`)
  return known
}
const opening = () => of('passageOpened', { passageNo: 1, direction: 'out', cause: 'loop' })
const opened = passageAfter(undefined, opening()) as PassageRecord
const tag = (epc: string, claim: 'mine' | 'neighbour' | 'ambiguous') =>
  of('tagObserved', { epc, tid: null, readerId: 'r', antenna: '1', rssiDbm: null, count: 1, claim })
const decision = {
  outcome: 'hold' as const,
  primary: 'ORD-01',
  reasons: [],
  advisories: [],
  obligations: [],
  silentAlerts: [],
  interceptOrderIds: ['o1'],
  prompt: 'prompt.wait',
  vehicleId: 'v1',
  rulesetVersion: '1',
}

const table: readonly [name: string, event: KnownEvent, expected: Partial<PassageRecord>][] = [
  ['opening it again changes nothing', opening(), {}],
  ['a tag of its own is kept', tag('E1', 'mine'), { epcs: ['E1'] }],
  ['an ambiguous tag is kept too', tag('E2', 'ambiguous'), { epcs: ['E2'] }],
  ["a neighbour's tag is not", tag('E3', 'neighbour'), { epcs: [] }],
  [
    'a plate is kept',
    of('plateObserved', { plate: 'B12345', region: 'CN', confidence: 1, readerId: 'c' }),
    { plates: ['B12345'] },
  ],
  [
    'the decision gives outcome and vehicle',
    of('decided', { decisionId: 'd', decision, inputs: {} }),
    { outcome: 'hold', primary: 'ORD-01', vehicleId: 'v1' },
  ],
  [
    'a raise by a verdict is shown as such',
    of('barrierIntent', { commandId: 'r', right: { by: 'verdict', verdictId: 'v' }, leaseTicks: 20 }),
    { byVerdict: true },
  ],
  [
    'a raise by the decision is not',
    of('barrierIntent', { commandId: 'r', right: { by: 'decision', decisionId: 'd' }, leaseTicks: 20 }),
    { byVerdict: false },
  ],
  [
    'one that a person opened for by hand is an exception',
    of('manualRelease', { commandId: 'c', by: 'li.wei', reason: 'ill', orderIds: [] }),
    { manual: true },
  ],
  [
    'one that an emergency opening touched stands on the review list',
    { ...of('barrierMoved', { position: 'raised' }), contingency: true },
    { contingency: true },
  ],
  [
    'running the barrier is shown',
    of('violation', { kind: 'runThrough', detail: '' }),
    { violation: 'runThrough' },
  ],
  [
    'the tag of a late objection belongs to it',
    of('lateObjection', { epc: 'E9', code: 'ORD-01', orderIds: [] }),
    { epcs: ['E9'] },
  ],
  [
    'its end is kept, and an end without outcome leaves the one decided',
    of('passageEnded', { how: 'cleared', outcome: null, readsHeard: 1, readsShed: 0, durationMs: 1 }),
    { endedAt: 5_000, how: 'cleared', outcome: null },
  ],
  [
    'the mode of the lane is no part of it',
    of('laneMode', { from: null, to: 'AUTO', cause: '', by: null }),
    {},
  ],
]

for (const [name, event, expected] of table) {
  t.test(name, (t) => {
    t.same(passageAfter(opened, event), { ...opened, ...expected })
    t.end()
  })
}

t.test('of a passage whose opening never came, nothing is made up', (t) => {
  for (const [, event] of table.slice(1)) t.equal(passageAfter(undefined, event), undefined)
  t.equal(passageAfter(undefined, { ...opening(), passageId: null }), undefined)
  t.end()
})

t.test('ten thousand different tags do not make a passage grow for ever', (t) => {
  let passage: PassageRecord | undefined = opened
  for (let i = 0; i < 200; i += 1) passage = passageAfter(passage, tag(`E${i}`, 'mine'))
  t.equal(passage?.epcs.length, 64)
  t.end()
})

t.test('a passage of a lost database ends, an ended one stays as it was', (t) => {
  t.equal(passageOfLostEpoch(opened, 9).endedAt, 9)
  t.equal(passageOfLostEpoch({ ...opened, endedAt: 3 }, 9).endedAt, 3)
  t.end()
})
