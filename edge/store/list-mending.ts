import type { Cancel, Clock } from '../base/clock.js'
import { messageOf } from '../base/error.js'
import { troubleOf } from './sqlite.js'

const mendEveryMs = 1_000

export interface MendingGiven {
  readonly clock: Clock
  /** Opens the file anew as it stands. */
  readonly reopen: () => Promise<void>
  /** Lets an empty file take the place of one that the engine finds damaged; `why` is for people. */
  readonly renew: (why: string) => Promise<void>
  readonly onMended: () => void
}

/**
 * After an error of the disk the lists file is opened anew, again and again until it can be. One that the engine finds
 * damaged is begun anew: what is fetched into it once more is better than what cannot be read, or be mended.
 */
export class Mending {
  readonly #given: MendingGiven
  /** Stands from the first error until the file is mended. */
  #cancel: Cancel | null = null
  #closed = false

  constructor(given: MendingGiven) {
    this.#given = given
  }

  after(error: unknown): void {
    if (this.#closed || this.#cancel) return
    const { clock, reopen, renew, onMended } = this.#given
    const renews = troubleOf(error) === 'corrupt'
    this.#cancel = clock.after('lists reopen', mendEveryMs, () => {
      const mended = renews ? renew(messageOf(error)) : reopen()
      mended.then(
        () => {
          this.#cancel = null
          onMended()
        },
        (again: unknown) => {
          this.#cancel = null
          this.after(again)
        },
      )
    })
  }

  /** Nothing is begun afterwards; what is under way goes on. */
  close(): void {
    this.#closed = true
    this.#cancel?.()
  }
}
