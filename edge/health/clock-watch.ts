import type { Cancel, Clock, ClockQuality } from '../base/clock.js'
import type { FaultChange } from '../base/fault.js'

/** Row 70 of the table: drift above this, or no word for that long, and the clock is not trusted. */
export interface ClockBounds {
  readonly toleranceMs: number
  readonly holdoverForMs: number
  /** A source's word older than this no longer proves that the clock is right now. */
  readonly freshForMs: number
  /** The same for the machine's own time service, which sets the clock at long intervals. */
  readonly kernelFreshForMs: number
  readonly lookEveryMs: number
}

export const defaultClockBounds: ClockBounds = {
  toleranceMs: 2_000,
  holdoverForMs: 24 * 3_600_000,
  freshForMs: 60_000,
  kernelFreshForMs: 2 * 3_600_000,
  lookEveryMs: 1_000,
}

export interface ClockWatchGiven {
  readonly clock: Clock
  /** When the machine's time service last set the clock, UTC ms by that clock; asked at every look. */
  readonly kernelSays: () => number | 'unknown'
  readonly onFault: (change: FaultChange) => void
  readonly bounds?: Partial<ClockBounds>
}

/** How far the edge's clock can be trusted, from the kernel's word or else from the gateway's time. */
export class ClockWatch {
  readonly #given: ClockWatchGiven
  readonly #bounds: ClockBounds
  #quality: ClockQuality = 'untrusted'
  /** Monotonic ms of the gateway's last word that the clock is right; null: none since the last jump. */
  #heardAtMs: number | null = null
  /** The gateway's last word was that the clock is wrong. */
  #contradicted = false
  #offsetMs = 0
  /** Wall minus monotonic time at the last look: it changes only when somebody sets the clock. */
  #difference: number
  /** What the time service said before the last jump: that word is worth nothing any more. */
  #voidKernelWord: number | 'unknown' = 'unknown'
  #kernelWord: number | 'unknown' = 'unknown'
  #jumps = 0
  #cancel: Cancel | null = null

  constructor(given: ClockWatchGiven) {
    this.#given = given
    this.#bounds = { ...defaultClockBounds, ...given.bounds }
    const { wallMs, monoMs } = given.clock.now()
    this.#difference = wallMs - monoMs
    this.#look()
    this.#again()
  }

  /** Quality at this moment: a jump since the last look is seen here, before anything is decided on it. */
  quality(): ClockQuality {
    const { wallMs, monoMs } = this.#given.clock.now()
    this.#noticeJump(wallMs, monoMs)
    const quality = this.#judge(wallMs, monoMs)
    if (quality !== this.#quality) this.#set(quality)
    return quality
  }

  /** Edge minus gateway, at the gateway's last word, in milliseconds. */
  get offsetMs(): number {
    return this.#offsetMs
  }

  /** How often the wall clock was set by more than the tolerance since the start. */
  get jumps(): number {
    return this.#jumps
  }

  /** The gateway told its time, UTC ms. Where messages travel fast, the offset is the clock's error. */
  heard(gatewayMs: number): void {
    const { wallMs, monoMs } = this.#given.clock.now()
    this.#noticeJump(wallMs, monoMs)
    this.#offsetMs = wallMs - gatewayMs
    this.#contradicted = Math.abs(this.#offsetMs) > this.#bounds.toleranceMs
    this.#heardAtMs = this.#contradicted ? null : monoMs
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
    this.#noticeJump(wallMs, monoMs)
    this.#kernelWord = this.#given.kernelSays()
    this.#set(this.#judge(wallMs, monoMs))
  }

  /** Compares the two clocks; a drift, however long, is no jump. */
  #noticeJump(wallMs: number, monoMs: number): void {
    const difference = wallMs - monoMs
    if (Math.abs(difference - this.#difference) > this.#bounds.toleranceMs) {
      this.#jumps += 1
      this.#heardAtMs = null
      this.#contradicted = false
      this.#voidKernelWord = this.#kernelWord
    }
    this.#difference = difference
  }

  #judge(wallMs: number, monoMs: number): ClockQuality {
    const { freshForMs, kernelFreshForMs, holdoverForMs } = this.#bounds
    const kernelAgeMs = this.#kernelAgeMs(wallMs)
    if (kernelAgeMs <= kernelFreshForMs) return 'synchronised'
    if (this.#contradicted) return 'untrusted'
    const heardAgeMs = this.#heardAtMs === null ? Infinity : monoMs - this.#heardAtMs
    if (heardAgeMs <= freshForMs) return 'synchronised'
    return Math.min(kernelAgeMs, heardAgeMs) <= holdoverForMs ? 'holdover' : 'untrusted'
  }

  /** A word from the future was spoken by a clock that has been set back since. */
  #kernelAgeMs(wallMs: number): number {
    const word = this.#kernelWord
    if (word === 'unknown' || word === this.#voidKernelWord) return Infinity
    const ageMs = wallMs - word
    return ageMs < -this.#bounds.toleranceMs ? Infinity : Math.max(0, ageMs)
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
