import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { Clock } from '../base/clock.js'

export interface FrameLimits {
  /** Longest packet, fixed header included. */
  readonly maxPacketBytes: number
  readonly maxPublishesPerSecond: number
}

export interface FrameLimiterGiven {
  readonly clock: Clock
  readonly onRefused: (why: string) => void
  readonly onShed: () => void
}

/** CONNECT with client id, will, user and secret; nobody who is not known yet may send more. */
const maxConnectBytes = 4_096

const connectType = 1
const publishType = 3

/**
 * Stands between a socket and aedes, which knows no bound for a packet: one client that declares
 * 256 MB takes as much memory (reliability.md 4.1, aedes#831). It reads only the fixed header of
 * each packet (MQTT 3.1.1, 2.2) and destroys the connection where the declared length passes the bound.
 *
 * Publications of QoS 0 above the rate are dropped here, before they cost the process more than a
 * look at their length: late reads would be worse than lost ones, since a read counts when it comes.
 */
export class FrameLimiter extends Duplex {
  readonly #socket: Socket
  readonly #limits: FrameLimits
  readonly #given: FrameLimiterGiven
  readonly #header: number[] = []
  /** Bytes of the current packet's body still to come. */
  #bodyLeft = 0
  #dropping = false
  #packets = 0
  #tokens: number
  #refilledMs: number

  constructor(socket: Socket, limits: FrameLimits, given: FrameLimiterGiven) {
    super({ allowHalfOpen: false })
    this.#socket = socket
    this.#limits = limits
    this.#given = given
    this.#tokens = limits.maxPublishesPerSecond
    this.#refilledMs = given.clock.now().monoMs
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('end', () => this.push(null))
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', () => this.destroy())
    socket.pause()
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#socket.destroyed) done(new Error('The connection is closed.'))
    else this.#socket.write(chunk, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(() => done())
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy()
    done(error)
  }

  #take(chunk: Buffer): void {
    const kept: Buffer[] = []
    let at = 0
    while (at < chunk.length) {
      if (this.#bodyLeft > 0) {
        const end = Math.min(chunk.length, at + this.#bodyLeft)
        if (!this.#dropping) kept.push(chunk.subarray(at, end))
        this.#bodyLeft -= end - at
        at = end
        continue
      }
      this.#header.push(chunk[at] as number)
      at += 1
      const length = declaredLength(this.#header)
      if (length === 'incomplete') continue
      const why = length === 'malformed' ? 'a packet of impossible length' : this.#judge(length)
      if (why !== null) {
        this.#given.onRefused(why)
        this.destroy()
        return
      }
      if (!this.#dropping) kept.push(Buffer.from(this.#header))
      this.#header.length = 0
    }
    if (kept.length > 0 && !this.push(kept.length === 1 ? kept[0] : Buffer.concat(kept))) this.#socket.pause()
  }

  /** What is wrong with the packet that begins, or null; sets how its body is treated. */
  #judge(bodyBytes: number): string | null {
    const first = this.#header[0] ?? 0
    const type = first >> 4
    const bytes = this.#header.length + bodyBytes
    this.#packets += 1
    if (this.#packets === 1 && type !== connectType) return 'a client that did not begin with CONNECT'
    const bound = this.#packets === 1 ? maxConnectBytes : this.#limits.maxPacketBytes
    if (bytes > bound) return `a packet of ${bytes} bytes; the bound is ${bound}`
    this.#bodyLeft = bodyBytes
    const atMostOnce = ((first >> 1) & 3) === 0
    this.#dropping = type === publishType && atMostOnce && !this.#mayPass()
    if (this.#dropping) this.#given.onShed()
    return null
  }

  #mayPass(): boolean {
    const nowMs = this.#given.clock.now().monoMs
    const rate = this.#limits.maxPublishesPerSecond
    this.#tokens = Math.min(rate, this.#tokens + ((nowMs - this.#refilledMs) * rate) / 1_000)
    this.#refilledMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}

/** The remaining length of MQTT 3.1.1, 2.2.3: up to four bytes of seven bits, the lowest first. */
function declaredLength(header: readonly number[]): number | 'incomplete' | 'malformed' {
  let length = 0
  for (let index = 1; index <= 4; index += 1) {
    const byte = header[index]
    if (byte === undefined) return 'incomplete'
    length += (byte & 0x7f) * 128 ** (index - 1)
    if ((byte & 0x80) === 0) return length
  }
  return 'malformed'
}
