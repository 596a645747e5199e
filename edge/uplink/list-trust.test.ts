import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t, { type Test } from 'tap'
import { ManualClock, systemClock, type Clock } from '../base/clock.js'
import type { FaultChange } from '../base/fault.js'
import { silentLogger } from '../base/log.js'
import type { ListHead } from '../messages/down.js'
import type { ListEntry } from '../messages/entities.js'
import {
  day,
  enrolled,
  keys,
  later,
  message,
  minute,
  nowMs,
  signedRoot,
  trusting,
  rootRecord,
} from '../messages/trust/testing/site.js'
import { trustTopic } from '../messages/topics.js'
import { trustBounds } from '../messages/trust/bounds.js'
import { lifted } from '../messages/trust/holds.js'
import type { TrustMessage } from '../messages/trust/records.js'
import type { TrustState } from '../messages/trust/state.js'
import { delta, headOf, order } from '../store/testing/list.contract.js'
import { ListTrust } from './list-trust.js'
import { bench, eventually, type Bench } from './testing/edge.js'
import { site, type TestGateway } from './testing/gateway.js'
import { openTrustFiles } from './trust-file.js'

/** The signed hour of the test; timers are real. */
const clock: Clock = {
  now: () => ({ wallMs: nowMs, monoMs: systemClock.now().monoMs }),
  after: (name, delayMs, run) => systemClock.after(name, delayMs, run),
}

interface Version {
  readonly version: number
  readonly entries: readonly ListEntry[]
}
const v1: Version = { version: 1, entries: [order('O1', 'E1'), order('O2', 'E2')] }
const v2: Version = { version: 2, entries: [...v1.entries, order('O3', 'E3')] }
const forged: Version = { version: 2, entries: [order('O1', 'E1')] }

/** A good message that names this version of the orders. */
function proof({ version, entries }: Version, atSecond = version): TrustMessage {
  const { count, contentHash } = headOf('orders', version, entries)
  return later({
    lists: { orders: { version, count, contentHash } },
    snapshot: { version: 100 + version },
    timestamp: { version: 1_000 + atSecond, signedTime: nowMs + atSecond },
  })
}

const say = (gateway: TestGateway, said: unknown): void =>
  gateway.publish(trustTopic(site), JSON.stringify(said), true)
const head = (gateway: TestGateway, { version, entries }: Version): void =>
  gateway.head('orders', headOf('orders', version, entries))
const versionOf = (b: Bench): number | undefined => b.store.lists.inForce()[0]?.version

/** Full lists as the gateway serves them: what `served` has under a version, else nothing. */
function serve(gateway: TestGateway, served: readonly Version[]): void {
  gateway.listRoute = (_request, response, url) => {
    const wanted = url.searchParams.get('version')
    const found = served.find((one) => wanted === null || one.version === Number(wanted))
    if (!url.pathname.endsWith('/full') || !found) {
      response.writeHead(404).end()
      return
    }
    const lines = [headOf('orders', found.version, found.entries), ...found.entries]
    response.writeHead(200).end(lines.map((one) => `${JSON.stringify(one)}\n`).join(''))
  }
}

const trustingBench = (t: Test, before?: (gateway: TestGateway) => void, keep = () => Promise.resolve()) =>
  bench(t, { clock, trust: { state: enrolled(), keep } }, before)

t.test('an edge that knows a root takes a list when it is proven, and not on a bare head', async (t) => {
  const b = await trustingBench(t, (gateway) => {
    serve(gateway, [v1])
    head(gateway, v1)
  })
  await b.append(1)
  t.ok(await eventually(() => b.store.journal.status().acknowledged === 1))
  t.equal(versionOf(b), undefined, 'the head was heard before the acknowledgement, and moved nothing')
  say(b.gateway, proof(v1))
  t.ok(await eventually(() => versionOf(b) === 1))
  t.ok(await eventually(() => typeof b.store.lists.inForce()[0]?.confirmedAt === 'number'))
  t.equal(b.uplink.counters.trustTaken, 1)
})

t.test('forged content under a proven version is refused by name, and the old version stays', async (t) => {
  const b = await trustingBench(t, (gateway) => {
    serve(gateway, [v1])
    say(gateway, proof(v1))
  })
  t.ok(await eventually(() => versionOf(b) === 1))
  serve(b.gateway, [forged])
  say(b.gateway, proof(v2))
  t.ok(await eventually(() => b.gateway.answers.some(({ why }) => why === 'listNotNamed')))
  t.equal(versionOf(b), 1)
  t.ok(b.stands('controlList.refused'))
  serve(b.gateway, [v2])
  t.ok(await eventually(() => versionOf(b) === 2), 'and the right one mends it')
})

