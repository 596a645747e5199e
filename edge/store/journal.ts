import type { Clock, ClockQuality } from '../base/clock.js'
import { LanekeeperError, hasCode, messageOf } from '../base/error.js'
import type { Logger } from '../base/log.js'
import type {
  EventDraft,
  Journal,
  LaneMemory,
  Outbox,
  OutboxStatus,
  StoredEvent,
} from '../interfaces/journal.js'
import type { Ballast } from './ballast.js'
import { eventRow, readEvent, type ChainEnd, type EventRow, type RawEvent } from './event-row.js'
import type { FaultLatch } from './faults.js'
import { notWritable, type JournalFile } from './journal-file.js'
import { readMemory } from './lane-memory.js'
import { RecentEvents } from './recent.js'
import { pruneStep, usedBytes, type RetentionBounds } from './retention.js'
import { troubleOf } from './sqlite.js'
import type { Turns } from './turns.js'

/** Events that may wait for the disk; a lane has one append under way, so this is never near. */
const waitingEventsMax = 20_000
const eventsPerTransaction = 512
const pageEvents = 500
/** A batch is cut here, however many events were asked for. */
const batchMaxBytes = 1024 * 1024
const pruneRows = 200
/** As much as a busy lane writes in a moment: a probe that needs less would call a full disk writable. */
const probeBytes = 64 * 1024

/** Figures since the journal was opened. */
export interface JournalCounters {
  events: number
  commits: number
  /** Appends that were rejected because nothing could be written. */
  rejected: number
  pruned: number
  /** Slowest commit, milliseconds. */
  commitMaxMs: number
}

export interface JournalGiven {
  readonly edgeId: string
  readonly bootId: string
  readonly clock: Clock
  readonly clockQuality: () => ClockQuality
  readonly log: Logger
  readonly faults: FaultLatch
  readonly retention: RetentionBounds
}

interface Call {
  readonly drafts: readonly EventDraft[]
  readonly resolve: (events: readonly StoredEvent[]) => void
  readonly reject: (error: Error) => void
}

/** Journal and outbox over one SQLite file. All access goes through one line of {@link Turns}. */
export class SqliteJournal implements Journal, Outbox {
  readonly counters: JournalCounters = { events: 0, commits: 0, rejected: 0, pruned: 0, commitMaxMs: 0 }
  readonly bootId: string
  readonly epoch: string
  readonly #file: JournalFile
  readonly #turns: Turns
  readonly #ballast: Ballast
  readonly #given: JournalGiven
  readonly #listeners = new Set<() => void>()
  readonly #recent = new RecentEvents()
  readonly #calls: Call[] = []
  #waitingEvents = 0
  #flushQueued = false

  constructor(file: JournalFile, turns: Turns, ballast: Ballast, given: JournalGiven) {
    this.#file = file
    this.#turns = turns
    this.#ballast = ballast
    this.#given = given
    this.bootId = given.bootId
    this.epoch = file.facts.epoch
  }

  append(drafts: readonly EventDraft[]): Promise<readonly StoredEvent[]> {
    if (drafts.length === 0) return Promise.resolve([])
    if (this.#waitingEvents + drafts.length > waitingEventsMax) {
      this.counters.rejected += 1
      return Promise.reject(notWritable(`${this.#waitingEvents} events wait for the disk`))
    }
    return new Promise((resolve, reject) => {
      this.#calls.push({ drafts, resolve, reject })
      this.#waitingEvents += drafts.length
      this.#queueFlush()
    })
  }

  memoryOf(lane: string): Promise<LaneMemory> {
    return this.#turns.run('urgent', async () => readMemory(await this.#file.connection(), lane))
  }

