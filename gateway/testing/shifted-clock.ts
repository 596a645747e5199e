import { ManualClock, systemClock, type Clock } from '../../edge/base/clock.js'

/** Time of day and since the start go on by hand; timers run by the machine's clock, as connections do. */
export class ShiftedClock implements Clock {
  readonly #hand = new ManualClock(systemClock.now().wallMs)
  now() {
    return this.#hand.now()
  }
  after(name: string, delayMs: number, run: () => void) {
    return systemClock.after(name, delayMs, run)
  }
  advance(byMs: number) {
    this.#hand.advance(byMs)
  }
}
