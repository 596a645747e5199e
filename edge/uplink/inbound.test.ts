import t from 'tap'
import fc from 'fast-check'
import { systemClock } from '../base/clock.js'
import type { Command, Verdict } from '../messages/down.js'
import { listWireVersion } from '../messages/down.js'
import { messageMaxBytes } from '../messages/envelope.js'
import { downTopic, listHeadTopic } from '../messages/topics.js'
import type { Health } from '../messages/up.js'
import { parseInbound } from './inbound.js'
import { bench, eventually } from './testing/edge.js'
import { edgeId, site } from './testing/gateway.js'

const verdict: Verdict = {
  v: 1,
  verdictId: 'verdict-1',
  lane: 'lane-1',
  passageId: 'edge-1.x.lane-1.7',
  escalationId: 'edge-1.x.lane-1.7.e1',
  answer: 'release',
  by: 'wang',
  reason: '',
  orderIds: [],
  issuedAt: 1,
  expiresAt: 2,
}
const command: Command = {
  v: 1,
  commandId: 'command-1',
  lane: 'lane-1',
  by: 'wang',
  reason: '',
  issuedAt: 1,
  expiresAt: 2,
  what: { do: 'setMode', mode: 'CLOSED' },
}

t.test('a verdict and a command come through, and a retained one is marked as retained', async (t) => {
  const b = await bench(t, {}, (gateway) => gateway.down('verdict', verdict, true))
  t.ok(await eventually(() => b.downlinks.some((d) => d.is === 'verdict')))
  t.strictSame(
    b.downlinks.find((d) => d.is === 'verdict'),
    { is: 'verdict', verdict, retained: true },
  )
  b.gateway.down('command', command)
  t.ok(await eventually(() => b.downlinks.some((d) => d.is === 'command')))
  t.strictSame(
    b.downlinks.find((d) => d.is === 'command'),
    { is: 'command', command, retained: false },
  )
})

t.test(
  'messages that make no sense are counted, answered where they say from whom, and cost nothing else',
  async (t) => {
    const b = await bench(t)
    t.ok(await eventually(() => b.uplink.connected))
    const { gateway } = b
    const topic = downTopic(site, edgeId, 'verdict')
    gateway.publish(topic, 'no JSON')
    gateway.publish(topic, Buffer.from([0xff, 0xfe, 0]))
    gateway.publish(topic, 'null')
    gateway.publish(topic, 'x'.repeat(messageMaxBytes + 1))
    gateway.publish(listHeadTopic(site, 'tags'), '{"v":1}')
    gateway.down('ack', { v: 1, epoch: 'e', upTo: -1, at: 0 })
    gateway.down('verdict', { ...verdict, answer: 'perhaps' })
    gateway.down('command', { ...command, v: 2 })
    gateway.down('command', { ...command, more: true, commandId: 'command-2' })
    gateway.down('verdict', verdict)
    t.ok(await eventually(() => b.downlinks.some((d) => d.is === 'verdict')), 'the good one behind them')
    t.equal(b.uplink.counters.badMessages, 9)
    t.ok(await eventually(() => gateway.answers.length === 3))
    t.strictSame(
      gateway.answers.map(({ to, result, why }) => [to, result, why]),
      [
        ['verdict-1', 'refused', 'malformed'],
        ['command-1', 'refused', 'unknownVersion'],
        ['command-2', 'refused', 'malformed'],
      ],
    )
    t.ok(b.uplink.connected)
  },
)

t.test('a list of the older kind of hash is a list of an unknown version', (t) => {
  const head = {
    v: listWireVersion,
    list: 'tags',
    version: 1,
    count: 0,
    contentHash: 'a'.repeat(64),
    publishedAt: 1,
  }
  const heard = (v: number): unknown => {
    const payload = new TextEncoder().encode(JSON.stringify({ ...head, v }))
    const parsed = parseInbound(listHeadTopic(site, 'tags'), payload, true, { site, edgeId })
    return parsed.ok ? parsed.downlink.is : parsed.bad.why
  }
  t.equal(heard(listWireVersion), 'listHead')
  t.equal(heard(1), 'unknownVersion')
  t.end()
})

