import { writeFileSync } from 'node:fs'
import path from 'node:path'
import t, { type Test } from 'tap'
import { systemClock } from '../../../base/clock.js'
import { silentLogger } from '../../../base/log.js'
import { SeededRandom } from '../../../base/random.js'
import type { Reader } from '../../../interfaces/reader.js'
import { openReaderBus, parseReaderBusConfig, type ReaderBus } from '../../../reader-bus/index.js'
import { openBus, secrets, type BusBench } from '../../../reader-bus/testing/bench.js'
import { certificate, key } from '../../../reader-bus/testing/self-signed.js'
import {
  MqttReaderSimulator,
  type MqttReaderSettings,
} from '../../../../simulators/reader/mqtt/mqtt-reader.js'
import { Listener } from '../testing/listener.js'
import { mqttReaderDriver } from './driver.js'

const topic = 'readers/north-1/tags'
const epc = 'E2006803000000000000004F'

function open(t: Test, bench: BusBench, listener: Listener, settings: Record<string, unknown> = {}): Reader {
  const parsed = mqttReaderDriver.parseConfig({
    url: bench.bus.url,
    username: 'edge',
    secretFile: bench.secretFile('edge'),
    topic,
    dialect: 'impinj-r700',
    ...settings,
  })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const reader = mqttReaderDriver.open(parsed.value, listener.given)
  t.teardown(() => reader.close())
  return reader
}

async function simulate(t: Test, bus: ReaderBus, settings: Partial<MqttReaderSettings> = {}) {
  const simulator = new MqttReaderSimulator({
    url: bus.url,
    username: 'reader',
    password: secrets.reader,
    clientId: 'impinj-14-00-01',
    topic,
    form: 'impinj-r700',
    clock: systemClock,
    random: new SeededRandom(5),
    ...settings,
  })
  t.teardown(() => simulator.switchOff())
  simulator.switchOn()
  await connected(simulator)
  return simulator
}

