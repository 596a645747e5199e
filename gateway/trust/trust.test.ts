import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, readFileSync, readdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t, { type Test } from 'tap'
import { ManualClock, systemClock } from '../../edge/base/clock.js'
import type { FaultChange } from '../../edge/base/fault.js'
import { silentLogger } from '../../edge/base/log.js'
import { nextRoot, rotateOnline } from '../../edge/cli/keys-change.js'
import { delegate, initKeys } from '../../edge/cli/keys-make.js'
import { enrol } from '../../edge/enrol/enrol.js'
import { rootFile } from '../../edge/enrol/files.js'
import { listHeadSchema, type ListHead } from '../../edge/messages/down.js'
import { parseToken } from '../../edge/messages/enrol.js'
import { judgeTrust, trustedLists } from '../../edge/messages/trust/judge.js'
import { trustMessageSchema, type TrustMessage } from '../../edge/messages/trust/records.js'
import { trustTopic } from '../../edge/messages/topics.js'
import { firstTrust, type TrustState } from '../../edge/messages/trust/state.js'
import type { Heard } from '../testing/edge-client.js'
import { folderOf, site, startIn } from '../testing/gateway-under-test.js'
import { makeSigning } from '../testing/signed.js'
import { readAuthority } from './authority.js'
import { trustConfigSchema } from './config.js'
import { TrustPublisher } from './publisher.js'

const nowMs = 1_790_000_000_000
const day = 86_400_000
const head = (list: ListHead['list'], version: number): ListHead => ({
  v: listHeadSchema.shape.v.value,
  list,
  version,
  count: version,
  contentHash: `${version}`.padStart(64, '0'),
  publishedAt: nowMs,
})

function keysIn(t: Test) {
  const dir = path.join(t.testdir({ data: {} }), 'keys')
  const asked = { dir, offline: [], days: 100, nowMs: nowMs - day }
  initKeys({ ...asked, site, rootKeys: 2, rootThreshold: 2, rootDays: 400 })
  const config = trustConfigSchema.parse({
    recordsDir: path.join(dir, 'records'),
    keysDir: path.join(dir, 'online'),
  })
  return { dir, asked, config, dataDir: path.join(path.dirname(dir), 'data') }
}

/** A publisher on a clock that stands, and an edge that was given the first root. */
async function bench(t: Test, keys = keysIn(t)) {
  const clock = new ManualClock(nowMs)
  const heads: ListHead[] = [head('orders', 1), head('blacklist', 1), head('tags', 1)]
  const said: TrustMessage[] = []
  const audiences: (readonly string[] | undefined)[] = []
  const faults: FaultChange[] = []
  const publisher = await TrustPublisher.open({
    ...{ config: keys.config, site, dataDir: keys.dataDir, clock, log: silentLogger },
    heads: () => heads,
    publish: (message, edgeIds) => {
      said.push(message)
      audiences.push(edgeIds)
    },
    onFault: (change) => faults.push(change),
  })
  t.teardown(() => publisher.close())
  const first = firstTrust(readFileSync(path.join(keys.dir, 'records', 'root.1.json')), site, 0)
  if (!first.ok) throw new Error('no root')
  let state: TrustState = first.value
  return {
    ...{ keys, clock, heads, said, audiences, faults, publisher },
    /** What the edge makes of the next message. */
    async next(): Promise<string> {
      await publisher.settled()
      const message = said.shift()
      if (!message) return 'nothing was said'
      const judged = judgeTrust(state, JSON.stringify(message), clock.now().wallMs)
      state = judged.state
      return judged.refusal
        ? `${judged.refusal.reason}: ${judged.refusal.detail}`
        : judged.isFresh
          ? 'fresh'
          : 'again'
    },
    lists: () => trustedLists(state),
    state: () => state,
  }
}

t.test('an edge with the first root believes what the gateway signs, at once and every 15 s', async (t) => {
  const b = await bench(t)
  b.publisher.start()
  t.equal(await b.next(), 'fresh')
  t.equal(b.lists()?.orders?.version, 1)
  b.clock.advance(15_000)
  t.equal(await b.next(), 'fresh')
  t.equal(b.publisher.counters.snapshots, 1, 'the same snapshot')
})

