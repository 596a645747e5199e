/** When discards make a line a noisy one, and when it is one no longer. */
export interface NoisePolicy {
  /** So many discards within `windowMs` raise the fault. */
  readonly raiseAfter: number
  readonly windowMs: number
  /** It is cleared once something good has come since the last discard and this long has passed since that. */
  readonly clearAfterMs: number
}

export const defaultNoise: NoisePolicy = { raiseAfter: 5, windowMs: 10_000, clearAfterMs: 2_000 }

/**
 * Turns single discards into a condition that lasts. It remembers only the newest `raiseAfter`
 * discards, whatever comes.
 */
export class NoiseMeter {
  readonly #policy: NoisePolicy
  #badAtMs: number[] = []
  #lastBadMs = -Infinity
  #goodSinceBad = true
  #noisy = false

  constructor(policy: NoisePolicy = defaultNoise) {
    this.#policy = policy
  }

  get noisy(): boolean {
    return this.#noisy
  }

  good(): void {
    this.#goodSinceBad = true
  }

  bad(monoMs: number): void {
    this.#lastBadMs = monoMs
    this.#goodSinceBad = false
    this.#badAtMs.push(monoMs)
    if (this.#badAtMs.length > this.#policy.raiseAfter) this.#badAtMs.shift()
    const first = this.#badAtMs[0] ?? monoMs
    if (this.#badAtMs.length === this.#policy.raiseAfter && monoMs - first <= this.#policy.windowMs)
      this.#noisy = true
  }

  /** For what is noise beyond doubt by itself, such as a line without an end. */
  worse(monoMs: number): void {
    this.bad(monoMs)
    this.#noisy = true
  }

  /** Looks whether the fault may be cleared; called by a tick, so that it ends without further noise. */
  look(monoMs: number): void {
    if (!this.#noisy || !this.#goodSinceBad) return
    if (monoMs - this.#lastBadMs < this.#policy.clearAfterMs) return
    this.#noisy = false
    this.#badAtMs = []
  }
}
