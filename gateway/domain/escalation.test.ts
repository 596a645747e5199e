import t from 'tap'
import type { Verdict } from '../../edge/messages/down.js'
import { EventChain } from '../testing/chain.js'
import { knownEvent, type KnownEvent } from './judge.js'
import {
  answered,
  closed,
  defaultEscalationPolicy,
  escalationAfter,
  escalationAt,
  judged,
  verdictObjection,
  type EscalationRecord,
} from './escalation.js'
import { passageAfter, type PassageRecord } from './passage.js'

const chain = new EventChain('edge-1', 'e1', 1_000)
const [opening, , escalation] = chain.escalated('p1', { deadlineAt: 60_000 })
const known = (event: Parameters<typeof knownEvent>[0] | undefined): KnownEvent => {
  const found = event && knownEvent(event)
  if (!found) throw new Error('no known event')
  return found
}
const passage = passageAfter(undefined, known(opening)) as PassageRecord
const open = escalationAfter(undefined, known(escalation)) as EscalationRecord
const intercepted: EscalationRecord = { ...open, interceptOrderIds: ['BK-1', 'BK-2'] }

function verdict(answer: Verdict['answer'], verdictId = 'v1'): Verdict {
  return {
    v: 1,
    verdictId,
    lane: 'lane-1',
    passageId: 'p1',
    escalationId: 'p1.e1',
    answer,
    by: 'li',
    reason: '',
    orderIds: [],
    issuedAt: 10_000,
    expiresAt: 70_000,
  }
}
const word = (result: 'accepted' | 'refused', why: string | null = null, verdictId = 'v1') => ({
  verdictId,
  result,
  why,
  answer: 'release' as const,
  at: 20_000,
})

t.test('an escalation opens once', (t) => {
  t.match(open, { state: 'OPEN', version: 1, level: 1, deadlineAt: 60_000, verdict: null })
  t.equal(escalationAfter(open, known(escalation)), open)
  t.end()
})

t.test('a verdict takes the escalation from the others, and the word of the edge decides', (t) => {
  const sent = answered(open, verdict('release'))
  t.match(sent, { state: 'ANSWERED', version: 2, verdict: { by: 'li', result: null } })
  t.match(judged(sent, word('accepted')), { state: 'CLOSED', closedWhy: 'verdict', version: 3 })
  t.match(judged(sent, word('refused', 'expired')), {
    state: 'OPEN',
    version: 3,
    verdict: { result: 'refused', why: 'expired' },
  })
  t.end()
})

t.test('an accepted hold gives the vehicle back to the operators: it still stands there', (t) => {
  const held = judged(answered(open, verdict('hold')), word('accepted'))
  t.match(held, { state: 'OPEN', version: 3, verdict: { answer: 'hold', result: 'accepted' } })
  t.equal(judged(held, word('accepted')), held, 'said twice it changes nothing')
  t.equal(judged(held, word('refused', 'usedId')), held, 'and the first word stands')
  t.end()
})

t.test('without a word the verdict is given back after its expiry, and a late word is believed', (t) => {
  const sent = answered(open, verdict('release'))
  t.equal(escalationAt(sent, 71_999, defaultEscalationPolicy), sent, 'the word may still be on its way')
  const back = escalationAt(sent, 72_000, defaultEscalationPolicy)
  t.match(back, { state: 'OPEN', version: 3, verdict: { result: null, why: 'noWord' } })
  const second = answered(back, verdict('hold', 'v2'))
  t.match(judged(second, word('accepted')), { state: 'CLOSED' }, 'the first one did release the vehicle')
  t.equal(judged(second, word('refused', 'expired')), second, 'or it did not, and the second is on its way')
  t.end()
})

t.test('a deadline calls the next level and never opens anything', (t) => {
  t.equal(escalationAt(open, 59_999, defaultEscalationPolicy), open)
  const second = escalationAt(open, 60_000, defaultEscalationPolicy)
  t.match(second, { state: 'OPEN', level: 2, version: 1, deadlineAt: 240_000 })
  const third = escalationAt(second, 240_000, defaultEscalationPolicy)
  t.match(third, { state: 'OPEN', level: 3 })
  t.equal(escalationAt(third, 10_000_000, defaultEscalationPolicy), third, 'there is no fourth')
  const done = closed(open, 'verdict', 1)
  t.equal(escalationAt(done, 10_000_000, defaultEscalationPolicy), done)
  t.end()
})

