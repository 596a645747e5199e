import { randomBytes } from 'node:crypto'
import path from 'node:path'
import t from 'tap'
import { systemClock } from '../edge/base/clock.js'
import { silentLogger } from '../edge/base/log.js'
import { systemRandom } from '../edge/base/random.js'
import { MemoryControl } from '../edge/domain/lists/memory-control.js'
import { openEdgeStore } from '../edge/store/index.js'
import { openUplink } from '../edge/uplink/index.js'
import { fixed } from './authority/testing/authority.js'
import { openCuttingProxy } from './testing/cutting-proxy.js'
import { site, startIn } from './testing/gateway-under-test.js'

const entries = 6_000
const waits = { firstMs: 20, factor: 1, maxMs: 20, jitter: 0.5 }

/** Hard to pack, so that there is something to cut. */
const tagLine = (n: number): string =>
  `${JSON.stringify({ kind: 'tag', epc: `E${n}`, state: 'ACTIVE', vehicleId: `V${randomBytes(16).toString('hex')}` })}\n`

t.test(
  'a full list whose line is cut dozens of times, and whose edge restarts on the way, arrives once and whole',
  async (t) => {
    const lines = Array.from({ length: entries }, (_, n) => tagLine(n))
    const dir = t.testdir({ 'tags.ndjson': lines.join('') })
    const gateway = await startIn(t, dir, { initialLists: { tags: 'tags.ndjson' } })
    const identity = await gateway.identity()
    const seed = Math.floor(systemRandom.next() * 2 ** 31)
    t.comment(`seed ${seed}`)
    // A third in or before the handshake, the others somewhere in what follows.
    const proxy = await openCuttingProxy(
      Number(new URL(gateway.gateway.edgeUrl).port),
      (n) => 1 + (((seed % 7_919) * (n + 1) * 31) % (n % 3 === 0 ? 4_000 : 30_000)),
    )
    t.teardown(() => proxy.close())
    const dataDir = path.join(dir, 'edge')
    const open = async () => {
      const store = await openEdgeStore({
        ...{ dataDir, edgeId: 'edge-1', clock: systemClock, log: silentLogger, onFault: () => undefined },
        control: new MemoryControl(),
        retention: { ballastBytes: 0, freeMinBytes: 1 },
      })
      const uplink = openUplink({
        ...{ site, edgeId: 'edge-1', clock: systemClock, random: systemRandom, log: silentLogger },
        mqttUrl: gateway.gateway.mqttUrl,
        httpUrl: `https://127.0.0.1:${proxy.port}`,
        identity: fixed(identity),
        outbox: store.journal,
        lists: store.lists,
        trust: 'unsigned',
        onDownlink: () => undefined,
        onFault: () => undefined,
        ...{ backoff: waits, refusedBackoff: waits },
      })
      const close = async () => {
        await uplink.close()
        await store.close()
      }
      return { store, uplink, close }
    }
    let edge = await open()
    t.teardown(() => edge.close())
    const stagedCount = async () => (await edge.store.lists.staged('tags'))?.count ?? 0
    const tags = () => edge.store.lists.inForce().find(({ list }) => list === 'tags')

    await gateway.until(async () => tags() !== undefined || (await stagedCount()) > entries / 4)
    t.equal(tags(), undefined, 'nothing of it is in force before it is whole')
    const resumed = edge.uplink.counters.fullsResumed
    await edge.close()
    edge = await open()
    const afterRestart = await stagedCount()
    t.ok(
      afterRestart > entries / 4,
      `${afterRestart} of ${entries} entries are still there after the restart`,
    )
    for (let wait = 0; wait < 20 && !tags(); wait += 1)
      await gateway.until(() => Promise.resolve(tags() !== undefined)).catch(() => undefined)
    t.match(tags(), { version: 1, count: entries })
    t.match(await edge.store.lists.factsOfTag('E5999'), { tag: { epc: 'E5999' } })
    const { fullsResumed } = edge.uplink.counters
    t.ok(resumed + fullsResumed > 5, `gone on with ${resumed + fullsResumed} times over ${proxy.cuts} cuts`)
    // From the beginning each time it would never have come: no connection lets a third of it through.
    t.ok(proxy.bytesToClient > 30_000 * 3)
    await gateway.signIn()
    await gateway.until(async () => {
      const { body } = await gateway.get<{ edges: { lists: { list: string; result: string }[] }[] }>(
        '/api/state',
      )
      return body.edges[0]?.lists.some((one) => one.list === 'tags' && one.result === 'inForce') ?? false
    })
  },
)