t.test(
  'hold vanished: a version that every online key signed, and that lacks an order, is refused by its own name',
  async (t) => {
    const lacking: Version = { version: 2, entries: [order('O2', 'E2'), order('O3', 'E3')] }
    for (const way of ['full', 'delta'] as const) {
      const b = await trustingBench(t, (gateway) => {
        serve(gateway, [v1])
        say(gateway, proof(v1))
      })
      t.ok(await eventually(() => versionOf(b) === 1))
      serve(b.gateway, [lacking])
      if (way === 'delta') b.gateway.down('list', delta('orders', v1, lacking))
      say(b.gateway, proof(lacking))
      t.ok(await eventually(() => b.gateway.answers.some(({ why }) => why === 'listHoldVanished')), way)
      t.ok(b.stands('controlList.holdVanished'), way)
      t.equal(versionOf(b), 1)
      const held = b.store.lists.ordersOn([{ kind: 'TAG', key: 'E1' }])
      t.match(held, [{ orderId: 'O1' }], `${way}: the truck is still held`)
      const [first, ...others] = v2.entries
      if (first?.kind !== 'order') return
      const proven = lifted('site-1', first, { reason: '02', at: nowMs }, [keys.anna, keys.bo])
      const mended: Version = { version: 3, entries: [proven, ...others] }
      serve(b.gateway, [mended])
      say(b.gateway, proof(mended))
      t.ok(await eventually(() => versionOf(b) === 3), `${way}: with a lift by two persons it is taken`)
      t.notOk(b.stands('controlList.holdVanished'), way)
      t.notOk(b.stands('controlList.refused'), way)
    }
  },
)

t.test('a pushed delta waits for its proof, and is in force with it', async (t) => {
  const b = await trustingBench(t, (gateway) => {
    serve(gateway, [v1])
    say(gateway, proof(v1))
  })
  t.ok(await eventually(() => versionOf(b) === 1))
  b.gateway.down('list', delta('orders', v1, v2))
  await b.append(1)
  t.ok(await eventually(() => b.store.journal.status().acknowledged === 1))
  t.equal(versionOf(b), 1, 'without a proof it waits')
  say(b.gateway, proof(v2))
  t.ok(await eventually(() => versionOf(b) === 2))
  t.equal(b.uplink.counters.deltasPushed, 1)
})

t.test('a forged delta never finds a proof', async (t) => {
  const b = await trustingBench(t, (gateway) => {
    serve(gateway, [v1, v2])
    say(gateway, proof(v1))
  })
  t.ok(await eventually(() => versionOf(b) === 1))
  b.gateway.down('list', delta('orders', v1, forged))
  say(b.gateway, proof(v2))
  t.ok(await eventually(() => versionOf(b) === 2))
  t.equal(b.uplink.counters.deltasPushed, 0)
  t.equal(b.store.lists.inForce()[0]?.count, 3, 'the proven one came in full')
})

t.test('a message that was played again is a fault of its own name until an honest one comes', async (t) => {
  const b = await trustingBench(t, (gateway) => {
    serve(gateway, [v1, v2])
    say(gateway, proof(v2))
  })
  t.ok(await eventually(() => versionOf(b) === 2))
  say(b.gateway, proof(v1))
  t.ok(await eventually(() => b.stands('controlList.rollback')))
  t.equal(versionOf(b), 2)
  say(b.gateway, proof(v2, 3))
  t.ok(await eventually(() => !b.stands('controlList.rollback')))
  t.equal(b.uplink.counters.trustRefused, 1)
})

t.test('what cannot be kept is not used: no list comes into force by it', async (t) => {
  let disk = false
  const keep = () => (disk ? Promise.resolve() : Promise.reject(new Error('disk full')))
  const b = await trustingBench(t, (gateway) => serve(gateway, [v1]), keep)
  say(b.gateway, proof(v1))
  t.ok(await eventually(() => b.stands('controlList.trustNotKept')))
  t.equal(versionOf(b), undefined)
  disk = true
  say(b.gateway, proof(v1))
  t.ok(await eventually(() => versionOf(b) === 1))
  t.notOk(b.stands('controlList.trustNotKept'))
})

