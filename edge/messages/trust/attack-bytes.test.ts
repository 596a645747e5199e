import fc from 'fast-check'
import t from 'tap'
import { canonicalJson } from '../../base/canonical.js'
import { trustBounds } from './bounds.js'
import { judgeTrust } from './judge.js'
import { enrolled, judge, later, message, nowMs, said, trusting } from './testing/site.js'

/** Damage on the way, by accident or not: whatever the bytes are, the edge answers and believes nothing new. */
const seed = 20_261
const honest = JSON.stringify(later({ snapshot: { version: 101 } }))
const state = trusting()
const valueOf = (record: { readonly signed: unknown } | null): string => canonicalJson(record?.signed ?? null)

t.test('truncation: a message that was cut anywhere is refused', (t) => {
  for (let length = 0; length < honest.length; length += 7)
    t.equal(said(judgeTrust(state, honest.slice(0, length), nowMs)), 'malformed of message', `${length}`)
  t.end()
})

t.test('endless data: what is longer than allowed is not even read', (t) => {
  const endless = `${honest.slice(0, -1)}${' '.repeat(trustBounds.messageMaxBytes)}}`
  t.equal(said(judgeTrust(state, endless, nowMs)), 'tooLarge of message')
  t.equal(
    said(judgeTrust(state, new Uint8Array(trustBounds.messageMaxBytes + 1), nowMs)),
    'tooLarge of message',
  )
  t.end()
})

t.test('endless data: brackets nested as deep as fit do not bring the edge down', (t) => {
  const deep = '['.repeat(90_000) + ']'.repeat(90_000)
  t.equal(said(judgeTrust(state, deep, nowMs)), 'malformed of message')
  const inside = honest.replace('"v":1', `"v":1,"x":${deep}`)
  t.equal(said(judgeTrust(state, inside, nowMs)), 'malformed of message')
  t.end()
})

t.test('more signatures, keys or roots than allowed are refused before any is checked', (t) => {
  const said1 = message()
  const [one] = said1.timestamp.signatures
  const many = {
    ...said1,
    timestamp: { ...said1.timestamp, signatures: Array.from({ length: 17 }, () => one) },
  }
  t.equal(said(judge(enrolled(), many)), 'malformed of message')
  const roots = Array.from({ length: trustBounds.rootsPerMessage + 1 }, () => enrolled().root)
  t.equal(said(judge(enrolled(), { ...said1, roots })), 'malformed of message')
  t.end()
})

t.test('a member that no schema knows is refused, not passed over', (t) => {
  const { timestamp } = message()
  const extra = { ...message(), timestamp: { ...timestamp, signed: { ...timestamp.signed, valid: true } } }
  t.equal(said(judge(enrolled(), extra)), 'malformed of message')
  t.end()
})

t.test('forged: whichever byte of a message is changed, nothing changed is believed', (t) => {
  t.comment(`seed ${seed}`)
  const text = JSON.stringify(state)
  const next = later({ snapshot: { version: 101 } })
  const before = [state.delegation, state.timestamp, state.snapshot].map(valueOf)
  const sent = [next.delegation, next.timestamp, next.snapshot].map(valueOf)
  fc.assert(
    fc.property(fc.nat(honest.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const bytes = new TextEncoder().encode(honest)
      bytes[at] = (bytes[at] ?? 0) ^ by
      const judged = judgeTrust(state, bytes, nowMs)
      // A spare bit of base64 may be changed and leave the same signature; then, and only then, it is taken.
      const values = [judged.state.delegation, judged.state.timestamp, judged.state.snapshot].map(valueOf)
      const taken = judged.refusal === null
      return (
        values.every((value, index) => value === before[index] || value === sent[index]) &&
        taken === (values[2] === sent[2])
      )
    }),
    { seed, numRuns: 1_500 },
  )
  t.equal(JSON.stringify(state), text, 'and what was believed before is untouched')
  t.end()
})

t.test('whatever arrives, the judgement answers and the floors never fall', (t) => {
  t.comment(`seed ${seed}`)
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string(), fc.uint8Array({ maxLength: 400 })), (bytes) => {
      const judged = judgeTrust(state, bytes, nowMs)
      return judged.refusal !== null && judged.state === state
    }),
    { seed, numRuns: 1_000 },
  )
  t.end()
})
