import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import t, { type Test } from 'tap'
import { SeededRandom } from '../edge/base/random.js'
import type { EdgeIdentity } from '../edge/interfaces/identity.js'
import type { SentEvent } from '../edge/messages/envelope.js'
import { EventChain } from './testing/chain.js'
import { EdgeClient } from './testing/edge-client.js'
import { enrolWith } from './testing/enrolled.js'
import { configIn, site } from './testing/gateway-under-test.js'

const kills = 4
const windowMax = 64

/** One file for the child: it runs as the product does, without the loader of the test runner. */
async function bundled(dir: string): Promise<string> {
  const outfile = path.join(dir, 'gateway-child.mjs')
  await build({
    entryPoints: ['gateway/testing/gateway-child.ts'],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  })
  return outfile
}

interface Running {
  readonly child: ChildProcess
  readonly httpUrl: string
  readonly mqttUrl: string
  readonly edgeUrl: string
  readonly tokens: Readonly<Record<string, string>>
  readonly link: string
}

async function start(program: string, configFile: string): Promise<Running> {
  const { NODE_OPTIONS: _options, ...env } = process.env
  const child = spawn(process.execPath, [program, configFile], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { child, ...(JSON.parse(line) as Omit<Running, 'child'>) }
}

/** An edge with its outbox: only an acknowledgement of the gateway frees an event. */
class OutboxEdge {
  readonly events: SentEvent[] = []
  acknowledged = 0
  publishes = 0
  readonly #chain: EventChain
  #identity: EdgeIdentity | null = null
  #passageNo = 0

  constructor(readonly edgeId: string) {
    this.#chain = new EventChain(edgeId)
  }

  /** Sends through one connection until it ends or `enough` says so; nothing new while `records` is false. */
  async run(running: Running, enough: () => boolean, records = true): Promise<void> {
    const { mqttUrl, edgeUrl, tokens } = running
    // Enrolled once: the gateway that comes back after a kill knows it still.
    this.#identity ??= await enrolWith(edgeUrl, this.edgeId, tokens[this.edgeId] ?? '')
    const edge = await EdgeClient.listening(mqttUrl, site, this.edgeId, this.#identity)
    let sent = this.acknowledged
    while (!edge.closed && !enough()) {
      while (records && this.events.length < this.acknowledged + windowMax) this.#record()
      while (sent < this.acknowledged + windowMax && sent < this.events.length) {
        this.publishes += 1
        edge.sendEvent(this.events[sent] as SentEvent).catch(() => undefined)
        sent += 1
      }
      await this.#acknowledgedMore(edge, sent)
    }
    await edge.end()
  }

  #record(): void {
    this.#passageNo += 1
    const passageId = `${this.edgeId}.p${this.#passageNo}`
    const at = { lane: 'lane-1', passageId }
    this.events.push(...this.#chain.escalated(passageId))
    this.events.push(this.#chain.next('escalationClosed', { escalationId: `${passageId}.e1`, why: 'x' }, at))
    const end = { how: 'returned', outcome: 'hold', readsHeard: 1, readsShed: 0, durationMs: 1 } as const
    this.events.push(this.#chain.next('passageEnded', end, at))
  }

  async #acknowledgedMore(edge: EdgeClient, sent: number): Promise<void> {
    const before = this.acknowledged
    const more = (m: Record<string, unknown>) => m.epoch === 'e1' && Number(m.upTo) > before
    const heard = await Promise.race([edge.hears('ack', more).catch(() => undefined), edge.isClosed()])
    if (!heard) return
    this.acknowledged = Math.max(
      ...edge.heard.filter((one) => one.kind === 'ack').map((one) => Number(one.message.upTo)),
    )
    if (this.acknowledged > sent) throw new Error(`${this.acknowledged} acknowledged, ${sent} sent`)
    edge.heard.length = 0
  }
}

type Get = (address: string) => Promise<unknown>

/** What was acknowledged before the kill is in the store after it. */
async function keepsItsWord(t: Test, gateway: Running, edges: readonly OutboxEdge[]): Promise<Get> {
  const cookie = (await fetch(gateway.link)).headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const get: Get = async (address) =>
    (await fetch(`${gateway.httpUrl}${address}`, { headers: { cookie } })).json()
  const { epochs } = (await get('/api/stored')) as { epochs: { edgeId: string; upTo: number }[] }
  for (const edge of edges) {
    const upTo = epochs.find((one) => one.edgeId === edge.edgeId)?.upTo ?? 0
    t.ok(upTo >= edge.acknowledged, `${edge.edgeId}: ${edge.acknowledged} acknowledged, ${upTo} stored`)
  }
  return get
}

t.test('killed under load, the gateway keeps what it acknowledged, once and in order', async (t) => {
  const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31)
  t.comment(`SEED=${seed}`)
  const random = new SeededRandom(seed)
  const dir = t.testdir()
  const program = await bundled(dir)
  const configFile = path.join(dir, 'gateway.json')
  writeFileSync(
    configFile,
    JSON.stringify({ ...configIn(dir, { secretOrderReaders: ['operator'] }), trust: { unsigned: true } }),
  )
  const edges = [new OutboxEdge('edge-1'), new OutboxEdge('edge-2')]

  for (let kill = 1; kill <= kills; kill += 1) {
    const running = await start(program, configFile)
    if (kill > 1) await keepsItsWord(t, running, edges)
    const targets = edges.map((edge) => edge.acknowledged + random.int(20, 250))
    // In the very instant of an acknowledgement: whatever is promised too early is caught here.
    const killWhenReached = () => {
      const isReached = edges.every((edge, i) => edge.acknowledged >= (targets[i] ?? 0))
      if (isReached) running.child.kill('SIGKILL')
      return isReached
    }
    const exited = once(running.child, 'exit')
    await Promise.all(edges.map((edge) => edge.run(running, killWhenReached)))
    await exited
  }

  const gateway = await start(program, configFile)
  t.teardown(async () => {
    gateway.child.kill('SIGTERM')
    await once(gateway.child, 'exit')
  })
  const get = await keepsItsWord(t, gateway, edges)

  await Promise.all(
    edges.map((edge) => edge.run(gateway, () => edge.acknowledged >= edge.events.length, false)),
  )
  for (const edge of edges) {
    const stored: unknown[] = []
    for (;;) {
      const page = `/api/edges/${edge.edgeId}/events?epoch=e1&after=${stored.length}&limit=1000`
      const { events } = (await get(page)) as { events: unknown[] }
      if (events.length === 0) break
      stored.push(...events)
    }
    t.equal(stored.length, edge.events.length, `${edge.edgeId}: every event, once`)
    const differs = stored.findIndex((event, i) => JSON.stringify(event) !== JSON.stringify(edge.events[i]))
    t.equal(differs, -1, `${edge.edgeId}: as it was sent, in order`)
    t.comment(
      `${edge.edgeId}: ${edge.publishes} publishes of ${edge.events.length} events over ${kills} kills`,
    )
  }
  const state = (await get('/api/state')) as { escalations: { state: string }[]; passages: { how: string }[] }
  t.ok(state.escalations.every((one) => one.state === 'CLOSED'))
  t.ok(
    state.passages.every((one) => one.how === 'returned'),
    'and no projection lags behind its events',
  )
})
