import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t, { type Test } from 'tap'
import { systemClock } from '../base/clock.js'
import type { FaultChange, FaultCode } from '../base/fault.js'
import { silentLogger } from '../base/log.js'
import { systemRandom } from '../base/random.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import type { ListHead } from '../messages/down.js'
import { trustTopic } from '../messages/topics.js'
import type { Root, Signed, TrustMessage } from '../messages/trust/records.js'
import { day, keys, message, minute, rootRecord, signedRoot } from '../messages/trust/testing/site.js'
import { headOf, order } from '../store/testing/list.contract.js'
import { openTestStore } from '../store/testing/opener.js'
import { fixed, testAuthority } from '../../gateway/authority/testing/authority.js'
import { provenLists } from './proven-lists.js'
import { openRootedUplink } from './rooted.js'
import { eventually } from './testing/edge.js'
import { edgeId, site, TestGateway } from './testing/gateway.js'
import { openEdgeTrust, type EdgeTrustPlace } from './trust-file.js'

// The floor of time is when the program was built, so that these records are of now.
const nowMs = Math.round(systemClock.now().wallMs)
const life = { issuedAt: nowMs - day, expiresAt: nowMs + 30 * day }
const root = signedRoot(rootRecord(life))
const entries = [order('O1', 'E1')]
const waits = { firstMs: 20, factor: 1.5, maxMs: 100, jitter: 0.5 }

function proof(): TrustMessage {
  const { count, contentHash } = headOf('orders', 1, entries)
  const empty = { version: 1, count: 0, contentHash: headOf('orders', 1, []).contentHash }
  return message({
    delegation: life,
    lists: { orders: { version: 1, count, contentHash }, blacklist: empty, tags: empty },
    snapshot: { issuedAt: nowMs - minute, expiresAt: nowMs + day },
    timestamp: { signedTime: nowMs, expiresAt: nowMs + day },
  })
}

/** A box before a gateway that names, serves and signs version 1 of the orders. */
async function box(
  t: Test,
  asked?: EdgeTrustPlace['trust'] | 'configured',
  enrolled?: Signed<Root>,
  signed: TrustMessage | null = proof(),
) {
  const dataDir = t.testdir({})
  const rootFile = path.join(dataDir, 'identity', 'root.json')
  mkdirSync(path.dirname(rootFile))
  const configured = path.join(dataDir, 'root.1.json')
  writeFileSync(configured, JSON.stringify(root))
  const trust = asked === 'configured' ? { rootFile: configured } : asked
  if (enrolled) writeFileSync(rootFile, JSON.stringify(enrolled))
  const gateway = new TestGateway()
  await gateway.start()
  gateway.listRoute = (_request, response, url) => {
    if (!url.pathname.includes('/orders/full')) return void response.writeHead(404).end()
    const lines = [headOf('orders', 1, entries), ...entries]
    response.end(lines.map((one) => `${JSON.stringify(one)}\n`).join(''))
  }
  gateway.head('orders', headOf('orders', 1, entries))
  if (signed) gateway.publish(trustTopic(site), JSON.stringify(signed), true)
  const store = await openTestStore(dataDir, new MemoryControl())
  gateway.epoch = store.journal.epoch
  const faults: FaultChange[] = []
  const listeners = new Set<() => void>()
  const { identityOf } = await testAuthority()
  const uplink = await openRootedUplink(
    { ...(trust && { trust }), dataDir, site },
    {
      ...{ site, edgeId, mqttUrl: gateway.mqttUrl, httpUrl: gateway.httpUrl, log: silentLogger },
      ...{ clock: systemClock, random: systemRandom, outbox: store.journal, lists: store.lists },
      identity: {
        ...fixed(await identityOf(edgeId)),
        rootFile,
        onChanged: (listener) => {
          listeners.add(listener)
          return () => listeners.delete(listener)
        },
      },
      onDownlink: () => undefined,
      onFault: (change) => faults.push(change),
      ...{ backoff: waits, refusedBackoff: waits },
    },
  )
  t.teardown(async () => {
    await uplink.close()
    await store.close()
    await gateway.close()
  })
  const stands = (code: FaultCode): boolean =>
    faults.filter((one) => one.code === code).at(-1)?.is === 'raised'
  return {
    ...{ dataDir, store, uplink, stands, faults },
    version: () => store.lists.inForce()[0]?.version,
    lanes: provenLists(store.lists, () => uplink.listsProven),
    enrol: (record: Signed<Root>) => {
      writeFileSync(rootFile, JSON.stringify(record))
      for (const listener of listeners) listener()
    },
  }
}

t.test(
  'a box without a root takes no list, and says so; enrolled while it runs, it takes those of its root',
  async (t) => {
    const b = await box(t)
    t.ok(await eventually(() => b.uplink.connected && b.uplink.counters.received > 0))
    t.ok(b.stands('controlList.noRoot'))
    t.equal(b.version(), undefined, 'although the gateway named one')
    t.equal(b.uplink.listsProven, false)
    b.enrol(root)
    t.ok(await eventually(() => b.version() === 1), 'proven now')
    t.notOk(b.stands('controlList.noRoot'))
    t.ok(b.uplink.listsProven)
  },
)

