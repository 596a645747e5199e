import fc from 'fast-check'
import t from 'tap'
import { ManualClock } from '../../../base/clock.js'
import { SeededRandom } from '../../../base/random.js'
import type { Read, TagRead } from '../../../interfaces/reader.js'
import { FloodGate, type FloodPolicy } from './flood-gate.js'
import { Link, type Session } from './link.js'
import { NoiseMeter } from './noise-meter.js'

const policy: FloodPolicy = { readsPerSecond: 100, coalesceMs: 50, maxWaiting: 8, clearAfterMs: 1_000 }

function tag(clock: ManualClock, epc: string, more: Partial<TagRead> = {}): TagRead {
  return {
    kind: 'tag',
    readerId: 'north-1',
    antenna: '1',
    zone: null,
    epc,
    tid: null,
    rssiDbm: -60,
    driverId: null,
    count: 1,
    heardAt: clock.now(),
    readerAtMs: null,
    ...more,
  }
}

function gate() {
  const clock = new ManualClock()
  const out: Read[] = []
  return { clock, out, gate: new FloodGate(clock, policy, (read) => out.push(read)) }
}

const counts = (reads: readonly Read[]) =>
  reads.reduce((sum, read) => sum + (read.kind === 'tag' ? read.count : 1), 0)

t.test('below the rate every read passes at once and unchanged', (t) => {
  const { clock, out, gate: flood } = gate()
  for (let index = 0; index < 500; index += 1) {
    const read = tag(clock, `E${index % 3}`)
    flood.offer(read)
    t.equal(out.at(-1), read)
    clock.advance(10)
  }
  t.equal(flood.flooding(clock.now().monoMs), false)
  t.end()
})

t.test('above it, reads of one tag and antenna become one, with their sum and the best signal', (t) => {
  const { clock, out, gate: flood } = gate()
  for (let index = 0; index < 100; index += 1) flood.offer(tag(clock, 'FILL'))
  out.length = 0
  flood.offer(tag(clock, 'A', { rssiDbm: -70, count: 2 }))
  flood.offer(tag(clock, 'A', { rssiDbm: -40, count: 3 }))
  clock.advance(20)
  flood.offer(tag(clock, 'A', { rssiDbm: null, readerAtMs: 5 }))
  flood.offer(tag(clock, 'A', { antenna: '2' }))
  t.same(out, [], 'they wait')
  clock.advance(30)
  t.match(out, [
    { epc: 'A', antenna: '1', count: 6, rssiDbm: -40, readerAtMs: 5, heardAt: { monoMs: 20 } },
    { epc: 'A', antenna: '2', count: 1 },
  ])
  t.equal(flood.flooding(clock.now().monoMs), true)
  clock.advance(1_000)
  t.equal(flood.flooding(clock.now().monoMs), false)
  t.end()
})

t.test('too many different tags at once are shed, and counted', (t) => {
  const { clock, out, gate: flood } = gate()
  for (let index = 0; index < 100; index += 1) flood.offer(tag(clock, 'FILL'))
  for (let index = 0; index < 20; index += 1) flood.offer(tag(clock, `T${index}`))
  clock.advance(50)
  t.equal(out.length, 108)
  t.equal(flood.shed, 12)
  t.end()
})

t.test('whatever comes, every read is passed, counted into another one, or counted as shed', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ epc: fc.nat(30), count: fc.integer({ min: 1, max: 4 }), waitMs: fc.nat(12) }), {
        maxLength: 600,
      }),
      (steps) => {
        const { clock, out, gate: flood } = gate()
        let offered = 0
        let lost = 0
        for (const { epc, count, waitMs } of steps) {
          const shedBefore = flood.shed
          flood.offer(tag(clock, `T${epc}`, { count }))
          offered += count
          if (flood.shed > shedBefore) lost += count
          clock.advance(waitMs)
        }
        flood.close()
        const spanMs = clock.now().monoMs
        const bound = 100 + (spanMs * 100) / 1_000 + (spanMs / 50 + 2) * policy.maxWaiting
        const ordered = out.every(
          (read, at) => at === 0 || read.kind !== 'tag' || inOrder(out.slice(0, at), read),
        )
        return counts(out) + lost === offered && out.length <= bound && ordered
      },
    ),
    { numRuns: 200, verbose: 1 },
  )
  t.end()
})

