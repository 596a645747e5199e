import type { Cancel, Clock } from '../base/clock.js'

/**
 * The one timer of a lane. It is set for the lane's next deadline; a deadline that moves away costs
 * nothing, because the timer then only finds on its own time that it came too early.
 */
export class LaneTick {
  readonly #clock: Clock
  readonly #name: string
  readonly #onDue: () => void
  #deadlineMs: number | null = null
  #armedForMs: number | null = null
  #cancel: Cancel | null = null

  constructor(clock: Clock, name: string, onDue: () => void) {
    this.#clock = clock
    this.#name = name
    this.#onDue = onDue
  }

  /** The next deadline, monotonic ms; null: none. */
  set(deadlineMs: number | null): void {
    this.#deadlineMs = deadlineMs
    if (deadlineMs === null) return
    if (this.#armedForMs !== null && this.#armedForMs <= deadlineMs) return
    this.#arm(deadlineMs)
  }

  close(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#deadlineMs = null
  }

  #arm(atMs: number): void {
    this.#cancel?.()
    this.#armedForMs = atMs
    const delayMs = Math.max(0, atMs - this.#clock.now().monoMs)
    // Whole milliseconds, rounded up: the timers of the machine cut off fractions and would come early.
    this.#cancel = this.#clock.after(this.#name, Math.ceil(delayMs), () => {
      this.#fire()
    })
  }

  #fire(): void {
    this.#cancel = null
    this.#armedForMs = null
    const deadlineMs = this.#deadlineMs
    if (deadlineMs === null) return
    if (this.#clock.now().monoMs < deadlineMs) this.#arm(deadlineMs)
    else this.#onDue()
  }
}
