import type { Cancel, Clock } from '../base/clock.js'
import type { ListInForce } from '../interfaces/list-store.js'
import type { Health } from '../messages/up.js'

const leastEveryMs = 200
const mostEveryMs = 2_000

/** Sends the newest picture of the edge: on change at most five times a second, and at least every 2 s. */
export class HealthReporter {
  readonly #clock: Clock
  readonly #picture: () => Health
  readonly #publish: (health: Health) => void
  #cancel: Cancel | null = null
  #sentAtMs = -Infinity
  #soon = false
  #closed = false

  constructor(clock: Clock, picture: () => Health, publish: (health: Health) => void) {
    this.#clock = clock
    this.#picture = picture
    this.#publish = publish
    this.#set(0)
  }

  /** Something that a person would want to see has changed. */
  changed(): void {
    if (this.#soon) return
    this.#soon = true
    this.#set(Math.max(0, this.#sentAtMs + leastEveryMs - this.#clock.now().monoMs))
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
  }

  #set(afterMs: number): void {
    if (this.#closed) return
    this.#cancel?.()
    this.#cancel = this.#clock.after('health', afterMs, () => {
      this.#soon = false
      this.#sentAtMs = this.#clock.now().monoMs
      this.#set(mostEveryMs)
      this.#publish(this.#picture())
    })
  }
}

/** The lists in force, as the gateway is told of them. */
export function listHealth(lists: readonly ListInForce[]): Health['lists'] {
  return lists.map(({ list, version, count, confirmedAt }) => ({ list, version, count, confirmedAt }))
}
