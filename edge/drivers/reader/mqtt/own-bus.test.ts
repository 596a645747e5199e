import t, { type Test } from 'tap'
import { systemClock } from '../../../base/clock.js'
import { SeededRandom } from '../../../base/random.js'
import type { OwnBus, Reader } from '../../../interfaces/reader.js'
import { eventually, openBus, secrets, type BusBench } from '../../../reader-bus/testing/bench.js'
import { MqttReaderSimulator } from '../../../../simulators/reader/mqtt/mqtt-reader.js'
import { Listener } from '../testing/listener.js'
import { mqttReaderDriver } from './driver.js'

const topic = 'readers/north-1/tags'
const epcOf = (n: number) => n.toString(16).toUpperCase().padStart(24, '0')

function open(
  t: Test,
  bench: BusBench,
  listener: Listener,
  settings: Record<string, unknown> = {},
  ownBus: OwnBus = bench.bus.own,
): Reader {
  const parsed = mqttReaderDriver.parseConfig({
    url: bench.bus.url,
    username: 'edge',
    secretFile: bench.secretFile('edge'),
    topic,
    dialect: 'impinj-r700',
    ...settings,
  })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const reader = mqttReaderDriver.open(parsed.value, { ...listener.given, ownBus })
  t.teardown(() => reader.close())
  return reader
}

async function simulate(t: Test, bench: BusBench): Promise<MqttReaderSimulator> {
  const simulator = new MqttReaderSimulator({
    url: bench.bus.url,
    username: 'reader',
    password: secrets.reader,
    clientId: 'impinj-14-00-01',
    topic,
    form: 'impinj-r700',
    clock: systemClock,
    random: new SeededRandom(5),
  })
  t.teardown(() => simulator.switchOff())
  simulator.switchOn()
  await eventually('the reader connects', () => simulator.connected)
  return simulator
}

t.test("reads over the edge's own bus come in order, each once, and without a connection", async (t) => {
  const bench = await openBus(t)
  const listener = new Listener('north-1')
  const reader = open(t, bench, listener)
  await listener.connected()
  t.equal(bench.bus.counters.clients, 0, 'the driver is no client')
  const simulator = await simulate(t, bench)
  const epcs = Array.from({ length: 60 }, (_, n) => epcOf(n))
  for (const epc of epcs) simulator.hear({ epc })
  await listener.until('all of them', () => listener.epcs.length >= epcs.length)
  t.same(listener.epcs, epcs)
  t.equal(bench.bus.counters.clients, 1, 'only the reader')
  await reader.close()
  const before = bench.bus.counters.published
  simulator.hear({ epc: epcOf(1_000) })
  await eventually('the bus has the one after the end', () => bench.bus.counters.published > before)
  t.equal(listener.epcs.length, epcs.length, 'a closed reader hears nothing')
})

t.test('another reader on the same topic hears the same, and a bad message costs nothing else', async (t) => {
  const bench = await openBus(t)
  const listeners = [new Listener('north-1'), new Listener('north-2')]
  const readers = listeners.map((listener) => open(t, bench, listener, { topic: 'readers/+/tags' }))
  await Promise.all(listeners.map((listener) => listener.connected()))
  const simulator = await simulate(t, bench)
  simulator.sendRaw('{')
  simulator.hear({ epc: epcOf(7) })
  for (const listener of listeners) {
    await listener.until('the good one', () => listener.epcs.length === 1)
    t.same(listener.epcs, [epcOf(7)])
  }
  for (const reader of readers) t.equal(reader.counters.discarded, 1)
})

t.test('the rights of a user of the bus hold inside the process too', async (t) => {
  const bench = await openBus(t)
  const cases: readonly [string, Record<string, unknown>, RegExp][] = [
    ['a topic it may not read', { topic: 'cameras/1' }, /does not let this user read cameras\/1/],
    ['all topics', { topic: '+/#' }, /does not let this user read/],
    ["a reader's own login", { username: 'reader', secretFile: bench.secretFile('reader') }, /does not let/],
    ['a wrong secret', { secretFile: bench.secretFile('reader') }, /secret is another one/],
    ['nobody', { username: 'nobody' }, /does not know this user/],
  ]
  for (const [name, settings, detail] of cases) {
    const listener = new Listener(name)
    const refusedBefore = bench.bus.counters.refused
    open(t, bench, listener, settings)
    await listener.until('the fault', () => listener.last('reader.disconnected') === 'raised')
    t.match(listener.faults[0], { source: name, detail }, name)
    t.ok(bench.bus.counters.refused > refusedBefore, 'the bus counts it with its other refusals')
  }
})

t.test('a bus that ends is a fault, and the one that follows is heard', async (t) => {
  const bench = await openBus(t)
  const next = await openBus(t)
  let now: OwnBus = bench.bus.own
  const whichever: OwnBus = { isAt: () => true, subscribe: (request) => now.subscribe(request) }
  const listener = new Listener('north-1')
  const reader = open(t, bench, listener, {}, whichever)
  await listener.connected()
  await bench.bus.close()
  await listener.until('the fault', () => listener.last('reader.disconnected') === 'raised')
  t.match(listener.faults.at(-1), { detail: /bus was closed/ })
  now = next.bus.own
  await listener.connected(2)
  const simulator = await simulate(t, next)
  simulator.hear({ epc: epcOf(3) })
  await listener.until('the read', () => listener.epcs.length === 1)
  t.equal(reader.counters.reconnects, 1)
})

t.test('only an address that can be nothing else means the bus of this process', async (t) => {
  const { bus } = await openBus(t)
  const { port } = bus
  for (const url of [`mqtt://127.0.0.1:${port}`, `mqtt://localhost:${port}`, `mqtt://[::1]:${port}`])
    t.equal(bus.own.isAt(url), true, url)
  for (const url of [
    `mqtts://127.0.0.1:${port}`,
    `mqtt://127.0.0.1:${port + 1}`,
    `mqtt://192.0.2.7:${port}`,
    `mqtt://broker.example:${port}`,
    'mqtt://127.0.0.1',
    'nonsense',
  ])
    t.equal(bus.own.isAt(url), false, url)
})
