import { ReadlineParser } from '@serialport/parser-readline'
import fc from 'fast-check'
import t from 'tap'
import { ManualClock } from '../../../base/clock.js'
import { LineGuard } from './line-guard.js'

interface Bench {
  readonly clock: ManualClock
  readonly guard: LineGuard
  readonly lines: string[]
  readonly told: { overlong: number; bytes: number; half: number }
  feed(...chunks: (string | Buffer)[]): void
}

/** The chain as the driver builds it. A piped stream of ours passes its chunks in the same call. */
function bench(options: { afterLoss?: boolean; maxLineBytes?: number; lineEnd?: string } = {}): Bench {
  const clock = new ManualClock()
  const told = { overlong: 0, bytes: 0, half: 0 }
  const lineEnd = options.lineEnd ?? '\r\n'
  const guard = new LineGuard({
    clock,
    lineEnd: Buffer.from(lineEnd),
    maxLineBytes: options.maxLineBytes ?? 512,
    interByteMs: 200,
    afterLoss: options.afterLoss ?? false,
    onOverlong: () => (told.overlong += 1),
    onDiscardedBytes: (bytes) => (told.bytes += bytes),
    onHalfLine: () => (told.half += 1),
  })
  const parser = new ReadlineParser({ delimiter: lineEnd, encoding: 'latin1' })
  const lines: string[] = []
  parser.on('data', (line: string) => lines.push(line))
  guard.on('data', (chunk: Buffer) => parser.write(chunk))
  const feed = (...chunks: (string | Buffer)[]) => {
    for (const chunk of chunks)
      guard._transform(
        typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk,
        'latin1',
        () => undefined,
      )
  }
  return { clock, guard, lines, told, feed }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

t.test('a stream of lines comes out the same, wherever it is cut', async (t) => {
  const stream = '#ONE 1\r\n#TWO 22\r\n\r\n#THREE\r3\r\n#FOUR\n4\r\n'
  const expected = ['#ONE 1', '#TWO 22', '#THREE\r3', '#FOUR\n4']
  for (let first = 0; first <= stream.length; first += 1) {
    for (let second = first; second <= stream.length; second += 1) {
      const { lines, feed } = bench()
      feed(stream.slice(0, first), stream.slice(first, second), stream.slice(second))
      await settled()
      if (JSON.stringify(lines) !== JSON.stringify(expected))
        t.fail(`cut at ${first} and ${second}: ${lines}`)
    }
  }
  t.end()
})

t.test('any bytes, cut anywhere, give the lines that a plain split gives, within the bound', async (t) => {
  const maxLineBytes = 16
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('a', '\r', '\n', '\r\n', 'bcdefgh', '\xff'), { maxLength: 60 }),
      fc.array(fc.nat(120), { maxLength: 6 }),
      async (pieces, cuts) => {
        const text = pieces.join('')
        const { lines, told, feed } = bench({ maxLineBytes })
        const at = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length]
        for (let index = 1; index < at.length; index += 1) feed(text.slice(at[index - 1], at[index]))
        await settled()
        const whole = text.split('\r\n').slice(0, -1)
        const good = whole.filter((line) => line !== '' && line.length + 2 <= maxLineBytes)
        const rest = text.split('\r\n').at(-1) ?? ''
        const long = whole.filter((line) => line.length + 2 > maxLineBytes).length
        return (
          JSON.stringify(lines) === JSON.stringify(good) &&
          told.overlong === long + (rest.length >= maxLineBytes ? 1 : 0)
        )
      },
    ),
    { numRuns: 500, verbose: 1 },
  )
  t.end()
})

t.test('an over-long line is one bad line, all its bytes counted, and the next line is intact', async (t) => {
  const { lines, told, feed } = bench()
  feed('x'.repeat(5_000))
  t.same(told, { overlong: 1, bytes: 5_000, half: 0 }, 'told while it still runs')
  feed('y'.repeat(1_000) + '\r', '\n#KING 1302\r\n')
  await settled()
  t.same(lines, ['#KING 1302'])
  t.same(told, { overlong: 1, bytes: 6_002, half: 0 })
  t.end()
})

