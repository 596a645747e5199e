import type { Cancel, Clock } from '../base/clock.js'
import type { ListName } from '../messages/entities.js'

/** The lists of holds: their full contents wait for nothing. */
const holds: ReadonlySet<ListName> = new Set<ListName>(['orders', 'blacklist'])

/** A full list that has taken so long is passed by the next one; a million entries come in within it over a good line. */
export const passAfterMs = 60_000
/** Registers that are taken at once at most, those that were passed among them: each holds memory. */
export const registersAtOnceMax = 3

interface Waiting {
  readonly list: ListName
  readonly start: () => void
}

interface Turn {
  /** It was given its time and is not through: others pass it. */
  isSlow: boolean
  cancel: Cancel
}

/**
 * Full lists one after the other: each that comes in holds a body, a batch and a sorter in memory, and a dozen side by
 * side are no faster over one line and one disk. Orders and blacklist wait for nobody, and no other list begins while
 * one of them comes in; the others come in the order in which they asked. Whichever takes longer than
 * {@link passAfterMs} holds up the next one no more: a list that trickles leaves line and disk to others anyway.
 */
export class FullTurns {
  readonly #clock: Clock
  readonly #waiting: Waiting[] = []
  readonly #running = new Map<ListName, Turn>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Lists whose full content is being taken, and those that wait for it. */
  get counts(): { readonly running: number; readonly waiting: number } {
    return { running: this.#running.size, waiting: this.#waiting.length }
  }

  /** Runs `take` when it is the list's turn; settles as it does. Whoever fails gives the turn back. */
  async run<T>(list: ListName, take: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      this.#waiting.push({ list, start })
      this.#startNext()
    })
    try {
      return await take()
    } finally {
      this.#running.get(list)?.cancel()
      this.#running.delete(list)
      this.#startNext()
    }
  }

  #startNext(): void {
    for (let next = this.#next(); next; next = this.#next()) {
      this.#waiting.splice(this.#waiting.indexOf(next), 1)
      this.#running.set(next.list, this.#turn())
      next.start()
    }
  }

  #turn(): Turn {
    const cancel = this.#clock.after('full list', passAfterMs, () => {
      turn.isSlow = true
      this.#startNext()
    })
    const turn: Turn = { isSlow: false, cancel }
    return turn
  }

  /** Who may start now, if anybody. */
  #next(): Waiting | undefined {
    const hold = this.#waiting.find(({ list }) => holds.has(list))
    if (hold) return hold
    if ([...this.#running.values()].some(({ isSlow }) => !isSlow)) return undefined
    const registers = [...this.#running.keys()].filter((list) => !holds.has(list))
    return registers.length < registersAtOnceMax ? this.#waiting[0] : undefined
  }
}