  consumedOf(lanes: readonly string[], max: number): Promise<readonly StoredEvent[]> {
    return this.#turns.run('urgent', async () => {
      const connection = await this.#file.connection()
      const rows = await connection.all<RawEvent>(
        `SELECT sequence, hash, envelope FROM events
         WHERE mark = 'consumed' AND lane IN (${lanes.map(() => '?').join()}) ORDER BY sequence DESC LIMIT ?`,
        [...lanes, max],
      )
      return rows.reverse().map((row) => this.#readEvent(row))
    })
  }

  async *read(afterSequence: number): AsyncIterable<StoredEvent> {
    let after = afterSequence
    for (;;) {
      const page = await this.batch(after, pageEvents)
      yield* page
      const last = page.at(-1)
      if (!last) return
      after = last.sequence
    }
  }

  async probe(): Promise<void> {
    await this.#turns.run('urgent', async () => {
      try {
        const connection = await this.#file.connection()
        await connection.run('INSERT OR REPLACE INTO probe VALUES (1, zeroblob(?))', [probeBytes])
        await connection.run('DELETE FROM probe')
      } catch (error) {
        this.#distrustAfter(error)
        throw notWritable(error)
      }
    })
  }

  batch(afterSequence: number, maxEvents: number): Promise<readonly StoredEvent[]> {
    const recent = this.#recent.after(afterSequence, maxEvents, batchMaxBytes)
    if (recent) return Promise.resolve(recent)
    return this.#turns.run('background', async () => {
      const connection = await this.#file.connection()
      const rows = await connection.all<RawEvent>(
        'SELECT sequence, hash, envelope FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?',
        [afterSequence, maxEvents],
      )
      let bytes = 0
      const fits = rows.findIndex((row, i) => (bytes += row.envelope.length) > batchMaxBytes && i > 0)
      return (fits < 0 ? rows : rows.slice(0, fits)).map((row) => this.#readEvent(row))
    })
  }

  /**
   * Counts at once, and is made durable by the next upkeep or at close: a commit for each would stand
   * in the way of the lanes' own. A process that is killed before sends a little again, which the
   * gateway knows already.
   */
  acknowledge(epoch: string, upTo: number): Promise<void> {
    if (epoch === this.epoch) this.#acknowledged(upTo)
    return Promise.resolve()
  }

  #acknowledged(upTo: number): void {
    if (upTo > this.#file.facts.end.sequence) {
      const detail = `the gateway holds event ${upTo}, the last one here is ${this.#file.facts.end.sequence}: this is an older copy of the journal. Move it away and restart`
      this.#given.faults.raise('journal.corrupt', 'journal', detail)
      return
    }
    this.#file.acknowledged(upTo)
    this.#recent.forget(upTo)
  }

  status(): OutboxStatus {
    const { end, acknowledged, firstKept } = this.#file.facts
    return { waiting: end.sequence - acknowledged, lastSequence: end.sequence, acknowledged, firstKept }
  }

  onAppended(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Looks after disk and age: small steps, none of which keeps an append waiting for long. */
  async maintain(): Promise<void> {
    // A disk that does not take it is seen to below, and the mark is tried again with the next upkeep.
    await this.#writeMark().catch((error: unknown) => {
      this.#given.log.warn({ error: messageOf(error) }, 'the acknowledged mark could not be written')
    })
    const used = await this.#turns.run('background', async () => usedBytes(await this.#file.connection()))
    const { maxBytes } = this.#given.retention
    await this.#prune(used > maxBytes)
    const stillOver = used > maxBytes && this.#file.facts.firstKept > this.#file.facts.acknowledged
    await this.#ballast.check(
      stillOver
        ? `the journal has ${used} bytes, ${maxBytes} are its bound, and the gateway lacks all of its events`
        : null,
    )
  }

  /** Waits for what was asked, then releases the file. */
  async close(): Promise<void> {
    await this.#turns.idle()
    // Whoever cannot write the mark any more has said so; it is told again by the gateway.
    await this.#writeMark().catch(() => undefined)
    await this.#turns.run('urgent', () => this.#file.close())
  }

  #writeMark(): Promise<void> {
    return this.#turns.run('background', async () => {
      try {
        await this.#file.writeMark()
      } catch (error) {
        this.#distrustAfter(error)
        throw notWritable(error)
      }
    })
  }

  #queueFlush(): void {
    if (this.#flushQueued) return
    this.#flushQueued = true
    void this.#turns.run('urgent', () => this.#flush())
  }

  /** One transaction for what waits now. Never rejects: each caller learns of its own part. */
  async #flush(): Promise<void> {
    this.#flushQueued = false
    const { rows, calls } = this.#takeCalls()
    if (this.#calls.length > 0) this.#queueFlush()
    if (rows.length === 0) return
    const startedMs = this.#given.clock.now().monoMs
    try {
      await this.#write(rows)
    } catch (error) {
      this.counters.rejected += calls.length
      const failure = notWritable(error)
      this.#given.log.error({ error: messageOf(error), events: rows.length }, 'the journal cannot be written')
      for (const { call } of calls) call.reject(failure)
      return
    }
    this.#recent.add(rows)
    this.counters.events += rows.length
    this.counters.commits += 1
    this.counters.commitMaxMs = Math.max(
      this.counters.commitMaxMs,
      this.#given.clock.now().monoMs - startedMs,
    )
    for (const { call, events } of calls) call.resolve(events)
    for (const listener of [...this.#listeners]) listener()
  }

  #takeCalls(): { rows: EventRow[]; calls: { call: Call; events: StoredEvent[] }[] } {
    const recordedAt = this.#given.clock.now().wallMs
    const identity = { edgeId: this.#given.edgeId, epoch: this.epoch, bootId: this.bootId }
    let end: ChainEnd = this.#file.facts.end
    const rows: EventRow[] = []
    const calls: { call: Call; events: StoredEvent[] }[] = []
    while (this.#calls.length > 0) {
      const call = this.#calls[0] as Call
      if (rows.length > 0 && rows.length + call.drafts.length > eventsPerTransaction) break
      this.#calls.shift()
      this.#waitingEvents -= call.drafts.length
      try {
        // A draft that has no place in the journal costs its own call only.
        const made: EventRow[] = []
        for (const draft of call.drafts) {
          made.push(eventRow(draft, identity, made.at(-1)?.stored ?? end, recordedAt))
        }
        rows.push(...made)
        end = made.at(-1)?.stored ?? end
        calls.push({ call, events: made.map((row) => row.stored) })
      } catch (error) {
        this.counters.rejected += 1
        call.reject(error instanceof Error ? error : new LanekeeperError('journal.badEvent', String(error)))
      }
    }
    return { rows, calls }
  }

  async #write(rows: readonly EventRow[]): Promise<void> {
    try {
      await this.#file.insert(rows)
    } catch (error) {
      this.#distrustAfter(error)
      // A full disk wrote nothing, and says so; with the reserve given back the same rows may still go.
      if (troubleOf(error) !== 'full' || !(await this.#ballast.free())) throw error
      await this.#file.insert(rows)
    }
  }

  /** After any error but these two the connection is closed and the file looked at before the next write. */
  #distrustAfter(error: unknown): void {
    const trouble = troubleOf(error)
    if (trouble !== 'full' && trouble !== 'busy') this.#file.distrust()
    if (trouble === 'corrupt') this.#given.faults.raise('journal.corrupt', 'journal', messageOf(error))
  }

  #readEvent(row: RawEvent): StoredEvent {
    try {
      return readEvent(row)
    } catch (error) {
      this.#given.faults.raise('journal.corrupt', 'journal', messageOf(error))
      throw error
    }
  }

  async #prune(overBound: boolean): Promise<void> {
    const { retention, clock, clockQuality } = this.#given
    // By age only while the clock is believed: one wrong year would empty the journal.
    if (!overBound && clockQuality() === 'untrusted') return
    const nowMs = clock.now().wallMs
    for (let step = 0; step < 20; step += 1) {
      const { end } = this.#file.facts
      const gone = await this.#turns.run('background', async () => {
        const connection = await this.#file.connection()
        const gone = await pruneStep(connection, {
          // What is gone must be known as acknowledged after a restart too. The newest event stays
          // whatever its age: it carries the end of the chain.
          acknowledged: Math.min(this.#file.marked, end.sequence - 1),
          olderThanMs: overBound ? Number.MAX_SAFE_INTEGER : nowMs - retention.acknowledgedForMs,
          passageOlderThanMs: nowMs - 4 * retention.acknowledgedForMs,
          maxRows: pruneRows,
        })
        const [first] = await connection.all<{ sequence: number | null }>(
          'SELECT min(sequence) AS sequence FROM events',
        )
        this.#file.keptFrom(first?.sequence ?? end.sequence + 1)
        return gone
      })
      this.counters.pruned += gone
      if (gone < pruneRows) return
      if (overBound && step >= 4) return
    }
  }
}

/** True for the rejection of an append or probe that found the journal not writable. */
export function isNotWritable(error: unknown): boolean {
  return hasCode(error, 'journal.notWritable')
}