t.test(
  'what lies in the store counts for no release before its root has answered for it, and holds all the same',
  async (t) => {
    const b = await box(t, undefined, root, null)
    const head = headOf('orders', 1, entries)
    async function* all() {
      for (const one of entries) yield await Promise.resolve(one)
    }
    t.ok((await b.store.lists.applyFull(head, all())).ok, 'a list of an earlier program')
    t.equal(b.version(), 1)
    t.same(b.lanes.inForce(), [], 'no lane rests on it')
    t.match(b.lanes.ordersOn([{ kind: 'TAG', key: 'E1' }]), entries, 'and its orders hold')
  },
)

t.test('a box whose lists are there and both copies of what was proven are gone says so', async (t) => {
  const dataDir = t.testdir({ identity: {} })
  const enrolledRootFile = path.join(dataDir, 'identity', 'root.json')
  writeFileSync(enrolledRootFile, JSON.stringify(root))
  const copies = ['trust.json', 'trust-copy'].map((name) => path.join(dataDir, name))
  const opened = async (held: readonly ListHead[]) => {
    const lists = { inForce: () => held.map((head) => ({ ...head, confirmedAt: nowMs })) }
    const place = { dataDir, site, enrolledRootFile }
    const { trust, faults } = await openEdgeTrust(place, { log: silentLogger, lists })
    if (typeof trust === 'string') throw new Error(trust)
    return { trust, faults }
  }
  const head = headOf('orders', 1, entries)
  const first = await opened([])
  t.same(first.faults, [], 'a new box')
  await first.trust.keep(first.trust.state)
  const [one = '', other = ''] = copies
  rmSync(one)
  t.same((await opened([head])).faults, [], 'one of two is enough')
  rmSync(other, { recursive: true })
  const detail = /trust\.json and .*trust\.json are gone, and lists are here/
  t.match((await opened([head])).faults, [{ code: 'controlList.trustNotKept', detail }])
  t.same((await opened([])).faults, [])
})

t.test('the same list counts once the root has answered for it', async (t) => {
  const b = await box(t, undefined, root)
  t.ok(await eventually(() => b.lanes.inForce()[0]?.version === 1))
})

t.test(
  'a root of enrolment that is none, or of another site, is as good as none; the box starts all the same',
  async (t) => {
    const foreign = signedRoot(rootRecord({ ...life, site: 'site-2' }))
    for (const [what, bad] of Object.entries({ none: { ...root, signatures: [] }, foreign }))
      await t.test(what, async (t) => {
        const b = await box(t, undefined, bad)
        t.ok(b.stands('controlList.noRoot'))
        t.equal(b.uplink.listsProven, false)
      })
  },
)

t.test(
  'unsigned lists are taken only where the configuration says so, and a fault stands for it',
  async (t) => {
    const b = await box(t, { unsigned: true })
    t.ok(await eventually(() => b.version() === 1))
    t.ok(b.stands('controlList.unsigned'))
    t.ok(b.uplink.listsProven)
  },
)

t.test(
  'a root of the configuration counts before that of enrolment, and a difference is named',
  async (t) => {
    const next = rootRecord({ ...life, version: 2 })
    const others = { ...next.roles, root: { keyIds: [keys.root[2].keyId], threshold: 1 } }
    const cases: readonly [string, Signed<Root> | undefined, boolean][] = [
      ['there is none of enrolment', undefined, false],
      ['it is the same', root, false],
      ['it follows the configured one', signedRoot(next), false],
      [
        'another one under the same version',
        signedRoot(rootRecord({ ...life, issuedAt: nowMs - 2 * day })),
        true,
      ],
      ['a later one of other keys', signedRoot({ ...next, roles: others }, [keys.root[2]]), true],
      ['no root at all', { ...root, signatures: [] }, true],
    ]
    for (const [what, enrolled, differs] of cases)
      await t.test(what, async (t) => {
        const b = await box(t, 'configured', enrolled)
        t.equal(b.stands('controlList.rootDiffers'), differs)
        t.ok(await eventually(() => b.version() === 1), 'lists of the configured root come into force')
      })
  },
)

t.test(
  'a root of the configuration that was spoilt while the edge runs is said, and the uplink under the good one stays',
  async (t) => {
    const b = await box(t, 'configured', root)
    t.ok(await eventually(() => b.version() === 1 && b.uplink.connected))
    writeFileSync(path.join(b.dataDir, 'root.1.json'), '{}')
    b.enrol(signedRoot(rootRecord({ ...life, version: 2 })))
    t.ok(await eventually(() => b.stands('controlList.rootDiffers')))
    t.ok(await eventually(() => b.uplink.connected), 'it comes back, as after any change of the identity')
  },
)
