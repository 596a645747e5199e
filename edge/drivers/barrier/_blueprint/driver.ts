import { connect, type Socket } from 'node:net'
import { z } from 'zod'
import { backoffMs, quick } from '../../../base/backoff.js'
import type { Cancel } from '../../../base/clock.js'
import type { Result } from '../../../base/result.js'
import {
  unknownSignals,
  type Barrier,
  type BarrierDriver,
  type BarrierGiven,
  type Guidance,
  type LaneSignals,
  type RaiseCommand,
  type RaiseOutcome,
} from '../../../interfaces/barrier.js'
import { settingProblems } from '../../../messages/text/issue-problem.js'
import { encodeRaise, isNews } from '../common/words.js'
import { decodeImage, lineMaxBytes } from './codec.js'

const schema = z.strictObject({
  host: z.string().min(1),
  port: z.int().min(1).max(65_535),
  raiseWithinMs: z.int().min(50).max(5_000).default(500),
  heartbeatEveryMs: z.int().min(50).max(2_000).default(200),
  silentMs: z.int().min(300).max(10_000).default(1_000),
})
type Config = z.output<typeof schema>

/** The pattern of a barrier driver: every rule of ../README.md in the least code that keeps it. */
class BlueprintBarrier implements Barrier {
  readonly #config: Config
  readonly #given: BarrierGiven
  #socket: Socket | null = null
  #signals: LaneSignals = unknownSignals
  #tickMovedAtMs = -Infinity
  #lastBootId: string | null = null
  #wanted: Guidance | null = null
  #beat: number
  #attempt = 0
  #isFaulty = false
  #closed = false
  #cancel: Cancel = () => undefined

  constructor(config: Config, given: BarrierGiven) {
    this.#config = config
    this.#given = given
    this.#beat = Math.floor(given.random.next() * 0x7fff_ffff)
    this.#open()
  }

  raise(command: RaiseCommand): Promise<RaiseOutcome> {
    const { plcBootId, plcTick } = this.#signals
    const socket = this.#socket
    if (!socket || plcBootId === null || plcTick === null)
      return Promise.resolve({ is: 'notSent', detail: 'not connected' })
    const line = encodeRaise({
      commandId: command.commandId,
      plcBootId,
      validUntilTick: plcTick + command.leaseTicks,
    })
    if (line === null) return Promise.resolve({ is: 'notSent', detail: 'not expressible' })
    return new Promise((resolve) => {
      const cancel = this.#given.clock.after('blueprint.raise', this.#config.raiseWithinMs, () => {
        resolve({ is: 'unknown', detail: 'not written in time' })
        // What waits in the socket must not leave later.
        socket.destroy()
      })
      socket.write(`${line}\n`, (error) => {
        cancel()
        resolve(error ? { is: 'unknown', detail: error.message } : { is: 'sent', detail: 'written' })
      })
    })
  }

  guide(guidance: Guidance): void {
    this.#wanted = guidance
    this.#show()
  }

  close(): Promise<void> {
    this.#closed = true
    this.#cancel()
    const socket = this.#socket
    if (!socket || socket.closed) return Promise.resolve()
    return new Promise((resolve) => {
      socket.once('close', () => {
        resolve()
      })
      socket.destroy()
    })
  }

  /** A new socket each time; nothing of the last one is used again. */
  #open(): void {
    if (this.#closed) return
    const { host, port } = this.#config
    const socket = connect({ host, port, noDelay: true })
    this.#socket = socket
    this.#tickMovedAtMs = this.#given.clock.now().monoMs
    let rest = Buffer.alloc(0)
    socket.on('data', (bytes: Buffer) => {
      const lines = Buffer.concat([rest, bytes]).toString('utf8').split('\n')
      rest = Buffer.from(lines.pop() ?? '')
      if (rest.length > lineMaxBytes) socket.destroy()
      for (const line of lines) this.#hear(line)
    })
    socket.on('error', () => undefined)
    socket.once('close', () => {
      this.#lose()
    })
    this.#beatOn(socket)
  }

  #beatOn(socket: Socket): void {
    this.#cancel = this.#given.clock.after('blueprint.beat', this.#config.heartbeatEveryMs, () => {
      if (this.#given.clock.now().monoMs - this.#tickMovedAtMs > this.#config.silentMs) {
        socket.destroy()
        return
      }
      this.#beat = (this.#beat + 1) >>> 0
      if (!socket.connecting) socket.write(`beat;${this.#beat}\n`)
      this.#beatOn(socket)
    })
  }

  #hear(line: string): void {
    const signals = decodeImage(line)
    if (!signals || this.#closed) return
    const { clock, laneId, onFault } = this.#given
    const wasKnown = this.#signals.plcBootId !== null
    if (signals.plcTick !== this.#signals.plcTick) this.#tickMovedAtMs = clock.now().monoMs
    if (!wasKnown) {
      this.#attempt = 0
      this.#isFaulty = false
      onFault({ is: 'cleared', code: 'barrier.disconnected', source: laneId })
    }
    if (signals.plcBootId !== null && signals.plcBootId !== this.#lastBootId) {
      if (this.#lastBootId !== null) {
        onFault({ is: 'raised', code: 'plc.restarted', source: laneId, detail: signals.plcBootId })
        onFault({ is: 'cleared', code: 'plc.restarted', source: laneId })
      }
      this.#lastBootId = signals.plcBootId
    }
    this.#deliver(signals)
    if (!wasKnown) this.#show()
  }

  #deliver(signals: LaneSignals): void {
    const isNew = isNews(this.#signals, signals)
    this.#signals = signals
    if (isNew) this.#given.onSignals(signals)
  }

  #show(): void {
    if (this.#wanted && this.#signals.plcBootId !== null)
      this.#socket?.write(`show;${JSON.stringify(this.#wanted)}\n`)
  }

  #lose(): void {
    this.#cancel()
    this.#socket = null
    if (this.#closed) return
    const { clock, laneId, onFault, random } = this.#given
    this.#deliver(unknownSignals)
    if (!this.#isFaulty) {
      this.#isFaulty = true
      const detail = `No image from ${this.#config.host}:${this.#config.port}; check power and network.`
      onFault({ is: 'raised', code: 'barrier.disconnected', source: laneId, detail })
    }
    this.#cancel = clock.after('blueprint.reconnect', backoffMs(quick, this.#attempt, random), () => {
      this.#open()
    })
    this.#attempt += 1
  }
}

export const blueprintBarrierDriver: BarrierDriver<Config> = {
  kind: 'blueprint',
  parseConfig: (raw): Result<Config> => {
    const parsed = schema.safeParse(raw)
    if (parsed.success) return { ok: true, value: parsed.data }
    return { ok: false, problems: settingProblems(parsed.error, raw) }
  },
  open: (config, given) => new BlueprintBarrier(config, given),
}
