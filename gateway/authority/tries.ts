import type { Clock } from '../../edge/base/clock.js'

const windowMs = 60_000
/** Addresses that are counted at once; beyond these the whole network shares one count. */
const addressesMax = 10_000

/** Counts tries by address and minute, so that nobody can have the gateway check signatures without end. */
export class Tries {
  readonly #clock: Clock
  readonly #max: number
  readonly #counts = new Map<string, number>()
  #windowFromMs = Number.NEGATIVE_INFINITY

  /** @param max tries of one address a minute */
  constructor(clock: Clock, max: number) {
    this.#clock = clock
    this.#max = max
  }

  /** Counts one more; false: it is one too many. */
  may(address: string): boolean {
    const nowMs = this.#clock.now().monoMs
    if (nowMs - this.#windowFromMs >= windowMs) {
      this.#counts.clear()
      this.#windowFromMs = nowMs
    }
    const key = this.#counts.has(address) || this.#counts.size < addressesMax ? address : ''
    const count = (this.#counts.get(key) ?? 0) + 1
    this.#counts.set(key, count)
    return count <= this.#max
  }
}
