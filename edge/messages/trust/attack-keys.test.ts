import t from 'tap'
import { trustedLists } from './judge.js'
import { signRecord } from './signatures.js'
import {
  day,
  delegationRecord,
  enrolled,
  judge,
  keys,
  keysOf,
  later,
  message,
  newKey,
  nowMs,
  rootRecord,
  said,
  signedRoot,
  stepMax,
  trusting,
  type TestKey,
} from './testing/site.js'

const [a, b, c] = keys.root
const d = newKey()

/** The next root: key a goes, key d comes. */
const rotated = (changes: Parameters<typeof rootRecord>[0] = {}) =>
  rootRecord({
    version: 2,
    issuedAt: nowMs - day,
    keys: keysOf(b, c, d, keys.delegation),
    roles: {
      root: { keyIds: [b.keyId, c.keyId, d.keyId], threshold: 2 },
      delegation: { keyIds: [keys.delegation.keyId], threshold: 1 },
    },
    ...changes,
  })

/** A delegation in which one online role has another key. */
const withKey = (role: 'timestamp' | 'snapshot' | 'hold', key: TestKey, version = 2) => {
  const { [keys[role].keyId]: _gone, ...rest } = delegationRecord().keys
  return {
    version,
    issuedAt: nowMs,
    keys: { ...rest, ...keysOf(key) },
    roles: { ...delegationRecord().roles, [role]: { keyIds: [key.keyId], threshold: 1 } },
  }
}

t.test('wrong key: a stranger signs, and each record says so', (t) => {
  const state = trusting()
  const by = [keys.stranger]
  t.equal(said(judge(state, later({ timestampBy: by }))), 'wrongKey of timestamp')
  t.equal(said(judge(state, later({ snapshot: { version: 101 }, snapshotBy: by }))), 'wrongKey of snapshot')
  t.equal(
    said(judge(state, later({ delegation: { version: 2 }, delegationBy: by }))),
    'wrongKey of delegation',
  )
  t.equal(
    said(judge(state, later({ roots: [signedRoot(rotated(), [keys.stranger, newKey()])] }))),
    'wrongKey of root',
  )
  t.end()
})

t.test('wrong key: each online key signs its own record and no other', (t) => {
  const state = trusting()
  t.equal(said(judge(state, later({ timestampBy: [keys.snapshot] }))), 'wrongKey of timestamp')
  t.equal(
    said(judge(state, later({ snapshot: { version: 101 }, snapshotBy: [keys.timestamp] }))),
    'wrongKey of snapshot',
  )
  t.equal(
    said(judge(state, later({ delegation: { version: 2 }, delegationBy: [keys.snapshot] }))),
    'wrongKey of delegation',
  )
  t.end()
})

t.test("forged: a key's name over somebody else's signature is refused", (t) => {
  const forged = later({ timestampBy: [{ ...keys.stranger, publicKey: keys.timestamp.publicKey }] })
  t.equal(said(judge(trusting(), forged)), 'badSignature of timestamp')
  t.end()
})

t.test('too few signatures: one key that signs twice is one key', (t) => {
  const twice = signedRoot(rotated(), [b, b])
  t.equal(said(judge(trusting(), later({ roots: [twice] }))), 'tooFewSignatures of root')
  t.end()
})

t.test('signatures of others beside the right ones do no harm', (t) => {
  t.equal(said(judge(trusting(), later({ timestampBy: [keys.stranger, keys.timestamp] }))), 'taken')
  t.end()
})

t.test('root chain: signed by old and new keys it is taken, and what it delegates goes on', (t) => {
  const next = judge(trusting(), later({ roots: [signedRoot(rotated(), [b, c])] }))
  t.equal(said(next), 'taken')
  t.equal(next.state.root.signed.version, 2)
  t.ok(next.state.revoked.includes(a.keyId))
  t.end()
})

t.test('root chain: new keys alone cannot make themselves root', (t) => {
  const e = newKey()
  const seized = rotated({
    keys: keysOf(d, e, keys.delegation),
    roles: {
      root: { keyIds: [d.keyId, e.keyId], threshold: 2 },
      delegation: { keyIds: [keys.delegation.keyId], threshold: 1 },
    },
  })
  t.equal(said(judge(trusting(), later({ roots: [signedRoot(seized, [d, e])] }))), 'wrongKey of root')
  t.equal(
    said(judge(trusting(), later({ roots: [signedRoot(seized, [a, d, e])] }))),
    'tooFewSignatures of root',
  )
  t.equal(
    said(judge(trusting(), later({ roots: [signedRoot(seized, [a, b])] }))),
    'wrongKey of root',
    'old keys alone neither',
  )
  t.end()
})

t.test('root chain: an edge that was away takes two links at once, and none that jumps', (t) => {
  const e = newKey()
  const third = rotated({
    version: 3,
    keys: keysOf(c, d, e, keys.delegation),
    roles: {
      root: { keyIds: [c.keyId, d.keyId, e.keyId], threshold: 2 },
      delegation: { keyIds: [keys.delegation.keyId], threshold: 1 },
    },
  })
  const [two, three] = [signedRoot(rotated(), [b, c]), signedRoot(third, [c, d])]
  const both = judge(trusting(), later({ roots: [two, three] }))
  t.equal(said(both), 'taken')
  t.equal(both.state.root.signed.version, 3)
  t.equal(said(judge(trusting(), later({ roots: [three] }))), 'rootGap of root')
  t.end()
})

