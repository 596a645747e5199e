import { createHash } from 'node:crypto'
import type { SeededRandom } from '../../edge/base/random.js'
import { LanekeeperError } from '../../edge/base/error.js'
import type {
  EventDraft,
  Journal,
  LaneMemory,
  Outbox,
  OutboxStatus,
  StoredEvent,
} from '../../edge/interfaces/journal.js'
import { firstPreviousHash } from '../../edge/messages/envelope.js'
import type { Boot } from './boot.js'
import type { Kernel } from './kernel.js'

/** How the disk behaves just now. */
export interface DiskHealth {
  /** Every write fails: full, or read-only. */
  broken: boolean
  /** A commit takes between these, milliseconds. */
  fastestMs: number
  slowestMs: number
}

export const healthyDisk: DiskHealth = { broken: false, fastestMs: 0.2, slowestMs: 1.2 }

interface LaneRows {
  lastPassageNo: number
  /** Of the newest passage, oldest first. */
  newestPassage: StoredEvent[]
  usedIds: string[]
  lastMode: Readonly<Record<string, unknown>> | null
}

/**
 * What survives a power cut: the rows of the journal, and the acknowledged mark. A restarted lane
 * reads the text that was written, not the object, so that what is no JSON shows.
 */
export class SimDisk {
  readonly epoch: string
  readonly rows: StoredEvent[] = []
  readonly health: DiskHealth = { ...healthyDisk }
  acknowledged = 0
  readonly #texts: string[] = []
  /** Crossings that used papers up, oldest first. */
  readonly #used: StoredEvent[] = []
  readonly #lanes = new Map<string, LaneRows>()
  readonly #digest = createHash('sha256')
  readonly #edgeId: string
  /** Called for each row in the instant in which it is durable. */
  onDurable: (row: StoredEvent) => void = () => undefined

  constructor(edgeId: string, epoch: string) {
    this.#edgeId = edgeId
    this.epoch = epoch
  }

  /** One durable transaction. */
  commit(drafts: readonly EventDraft[], bootId: string, wallMs: number): readonly StoredEvent[] {
    return drafts.map((draft) => {
      const sequence = this.rows.length + 1
      const text = JSON.stringify(draft)
      this.#digest.update(text)
      const row: StoredEvent = {
        v: 1,
        type: draft.type,
        edgeId: this.#edgeId,
        epoch: this.epoch,
        sequence,
        lane: draft.lane,
        passageId: draft.passageId,
        occurredAt: draft.occurredAt,
        recordedAt: wallMs,
        bootId,
        monoMs: draft.monoMs,
        clockQuality: draft.clockQuality,
        captured: draft.captured,
        contingency: draft.contingency,
        previousHash: this.rows[sequence - 2]?.hash ?? firstPreviousHash,
        body: draft.body,
        hash: fingerprint(text, sequence),
      }
      this.rows.push(row)
      this.#texts.push(text)
      this.#index(row)
      this.onDurable(row)
      return row
    })
  }

