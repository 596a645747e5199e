import t from 'tap'
import { hashOf } from '../../edge/base/hash.js'
import { EventChain } from '../testing/chain.js'
import { hashOfEvent, judge } from './judge.js'

const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
const event = () =>
  new EventChain('edge-1').next('laneMode', { from: null, to: 'AUTO', cause: 'start', by: null })

t.test('an event of its edge with its own hash is an event', (t) => {
  const sent = event()
  t.match(judge('edge-1', bytes(sent)), { is: 'event', known: { type: 'laneMode', body: { to: 'AUTO' } } })
  const { sentAt: _sentAt, hash, ...envelope } = sent
  t.equal(hash, hashOf(envelope), 'the hash covers all but itself and sentAt')
  t.equal(hashOfEvent({ ...sent, sentAt: 1 }), hash, 'sending it again changes nothing')
  t.end()
})

const place = { epoch: 'e1', sequence: 1 }
const poison: readonly [name: string, payload: unknown, expected: object][] = [
  ['noise is poison without a place', 'half a mess{', { why: 'notJson', place: null }],
  ['another version is refused and keeps its place', { ...event(), v: 2 }, { why: 'otherVersion', place }],
  [
    'an unknown member is refused and keeps its place',
    { ...event(), extra: 1 },
    { why: 'notAnEvent', place },
  ],
  [
    'a changed body shows in the hash',
    { ...event(), body: { to: 'CLOSED' } },
    { why: 'hashMismatch', place },
  ],
  ['a changed time shows in the hash', { ...event(), occurredAt: 1 }, { why: 'hashMismatch', place }],
  [
    'an event in the name of another edge has no place',
    { ...event(), edgeId: 'edge-2' },
    { why: 'otherEdge', place: null },
  ],
  ['a sequence of 0 is no place', { ...event(), sequence: 0 }, { why: 'notAnEvent', place: null }],
  ['a sequence past 2^53 is no place', { ...event(), sequence: 2 ** 53 }, { why: 'notAnEvent', place: null }],
  ['a list is no event', [], { why: 'notAnEvent', place: null }],
  ['null is no event', null, { why: 'notAnEvent', place: null }],
]

for (const [name, payload, expected] of poison) {
  t.test(name, (t) => {
    const judgement = judge('edge-1', bytes(payload))
    t.match(judgement, { is: 'poison', ...expected })
    if (judgement.is === 'poison') t.same(Buffer.from(judgement.bytes), bytes(payload), 'the bytes are kept')
    t.end()
  })
}

t.test('a type or body that the gateway does not know is still an event', (t) => {
  const chain = new EventChain('edge-1')
  t.match(judge('edge-1', bytes(chain.any('weighed', { kg: 1 }))), { is: 'event', known: null })
  t.match(judge('edge-1', bytes(chain.any('laneMode', { to: 'SIDEWAYS' }))), { is: 'event', known: null })
  t.match(judge('edge-1', bytes(chain.any('constructor', {}))), { is: 'event', known: null })
  t.end()
})
