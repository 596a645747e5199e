import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { z } from 'zod'
import type { Connect, Reader, ReaderDriver, ReaderGiven } from '../../../interfaces/reader.js'
import { openConnected } from '../common/connection.js'
import type { Intake } from '../common/intake.js'
import type { Session } from '../common/link.js'
import { parseWith } from '../common/problems.js'
import { decode, split } from './codec.js'

const schema = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  heartbeatMs: z.int().min(500).nullable().default(null),
})

export type BlueprintConfig = z.output<typeof schema>

/** A pattern of a driver for a binary reader over TCP; in no registry. Copy the folder and rename it. */
export const blueprintDriver: ReaderDriver<BlueprintConfig> = {
  kind: 'blueprint',
  parseConfig: (raw) => parseWith(schema, raw),
  open: (config, given) => openBlueprint(config, given),
}

/** @param way how to connect; absent: TCP to the host and port of the configuration */
export function openBlueprint(
  config: BlueprintConfig,
  given: ReaderGiven,
  way: Connect = () => tcp(config),
): Reader {
  const at = `${config.host}:${config.port}`
  // All that belongs to one connection is made here, so that none of it survives the connection.
  return openConnected(given, config, at, async (intake) => sessionOf(await way(), intake))
}

function sessionOf(stream: Duplex, intake: Intake): Session {
  let rest = Buffer.alloc(0)
  let proven = false
  const lost = new Promise<string>((resolve) => {
    stream.on('error', (error) => resolve(`The reader failed: ${error.message}`))
    stream.on('close', () => resolve('The reader closed the connection.'))
    stream.on('end', () => resolve('The reader ended the connection.'))
  })
  stream.on('data', (chunk: Buffer) => {
    const found = split(Buffer.concat([rest, chunk]))
    rest = Buffer.from(found.rest)
    proven ||= found.frames.length > 0
    intake.signOfLife()
    for (const frame of found.frames) intake.take(decode(frame))
    if (found.discardedBytes === 0) return
    intake.garbageBytes(found.discardedBytes)
    intake.garbage(`${found.discardedBytes} bytes between frames.`)
  })
  return {
    lost,
    get proven() {
      return proven
    },
    close: () => {
      stream.destroy()
      return Promise.resolve()
    },
  }
}

function tcp({ host, port }: BlueprintConfig): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, keepAlive: true, noDelay: true, timeout: 4_000 })
    const late = () => socket.destroy(new Error(`No answer from ${host}:${port}`))
    socket.once('timeout', late)
    socket.once('error', reject)
    socket.once('connect', () => {
      // From here on silence is the heartbeat's business.
      socket.off('timeout', late)
      resolve(socket)
    })
  })
}
