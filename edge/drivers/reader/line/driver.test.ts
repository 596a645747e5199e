import { PassThrough } from 'node:stream'
import path from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { ManualClock, systemClock, type Clock } from '../../../base/clock.js'
import { SeededRandom } from '../../../base/random.js'
import type { Reader } from '../../../interfaces/reader.js'
import type { LineForm } from '../../../../simulators/reader/line/encode.js'
import { encodeReport } from '../../../../simulators/reader/line/encode.js'
import { LineReaderSimulator } from '../../../../simulators/reader/line/line-reader.js'
import { Listener } from '../testing/listener.js'
import { parseConfig, type LineReaderConfig } from './config.js'
import { openLineReader } from './driver.js'

const dialectOf = {
  transcore: 'transcore',
  alienNotify: 'alien',
  alienTerse: 'alien',
  nedap: 'nedap',
} as const

function configOf(raw: Record<string, unknown>): LineReaderConfig {
  const parsed = parseConfig({ watchMs: 50, ...raw })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  return parsed.value
}

interface Bench {
  readonly simulator: LineReaderSimulator
  readonly listener: Listener
  readonly reader: Reader
  readonly link: string
}

/** A simulated reader on a real terminal, plugged in, and the driver that has opened it. */
async function bench(t: Test, form: LineForm, settings: Record<string, unknown> = {}): Promise<Bench> {
  const link = path.join(t.testdir(), 'by-id', 'usb-reader')
  const simulator = new LineReaderSimulator({ link, form, clock: systemClock, random: new SeededRandom(3) })
  simulator.plug()
  const listener = new Listener('north-1')
  const config = configOf({ path: link, dialect: dialectOf[form], ...settings })
  const reader = openLineReader(config, listener.given)
  t.teardown(async () => {
    await reader.close()
    await simulator.unplug()
  })
  await listener.connected()
  return { simulator, listener, reader, link }
}

t.test('each kind of reader is heard over a real serial line', async (t) => {
  const epcs: Readonly<Record<LineForm, readonly string[]>> = {
    transcore: ['KING 1302', 'ABCU0000123'],
    alienNotify: ['E2006803000000000000004F', '800080040000003B'],
    alienTerse: ['E2006803000000000000004F', '800080040000003B'],
    nedap: ['0000000123', '0000000124'],
  }
  for (const form of ['transcore', 'alienNotify', 'alienTerse', 'nedap'] as const) {
    t.test(form, async (t) => {
      const { simulator, listener, reader } = await bench(t, form, { interByteMs: 20 })
      // The terse form is believed once the line was silent: a first line at once could be half a one.
      await systemQuiet(200)
      for (const epc of epcs[form]) simulator.hear({ epc, antenna: '1', count: 3, driverId: '7100944' })
      await listener.until('two tags', () => listener.epcs.length >= 2)
      t.same(listener.epcs, epcs[form])
      t.match(listener.tags[0], { readerId: 'north-1', kind: 'tag', zone: null, tid: null, rssiDbm: null })
      if (form === 'nedap') t.equal(listener.tags[0]?.driverId, '0007100944')
      if (form.startsWith('alien')) t.match(listener.tags[0], { antenna: '1', count: 3 })
      t.match(reader.counters, { reads: 2, discarded: 0, discardedBytes: 0, reconnects: 0 })
      t.end()
    })
  }
})

/** For the one thing that is a matter of time: silence on the line. */
function systemQuiet(forMs: number): Promise<void> {
  return new Promise((resolve) => {
    systemClock.after('test.quiet', forMs, resolve)
  })
}

t.test('a reader without its device is a fault that names the path, and no error', async (t) => {
  const listener = new Listener('north-1')
  const reader = openLineReader(
    configOf({ path: path.join(t.testdir(), 'nothing'), dialect: 'transcore' }),
    listener.given,
  )
  await listener.until('the fault', () => listener.last('reader.disconnected') === 'raised')
  t.match(listener.faults, [{ source: 'north-1', detail: /no device at .*nothing.*plugged in/ }])
  await reader.close()
  await reader.close()
  t.end()
})

t.test(
  'a second opening of the same device fails with a fault, and succeeds when the first has ended',
  async (t) => {
    const { listener: first, reader, link } = await bench(t, 'transcore')
    const listener = new Listener('north-2')
    const second = openLineReader(configOf({ path: link, dialect: 'transcore' }), listener.given)
    t.teardown(() => second.close())
    await listener.until('the fault', () => listener.last('reader.disconnected') === 'raised')
    t.match(listener.faults.at(-1)?.detail, /lock.*Another program, or another reader/i)
    t.equal(first.last('reader.disconnected'), 'cleared', 'the first one is not disturbed')
    await reader.close()
    await listener.connected()
    t.end()
  },
)

