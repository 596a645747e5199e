import type { FaultCode } from '../../edge/base/fault.js'
import type { ListHead } from '../../edge/messages/down.js'
import { judge, type Judgement, type KnownEvent, type PoisonWhy } from '../domain/judge.js'
import { advance, type Link } from '../domain/sequence.js'
import type { Sql } from '../store/database.js'
import { hashesAt, highestStored, insertEvents, rawEvents, type HighestStored } from '../store/events.js'
import { freshMark, type Mark, type Memory } from '../store/memory.js'
import { isRemoved, isSkipped, quarantine, saveMarks, saveSkip } from '../store/records.js'
import type { Committed, Offered } from './inbox.js'
import { Overlay, type Does } from './overlay.js'

/** Places beyond the mark that may be taken; an edge has a window of some hundreds under way at most. */
export const aheadMax = 10_000

/** An edge with a new database has a new epoch; so many are a broken edge, not a long life. */
export const epochsMax = 256

/** The same unreadable bytes, sent this often while only one place is missing, are that place's. */
const triesUntilSkipped = 3

type EventJudgement = Judgement & { readonly is: 'event' }
type PoisonJudgement = Judgement & { readonly is: 'poison' }

/** Messages of one epoch in this batch. */
interface Epoch {
  readonly mark: Mark
  readonly isNew: boolean
  /** First of each place; a second one is judged as a duplicate. */
  readonly fresh: Map<number, EventJudgement>
  readonly again: EventJudgement[]
  readonly skipped: Set<number>
}

/** Something a person should see; it is shown for a while after it last happened. */
export interface Notice {
  readonly code: FaultCode
  readonly source: string
  readonly detail: string
}

export interface BatchGiven extends Does {
  readonly sql: Sql
  readonly memory: Memory
  readonly nowMs: number
}

/** Stores one batch of messages inside a transaction; memory is told only after the commit. */
export class Batch {
  readonly counts = {
    stored: 0,
    duplicates: 0,
    poison: 0,
    reused: 0,
    chainBroken: 0,
    tooFarAhead: 0,
    unknownBodies: 0,
  }
  readonly notices: Notice[] = []
  readonly #given: BatchGiven
  readonly #overlay: Overlay
  readonly #epochs = new Map<string, Epoch>()
  readonly #marks: Mark[] = []
  #highest: readonly HighestStored[] = []
  #heads: readonly ListHead[] = []

  constructor(given: BatchGiven) {
    this.#given = given
    this.#overlay = new Overlay(given.sql, given.memory)
  }

  /** What the commit changed; meaningful after {@link store}. */
  outcome(): Committed {
    return {
      marks: this.#marks,
      highest: this.#highest,
      passages: this.#overlay.passages(),
      escalations: this.#overlay.escalations(),
      heads: this.#heads,
    }
  }

  async store(items: readonly Offered[]): Promise<void> {
    for (const { edgeId, judgement } of items) {
      if (judgement.is === 'event') await this.#sort(edgeId, judgement)
    }
    for (const { edgeId, judgement } of items) {
      if (judgement.is === 'poison') await this.#keepPoison(edgeId, judgement)
    }
    await this.#insert()
    for (const epoch of this.#epochs.values()) {
      await this.#judgeAgain(epoch)
      await this.#advance(epoch)
    }
    await saveMarks(this.#given.sql, this.#marks)
    this.#highest = await highestStored(
      this.#given.sql,
      [...this.#epochs.values()].map((epoch) => epoch.mark),
    )
    this.#heads = await this.#overlay.save(this.#given)
  }

  async #sort(edgeId: string, judgement: EventJudgement): Promise<void> {
    const { epoch: name, sequence } = judgement.event
    const epoch = this.#epochOf(edgeId, name)
    if (!epoch) {
      await this.#quarantine(edgeId, 'tooManyEpochs', null, judgement.event.hash, null)
      this.counts.poison += 1
    } else if (sequence <= epoch.mark.upTo || epoch.mark.ahead.has(sequence) || epoch.fresh.has(sequence)) {
      epoch.again.push(judgement)
    } else if (sequence > epoch.mark.upTo + aheadMax) {
      this.counts.tooFarAhead += 1
    } else {
      epoch.fresh.set(sequence, judgement)
    }
  }

  #epochOf(edgeId: string, name: string): Epoch | undefined {
    const key = `${edgeId}/${name}`
    const open = this.#epochs.get(key)
    if (open) return open
    const { memory, nowMs } = this.#given
    const known = memory.mark(edgeId, name)
    const orderNo = Math.max(
      memory.newestMark(edgeId)?.orderNo ?? 0,
      ...[...this.#epochs.values()]
        .filter((one) => one.mark.edgeId === edgeId)
        .map((one) => one.mark.orderNo),
    )
    if (!known && orderNo >= epochsMax) return undefined
    const mark = known ?? freshMark(edgeId, name, orderNo + 1, nowMs)
    const epoch: Epoch = { mark, isNew: !known, fresh: new Map(), again: [], skipped: new Set() }
    this.#epochs.set(key, epoch)
    return epoch
  }

