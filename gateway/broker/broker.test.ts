import { once } from 'node:events'
import { connect as connectPlainly } from 'node:net'
import path from 'node:path'
import { connect } from 'node:tls'
import type { IClientOptions } from 'mqtt'
import t from 'tap'
import type { EdgeIdentity } from '../../edge/interfaces/identity.js'
import { downTopic, listHeadTopic, upTopic } from '../../edge/messages/topics.js'
import { leaveOrder } from '../authority/spool.js'
import { testAuthority } from '../authority/testing/authority.js'
import { day, shifted } from '../authority/testing/rig.js'
import { EventChain } from '../testing/chain.js'
import { EdgeClient } from '../testing/edge-client.js'
import { enrolWith } from '../testing/enrolled.js'
import { site, startIn, type GatewayUnderTest } from '../testing/gateway-under-test.js'

async function connecting(
  gateway: GatewayUnderTest,
  edgeId: string,
  identity: EdgeIdentity | Promise<EdgeIdentity>,
  options: IClientOptions = {},
): Promise<EdgeClient> {
  return EdgeClient.connect(gateway.gateway.mqttUrl, site, edgeId, await identity, options)
}

t.test('only an edge gets in, under the name that its certificate bears', async (t) => {
  const gateway = await startIn(t, t.testdir())
  const own = await gateway.identity('edge-1')
  await t.rejects(connecting(gateway, 'edge-2', own), { code: 5 }, 'the name of another edge')
  await t.rejects(connecting(gateway, 'edge-9', own), { code: 5 }, 'an id that is not enrolled')
  await t.rejects(connecting(gateway, '__proto__', own), { code: 5 }, 'a name that every object knows')
  const login = { username: 'edge-2', password: 'anything' }
  await t.rejects(connecting(gateway, 'edge-2', own, login), { code: 5 }, 'a password opens nothing')
  t.equal(gateway.gateway.figures().broker_refusedLogins, 4)
  const edge = await connecting(gateway, 'edge-1', own)
  t.equal(gateway.gateway.figures().broker_connected, 1)
  await edge.end()
})

t.test('without a certificate of the gateway nobody says a word to the broker', async (t) => {
  const gateway = await startIn(t, t.testdir())
  const { authorityPem } = await gateway.identity()
  const foreign = { ...(await (await testAuthority()).identityOf('edge-1')), authorityPem }
  const nobody = { keyPem: '', certificatePem: '', authorityPem }
  await t.rejects(connecting(gateway, 'edge-1', foreign), 'a certificate of another authority')
  await t.rejects(connecting(gateway, 'edge-1', nobody), 'none')
  const { broker_refusedCertificates: refused, broker_refusedLogins: logins } = gateway.gateway.figures()
  t.same([refused, logins], [2, 0])
})

t.test('TLS 1.2 is not spoken, nor is plain MQTT', async (t) => {
  const gateway = await startIn(t, t.testdir())
  const own = await gateway.identity()
  const old: IClientOptions & { readonly maxVersion: 'TLSv1.2' } = { maxVersion: 'TLSv1.2' }
  await t.rejects(connecting(gateway, 'edge-1', own, old))
  const raw = connectPlainly(Number(new URL(gateway.gateway.mqttUrl).port), '127.0.0.1')
  raw.on('error', () => undefined)
  // A whole CONNECT of MQTT 3.1.1 with the client id "e".
  raw.write(Buffer.from([0x10, 0x0d, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 1, 0x65]))
  await once(raw, 'close')
  t.equal(gateway.gateway.figures().broker_connected, 0)
})

t.test('a certificate that has ended is refused in words that the edge understands', async (t) => {
  let byMs = 0
  const gateway = await startIn(
    t,
    t.testdir(),
    {},
    shifted(() => byMs),
  )
  const own = await gateway.identity()
  byMs = 91 * day
  await t.rejects(connecting(gateway, 'edge-1', own), { code: 5 })
})

t.test('an edge that is revoked is cut off at once, refused from then on, and shown to people', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  const own = await gateway.identity()
  const edge = await gateway.edge()
  const asked = await gateway.post('/api/edges/edge-1/revoke', { reason: 'box stolen' })
  t.equal(asked.status, 200)
  await edge.isClosed()
  await t.rejects(connecting(gateway, 'edge-1', own), { code: 5 })
  t.match(await gateway.get('/api/state'), {
    body: { edges: [{ edgeId: 'edge-1', connected: false, faults: [{ code: 'gateway.edgeRevoked' }] }, {}] },
  })
  t.match(await gateway.get('/api/enrolment'), {
    body: { edges: [{ revoked: { by: 'operator', reason: 'box stolen' } }, { revoked: null }] },
  })
  const made = await gateway.post<{ token: string }>('/api/edges/edge-1/token', {})
  const again = await enrolWith(gateway.gateway.edgeUrl, 'edge-1', made.body.token)
  await (await connecting(gateway, 'edge-1', again)).end()
  t.match(await gateway.get('/api/state'), { body: { edges: [{ edgeId: 'edge-1', faults: [] }, {}] } })
  await t.rejects(connecting(gateway, 'edge-1', own), { code: 5 }, 'the old box stays out')
})

t.test('a person on the gateway’s machine revokes by a command, and the running gateway obeys', async (t) => {
  const dir = t.testdir()
  const gateway = await startIn(t, dir)
  const edge = await gateway.edge()
  const order = { do: 'revoke' as const, edgeId: 'edge-1', reason: 'box stolen', by: 'root@console' }
  leaveOrder(path.join(dir, 'data'), order, Date.now())
  await edge.isClosed()
  t.equal(gateway.gateway.figures().enrolment_revoked, 1)
})

t.test('sessions that would be kept, wills and other protocols are refused', async (t) => {
  const gateway = await startIn(t, t.testdir())
  const own = await gateway.identity()
  const will = {
    topic: upTopic(site, 'edge-1', 'event'),
    payload: Buffer.from('x'),
    qos: 1 as const,
    retain: false,
  }
  const refused = [
    connecting(gateway, 'edge-1', own, { clean: false }),
    connecting(gateway, 'edge-1', own, { will }),
    connecting(gateway, 'edge-1', own, { protocolVersion: 3, protocolId: 'MQIsdp' }),
    connecting(gateway, 'edge-1', own, { keepalive: 0 }),
  ]
  for (const attempt of refused) await t.rejects(attempt)
  t.equal(gateway.gateway.figures().broker_connected, 0)
})

t.test('an edge reads its own down topics and the list heads, and nothing else', async (t) => {
  const gateway = await startIn(t, t.testdir())
  const edge = await connecting(gateway, 'edge-1', gateway.identity())
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
    const edge = await connecting(gateway, 'edge-1', gateway.identity())
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
  const { keyPem: key, certificatePem: cert, authorityPem: ca } = await gateway.identity('edge-2')
  const port = Number(new URL(gateway.gateway.mqttUrl).port)
  const raw = connect({ host: '127.0.0.1', port, key, cert, ca })
  raw.on('error', () => undefined)
  await once(raw, 'secureConnect')
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
  // After 2 s the broker lets go of who does not read: whoever waits for that waits at least as long.
  t.ok(slowestMs < 2_000, `a delta of 240 entries took ${Math.round(slowestMs)} ms at most`)
})
