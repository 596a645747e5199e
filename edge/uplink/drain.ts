import type { Cancel, Clock } from '../base/clock.js'
import { messageOf } from '../base/error.js'
import type { Logger } from '../base/log.js'
import type { Outbox, StoredEvent } from '../interfaces/journal.js'
import type { Ack } from '../messages/down.js'

export interface DrainBounds {
  /** Events under way at most: published, and not yet acknowledged by the gateway. */
  readonly windowEvents: number
  /** Without any progress of the acknowledgements for so long, what is under way is published again. */
  readonly resendAfterMs: number
  /** A broker that has not answered a publish for so long is no connection any more. */
  readonly brokerSilentMs: number
  readonly retryReadMs: number
}

export const defaultDrainBounds: DrainBounds = {
  windowEvents: 128,
  resendAfterMs: 5_000,
  brokerSilentMs: 10_000,
  retryReadMs: 1_000,
}

/** Figures since the uplink was opened. */
export interface DrainCounters {
  published: number
  /** Of those, events that had been published before. */
  repeated: number
  /** Times that a gateway asked for events below what it had acknowledged: it was restored. */
  regressed: number
}

export interface DrainGiven {
  readonly outbox: Outbox
  readonly clock: Clock
  readonly log: Logger
  readonly bounds: DrainBounds
  /** Hands one event to the connection; resolves at the broker's acknowledgement, rejects when it will not come. */
  readonly publish: (event: StoredEvent) => Promise<void>
  /** The connection no longer carries anything. */
  readonly onStuck: (why: string) => void
  /** The acknowledged mark of the outbox was moved. */
  readonly onMarked: () => void
  /** The gateway lacks events that are not kept here any more (up to this sequence), or no longer does (null). */
  readonly onGap: (upTo: number | null) => void
}

const batchEvents = 64

/**
 * Empties the outbox over one connection after another, in sequence. Only the gateway's
 * acknowledgement moves the mark; the broker's acknowledgement says that it has heard, never that
 * anything is kept. What is under way when a connection ends is published again on the next.
 */
export class Drain {
  readonly counters: DrainCounters = { published: 0, repeated: 0, regressed: 0 }
  readonly #given: DrainGiven
  readonly #stopListening: () => void
  /** Raised with each connection, so that answers of an older one mean nothing. */
  #connection = 0
  #connected = false
  /** The gateway has all events up to here. */
  #acked: number
  /** Published on this connection up to here. */
  #sent: number
  #everSent = 0
  /** The gateway waits for events that are no longer kept, so its mark cannot move past them. */
  #gap = false
  /** Published and not answered by the broker yet. */
  #unanswered = 0
  #newestMark: Ack | null = null
  #pumping = false
  #again = false
  #cancelStall: Cancel | null = null
  #cancelRetry: Cancel | null = null
  #progressMs = 0
  #answeredMs = 0

  constructor(given: DrainGiven) {
    this.#given = given
    this.#acked = given.outbox.status().acknowledged
    this.#sent = this.#acked
    this.#stopListening = given.outbox.onAppended(() => this.#pump())
  }

  /** Published on this connection, not acknowledged by the gateway. */
  get underWay(): number {
    return this.#gap ? this.#unanswered : this.#sent - this.#acked
  }

  connected(): void {
    this.#connection += 1
    this.#connected = true
    this.#sent = this.#gap ? Math.max(this.#acked, this.#sent - this.#unanswered) : this.#acked
    this.#unanswered = 0
    this.#progressed()
    this.#answeredMs = this.#nowMs()
    this.#pump()
  }

  disconnected(): void {
    this.#connected = false
    this.#cancelTimers()
  }

