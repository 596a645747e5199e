import type { ServerResponse } from 'node:http'
import t from 'tap'
import type { ListEntry } from '../messages/entities.js'
import { delta, headOf, order } from '../store/testing/list.contract.js'
import { bench, eventually, type Bench } from './testing/edge.js'
import type { TestGateway } from './testing/gateway.js'

interface Version {
  readonly version: number
  readonly entries: readonly ListEntry[]
}

const orders = (count: number, reason = 'look at it'): ListEntry[] =>
  Array.from({ length: count }, (_, n) => order(`O${String(n).padStart(5, '0')}`, `E${n}`, reason))

const v0: Version = { version: 0, entries: [] }
const v1: Version = { version: 1, entries: orders(300) }
const v2: Version = { version: 2, entries: orders(301) }
const v3: Version = { version: 3, entries: orders(299, 'changed') }

function sendFull(response: ServerResponse, { version, entries }: Version): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  response.end(
    [headOf('orders', version, entries), ...entries].map((one) => `${JSON.stringify(one)}\n`).join(''),
  )
}

/** Serves these versions as the gateway does: single deltas between neighbours, each version in full. */
function serve(gateway: TestGateway, versions: readonly Version[], requests: string[] = []): void {
  gateway.listRoute = (_request, response, url) => {
    requests.push(url.pathname.split('/').at(-1) + url.search)
    const wanted = (name: string): number => Number(url.searchParams.get(name))
    if (url.pathname.endsWith('/changes')) {
      response.writeHead(404).end()
      return
    }
    if (url.pathname.endsWith('/delta')) {
      const i = versions.findIndex((one) => one.version === wanted('from'))
      const [from, to] = [versions[i], versions[i + 1]]
      if (i < 0 || !from || !to) response.writeHead(404).end('{"error":"noDelta"}')
      else response.writeHead(200).end(JSON.stringify(delta('orders', from, to)))
      return
    }
    const version = versions.find((one) => one.version === wanted('version'))
    if (version) sendFull(response, version)
    else if (url.searchParams.has('version')) response.writeHead(404).end()
    else sendFull(response, versions.at(-1) ?? v0)
  }
}

const name = (gateway: TestGateway, { version, entries }: Version): void =>
  gateway.head('orders', headOf('orders', version, entries))
const versionOf = (b: Bench): number | undefined => b.store.lists.inForce()[0]?.version
const answersOf = (b: Bench): string[] =>
  b.gateway.answers.map((a) => `${a.to} ${a.result} ${a.why ?? ''}`.trim())

t.test('an edge without a list fetches it in full, says so, and knows that it is the newest', async (t) => {
  const requests: string[] = []
  const b = await bench(t, {}, (gateway) => {
    serve(gateway, [v1, v2], requests)
    name(gateway, v2)
  })
  t.ok(await eventually(() => versionOf(b) === 2))
  t.strictSame(requests, ['full?version=2'])
  t.ok(await eventually(() => typeof b.store.lists.inForce()[0]?.confirmedAt === 'number'))
  t.ok(await eventually(() => b.gateway.answers.length > 0))
  t.strictSame(answersOf(b), ['orders@2 inForce'])
  t.strictSame(b.store.lists.ordersOn([{ kind: 'TAG', key: 'E300' }]), [v2.entries[300]])
})

t.test('a delta that is pushed fits without a request; one that was missed is fetched', async (t) => {
  const requests: string[] = []
  const b = await bench(t, {}, (gateway) => {
    serve(gateway, [v1, v2, v3], requests)
    name(gateway, v1)
  })
  t.ok(await eventually(() => versionOf(b) === 1))
  requests.length = 0
  name(b.gateway, v2)
  b.gateway.down('list', delta('orders', v1, v2))
  t.ok(await eventually(() => versionOf(b) === 2))
  t.equal(b.uplink.counters.deltasPushed, 1)
  name(b.gateway, v3)
  t.ok(await eventually(() => versionOf(b) === 3))
  t.strictSame(requests, ['delta?from=2'])
  t.equal(b.uplink.counters.deltasFetched, 1)
  t.equal(b.uplink.counters.fullsFetched, 1)
  b.gateway.down('list', delta('orders', v1, v2))
  await b.append(1)
  t.ok(await eventually(() => b.store.journal.status().acknowledged === 1))
  t.equal(versionOf(b), 3, 'an old delta, late, changes nothing')
})

t.test('several versions behind and with the middle ones gone, the list comes in full', async (t) => {
  const requests: string[] = []
  const b = await bench(t, {}, (gateway) => {
    serve(gateway, [v1], requests)
    name(gateway, v1)
  })
  t.ok(await eventually(() => versionOf(b) === 1))
  const v9 = { version: 9, entries: orders(10) }
  serve(b.gateway, [v3, v9], requests)
  requests.length = 0
  b.gateway.down('list', delta('orders', v3, v9))
  t.ok(await eventually(() => versionOf(b) === 9))
  t.strictSame(requests, ['delta?from=1', 'changes?from=1', 'full?version=9'])
})

