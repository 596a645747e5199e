import t, { type Test } from 'tap'
import { systemClock } from '../base/clock.js'
import { SeededRandom, systemRandom } from '../base/random.js'
import { MemoryControl } from '../domain/lists/memory-control.js'
import { openTestStore } from '../store/testing/opener.js'
import { chainProblem, draft } from '../store/testing/journal.contract.js'
import { bench, eventually, type Bench } from './testing/edge.js'

const seed = Number(process.env.SEED ?? Math.floor(systemRandom.next() * 2 ** 31))
t.comment(`SEED=${seed}`)

/** Where nothing is lost, nothing is sent twice, however long a busy machine takes for an answer. */
const patient = { resendAfterMs: 600_000, brokerSilentMs: 600_000 }

/** The gateway has each event once, the chain holds, and the edge knows it. */
async function arrived(t: Test, { gateway, store }: Bench, count: number): Promise<void> {
  t.ok(await eventually(() => store.journal.status().acknowledged === count), `${count} acknowledged`)
  const events = [...gateway.stored.values()]
    .sort((a, b) => a.sequence - b.sequence)
    .map(({ sentAt: _, ...event }) => event)
  t.equal(events.length, count)
  t.equal(chainProblem(events), null)
}

t.test('what was recorded before and after the connection arrives in order, each event once', async (t) => {
  const b = await bench(t, { bounds: patient })
  await b.append(300)
  await arrived(t, b, 300)
  await b.append(5)
  await arrived(t, b, 305)
  t.strictSame(
    b.gateway.heard.map((event) => event.sequence),
    Array.from({ length: 305 }, (_, n) => n + 1),
    'in sequence, nothing twice',
  )
  t.notOk(b.stands('uplink.disconnected'))
})

t.test('the word of the broker frees nothing, and no more than the window is under way', async (t) => {
  const b = await bench(t, { bounds: { ...patient, windowEvents: 50 } }, (gateway) => {
    gateway.acks = false
  })
  await b.append(200)
  t.ok(await eventually(() => b.gateway.stored.size === 50))
  await b.append(200)
  await eventually(() => b.gateway.stored.size > 50, 300)
  t.equal(b.gateway.stored.size, 50, 'the window is full')
  t.equal(b.store.journal.status().acknowledged, 0)
  b.gateway.acks = true
  b.gateway.ack()
  await arrived(t, b, 400)
})

t.test('lost acknowledgements lead to repeats, never to loss', async (t) => {
  const b = await bench(t, {}, (gateway) => {
    gateway.acks = false
  })
  await b.append(40)
  t.ok(await eventually(() => b.uplink.counters.repeated >= 40), 'published again')
  b.gateway.acks = true
  await arrived(t, b, 40)
})

t.test('a broker killed again and again in the middle of a drain loses nothing', async (t) => {
  const random = new SeededRandom(seed)
  const b = await bench(t)
  await b.append(1_500)
  for (let kill = 1; kill <= 6; kill += 1) {
    const target = Math.min(b.gateway.stored.size + random.int(1, 250), 1_500)
    await eventually(() => b.gateway.stored.size >= target)
    await b.gateway.kill()
    t.ok(await eventually(() => b.stands('uplink.disconnected')), `kill ${kill}: a fault`)
    await b.append(10)
    await b.gateway.start()
    t.ok(await eventually(() => !b.stands('uplink.disconnected')), `kill ${kill}: connected again`)
  }
  await arrived(t, b, 1_560)
  t.comment({ repeated: b.uplink.counters.repeated, connects: b.uplink.counters.connects })
})

t.test('a gateway restored from its backup gets again what it lost', async (t) => {
  const b = await bench(t)
  await b.append(200)
  await arrived(t, b, 200)
  await b.gateway.kill()
  for (let sequence = 81; sequence <= 200; sequence += 1) b.gateway.stored.delete(sequence)
  await b.gateway.start()
  t.ok(await eventually(() => b.gateway.contiguous === 200), 'from 81 on')
  t.equal(b.uplink.counters.regressed, 1)
  t.equal(b.store.journal.status().acknowledged, 200, 'the mark of the edge does not go back')
  await b.append(3)
  await arrived(t, b, 203)
})

t.test('what is no longer kept is a fault, and what follows is sent all the same', async (t) => {
  const b = await bench(t, { bounds: { ...patient, windowEvents: 20 } })
  await b.append(100)
  await arrived(t, b, 100)
  const { status } = b.store.journal
  b.store.journal.status = () => ({ ...status.call(b.store.journal), firstKept: 61 })
  await b.gateway.kill()
  b.gateway.stored.clear()
  b.gateway.heard.length = 0
  await b.gateway.start()
  t.ok(await eventually(() => b.stands('outbox.gap')))
  t.ok(await eventually(() => b.gateway.stored.size === 40), 'the forty that are kept')
  await b.append(30)
  t.ok(await eventually(() => b.gateway.stored.size === 70), 'and new ones behind them')
  t.equal(b.gateway.heard.length, 70, 'once, though no acknowledgement can come')
  const [first] = b.gateway.heard
  for (let n = 1; first && n <= 60; n += 1) b.gateway.stored.set(n, first)
  b.gateway.ack()
  t.ok(await eventually(() => !b.stands('outbox.gap')), 'cleared when somebody has closed the gap')
})

t.test('a broker that hears and never answers is left for a new connection', async (t) => {
  const b = await bench(t, {}, (gateway) => {
    gateway.hangs = true
  })
  await b.append(10)
  t.ok(await eventually(() => b.gateway.connections >= 2), 'another connection')
  b.gateway.hangs = false
  await arrived(t, b, 10)
})

t.test('a backlog is a fault from its bound on, until half of it is gone', async (t) => {
  const b = await bench(t, { bounds: { backlogEvents: 100, resendAfterMs: 100 } }, (gateway) => {
    gateway.acks = false
  })
  await b.append(150)
  t.ok(await eventually(() => b.stands('outbox.backlog')))
  b.gateway.acks = true
  await arrived(t, b, 150)
  t.ok(await eventually(() => !b.stands('outbox.backlog')))
})

t.test('an edge that starts with a long past begins behind what is acknowledged', async (t) => {
  const folder = t.testdir({})
  const past = await openTestStore(`${folder}/edge`, new MemoryControl())
  await past.journal.append(Array.from({ length: 50 }, () => draft()))
  await past.journal.acknowledge(past.journal.epoch, 30)
  const b = await bench(t, { outbox: past.journal }, (gateway) => {
    gateway.acks = false
  })
  t.ok(await eventually(() => b.gateway.stored.has(50)))
  t.equal(Math.min(...b.gateway.stored.keys()), 31)
  await b.uplink.close()
  await past.close()
})

t.test('ten thousand events that waited are drained in seconds', async (t) => {
  const b = await bench(t, { bounds: patient }, (gateway) => {
    gateway.accepts = false
  })
  for (let n = 0; n < 20; n += 1) await b.append(500)
  t.ok(await eventually(() => b.stands('uplink.refused')))
  const startMs = systemClock.now().monoMs
  b.gateway.accepts = true
  t.ok(await eventually(() => b.store.journal.status().acknowledged === 10_000, 60_000))
  const seconds = (systemClock.now().monoMs - startMs) / 1_000
  t.comment({ perSecond: Math.round(10_000 / seconds) })
  t.equal(b.gateway.heard.length, 10_000, 'each once')
  t.equal(b.gateway.contiguous, 10_000)
})