t.test('what waited in the line from before we opened it is not heard as if it were now', async (t) => {
  const link = path.join(t.testdir(), 'usb-reader')
  const simulator = new LineReaderSimulator({
    link,
    form: 'transcore',
    clock: systemClock,
    random: new SeededRandom(3),
  })
  simulator.plug()
  for (let count = 0; count < 20; count += 1) simulator.hear({ epc: 'LONG GONE' })
  const listener = new Listener('north-1')
  const reader = openLineReader(configOf({ path: link, dialect: 'transcore' }), listener.given)
  t.teardown(async () => {
    await reader.close()
    await simulator.unplug()
  })
  await listener.connected()
  simulator.hear({ epc: 'KING 1302' })
  await listener.until('the tag of now', () => listener.epcs.includes('KING 1302'))
  t.same(listener.epcs, ['KING 1302'])
  t.end()
})

t.test(
  'half a frame, unplugged, plugged in again: nothing is glued and no rest passes as a tag',
  async (t) => {
    for (const form of ['transcore', 'alienTerse', 'nedap'] as const) {
      t.test(form, async (t) => {
        const epc =
          form === 'transcore' ? 'KING 1302' : form === 'nedap' ? '0000000123' : 'E2006803000000000000004F'
        const { simulator, listener, reader } = await bench(t, form)
        const whole = encodeReport(form, { epc }, 0)
        // The cut falls between two words of a terse EPC: the rest has the form of a shorter tag.
        const cut = form === 'alienTerse' ? 10 : Math.floor(whole.length / 2)
        await simulator.sendRaw(whole.subarray(0, cut))
        await simulator.unplug()
        await listener.until('the fault', () => listener.last('reader.disconnected') === 'raised')
        simulator.plug()
        await listener.connected(2)
        await systemQuiet(250)
        await simulator.sendRaw(whole.subarray(cut))
        await simulator.sendRaw(whole)
        await listener.until('the whole tag', () => listener.epcs.length > 0)
        t.same(listener.epcs, [epc])
        t.equal(reader.counters.discarded > 0, true, 'the rest is counted')
        t.end()
      })
    }
  },
)

t.test('12 MB without a line end: a fault, little time, and the next good line is read', async (t) => {
  const { simulator, listener, reader } = await bench(t, 'transcore')
  const noise = Buffer.alloc(12_000_000, 0x55)
  const before = process.cpuUsage()
  await simulator.sendRaw(noise)
  await simulator.sendRaw(Buffer.from('\r\n'))
  simulator.hear({ epc: 'KING 1302' })
  await listener.until('the next line', () => listener.epcs.length > 0, 20_000)
  const used = process.cpuUsage(before)
  t.same(listener.epcs, ['KING 1302'])
  t.equal(listener.last('reader.noisyLine'), 'raised')
  // On a starved machine the sender pauses within the noise, and a pause ends a line.
  t.ok(
    reader.counters.discarded >= 1 && reader.counters.discarded < 50,
    `${reader.counters.discarded} bad lines`,
  )
  t.equal(reader.counters.discardedBytes >= 12_000_000, true)
  // Both ends of the terminal are in this process, so this holds the simulator's time as well.
  const cpuMs = (used.user + used.system) / 1_000
  t.comment(`12 MB through a terminal took ${Math.round(cpuMs)} ms of processor time, both ends together`)
  t.ok(cpuMs < 4_000, `${cpuMs} ms`)
  await listener.until('the fault ends', () => listener.last('reader.noisyLine') === 'cleared')
  t.end()
})