  async #keepPoison(edgeId: string, poison: PoisonJudgement): Promise<void> {
    this.counts.poison += 1
    const tries = await this.#quarantine(edgeId, poison.why, poison.place, poison.sha, poison.bytes)
    if (poison.place) {
      const epoch = this.#epochOf(edgeId, poison.place.epoch)
      if (epoch) await this.#skip(epoch, poison.place.sequence)
    } else if (tries >= triesUntilSkipped) {
      await this.#skipOnlyGap(edgeId)
    }
  }

  /** Bytes that tell no place belong where the one missing event should be, if there is just one. */
  async #skipOnlyGap(edgeId: string): Promise<void> {
    const newest = this.#given.memory.newestMark(edgeId)
    const epoch = newest && this.#epochOf(edgeId, newest.epoch)
    if (!epoch) return
    const missing = epoch.mark.upTo + 1
    const isTaken = (place: number) => epoch.mark.ahead.has(place) || epoch.fresh.has(place)
    if (!isTaken(missing) && isTaken(missing + 1)) await this.#skip(epoch, missing)
  }

  async #skip(epoch: Epoch, sequence: number): Promise<void> {
    const { mark, fresh, skipped } = epoch
    const taken = sequence <= mark.upTo || mark.ahead.has(sequence) || fresh.has(sequence)
    if (taken || sequence > mark.upTo + aheadMax) return
    skipped.add(sequence)
    await saveSkip(this.#given.sql, mark.edgeId, mark.epoch, sequence, this.#given.nowMs)
  }

  async #insert(): Promise<void> {
    const rows = [...this.#epochs.values()].flatMap((epoch) =>
      [...epoch.fresh.values()].map(({ event, raw, known }) => ({ event, raw, bodyOk: known !== null })),
    )
    this.counts.stored += rows.length
    this.counts.unknownBodies += rows.filter((row) => !row.bodyOk).length
    await insertEvents(this.#given.sql, rows, this.#given.nowMs)
  }

  /** The same key again: the same event costs nothing; another one is kept apart and never overwrites. */
  async #judgeAgain(epoch: Epoch): Promise<void> {
    if (epoch.again.length === 0) return
    const { edgeId, epoch: name } = epoch.mark
    const sequences = epoch.again.map((one) => one.event.sequence)
    const stored = await hashesAt(this.#given.sql, edgeId, name, sequences)
    for (const { event, raw, known } of epoch.again) {
      const hash = stored.get(event.sequence)
      if (hash === undefined && (await this.#isMissed(edgeId, name, event.sequence))) {
        // Here is the event after all: kept, too late to be told.
        await insertEvents(this.#given.sql, [{ event, raw, bodyOk: known !== null }], this.#given.nowMs)
        stored.set(event.sequence, event.hash)
        this.counts.stored += 1
        continue
      }
      if (hash === undefined || hash === event.hash) {
        this.counts.duplicates += 1
        continue
      }
      this.counts.reused += 1
      const place = { epoch: name, sequence: event.sequence }
      await this.#quarantine(edgeId, 'sequenceReused', place, event.hash, new TextEncoder().encode(raw))
    }
  }

  /** The mark is beyond this place, and yet it is empty: given up for poison, or lost by a damaged store. */
  async #isMissed(edgeId: string, epoch: string, sequence: number): Promise<boolean> {
    const { sql } = this.#given
    if (await isSkipped(sql, edgeId, epoch, sequence)) return true
    return !(await isRemoved(sql, edgeId, epoch, sequence))
  }

  async #advance(epoch: Epoch): Promise<void> {
    const { mark, fresh, skipped } = epoch
    const { nowMs } = this.#given
    const taken = [...fresh.keys(), ...skipped]
    if (taken.length === 0) return
    const waiting = await this.#waiting(epoch)
    const at = (sequence: number) => fresh.get(sequence) ?? waiting.get(sequence)
    const link = (sequence: number): Link | null => at(sequence)?.event ?? null
    const { upTo, lastHash, ahead, passed, broken } = advance(mark, link, taken)
    const moved: Mark = { ...mark, upTo, lastHash, ahead, lastAt: nowMs }
    this.#marks.push(moved)
    if (epoch.isNew) this.#overlay.endOtherEpochs(mark.edgeId, mark.epoch, nowMs)
    for (const sequence of broken) await this.#reportBreak(mark, sequence, at(sequence)?.event.hash ?? '')
    const known = passed.map((sequence) => at(sequence)?.known).filter((one): one is KnownEvent => !!one)
    await this.#overlay.apply(known)
  }

  /** Events stored earlier beyond the mark that this batch may join to it. */
  async #waiting({ mark, fresh, skipped }: Epoch): Promise<Map<number, EventJudgement>> {
    const found = new Map<number, EventJudgement>()
    const next = mark.upTo + 1
    if (mark.ahead.size === 0 || !(fresh.has(next) || skipped.has(next))) return found
    const rows = await rawEvents(this.#given.sql, mark.edgeId, mark.epoch, mark.upTo, aheadMax)
    for (const { sequence, raw } of rows) {
      if (fresh.has(sequence)) continue
      const judgement = judge(mark.edgeId, new TextEncoder().encode(raw))
      if (judgement.is === 'event') found.set(sequence, judgement)
    }
    return found
  }

  async #reportBreak(mark: Mark, sequence: number, hash: string): Promise<void> {
    this.counts.chainBroken += 1
    const place = { epoch: mark.epoch, sequence }
    await this.#quarantine(mark.edgeId, 'chainBroken', place, hash, null)
  }

  async #quarantine(
    edgeId: string,
    why: PoisonWhy | 'tooManyEpochs' | 'sequenceReused' | 'chainBroken',
    place: { readonly epoch: string; readonly sequence: number } | null,
    sha: string,
    bytes: Uint8Array | null,
  ): Promise<number> {
    const code = why === 'chainBroken' ? 'gateway.chainBroken' : 'gateway.eventQuarantined'
    const where = place ? ` at ${place.epoch}/${place.sequence}` : ''
    this.notices.push({ code, source: edgeId, detail: `${why}${where}` })
    const { epoch = null, sequence = null } = place ?? {}
    return quarantine(this.#given.sql, { edgeId, epoch, sequence, why, sha, bytes }, this.#given.nowMs)
  }
}