t.test(
  'a new version of a list is signed at once, and versions that come together go out together',
  async (t) => {
    const b = await bench(t)
    b.publisher.start()
    await b.next()
    b.heads[0] = head('orders', 2)
    b.publisher.changed()
    b.heads[2] = head('tags', 5)
    b.publisher.changed()
    t.equal(await b.next(), 'fresh')
    t.same([b.lists()?.orders?.version, b.lists()?.tags?.version], [2, 5])
    t.equal(await b.next(), 'nothing was said')
  },
)

t.test(
  'an edge that comes is told at once what is the newest now, and the others only what is new',
  async (t) => {
    const b = await bench(t)
    b.publisher.start()
    await b.next()
    b.publisher.greet('edge-1')
    b.publisher.greet('edge-2')
    t.equal(await b.next(), 'fresh', 'although no time has passed')
    t.equal(await b.next(), 'nothing was said', 'once for all who came meanwhile')
    b.publisher.greet('edge-1')
    b.publisher.changed()
    t.equal(await b.next(), 'fresh')
    b.heads[0] = head('orders', 2)
    b.publisher.greet('edge-1')
    t.equal(await b.next(), 'fresh')
    t.same(b.audiences, [undefined, ['edge-1', 'edge-2'], undefined, undefined])
  },
)

t.test('a gateway that starts again, or lost its count, goes on above what edges saw', async (t) => {
  const keys = keysIn(t)
  const b = await bench(t, keys)
  b.publisher.start()
  await b.next()
  const seen = b.state().timestamp?.signed.version ?? 0
  for (const lost of [false, true]) {
    if (lost) unlinkSync(path.join(keys.dataDir, 'trust.json'))
    const again = await bench(t, keys)
    again.clock.advance(lost ? 1_000 : 0)
    again.publisher.start()
    await again.next()
    t.ok((again.state().timestamp?.signed.version ?? 0) > seen)
  }
})

t.test('a clock that was set back signs no time that went back', async (t) => {
  const keys = keysIn(t)
  const b = await bench(t, keys)
  b.clock.advance(3_600_000)
  b.publisher.start()
  t.equal(await b.next(), 'fresh')
  const signedTime = b.state().timeFloor
  const again = await bench(t, keys)
  again.publisher.start()
  await again.next()
  t.equal(again.state().timeFloor, signedTime)
})

t.test('a rotated key is found by itself, and edges follow the new delegation', async (t) => {
  const b = await bench(t)
  b.publisher.start()
  await b.next()
  rotateOnline({ ...b.keys.asked, nowMs }, 'timestamp')
  b.clock.advance(15_000)
  t.equal(await b.next(), 'fresh')
  t.equal(b.state().delegation?.signed.version, 2)
  t.equal(b.state().revoked.length, 1)
})

t.test(
  'lists are signed anew at once when their own key was rotated: what the old one signed counts no more',
  async (t) => {
    for (const role of ['snapshot', 'hold'] as const) {
      const keys = keysIn(t)
      const b = await bench(t, keys)
      b.publisher.start()
      await b.next()
      const before = b.state().snapshot?.signed.version ?? 0
      rotateOnline({ ...keys.asked, nowMs }, role)
      b.clock.advance(15_000)
      t.equal(await b.next(), 'fresh', role)
      t.ok((b.state().snapshot?.signed.version ?? 0) > before)
      t.same(b.faults, [])
    }
  },
)

t.test('nothing is signed for longer than root and delegation last', async (t) => {
  const b = await bench(t)
  const endsAt = nowMs + 99 * day
  b.clock.advance(endsAt - 60_000 - nowMs)
  b.publisher.start()
  t.equal(await b.next(), 'fresh')
  t.equal(b.state().timestamp?.signed.expiresAt, endsAt)
  t.equal(b.state().snapshot?.signed.expiresAt, endsAt)
})

