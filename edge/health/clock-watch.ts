import type { Cancel, Clock, ClockQuality } from '../base/clock.js'
import type { FaultChange } from '../base/fault.js'

/** Row 70 of the table: drift above this, or no word for that long, and the clock is not trusted. */
export interface ClockBounds {
  readonly toleranceMs: number
  readonly holdoverForMs: number
  /** A gateway's time older than this no longer proves that the clock is right now. */
  readonly freshForMs: number
  readonly lookEveryMs: number
}

export const defaultClockBounds: ClockBounds = {
  toleranceMs: 2_000,
  holdoverForMs: 24 * 3_600_000,
  freshForMs: 60_000,
  lookEveryMs: 1_000,
}

export interface ClockWatchGiven {
  readonly clock: Clock
  /** Whether the kernel says that its clock is kept by a time source; `unknown` where it cannot tell. */
  readonly kernelSays: () => boolean | 'unknown'
  readonly onFault: (change: FaultChange) => void
  readonly bounds?: Partial<ClockBounds>
}

/** How far the edge's clock can be trusted, from the kernel's word or else from the gateway's time. */
export class ClockWatch {
  readonly #given: ClockWatchGiven
  readonly #bounds: ClockBounds
  #quality: ClockQuality = 'untrusted'
  /** Monotonic ms of the last proof that the clock is right; null: none since the start or the last jump. */
  #provenAtMs: number | null = null
  #offsetMs = 0
  /** Wall minus monotonic time at the last look: it changes only when somebody sets the clock. */
  #difference: number
  #cancel: Cancel | null = null

  constructor(given: ClockWatchGiven) {
    this.#given = given
    this.#bounds = { ...defaultClockBounds, ...given.bounds }
    const { wallMs, monoMs } = given.clock.now()
    this.#difference = wallMs - monoMs
    this.#look()
    this.#again()
  }

  quality(): ClockQuality {
    return this.#quality
  }

  /** Edge minus gateway, at the gateway's last word, in milliseconds. */
  get offsetMs(): number {
    return this.#offsetMs
  }

  /** The gateway told its time, UTC ms. Where messages travel fast, the offset is the clock's error. */
  heard(gatewayMs: number): void {
    const { wallMs, monoMs } = this.#given.clock.now()
    this.#offsetMs = wallMs - gatewayMs
    if (Math.abs(this.#offsetMs) <= this.#bounds.toleranceMs) this.#provenAtMs = monoMs
    else if (this.#given.kernelSays() !== true) this.#provenAtMs = null
    this.#look()
  }

  close(): void {
    this.#cancel?.()
  }

  #again(): void {
    this.#cancel = this.#given.clock.after('clock watch', this.#bounds.lookEveryMs, () => {
      this.#look()
      this.#again()
    })
  }

  #look(): void {
    const { wallMs, monoMs } = this.#given.clock.now()
    const difference = wallMs - monoMs
    if (Math.abs(difference - this.#difference) > this.#bounds.toleranceMs) this.#provenAtMs = null
    this.#difference = difference
    if (this.#given.kernelSays() === true) this.#provenAtMs = monoMs
    this.#set(this.#judge(monoMs))
  }

  #judge(monoMs: number): ClockQuality {
    if (this.#provenAtMs === null) return 'untrusted'
    const ageMs = monoMs - this.#provenAtMs
    if (ageMs <= this.#bounds.freshForMs) return 'synchronised'
    return ageMs <= this.#bounds.holdoverForMs ? 'holdover' : 'untrusted'
  }

  #set(quality: ClockQuality): void {
    if (quality === this.#quality && quality !== 'untrusted') return
    this.#quality = quality
    const source = 'clock'
    this.#given.onFault(
      quality === 'untrusted'
        ? {
            is: 'raised',
            code: 'clock.untrusted',
            source,
            detail: `off by ${Math.round(this.#offsetMs)} ms at the last word of the gateway; no time source confirms it`,
          }
        : { is: 'cleared', code: 'clock.untrusted', source },
    )
  }
}
