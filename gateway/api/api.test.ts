import { request as httpRequest } from 'node:http'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import sqlite3 from 'sqlite3'
import t from 'tap'
import { catalogue } from '../../edge/messages/text/catalogue.js'
import { EventChain } from '../testing/chain.js'
import { startIn } from '../testing/gateway-under-test.js'
import { ShiftedClock } from '../testing/shifted-clock.js'
import type { GatewayState } from './schemas.js'

const asked = { answer: 'release', version: 1, reason: 'papers seen', orderIds: [] }
const verdictAt = '/api/escalations/p1.e1/verdict'

t.test('a verdict without a sign-in, or from another origin, is refused and reaches nobody', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  const edge = await gateway.edge()
  await edge.sendEvents(new EventChain('edge-1').escalated('p1'))
  const { cookie } = gateway
  const origin = gateway.url
  const refusals: readonly [name: string, headers: Record<string, string>, status: number, error: string][] =
    [
      ['no cookie', { origin }, 401, 'notSignedIn'],
      ['a made-up cookie', { origin, cookie: `${cookie.split('=')[0] ?? ''}=guess` }, 401, 'notSignedIn'],
      ['another origin', { origin: 'http://evil.example', cookie }, 403, 'foreignOrigin'],
      ['another port of this host', { origin: 'http://127.0.0.1:1', cookie }, 403, 'foreignOrigin'],
      ['the origin of a file', { origin: 'null', cookie }, 403, 'foreignOrigin'],
      ['no origin', { cookie }, 403, 'foreignOrigin'],
    ]
  for (const [name, headers, status, error] of refusals) {
    t.match(await gateway.post(verdictAt, asked, headers), { status, body: { error } }, name)
    t.ok(Object.hasOwn(catalogue, `api.${error}`), `${error} exists in words`)
  }
  const { body } = await gateway.get<GatewayState>('/api/state')
  t.match(body.escalations[0], { state: 'OPEN', version: 1, verdict: null })
  t.notOk(edge.heard.some((one) => one.kind === 'verdict'))
  t.match(await gateway.post(verdictAt, asked), { status: 200 }, 'while the right one is taken')
})

t.test('a foreign name that points at this address is answered nothing', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  const port = new URL(gateway.url).port
  const statusFor = (host: string) =>
    new Promise<number>((resolve, reject) => {
      const headers = { host, cookie: gateway.cookie }
      const request = httpRequest(`${gateway.url}/api/state`, { headers }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      request.on('error', reject)
      request.end()
    })
  t.equal(await statusFor(`rebound.example:${port}`), 403)
  t.equal(await statusFor('127.0.0.1'), 403, 'another port is another place')
  t.equal(await statusFor(`localhost:${port}`), 200)
})

t.test('every route is closed to who is not signed in, but for the few that open the door', async (t) => {
  const gateway = await startIn(t, t.testdir())
  const { body } = await gateway.get<{ paths: Record<string, Record<string, unknown>> }>('/openapi.json')
  const open = ['/login', '/api/sign-in', '/healthz', '/']
  let closed = 0
  for (const [template, methods] of Object.entries(body.paths)) {
    const address = template.replace('{list}', 'orders').replace(/\{\w+\}/g, 'x1')
    for (const method of Object.keys(methods).filter((name) => name === 'get' || name === 'post')) {
      if (open.includes(template)) continue
      const answer =
        method === 'get'
          ? await gateway.get(address, { cookie: '' })
          : await gateway.post(address, {}, { origin: gateway.url })
      t.equal(answer.status, 401, `${method} ${template}`)
      closed += 1
    }
  }
  t.ok(closed >= 14, `${closed} routes were tried`)
})