t.test(
  'the lane says itself that it has called the next level; the clock here and it do not call twice',
  (t) => {
    const at = { lane: 'lane-1', passageId: 'p1' }
    const raise = (level: number, deadlineAt: number) =>
      known(chain.next('escalationRaised', { escalationId: 'p1.e1', level, deadlineAt }, at))
    const second = escalationAfter(open, raise(2, 240_500)) as EscalationRecord
    t.match(second, { state: 'OPEN', level: 2, deadlineAt: 240_500, version: 1 })
    t.equal(escalationAt(second, 240_000, defaultEscalationPolicy), second, 'its time is not over')
    const byClock = escalationAt(open, 60_000, defaultEscalationPolicy)
    t.match(escalationAfter(byClock, raise(2, 240_500)), { level: 2, deadlineAt: 240_500 })
    const third = escalationAfter(second, raise(3, 420_500)) as EscalationRecord
    t.match(third, { level: 3, deadlineAt: 420_500 })
    t.equal(escalationAfter(third, raise(2, 900_000)), third, 'a level is not taken back')
    const done = closed(open, 'verdict', 1)
    t.equal(escalationAfter(done, raise(2, 240_000)), done)
    t.end()
  },
)

const asked = { answer: 'release' as const, version: 1, reason: '', orderIds: [] as string[] }
const objections: readonly [
  string,
  EscalationRecord,
  typeof asked,
  PassageRecord | undefined,
  string | null,
][] = [
  ['the newest version may be answered', open, asked, passage, null],
  ['an older version may not', { ...open, version: 2 }, asked, passage, 'conflict'],
  ['an answered one may not', { ...answered(open, verdict('hold')), version: 1 }, asked, passage, 'conflict'],
  ['a closed one may not', closed(open, 'verdict', 1), asked, passage, 'closed'],
  ['the lane has another vehicle by now', open, asked, { ...passage, passageId: 'p2' }, 'passageNotCurrent'],
  ['no passage of that lane is known', open, asked, undefined, 'passageNotCurrent'],
  ['the passage ended', open, asked, { ...passage, endedAt: 1 }, 'passageEnded'],
  ['a release under an intercept needs a reason', intercepted, asked, passage, 'interceptNeedsReason'],
  [
    'blanks are no reason',
    intercepted,
    { ...asked, reason: '  ', orderIds: ['BK-1', 'BK-2'] },
    passage,
    'interceptNeedsReason',
  ],
  [
    'one order number of two is not enough',
    intercepted,
    { ...asked, reason: 'lifted by phone', orderIds: ['BK-1'] },
    passage,
    'interceptNeedsOrder',
  ],
  [
    'with reason and all numbers it may be given',
    intercepted,
    { ...asked, reason: 'lifted by phone', orderIds: [' BK-2 ', 'BK-1'] },
    passage,
    null,
  ],
  [
    'a vehicle that the lane is to disinfect first is released without a word',
    { ...intercepted, outcome: 'disinfect' },
    { ...asked, orderIds: [' '] },
    passage,
    null,
  ],
  [
    'one that is to go without it is not',
    { ...intercepted, outcome: 'disinfect' },
    { ...asked, orderIds: ['BK-1', 'BK-2'] },
    passage,
    'interceptNeedsReason',
  ],
]

for (const [name, record, request, current, expected] of objections) {
  t.test(name, (t) => {
    t.equal(verdictObjection(record, request, current), expected)
    t.end()
  })
}

t.test('to hold or return an intercepted vehicle needs no number', (t) => {
  for (const answer of ['hold', 'return'] as const) {
    t.equal(verdictObjection(intercepted, { ...asked, answer }, passage), null)
  }
  t.end()
})

t.test('the edge ends an escalation, by itself or with its passage', (t) => {
  const at = { lane: 'lane-1', passageId: 'p1' }
  const ended = chain.next('escalationClosed', { escalationId: 'p1.e1', why: 'backedOut' }, at)
  t.match(escalationAfter(open, known(ended)), { state: 'CLOSED', closedWhy: 'backedOut' })
  const body = { how: 'backedOut', outcome: null, readsHeard: 0, readsShed: 0, durationMs: 1 } as const
  t.match(escalationAfter(open, known(chain.next('passageEnded', body, at))), { closedWhy: 'passageEnded' })
  const gone = closed(open, 'x', 1)
  t.equal(escalationAfter(gone, known(ended)), gone, 'closed once is closed')
  t.equal(escalationAfter(open, known(opening)), open, 'other events are not its business')
  t.end()
})
