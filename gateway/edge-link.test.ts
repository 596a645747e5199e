import path from 'node:path'
import t, { type Test } from 'tap'
import { listNames } from '../edge/messages/entities.js'
import { systemClock } from '../edge/base/clock.js'
import { silentLogger } from '../edge/base/log.js'
import { systemRandom } from '../edge/base/random.js'
import type { Downlink } from '../edge/interfaces/uplink.js'
import type { EventDraft } from '../edge/interfaces/journal.js'
import { MemoryControl } from '../edge/domain/lists/memory-control.js'
import { openEdgeStore } from '../edge/store/index.js'
import { openUplink } from '../edge/uplink/index.js'
import { EventChain } from './testing/chain.js'
import { fixed } from './authority/testing/authority.js'
import { site, startIn, type GatewayUnderTest } from './testing/gateway-under-test.js'

/** The real outbox and uplink of an edge, against the real gateway. */
async function openEdge(t: Test, dir: string, gateway: GatewayUnderTest) {
  const store = await openEdgeStore({
    dataDir: path.join(dir, 'edge'),
    edgeId: 'edge-1',
    clock: systemClock,
    log: silentLogger,
    onFault: () => undefined,
    control: new MemoryControl(),
  })
  const down: Downlink[] = []
  const uplink = openUplink({
    site,
    edgeId: 'edge-1',
    mqttUrl: gateway.gateway.mqttUrl,
    httpUrl: gateway.gateway.edgeUrl,
    identity: fixed(await gateway.identity()),
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    outbox: store.journal,
    lists: store.lists,
    trust: 'unsigned',
    onDownlink: (downlink) => {
      down.push(downlink)
    },
    onFault: () => undefined,
    backoff: { firstMs: 50, factor: 1, maxMs: 50, jitter: 0 },
    refusedBackoff: { firstMs: 50, factor: 1, maxMs: 50, jitter: 0 },
  })
  t.teardown(async () => {
    await uplink.close()
    await store.close()
  })
  return { store, uplink, down }
}

function drafts(passageId: string): EventDraft[] {
  return new EventChain('edge-1').escalated(passageId).map(({ type, lane, occurredAt, body }) => ({
    type,
    lane,
    passageId,
    occurredAt,
    monoMs: 1,
    clockQuality: 'synchronised',
    captured: 'auto',
    contingency: false,
    body,
  }))
}

t.test(
  "an edge's journal, lists and verdicts pass through the gateway, and again after its restart",
  async (t) => {
    const dir = t.testdir({ 'orders.ndjson': '' })
    const gateway = await startIn(t, dir)
    await gateway.signIn()
    const { store, uplink, down } = await openEdge(t, dir, gateway)
    await store.journal.append(drafts('p1'))
    await gateway.until(() => Promise.resolve(store.journal.status().waiting === 0))
    t.equal(gateway.gateway.figures().inbox_chainBroken, 0)
    t.equal(gateway.gateway.figures().inbox_poison, 0)

    await gateway.until(() => Promise.resolve(store.lists.inForce().length === listNames.length))
    const order = {
      kind: 'order',
      orderId: 'BK-1',
      agency: 'IQ',
      subject: { kind: 'TAG', key: 'e2ab' },
      action: 'INTERCEPT',
      nature: 'OPEN',
      level: 1,
      reason: '',
      validFrom: 0,
      maxHits: 0,
      issuedBy: 'wang',
    }
    await gateway.post('/api/lists/orders/changes', { upserts: [order], deletes: [] })
    await gateway.until(() => {
      const found = store.lists.ordersOn([{ kind: 'TAG', key: 'E2AB' }])
      return Promise.resolve(found !== 'unknown' && found[0]?.orderId === 'BK-1')
    })
    await gateway.until(async () => {
      const { body } = await gateway.get<{ edges: { lists: { list: string; version: number }[] }[] }>(
        '/api/state',
      )
      return body.edges[0]?.lists.some((one) => one.list === 'orders' && one.version === 2) ?? false
    })

    const asked = { answer: 'release', version: 1, reason: '', orderIds: [] }
    t.equal((await gateway.post('/api/escalations/p1.e1/verdict', asked)).status, 200)
    await gateway.until(() => Promise.resolve(down.some((one) => one.is === 'verdict')))
    t.match(
      down.find((one) => one.is === 'verdict'),
      { verdict: { passageId: 'p1', answer: 'release' }, retained: false },
    )

    const [edgePort, mqttPort] = [gateway.gateway.edgeUrl, gateway.gateway.mqttUrl].map((url) =>
      Number(new URL(url).port),
    )
    await gateway.close()
    await gateway.until(() => Promise.resolve(!uplink.connected))
    await store.journal.append(drafts('p2'))
    t.equal(store.journal.status().waiting, 3, 'with the gateway away, the outbox keeps what is recorded')
    const again = await startIn(t, dir, { edgeHttp: { port: edgePort }, mqtt: { port: mqttPort } })
    await again.until(() => Promise.resolve(store.journal.status().waiting === 0))
    t.equal(again.gateway.figures().inbox_stored, 3, 'only what was missing came')
  },
)
