import type { Cancel, Clock, ClockQuality, Instant } from '../../edge/base/clock.js'
import type { Kernel } from './kernel.js'

/** The wall clock of a machine, which may be wrong. */
export interface WallClock {
  /** UTC ms at virtual time 0, plus every jump since. */
  offsetMs: number
  quality: ClockQuality
}

/**
 * One life of a process: from its start to its end or death. Timers and answers of a dead process
 * never come, and its monotonic clock begins at zero again.
 */
export class Boot {
  alive = true
  readonly id: string
  readonly clock: Clock
  readonly #kernel: Kernel
  readonly #startedAtMs: number
  readonly #wall: WallClock

  constructor(kernel: Kernel, id: string, wall: WallClock) {
    this.#kernel = kernel
    this.id = id
    this.#wall = wall
    this.#startedAtMs = kernel.nowMs
    this.clock = { now: () => this.now(), after: (name, delayMs, run) => this.after(name, delayMs, run) }
  }

  now(): Instant {
    const { nowMs } = this.#kernel
    return { wallMs: Math.floor(this.#wall.offsetMs + nowMs), monoMs: nowMs - this.#startedAtMs }
  }

  /** Runs after the delay if this process still lives then. */
  after(name: string, delayMs: number, run: () => void): Cancel {
    return this.#kernel.after(delayMs, name, () => {
      if (!this.alive) return
      this.#kernel.stir()
      run()
    })
  }

  /** A promise that settles after a delay, or never if the process dies before. */
  later<T>(name: string, delayMs: number, settle: () => T): Promise<T> {
    this.#kernel.stir()
    return new Promise((resolve, reject) => {
      this.after(name, delayMs, () => {
        try {
          resolve(settle())
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)))
        }
      })
    })
  }
}
