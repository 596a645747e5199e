import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import fc from 'fast-check'
import t from 'tap'
import { FrameMeter, LimitedSocket } from './frame-limiter.js'

/** An MQTT frame of a type with a body of so many bytes. */
function frame(type: number, bodyBytes: number): Buffer {
  const length: number[] = []
  let rest = bodyBytes
  do {
    length.push((rest % 128) | (rest >= 128 ? 0x80 : 0))
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  return Buffer.concat([Buffer.from([type, ...length]), Buffer.alloc(bodyBytes, 0xff)])
}

t.test('frames within the limit pass however the bytes are cut', (t) => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
  t.comment(`SEED=${seed}`)
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 16_000, max: 17_000 })), {
        minLength: 1,
        maxLength: 8,
      }),
      fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 20 }),
      (sizes, cuts) => {
        const stream = Buffer.concat(sizes.map((size) => frame(0x30, size)))
        const meter = new FrameMeter(() => 17_000)
        let at = 0
        for (let i = 0; at < stream.length; i += 1) {
          const size = cuts[i % cuts.length] ?? 1
          if (!meter.accepts(stream.subarray(at, at + size))) return false
          at += size
        }
        return true
      },
    ),
    { seed, numRuns: 300 },
  )
  t.end()
})

t.test('a frame one byte too long is refused as soon as it names its length, at every cut', (t) => {
  const long = frame(0x30, 1_001)
  for (let cut = 1; cut < 6; cut += 1) {
    const meter = new FrameMeter(() => 1_000)
    const passed = meter.accepts(long.subarray(0, cut)) && meter.accepts(long.subarray(cut))
    t.equal(passed, false, `cut after ${cut}`)
  }
  t.equal(new FrameMeter(() => 1_000).accepts(frame(0x30, 1_000)), true)
  t.equal(new FrameMeter(() => 1_000).accepts(long.subarray(0, 3)), false, 'no byte of its body is awaited')
  t.end()
})

t.test('the first frame has a limit of its own, and a length of five bytes is no length', (t) => {
  const meter = new FrameMeter((isFirst) => (isFirst ? 10 : 1_000))
  t.ok(meter.accepts(frame(0x10, 10)))
  t.ok(meter.accepts(frame(0x30, 1_000)))
  t.notOk(new FrameMeter((isFirst) => (isFirst ? 10 : 1_000)).accepts(frame(0x10, 11)))
  t.notOk(new FrameMeter(() => 2 ** 40).accepts(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01])))
  t.end()
})

t.test('a client that declares 256 MB is cut off, and its bytes are not kept', async (t) => {
  let tooLarge = 0
  const accepted: Socket[] = []
  const server = createServer((socket) => {
    accepted.push(socket)
    const limited = new LimitedSocket(socket, new FrameMeter(() => 1_000), () => {
      tooLarge += 1
    })
    limited.on('error', () => undefined)
    limited.resume()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.on('error', () => undefined)
  await once(client, 'connect')
  client.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]))
  await once(client, 'close')
  t.equal(tooLarge, 1)
  t.ok(accepted.every((socket) => socket.destroyed))
  server.close()
})