t.test(
  'freeze attack by silence: when the last timestamp ends and nothing comes, it is a fault',
  async (t) => {
    const manual = new ManualClock(nowMs)
    const faults: FaultChange[] = []
    const named: (readonly ListHead[])[] = []
    const trust = new ListTrust({
      ...{ state: trusting(), clock: manual, log: silentLogger },
      keep: () => Promise.resolve(),
      onFault: (change) => faults.push(change),
      onHeads: (heads) => named.push(heads),
    })
    manual.advance(10 * minute)
    t.strictSame(faults, [])
    manual.advance(minute)
    t.match(faults, [{ is: 'raised', code: 'controlList.frozen' }])
    trust.take(Buffer.from(JSON.stringify(later({}, 12 * minute))))
    await trust.settled()
    t.match(faults.at(-1), { is: 'cleared', code: 'controlList.frozen' })
    t.equal(named.length, 1)
    await trust.close()
  },
)

/** Roots 2 to `last`, each by its own keys and those before, which are the same. */
const rootsTo = (last: number) =>
  Array.from({ length: last - 1 }, (_, n) => signedRoot(rootRecord({ version: n + 2 })))

/** An edge that knows the first root, a message with the newest ones, and a gateway that has `roots`. */
function awayFor(roots: readonly unknown[], last: number, perAnswer = 64) {
  const faults: FaultChange[] = []
  const asked: number[] = []
  const kept: TrustState[] = []
  const trust = new ListTrust({
    ...{ state: enrolled(), clock, log: silentLogger, onHeads: () => undefined },
    keep: (state) => Promise.resolve(void kept.push(state)),
    fetchRoots: (from) => {
      asked.push(from)
      return Promise.resolve(Buffer.from(JSON.stringify(roots.slice(from - 2, from - 2 + perAnswer))))
    },
    onFault: (change) => faults.push(change),
  })
  const said = message({ roots: rootsTo(last).slice(-trustBounds.rootsPerMessage) })
  trust.take(Buffer.from(JSON.stringify(said)))
  return { trust, faults, asked, kept }
}

t.test('an edge that was away for more roots than the message carries fetches those between', async (t) => {
  for (const perAnswer of [64, 7]) {
    const { trust, faults, asked, kept } = awayFor(rootsTo(40), 40, perAnswer)
    await trust.settled()
    t.same(faults, [])
    t.equal(kept.at(-1)?.root.signed.version, 40)
    t.equal(trust.counters.trustTaken, 1)
    t.ok(asked.length <= 7, `${asked.length} answers`)
    await trust.close()
  }
})

t.test(
  'a chain of roots that is short, forged, endless or nonsense leaves a fault, and what was proven',
  async (t) => {
    const good = rootsTo(40)
    const forged = good.map((root, n) => (n === 5 ? signedRoot(root.signed, [keys.stranger]) : root))
    for (const [roots, code, version] of [
      [good.slice(0, 3), 'controlList.trustExpired', 4],
      [[], 'controlList.trustExpired', undefined],
      [forged, 'controlList.badSignature', 6],
      [Array.from({ length: 65 }, () => good[0]), 'controlList.malformed', undefined],
      [['nonsense'], 'controlList.malformed', undefined],
    ] as const) {
      const { trust, faults, kept } = awayFor(roots, 40, 100)
      await trust.settled()
      t.match(faults, [{ is: 'raised', code }])
      t.equal(kept.at(-1)?.root.signed.version, version)
      await trust.close()
    }
  },
)

t.test('roots that are missing are fetched from the gateway by HTTPS', async (t) => {
  const b = await trustingBench(t, (gateway) => {
    gateway.listRoute = (_request, response, url) => {
      const from = Number(url.searchParams.get('from'))
      const isRoots = url.pathname === '/edge/v1/trust/roots'
      response.writeHead(isRoots ? 200 : 404).end(isRoots ? JSON.stringify(rootsTo(20).slice(from - 2)) : '')
    }
    say(gateway, message({ roots: rootsTo(20).slice(-trustBounds.rootsPerMessage) }))
  })
  t.ok(await eventually(() => b.uplink.counters.trustTaken === 1))
  t.notOk(b.stands('controlList.trustExpired'))
})

t.test('a damaged copy is a fault until it is written again', async (t) => {
  const faults: FaultChange[] = []
  let disk = false
  const trust = new ListTrust({
    ...{ state: trusting(), clock, log: silentLogger, onHeads: () => undefined },
    damaged: 'trust.json: it is not JSON',
    keep: () => (disk ? Promise.resolve() : Promise.reject(new Error('no space'))),
    onFault: (change) => faults.push(change),
  })
  trust.take(Buffer.from(JSON.stringify(later())))
  await trust.settled()
  t.same(faults, [], 'it stands already')
  disk = true
  trust.take(Buffer.from(JSON.stringify(later())))
  await trust.settled()
  t.match(faults, [{ is: 'cleared', code: 'controlList.trustNotKept' }])
  await trust.close()
})

