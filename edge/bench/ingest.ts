import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { systemClock } from '../base/clock.js'
import { LanekeeperError } from '../base/error.js'
import { enrol } from '../enrol/enrol.js'
import { parseToken } from '../messages/enrol.js'
import { upTopic } from '../messages/topics.js'
import { Part } from '../../simulators/scenario/part.js'
import { exampleEvents } from './example-events.js'
import { ratioOf, round, tableOf } from './figures.js'
import { machineMs } from './machine-time.js'
import { tlsOf } from './tls-of.js'
import type { Bench } from './types.js'
import { builtModule, inFolder } from './work-folder.js'

const defaultEvents = 14_000
/** As many as an edge may have under way at once. */
const windowEvents = 256
/** Stated in the terms: durable and in order, at no less than this share of a bare broker's speed. */
const targetRatio = 0.6

/** Events through a real gateway, each stored before its PUBACK, beside a broker that stores nothing. */
export const ingestBench: Bench = {
  about:
    'Durable events a second into the gateway over MQTT QoS 1; floor: a bare aedes over the same TLS that stores nothing.',
  run: (options, say) =>
    inFolder(options, say, async (dir) => {
      const count = options.entries ?? defaultEvents
      const payloads = exampleEvents(count, 'bench').map((event) =>
        JSON.stringify({ ...event, sentAt: event.recordedAt }),
      )
      const { stored, identity } = await throughGateway(dir, payloads, options.profile)
      const floor = await bare(dir, identity, payloads)
      const ratio = ratioOf(stored, floor)
      for (const line of tableOf([
        ['', 'events a second'],
        ['gateway, stored before PUBACK', stored],
        ['floor: bare aedes', floor],
      ]))
        say(line)
      return {
        bench: 'ingest',
        events: count,
        storedPerSecond: stored,
        floorPerSecond: floor,
        ratio,
        target: { ratio: targetRatio },
        met: ratio !== null && ratio >= targetRatio,
      }
    }),
}

type Identity = ReturnType<typeof tlsOf>

/** Over the same TLS, with the same certificates: what differs is what is done with an event. */
async function bare(dir: string, identity: Identity, payloads: readonly string[]): Promise<number> {
  const broker = new Part({
    name: 'bare',
    module: builtModule('edge/bench/bare-broker.js'),
    args: [path.join(dir, 'gateway', 'authority')],
    logDir: path.join(dir, 'logs'),
    clock: systemClock,
    readyWithinMs: 30_000,
  })
  const { url } = await broker.start()
  try {
    return await publishAll(String(url), identity, payloads)
  } finally {
    await broker.stop()
  }
}

async function throughGateway(
  dir: string,
  payloads: readonly string[],
  profile: string | undefined,
): Promise<{ readonly stored: number; readonly identity: Identity }> {
  const file = path.join(dir, 'gateway.yaml')
  const config = {
    version: 1,
    site: 'bench',
    dataDir: path.join(dir, 'gateway'),
    http: { port: 0 },
    mqtt: { port: 0 },
    edgeHttp: { port: 0 },
    edges: [{ edgeId: 'edge-1' }],
    trust: { unsigned: true },
    logLevel: 'warn',
  }
  writeFileSync(file, JSON.stringify(config))
  const gateway = new Part({
    name: 'gateway',
    module: builtModule('edge/cli/main.js'),
    args: ['gateway', '--config', file],
    ...(profile !== undefined && { nodeArgs: ['--cpu-prof', `--cpu-prof-dir=${path.resolve(profile)}`] }),
    logDir: path.join(dir, 'logs'),
    clock: systemClock,
    readyWithinMs: 60_000,
  })
  const { mqttUrl, edgeUrl } = await gateway.start()
  try {
    const token = parseToken(String(await gateway.ask({ do: 'enrolmentToken', edgeId: 'edge-1' })))
    if (!token.ok) throw new LanekeeperError('bench.noToken', 'the gateway gave no enrolment token')
    const dataDir = path.join(dir, 'edge')
    const given = { edgeId: 'edge-1', dataDir, url: String(edgeUrl), token: token.value, clock: systemClock }
    const identity = tlsOf(await enrol(given))
    return { stored: await publishAll(String(mqttUrl), identity, payloads), identity }
  } finally {
    await gateway.stop()
  }
}

/** Events a second until the last PUBACK, a window of them under way; a tenth before that warms up. */
async function publishAll(url: string, identity: Identity, payloads: readonly string[]): Promise<number> {
  const client = await connectAsync(url, {
    clientId: 'edge-1',
    ...identity,
    protocolVersion: 4,
    clean: true,
    reconnectPeriod: 0,
  })
  try {
    const warmUp = Math.floor(payloads.length / 10)
    await publish(client, payloads.slice(0, warmUp))
    const fromMs = machineMs()
    await publish(client, payloads.slice(warmUp))
    return round(((payloads.length - warmUp) * 1_000) / (machineMs() - fromMs), 0)
  } finally {
    await client.endAsync(true)
  }
}

async function publish(client: MqttClient, payloads: readonly string[]): Promise<void> {
  const topic = upTopic('bench', 'edge-1', 'event')
  let next = 0
  const lost = new Promise<never>((_resolve, reject) => {
    client.once('close', () => reject(new Error('the broker closed the connection')))
  })
  const one = async (): Promise<void> => {
    for (let payload = payloads[next++]; payload !== undefined; payload = payloads[next++])
      await client.publishAsync(topic, payload, { qos: 1 })
  }
  await Promise.race([Promise.all(Array.from({ length: windowEvents }, one)), lost])
}
