import type { Cancel } from '../../edge/base/clock.js'
import { LanekeeperError } from '../../edge/base/error.js'

/** Somewhere in 2026; nothing depends on when. */
export const startWallMs = Date.UTC(2026, 5, 1, 8)

interface Item {
  readonly atMs: number
  readonly order: number
  readonly name: string
  run: (() => void) | null
}

/**
 * Virtual time: one queue ordered by time, ties by age, one thing at a time. Promises of the
 * product are let run out between two items whenever an item said that it stirred some, so that
 * the order of everything depends on the seed alone.
 */
export class Kernel {
  nowMs = 0
  /** Items run. */
  ran = 0
  /** Called with the name of each item just before it runs. */
  trace: ((name: string, atMs: number) => void) | null = null
  #created = 0
  #stirred = false
  readonly #heap: Item[] = []

  /** How many items wait. */
  get waiting(): number {
    return this.#heap.length
  }

  after(delayMs: number, name: string, run: () => void): Cancel {
    const item: Item = { atMs: this.nowMs + Math.max(0, delayMs), order: this.#created++, name, run }
    this.#push(item)
    return () => {
      item.run = null
    }
  }

  /** Says that a promise of the product was settled or made, so that others have to run before time goes on. */
  stir(): void {
    this.#stirred = true
  }

  /** Runs everything up to and including `untilMs`; ends early when `stop` says so. */
  async runUntil(untilMs: number, stop: () => boolean = () => false): Promise<void> {
    await this.#settle()
    for (let next = this.#heap[0]; next && next.atMs <= untilMs; next = this.#heap[0]) {
      this.#pop()
      const { run } = next
      if (!run) continue
      next.run = null
      this.nowMs = next.atMs
      this.ran += 1
      this.trace?.(next.name, next.atMs)
      run()
      if (this.#stirred) await this.#settle()
      if (stop()) return
    }
    this.nowMs = Math.max(this.nowMs, untilMs)
  }

  /** A turn of Node's loop: every promise chain that can run, runs to its end before it. */
  async #settle(): Promise<void> {
    for (let turns = 0; this.#stirred; turns += 1) {
      if (turns > 1_000)
        throw new LanekeeperError('sim.restless', 'promises of one instant never come to rest')
      this.#stirred = false
      await new Promise<void>((resolve) => {
        setImmediate(resolve)
      })
    }
  }

  #isBefore(a: Item, b: Item): boolean {
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
  }

  #push(item: Item): void {
    const heap = this.#heap
    let index = heap.length
    heap.push(item)
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = heap[parentIndex] as Item
      if (!this.#isBefore(item, parent)) break
      heap[index] = parent
      index = parentIndex
    }
    heap[index] = item
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (!last || heap.length === 0) return
    let index = 0
    for (;;) {
      let childIndex = index * 2 + 1
      if (childIndex >= heap.length) break
      const right = heap[childIndex + 1]
      if (right && this.#isBefore(right, heap[childIndex] as Item)) childIndex += 1
      const child = heap[childIndex] as Item
      if (!this.#isBefore(child, last)) break
      heap[index] = child
      index = childIndex
    }
    heap[index] = last
  }
}
