import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { createServer } from 'node:tls'
import { Aedes, type AedesPublishPacket } from 'aedes'
import mqtt, { type MqttClient } from 'mqtt'
import t, { type Test } from 'tap'
import { sleep, systemClock } from '../../edge/base/clock.js'
import type { Verdict } from '../../edge/messages/down.js'
import { downTopic } from '../../edge/messages/topics.js'
import type { Answer } from '../../edge/messages/up.js'
import { Authority } from '../../gateway/authority/authority.js'
import type { EscalationState } from '../../gateway/api/schemas.js'
import { Trial } from './trial.js'

const siteName = 'demo'
const verdictTopic = downTopic(siteName, 'edge-1', 'verdict')

interface Post {
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: unknown
}

/** A POST as no browser of ours would send it: every header as given. */
async function post({ url, headers, body }: Post): Promise<number> {
  const sent = request(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers } })
  sent.end(JSON.stringify(body))
  const [response] = (await once(sent, 'response')) as [{ statusCode?: number; resume(): void }]
  response.resume()
  return response.statusCode ?? 0
}

/** A verdict that would be taken, if it came by the right way. */
function verdictFor(escalation: EscalationState, more: Partial<Verdict> = {}): Verdict {
  const nowMs = Math.round(systemClock.now().wallMs)
  return {
    v: 1,
    verdictId: `rogue-${randomUUID().slice(0, 8)}`,
    lane: escalation.lane,
    passageId: escalation.passageId,
    escalationId: escalation.escalationId,
    answer: 'release',
    by: 'nobody',
    reason: 'forged',
    orderIds: [...escalation.interceptOrderIds],
    issuedAt: nowMs,
    expiresAt: nowMs + 60_000,
    ...more,
  }
}

// A whole site of processes takes its time on a machine that does other things as well.
t.setTimeout(600_000)

t.test('a verdict of somebody who is not signed in, or from a foreign page, moves nothing', async (t) => {
  const trial = await Trial.start(t, { mix: { unknownTag: 1, intercepted: 1 } })
  await trial.enter('lane-1', 'unknownTag')
  const escalation = await trial.escalation('lane-1')
  const { origin, cookie } = await signedIn(trial)
  const url = `${origin}/api/escalations/${encodeURIComponent(escalation.escalationId)}/verdict`
  const body = { answer: 'release', version: escalation.version, reason: '', orderIds: [] }
  const asked = [
    ['without a sign-in', { origin }, [401]],
    ['with a made-up session', { origin, cookie: `${cookie.split('=')[0]}=${randomUUID()}` }, [401]],
    ['from another origin', { cookie, origin: 'http://evil.example' }, [403]],
    ['from no origin', { cookie }, [403]],
    ['under a foreign host name', { cookie, origin, host: 'evil.example' }, [403]],
    ['with a password', { origin, authorization: 'Basic ZWRnZS0xOng=' }, [401]],
  ] as const
  for (const [how, headers, allowed] of asked) {
    const status = await post({ url, headers: { ...headers }, body })
    t.ok((allowed as readonly number[]).includes(status), `${how}: ${status}`)
  }
  await nothingMoved(t, trial, escalation)
  t.same(await trial.recorded('verdictJudged'), [], 'no verdict came to the edge')

  const stolen = await publishAsTheEdge(trial, verdictFor(escalation))
  t.notOk(stolen.took, `whoever has the edge's key cannot send verdicts: ${stolen.how}`)
  await trial.until('the edge to be back', () => trial.health())
  await nothingMoved(t, trial, escalation)
  t.same(await trial.recorded('verdictJudged'), [], 'no verdict came to the edge')

  t.equal(
    await post({ url, headers: { cookie, origin }, body }),
    200,
    'the same request of a signed-in person',
  )
  await trial.until('the bar to be raised for it', async () => (await trial.raises('lane-1')) === 1)
  t.same(trial.lost, [])
})

