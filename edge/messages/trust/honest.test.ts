import t from 'tap'
import { trustedLists } from './judge.js'
import {
  enrolled,
  judge,
  keys,
  later,
  message,
  newKey,
  nowMs,
  said,
  signedRoot,
  trusting,
} from './testing/site.js'
import { firstTrust, newerTrust, reviveTrust } from './state.js'

t.test('an edge that knows only its root takes an honest message whole, and names its lists', (t) => {
  const taken = judge(enrolled(), message())
  t.equal(said(taken), 'taken')
  t.equal(taken.isFresh, true)
  t.strictSame(Object.keys(trustedLists(taken.state) ?? {}), ['orders', 'blacklist', 'tags'])
  t.equal(taken.state.timeFloor, nowMs, 'the signed time is the floor from now on')
  t.equal(trustedLists(enrolled()), null, 'before it no list is to be believed')
  t.end()
})

t.test('the same message again is no fault, and no proof that the gateway is still there', (t) => {
  const again = judge(trusting(), message())
  t.equal(said(again), 'taken')
  t.equal(again.isFresh, false)
  t.end()
})

t.test('a newer timestamp over the same lists is fresh and changes no list', (t) => {
  const state = trusting()
  const next = judge(state, later())
  t.equal(said(next), 'taken')
  t.equal(next.isFresh, true)
  t.equal(next.state.snapshot, state.snapshot)
  t.end()
})

t.test('lists go forward, and a new list may join', (t) => {
  const lists = { orders: { version: 7 }, drivers: { version: 1 } }
  const next = judge(trusting(), later({ snapshot: { version: 101 }, lists }))
  t.equal(said(next), 'taken')
  t.equal(trustedLists(next.state)?.orders?.version, 7)
  t.end()
})

t.test('an edge that was away for a month goes on by the same keys', (t) => {
  const month = 30 * 86_400_000
  const back = later(
    { snapshot: { version: 2_600_000, issuedAt: nowMs + month, expiresAt: nowMs + 2 * month } },
    month,
  )
  t.equal(said(judge(trusting(), back, nowMs + month)), 'taken')
  t.end()
})

t.test('what was kept is checked like a message before it counts again', (t) => {
  const state = trusting()
  t.same(reviveTrust(JSON.stringify(state), 'site-1'), { ok: true, value: state })
  t.notOk(reviveTrust(JSON.stringify(state), 'port-2').ok, 'of another site')
  t.notOk(reviveTrust(JSON.stringify(state).slice(0, -20), 'site-1').ok, 'torn')
  const { snapshot } = state
  const forged = {
    ...state,
    snapshot: snapshot && { ...snapshot, signed: { ...snapshot.signed, version: 5 } },
  }
  t.notOk(reviveTrust(JSON.stringify(forged), 'site-1').ok, 'edited')
  t.notOk(reviveTrust(JSON.stringify({ ...state, delegation: null }), 'site-1').ok, 'with a hole')
  t.end()
})

t.test('losing one of the two copies takes nothing back', (t) => {
  const old = trusting()
  const now = judge(old, later({ snapshot: { version: 101 } })).state
  t.equal(newerTrust(old, now).snapshot?.signed.version, 101)
  t.equal(newerTrust(now, old).snapshot?.signed.version, 101)
  t.equal(
    newerTrust({ ...old, timeFloor: nowMs + 1e9 }, now).timeFloor,
    nowMs + 1e9,
    'the later time of both',
  )
  t.end()
})

t.test('the first root must be of this site and signed by its own keys', (t) => {
  const first = (record: unknown, site = 'site-1') => firstTrust(JSON.stringify(record), site, 0)
  t.ok(first(signedRoot()).ok)
  t.notOk(first(signedRoot(), 'port-2').ok)
  t.notOk(first(signedRoot(undefined, keys.root.slice(0, 1))).ok, 'one signature of two')
  t.notOk(first(signedRoot(undefined, [newKey(), newKey()])).ok, 'strangers')
  t.equal(firstTrust(JSON.stringify(signedRoot()), 'site-1', nowMs).ok && true, true)
  t.end()
})

t.test('no clock counts as earlier than when the program was built', (t) => {
  const first = firstTrust(JSON.stringify(signedRoot()), 'site-1', nowMs + 1)
  t.ok(first.ok)
  if (first.ok) t.equal(said(judge(first.value, message())), 'signedTimeBack of timestamp')
  t.end()
})