/** No read of a tag comes out after a later one of the same tag. */
function inOrder(before: readonly Read[], read: TagRead): boolean {
  const last = before.findLast((one) => one.kind === 'tag' && one.epc === read.epc)
  return last === undefined || last.heardAt.monoMs <= read.heardAt.monoMs
}

t.test('noise: so many in the window raise it, one beyond doubt raises it at once', (t) => {
  const noise = { raiseAfter: 3, windowMs: 100, clearAfterMs: 50 }
  const meter = new NoiseMeter(noise)
  for (const atMs of [0, 60, 120, 180]) meter.bad(atMs)
  t.equal(meter.noisy, false, 'never three within the window')
  meter.bad(200)
  t.equal(meter.noisy, true, 'at 120, 180 and 200')
  meter.look(10_000)
  t.equal(meter.noisy, true, 'nothing good came')
  meter.good()
  meter.look(240)
  t.equal(meter.noisy, true, 'too early')
  meter.look(250)
  t.equal(meter.noisy, false)
  meter.worse(300)
  t.equal(meter.noisy, true)
  t.end()
})

const settled = () => new Promise((resolve) => setImmediate(resolve))

function session(proven: boolean) {
  let lose: (why: string) => void = () => undefined
  const lost = new Promise<string>((resolve) => {
    lose = resolve
  })
  const log = { closed: 0 }
  const one: Session = {
    lost,
    proven,
    close: () => {
      log.closed += 1
      lose('closed')
      return Promise.resolve()
    },
  }
  return { one, lose: (why: string) => lose(why), log }
}

t.test(
  'a link tries for ever, never slower than every 2 s, and quickly again once something came',
  async (t) => {
    const clock = new ManualClock()
    let fails = true
    const opened: ReturnType<typeof session>[] = []
    const told: string[] = []
    const triesMs: number[] = []
    const link = new Link({
      clock,
      random: new SeededRandom(1),
      open: () => {
        triesMs.push(clock.now().monoMs)
        if (fails) return Promise.reject(new Error('no device'))
        const made = session(true)
        opened.push(made)
        return Promise.resolve(made.one)
      },
      onUp: (count) => told.push(`up ${count}`),
      onDown: (why) => told.push(why),
    })
    for (let step = 0; step < 600; step += 1) {
      await settled()
      clock.advance(100)
    }
    const gaps = triesMs.slice(1).map((at, index) => at - (triesMs[index] ?? 0))
    t.ok(triesMs.length > 25, `${triesMs.length} tries in a minute`)
    t.ok(Math.max(...gaps) <= 2_100, `longest wait ${Math.max(...gaps)} ms`)
    t.ok(new Set(gaps.slice(-10)).size > 2, 'the waits differ, so that eight readers do not come at once')
    fails = false
    for (let step = 0; step < 25 && opened.length === 0; step += 1) {
      clock.advance(100)
      await settled()
    }
    opened[0]?.lose('pulled')
    await settled()
    clock.advance(100)
    await settled()
    t.equal(opened.length, 2, 'the next try after a good session comes within 100 ms')
    t.equal(opened[0]?.log.closed, 1)
    t.same(told.slice(-3), ['up 1', 'pulled', 'up 2'])
    const before = told.length
    await link.close()
    await link.close()
    t.equal(opened[1]?.log.closed, 2, 'by the caller and by the loop')
    t.equal(told.length, before, 'closing is no fault')
    t.equal(clock.nextDueMs(), undefined, 'no timer is left')
    t.end()
  },
)