t.test('changes made while the edge was away are found at its return', async (t) => {
  const b = await bench(t, {}, (gateway) => {
    serve(gateway, [v1, v2])
    name(gateway, v1)
  })
  t.ok(await eventually(() => versionOf(b) === 1))
  await b.gateway.kill()
  name(b.gateway, v2)
  await b.gateway.start()
  t.ok(await eventually(() => versionOf(b) === 2))
})

t.test(
  'a list that is not what its head says is refused by name, the old one stays, and the right one mends it',
  async (t) => {
    const forged = { version: 2, entries: orders(301, 'forged') }
    const b = await bench(t, {}, (gateway) => {
      serve(gateway, [v1])
      name(gateway, v1)
    })
    t.ok(await eventually(() => versionOf(b) === 1))
    b.gateway.listRoute = (_request, response, url) => {
      if (/\/(delta|changes)$/.test(url.pathname)) response.writeHead(404).end()
      else {
        const lines = [headOf('orders', 2, v2.entries), ...forged.entries].map(
          (one) => `${JSON.stringify(one)}\n`,
        )
        response.writeHead(200).end(lines.join(''))
      }
    }
    name(b.gateway, v2)
    t.ok(await eventually(() => b.stands('controlList.refused')))
    t.ok(await eventually(() => answersOf(b).includes('orders@2 refused listHashMismatch')))
    t.equal(versionOf(b), 1)
    t.strictSame(b.store.lists.ordersOn([{ kind: 'TAG', key: 'E1' }]), [v1.entries[1]])
    serve(b.gateway, [v1, v2])
    t.ok(await eventually(() => versionOf(b) === 2), 'tried again by itself')
    t.ok(await eventually(() => !b.stands('controlList.refused')))
  },
)

t.test('a gateway that names an older version is refused: a version never goes back', async (t) => {
  const b = await bench(t, {}, (gateway) => {
    serve(gateway, [v1, v2])
    name(gateway, v2)
  })
  t.ok(await eventually(() => versionOf(b) === 2))
  name(b.gateway, v1)
  t.ok(await eventually(() => b.stands('controlList.refused')))
  t.ok(await eventually(() => answersOf(b).includes('orders@1 refused listVersionBack')))
  t.equal(versionOf(b), 2)
})

t.test(
  'downloads that are endless, slow, cut, malformed or forbidden leave the old list and the lanes alone',
  async (t) => {
    const b = await bench(
      t,
      { download: { idleMs: 150, totalMs: 600, fullMaxBytes: 200_000, lineMaxBytes: 2_000 } },
      (gateway) => {
        serve(gateway, [v1])
        name(gateway, v1)
      },
    )
    t.ok(await eventually(() => versionOf(b) === 1))
    const head = `${JSON.stringify(headOf('orders', 2, v2.entries))}\n`
    const line = `${JSON.stringify(v2.entries[0])}\n`
    const ways: Record<string, (response: ServerResponse) => void> = {
      'endless entries': (response) => {
        response.write(head)
        const more = (): void => {
          while (!response.destroyed && response.write(line.repeat(50)));
          if (!response.destroyed) response.once('drain', more)
        }
        more()
      },
      'endless line': (response) => response.write(head + 'x'.repeat(100_000)),
      'standing still': (response) => response.write(head + line),
      cut: (response) => {
        response.write(head + line)
        setImmediate(() => response.destroy())
      },
      'no JSON': (response) => response.end(`${head}{"kind":\n`),
      'no head': (response) => response.end(line),
      forbidden: (response) => response.writeHead(401).end(),
      'moved elsewhere': (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
    }
    for (const [way, respond] of Object.entries(ways)) {
      let asked = 0
      b.gateway.listRoute = (_request, response, url) => {
        if (/\/(delta|changes)$/.test(url.pathname)) response.writeHead(404).end()
        else {
          asked += 1
          respond(response)
        }
      }
      const failed = b.uplink.counters.failed
      name(b.gateway, { version: 2, entries: v2.entries })
      t.ok(await eventually(() => asked > 0 && b.uplink.counters.failed > failed), way)
      t.equal(versionOf(b), 1, `${way}: version 1 stays`)
    }
    await b.append(5)
    t.ok(await eventually(() => b.store.journal.status().acknowledged === 5), 'events go on')
    serve(b.gateway, [v1, v2])
    t.ok(await eventually(() => versionOf(b) === 2))
  },
)

t.test('the gateway is asked now and then whether our lists still are the newest', async (t) => {
  const b = await bench(t, { bounds: { headCheckMs: 100 } }, (gateway) => {
    serve(gateway, [v1])
    name(gateway, v1)
  })
  const confirmedAt = (): number => b.store.lists.inForce()[0]?.confirmedAt ?? 0
  t.ok(await eventually(() => confirmedAt() > 0))
  const first = confirmedAt()
  t.ok(await eventually(() => confirmedAt() >= first + 150), 'confirmed again without any change')
  await b.gateway.kill()
  t.ok(await eventually(() => b.stands('uplink.disconnected')))
  const last = confirmedAt()
  await eventually(() => confirmedAt() > last, 300)
  t.equal(confirmedAt(), last, 'and not while the gateway is away')
})
