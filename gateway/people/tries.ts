import type { Clock } from '../../edge/base/clock.js'

export interface TriesGiven {
  readonly clock: Clock
  readonly windowMs: number
  /** So many in a window that begins with the first of them. */
  readonly max: number
  /** Keys that are remembered; of more, the one whose window began first is forgotten. */
  readonly keysMax: number
}

interface Window {
  readonly endsAt: number
  count: number
  isTold: boolean
}

/** Counts wrong tries by key, bounded. */
export class Tries {
  readonly #given: TriesGiven
  readonly #windows = new Map<string, Window>()

  constructor(given: TriesGiven) {
    this.#given = given
  }

  isOver(key: string): boolean {
    return (this.#current(key)?.count ?? 0) >= this.#given.max
  }

  count(key: string): void {
    const known = this.#current(key)
    if (known) {
      known.count += 1
      return
    }
    const oldest = this.#windows.keys().next()
    if (this.#windows.size >= this.#given.keysMax && !oldest.done) this.#windows.delete(oldest.value)
    const endsAt = this.#given.clock.now().monoMs + this.#given.windowMs
    this.#windows.set(key, { endsAt, count: 1, isTold: false })
  }

  /** Takes one try back: it turned out to be right. */
  giveBack(key: string): void {
    const known = this.#current(key)
    if (known) known.count = Math.max(0, known.count - 1)
  }

  /** True once a window: for what is to be written down once and not at every try. */
  tellOnce(key: string): boolean {
    const known = this.#current(key)
    if (!known || known.isTold) return false
    known.isTold = true
    return true
  }

  #current(key: string): Window | undefined {
    const known = this.#windows.get(key)
    if (known === undefined || known.endsAt > this.#given.clock.now().monoMs) return known
    this.#windows.delete(key)
    return undefined
  }
}