t.test('unplugged and plugged in 50 times: heard again each time, memory and descriptors flat', async (t) => {
  const { simulator, listener, reader } = await bench(t, 'transcore')
  const fromMs = systemClock.now().monoMs
  const before = process.cpuUsage()
  let slowestMs = 0
  let heapAt10 = 0
  for (let round = 1; round <= 50; round += 1) {
    // Data has flowed and half a frame stands in the line: the worst moment to pull the plug.
    simulator.sendHalf({ epc: 'HALF' })
    await simulator.unplug()
    await listener.until('the fault', () => listener.changes('reader.disconnected').length === 2 * round)
    simulator.plug()
    const pluggedMs = systemClock.now().monoMs
    await listener.connected(round + 1)
    simulator.hear({ epc: `ROUND ${round}` })
    await listener.until(`round ${round}`, () => listener.epcs.includes(`ROUND ${round}`))
    slowestMs = Math.max(slowestMs, systemClock.now().monoMs - pluggedMs)
    if (round === 10) heapAt10 = process.memoryUsage().rss
  }
  const used = process.cpuUsage(before)
  const tookMs = systemClock.now().monoMs - fromMs
  const share = (used.user + used.system) / 1_000 / tookMs
  const grownMb = (process.memoryUsage().rss - heapAt10) / 1e6
  t.comment(
    `50 rounds: slowest ${Math.round(slowestMs)} ms, ${(share * 100).toFixed(1)} % of a core, ${grownMb.toFixed(1)} MB more`,
  )
  t.same(
    listener.epcs,
    Array.from({ length: 50 }, (_, index) => `ROUND ${index + 1}`),
    'each tag once, none glued',
  )
  t.equal(reader.counters.reconnects, 50)
  const waitMs = listener.longestWaitMs('reader.reopen')
  t.ok(waitMs > 0 && waitMs < 4_000, `it waits ${waitMs} ms at most before it tries again`)
  t.ok(share < 0.2, `${share} of a core`)
  t.ok(grownMb < 30, `${grownMb} MB`)
  t.end()
})

t.test('a device that vanishes without a word is noticed by its path, and opened anew', async (t) => {
  // The stream never ends and never closes, as a hung-up line under serialport may (bindings-cpp#162).
  const opened: { gone: boolean; stream: PassThrough; closed: boolean }[] = []
  const listener = new Listener('north-1')
  const reader = openLineReader(configOf({ path: '/dev/null', dialect: 'transcore' }), listener.given, () => {
    const device = { gone: false, stream: new PassThrough(), closed: false }
    opened.push(device)
    return Promise.resolve({
      stream: device.stream,
      stillThere: () => Promise.resolve(!device.gone),
      close: () => {
        device.closed = true
        return Promise.resolve()
      },
    })
  })
  await listener.connected()
  const first = opened[0]
  if (first === undefined) throw new Error('nothing was opened')
  first.stream.write('#KING')
  first.gone = true
  await listener.connected(2)
  t.equal(first.closed, true, 'the lost one is closed')
  t.match(listener.faults.at(-2)?.detail, /gone from its path/)
  first.stream.write(' 1302\r\n')
  opened[1]?.stream.write('#ABCU0000123\r\n')
  await listener.until('a tag', () => listener.epcs.length > 0)
  t.same(listener.epcs, ['ABCU0000123'], 'the old stream is heard no more')
  await reader.close()
  t.end()
})

t.test('a mute reader is a fault where a heartbeat is configured, and its line is opened anew', async (t) => {
  const { simulator, listener } = await bench(t, 'transcore', { heartbeatMs: 500 })
  simulator.setSilent(true)
  await listener.until('silent', () => listener.last('reader.silent') === 'raised')
  await listener.connected(2)
  t.equal(listener.last('reader.silent'), 'raised', 'opening it anew makes it no less mute')
  simulator.setSilent(false)
  simulator.hear({ epc: 'KING 1302' })
  await listener.until('heard again', () => listener.last('reader.silent') === 'cleared')
  t.end()
})

t.test('a flood of one tag keeps its counts, becomes few reads, and is a fault', async (t) => {
  const { simulator, listener, reader } = await bench(t, 'alienTerse', {
    maxReadsPerSecond: 100,
    interByteMs: 20,
  })
  await systemQuiet(200)
  const tag = { epc: 'E2006803000000000000004F', count: 2, antenna: '1' }
  await simulator.flood([tag], 4_000, 500)
  await listener.until('all of it', () => reader.counters.reads === simulator.tally.sent)
  await listener.until('all counted', () => counted(listener) === 2 * simulator.tally.sent)
  t.equal(listener.last('reader.flooding'), 'raised')
  t.ok(simulator.tally.sent > 1_000, `${simulator.tally.sent} reports were sent`)
  t.ok(listener.reads.length < 250, `${listener.reads.length} reads came out`)
  t.equal((reader.counters.coalesced ?? 0) > 500, true)
  t.equal(reader.counters.shed, undefined)
  t.end()
})

function counted(listener: Listener): number {
  return listener.tags.reduce((sum, tag) => sum + tag.count, 0)
}

