import { once } from 'node:events'
import net from 'node:net'
import { Worker } from 'node:worker_threads'
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

/**
 * Both ends of a connection through a proxy, in a thread of their own: at a word one says its end and then the other
 * resets, while this thread stands still, so that the proxy finds both at once as on a busy machine.
 */
const bothEnds = `
const net = require('node:net')
const { parentPort, workerData: done } = require('node:worker_threads')
let near, far
const server = net.createServer((socket) => {
  far = socket
  far.on('error', () => undefined)
  far.once('data', () => far.write('connected'))
})
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))
parentPort.on('message', (proxyPort) => {
  if (proxyPort > 0) {
    near = net.connect(proxyPort, '127.0.0.1')
    near.on('error', () => undefined)
    near.once('data', () => parentPort.postMessage(0))
    near.write('first')
    return
  }
  near.once('finish', () => {
    far.resetAndDestroy()
    setImmediate(() => {
      Atomics.store(done, 0, 1)
      Atomics.notify(done, 0)
    })
  })
  near.end()
})`

t.test('an end that is said while the far side resets leaves no connection behind', async (t) => {
  const done = new Int32Array(new SharedArrayBuffer(4))
  const ends = new Worker(bothEnds, { eval: true, workerData: done, execArgv: [], env: {} })
  t.teardown(() => ends.terminate())
  const [targetPort] = (await once(ends, 'message')) as [number]
  const proxy = await openFaultProxy({ clock: systemClock, random: new SeededRandom(1) }, { targetPort })
  t.teardown(() => proxy.close())
  ends.postMessage(proxy.port)
  await once(ends, 'message')
  t.equal(proxy.open, 1)
  ends.postMessage(0)
  Atomics.wait(done, 0, 0)
  // Both words lie at the proxy by now; what they bring is over within a few turns, or never.
  for (let turns = 0; turns < 1_000 && proxy.open > 0; turns += 1)
    await new Promise((resolve) => setImmediate(resolve))
  t.equal(proxy.open, 0, 'a socket that is never closed would let the process spin when it ends')
})