t.test('nothing that a broker may send makes the parser throw, and only our topics are heard', (t) => {
  const mine = { site, edgeId }
  const anyTopic = fc.oneof(
    fc.string(),
    fc.constantFrom(
      downTopic(site, edgeId, 'ack'),
      downTopic(site, edgeId, 'list'),
      listHeadTopic(site, 'orders'),
    ),
  )
  const anyPayload = fc.oneof(
    fc.uint8Array(),
    fc.json().map((text) => new TextEncoder().encode(text)),
  )
  fc.assert(
    fc.property(anyTopic, anyPayload, fc.boolean(), (topic, payload, retained) => {
      parseInbound(topic, payload, retained, mine)
    }),
    { numRuns: 2_000 },
  )
  const payload = new TextEncoder().encode(JSON.stringify(verdict))
  for (const topic of [
    downTopic(site, 'edge-2', 'verdict'),
    downTopic('site-2', edgeId, 'verdict'),
    `lk/v1/${site}/${edgeId}/up/event`,
    `lk/v2/${site}/${edgeId}/down/verdict`,
  ])
    t.notOk(parseInbound(topic, payload, false, mine).ok, topic)
  t.ok(parseInbound(downTopic(site, edgeId, 'verdict'), payload, false, mine).ok)
  t.end()
})

t.test('the broker is told of a verdict only when the lane has it, or after a bound', async (t) => {
  let settle: () => void = () => undefined
  const b = await bench(t, {
    bounds: { handleWithinMs: 300 },
    onDownlink: (downlink) =>
      downlink.is === 'verdict' ? new Promise<void>((resolve) => (settle = resolve)) : undefined,
  })
  t.ok(await eventually(() => b.uplink.connected))
  await eventually(() => b.gateway.brokerAcks > 0, 500)
  const before = b.gateway.brokerAcks
  b.gateway.down('verdict', verdict)
  t.ok(await eventually(() => b.uplink.counters.received > before))
  t.equal(b.gateway.brokerAcks, before, 'not acknowledged while the lane has not taken it')
  settle()
  t.ok(await eventually(() => b.gateway.brokerAcks === before + 1))
  const startMs = systemClock.now().monoMs
  b.gateway.down('verdict', verdict)
  t.ok(await eventually(() => b.gateway.brokerAcks === before + 2), 'one that hangs holds up nobody for ever')
  t.ok(systemClock.now().monoMs - startMs >= 290)
})

t.test('a lane that throws costs its own message only', async (t) => {
  let heard = 0
  const b = await bench(t, {
    onDownlink: (downlink) => {
      if (downlink.is !== 'command') return
      heard += 1
      throw new Error('a lane in trouble')
    },
  })
  t.ok(await eventually(() => b.uplink.connected))
  b.gateway.down('command', command)
  b.gateway.down('command', command)
  t.ok(await eventually(() => heard === 2))
  await b.append(2)
  t.ok(await eventually(() => b.store.journal.status().acknowledged === 2))
})

t.test('a wrong secret is a fault of its own, and mends itself when the gateway takes it', async (t) => {
  const b = await bench(t, {}, (gateway) => {
    gateway.accepts = false
  })
  t.ok(await eventually(() => b.stands('uplink.refused')))
  t.ok(b.stands('uplink.disconnected'))
  b.gateway.accepts = true
  t.ok(await eventually(() => !b.stands('uplink.refused') && !b.stands('uplink.disconnected')))
})

t.test('health and answers go out while connected, and are dropped and counted otherwise', async (t) => {
  const b = await bench(t)
  const health: Health = {
    v: 1,
    edgeId,
    at: 1,
    bootId: 'b',
    version: '0',
    clockQuality: 'synchronised',
    lanes: [],
    faults: [],
    lists: [],
    outbox: { waiting: 0, epoch: 'e', lastSequence: 0 },
    rssBytes: 1,
    counters: {},
  }
  b.uplink.publishHealth(health)
  b.uplink.publishAnswer({ v: 1, edgeId, to: 'x', result: 'accepted', why: null, at: 1 })
  t.ok(await eventually(() => b.uplink.counters.answersDropped === 1))
  t.equal(b.uplink.counters.healthDropped, 1)
  t.ok(await eventually(() => b.uplink.connected))
  b.uplink.publishHealth(health)
  t.ok(await eventually(() => b.gateway.health.length === 1))
  t.strictSame(b.gateway.health[0], health)
})

t.test('an uplink can be closed in any state, and then stays closed', async (t) => {
  const b = await bench(t, { mqttUrl: 'mqtt://127.0.0.1:1' })
  await b.uplink.close()
  await b.uplink.close()
  const up = await bench(t)
  t.ok(await eventually(() => up.uplink.connected))
  await up.uplink.close()
  await up.append(1)
  t.notOk(up.uplink.connected)
  t.equal(up.gateway.stored.size, 0)
})
