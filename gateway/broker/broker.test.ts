import { connect } from 'node:net'
import { once } from 'node:events'
import t from 'tap'
import { downTopic, listHeadTopic, upTopic } from '../../edge/messages/topics.js'
import { EventChain } from '../testing/chain.js'
import { EdgeClient } from '../testing/edge-client.js'
import { secretOf, site, startIn, type GatewayUnderTest } from '../testing/gateway-under-test.js'

function connecting(gateway: GatewayUnderTest, edgeId: string, secret: string, options = {}) {
  return EdgeClient.connect(gateway.gateway.mqttUrl, site, edgeId, secret, options)
}

t.test('only an enrolled edge with its own secret gets in', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await t.rejects(connecting(gateway, 'edge-1', 'wrong-secret-0123456789'), { code: 5 })
  await t.rejects(
    connecting(gateway, 'edge-9', secretOf('edge-1')),
    { code: 5 },
    'an id that is not enrolled',
  )
  await t.rejects(connecting(gateway, 'edge-2', secretOf('edge-1')), { code: 5 }, "another edge's secret")
  await t.rejects(
    connecting(gateway, 'edge-1', secretOf('edge-1'), { username: 'edge-2' }),
    { code: 5 },
    'the name must be the id',
  )
  await t.rejects(connecting(gateway, '__proto__', ''), { code: 5 }, 'a name that every object knows')
  t.equal(gateway.gateway.figures().broker_refusedLogins, 5)
})

t.test('sessions that would be kept, wills and other protocols are refused', async (t) => {
  const gateway = await startIn(t, t.testdir())
  const secret = secretOf('edge-1')
  const will = {
    topic: upTopic(site, 'edge-1', 'event'),
    payload: Buffer.from('x'),
    qos: 1 as const,
    retain: false,
  }
  const refused = [
    connecting(gateway, 'edge-1', secret, { clean: false }),
    connecting(gateway, 'edge-1', secret, { will }),
    connecting(gateway, 'edge-1', secret, { protocolVersion: 3, protocolId: 'MQIsdp' }),
    connecting(gateway, 'edge-1', secret, { keepalive: 0 }),
  ]
  for (const attempt of refused) await t.rejects(attempt)
  t.equal(gateway.gateway.figures().broker_connected, 0)
})

t.test('an edge reads its own down topics and the list heads, and nothing else', async (t) => {
  const gateway = await startIn(t, t.testdir())
  const edge = await connecting(gateway, 'edge-1', secretOf('edge-1'))
  t.teardown(() => edge.end())
  const granted = await edge.subscribe([
    downTopic(site, 'edge-1', 'verdict'),
    listHeadTopic(site, 'orders'),
    downTopic(site, 'edge-2', 'verdict'),
    `lk/v1/${site}/+/down/+`,
    `lk/v1/${site}/edge-1/up/event`,
    `lk/v1/${site}/#`,
    `lk/v1/other/lists/+/head`,
    listHeadTopic(site, 'secrets'),
    '#',
    '$SYS/#',
  ])
  t.same(granted, [1, 1, 128, 128, 128, 128, 128, 128, 128, 128])
  const head = await edge.hears('head')
  t.match(head, {
    topic: listHeadTopic(site, 'orders'),
    retained: true,
    message: { list: 'orders', version: 1 },
  })
})

const foreign: readonly [name: string, topic: string, options: { qos: 0 | 1 | 2; retain?: boolean }][] = [
  ["an event under another edge's topic", upTopic(site, 'edge-2', 'event'), { qos: 1 }],
  ['an event of another site', upTopic('site-2', 'edge-1', 'event'), { qos: 1 }],
  ['a verdict', downTopic(site, 'edge-1', 'verdict'), { qos: 1 }],
  ['a retained verdict', downTopic(site, 'edge-1', 'verdict'), { qos: 1, retain: true }],
  ['a list head', listHeadTopic(site, 'orders'), { qos: 1, retain: true }],
  ['a retained event', upTopic(site, 'edge-1', 'event'), { qos: 1, retain: true }],
  ['an event with QoS 0', upTopic(site, 'edge-1', 'event'), { qos: 0 }],
  ['an event with QoS 2', upTopic(site, 'edge-1', 'event'), { qos: 2 }],
  ['something to a topic of its own making', 'lk/v1/site-1/edge-1/up/other', { qos: 1 }],
  ['something to the system tree', '$SYS/x', { qos: 1 }],
]

