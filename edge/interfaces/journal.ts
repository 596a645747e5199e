import type { ClockQuality } from '../base/clock.js'
import type { EventEnvelope } from '../messages/envelope.js'

/** An event before the store gives it its sequence and its place in the hash chain. */
export interface EventDraft {
  readonly type: string
  readonly lane: string | null
  readonly passageId: string | null
  readonly occurredAt: number
  readonly monoMs: number
  readonly clockQuality: ClockQuality
  readonly captured: 'auto' | 'manual' | 'backoffice'
  readonly contingency: boolean
  readonly correctionOf?: number
  readonly body: Readonly<Record<string, unknown>>
}

export interface StoredEvent extends EventEnvelope {
  readonly hash: string
}

/** What a lane must know after a restart, read back from its journal. */
export interface LaneMemory {
  /** Highest passage number ever given in this lane; 0 with none. */
  readonly lastPassageNo: number
  /** Events of the newest passage if its end was never recorded, oldest first; else empty. */
  readonly openPassage: readonly StoredEvent[]
  /** Events of the newest passage if its end is recorded, oldest first, as far as they are kept; else empty. */
  readonly endedPassage: readonly StoredEvent[]
  /** Ids of verdicts and commands already used in this lane, the newest 1,000, newest first. */
  readonly usedIds: readonly string[]
  /** Newest `laneMode` body, if any. */
  readonly lastMode: Readonly<Record<string, unknown>> | null
}

/**
 * The lane's record (laws 2 and 7). `append` resolves only after the rows are durable; what
 * several callers have ready at one moment goes into one transaction, each call's events
 * adjacent and in order. A call that fails wrote nothing.
 */
export interface Journal {
  readonly epoch: string
  readonly bootId: string
  append(drafts: readonly EventDraft[]): Promise<readonly StoredEvent[]>
  memoryOf(lane: string): Promise<LaneMemory>
  /** The newest events of these lanes that say what crossings used up, surely or perhaps, oldest first. */
  consumedOf?(lanes: readonly string[], max: number): Promise<readonly StoredEvent[]>
  /** Every event of the current epoch after `afterSequence`, oldest first, read in pages. */
  read(afterSequence: number): AsyncIterable<StoredEvent>
  /** Resolves if a durable write works now. */
  probe(): Promise<void>
}

export interface OutboxStatus {
  /** Events that the gateway has not acknowledged. */
  readonly waiting: number
  readonly lastSequence: number
  readonly acknowledged: number
  /** Oldest sequence that is still kept: what a restored gateway can be given again. Absent: all are. */
  readonly firstKept?: number
}

/** Rows not yet acknowledged by the gateway. */
export interface Outbox {
  readonly epoch: string
  /** Durable events after `afterSequence`, acknowledged or not, in order; a large batch may be cut short by bytes. */
  batch(afterSequence: number, maxEvents: number): Promise<readonly StoredEvent[]>
  /** Frees what the gateway has; an `upTo` below or above what is known changes nothing. */
  acknowledge(epoch: string, upTo: number): Promise<void>
  status(): OutboxStatus
  /** Called after each commit; returns how to stop. */
  onAppended(listener: () => void): () => void
}