  /** Everything up to `ack.upTo` is in the gateway's store. */
  acknowledged(ack: Ack): void {
    const { outbox, log, onGap } = this.#given
    if (ack.epoch !== outbox.epoch) {
      // The newest ack of another epoch says nothing of this one's events.
      log.debug({ epoch: ack.epoch }, 'acknowledgement of another epoch')
      return
    }
    const { lastSequence, firstKept = 1 } = outbox.status()
    this.#mark(ack)
    // More than there ever was: the journal has raised its fault, and nothing is to be concluded.
    if (ack.upTo > lastSequence) return
    if (ack.upTo < this.#acked) this.#regress(ack.upTo, firstKept)
    else if (ack.upTo > this.#acked) {
      this.#acked = ack.upTo
      this.#sent = Math.max(this.#sent, this.#acked)
      this.#progressed()
    }
    this.#gap = ack.upTo < firstKept - 1
    onGap(this.#gap ? firstKept - 1 : null)
    this.#pump()
  }

  close(): void {
    this.#stopListening()
    this.disconnected()
  }

  /** Writes the newest mark; while one is being written the next ones wait as one. */
  #mark(ack: Ack): void {
    const busy = this.#newestMark !== null
    this.#newestMark = ack
    if (busy) return
    void (async () => {
      const { outbox, log, onMarked } = this.#given
      for (let written: Ack | null = null; written !== this.#newestMark;) {
        written = this.#newestMark
        try {
          if (written) await outbox.acknowledge(written.epoch, written.upTo)
        } catch (error) {
          // The gateway says it again, and what it has stays its own meanwhile.
          log.warn({ error: messageOf(error) }, 'the acknowledged mark could not be written')
        }
      }
      this.#newestMark = null
      onMarked()
    })()
  }

  /** A gateway that knows less than it did was restored from a backup: it gets again what is kept. */
  #regress(upTo: number, firstKept: number): void {
    // What is no longer kept cannot be waited for; the gap is a fault, and what follows it is sent
    // once, by the broker's word, since the mark stands before the gap.
    const from = Math.max(upTo, firstKept - 1)
    if (from >= this.#acked) return
    this.#given.log.warn({ from: this.#acked, to: upTo }, 'the gateway went back: sending again')
    this.counters.regressed += 1
    this.#acked = from
    this.#sent = from
    this.#progressed()
  }

  #pump(): void {
    if (!this.#connected) return
    this.#again = true
    if (this.#pumping) return
    this.#pumping = true
    void this.#work().finally(() => {
      this.#pumping = false
      if (this.#again) this.#pump()
    })
  }

  async #work(): Promise<void> {
    const { outbox, bounds, log } = this.#given
    while (this.#again && this.#connected) {
      this.#again = false
      const room = bounds.windowEvents - Math.max(this.underWay, this.#unanswered)
      const { lastSequence } = outbox.status()
      if (room <= 0 || this.#sent >= lastSequence) break
      const connection = this.#connection
      const after = this.#sent
      try {
        const events = await outbox.batch(after, Math.min(room, batchEvents))
        // The ground moved while the rows were read: look again.
        if (connection !== this.#connection || after !== this.#sent) this.#again = true
        else if (events.length > 0) {
          for (const event of events) this.#publish(event)
          this.#again = true
        }
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'the outbox could not be read')
        this.#retryLater()
      }
    }
  }

  #publish(event: StoredEvent): void {
    const connection = this.#connection
    this.counters.published += 1
    if (event.sequence <= this.#everSent) this.counters.repeated += 1
    this.#everSent = Math.max(this.#everSent, event.sequence)
    this.#sent = event.sequence
    this.#unanswered += 1
    if (this.#unanswered === 1) this.#answeredMs = this.#nowMs()
    this.#watch()
    const answered = (): void => {
      if (connection !== this.#connection) return
      this.#unanswered -= 1
      this.#answeredMs = this.#nowMs()
      this.#pump()
    }
    // A publish that fails fails with its connection, whose end is reported by itself.
    this.#given.publish(event).then(answered, answered)
  }

  /** Looks, as long as anything is under way, whether anything still moves. */
  #watch(): void {
    if (this.#cancelStall) return
    const { clock, bounds, log, onStuck } = this.#given
    const everyMs = Math.min(bounds.resendAfterMs, bounds.brokerSilentMs) / 4
    this.#cancelStall = clock.after('uplink watch', everyMs, () => {
      this.#cancelStall = null
      if (!this.#connected || (this.underWay === 0 && this.#unanswered === 0)) return
      const nowMs = this.#nowMs()
      if (this.#unanswered > 0) {
        // Published again now they would only pile up in the client.
        if (nowMs - this.#answeredMs >= bounds.brokerSilentMs) {
          onStuck('the broker no longer answers')
          return
        }
      } else if (!this.#gap && nowMs - this.#progressMs >= bounds.resendAfterMs) {
        log.info({ from: this.#acked + 1, underWay: this.underWay }, 'no acknowledgement: sending again')
        this.#sent = this.#acked
        this.#progressed()
        this.#pump()
      }
      this.#watch()
    })
  }

  #retryLater(): void {
    const { clock, bounds } = this.#given
    this.#cancelRetry ??= clock.after('outbox read', bounds.retryReadMs, () => {
      this.#cancelRetry = null
      this.#pump()
    })
  }

  #progressed(): void {
    this.#progressMs = this.#nowMs()
  }

  #cancelTimers(): void {
    this.#cancelStall?.()
    this.#cancelStall = null
    this.#cancelRetry?.()
    this.#cancelRetry = null
  }

  #nowMs(): number {
    return this.#given.clock.now().monoMs
  }
}
