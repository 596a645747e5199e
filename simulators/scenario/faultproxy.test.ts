import { once } from 'node:events'
import net from 'node:net'
import t, { type Test } from 'tap'
import { systemClock } from '../../edge/base/clock.js'
import { SeededRandom } from '../../edge/base/random.js'
import { openFaultProxy, type FaultProxy } from './faultproxy.js'

interface Bench {
  readonly proxy: FaultProxy
  readonly client: net.Socket
  /** The server's side of the connection. */
  readonly far: net.Socket
}

/** A server that answers each byte with itself, behind a proxy, with one client connected. */
async function bench(t: Test): Promise<Bench> {
  const fars: net.Socket[] = []
  const server = net.createServer((socket) => {
    fars.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', (data) => socket.write(data))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const targetPort = typeof address === 'object' && address ? address.port : 0
  const proxy = await openFaultProxy({ clock: systemClock, random: new SeededRandom(1) }, { targetPort })
  const client = net.connect(proxy.port, '127.0.0.1')
  client.on('error', () => undefined)
  t.teardown(async () => {
    client.destroy()
    await proxy.close()
    for (const far of fars) far.destroy()
    server.close()
  })
  client.write('first')
  await once(client, 'data')
  const far = fars[0]
  if (!far) throw new Error('the server saw no connection')
  return { proxy, client, far }
}

/** Resolves when a socket is closed, in whatever way. */
function closed(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => {
      resolve()
    })
  })
}

async function echo(client: net.Socket, bytes: number): Promise<number> {
  const began = performance.now()
  let heard = 0
  client.write(Buffer.alloc(bytes, 7))
  while (heard < bytes) {
    const [chunk] = (await once(client, 'data')) as [Buffer]
    heard += chunk.length
  }
  return performance.now() - began
}

t.test('a good line passes everything on, byte for byte', async (t) => {
  const { client, proxy } = await bench(t)
  await echo(client, 1_000_000)
  t.equal(proxy.counters.bytesToTarget, 1_000_005)
  t.equal(proxy.counters.bytesToClient, 1_000_005)
})

t.test('a slow line takes its time both ways', async (t) => {
  const { client, proxy } = await bench(t)
  proxy.setQuality({ delayMs: 60, jitterMs: 20 })
  t.ok((await echo(client, 10)) >= 119)
})

t.test('a narrow line takes as long as the bytes need', async (t) => {
  const { client, proxy } = await bench(t)
  proxy.setQuality({ bytesPerSecond: 100_000 })
  t.ok((await echo(client, 20_000)) >= 195)
})

t.test('a black hole keeps the connection open and swallows what is sent', async (t) => {
  const { client, proxy } = await bench(t)
  proxy.setQuality({ swallows: 'toTarget' })
  let heard = 0
  client.on('data', (chunk) => (heard += chunk.length))
  client.write('lost')
  while (proxy.counters.bytesSwallowed < 4) await new Promise((resolve) => setImmediate(resolve))
  proxy.setQuality({ swallows: 'nothing' })
  client.write('kept')
  await once(client, 'data')
  t.equal(heard, 4)
  t.equal(proxy.open, 1)
})

t.test('a cut line ends both sides at once', async (t) => {
  const { client, far, proxy } = await bench(t)
  const both = Promise.all([closed(client), closed(far)])
  proxy.cut()
  await both
  t.equal(proxy.open, 0)
})

t.test('a half-open line tells the far side only', async (t) => {
  const { client, far, proxy } = await bench(t)
  const gone = closed(far)
  proxy.halfOpen()
  await gone
  client.write('anybody there?')
  while (proxy.counters.bytesSwallowed === 0) await new Promise((resolve) => setImmediate(resolve))
  t.equal(client.destroyed, false)
  t.equal(proxy.open, 1)
})

t.test('a line that refuses lets nobody in until it is mended', async (t) => {
  const { proxy } = await bench(t)
  proxy.setQuality({ refuses: true })
  const refused = net.connect(proxy.port, '127.0.0.1')
  refused.on('error', () => undefined)
  await closed(refused)
  t.equal(proxy.counters.refused, 1)
  proxy.setQuality({ refuses: false })
  const taken = net.connect(proxy.port, '127.0.0.1')
  taken.write('x')
  await once(taken, 'data')
  taken.destroy()
})
