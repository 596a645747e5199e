import t from 'tap'
import { day, judge, later, message, minute, nowMs, said, stepMax, trusting } from './testing/site.js'

/** Rollback, freeze and fast-forward: an attacker who stands between gateway and edge, or holds an online key. */
t.test('rollback attack: an older timestamp with a good signature is refused', (t) => {
  const old = message({ timestamp: { version: 999 } })
  t.equal(said(judge(trusting(), old)), 'timestampRollback of timestamp')
  t.end()
})

t.test('rollback attack: a new timestamp that names an older snapshot is refused', (t) => {
  const back = later({ snapshot: { version: 99 } })
  t.equal(said(judge(trusting(), back)), 'snapshotRollback of timestamp')
  t.end()
})

t.test('rollback attack: the snapshot that a refused message named still counts as seen', (t) => {
  const state = trusting()
  const announced = later({ snapshot: { version: 200 }, snapshotBy: [] as never })
  const half = judge(state, { ...announced, snapshot: message().snapshot })
  t.equal(said(half), 'snapshotNotNamed of snapshot')
  const back = later({
    snapshot: { version: 150 },
    timestamp: { version: 1_002, signedTime: nowMs + 20_000 },
  })
  t.equal(said(judge(half.state, back)), 'snapshotRollback of timestamp')
  t.end()
})

t.test('rollback attack: an older version of one list under a newer snapshot is refused', (t) => {
  const state = trusting({ lists: { tags: { version: 9 } } })
  const back = later({ snapshot: { version: 101 }, lists: { tags: { version: 8 } } })
  t.equal(said(judge(state, back)), 'listRollback of tags')
  t.end()
})

t.test('rollback attack: an older delegation, whose keys were replaced since, is refused', (t) => {
  const state = trusting({ delegation: { version: 5 } })
  t.equal(said(judge(state, later({ delegation: { version: 4 } }))), 'delegationRollback of delegation')
  t.end()
})

t.test('rollback attack: signed time that goes back is refused under a higher version', (t) => {
  const back = later({ timestamp: { version: 1_001, signedTime: nowMs - 1 } })
  t.equal(said(judge(trusting(), back)), 'signedTimeBack of timestamp')
  t.end()
})

t.test('freeze attack: a timestamp past its end is refused, however good its signature', (t) => {
  const frozen = message()
  t.equal(said(judge(trusting(), frozen, nowMs + 10 * minute)), 'taken', 'to its last millisecond it counts')
  t.equal(said(judge(trusting(), frozen, nowMs + 10 * minute + 1)), 'timestampExpired of timestamp')
  t.end()
})

t.test('freeze attack: a clock that was set back does not make an old timestamp good', (t) => {
  const state = judge(trusting(), later({}, day)).state
  const stale = later({ timestamp: { version: 1_002, signedTime: nowMs + day, expiresAt: nowMs + day - 1 } })
  t.match(said(judge(state, stale, nowMs - 365 * day)), /^(timestampExpired|signedTimeTooFar) of timestamp$/)
  const ended = later({ delegation: { version: 2, expiresAt: nowMs + day - 1 } })
  t.equal(said(judge(state, ended, nowMs - 365 * day)), 'delegationExpired of delegation')
  t.end()
})

t.test('freeze attack: a snapshot past its end is refused under a fresh timestamp', (t) => {
  const atMs = nowMs + 8 * day
  t.equal(said(judge(trusting(), later({}, 8 * day), atMs)), 'snapshotExpired of snapshot')
  t.end()
})

t.test('fast-forward attack: a timestamp whose version leaps is refused', (t) => {
  const leap = (by: number) => later({ timestamp: { version: 1_000 + by, signedTime: nowMs + 1 } })
  t.equal(said(judge(trusting(), leap(stepMax))), 'taken')
  t.equal(said(judge(trusting(), leap(stepMax + 1))), 'versionTooFar of timestamp')
  const last = later({ timestamp: { version: Number.MAX_SAFE_INTEGER } })
  t.equal(said(judge(trusting(), last)), 'versionTooFar of timestamp')
  t.end()
})

t.test('fast-forward attack: a snapshot whose version leaps is refused', (t) => {
  t.equal(
    said(judge(trusting(), later({ snapshot: { version: 101 + stepMax } }))),
    'versionTooFar of snapshot',
  )
  t.end()
})

t.test('fast-forward attack: a list whose version leaps is refused', (t) => {
  const leap = later({ snapshot: { version: 101 }, lists: { tags: { version: 10_000_002 } } })
  t.equal(said(judge(trusting(), leap)), 'versionTooFar of tags')
  t.end()
})

t.test('fast-forward attack: a delegation whose version leaps is refused', (t) => {
  t.equal(said(judge(trusting(), later({ delegation: { version: 1_002 } }))), 'versionTooFar of delegation')
  t.end()
})

t.test('fast-forward attack: a signed time beyond the end of those who sign it is refused', (t) => {
  const far = later({ timestamp: { signedTime: nowMs + 91 * day, expiresAt: nowMs + 92 * day } })
  t.equal(said(judge(trusting(), far)), 'signedTimeTooFar of timestamp')
  t.end()
})