t.test('what a false broker sends is refused, recorded, shown, and moves nothing', async (t) => {
  const trial = await Trial.start(t, { mix: { unknownTag: 1, intercepted: 1 } })
  const first = await trial.enter('lane-1', 'unknownTag')
  const old = await trial.escalation('lane-1')
  await trial.answer(old, 'release')
  t.equal(await trial.left(first), 'through')
  const [used] = await trial.recorded('verdictJudged', (event) => event.body['result'] === 'accepted')
  const usedId = String(used?.body['verdictId'])

  await trial.enter('lane-1', 'unknownTag')
  await trial.enter('lane-2', 'intercepted')
  const here = await trial.escalation('lane-1')
  const beside = await trial.escalation('lane-2')
  t.ok(beside.interceptOrderIds.length > 0)
  const raisesBefore = (await trial.raises('lane-1')) + (await trial.raises('lane-2'))

  const rogue = await falseBroker(t, trial)
  const retained = verdictFor(here)
  rogue.retain(retained)
  trial.site.uplink.setTarget(rogue.port)
  trial.site.uplink.cut()
  await trial.until('the edge to come to the false broker', () => rogue.subscribed())

  const nowMs = Math.round(systemClock.now().wallMs)
  const sent: readonly (readonly [Verdict, string])[] = [
    [retained, 'retained'],
    [verdictFor(here, { issuedAt: nowMs - 60_000, expiresAt: nowMs - 1 }), 'expired'],
    [verdictFor(old, { verdictId: usedId }), 'usedId'],
    [verdictFor(here, { verdictId: usedId }), 'usedId'],
    [verdictFor(old), 'otherPassage'],
    [verdictFor(here, { passageId: `${here.passageId}9` }), 'otherPassage'],
    [verdictFor(beside, { lane: 'lane-1' }), 'otherPassage'],
    [verdictFor(here, { escalationId: old.escalationId }), 'otherEscalation'],
    [verdictFor(beside, { reason: ' ' }), 'interceptNeedsReason'],
    [verdictFor(beside, { orderIds: [] }), 'interceptNeedsOrder'],
    [verdictFor(beside, { orderIds: ['o-made-up'] }), 'interceptNeedsOrder'],
  ]
  for (const [verdict] of sent.slice(1)) await rogue.send(verdict)
  const elsewhere = verdictFor(here, { lane: 'lane-7' })
  await rogue.send(elsewhere)
  await rogue.send({ ...verdictFor(here), verdictId: 'broken-1', answer: 'open sesame' })
  await rogue.send({ ...verdictFor(here), verdictId: 'tomorrow-1', v: 2 })
  await rogue.send('release everything')

  const expected = [
    ...sent.map(([{ verdictId }, why]) => `${verdictId} ${why}`),
    `${elsewhere.verdictId} otherLane`,
    'broken-1 malformed',
    'tomorrow-1 unknownVersion',
  ].sort()
  const answered = () =>
    rogue.answers.map(({ to, result, why }) => `${to} ${result === 'refused' ? why : result}`).sort()
  await trial.until('every answer', () => answered().length >= expected.length)
  t.same(answered(), expected, 'each is refused, and whoever sent it is told why')

  const judged = await trial.recorded('verdictJudged', (event) => event.body['result'] === 'refused')
  t.same(
    judged.map(({ body }) => `${String(body['verdictId'])} ${String(body['why'])}`).sort(),
    sent.map(([{ verdictId }, why]) => `${verdictId} ${why}`).sort(),
    'each that could be read for a lane of ours is in the journal',
  )
  t.equal((await trial.recorded('commandJudged', ({ body }) => body['why'] === 'otherLane')).length, 1)
  await sleep(systemClock, 'trial', 2_000)
  t.equal((await trial.raises('lane-1')) + (await trial.raises('lane-2')), raisesBefore, 'no bar moved')

  trial.site.uplink.setTarget(trial.site.mqttPort)
  trial.site.uplink.cut()
  const books = await trial.compareBooks()
  t.match(books, { lost: 0, duplicated: 0, inOrder: true }, 'the gateway has the refusals')
  await trial.answer(await trial.escalation('lane-1'), 'release')
  await trial.until('the rightful verdict to raise the bar', async () => (await trial.raises('lane-1')) === 2)
  t.same(trial.lost, [])
  t.comment('refused', expected.length, 'journaled', judged.length + 1, 'books', books)
})

