import type { ListName } from '../messages/entities.js'

/** Pushed deltas of one list that wait at most. */
const waitingMax = 16

/** Pushed deltas of each list in the order in which they came; no list waits for another, nor takes its place. */
export class PushLines {
  readonly #lines = new Map<ListName, { readonly waiting: number; readonly last: Promise<void> }>()

  /** Takes it up when what came before of the list is done; false: too many wait, and it is not taken up. */
  add(list: ListName, take: () => Promise<void>): boolean {
    const { waiting, last } = this.#lines.get(list) ?? { waiting: 0, last: Promise.resolve() }
    if (waiting >= waitingMax) return false
    const mine = last.then(take).finally(() => {
      const now = this.#lines.get(list)
      if (now) this.#lines.set(list, { ...now, waiting: now.waiting - 1 })
    })
    this.#lines.set(list, { waiting: waiting + 1, last: mine })
    return true
  }

  /** Resolves when nothing that has come so far waits any more. */
  async idle(): Promise<void> {
    await Promise.all([...this.#lines.values()].map(({ last }) => last))
  }
}
