import { readdirSync } from 'node:fs'
import path from 'node:path'
import { SerialPort } from 'serialport'
import t, { type Test } from 'tap'
import { systemClock } from '../../../edge/base/clock.js'
import { SeededRandom } from '../../../edge/base/random.js'
import { openPty } from '../pty.js'
import { LineReaderSimulator } from './line-reader.js'

async function openSerial(t: Test, device: string) {
  const port = new SerialPort({ path: device, baudRate: 9_600, autoOpen: false })
  port.on('error', () => undefined)
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())))
  t.teardown(() => new Promise<void>((resolve) => (port.isOpen ? port.close(() => resolve()) : resolve())))
  const chunks: Buffer[] = []
  port.on('data', (chunk: Buffer) => chunks.push(chunk))
  return { port, got: () => Buffer.concat(chunks) }
}

async function eventually(what: string, holds: () => boolean, withinMs = 5_000): Promise<void> {
  const fromMs = performance.now()
  while (!holds()) {
    if (performance.now() - fromMs > withinMs) throw new Error(`not within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

t.test('every byte value comes out of the terminal as it went in, in both directions', async (t) => {
  const pty = openPty(path.join(t.testdir(), 'by-id', 'reader'), systemClock)
  t.teardown(() => pty.close())
  const { port, got } = await openSerial(t, pty.link)
  const all = Buffer.from(Array.from({ length: 4_096 }, (_, index) => index & 0xff))
  await pty.writeAll(all)
  await eventually('all bytes', () => got().length >= all.length)
  t.same(got(), all)
  const back: Buffer[] = []
  pty.onData((bytes) => back.push(bytes))
  port.write(Buffer.from([0x12, 0x14, 0x0a, 0x0d, 0x03]))
  await eventually('the answer', () => Buffer.concat(back).length >= 5)
  t.same(Buffer.concat(back), Buffer.from([0x12, 0x14, 0x0a, 0x0d, 0x03]))
  t.end()
})

t.test('a device that nobody reads stops no one: what does not fit is lost and counted', async (t) => {
  const link = path.join(t.testdir(), 'reader')
  const simulator = new LineReaderSimulator({
    link,
    form: 'transcore',
    clock: systemClock,
    random: new SeededRandom(1),
  })
  simulator.plug()
  t.teardown(() => simulator.unplug())
  const fromMs = performance.now()
  for (let count = 0; count < 10_000; count += 1) simulator.hear({ epc: 'KING 1302' })
  t.ok(performance.now() - fromMs < 2_000)
  t.ok(simulator.tally.lost > 5_000, `${simulator.tally.lost} lost`)
  t.equal(simulator.tally.lost + simulator.tally.sent, 10_000)
  t.end()
})

t.test(
  'unplugging takes the device away, plugging in brings it back, and no descriptor is left',
  async (t) => {
    const link = path.join(t.testdir(), 'reader')
    const simulator = new LineReaderSimulator({
      link,
      form: 'nedap',
      clock: systemClock,
      random: new SeededRandom(1),
    })
    const open = () => readdirSync('/proc/self/fd').length
    simulator.plug()
    await simulator.unplug()
    const before = open()
    for (let round = 0; round < 20; round += 1) {
      simulator.plug()
      simulator.plug()
      simulator.hear({ epc: '123' })
      await simulator.unplug()
      if (readdirSync(path.dirname(link)).length > 0) t.fail('the device is still there')
    }
    t.equal(open(), before)
    await simulator.unplug()
    t.end()
  },
)
