import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { ManualClock } from '../../edge/base/clock.js'
import { LiveFeed } from './live.js'
import type { GatewayState, LiveEvent } from './schemas.js'

const snapshot = (operator: string): GatewayState => ({
  site: 's',
  gatewayVersion: '0',
  at: 0,
  operator,
  edges: [],
  escalations: [],
  passages: [],
  lists: [],
})
const passage = (passageId: string, filler = ''): LiveEvent => ({
  is: 'passage',
  passage: {
    passageId,
    edgeId: 'e',
    lane: 'l',
    direction: 'in',
    openedAt: 0,
    endedAt: null,
    how: null,
    outcome: null,
    primary: filler,
    epcs: [],
    plates: [],
    vehicleId: null,
    byVerdict: false,
    violation: null,
  },
})

/** A page's connection to the feed, over a real socket, on a clock that the test moves. */
async function connected(t: Test, maySee: () => boolean = () => true) {
  const clock = new ManualClock()
  const live = new LiveFeed({ clock, maxClients: 2, snapshot })
  const opened: boolean[] = []
  const responses: ServerResponse[] = []
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    responses.push(response)
    opened.push(live.open({ operator: 'li', response, maySee }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const join = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    const before = opened.length
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    while (opened.length === before) await once(server, 'request')
    return socket
  }
  t.teardown(() => {
    live.close()
    server.closeAllConnections()
    server.close()
  })
  return { clock, live, join, opened, responses }
}

async function heard(socket: Socket, until: RegExp): Promise<string> {
  let text = ''
  for await (const chunk of socket) {
    text += String(chunk)
    if (until.test(text)) break
  }
  return text
}

t.test('a page is told the newest word about each thing, once', async (t) => {
  const { clock, live, join } = await connected(t)
  const socket = await join()
  for (let n = 0; n < 1_000; n += 1) live.tell(passage('p1', `word-${n}-`))
  live.tell(passage('p2', 'last'))
  clock.advance(100)
  const text = await heard(socket, /last/)
  t.match(text, /"is":"snapshot"/)
  t.same(text.match(/word-\d+-/g), ['word-999-'])
})

t.test('a page that takes nothing costs no memory, and is dropped after a while', async (t) => {
  const { clock, live, join, responses } = await connected(t)
  const socket = await join()
  socket.pause()
  const filler = 'x'.repeat(10_000)
  for (let n = 0; n < 2_000 && responses[0]?.writableNeedDrain === false; n += 1) {
    for (let i = 0; i < 100; i += 1) live.tell(passage(`p${i}`, filler))
    clock.advance(100)
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.equal(responses[0]?.writableNeedDrain, true, 'its pipe is full')
  const heldBytes = responses[0]?.writableLength ?? 0
  for (let n = 0; n < 50; n += 1) {
    for (let i = 0; i < 1_000; i += 1) live.tell(passage(`q${i}`, filler))
    clock.advance(100)
  }
  t.equal(responses[0]?.writableLength, heldBytes, 'nothing more was put into it')
  t.equal(live.size, 1)
  clock.advance(10_000)
  t.equal(live.size, 0)
  t.equal(live.counters.droppedSlow, 1)
})

t.test('more things than a box holds become one snapshot', async (t) => {
  const { clock, live, join } = await connected(t)
  const socket = await join()
  for (let n = 0; n < 5_000; n += 1) live.tell(passage(`p${n}-`))
  clock.advance(100)
  live.tell(passage('after'))
  clock.advance(100)
  const text = await heard(socket, /after/)
  t.equal(text.match(/"is":"snapshot"/g)?.length, 2)
  t.equal(text.match(/"is":"passage"/g)?.length, 1)
})

t.test('silence is broken by a snapshot, and a page too many is sent away', async (t) => {
  const { clock, join, opened } = await connected(t)
  const first = await join()
  await join()
  await join()
  t.same(opened, [true, true, false])
  clock.advance(5_000)
  const text = await heard(first, /snapshot[^]*snapshot/)
  t.equal(text.match(/"is":"snapshot"/g)?.length, 2)
})

t.test('whose session is over sees nothing more, however much happens', async (t) => {
  let isSignedIn = true
  const { clock, live, join } = await connected(t, () => isSignedIn)
  await join()
  clock.advance(3_000)
  t.equal(live.size, 1)
  isSignedIn = false
  for (let n = 0; n < 21; n += 1) {
    live.tell(passage(`p${n}`))
    clock.advance(100)
  }
  t.equal(live.size, 0)
})
