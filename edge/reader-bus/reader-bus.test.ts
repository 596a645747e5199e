import { chmodSync, writeFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import path from 'node:path'
import t from 'tap'
import { ManualClock, systemClock, type Clock } from '../base/clock.js'
import { SeededRandom } from '../base/random.js'
import { silentLogger } from '../base/log.js'
import { openReaderBus, parseReaderBusConfig } from './index.js'
import { eventually, mqttClient, openBus, secrets, sendRaw } from './testing/bench.js'

t.test('a reader publishes, the edge hears it, at either quality of service', async (t) => {
  const { bus, faults } = await openBus(t)
  const edge = await mqttClient(t, bus, 'edge')
  const heard: string[] = []
  edge.on('message', (topic, payload, packet) =>
    heard.push(`${topic} ${payload.toString()} ${packet.retain}`),
  )
  await edge.subscribeAsync('readers/north-1/tags')
  const reader = await mqttClient(t, bus, 'reader')
  await reader.publishAsync('readers/north-1/tags', 'one', { qos: 0 })
  await reader.publishAsync('readers/north-1/tags', 'two', { qos: 1 })
  await eventually('both messages', () => heard.length === 2)
  t.same(heard, ['readers/north-1/tags one false', 'readers/north-1/tags two false'])
  t.match(bus.counters, { clients: 2, published: 2, refused: 0, shed: 0 })
  t.same(faults, [])
  t.end()
})

t.test(
  'a wrong secret, an unknown name and no name are refused, as one fault that ends after a quiet minute',
  async (t) => {
    const clock = new ManualClock()
    const { bus, faults } = await openBus(t, {}, clock)
    await t.rejects(mqttClient(t, bus, 'reader', { password: 'wrong' }), /Bad username or password/)
    await t.rejects(mqttClient(t, bus, 'reader', { username: 'constructor' }), /Bad username or password/)
    await t.rejects(mqttClient(t, bus, 'reader', { username: '', password: '' }), /Bad username or password/)
    t.match(faults, [
      { is: 'raised', code: 'readerBus.refusedClient', source: 'reader-bus', detail: /login of "reader"/ },
    ])
    t.equal(bus.counters.refused, 3)
    clock.advance(59_000)
    t.equal(faults.length, 1)
    clock.advance(2_000)
    t.match(faults[1], { is: 'cleared', code: 'readerBus.refusedClient', source: 'reader-bus' })
    t.end()
  },
)

t.test('a reader on a topic that is not its own is thrown out, and nobody hears it', async (t) => {
  const { bus, faults } = await openBus(t)
  const edge = await mqttClient(t, bus, 'edge')
  const heard: string[] = []
  edge.on('message', (topic) => heard.push(topic))
  await edge.subscribeAsync('readers/#')
  const reader = await mqttClient(t, bus, 'reader')
  const closed = new Promise<void>((resolve) => reader.once('close', () => resolve()))
  reader.publish('readers/other', 'forged')
  await closed
  const other = await mqttClient(t, bus, 'other')
  await other.publishAsync('readers/other', 'honest', { qos: 1 })
  await eventually('the honest message', () => heard.length > 0)
  t.same(heard, ['readers/other'])
  t.match(faults, [{ is: 'raised', detail: /reader on a topic it may not publish to/ }])
  t.end()
})

t.test('a will on a foreign topic is not published', async (t) => {
  const { bus } = await openBus(t)
  const edge = await mqttClient(t, bus, 'edge')
  const heard: string[] = []
  edge.on('message', (topic, payload) => heard.push(`${topic} ${payload.toString()}`))
  await edge.subscribeAsync('readers/#')
  const will = { topic: 'readers/other', payload: Buffer.from('forged will'), qos: 0, retain: true } as const
  const reader = await mqttClient(t, bus, 'reader', { will })
  reader.stream.destroy()
  await eventually('the refusal', () => bus.counters.refused === 1)
  const honest = await mqttClient(t, bus, 'other')
  await honest.publishAsync('readers/other', 'honest', { qos: 1 })
  await eventually('the honest message', () => heard.length > 0)
  t.same(heard, ['readers/other honest'])
  t.end()
})

t.test('nobody subscribes to what it may not read, nor to everything', async (t) => {
  const { bus } = await openBus(t)
  const reader = await mqttClient(t, bus, 'reader')
  await t.rejects(reader.subscribeAsync('readers/north-1/#'), 'its own topic, which it may only write')
  const edge = await mqttClient(t, bus, 'edge')
  for (const filter of ['#', '+/+', '$SYS/#', '+/north-1'])
    await t.rejects(edge.subscribeAsync(filter), filter)
  t.equal(bus.counters.refused, 5)
  t.end()
})

t.test('a retained read is heard now and never again', async (t) => {
  const { bus } = await openBus(t)
  const reader = await mqttClient(t, bus, 'reader')
  await reader.publishAsync('readers/north-1/tags', 'old', { qos: 1, retain: true })
  const edge = await mqttClient(t, bus, 'edge')
  const heard: string[] = []
  edge.on('message', (_topic, payload) => heard.push(payload.toString()))
  await edge.subscribeAsync('readers/#')
  await reader.publishAsync('readers/north-1/tags', 'new', { qos: 1 })
  await eventually('the new one', () => heard.length > 0)
  t.same(heard, ['new'])
  t.end()
})

t.test('no session is kept for a client that goes, whatever it asks for', async (t) => {
  const { bus } = await openBus(t)
  const first = await mqttClient(t, bus, 'edge', { clean: false })
  await first.subscribeAsync('readers/#', { qos: 1 })
  await first.endAsync(true)
  const reader = await mqttClient(t, bus, 'reader')
  await reader.publishAsync('readers/north-1/tags', 'meanwhile', { qos: 1 })
  const again = await mqttClient(t, bus, 'edge', { clean: false })
  const heard: string[] = []
  again.on('message', (_topic, payload) => heard.push(payload.toString()))
  await again.subscribeAsync('readers/#', { qos: 1 })
  await reader.publishAsync('readers/north-1/tags', 'now', { qos: 1 })
  await eventually('the message of now', () => heard.length > 0)
  t.same(heard, ['now'])
  t.end()
})

t.test('a user cannot throw out another one by taking its client id', async (t) => {
  const { bus } = await openBus(t)
  const edge = await mqttClient(t, bus, 'edge', { clientId: 'the-same' })
  await mqttClient(t, bus, 'reader', { clientId: 'the-same' })
  await eventually('both are connected', () => bus.counters.clients === 2)
  t.equal(edge.connected, true)
  t.end()
})

t.test('an over-long packet costs its connection and no memory, before and after the login', async (t) => {
  const { bus, faults } = await openBus(t, { maxPacketBytes: 1_024 })
  const before = process.memoryUsage().rss
  const declares256Mb = Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f])
  t.equal(await sendRaw(bus, declares256Mb), 'closed')
  t.match(faults, [{ detail: /a packet of 268435460 bytes; the bound is 4096/ }])
  const reader = await mqttClient(t, bus, 'reader')
  await reader.publishAsync('readers/north-1/tags', Buffer.alloc(900), { qos: 1 })
  const closed = new Promise<void>((resolve) => reader.once('close', () => resolve()))
  reader.publish('readers/north-1/tags', Buffer.alloc(1_100), { qos: 1 })
  await closed
  t.equal(bus.counters.refused, 2)
  t.equal(bus.counters.published, 1)
  t.ok(process.memoryUsage().rss - before < 64e6)
  t.end()
})