t.test('who may lift, and when a hold has ended, is judged by what was signed', (t) => {
  const trust = new ListTrust({
    ...{ state: trusting(), clock, log: silentLogger, onHeads: () => undefined },
    ...{ keep: () => Promise.resolve(), onFault: () => undefined },
  })
  const entry = order('O1', 'E1')
  if (entry.kind !== 'order') return
  const proven = lifted('site-1', entry, { reason: '02', at: nowMs }, [keys.anna, keys.bo])
  const alone = lifted('site-1', entry, { reason: '02', at: nowMs }, [keys.anna, keys.hold])
  t.equal(trust.judgeHold(entry, proven), null)
  t.match(trust.judgeHold(entry, alone), { reason: 'liftNotProven' })
  t.equal(
    trust.judgeHold(null, alone),
    null,
    'what was never held here may come lifted, whoever signed it once',
  )
  t.match(trust.judgeHold(entry, null), { reason: 'listHoldVanished' })
  t.equal(trust.judgeHold({ ...entry, validTo: nowMs - 8 * day }, null), null)
  t.match(trust.judgeHold({ ...entry, validTo: nowMs - 6 * day }, null), { reason: 'listHoldVanished' })
  t.end()
  return trust.close()
})

/** Files of one edge. */
function files(t: Test) {
  const dir = t.testdir({})
  const rootFile = path.join(dir, 'root.1.json')
  writeFileSync(rootFile, JSON.stringify(signedRoot()))
  const copies = [path.join(dir, 'data', 'trust.json'), path.join(dir, 'other', 'trust.json')] as const
  mkdirSync(path.join(dir, 'data'))
  const open = () => openTrustFiles({ rootFile, copies, site, builtAtMs: 0, log: silentLogger })
  return { dir, rootFile, copies, open }
}

t.test(
  'rollback attack after a loss: with the database gone, the highest versions seen are still known',
  async (t) => {
    const { dir, copies, open } = files(t)
    const first = await open()
    t.equal(first.state.timestamp, null)
    await first.keep(trusting())
    rmSync(path.join(dir, 'data'), { recursive: true })
    const again = await open()
    t.equal(again.state.timestamp?.signed.version, 1_000)
    t.equal(again.damaged, null)
    await again.keep(again.state)
    t.equal(readFileSync(copies[0], 'utf8'), readFileSync(copies[1], 'utf8'), 'and kept twice again')
  },
)

t.test('a copy that was torn or edited is said, and the other one counts', async (t) => {
  const { copies, open } = files(t)
  await (await open()).keep(trusting())
  const text = readFileSync(copies[0], 'utf8')
  for (const damaged of [text.slice(0, 500), text.replace('"version":1000', '"version":1001')]) {
    writeFileSync(copies[0], damaged)
    const again = await open()
    t.match(again.damaged, /trust\.json/)
    t.equal(again.state.timestamp?.signed.version, 1_000)
  }
})

t.test('a power cut between the two copies takes nothing back, whichever of them was written', async (t) => {
  const { copies, open } = files(t)
  const [before, after] = [trusting(), trusting({ delegation: { version: 4 } })]
  await (await open()).keep(before)
  for (const written of copies) {
    for (const copy of copies) writeFileSync(copy, JSON.stringify(copy === written ? after : before))
    const { state, damaged } = await open()
    t.match([state.delegationFloor, damaged], [4, null], written)
  }
})

t.test(
  'a root by hand: a newer one begins anew above what was seen, another one of the same version is refused',
  async (t) => {
    const { rootFile, open } = files(t)
    await (await open()).keep(trusting({ delegation: { version: 4 } }))
    writeFileSync(rootFile, JSON.stringify(signedRoot(rootRecord({ version: 2 }))))
    const { state } = await open()
    t.match([state.root.signed.version, state.delegationFloor, state.timestamp], [2, 4, null])
    writeFileSync(rootFile, JSON.stringify(signedRoot(rootRecord({ expiresAt: nowMs + minute }))))
    await t.rejects(open(), { code: 'edge.trustRoot' })
    writeFileSync(rootFile, JSON.stringify(message()))
    await t.rejects(open(), { code: 'edge.trustRoot' })
    rmSync(rootFile)
    await t.rejects(open(), { code: 'edge.trustRoot' })
  },
)