t.test('root chain: an older root changes nothing, and another one of the same version is refused', (t) => {
  const { state } = judge(trusting(), later({ roots: [signedRoot(rotated(), [b, c])] }))
  const again = later({ roots: [signedRoot()], timestamp: { version: 1_002 } })
  t.equal(judge(state, again).state.root.signed.version, 2)
  const other = signedRoot(rotated({ expiresAt: nowMs + 10 * day }), [b, c])
  t.equal(said(judge(state, later({ roots: [other] }))), 'sameVersionOtherContent of root')
  t.end()
})

t.test('expired root: nothing below it counts any more, and the next root mends it', (t) => {
  const atMs = nowMs + 366 * day
  const fresh = later({ delegation: { version: 2, expiresAt: atMs + day } }, 366 * day)
  t.equal(said(judge(trusting(), fresh, atMs)), 'rootExpired of root')
  const mended = {
    ...fresh,
    roots: [signedRoot(rotated({ issuedAt: atMs - day, expiresAt: atMs + 365 * day }), [b, c])],
    snapshot: message().snapshot,
  }
  t.equal(said(judge(trusting(), mended, atMs)), 'snapshotExpired of snapshot', 'past root and delegation')
  t.end()
})

t.test('expired delegation: its keys sign nothing any more', (t) => {
  const atMs = nowMs + 91 * day
  t.equal(said(judge(trusting(), later({}, 91 * day), atMs)), 'delegationExpired of delegation')
  t.end()
})

t.test('revoked key: a stolen timestamp key that was replaced signs nothing any more', (t) => {
  const fresh = newKey()
  const mended = judge(trusting(), later({ delegation: withKey('timestamp', fresh), timestampBy: [fresh] }))
  t.equal(said(mended), 'taken')
  const stolen = later({ delegation: withKey('timestamp', fresh), timestamp: { version: 2_000 } })
  t.equal(said(judge(mended.state, stolen)), 'revokedKey of timestamp')
  t.end()
})

t.test('revoked key: the delegation that named the stolen key cannot come back', (t) => {
  const fresh = newKey()
  const mended = judge(trusting(), later({ delegation: withKey('timestamp', fresh), timestampBy: [fresh] }))
  t.equal(
    said(judge(mended.state, later({ timestamp: { version: 2_000 } }))),
    'delegationRollback of delegation',
  )
  t.end()
})

t.test('revoked key: a root that takes the delegation key away voids what it delegated', (t) => {
  const other = newKey()
  const roles = { ...rotated().roles, delegation: { keyIds: [other.keyId], threshold: 1 } }
  const root = signedRoot(rotated({ keys: keysOf(b, c, d, other), roles }), [b, c])
  const judged = judge(trusting(), later({ roots: [root] }))
  t.equal(said(judged), 'revokedKey of delegation')
  t.equal(trustedLists(judged.state), null, 'and no list is believed on its word')
  const mended = judge(
    judged.state,
    later({ roots: [root], delegation: { version: 2 }, delegationBy: [other] }),
  )
  t.equal(said(mended), 'taken')
  t.end()
})

t.test('fast-forward recovery: a replaced key takes the versions that it drove up with it', (t) => {
  const driven = judge(
    trusting(),
    later({
      snapshot: { version: 100 + stepMax },
      timestamp: { version: 1_000 + stepMax, signedTime: nowMs + day },
    }),
    nowMs,
  )
  t.match(said(driven), /taken|signedTimeTooFar/)
  const leap = judge(trusting(), later({ timestamp: { version: 1_000 + stepMax } }))
  t.equal(said(leap), 'taken', 'a stolen key may go as far as one step')
  t.equal(
    said(judge(leap.state, later({}, 30_000))),
    'timestampRollback of timestamp',
    'which locks the gateway out',
  )
  const fresh = newKey()
  const mended = later({ delegation: withKey('timestamp', fresh), timestampBy: [fresh] }, 30_000)
  t.equal(said(judge(leap.state, mended)), 'taken', 'until the key is replaced')
  t.end()
})

t.test('fast-forward recovery opens no door: what was signed before the new delegation stays out', (t) => {
  const fresh = newKey()
  const old = later({
    delegation: withKey('snapshot', fresh),
    snapshot: { version: 101 },
    snapshotBy: [fresh],
    timestamp: { signedTime: nowMs - 1 },
  })
  t.equal(said(judge(trusting(), old)), 'signedTimeBack of timestamp')
  t.end()
})

t.test('a key serves one role: an online key cannot be named to lift holds', (t) => {
  const { roles } = delegationRecord()
  const both = { ...roles, lift: { keyIds: [keys.hold.keyId, keys.anna.keyId], threshold: 2 as const } }
  t.equal(said(judge(trusting(), later({ delegation: { version: 2, roles: both } }))), 'malformed of message')
  t.end()
})

t.test('a key whose name is not its own, or a lifting key without a person, is malformed', (t) => {
  const { roles, keys: held } = delegationRecord()
  const misnamed = { ...held, [keys.timestamp.keyId]: { publicKey: keys.stranger.publicKey } }
  t.equal(
    said(judge(trusting(), later({ delegation: { version: 2, keys: misnamed } }))),
    'malformed of message',
  )
  const nameless = { ...held, [keys.anna.keyId]: { publicKey: keys.anna.publicKey } }
  t.equal(
    said(judge(trusting(), later({ delegation: { version: 2, keys: nameless, roles } }))),
    'malformed of message',
  )
  t.end()
})

t.test('a lift role of one person is malformed: two is the least', (t) => {
  const roles = { ...delegationRecord().roles, lift: { keyIds: [keys.anna.keyId], threshold: 1 } }
  const raw = { ...message(), delegation: signRecord({ ...delegationRecord(), roles }, [keys.delegation]) }
  t.equal(said(judge(enrolled(), raw)), 'malformed of message')
  t.end()
})
