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

const orders = (from: number, to: number, reason: string): ListEntry[] =>
  Array.from({ length: to - from }, (_, n) =>
    order(`O${String(from + n).padStart(5, '0')}`, `E${from + n}`, reason),
  )

/** Forty versions later: 3,000 orders are others, 1,500 have come, 600 have gone. */
const old: Version = { version: 1, entries: orders(0, 4_000, 'look at it') }
const now: Version = {
  version: 41,
  entries: [
    ...orders(0, 3_000, 'changed'),
    ...orders(3_600, 4_000, 'look at it'),
    ...orders(4_000, 5_500, 'new'),
  ],
}

function changesOf(from: Version, to: Version): string[] {
  const { upserts, deletes, ...gap } = delta('orders', from, to)
  return [
    { ...gap, upserts: upserts.length, deletes: deletes.length },
    ...upserts.map((upsert) => ({ upsert })),
    ...deletes.map((key) => ({ delete: key })),
  ].map((line) => `${JSON.stringify(line)}\n`)
}

/** An edge at the old version; the gateway then has the new one and answers for its changes like this. */
async function behind(
  t: Parameters<typeof bench>[0],
  answer: (response: ServerResponse, asked: number) => void,
) {
  const seen: string[] = []
  let newest = old
  let asked = 0
  const b = await bench(t, {}, (gateway: TestGateway) => {
    gateway.listRoute = (_request, response, url) => {
      const what = url.pathname.split('/').at(-1) ?? ''
      seen.push(what)
      if (what === 'delta') response.writeHead(404).end()
      else if (what === 'changes') answer(response, (asked += 1))
      else {
        const lines = [headOf('orders', newest.version, newest.entries), ...newest.entries]
        response.writeHead(200).end(lines.map((one) => `${JSON.stringify(one)}\n`).join(''))
      }
    }
    gateway.head('orders', headOf('orders', old.version, old.entries))
  })
  t.ok(await eventually(() => versionOf(b) === old.version))
  seen.length = 0
  newest = now
  b.gateway.head('orders', headOf('orders', now.version, now.entries))
  return { b, seen }
}

const versionOf = (b: Bench): number | undefined => b.store.lists.inForce()[0]?.version
const reasonOn = (b: Bench, n: number) => {
  const found = b.store.lists.ordersOn([{ kind: 'TAG', key: `E${n}` }])
  return found === 'unknown' ? found : found.map(({ reason }) => reason)
}

function isNewest(t: Parameters<typeof bench>[0], b: Bench): void {
  t.match(b.store.lists.inForce()[0], { version: 41, count: now.entries.length })
  t.same(reasonOn(b, 10), ['changed'])
  t.same(reasonOn(b, 3_100), [], 'an order that ended holds nobody')
  t.same(reasonOn(b, 5_400), ['new'])
}

t.test(
  'forty versions and thousands of changes behind, an edge fetches what changed, and nothing else',
  async (t) => {
    const { b, seen } = await behind(t, (response) =>
      response.writeHead(200).end(changesOf(old, now).join('')),
    )
    t.ok(await eventually(() => versionOf(b) === 41, 20_000))
    isNewest(t, b)
    t.same(seen, ['delta', 'changes'])
    t.match(b.uplink.counters, { deltasFetched: 1, fullsFetched: 1, deltasUnfit: 0 })
  },
)

t.test(
  'changes that are cut on the way leave the old version in force, and are asked for again',
  async (t) => {
    const lines = changesOf(old, now)
    const { b, seen } = await behind(t, (response, asked) => {
      if (asked > 1) {
        response.writeHead(200).end(lines.join(''))
        return
      }
      response.writeHead(200).write(lines.slice(0, 2_000).join(''))
      setImmediate(() => response.destroy())
    })
    t.ok(await eventually(() => b.uplink.counters.failed > 0))
    t.equal(versionOf(b), 1)
    t.ok(await eventually(() => versionOf(b) === 41, 20_000))
    isNewest(t, b)
    t.same(seen, ['delta', 'changes', 'delta', 'changes'])
  },
)

t.test(
  'where changes end early as if they were all, or never come whole, the list comes in full',
  async (t) => {
    const lines = changesOf(old, now)
    const { b, seen } = await behind(t, (response) =>
      response.writeHead(200).end(lines.slice(0, 900).join('')),
    )
    t.ok(await eventually(() => versionOf(b) === 41, 20_000))
    isNewest(t, b)
    t.same(
      seen.filter((what) => what !== 'delta'),
      ['changes', 'changes', 'full'],
    )
    t.match(b.uplink.counters, { deltasFetched: 0, fullsFetched: 2 })
  },
)

t.test('changes with one that was left out do not fit: counted, and the list comes in full', async (t) => {
  const [first = '', ...lines] = changesOf(old, now)
  const gap = JSON.parse(first) as { upserts: number }
  const forged = `${JSON.stringify({ ...gap, upserts: gap.upserts - 1 })}\n`
  const { b } = await behind(t, (response) => response.writeHead(200).end(forged + lines.slice(1).join('')))
  t.ok(await eventually(() => versionOf(b) === 41, 20_000))
  isNewest(t, b)
  t.match(b.uplink.counters, { deltasFetched: 0, deltasUnfit: 1, fullsFetched: 2 })
})

t.test('changes of more bytes than an edge takes at once are left, and the list comes in full', async (t) => {
  const { b, seen } = await behind(t, (response) => {
    response.writeHead(200)
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(1_000_000)));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  })
  t.ok(await eventually(() => versionOf(b) === 41, 20_000))
  t.ok(seen.includes('full'))
})
