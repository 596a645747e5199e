import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { connect as connectTcp, type Socket } from 'node:net'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import type { Test } from 'tap'
import { systemClock, type Clock } from '../../base/clock.js'
import type { FaultChange } from '../../base/fault.js'
import { silentLogger } from '../../base/log.js'
import { openReaderBus, parseReaderBusConfig, type ReaderBus } from '../index.js'

export const secrets = { reader: 'a-reader-secret-1', edge: 'an-edge-secret-22', other: 'another-secret-3' }

export interface BusBench {
  readonly bus: ReaderBus
  readonly faults: FaultChange[]
  readonly folder: string
  /** The secret file of a user, for drivers. */
  secretFile(name: keyof typeof secrets): string
}

/** A bus on a free port with a reader that may write, an edge that may read, and a stranger's neighbour. */
export async function openBus(
  t: Test,
  settings: Record<string, unknown> = {},
  clock: Clock = systemClock,
): Promise<BusBench> {
  const folder = t.testdir()
  const secretFile = (name: keyof typeof secrets) => path.join(folder, `${name}.secret`)
  for (const name of ['reader', 'edge', 'other'] as const)
    writeFileSync(secretFile(name), `${secrets[name]}\n`, { mode: 0o600 })
  const parsed = parseReaderBusConfig({
    port: 0,
    users: [
      { name: 'reader', secretFile: secretFile('reader'), publish: ['readers/north-1/#'] },
      { name: 'other', secretFile: secretFile('other'), publish: ['readers/other'] },
      { name: 'edge', secretFile: secretFile('edge'), subscribe: ['readers/#'] },
    ],
    ...settings,
  })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const faults: FaultChange[] = []
  const onFault = (change: FaultChange) => void faults.push(change)
  const bus = await openReaderBus(parsed.value, { clock, log: silentLogger, onFault })
  t.teardown(() => bus.close())
  return { bus, faults, folder, secretFile }
}

/** A client of MQTT.js that tries once. */
export function mqttClient(
  t: Test,
  bus: ReaderBus,
  name: keyof typeof secrets,
  options: IClientOptions = {},
): Promise<MqttClient> {
  const login = { username: name, password: secrets[name], protocolVersion: 4, reconnectPeriod: 0 } as const
  return connectAsync(bus.url, { clientId: `${name}-test`, ...login, ...options }, false).then((client) => {
    client.on('error', () => undefined)
    t.teardown(() => client.endAsync(true))
    return client
  })
}

/** Opens a bare connection, writes the bytes, and resolves when the other side has closed it, or after the bound. */
export function sendRaw(bus: ReaderBus, bytes: Buffer, withinMs = 3_000): Promise<'closed' | 'left open'> {
  return new Promise((resolve) => {
    const socket: Socket = connectTcp(bus.port, '127.0.0.1')
    const bound = setTimeout(() => done('left open'), withinMs)
    const done = (how: 'closed' | 'left open') => {
      clearTimeout(bound)
      socket.destroy()
      resolve(how)
    }
    socket.on('error', () => undefined)
    socket.on('close', () => done('closed'))
    socket.on('data', () => undefined)
    socket.write(bytes)
  })
}

/** Resolves when it holds; looks after each turn of the loop, within the bound. */
export async function eventually(what: string, holds: () => boolean, withinMs = 5_000): Promise<void> {
  const fromMs = performance.now()
  while (!holds()) {
    if (performance.now() - fromMs > withinMs) throw new Error(`not within ${withinMs} ms: ${what}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
