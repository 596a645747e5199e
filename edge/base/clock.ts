/** How far the wall clock can be trusted: it decides whether validity times may release or expire anything. */
export type ClockQuality = 'synchronised' | 'holdover' | 'untrusted'

/** One instant on both clocks, taken together. */
export interface Instant {
  /** UTC milliseconds since 1970; may jump. For records and validity times. */
  readonly wallMs: number
  /** Milliseconds of a clock that only goes forward; restarts with the process. For deadlines. */
  readonly monoMs: number
}

export type Cancel = () => void

/**
 * Time, handed in. Domain code gets instants as values; shells get this object, and a test or
 * the virtual-time simulation hands in one that it moves itself.
 */
export interface Clock {
  now(): Instant
  /** Runs `run` once after `delayMs` (>= 0). The name says in a debugger whose timer it is. */
  after(name: string, delayMs: number, run: () => void): Cancel
}

/** The clock of the machine. The only place that reads `Date.now` and sets timers. */
export const systemClock: Clock = {
  now: () => ({ wallMs: Date.now(), monoMs: performance.now() }),
  after: (_name, delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    return () => {
      clearTimeout(timer)
    }
  },
}

/** Resolves after `delayMs` on the given clock. */
export function sleep(clock: Clock, name: string, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(name, delayMs, resolve)
  })
}

interface ManualTimer {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

/**
 * A clock that stands still until it is moved. Timers run in order of their time, ties in order
 * of their creation, each seeing its own due time as now.
 */
export class ManualClock implements Clock {
  #wallMs: number
  #monoMs = 0
  #created = 0
  readonly #timers: ManualTimer[] = []

  constructor(startWallMs = Date.UTC(2026, 0, 1)) {
    this.#wallMs = startWallMs
  }

  now(): Instant {
    return { wallMs: this.#wallMs, monoMs: this.#monoMs }
  }

  after(_name: string, delayMs: number, run: () => void): Cancel {
    const timer = { atMs: this.#monoMs + Math.max(0, delayMs), order: this.#created++, run }
    this.#timers.push(timer)
    return () => {
      const index = this.#timers.indexOf(timer)
      if (index >= 0) this.#timers.splice(index, 1)
    }
  }

  /** When the next timer is due on the monotonic clock; undefined with none set. */
  nextDueMs(): number | undefined {
    return this.#next()?.atMs
  }

  /** Moves both clocks forward, running what falls due on the way. */
  advance(byMs: number): void {
    const untilMs = this.#monoMs + byMs
    for (;;) {
      const next = this.#next()
      if (!next || next.atMs > untilMs) break
      this.#timers.splice(this.#timers.indexOf(next), 1)
      this.#moveTo(Math.max(next.atMs, this.#monoMs))
      next.run()
    }
    this.#moveTo(untilMs)
  }

  /** Sets the wall clock alone, as a bad time source would. */
  jumpWall(byMs: number): void {
    this.#wallMs += byMs
  }

  #moveTo(monoMs: number): void {
    this.#wallMs += monoMs - this.#monoMs
    this.#monoMs = monoMs
  }

  #next(): ManualTimer | undefined {
    let first: ManualTimer | undefined
    for (const timer of this.#timers) {
      if (!first || timer.atMs < first.atMs || (timer.atMs === first.atMs && timer.order < first.order))
        first = timer
    }
    return first
  }
}
