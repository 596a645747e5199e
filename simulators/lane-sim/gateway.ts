import type { SeededRandom } from '../../edge/base/random.js'
import type { StoredEvent } from '../../edge/interfaces/journal.js'
import type { Kernel } from './kernel.js'

/**
 * The gateway's inbox: each event stored once by its key, acknowledged up to the contiguous
 * mark after the commit. A crash loses what was not yet committed, and every connection.
 */
export class SimGateway {
  /** By sequence - 1; a hole is an event that has not come yet. */
  readonly stored: (StoredEvent | undefined)[] = []
  /** Everything up to here is there. */
  upTo = 0
  readonly counters = { received: 0, duplicates: 0, crashes: 0 }
  /** A second content under a key that is taken. */
  readonly conflicts: string[] = []
  alive = true
  /** Each event once, in order, after it is stored. */
  onStored: (event: StoredEvent) => void = () => undefined
  /** Tells the edge how far the store reaches. */
  sendAck: (epoch: string, upTo: number) => void = () => undefined
  readonly #kernel: Kernel
  readonly #random: SeededRandom
  #life = 0
  #ackDue = false
  #epoch = ''

  constructor(kernel: Kernel, random: SeededRandom) {
    this.#kernel = kernel
    this.#random = random
  }

  /** A message arrived; it counts only once it is committed. */
  ingest(event: StoredEvent): void {
    if (!this.alive) return
    this.counters.received += 1
    const life = this.#life
    this.#kernel.after(0.3 + this.#random.next() * 2, 'gateway.commit', () => {
      if (this.alive && life === this.#life) this.#store(event)
    })
  }

  /** The process dies; `start` brings it back with what it had stored. */
  crash(): void {
    this.alive = false
    this.#life += 1
    this.#ackDue = false
    this.counters.crashes += 1
  }

  start(): void {
    this.alive = true
  }

  /** Loses the newest events, as a store does that says "durable" too early: only the checker's tests call it. */
  forget(events: number): void {
    this.upTo = Math.max(0, this.upTo - events)
    this.stored.length = this.upTo
  }

  /** Says how far it has got, as it does when an edge subscribes and every 10 s. */
  acknowledge(): void {
    if (this.alive && this.#epoch !== '') this.sendAck(this.#epoch, this.upTo)
  }

  #store(event: StoredEvent): void {
    this.#epoch = event.epoch
    const before = this.stored[event.sequence - 1]
    if (before) {
      this.counters.duplicates += 1
      if (before.hash !== event.hash) this.conflicts.push(`${event.epoch}/${event.sequence}`)
    } else {
      this.stored[event.sequence - 1] = event
    }
    for (let next = this.stored[this.upTo]; next; next = this.stored[this.upTo]) {
      this.upTo += 1
      this.onStored(next)
    }
    this.#ackSoon()
  }

  /** Acknowledgements of one moment go out as one. */
  #ackSoon(): void {
    if (this.#ackDue) return
    this.#ackDue = true
    const life = this.#life
    this.#kernel.after(3, 'gateway.ack', () => {
      if (life !== this.#life) return
      this.#ackDue = false
      this.acknowledge()
    })
  }
}
