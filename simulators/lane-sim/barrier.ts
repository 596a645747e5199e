import type { FaultChange } from '../../edge/base/fault.js'
import type { SeededRandom } from '../../edge/base/random.js'
import {
  unknownSignals,
  type Barrier,
  type Guidance,
  type LaneSignals,
  type RaiseCommand,
  type RaiseOutcome,
  type SprayCommand,
} from '../../edge/interfaces/barrier.js'
import type { Boot } from './boot.js'
import type { Kernel } from './kernel.js'

/** What the edge asks of the PLC, as it goes over the wire. */
export interface RaiseRequest {
  readonly commandId: string
  readonly plcBootId: string
  readonly validUntilTick: number
}

export interface SprayRequest extends RaiseRequest {
  readonly minSeconds: number
}

export type PlcRequest = RaiseRequest | SprayRequest

/** How the line between edge and PLC, and the writes on it, behave just now. */
export interface PlcLinkHealth {
  up: boolean
  /** Shares of the writes, 0 to 1; the rest arrives at once. */
  lostShare: number
  /** Arrives when nobody waits for it any more, up to `latestMs` later. */
  lateShare: number
  /** Arrives twice, the second time up to `latestMs` later. */
  duplicateShare: number
  /** Arrives, but the answer does not come back. */
  unansweredShare: number
  latestMs: number
  /** Signals reach the edge this much later. */
  signalDelayMs: number
}

export const healthyPlcLink: PlcLinkHealth = {
  up: true,
  lostShare: 0,
  lateShare: 0,
  duplicateShare: 0,
  unansweredShare: 0,
  latestMs: 60_000,
  signalDelayMs: 0,
}

/** The PLC's end of the line: outlives every edge. */
export interface PlcEnd {
  /** The PLC judges a request that arrived; it may come from an edge that is long dead. */
  arrive(request: PlcRequest): void
  /** What the driver of the vehicle is shown. */
  show(guidance: Guidance): void
}

/** Silence after which the driver says that it knows nothing any more. */
const silenceMs = 1_000
/** An unanswered write is given up after this long. */
const raiseDeadlineMs = 500

/** The barrier as the edge's driver presents it, over a line that may lie, for one life of the edge. */
export class SimBarrier implements Barrier {
  readonly #boot: Boot
  readonly #kernel: Kernel
  readonly #random: SeededRandom
  readonly #health: PlcLinkHealth
  readonly #plc: PlcEnd
  readonly #source: string
  readonly #onSignals: (signals: LaneSignals) => void
  readonly #onFault: (change: FaultChange) => void
  #connected = false
  #newest: LaneSignals = unknownSignals
  #guidance: Guidance | null = null
  #breaksOffAt: (() => void) | null = null

  constructor(
    given: {
      boot: Boot
      kernel: Kernel
      random: SeededRandom
      source: string
      onSignals: (signals: LaneSignals) => void
      onFault: (change: FaultChange) => void
    },
    health: PlcLinkHealth,
    plc: PlcEnd,
  ) {
    this.#boot = given.boot
    this.#kernel = given.kernel
    this.#random = given.random
    this.#source = given.source
    this.#onSignals = given.onSignals
    this.#onFault = given.onFault
    this.#health = health
    this.#plc = plc
  }

  /** The PLC's image, as often as it scans; silence is noticed here as well. */
  hear(image: LaneSignals): void {
    if (!this.#boot.alive || !this.#health.up) return
    this.#breaksOffAt?.()
    this.#breaksOffAt = null
    if (this.#health.signalDelayMs === 0) this.#take(image)
    else {
      this.#boot.after('plc.signals', this.#health.signalDelayMs, () => {
        if (this.#health.up) this.#take(image)
      })
    }
  }

  /** The line went: after the driver's own limit it says so. */
  lineDown(): void {
    if (!this.#boot.alive || this.#breaksOffAt) return
    this.#breaksOffAt = this.#boot.after('plc.silence', silenceMs, () => {
      this.#breaksOffAt = null
      if (!this.#connected) return
      this.#connected = false
      this.#newest = unknownSignals
      this.#onFault({ is: 'raised', code: 'barrier.disconnected', source: this.#source })
      this.#onSignals(unknownSignals)
    })
  }

  raise(command: RaiseCommand): Promise<RaiseOutcome> {
    return this.#write(command, (lease) => lease)
  }

  spray(command: SprayCommand): Promise<RaiseOutcome> {
    return this.#write(command, (lease) => ({ ...lease, minSeconds: command.minSeconds }))
  }

  #write(command: RaiseCommand, requestOf: (lease: RaiseRequest) => PlcRequest): Promise<RaiseOutcome> {
    const { plcBootId, plcTick } = this.#newest
    if (!this.#connected || plcBootId === null || plcTick === null) {
      return this.#answer(0.1, { is: 'notSent', detail: 'not connected to the PLC' })
    }
    const { commandId, leaseTicks } = command
    const request = requestOf({ commandId, plcBootId, validUntilTick: plcTick + leaseTicks })
    const health = this.#health
    const fate = this.#random.next()
    const late = fate < health.lateShare || (!health.up && fate < 0.5)
    if (late) {
      // A write that waits in a dead connection and is carried out when it comes back (reliability.md, fact 3).
      this.#arrive(request, raiseDeadlineMs + this.#random.next() * health.latestMs)
      return this.#answer(raiseDeadlineMs, { is: 'unknown', detail: 'no answer in time' })
    }
    if (!health.up || fate < health.lateShare + health.lostShare) {
      return this.#answer(raiseDeadlineMs, { is: 'unknown', detail: 'no answer in time' })
    }
    const travelMs = 0.5 + this.#random.next() * 4
    this.#arrive(request, travelMs)
    if (this.#random.chance(health.duplicateShare)) {
      // Some come while the lease still lives, some long after it.
      const laterMs = this.#random.next() * (this.#random.chance(0.5) ? 1_500 : health.latestMs)
      this.#arrive(request, travelMs + laterMs)
    }
    if (this.#random.chance(health.unansweredShare)) {
      return this.#answer(raiseDeadlineMs, { is: 'unknown', detail: 'no answer in time' })
    }
    return this.#answer(travelMs * 2, { is: 'sent', detail: 'Good' })
  }

  guide(guidance: Guidance): void {
    this.#guidance = guidance
    if (this.#health.up && this.#connected) this.#plc.show(guidance)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #take(image: LaneSignals): void {
    if (!this.#connected) {
      this.#connected = true
      this.#onFault({ is: 'cleared', code: 'barrier.disconnected', source: this.#source })
      if (this.#guidance) this.#plc.show(this.#guidance)
    }
    this.#newest = image
    this.#onSignals(image)
  }

  /** The network does not care whether the sender still lives. */
  #arrive(request: PlcRequest, afterMs: number): void {
    this.#kernel.after(afterMs, 'plc.request', () => {
      this.#plc.arrive(request)
    })
  }

  #answer(afterMs: number, outcome: RaiseOutcome): Promise<RaiseOutcome> {
    return this.#boot.later('plc.answer', afterMs, () => outcome)
  }
}
