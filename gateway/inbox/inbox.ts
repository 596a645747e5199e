import type { Clock } from '../../edge/base/clock.js'
import { messageOf } from '../../edge/base/error.js'
import type { FaultChange } from '../../edge/base/fault.js'
import type { Logger } from '../../edge/base/log.js'
import type { ListHead } from '../../edge/messages/down.js'
import type { EscalationRecord } from '../domain/escalation.js'
import { judge, type Judgement } from '../domain/judge.js'
import type { PassageRecord } from '../domain/passage.js'
import type { Database, Sql } from '../store/database.js'
import type { HighestStored } from '../store/events.js'
import type { Mark, Memory } from '../store/memory.js'
import { Batch, type Notice } from './batch.js'
import type { Does } from './overlay.js'

export interface InboxCounters {
  /** Events stored for the first time. */
  stored: number
  /** Events that were there already, with the same hash. */
  duplicates: number
  /** Messages that are no event of their edge, bytes kept. */
  poison: number
  /** Events whose key was there with another hash: not stored, bytes kept. */
  reused: number
  /** Events whose link to the one before does not fit: stored, reported. */
  chainBroken: number
  /** Events too far beyond the mark: not stored, the edge sends them again. */
  tooFarAhead: number
  /** Stored events whose body this gateway does not understand. */
  unknownBodies: number
  transactions: number
  failedTransactions: number
}

/** What one commit changed, for those who tell others. */
export interface Committed {
  readonly marks: readonly Mark[]
  /** What the store itself says of the epochs of this batch. */
  readonly highest: readonly HighestStored[]
  readonly passages: readonly PassageRecord[]
  readonly escalations: readonly EscalationRecord[]
  readonly heads: readonly ListHead[]
}

export interface InboxGiven extends Does {
  readonly database: Database
  readonly memory: Memory
  readonly clock: Clock
  readonly log: Logger
  readonly onCommitted: (committed: Committed) => void
  readonly onFault: (change: FaultChange) => void
  /** Something happened that is over, and that a person should see all the same. */
  readonly onNotice: (notice: Notice) => void
}

export interface Offered {
  readonly edgeId: string
  readonly judgement: Judgement
}

interface Waiting extends Offered {
  readonly bytes: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** One transaction takes at most this many messages, and about this many bytes. */
const batchMax = 512
const batchMaxBytes = 4 * 1024 * 1024

/**
 * Stores what edges publish, each event once, and answers only after the commit: the broker holds back
 * its PUBACK for it. Whatever waits when a transaction ends goes into the next one together.
 */
export class Inbox {
  readonly counters: InboxCounters = {
    stored: 0,
    duplicates: 0,
    poison: 0,
    reused: 0,
    chainBroken: 0,
    tooFarAhead: 0,
    unknownBodies: 0,
    transactions: 0,
    failedTransactions: 0,
  }
  readonly #given: InboxGiven
  readonly #waiting: Waiting[] = []
  #running: Promise<void> | null = null
  #notWritable = false

  constructor(given: InboxGiven) {
    this.#given = given
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /**
   * Resolves when the message needs no second sending: stored, known already, or kept as poison.
   * Rejects when nothing could be written; the edge then tries again. How many may wait is bounded by
   * the broker, which reads no further from a connection while its messages wait here.
   */
  offer(edgeId: string, payload: Uint8Array): Promise<void> {
    const judgement = judge(edgeId, payload)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ edgeId, judgement, bytes: payload.length, resolve, reject })
      this.#running ??= this.#drain()
    })
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running
  }

  async #drain(): Promise<void> {
    // A turn of the event loop lets the rest of a socket's chunk join the first transaction.
    await new Promise<void>((resolve) => {
      setImmediate(resolve)
    })
    while (this.#waiting.length > 0) {
      const items = this.#take()
      try {
        await this.#store(items)
        for (const item of items) item.resolve()
      } catch (error) {
        for (const item of items) item.reject(error)
      }
    }
    // In the same turn as the look at what waits: whoever was just answered may offer the next before this promise settles,
    // and it would wait for somebody else's.
    this.#running = null
  }

  #take(): Waiting[] {
    let bytes = 0
    let count = 0
    for (const item of this.#waiting) {
      bytes += item.bytes
      if (count > 0 && (count >= batchMax || bytes > batchMaxBytes)) break
      count += 1
    }
    return this.#waiting.splice(0, count)
  }

  async #store(items: readonly Offered[]): Promise<void> {
    const { database, memory, clock, placeOrders, consume, followUp, noteHits } = this.#given
    const nowMs = clock.now().wallMs
    try {
      await database.transact(
        async (sql: Sql) => {
          const batch = new Batch({ sql, memory, nowMs, placeOrders, consume, followUp, noteHits })
          await batch.store(items)
          return batch
        },
        (batch) => {
          this.#commit(batch)
        },
      )
      this.#writable()
    } catch (error) {
      this.counters.failedTransactions += 1
      this.#cannotWrite(error)
      throw error
    }
  }

  #commit(batch: Batch): void {
    const { memory, onCommitted, onNotice } = this.#given
    const committed = batch.outcome()
    for (const mark of committed.marks) memory.setMark(mark)
    for (const one of committed.highest) memory.setHighestStored(one)
    for (const passage of committed.passages) memory.setPassage(passage)
    for (const escalation of committed.escalations) memory.setEscalation(escalation)
    for (const head of committed.heads) memory.setHead(head)
    for (const [name, count] of Object.entries(batch.counts)) {
      this.counters[name as keyof typeof batch.counts] += count
    }
    this.counters.transactions += 1
    for (const notice of batch.notices) onNotice(notice)
    onCommitted(committed)
  }

  #writable(): void {
    if (!this.#notWritable) return
    this.#notWritable = false
    this.#given.onFault({ is: 'cleared', code: 'gateway.storeNotWritable', source: 'store' })
  }

  #cannotWrite(error: unknown): void {
    const detail = messageOf(error)
    this.#given.log.error({ error: detail }, 'events could not be stored; the edges will send them again')
    if (this.#notWritable) return
    this.#notWritable = true
    this.#given.onFault({ is: 'raised', code: 'gateway.storeNotWritable', source: 'store', detail })
  }
}