t.test('12 MB without a line end are looked at once, and not anew with each piece', async (t) => {
  for (const [name, fill] of [
    ['of one letter', Buffer.alloc(12_000_000, 0x55)],
    ['of line feeds without carriage returns', Buffer.alloc(12_000_000, 0x0a)],
  ] as const) {
    const { lines, told, feed } = bench()
    const before = process.cpuUsage()
    for (let at = 0; at < fill.length; at += 65_536) feed(fill.subarray(at, at + 65_536))
    const used = process.cpuUsage(before)
    const cpuMs = (used.user + used.system) / 1_000
    feed('\r\n#KING 1302\r\n')
    await settled()
    t.same(lines, ['#KING 1302'], `the next line after 12 MB ${name}`)
    t.equal(told.overlong, 1)
    t.ok(told.bytes >= 12_000_000, 'all of it is counted')
    t.comment(`12 MB ${name} took ${Math.round(cpuMs)} ms of processor time`)
    // A guard that begins anew with each piece takes a minute, on any machine.
    t.ok(cpuMs < 5_000, `12 MB ${name} took ${cpuMs} ms of processor time`)
  }
  t.end()
})

t.test('half a frame and a pause: the half is dropped, the next frame is read', async (t) => {
  const { clock, lines, told, feed } = bench()
  clock.advance(300)
  feed('#KING 13')
  clock.advance(201)
  feed('#KING 1302\r\n')
  await settled()
  t.same(lines, ['#KING 1302'])
  t.same(told, { overlong: 0, bytes: 8, half: 1 })
  t.end()
})

t.test('a frame that comes slowly, byte by byte, is no half frame', async (t) => {
  const { clock, lines, feed } = bench()
  for (const byte of '#KING 1302\r\n') {
    feed(byte)
    clock.advance(190)
  }
  await settled()
  t.same(lines, ['#KING 1302'])
  t.end()
})

t.test('a stall of our own process is not taken for a pause of the device', async (t) => {
  class StallingClock extends ManualClock {
    lateMs = 500
    override after(name: string, delayMs: number, run: () => void) {
      return super.after(name, delayMs + this.lateMs, run)
    }
  }
  const clock = new StallingClock()
  const lines: string[] = []
  const guard = new LineGuard({
    clock,
    lineEnd: Buffer.from('\n'),
    maxLineBytes: 64,
    interByteMs: 200,
    afterLoss: false,
    onOverlong: () => undefined,
    onDiscardedBytes: () => undefined,
    onHalfLine: () => t.fail('dropped for a stall'),
  })
  guard.on('data', (chunk: Buffer) => lines.push(chunk.toString()))
  guard.write('8000 8004 ')
  clock.advance(700)
  clock.lateMs = 0
  guard.write('0000 003B,4,0\n')
  await settled()
  t.same(lines, ['8000 8004 0000 003B,4,0\n'])
  guard.destroy()
  t.end()
})

t.test('whether the first line may lack its beginning', async (t) => {
  t.test('it came at once after opening: doubtful', (t) => {
    const { clock, guard, feed } = bench()
    clock.advance(50)
    feed('02\r\n#KING 1302\r\n')
    t.equal(guard.firstLineDoubtful, true)
    t.end()
  })
  t.test('the device was silent since we opened: its first byte begins a line', (t) => {
    const { clock, guard, feed } = bench()
    clock.advance(250)
    feed('#KING 1302\r\n')
    t.equal(guard.firstLineDoubtful, false)
    t.end()
  })
  t.test('a connection before was lost: silence proves nothing', (t) => {
    const { clock, guard, feed } = bench({ afterLoss: true })
    clock.advance(5_000)
    feed('02\r\n')
    t.equal(guard.firstLineDoubtful, true)
    t.end()
  })
  t.test('a line end alone came first: the next line is whole', (t) => {
    const { guard, feed } = bench({ afterLoss: true })
    feed('\r\n#KING 1302\r\n')
    t.equal(guard.firstLineDoubtful, false)
    t.end()
  })
  t.test('the doubt stays with the first line, though the second is beyond it', (t) => {
    const { guard, feed } = bench()
    feed('02\r\n' + 'x'.repeat(600) + '\r\n')
    t.equal(guard.firstLineDoubtful, true)
    t.end()
  })
})

t.test('what stands unfinished at the end of the stream is never passed on as a line', async (t) => {
  const { guard, lines, feed } = bench()
  feed('#KING 1302\r\n#KING 13')
  t.equal(guard.insideLine, true)
  guard.end()
  await settled()
  t.same(lines, ['#KING 1302'])
  t.end()
})
