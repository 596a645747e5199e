import type { SeededRandom } from '../../edge/base/random.js'
import type { Kernel } from './kernel.js'

/** How bad a line is. */
export interface LinkHealth {
  /** Nothing passes, and what is on its way is lost. */
  up: boolean
  fastestMs: number
  slowestMs: number
  /** Shares of the messages, 0 to 1. */
  lossShare: number
  duplicateShare: number
}

export const healthyLink: LinkHealth = {
  up: true,
  fastestMs: 2,
  slowestMs: 12,
  lossShare: 0,
  duplicateShare: 0,
}

/**
 * A line between edge and gateway. Every message takes its own time, so a later one may overtake
 * an earlier one. A connection that breaks takes what is under way with it.
 */
export class SimLink {
  readonly health: LinkHealth = { ...healthyLink }
  readonly counters = { sent: 0, lost: 0, duplicated: 0 }
  readonly #kernel: Kernel
  readonly #random: SeededRandom
  readonly #watchers = new Set<(up: boolean) => void>()
  #connection = 0

  constructor(kernel: Kernel, random: SeededRandom) {
    this.#kernel = kernel
    this.#random = random
  }

  setUp(up: boolean): void {
    if (this.health.up === up) return
    this.health.up = up
    if (!up) this.#connection += 1
    for (const watcher of this.#watchers) watcher(up)
  }

  onChange(watcher: (up: boolean) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** Hands `deliver` to the other side some time later: once, twice or never. */
  send(name: string, deliver: () => void): void {
    this.counters.sent += 1
    if (!this.health.up || this.#random.chance(this.health.lossShare)) {
      this.counters.lost += 1
      return
    }
    this.#deliver(name, deliver)
    if (this.#random.chance(this.health.duplicateShare)) {
      this.counters.duplicated += 1
      this.#deliver(name, deliver)
    }
  }

  #deliver(name: string, deliver: () => void): void {
    const connection = this.#connection
    const { fastestMs, slowestMs } = this.health
    this.#kernel.after(fastestMs + this.#random.next() * (slowestMs - fastestMs), name, () => {
      if (connection !== this.#connection) this.counters.lost += 1
      else deliver()
    })
  }
}
