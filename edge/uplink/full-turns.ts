import type { ListName } from '../messages/entities.js'

/** The lists of holds: their full contents wait for nothing. */
const holds: ReadonlySet<ListName> = new Set<ListName>(['orders', 'blacklist'])

interface Waiting {
  readonly list: ListName
  readonly start: () => void
}

/**
 * Full lists one after the other: each that comes in holds a body, a batch and a sorter in memory, and a dozen side by
 * side are no faster over one line and one disk. Orders and blacklist wait for nobody, and no other list begins while
 * one of them comes in; the others come in the order in which they asked.
 */
export class FullTurns {
  readonly #waiting: Waiting[] = []
  readonly #running = new Set<ListName>()

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
      this.#running.delete(list)
      this.#startNext()
    }
  }

  #startNext(): void {
    for (let next = this.#next(); next; next = this.#next()) {
      this.#waiting.splice(this.#waiting.indexOf(next), 1)
      this.#running.add(next.list)
      next.start()
    }
  }

  /** Who may start now, if anybody. */
  #next(): Waiting | undefined {
    const hold = this.#waiting.find(({ list }) => holds.has(list))
    if (hold) return hold
    return this.#running.size === 0 ? this.#waiting[0] : undefined
  }
}