t.test('a length that never ends, and a client that does not begin with CONNECT, are refused', async (t) => {
  const { bus } = await openBus(t)
  t.equal(await sendRaw(bus, Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x01])), 'closed')
  t.equal(await sendRaw(bus, Buffer.from([0xc0, 0x00])), 'closed')
  t.equal(bus.counters.refused, 2)
  t.end()
})

t.test('a client that connects and says nothing is thrown out', async (t) => {
  const { bus } = await openBus(t, { connectTimeoutMs: 200 })
  t.equal(await sendRaw(bus, Buffer.alloc(0), 4_000), 'closed')
  t.end()
})

t.test('there is room for so many clients and no more', async (t) => {
  const { bus } = await openBus(t, { maxClients: 3 })
  for (let index = 0; index < 3; index += 1) await mqttClient(t, bus, 'edge', { clientId: `edge-${index}` })
  t.equal(await sendRaw(bus, Buffer.from([0xc0, 0x00])), 'closed')
  await eventually('it is counted', () => bus.counters.refused === 1)
  t.equal(bus.counters.clients, 3)
  t.end()
})

t.test(
  'a flood is cut to the rate before it costs anything; another reader is heard meanwhile',
  async (t) => {
    const { bus } = await openBus(t, { maxPublishesPerSecond: 500 })
    const edge = await mqttClient(t, bus, 'edge')
    const heard = { flood: 0, other: 0 }
    edge.on('message', (topic) => (heard[topic === 'readers/other' ? 'other' : 'flood'] += 1))
    await edge.subscribeAsync('readers/#')
    const [reader, other] = await Promise.all([mqttClient(t, bus, 'reader'), mqttClient(t, bus, 'other')])
    for (let batch = 0; batch < 10; batch += 1) {
      const sent = Array.from({ length: 500 }, () =>
        reader.publishAsync('readers/north-1/tags', 'x'.repeat(200)),
      )
      await Promise.all(sent)
    }
    await other.publishAsync('readers/other', 'heard', { qos: 1 })
    // QoS 1 is the sender's own brake, so it passes; behind the flood it shows that all was read.
    await reader.publishAsync('readers/north-1/tags', 'last', { qos: 1 })
    await eventually('the other reader', () => heard.other === 1)
    t.equal(bus.counters.shed + bus.counters.published, 5_002, 'each is counted as taken or shed')
    t.ok(bus.counters.shed > 3_000, `${bus.counters.shed} were shed`)
    t.ok(heard.flood >= 500 - 1, `${heard.flood} came through`)
    t.end()
  },
)