t.test('a new root is found and carried to edges that know only the first', async (t) => {
  const b = await bench(t)
  nextRoot({ ...b.keys.asked, nowMs }, { rootDays: 400 })
  delegate({ ...b.keys.asked, nowMs })
  b.publisher.start()
  t.equal(await b.next(), 'fresh')
  t.equal(b.state().root.signed.version, 2)
  t.equal(b.publisher.rootsFrom(2).length, 1)
  t.equal(b.publisher.rootsFrom(3).length, 0)
})

t.test('an edited delegation is a fault with words, and the one before stays in use', async (t) => {
  const b = await bench(t)
  b.publisher.start()
  await b.next()
  const file = path.join(b.keys.config.recordsDir, 'delegation.1.json')
  const good = readFileSync(file, 'utf8')
  writeFileSync(file.replace('1.json', '2.json'), good.replace('"version": 1', '"version": 2'))
  b.clock.advance(15_000)
  t.equal(await b.next(), 'fresh')
  t.match(b.faults, [{ is: 'raised', code: 'gateway.listsNotSigned', detail: /badSignature/ }])
  t.ok(
    b.faults.every(({ is }) => is === 'raised'),
    'and stands as long as that lies there, although lists are signed',
  )
  unlinkSync(file.replace('1.json', '2.json'))
  b.clock.advance(15_000)
  t.equal(await b.next(), 'fresh')
  t.match(b.faults.at(-1), { is: 'cleared' })
})

t.test('the end of root or delegation is said two weeks before, until the next one is there', async (t) => {
  const b = await bench(t)
  b.clock.advance(84 * day)
  b.publisher.start()
  t.equal(await b.next(), 'fresh')
  t.same(b.faults, [])
  const later = await bench(t, b.keys)
  later.clock.advance(85 * day + 1)
  later.publisher.start()
  t.equal(await later.next(), 'fresh', 'and lists are signed all the while')
  const ends = new Date(nowMs + 99 * day).toISOString()
  t.match(later.faults, [
    { is: 'raised', code: 'gateway.signersEnding', detail: `the delegation ends ${ends}: sign the next one` },
  ])
  later.clock.advance(15_000)
  t.equal(await later.next(), 'fresh')
  t.equal(later.faults.length, 1, 'said once')
  delegate({ ...b.keys.asked, nowMs: nowMs + 85 * day })
  later.clock.advance(15_000)
  t.equal(await later.next(), 'fresh')
  t.match(later.faults.at(-1), { is: 'cleared', code: 'gateway.signersEnding' })
})

t.test('nothing is signed after the end of root or delegation: it is a fault', async (t) => {
  const b = await bench(t)
  b.clock.advance(100 * day)
  b.publisher.start()
  t.equal(await b.next(), 'nothing was said')
  t.match(b.faults.at(-1), { is: 'raised', code: 'gateway.listsNotSigned', detail: /ended/ })
})

t.test('what cannot be kept is not said: no version is ever given to two contents', async (t) => {
  const b = await bench(t)
  renameSync(b.keys.dataDir, `${b.keys.dataDir}-gone`)
  b.publisher.start()
  t.equal(await b.next(), 'nothing was said')
  t.match(b.faults, [{ is: 'raised', code: 'gateway.listsNotSigned' }])
  renameSync(`${b.keys.dataDir}-gone`, b.keys.dataDir)
  b.clock.advance(15_000)
  t.equal(await b.next(), 'fresh')
  t.match(b.faults.at(-1), { is: 'cleared' })
})

t.test('keys that are exposed, missing or of another delegation do not start', (t) => {
  const { config, dir, asked } = keysIn(t)
  const said = () => {
    const read = readAuthority(config, site, nowMs)
    return read.ok ? 'ok' : read.problems.map(({ message }) => message).join()
  }
  t.equal(said(), 'ok')
  const file = path.join(config.keysDir, 'hold.key')
  chmodSync(file, 0o644)
  t.match(said(), /may be read by others/)
  chmodSync(file, 0o600)
  const own = readFileSync(file)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  t.match(said(), /holds no Ed25519 key/)
  writeFileSync(file, own)
  rotateOnline(asked, 'hold')
  const [retired = ''] = readdirSync(path.join(dir, 'online', 'retired'))
  renameSync(path.join(dir, 'online', 'retired', retired), file)
  t.match(said(), /not the hold key that delegation 2 names/)
  unlinkSync(file)
  t.match(said(), /ENOENT/)
  const foreign = readAuthority(config, 'site-2', nowMs)
  t.notOk(foreign.ok, 'of another site')
  t.end()
})

