import type { Cancel } from '../../../base/clock.js'
import type { Read, ReaderCounters, ReaderGiven } from '../../../interfaces/reader.js'
import type { Decoded, Heard, HeardDevice, HeardText } from './decoded.js'
import { FloodGate, defaultFlood, type FloodPolicy } from './flood-gate.js'
import { FaultLamp } from './lamp.js'
import { NoiseMeter, defaultNoise, type NoisePolicy } from './noise-meter.js'

export interface IntakePolicy {
  readonly noise?: NoisePolicy
  readonly flood?: FloodPolicy
  /** Silence longer than this is a fault; null where the reader says nothing when it hears nothing. */
  readonly heartbeatMs: number | null
}

/** At most one log line of discarded input in this time, whatever comes. */
const sampleEveryMs = 1_000

/**
 * What every reader driver does with what its codec made of the bytes: counts, stamps, holds back
 * floods, and raises and clears the faults of noise, flood and silence.
 */
export class Intake {
  readonly counters: ReaderCounters = { reads: 0, discarded: 0, discardedBytes: 0, reconnects: 0 }
  readonly #given: ReaderGiven
  readonly #heartbeatMs: number | null
  readonly #noise: NoiseMeter
  readonly #gate: FloodGate
  readonly #noisyLine: FaultLamp
  readonly #flooding: FaultLamp
  readonly #silent: FaultLamp
  #lastSignMs: number
  #lastSampleMs = -Infinity
  #connected = false
  #cancel: Cancel | undefined

  constructor(given: ReaderGiven, policy: IntakePolicy) {
    this.#given = given
    this.#heartbeatMs = policy.heartbeatMs
    this.#noise = new NoiseMeter(policy.noise ?? defaultNoise)
    this.#gate = new FloodGate(given.clock, policy.flood ?? defaultFlood, (read) => given.onRead(read))
    this.#noisyLine = new FaultLamp('reader.noisyLine', given.id, given.onFault)
    this.#flooding = new FaultLamp('reader.flooding', given.id, given.onFault)
    this.#silent = new FaultLamp('reader.silent', given.id, given.onFault)
    this.#lastSignMs = given.clock.now().monoMs
    this.#tick()
  }

  /** Silence is counted only while the link is up; without it `reader.disconnected` says more. */
  connected(is: boolean): void {
    this.#connected = is
    // Opening a mute device anew makes it no less mute: that fault waits for its first byte.
    if (!this.#silent.raised) this.#lastSignMs = this.#given.clock.now().monoMs
  }

  /** Bytes came that may be nothing yet. */
  signOfLife(): void {
    this.#lastSignMs = this.#given.clock.now().monoMs
    this.#silent.clear()
  }

  take(decoded: Decoded): void {
    const now = this.#given.clock.now()
    this.signOfLife()
    if (decoded.heard.length + decoded.asides > 0) this.#noise.good()
    for (const one of decoded.heard) {
      const understood = one.kind === 'text' ? this.#understood(one) : one
      if (understood === null) {
        this.#discard('A scanned text that says nothing to this edge.', now.monoMs)
        continue
      }
      this.counters.reads += 1
      this.#gate.offer(readOf(understood, this.#given.id, now))
    }
    for (const why of decoded.discarded) this.#discard(why, now.monoMs)
    if (decoded.heard.length > 0) this.#shareGateCounters()
    if (this.#gate.flooding(now.monoMs)) this.#lightFlood()
  }

  /** A line or message that is noise beyond doubt by itself; `bytes` of it were thrown away. */
  garbage(why: string): void {
    this.#discard(why, this.#given.clock.now().monoMs, 'beyond doubt')
  }

  garbageBytes(bytes: number): void {
    this.counters.discardedBytes += bytes
  }

  /** A part that is lost for a known and harmless reason, such as the first half line after opening. */
  lostQuietly(): void {
    this.counters.discarded += 1
  }

  close(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#gate.close()
  }

  #understood({ kind: _kind, text, ...place }: HeardText): HeardDevice | null {
    const sensed = this.#given.judgeText?.(text) ?? null
    return sensed === null ? null : { kind: 'device', ...place, sensed }
  }

  #discard(why: string, monoMs: number, doubt: 'in doubt' | 'beyond doubt' = 'in doubt'): void {
    this.counters.discarded += 1
    if (doubt === 'beyond doubt') this.#noise.worse(monoMs)
    else this.#noise.bad(monoMs)
    if (this.#noise.noisy) this.#noisyLine.raise(why)
    if (monoMs - this.#lastSampleMs < sampleEveryMs) return
    this.#lastSampleMs = monoMs
    this.#given.log.warn({ reader: this.#given.id, why }, 'Discarded what a reader sent.')
  }

  #lightFlood(): void {
    this.#flooding.raise('More reads a second than the bound; reads of one tag are counted together.')
  }

  #shareGateCounters(): void {
    if (this.#gate.coalesced > 0) this.counters.coalesced = this.#gate.coalesced
    if (this.#gate.shed > 0) this.counters.shed = this.#gate.shed
  }

  #tick(): void {
    this.#cancel = this.#given.clock.after('reader.intake', 250, () => this.#tick())
    const nowMs = this.#given.clock.now().monoMs
    this.#noise.look(nowMs)
    if (!this.#noise.noisy) this.#noisyLine.clear()
    if (!this.#gate.flooding(nowMs)) this.#flooding.clear()
    if (this.#connected && this.#heartbeatMs !== null && nowMs - this.#lastSignMs > this.#heartbeatMs)
      this.#silent.raise(`Nothing came for more than ${this.#heartbeatMs} ms.`)
  }
}

/** Field by field: this runs for each of thousands of reads a second, and a spread costs ten times as much. */
function readOf(one: Exclude<Heard, HeardText>, readerId: string, heardAt: Read['heardAt']): Read {
  if (one.kind === 'plate')
    return {
      kind: 'plate',
      readerId,
      antenna: one.antenna,
      zone: one.zone,
      plate: one.plate,
      confidence: one.confidence,
      heardAt,
      readerAtMs: one.readerAtMs,
    }
  if (one.kind === 'device')
    return {
      kind: 'device',
      readerId,
      antenna: one.antenna,
      zone: one.zone,
      heardAt,
      readerAtMs: one.readerAtMs,
      sensed: one.sensed,
    }
  return {
    kind: 'tag',
    readerId,
    antenna: one.antenna,
    zone: one.zone,
    epc: one.epc,
    tid: one.tid,
    rssiDbm: one.rssiDbm,
    driverId: one.driverId,
    count: one.count,
    heardAt,
    readerAtMs: one.readerAtMs,
  }
}