t.test('an edge that publishes what it may not is cut off, and nothing is passed on', async (t) => {
  const gateway = await startIn(t, t.testdir())
  const other = await gateway.edge('edge-2')
  for (const [name, topic, options] of foreign) {
    const edge = await connecting(gateway, 'edge-1', secretOf('edge-1'))
    edge.publish(topic, '{"verdictId":"v"}', options).catch(() => undefined)
    await edge.isClosed()
    t.pass(`cut off for ${name}`)
    await edge.end()
  }
  t.equal(gateway.gateway.figures().broker_refusedPublishes, foreign.length)
  t.notOk(other.heard.some((one) => one.kind === 'verdict'))
  const late = await gateway.edge('edge-1')
  await late.hears('head', (message) => message.list === 'orders')
  t.notOk(
    late.heard.some((one) => one.kind === 'verdict'),
    'nothing was retained either',
  )
})

t.test('the newest of two machines with one id wins, and taking turns is shown', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  const first = await gateway.edge()
  const second = await gateway.edge()
  await first.isClosed()
  t.notOk(second.closed)
  await gateway.edge()
  const last = await gateway.edge()
  const { body } = await gateway.get('/api/state')
  t.match(body, {
    edges: [{ edgeId: 'edge-1', connected: true, faults: [{ code: 'gateway.edgeIdContested' }] }],
  })
  await last.sendEvents(new EventChain('edge-1').fault(2))
  t.match((await last.hears('ack', (message) => message.upTo === 2)).message, { epoch: 'e1' })
})

t.test('an oversized frame ends its connection only', async (t) => {
  const gateway = await startIn(t, t.testdir())
  const edge = await gateway.edge()
  const raw = connect(Number(new URL(gateway.gateway.mqttUrl).port), '127.0.0.1')
  raw.on('error', () => undefined)
  await once(raw, 'connect')
  raw.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]))
  await once(raw, 'close')
  t.equal(gateway.gateway.figures().broker_oversizedFrames, 1)
  await edge.sendEvents(new EventChain('edge-1').fault(1))
  t.notOk(edge.closed)
})

t.test('health and answers beyond their rate are shed and counted, events are not', async (t) => {
  const gateway = await startIn(t, t.testdir())
  const edge = await gateway.edge()
  await Promise.all(Array.from({ length: 300 }, () => edge.send('health', '{}')))
  t.ok((gateway.gateway.figures().broker_shedUplinks ?? 0) >= 100)
  await edge.sendEvents(new EventChain('edge-1').fault(300))
  t.equal(gateway.gateway.figures().inbox_stored, 300)
})

t.test('a frozen edge delays nobody else, and is let go', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  const frozen = await gateway.edge('edge-2')
  frozen.freeze()
  const edge = await gateway.edge('edge-1')
  // As many bytes in one message as the wire allows.
  const entries = (round: number) =>
    Array.from({ length: 240 }, (_, i) => ({
      kind: 'order',
      orderId: `BK-${i}`,
      agency: 'IQ',
      subject: { kind: 'TAG', key: `E2${i}` },
      action: 'NOTIFY',
      nature: 'OPEN',
      level: 1,
      reason: `${round} `.padEnd(500, 'r'),
      validFrom: 0,
      maxHits: 0,
      issuedBy: 'wang'.padEnd(64, 'g'),
    }))
  let slowestMs = 0
  let version = 1
  let sentBytes = 0
  // As long as it takes to fill what the kernel holds for a connection that nobody reads.
  while ((gateway.gateway.figures().broker_connected ?? 0) === 2 && version < 400) {
    version += 1
    const startedMs = performance.now()
    const change = { upserts: entries(version), deletes: [] }
    sentBytes += JSON.stringify(change).length
    await gateway.post('/api/lists/orders/changes', change)
    await edge.hears('list', (message) => (message.head as { version: number }).version === version)
    slowestMs = Math.max(slowestMs, performance.now() - startedMs)
    edge.heard.length = 0
  }
  t.comment(`${version} deltas, ${sentBytes} bytes, the slowest took ${Math.round(slowestMs)} ms`)
  t.equal(gateway.gateway.figures().broker_connected, 1, 'the frozen edge is gone, the other one stays')
  t.ok(slowestMs < 1_500, `a delta of 240 entries took ${Math.round(slowestMs)} ms at most`)
})