t.test(
  'a box that enrols is given the newest root, since those before it may have been stolen',
  async (t) => {
    const dir = folderOf(t)
    const keys = path.join(dir, 'keys')
    const asked = { dir: keys, offline: [], days: 100, nowMs: Math.round(systemClock.now().wallMs) - day }
    initKeys({ ...asked, site, rootKeys: 1, rootThreshold: 1, rootDays: 400 })
    nextRoot(asked, { rootDays: 400 })
    const trust = { recordsDir: path.join(keys, 'records'), keysDir: path.join(keys, 'online') }
    const { gateway } = await startIn(t, dir, { trust })
    const token = parseToken(await gateway.enrolmentToken('edge-1'))
    if (!token.ok) throw new Error('no token')
    const box = path.join(dir, 'box')
    await enrol({
      edgeId: 'edge-1',
      dataDir: box,
      url: gateway.edgeUrl,
      token: token.value,
      clock: systemClock,
    })
    t.same(readFileSync(rootFile(box)), readFileSync(path.join(trust.recordsDir, 'root.2.json')))
  },
)

t.test('a gateway whose lists are unsigned says so for as long as that is', async (t) => {
  const gateway = await startIn(t, folderOf(t), { trust: { unsigned: true } })
  await gateway.signIn()
  const { body } = await gateway.get<{ faults: FaultChange[] }>('/api/state')
  t.match(body.faults, [{ code: 'gateway.listsUnsigned', source: 'trust', detail: /lanekeeper keys/ }])
})

t.test('over the wire: an edge that subscribes gets the retained proof of every list', async (t) => {
  const dir = folderOf(t)
  const nowWallMs = systemClock.now().wallMs
  const keys = path.join(dir, 'keys')
  initKeys({
    dir: keys,
    offline: [],
    days: 100,
    nowMs: nowWallMs,
    site,
    rootKeys: 1,
    rootThreshold: 1,
    rootDays: 400,
  })
  const trust = { recordsDir: path.join(keys, 'records'), keysDir: path.join(keys, 'online') }
  const gateway = await startIn(t, dir, { trust })
  const edge = await gateway.edge()
  t.strictSame(await edge.subscribe([trustTopic(site)]), [1])
  const said = () => edge.heard.find(({ kind }) => kind === 'trust')
  await gateway.until(() => Promise.resolve(said() !== undefined))
  const first = firstTrust(readFileSync(path.join(keys, 'records', 'root.1.json')), site, 0)
  t.ok(first.ok)
  if (!first.ok) return
  const judged = judgeTrust(first.value, JSON.stringify(said()?.message), nowWallMs)
  t.equal(judged.refusal, null)
  t.equal(trustedLists(judged.state)?.orders?.version, 1)
})

t.test(
  'over the wire: each session is told something newer than all before, and nothing older after it',
  async (t) => {
    const dir = folderOf(t)
    const { trust } = makeSigning(dir, systemClock.now().wallMs, [])
    const gateway = await startIn(t, dir, { trust: { ...trust, timestampEveryMs: 600_000 } })
    const versionOf = ({ message }: Heard) => trustMessageSchema.parse(message).timestamp.signed.version
    let newest = 0
    for (let session = 0; session < 30; session += 1) {
      const edge = await gateway.edge()
      await edge.subscribe([trustTopic(site)])
      const versions = () => edge.heard.filter(({ kind }) => kind === 'trust').map(versionOf)
      await gateway.until(() => Promise.resolve((versions().at(-1) ?? 0) > newest))
      t.same(
        versions(),
        [...versions()].sort((one, other) => one - other),
        'never back',
      )
      newest = versions().at(-1) ?? 0
      await edge.end()
    }
  },
)