  memoryOf(lane: string): LaneMemory {
    const { lastPassageNo, newestPassage, usedIds, lastMode } = this.#rowsOf(lane)
    const passage = newestPassage.map((row) => this.#asWritten(row))
    const hasEnded = passage.some((row) => row.type === 'passageEnded')
    return {
      lastPassageNo,
      openPassage: hasEnded ? [] : passage,
      endedPassage: hasEnded ? passage : [],
      usedIds: [...usedIds],
      lastMode,
    }
  }

  consumedOf(lanes: readonly string[], max: number): readonly StoredEvent[] {
    const used = this.#used.filter(({ lane }) => lane !== null && lanes.includes(lane))
    return used.slice(-max).map((row) => this.#asWritten(row))
  }

  #asWritten(row: StoredEvent): StoredEvent {
    return { ...row, ...(JSON.parse(this.#texts[row.sequence - 1] ?? '{}') as EventDraft) }
  }

  /** One text for everything that was ever recorded. */
  digest(): string {
    return this.#digest.copy().digest('hex')
  }

  #rowsOf(lane: string): LaneRows {
    let rows = this.#lanes.get(lane)
    if (!rows) {
      rows = { lastPassageNo: 0, newestPassage: [], usedIds: [], lastMode: null }
      this.#lanes.set(lane, rows)
    }
    return rows
  }

  #index(row: StoredEvent): void {
    if (row.type === 'consumed' || row.type === 'perhapsConsumed') this.#used.push(row)
    if (row.lane === null) return
    const lane = this.#rowsOf(row.lane)
    if (row.type === 'passageOpened') {
      lane.lastPassageNo = Math.max(lane.lastPassageNo, Number(row.body['passageNo']))
      lane.newestPassage = [row]
    } else if (row.passageId !== null && row.passageId === lane.newestPassage[0]?.passageId) {
      lane.newestPassage.push(row)
    }
    if (row.type === 'laneMode') lane.lastMode = row.body
    const used =
      row.type === 'verdictJudged'
        ? row.body['verdictId']
        : row.type === 'commandJudged'
          ? row.body['commandId']
          : null
    if (typeof used === 'string') {
      lane.usedIds.unshift(used)
      lane.usedIds.length = Math.min(lane.usedIds.length, 1_000)
    }
  }
}

/** Cheap and good enough to tell two contents apart; the real store has SHA-256. */
export function fingerprint(text: string, salt: number): string {
  let a = 0x811c9dc5 ^ salt
  for (let i = 0; i < text.length; i += 1) a = Math.imul(a ^ text.charCodeAt(i), 0x01000193)
  return (a >>> 0).toString(16).padStart(64, '0')
}

interface Batch {
  readonly drafts: readonly EventDraft[]
  readonly resolve: (rows: readonly StoredEvent[]) => void
  readonly reject: (error: Error) => void
}

export interface JournalOptions {
  /** A broken store that says "durable" before it is: only the checker's own tests set it. */
  readonly resolvesEarly?: boolean
}

/**
 * The journal and outbox of one life of the edge over the disk. What is ready when a transaction
 * begins goes into it; the next waits. A death in the middle leaves the transaction done or not
 * done, as chance will have it, and nobody is told.
 */
export class SimJournal implements Journal, Outbox {
  readonly epoch: string
  readonly bootId: string
  readonly #disk: SimDisk
  readonly #boot: Boot
  readonly #kernel: Kernel
  readonly #random: SeededRandom
  readonly #options: JournalOptions
  readonly #listeners = new Set<() => void>()
  #waiting: Batch[] = []
  #writing: readonly Batch[] | null = null

  constructor(disk: SimDisk, boot: Boot, kernel: Kernel, random: SeededRandom, options: JournalOptions = {}) {
    this.#disk = disk
    this.#boot = boot
    this.#kernel = kernel
    this.#random = random
    this.#options = options
    this.epoch = disk.epoch
    this.bootId = boot.id
  }

  append(drafts: readonly EventDraft[]): Promise<readonly StoredEvent[]> {
    this.#kernel.stir()
    return new Promise((resolve, reject) => {
      this.#waiting.push({ drafts, resolve, reject })
      if (!this.#writing) this.#write()
    })
  }

  memoryOf(lane: string): Promise<LaneMemory> {
    return this.#boot.later('journal.memory', 0.5, () => this.#disk.memoryOf(lane))
  }

  consumedOf(lanes: readonly string[], max: number): Promise<readonly StoredEvent[]> {
    return this.#boot.later('journal.consumed', 0.5, () => this.#disk.consumedOf(lanes, max))
  }

  async *read(afterSequence: number): AsyncIterable<StoredEvent> {
    for (const row of this.#disk.rows.slice(afterSequence)) yield await Promise.resolve(row)
  }

  probe(): Promise<void> {
    return this.#boot.later('journal.probe', this.#latencyMs(), () => {
      if (this.#disk.health.broken) throw notWritable()
    })
  }

  batch(afterSequence: number, maxEvents: number): Promise<readonly StoredEvent[]> {
    return this.#boot.later('outbox.batch', 0.2, () =>
      this.#disk.rows.slice(afterSequence, afterSequence + maxEvents),
    )
  }

  acknowledge(epoch: string, upTo: number): Promise<void> {
    if (epoch === this.epoch && upTo <= this.#disk.rows.length) {
      this.#disk.acknowledged = Math.max(this.#disk.acknowledged, upTo)
    }
    return Promise.resolve()
  }

  status(): OutboxStatus {
    const { acknowledged, rows } = this.#disk
    return { waiting: rows.length - acknowledged, lastSequence: rows.length, acknowledged }
  }

  onAppended(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The process dies: the transaction under way is kept or lost. */
  die(): void {
    if (!this.#writing || this.#disk.health.broken || !this.#random.chance(0.5)) return
    this.#commit(this.#writing)
  }

  #latencyMs(): number {
    const { fastestMs, slowestMs } = this.#disk.health
    return fastestMs + this.#random.next() * (slowestMs - fastestMs)
  }

  #write(): void {
    const batches = this.#waiting
    this.#waiting = []
    this.#writing = batches
    if (this.#options.resolvesEarly) for (const batch of batches) batch.resolve([])
    this.#boot.after('journal.commit', this.#latencyMs(), () => {
      this.#writing = null
      if (this.#disk.health.broken) for (const batch of batches) batch.reject(notWritable())
      else this.#finish(this.#commit(batches))
      if (this.#boot.alive && this.#waiting.length > 0) this.#write()
    })
  }

  /** Durable, but whoever waits for the word may have died in that instant. */
  #finish(answers: readonly (() => void)[]): void {
    for (const answer of answers) if (this.#boot.alive) answer()
  }

  #commit(batches: readonly Batch[]): (() => void)[] {
    const { wallMs } = this.#boot.now()
    const answers = batches.map((batch) => {
      const rows = this.#disk.commit(batch.drafts, this.bootId, wallMs)
      return () => {
        batch.resolve(rows)
      }
    })
    for (const listener of this.#listeners) if (this.#boot.alive) listener()
    return answers
  }
}

function notWritable(): LanekeeperError {
  return new LanekeeperError('journal.notWritable', 'the journal cannot be written')
}
