import { createServer, type Socket } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import { Listener } from '../testing/listener.js'
import { maxFrameBytes, decode, split } from './codec.js'
import { blueprintDriver } from './driver.js'

/** Written apart from the codec: the sum is taken another way. */
function frameOf(epc: string, antenna = 1, rssiDbm = -55): Buffer {
  const body = Buffer.from(epc, 'hex')
  const frame = Buffer.from([0xa5, body.length, antenna, rssiDbm & 0xff, ...body, 0])
  let sum = 0
  for (const byte of frame) sum += byte
  frame[frame.length - 1] = sum % 256
  return frame
}

const epcs = fc
  .uint8Array({ minLength: 2, maxLength: 62 })
  .map((bytes) => Buffer.from(bytes).toString('hex').toUpperCase())

t.test('frames come out whole, wherever the stream is cut, and noise costs no frame behind it', (t) => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ epc: epcs, noise: fc.uint8Array({ maxLength: 9 }).map((b) => b.map((x) => x & 0x7f)) }),
      ),
      fc.integer({ min: 1, max: 90 }),
      (parts, step) => {
        const wire = Buffer.concat(parts.flatMap(({ epc, noise }) => [Buffer.from(noise), frameOf(epc)]))
        const heard: string[] = []
        let rest = Buffer.alloc(0)
        for (let at = 0; at < wire.length; at += step) {
          const found = split(Buffer.concat([rest, wire.subarray(at, at + step)]))
          rest = Buffer.from(found.rest)
          if (rest.length >= maxFrameBytes) return false
          for (const frame of found.frames) {
            const [read] = decode(frame).heard
            if (read?.kind === 'tag') heard.push(read.epc)
          }
        }
        return JSON.stringify(heard) === JSON.stringify(parts.map((part) => part.epc))
      },
    ),
    { verbose: 1 },
  )
  t.end()
})

t.test('it is heard over TCP, and again after the reader restarts, with no frame glued', async (t) => {
  const sockets: Socket[] = []
  let connected: () => void = () => undefined
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    connected()
  })
  const next = () => new Promise<void>((resolve) => (connected = resolve))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const parsed = blueprintDriver.parseConfig({ host: '127.0.0.1', port })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const listener = new Listener('north-1')
  const first = next()
  const reader = blueprintDriver.open(parsed.value, listener.given)
  t.teardown(async () => {
    await reader.close()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  })
  await first
  const frame = frameOf('E2006803000000000000004F')
  sockets[0]?.write(Buffer.concat([frame, frame.subarray(0, 9)]))
  await listener.until('the tag', () => listener.epcs.length === 1)
  const second = next()
  sockets[0]?.destroy()
  await second
  sockets[1]?.write(Buffer.concat([frame.subarray(9), frame]))
  await listener.until('the tag again', () => listener.epcs.length === 2)
  t.same(listener.epcs, ['E2006803000000000000004F', 'E2006803000000000000004F'])
  t.match(listener.tags[0], { antenna: '1', rssiDbm: -55 })
  t.same(listener.changes('reader.disconnected'), ['cleared', 'raised', 'cleared'])
  t.ok(reader.counters.discardedBytes > 0)
  t.end()
})
