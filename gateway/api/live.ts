import type { ServerResponse } from 'node:http'
import type { Cancel, Clock } from '../../edge/base/clock.js'
import type { GatewayState, LiveEvent } from './schemas.js'
import { subjectOf } from './views.js'

/** What a page may be told at most ten times a second. */
const flushEveryMs = 100
/** Different things that may wait for one page; past that it gets a snapshot instead. */
const pendingMax = 500
/** A page that has taken nothing for so long is gone or frozen. */
const stuckAfterMs = 10_000
/** Without news a page gets a snapshot, by which it knows that the silence is real. */
const silenceMs = 5_000
/** Who signs out, or whose session ends, sees nothing more after this. */
const rightsEveryMs = 2_000

export interface LiveGiven {
  readonly clock: Clock
  readonly maxClients: number
  readonly snapshot: (operator: string) => GatewayState
}

export interface LiveClient {
  readonly operator: string
  readonly response: ServerResponse
  /** Asked now and then; false ends the feed. */
  readonly maySee: () => boolean
}

/**
 * The live feed (server-sent events). Every page has a box of its own in which a newer word about a
 * thing replaces the older: however slow a page is, it waits for no more than there are things.
 */
export class LiveFeed {
  readonly counters = { opened: 0, refused: 0, droppedSlow: 0, events: 0 }
  readonly #given: LiveGiven
  readonly #feeds = new Set<Feed>()

  constructor(given: LiveGiven) {
    this.#given = given
  }

  get size(): number {
    return this.#feeds.size
  }

  /** Starts a feed with a snapshot; false: there are too many. */
  open(client: LiveClient): boolean {
    if (this.#feeds.size >= this.#given.maxClients) {
      this.counters.refused += 1
      return false
    }
    this.counters.opened += 1
    const feed = new Feed(client, this.#given, this.counters, () => {
      this.#feeds.delete(feed)
    })
    this.#feeds.add(feed)
    feed.start()
    return true
  }

  tell(event: LiveEvent): void {
    this.counters.events += 1
    for (const feed of this.#feeds) feed.put(event)
  }

  close(): void {
    for (const feed of [...this.#feeds]) feed.end()
  }
}

class Feed {
  readonly #client: LiveClient
  readonly #given: LiveGiven
  readonly #counters: { droppedSlow: number }
  readonly #onEnd: () => void
  readonly #pending = new Map<string, LiveEvent>()
  #cancel: Cancel = () => undefined
  #blockedSinceMs: number | null = null
  #toldMs = 0
  #askedMs = 0
  #needsSnapshot = false
  #ended = false

  constructor(client: LiveClient, given: LiveGiven, counters: { droppedSlow: number }, onEnd: () => void) {
    this.#client = client
    this.#given = given
    this.#counters = counters
    this.#onEnd = onEnd
  }

  start(): void {
    const { response } = this.#client
    response.on('close', () => {
      this.end()
    })
    response.on('error', () => {
      this.end()
    })
    this.#askedMs = this.#given.clock.now().monoMs
    response.write('retry: 2000\n\n')
    this.#write(this.#snapshot())
    this.#schedule()
  }

  put(event: LiveEvent): void {
    if (this.#needsSnapshot) return
    const subject = subjectOf(event)
    // Deleted first so that the newest word also stands at the newest place.
    this.#pending.delete(subject)
    this.#pending.set(subject, event)
    if (this.#pending.size <= pendingMax) return
    this.#pending.clear()
    this.#needsSnapshot = true
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#cancel()
    this.#pending.clear()
    this.#client.response.end()
    this.#client.response.destroy()
    this.#onEnd()
  }

  #schedule(): void {
    this.#cancel = this.#given.clock.after('live feed', flushEveryMs, () => {
      this.#flush()
      if (!this.#ended) this.#schedule()
    })
  }

  #flush(): void {
    const nowMs = this.#given.clock.now().monoMs
    if (this.#isBlocked(nowMs)) return
    if (nowMs - this.#askedMs >= rightsEveryMs) {
      this.#askedMs = nowMs
      if (!this.#client.maySee()) {
        this.end()
        return
      }
    }
    if (nowMs - this.#toldMs >= silenceMs) this.#needsSnapshot = true
    if (this.#needsSnapshot) {
      this.#needsSnapshot = false
      this.#pending.clear()
      this.#write(this.#snapshot())
      return
    }
    for (const [subject, event] of this.#pending) {
      this.#pending.delete(subject)
      if (!this.#write(event)) return
    }
  }

  #isBlocked(nowMs: number): boolean {
    if (!this.#client.response.writableNeedDrain) {
      this.#blockedSinceMs = null
      return false
    }
    this.#blockedSinceMs ??= nowMs
    if (nowMs - this.#blockedSinceMs >= stuckAfterMs) {
      this.#counters.droppedSlow += 1
      this.end()
    }
    return true
  }

  #snapshot(): LiveEvent {
    return { is: 'snapshot', state: this.#given.snapshot(this.#client.operator) }
  }

  #write(event: LiveEvent): boolean {
    this.#toldMs = this.#given.clock.now().monoMs
    return this.#client.response.write(`data: ${JSON.stringify(event)}\n\n`)
  }
}