/** A device in memory, on a clock that the test moves. */
function inMemory(form: LineForm, settings: Record<string, unknown>, clock: Clock) {
  const stream = new PassThrough()
  const listener = new Listener('north-1', clock)
  const config = configOf({ path: '/dev/null', dialect: dialectOf[form], ...settings })
  const device = { stream, stillThere: () => Promise.resolve(true), close: () => Promise.resolve() }
  const reader = openLineReader(config, listener.given, () => Promise.resolve(device))
  return { stream, listener, reader }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

t.test('noise between and inside the frames never makes a tag that was not sent', async (t) => {
  const epcs: Readonly<Record<LineForm, readonly string[]>> = {
    transcore: ['KING 1302', 'ACKU 9917', 'DEKB 0001'],
    alienNotify: ['E2006803000000000000004F', 'E2006803000000000000A04F'],
    alienTerse: ['E2006803000000000000004F', 'E2006803000000000000A04F'],
    nedap: ['0000000123', '0000987654'],
  }
  // Broken cables and wrong speeds give bytes outside printable ASCII, and line ends at any place.
  const noise = fc
    .array(
      fc.oneof(fc.integer({ min: 0, max: 31 }), fc.integer({ min: 127, max: 255 }), fc.constantFrom(10, 13)),
      {
        minLength: 1,
        maxLength: 40,
      },
    )
    .map((bytes) => Buffer.from(bytes))
  const printable = fc.string({ minLength: 1, maxLength: 700 }).map((text) => Buffer.from(text, 'latin1'))
  for (const form of ['transcore', 'alienNotify', 'alienTerse', 'nedap'] as const) {
    const lengths = [...new Set(epcs[form].map((epc) => epc.length))]
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            tag: fc.constantFrom(...epcs[form]),
            where: fc.constantFrom('none', 'inside', 'before', 'cutOff', 'lostHead'),
            at: fc.nat(300),
            noise,
            printable,
          }),
          { maxLength: 12 },
        ),
        fc.nat(60),
        async (reports, chunk) => {
          const { stream, listener, reader } = inMemory(form, { epcLengths: lengths }, new ManualClock())
          await settled()
          const wire = reports.map(({ tag, where, at, noise, printable }) => {
            const whole = encodeReport(form, { epc: tag, driverId: '77' }, 0)
            const cut = at % whole.length
            if (where === 'inside') return Buffer.concat([whole.subarray(0, cut), noise, whole.subarray(cut)])
            if (where === 'before') return Buffer.concat([printable, noise, whole])
            if (where === 'cutOff') return Buffer.concat([whole.subarray(0, cut), noise])
            return where === 'lostHead' ? Buffer.concat([noise, whole.subarray(cut)]) : whole
          })
          const bytes = Buffer.concat(wire)
          const step = chunk + 1
          for (let from = 0; from < bytes.length; from += step)
            stream.write(bytes.subarray(from, from + step))
          await settled()
          await settled()
          await reader.close()
          return listener.epcs.every((epc) => epcs[form].includes(epc))
        },
      ),
      { numRuns: 120, verbose: 1 },
    )
    t.pass(form)
  }
  t.end()
})

t.test('a tag that is sent whole between noise is heard', async (t) => {
  const { stream, listener, reader } = inMemory('transcore', {}, new ManualClock())
  await settled()
  stream.write('\xff\x00garbage\r\n#KING 1302\r\n\x80\x81\x82\r\n#ABCU0000123\r\n')
  await settled()
  t.same(listener.epcs, ['KING 1302', 'ABCU0000123'])
  t.equal(reader.counters.discarded, 2)
  await reader.close()
  t.end()
})

t.test('many bad lines are a noisy line; one now and then is not; good ones end it', async (t) => {
  const clock = new ManualClock()
  const { stream, listener, reader } = inMemory('transcore', { noisyAfter: 5 }, clock)
  await settled()
  clock.advance(1_000)
  for (let count = 0; count < 8; count += 1) {
    stream.write('nonsense\r\n')
    await settled()
    clock.advance(6_000)
  }
  t.equal(listener.last('reader.noisyLine'), null, 'one in six seconds is counted and no more')
  for (let count = 0; count < 5; count += 1) stream.write('nonsense\r\n')
  await settled()
  t.equal(listener.last('reader.noisyLine'), 'raised')
  clock.advance(60_000)
  t.equal(listener.last('reader.noisyLine'), 'raised', 'silence alone proves nothing')
  stream.write('#KING 1302\r\n')
  await settled()
  clock.advance(500)
  t.equal(listener.last('reader.noisyLine'), 'cleared')
  t.equal(reader.counters.discarded, 13)
  await reader.close()
  t.end()
})

t.test('a configuration tells all its problems at once, with a remedy', (t) => {
  const parsed = parseConfig({ path: '/dev/ttyUSB0', dialect: 'morse', baudRate: 5, colour: 'red' })
  if (parsed.ok) throw new Error('taken')
  t.same(parsed.problems.map((problem) => problem.path).sort(), ['', 'baudRate', 'dialect', 'path'])
  t.match(parsed.problems.find((problem) => problem.path === 'path')?.message, /by-id/)
  t.end()
})
