import { assert } from './assert.js'

export interface MailboxCounters {
  accepted: number
  /** Sheddable items dropped because the box was full. */
  shed: number
  /** Highest number waiting at once. */
  peak: number
}

/**
 * A bounded first-in-first-out box. When it is full, the oldest sheddable item makes room; an
 * item that must not be lost is always taken, and the box may then exceed `maxItems` by at most
 * `reserveItems`. Past that the sender has broken its own bound, which is a bug.
 */
export class Mailbox<T> {
  readonly counters: MailboxCounters = { accepted: 0, shed: 0, peak: 0 }
  readonly #maxItems: number
  readonly #reserveItems: number
  readonly #sheddable: (item: T) => boolean
  #items: T[] = []
  #head = 0

  constructor(options: { maxItems: number; reserveItems: number; sheddable: (item: T) => boolean }) {
    this.#maxItems = options.maxItems
    this.#reserveItems = options.reserveItems
    this.#sheddable = options.sheddable
  }

  get size(): number {
    return this.#items.length - this.#head
  }

  /** Returns what became of the item: taken, taken at the cost of an older one, or itself shed. */
  put(item: T): 'taken' | 'tookRoom' | 'shed' {
    if (this.size < this.#maxItems) return this.#take(item, 'taken')
    if (this.#sheddable(item)) {
      this.counters.shed += 1
      return 'shed'
    }
    for (let i = this.#head; i < this.#items.length; i += 1) {
      if (this.#sheddable(this.#items[i] as T)) {
        this.#items.splice(i, 1)
        this.counters.shed += 1
        return this.#take(item, 'tookRoom')
      }
    }
    assert(
      this.size < this.#maxItems + this.#reserveItems,
      'a mailbox holds more unsheddable items than its reserve',
    )
    return this.#take(item, 'taken')
  }

  /** What waits, oldest first: a copy. */
  peek(): readonly T[] {
    return this.#items.slice(this.#head)
  }

  next(): T | undefined {
    if (this.#head >= this.#items.length) return undefined
    const item = this.#items[this.#head] as T
    this.#head += 1
    if (this.#head > 64 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  #take(item: T, how: 'taken' | 'tookRoom'): 'taken' | 'tookRoom' {
    this.#items.push(item)
    this.counters.accepted += 1
    this.counters.peak = Math.max(this.counters.peak, this.size)
    return how
  }
}