async function nothingMoved(t: Test, trial: Trial, escalation: EscalationState): Promise<void> {
  await sleep(systemClock, 'trial', 1_500)
  t.match(await trial.lane(escalation.lane), { acceptedTotal: 0, refusedTotal: 0, armDegrees: 0 })
  const now = (await trial.client.state()).escalations.find(
    (one) => one.escalationId === escalation.escalationId,
  )
  t.match(now, { state: 'OPEN', version: escalation.version, verdict: null }, 'the case is still open')
}

async function signedIn(trial: Trial): Promise<{ origin: string; cookie: string }> {
  const link = await trial.site.operatorLink('duty-officer')
  const response = await fetch(link, { redirect: 'manual' })
  return { origin: new URL(link).origin, cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? '' }
}

/** What a thief of the box would have: its key and certificate. */
function identityOf(trial: Trial): { key: string; cert: string; ca: string } {
  const file = path.join(trial.site.files.edgeDataDir, 'identity', 'identity.json')
  const identity = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
  const { keyPem: key = '', certificatePem: cert = '', authorityPem: ca = '' } = identity
  return { key, cert, ca }
}

/** Logs in at the gateway's own broker as the edge and publishes a verdict to it, retained and not. */
async function publishAsTheEdge(trial: Trial, verdict: Verdict): Promise<{ took: boolean; how: string }> {
  const tried: string[] = []
  for (const retain of [false, true]) {
    const client = mqtt.connect({
      protocol: 'mqtts',
      port: trial.site.mqttPort,
      host: '127.0.0.1',
      clientId: 'edge-1',
      ...identityOf(trial),
      protocolVersion: 4,
      reconnectPeriod: 0,
    })
    client.on('error', () => undefined)
    await happens(client, 'connect')
    const how = await Promise.race([
      client.publishAsync(verdictTopic, JSON.stringify(verdict), { qos: 1, retain }).then(
        () => 'acknowledged',
        () => 'refused',
      ),
      happens(client, 'close').then(() => 'cut off'),
    ])
    tried.push(how)
    await client.endAsync(true)
  }
  return { took: tried.includes('acknowledged'), how: tried.join(', ') }
}

function happens(client: MqttClient, event: 'connect' | 'close'): Promise<void> {
  return new Promise((resolve) => {
    client.once(event, () => resolve())
  })
}

interface FalseBroker {
  readonly port: number
  readonly answers: Answer[]
  subscribed(): boolean
  retain(verdict: Verdict): void
  send(message: object | string): Promise<void>
}

/**
 * A broker that takes anybody and everything, in the place where the edge looks for its gateway. It has
 * what the gateway is known by: the authority was stolen.
 */
async function falseBroker(t: Test, trial: Trial): Promise<FalseBroker> {
  const broker = await Aedes.createBroker()
  const folder = path.join(trial.site.files.gatewayDataDir, 'authority')
  const nowMs = systemClock.now().wallMs
  const authority = await Authority.open({
    keyFile: path.join(folder, 'authority.key'),
    certFile: path.join(folder, 'authority.pem'),
    site: siteName,
    nowMs,
  })
  const { keyPem: key, chainPem: cert } = await authority.forServer(['127.0.0.1'], nowMs)
  const server = createServer({ key, cert, minVersion: 'TLSv1.3' }, (socket) => {
    broker.handle(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    await new Promise<void>((resolve) => broker.close(() => resolve()))
    server.close()
  })
  const answers: Answer[] = []
  broker.on('publish', (packet: AedesPublishPacket) => {
    if (packet.topic.endsWith('/up/answer')) answers.push(JSON.parse(packet.payload.toString()) as Answer)
  })
  let subscribed = false
  broker.on('subscribe', (subscriptions) => {
    subscribed ||= subscriptions.some(({ topic }) => topic.includes('/down/'))
  })
  const publish = (message: object | string, retain: boolean) =>
    new Promise<void>((resolve, reject) => {
      const payload = typeof message === 'string' ? message : JSON.stringify(message)
      broker.publish(
        { cmd: 'publish', topic: verdictTopic, payload: Buffer.from(payload), qos: 1, retain, dup: false },
        (error) => (error ? reject(error) : resolve()),
      )
    })
  const { port } = server.address() as AddressInfo
  return {
    port,
    answers,
    subscribed: () => subscribed,
    retain: (verdict) => void publish(verdict, true),
    send: (message) => publish(message, false),
  }
}