async function connected(simulator: MqttReaderSimulator): Promise<void> {
  const fromMs = performance.now()
  while (!simulator.connected) {
    if (performance.now() - fromMs > 20_000) throw new Error('the simulated reader does not connect')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

t.test('each kind of MQTT reader is heard through the bus', async (t) => {
  for (const form of ['impinj-r700', 'zebra-iotc', 'lanekeeper'] as const) {
    t.test(form, async (t) => {
      const bench = await openBus(t)
      const listener = new Listener('north-1')
      const reader = open(t, bench, listener, { dialect: form })
      await listener.connected()
      const simulator = await simulate(t, bench.bus, { form })
      simulator.setClock(-3_600_000)
      simulator.setDuplicates(1)
      simulator.hear({ epc, antenna: '2', rssiDbm: -51 }, { epc: 'E20068030000000000000050' })
      await listener.until('both tags twice', () => listener.tags.length === 4)
      const [read] = listener.tags
      t.match(read, { kind: 'tag', readerId: 'north-1', epc, antenna: '2', rssiDbm: -51, count: 1 })
      const behindMs = (read?.heardAt.wallMs ?? 0) - (read?.readerAtMs ?? 0)
      t.ok(behindMs > 3_500_000 && behindMs < 3_700_000, 'its clock is data, ours is the time of hearing')
      t.match(reader.counters, { reads: 4, discarded: 0, reconnects: 0 })
      if (form === 'lanekeeper') {
        simulator.see({ text: '粤B·12345', region: 'CN', confidence: 0.9, zone: 'in-1' })
        await listener.until('the plate', () => listener.plates.length > 0)
        t.match(listener.plates[0], {
          plate: { region: 'CN', text: '粤B·12345' },
          confidence: 0.9,
          zone: 'in-1',
        })
      }
      t.end()
    })
  }
})

t.test('bad messages cost nothing but themselves, and many of them are a fault that ends', async (t) => {
  const bench = await openBus(t)
  const listener = new Listener('north-1')
  const reader = open(t, bench, listener, { maxPayloadBytes: 1_024, noisyAfter: 4 })
  await listener.connected()
  const simulator = await simulate(t, bench.bus)
  for (const bad of ['{', '[]x', '"hello"', '{"tagInventoryEvent":{}}', 'x'.repeat(2_000)])
    simulator.sendRaw(bad)
  simulator.hear({ epc })
  await listener.until('the good one', () => listener.epcs.length === 1)
  t.equal(reader.counters.discarded, 5)
  t.equal(listener.last('reader.noisyLine'), 'raised')
  await listener.until('the fault ends', () => listener.last('reader.noisyLine') === 'cleared')
  t.end()
})

t.test('a retained message of another broker is no read of now', async (t) => {
  // The bus keeps nothing; a foreign broker may, so the driver is shown the flag itself.
  const { Aedes } = await import('aedes')
  const { createServer } = await import('node:net')
  const broker = await Aedes.createBroker()
  const server = createServer((socket) => void broker.handle(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  t.teardown(async () => {
    await new Promise<void>((resolve) => broker.close(() => resolve()))
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })
  const bench = await openBus(t)
  const foreign = { ...bench, bus: { ...bench.bus, url: `mqtt://127.0.0.1:${port}`, port } }
  const simulator = await simulate(t, foreign.bus, { qos: 1 })
  const event = JSON.stringify({ tagInventoryEvent: { epcHex: 'AAAA' } })
  await simulatorSent(simulator, () => simulator.sendRaw(event, true))
  const listener = new Listener('north-1')
  const reader = open(t, foreign, listener)
  await listener.connected()
  simulator.hear({ epc })
  await listener.until('the read of now', () => listener.epcs.length > 0)
  t.same(listener.epcs, [epc])
  t.equal(reader.counters.discarded, 1)
  t.end()
})

/** Runs the sending and waits until the broker has answered for it. */
async function simulatorSent(simulator: MqttReaderSimulator, send: () => void): Promise<void> {
  send()
  const fromMs = performance.now()
  while (simulator.waiting > 0) {
    if (performance.now() - fromMs > 20_000) throw new Error('the message was not taken')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

t.test('the bus goes and comes back, again and again: heard within 5 s each time', async (t) => {
  const bench = await openBus(t)
  const listener = new Listener('north-1')
  const reader = open(t, bench, listener)
  await listener.connected()
  const simulator = await simulate(t, bench.bus)
  let { bus } = bench
  let slowestMs = 0
  for (let round = 1; round <= 8; round += 1) {
    await bus.close()
    await listener.until('the fault', () => listener.changes('reader.disconnected').length === 2 * round)
    bus = await reopen(bench)
    t.teardown(() => bus.close())
    const fromMs = performance.now()
    await listener.connected(round + 1)
    await connected(simulator)
    simulator.hear({ epc: round.toString(16).padStart(24, '0') })
    await listener.until(`round ${round}`, () => listener.epcs.length === round)
    slowestMs = Math.max(slowestMs, performance.now() - fromMs)
  }
  t.comment(`slowest of 8 returns: ${Math.round(slowestMs)} ms`)
  const waitMs = listener.longestWaitMs('reader.reopen')
  t.ok(waitMs > 0 && waitMs < 4_000, `it waits ${waitMs} ms at most before it tries again`)
  t.equal(reader.counters.reconnects, 8)
  t.end()
})

function reopen(bench: BusBench): Promise<ReaderBus> {
  const parsed = parseReaderBusConfig({
    port: bench.bus.port,
    users: [
      { name: 'reader', secretFile: bench.secretFile('reader'), publish: ['readers/north-1/#'] },
      { name: 'edge', secretFile: bench.secretFile('edge'), subscribe: ['readers/#'] },
    ],
  })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return openReaderBus(parsed.value, { clock: systemClock, log: silentLogger, onFault: () => undefined })
}

t.test('what keeps it from listening is a fault that says so', async (t) => {
  const bench = await openBus(t)
  const cases: readonly [string, Record<string, unknown>, RegExp][] = [
    [
      'a topic it may not read',
      { topic: 'cameras/1' },
      /does not let this user read cameras\/1|Not subscribed/,
    ],
    [
      'a wrong secret',
      { username: 'other', secretFile: bench.secretFile('reader') },
      /Bad username or password/,
    ],
    ['no broker', { url: 'mqtt://127.0.0.1:1' }, /ECONNREFUSED/],
    ['no secret file', { secretFile: path.join(bench.folder, 'none') }, /secret file cannot be read/],
  ]
  for (const [name, settings, detail] of cases) {
    const listener = new Listener(name)
    open(t, bench, listener, settings)
    await listener.until('the fault', () => listener.last('reader.disconnected') === 'raised')
    t.match(listener.faults[0], { source: name, detail }, name)
  }
  t.end()
})

t.test('closing does not wait for a broker that never answers', async (t) => {
  const { createServer } = await import('node:net')
  const sockets: { destroy(): void }[] = []
  const server = createServer((socket) => sockets.push(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const bench = await openBus(t)
  const connection = new Promise((resolve) => server.once('connection', resolve))
  const fromMs = performance.now()
  const reader = open(t, bench, new Listener('north-1'), { url: `mqtt://127.0.0.1:${port}` })
  await connection
  await reader.close()
  // Who waits for the broker waits until 4 s after it was called, when it is given up.
  t.ok(performance.now() - fromMs < 4_000)
  for (const socket of sockets) socket.destroy()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  t.end()
})

t.test('a mute reader is a fault where a heartbeat is configured', async (t) => {
  const bench = await openBus(t)
  const listener = new Listener('north-1')
  open(t, bench, listener, { heartbeatMs: 500, dialect: 'lanekeeper' })
  await listener.connected()
  const simulator = await simulate(t, bench.bus, { form: 'lanekeeper' })
  await listener.until('silent', () => listener.last('reader.silent') === 'raised')
  simulator.sendRaw(JSON.stringify({ v: 1, type: 'alive' }))
  await listener.until('alive', () => listener.last('reader.silent') === 'cleared')
  t.same(listener.reads, [])
  t.end()
})

t.test('a flood of one tag is counted together, one of many tags is cut, and both are a fault', async (t) => {
  const bench = await openBus(t)
  const listener = new Listener('north-1')
  const reader = open(t, bench, listener, { maxReadsPerSecond: 200 })
  await listener.connected()
  const simulator = await simulate(t, bench.bus)
  await simulator.flood([{ epc, rssiDbm: -50 }], 2_000, 400)
  await simulatorSent(simulator, () => simulator.hear({ epc, rssiDbm: -40 }))
  const all = simulator.tally.sent
  await listener.until('all counted', () => listener.tags.reduce((sum, tag) => sum + tag.count, 0) === all)
  t.equal(reader.counters.reads, all)
  t.ok(listener.reads.length < all / 2, `${listener.reads.length} of ${all}`)
  t.equal(Math.max(...listener.tags.map((tag) => tag.rssiDbm ?? -99)), -40, 'the best signal is kept')
  t.equal(listener.last('reader.flooding'), 'raised')
  const tags = Array.from({ length: 2_000 }, (_, index) => ({ epc: index.toString(16).padStart(24, '0') }))
  await simulator.flood(tags, 4_000, 400)
  const sent = simulator.tally.sent
  await listener.until('all arrived', () => reader.counters.reads === sent)
  t.ok((reader.counters.shed ?? 0) > 100, `${reader.counters.shed} were shed`)
  t.end()
})

t.test(
  'a reader over TLS is heard where its certificate is known, and refused where it is not',
  async (t) => {
    const folder = t.testdir({ 'certificate.pem': certificate, 'key.pem': key })
    const file = (name: string) => path.join(folder, name)
    const tls = { certificateFile: file('certificate.pem'), keyFile: file('key.pem') }
    // The folder of a test is one for all its helpers, so the secrets go beside the certificate.
    for (const name of ['reader', 'edge'] as const) writeFileSync(file(name), secrets[name], { mode: 0o600 })
    const users = [{ name: 'edge', secretFile: file('edge'), subscribe: ['readers/#'] }]
    const parsed = parseReaderBusConfig({ host: '127.0.0.1', port: 0, tls, users })
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
    const given = { clock: systemClock, log: silentLogger, onFault: () => undefined }
    const bus = await openReaderBus(parsed.value, given)
    t.teardown(() => bus.close())
    t.match(bus.url, /^mqtts:/)
    const bench: BusBench = { bus, faults: [], folder, secretFile: file }
    const trusting = new Listener('trusting')
    open(t, bench, trusting, { url: `mqtts://localhost:${bus.port}`, caFile: file('certificate.pem') })
    await trusting.connected()
    const suspicious = new Listener('suspicious')
    open(t, bench, suspicious, { url: `mqtts://localhost:${bus.port}` })
    await suspicious.until('the fault', () => suspicious.last('reader.disconnected') === 'raised')
    t.match(suspicious.faults[0]?.detail, /self.signed certificate/i)
    t.end()
  },
)

t.test('a configuration tells all its problems at once, with a remedy', (t) => {
  const parsed = mqttReaderDriver.parseConfig({
    url: 'mqtt://reader-bus.example:1883',
    username: '',
    topic: '#',
    dialect: 'morse',
    colour: 'red',
  })
  if (parsed.ok) throw new Error('taken')
  const paths = parsed.problems.map((problem) => problem.path)
  t.same(paths.sort(), ['', 'dialect', 'secretFile', 'topic', 'url', 'username'])
  t.match(parsed.problems.find((problem) => problem.path === 'url')?.message, /mqtts/)
  for (const url of [
    'mqtts://anywhere.example:8883',
    'mqtt://localhost:1',
    'mqtt://[::1]:1',
    'mqtt://127.0.0.1:1',
  ]) {
    t.equal(
      mqttReaderDriver.parseConfig({ url, username: 'a', secretFile: 'b', topic: 'c', dialect: 'lanekeeper' })
        .ok,
      true,
      url,
    )
  }
  t.end()
})
