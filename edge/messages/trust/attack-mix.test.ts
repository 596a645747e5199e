import t from 'tap'
import { trustedLists } from './judge.js'
import { contentHash, judge, keys, later, message, nowMs, said, trusting } from './testing/site.js'

/** Mix-and-match: parts that are each good, and do not belong together. */
t.test(
  'mix-and-match attack: the snapshot of another hour under the timestamp of this one is refused',
  (t) => {
    const mixed = { ...later({ snapshot: { version: 101 } }), snapshot: message().snapshot }
    const judged = judge(trusting(), mixed)
    t.equal(said(judged), 'snapshotNotNamed of snapshot')
    t.equal(
      trustedLists(judged.state),
      null,
      'and until the right one comes no list is said to be the newest',
    )
    t.end()
  },
)

t.test('mix-and-match attack: a snapshot with one list exchanged is not the one that was named', (t) => {
  const honest = later({ snapshot: { version: 101 } })
  const other = later({ snapshot: { version: 101 }, lists: { tags: { version: 2 } } })
  t.equal(said(judge(trusting(), { ...honest, snapshot: other.snapshot })), 'snapshotNotNamed of snapshot')
  t.end()
})

t.test('mix-and-match attack: another timestamp under a version that was seen is refused', (t) => {
  const other = message({ timestamp: { signedTime: nowMs + 1 } })
  t.equal(said(judge(trusting(), other)), 'sameVersionOtherContent of timestamp')
  t.end()
})

t.test('mix-and-match attack: another snapshot under a version that was seen is refused', (t) => {
  t.equal(
    said(judge(trusting(), later({ lists: { tags: { version: 2 } } }))),
    'sameVersionOtherContent of snapshot',
  )
  t.end()
})

t.test('mix-and-match attack: another content under the same version of a list is refused', (t) => {
  const other = later({
    snapshot: { version: 101 },
    lists: { tags: { version: 1, contentHash: contentHash('f') } },
  })
  t.equal(said(judge(trusting(), other)), 'sameVersionOtherContent of tags')
  const fewer = later({ snapshot: { version: 101 }, lists: { tags: { version: 1, count: 9 } } })
  t.equal(said(judge(trusting(), fewer)), 'sameVersionOtherContent of tags')
  t.end()
})

t.test('mix-and-match attack: another delegation under a version that was seen is refused', (t) => {
  const other = later({ delegation: { expiresAt: nowMs + 1e9 } })
  t.equal(said(judge(trusting(), other)), 'sameVersionOtherContent of delegation')
  t.end()
})

t.test(
  'a list that was named and is named no more is refused: a missing list must not read as an empty one',
  (t) => {
    const state = trusting({ lists: { drivers: { version: 3 } } })
    t.equal(said(judge(state, later({ snapshot: { version: 101 } }))), 'listVanished of drivers')
    t.end()
  },
)

t.test('a snapshot without orders or without blacklist proves no release', (t) => {
  const { state } = judge(trusting(), later())
  const { lists } = message().snapshot.signed
  const { orders: _orders, ...rest } = lists
  t.equal(
    said(judge(state, later({ snapshot: { version: 101, lists: rest }, timestamp: { version: 1_002 } }))),
    'listVanished of orders',
  )
  t.end()
})

t.test('foreign site: the records of another port are refused, whichever of the four it is', (t) => {
  const foreign = { site: 'port-2' }
  t.equal(said(judge(trusting(), later({ timestamp: foreign }))), 'foreignSite of timestamp')
  t.equal(
    said(judge(trusting(), later({ snapshot: { ...foreign, version: 101 } }))),
    'foreignSite of snapshot',
  )
  t.equal(
    said(judge(trusting(), later({ delegation: { ...foreign, version: 2 } }))),
    'foreignSite of delegation',
  )
  t.end()
})

t.test('foreign site: the hold key of this port over the list of another signs nothing here', (t) => {
  const state = trusting()
  const next = later({ snapshot: { version: 101 }, lists: { orders: { version: 2 } } })
  const { orders, blacklist } = next.snapshot.signed.lists
  t.ok(orders?.hold && blacklist?.hold)
  const swapped = {
    snapshot: {
      version: 101,
      lists: { ...next.snapshot.signed.lists, orders: { ...orders!, hold: blacklist!.hold! } },
    },
  }
  t.equal(said(judge(state, later(swapped))), 'badSignature of orders')
  t.end()
})

t.test('a snapshot key alone adds no order: the list of holds needs the hold key as well', (t) => {
  const asked = { snapshot: { version: 101 }, lists: { orders: { version: 2 } } }
  t.equal(said(judge(trusting(), later({ ...asked, holdBy: keys.stranger }))), 'wrongKey of orders')
  t.equal(said(judge(trusting(), later({ ...asked, holdBy: keys.snapshot }))), 'wrongKey of orders')
  const { orders } = later(asked).snapshot.signed.lists
  const { hold: _hold, ...bare } = orders!
  const lists = { ...later(asked).snapshot.signed.lists, orders: bare }
  t.equal(said(judge(trusting(), later({ snapshot: { version: 101, lists } }))), 'tooFewSignatures of orders')
  t.end()
})