/** Changes bytes of a valid conversation: what a broken device or a curious one may send. */
function mutated(random: SeededRandom): Buffer {
  const text = (value: string) =>
    Buffer.concat([Buffer.from([value.length >> 8, value.length & 0xff]), Buffer.from(value)])
  const packet = (first: number, body: Buffer) => Buffer.concat([Buffer.from([first, body.length]), body])
  const connect = packet(
    0x10,
    Buffer.concat([
      text('MQTT'),
      Buffer.from([4, 0xc2, 0, 5]),
      text('fuzz'),
      text('reader'),
      text(secrets.reader),
    ]),
  )
  const publish = packet(
    0x32,
    Buffer.concat([text('readers/north-1/tags'), Buffer.from([0, 1]), Buffer.from('{}')]),
  )
  const subscribe = packet(0x82, Buffer.concat([Buffer.from([0, 2]), text('readers/#'), Buffer.from([1])]))
  const bytes = Buffer.concat([connect, publish, subscribe, Buffer.from([0xc0, 0])])
  const changes = random.int(0, 4)
  for (let count = 0; count < changes; count += 1) {
    const at = random.int(0, bytes.length - 1)
    bytes[at] = random.chance(0.5) ? random.int(0, 255) : (bytes[at] ?? 0) ^ (1 << random.int(0, 7))
  }
  return random.chance(0.3) ? bytes.subarray(0, random.int(0, bytes.length)) : bytes
}

t.test('malformed conversations by the hundred leave the bus alive and its memory flat', async (t) => {
  const seed = Number(process.env['SEED'] ?? 20_260_302)
  t.comment(`SEED=${seed}`)
  const random = new SeededRandom(seed)
  const { bus } = await openBus(t, { connectTimeoutMs: 300, maxClients: 200 })
  const broken: unknown[] = []
  const onBroken = (error: unknown) => broken.push(error)
  process.on('uncaughtException', onBroken)
  t.teardown(() => process.removeListener('uncaughtException', onBroken))
  for (let round = 0; round < 12; round += 1) {
    await Promise.all(Array.from({ length: 50 }, () => sendRaw(bus, mutated(random), 150)))
  }
  t.same(broken, [])
  const edge = await mqttClient(t, bus, 'edge')
  const heard: string[] = []
  edge.on('message', (_topic, payload) => heard.push(payload.toString()))
  await edge.subscribeAsync('readers/#')
  const reader = await mqttClient(t, bus, 'reader')
  await reader.publishAsync('readers/north-1/tags', 'still here', { qos: 1 })
  await eventually('a good reader is heard', () => heard.includes('still here'))
  t.end()
})