t.test('a link signs in once, with a cookie that no script reads and no other site sends', async (t) => {
  const gateway = await startIn(t, t.testdir())
  const link = gateway.gateway.operatorLink()
  const address = link.slice(gateway.url.length)
  const head = await fetch(link, { method: 'HEAD' })
  t.not(head.status, 200, 'who only looks at the link does not use it up')
  const first = await gateway.get(address)
  t.equal(first.status, 200)
  t.match(first.headers.get('set-cookie'), /^lanekeeper-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
  t.match(first.headers.get('content-security-policy'), /default-src 'none'.*frame-ancestors 'none'/)
  t.equal((await gateway.get(address)).status, 401, 'used')
  t.equal((await gateway.get('/login?token=guess')).status, 401)
  t.equal((await gateway.get('/login')).status, 401)
  for (let n = 0; n < 12; n += 1) await gateway.get('/login?token=guess')
  t.equal((await gateway.get('/login?token=guess')).status, 429, 'too many tries')
})

/** Time of its own for deadlines and expiry, real timers for what waits. */
t.test('links and sessions end by time, sessions also by signing out, and survive a restart', async (t) => {
  const dir = t.testdir()
  const clock = new ShiftedClock()
  const gateway = await startIn(t, dir, { session: { idleMs: 600_000, absoluteMs: 1_500_000 } }, clock)
  const old = gateway.gateway.operatorLink().slice(gateway.url.length)
  clock.advance(900_001)
  t.equal((await gateway.get(old)).status, 401, 'the link is too old')
  const status = async () => (await gateway.get('/api/session')).status
  await gateway.signIn()
  for (let n = 0; n < 2; n += 1) {
    clock.advance(599_000)
    t.equal(await status(), 200, 'kept alive by use')
  }
  clock.advance(599_000)
  t.equal(await status(), 401, 'but not for ever')
  await gateway.signIn()
  clock.advance(600_000)
  t.equal(await status(), 401, 'idle too long')
  await gateway.signIn()
  t.equal(
    (await gateway.post('/logout', {}, { cookie: gateway.cookie })).status,
    403,
    'nor signs another site out',
  )
  t.equal((await gateway.post('/logout', {})).status, 200)
  t.equal(await status(), 401, 'signed out')
  await gateway.signIn()
  const { cookie } = gateway
  const name = cookie.split('=')[0] ?? ''
  await gateway.close()
  const stored = await new Promise<{ hash: string }[]>((resolve, reject) => {
    const db = new sqlite3.Database(path.join(dir, 'data', 'gateway.db'))
    db.all('SELECT hash FROM sessions', (error: Error | null, rows: { hash: string }[]) => {
      db.close()
      if (error) reject(error)
      else resolve(rows)
    })
  })
  t.ok(stored.length >= 1)
  t.notOk(
    stored.some((row) => row.hash === cookie.split('=')[1]),
    'the store holds no cookie',
  )
  const again = await startIn(t, dir, {}, clock)
  const renamed = `lanekeeper-${new URL(again.url).port}=${cookie.slice(name.length + 1)}`
  t.equal((await again.get('/api/session', { cookie: renamed })).status, 200, 'after a restart')
})

t.test('a command goes to its lane, and what became of it is told', async (t) => {
  const gateway = await startIn(t, t.testdir())
  await gateway.signIn()
  const command = (what: object) => ({ reason: 'fire drill', what })
  const at = '/api/edges/edge-1/lanes/lane-1/command'
  t.match(await gateway.post(at, command({ do: 'setMode', mode: 'CLOSED' })), {
    status: 409,
    body: { error: 'edgeAway' },
  })
  const edge = await gateway.edge()
  const taken = await gateway.post<{ commandId: string }>(at, command({ do: 'setMode', mode: 'CLOSED' }))
  t.match(taken, { status: 202, body: { lane: 'lane-1', result: null } })
  const { message } = await edge.hears('command')
  t.match(message, {
    commandId: taken.body.commandId,
    what: { do: 'setMode', mode: 'CLOSED' },
    by: 'operator',
  })
  await edge.send(
    'answer',
    JSON.stringify({
      v: 1,
      edgeId: 'edge-1',
      to: taken.body.commandId,
      result: 'accepted',
      why: null,
      at: 1,
    }),
  )
  const address = `/api/commands/${taken.body.commandId}`
  await gateway.until(async () => (await gateway.get(address)).body.result === 'accepted')
  await gateway.post(at, command({ do: 'holdAll', on: true }))
  await gateway.post(at, command({ do: 'holdAll', on: false }))
  const on = await edge.hears('command', (m) => (m.what as { on?: boolean }).on === true)
  const off = await edge.hears('command', (m) => (m.what as { on?: boolean }).on === false)
  const incidentOf = (heard: typeof on) => (heard.message.what as { incidentId: string }).incidentId
  t.equal(incidentOf(on), incidentOf(off), 'the end of an emergency names its beginning')
  t.match(
    await gateway.post('/api/edges/edge-9/lanes/lane-1/command', command({ do: 'holdAll', on: true })),
    { status: 404 },
  )
  t.match(
    await gateway.post(at, command({ do: 'raise' })),
    { status: 400 },
    'nobody raises a barrier from here',
  )
})

t.test('the live feed begins with a snapshot and tells what changes', async (t) => {
  const gateway = await startIn(t, t.testdir())
  t.equal((await gateway.get('/api/live')).status, 401)
  await gateway.signIn()
  const edge = await gateway.edge()
  const feed = await openFeed(gateway.url, gateway.cookie)
  t.teardown(() => feed.end())
  t.match(await feed.next(), { is: 'snapshot', state: { site: 'site-1', operator: 'operator' } })
  await edge.sendEvents(new EventChain('edge-1').escalated('p1'))
  const seen = new Map<string, unknown>()
  while (seen.size < 3) {
    const event = await feed.next()
    seen.set(String(event.is), event)
  }
  t.match(seen.get('passage'), { passage: { passageId: 'p1', epcs: ['E200AA'] } })
  t.match(seen.get('escalation'), { escalation: { escalationId: 'p1.e1', state: 'OPEN' } })
  t.match(seen.get('edge'), { edge: { edgeId: 'edge-1', connected: true, stored: { upTo: 3 } } })
  const health = {
    v: 1,
    edgeId: 'edge-1',
    at: 1,
    bootId: 'b',
    version: '0',
    clockQuality: 'synchronised',
    lanes: [],
    faults: [],
    lists: [],
    outbox: { waiting: 0, epoch: 'e1', lastSequence: 3 },
    rssBytes: 1,
    counters: {},
  }
  await edge.send('health', JSON.stringify(health))
  let event = await feed.next()
  while (event.is !== 'edge' || (event.edge as { health: unknown }).health === null) event = await feed.next()
  t.match(event, { edge: { health: { bootId: 'b' } } })
  await gateway.post('/logout', {})
  await feed.ended()
})

t.test('a passage shows its events, and the audit who did what', async (t) => {
  const gateway = await startIn(t, t.testdir(), { secretOrderReaders: ['operator'] })
  await gateway.signIn()
  const edge = await gateway.edge()
  const events = new EventChain('edge-1').escalated('p1')
  await edge.sendEvents(events)
  t.match(await gateway.get('/api/passages/p1'), { body: { passage: { passageId: 'p1' }, events } })
  t.match(await gateway.get('/api/passages/p9'), { status: 404, body: { error: 'notFound' } })
  t.match(await gateway.get('/api/edges/edge-1/events?epoch=e1&after=1&limit=1'), {
    body: { events: [events[1]] },
  })
  t.match(await gateway.get('/api/stored'), {
    body: { epochs: [{ edgeId: 'edge-1', epoch: 'e1', stored: 3, upTo: 3 }] },
  })
  t.match(await gateway.get('/api/audit'), {
    body: {
      entries: [
        { action: 'enrolment', operator: 'edge-1' },
        { action: 'enrolmentToken', target: 'edge-1' },
        { action: 'signIn', operator: 'operator' },
      ],
    },
  })
})

t.test('the OpenAPI document describes the routes with their bodies', async (t) => {
  const gateway = await startIn(t, t.testdir())
  const { body } = await gateway.get('/openapi.json')
  t.match(body, {
    openapi: '3.1.0',
    paths: {
      '/api/escalations/{escalationId}/verdict': {
        post: {
          requestBody: {
            content: {
              'application/json': { schema: { required: ['answer', 'version', 'reason', 'orderIds'] } },
            },
          },
        },
      },
      '/api/edges/{edgeId}/token': { post: {} },
    },
  })
})

t.test('figures are for operators and this machine, and say whether it can store', async (t) => {
  const gateway = await startIn(t, t.testdir())
  const metrics = await gateway.get<{ text: string }>('/metrics')
  t.equal(metrics.status, 200)
  t.match(metrics.body.text, /lanekeeper_gateway_inbox_stored 0/)
  t.match(await gateway.get('/healthz'), { status: 200, body: { ok: true } })
})

t.test('the page is served as it was built, and says so where it was not', async (t) => {
  const dir = t.testdir()
  const bare = await startIn(t, dir)
  const none = await bare.get<{ text: string }>('/')
  t.equal(none.status, 503)
  t.match(none.body.text, /npm run build/)
  await bare.close()
  mkdirSync(path.join(dir, 'web', 'assets'), { recursive: true })
  writeFileSync(path.join(dir, 'web', 'index.html'), '<!doctype html><title>built</title>')
  writeFileSync(path.join(dir, 'web', 'assets', 'a.js'), 'export {}')
  const built = await startIn(t, dir, { consoleDir: 'web' })
  t.match(await built.get('/'), { status: 200, body: { text: /built/ } })
  t.equal((await built.get('/assets/a.js')).status, 200)
  for (const escape of ['/../data/gateway.db', '/%2e%2e/data/gateway.db', '/..%2fdata%2fgateway.db']) {
    t.not((await built.get(escape)).status, 200, escape)
  }
  t.equal(readFileSync(path.join(dir, 'web', 'index.html'), 'utf8').includes('built'), true)
})

interface Feed {
  next(): Promise<Record<string, unknown>>
  ended(): Promise<void>
  end(): Promise<void>
}

/** Reads server-sent events as a page does. */
async function openFeed(url: string, cookie: string): Promise<Feed> {
  const abort = new AbortController()
  const response = await fetch(`${url}/api/live`, { headers: { cookie }, signal: abort.signal })
  if (!response.body) throw new Error('no feed')
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  let over = false
  const next = async (): Promise<Record<string, unknown>> => {
    for (;;) {
      const end = text.indexOf('\n\n')
      if (end >= 0) {
        const block = text.slice(0, end)
        text = text.slice(end + 2)
        if (block.startsWith('data: ')) return JSON.parse(block.slice(6)) as Record<string, unknown>
        continue
      }
      const { done, value } = await reader.read()
      if (done) {
        over = true
        throw new Error('the feed ended')
      }
      text += value
    }
  }
  return {
    next,
    ended: async () => {
      while (!over) await next().catch(() => undefined)
    },
    end: async () => {
      abort.abort()
      await reader.cancel().catch(() => undefined)
    },
  }
}