t.test('a frozen subscriber delays the others by no more than the drain bound', async (t) => {
  const { bus } = await openBus(t, { drainTimeoutMs: 200, maxPublishesPerSecond: 100_000 })
  const frozen = await mqttClient(t, bus, 'edge', { clientId: 'frozen' })
  await frozen.subscribeAsync('readers/#')
  frozen.stream.pause()
  const edge = await mqttClient(t, bus, 'edge', { clientId: 'awake' })
  const heard: string[] = []
  edge.on('message', (_topic, payload) => heard.push(payload.subarray(0, 4).toString()))
  await edge.subscribeAsync('readers/#')
  const reader = await mqttClient(t, bus, 'reader')
  const filler = Buffer.alloc(16_000, 'x')
  for (let count = 0; count < 600; count += 1) reader.publish('readers/north-1/tags', filler)
  await reader.publishAsync('readers/north-1/tags', 'last', { qos: 1 })
  await eventually('the last message', () => heard.includes('last'), 8_000)
  await eventually('the frozen one is thrown out', () => bus.counters.clients === 2)
  t.end()
})

t.test('the bus names what is wrong with its settings, all at once', (t) => {
  const parsed = parseReaderBusConfig({
    host: '0.0.0.0',
    users: [
      { name: 'a b', secretFile: 'x', publish: ['readers/#/tags'] },
      { name: 'twice', secretFile: 'x' },
      { name: 'twice', secretFile: 'x' },
    ],
    maxPacketBytes: 1,
  })
  if (parsed.ok) throw new Error('taken')
  const paths = parsed.problems.map((problem) => problem.path)
  t.same(paths.sort(), ['host', 'maxPacketBytes', 'users.0.name', 'users.0.publish.0', 'users.2.name'])
  const open = parseReaderBusConfig({ host: '0.0.0.0', users: [{ name: 'a', secretFile: 'x' }] })
  t.match(open, { ok: false, problems: [{ path: 'host', message: /Give tls, or use 127\.0\.0\.1/ }] })
  t.end()
})

t.test('a secret that others may read, or that is none, keeps the bus from starting', async (t) => {
  const folder = t.testdir()
  const secretFile = path.join(folder, 'reader.secret')
  const parsed = parseReaderBusConfig({ port: 0, users: [{ name: 'reader', secretFile }] })
  if (!parsed.ok) throw new Error('not taken')
  const given = { clock: systemClock satisfies Clock, log: silentLogger, onFault: () => undefined }
  await t.rejects(openReaderBus(parsed.value, given), { code: 'readerBus.noSecret' })
  writeFileSync(secretFile, 'a-long-enough-secret')
  chmodSync(secretFile, 0o644)
  await t.rejects(openReaderBus(parsed.value, given), { code: 'readerBus.openSecret', message: /chmod 600/ })
  writeFileSync(secretFile, 'short')
  chmodSync(secretFile, 0o600)
  await t.rejects(openReaderBus(parsed.value, given), { code: 'readerBus.weakSecret' })
  t.end()
})

t.test('an address that is taken is told with a remedy, and a closed bus leaves it free', async (t) => {
  const first = await openBus(t)
  const socket = connectTcp(first.bus.port, '127.0.0.1')
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('connect', resolve))
  await t.rejects(openBus(t, { port: first.bus.port }), { code: 'readerBus.notListening', message: /in use/ })
  await first.bus.close()
  await first.bus.close()
  const second = await openBus(t, { port: first.bus.port })
  t.equal(second.bus.url, `mqtt://127.0.0.1:${first.bus.port}`)
  t.end()
})
