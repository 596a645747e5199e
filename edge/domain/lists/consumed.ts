import type { EventBody } from '../../messages/events.js'
import type {
  DeclarationEntry,
  FitnessEntry,
  ReleaseEntry,
  TripEntry,
} from '../../messages/cargo-entities.js'
import type { ListEntry } from '../../messages/entities.js'
import type { CargoFacts, Fact } from '../decision/cargo.js'

/** What one crossing uses up: nothing of it may serve another. */
export type Consumption = Pick<
  EventBody<'consumed'>,
  | 'tripId'
  | 'declarationNos'
  | 'releaseIds'
  | 'certificateNos'
  | 'sealIds'
  | 'containers'
  | 'receiptId'
  | 'usesLeft'
>

/** Kinds of things that are remembered by name until the lists show them used. */
export const usedKinds = ['trip', 'declaration', 'release', 'certificate', 'receipt'] as const
export type UsedKind = (typeof usedKinds)[number]

export interface ConsumedLimits {
  /** Things remembered of each kind. Past it nothing can be excluded, and loads wait for a person. */
  readonly ofKindMax: number
}

export const defaultConsumedLimits: ConsumedLimits = { ofKindMax: 50_000 }

/**
 * What the lanes of one edge have used up and the lists do not show yet, at once for all of them, with the
 * gateway away as well; and what a vehicle that is on its way uses, so that no second one goes by the same
 * paper beside it. Lost with the process, and filled again from the journal at start.
 */
export class ConsumedBoard {
  readonly #limits: ConsumedLimits
  /** When each thing was used up, UTC ms. A seal may be read again: the trip that it was on cannot be used. */
  readonly #used: Readonly<Record<UsedKind, Map<string, number>>> = {
    trip: new Map(),
    declaration: new Map(),
    release: new Map(),
    certificate: new Map(),
    receipt: new Map(),
  }
  /** Uses that a release has left at most, whatever its list says: what it had, less what was used here. */
  readonly #left = new Map<string, number>()
  /** By passage under way. */
  readonly #reserved = new Map<string, { readonly what: Consumption; readonly atMs: number }>()
  #overflow = false

  constructor(limits: Partial<ConsumedLimits> = {}) {
    this.#limits = { ...defaultConsumedLimits, ...limits }
  }

  /** Whether more was used up than could be remembered. */
  get overflow(): boolean {
    return this.#overflow
  }

  get size(): number {
    return usedKinds.reduce((sum, kind) => sum + this.#used[kind].size, 0)
  }

  /** A crossing used this up, at `atMs` UTC. */
  consume(what: Consumption, atMs: number): void {
    if (what.tripId !== null) this.#note('trip', what.tripId, atMs)
    if (what.receiptId !== null) this.#note('receipt', what.receiptId, atMs)
    for (const no of what.declarationNos) this.#note('declaration', no, atMs)
    for (const no of what.certificateNos) this.#note('certificate', no, atMs)
    for (const id of what.releaseIds) {
      this.#note('release', id, atMs)
      const had = this.#left.get(id) ?? (Object.hasOwn(what.usesLeft ?? {}, id) ? what.usesLeft?.[id] : 1)
      this.#left.set(id, Math.max(0, (had ?? 1) - 1))
    }
  }

  /** The passage under way uses this, since `atMs` UTC; null: it uses nothing, or is over. */
  reserve(passageId: string, what: Consumption | null, atMs = 0): void {
    if (what === null) this.#reserved.delete(passageId)
    else if (!this.#reserved.has(passageId)) this.#reserved.set(passageId, { what, atMs })
  }

  /** The facts of a passage as they are with everything that others have used, or are using, taken out. */
  overlay(passageId: string, facts: CargoFacts): CargoFacts {
    const others = this.#others(passageId)
    if (this.#overflow) return { ...facts, trip: unlessMissing(facts.trip), releases: 'unknown' }
    if (this.size === 0 && others.length === 0) return facts
    const isUsed = (kind: UsedKind, id: string, of: (what: Consumption) => readonly string[]): boolean =>
      this.#used[kind].has(id) || others.some(({ what }) => of(what).includes(id))
    const isSpent = ({ declarationNo: no }: DeclarationEntry) =>
      isUsed('declaration', no, (what) => what.declarationNos)
    const isUsedUp = ({ certificateNo: no }: FitnessEntry) =>
      isUsed('certificate', no, (what) => what.certificateNos)
    return {
      ...facts,
      trip: mapped(facts.trip, (trip) => this.tripNow(passageId, trip)),
      declarations: eachOf(facts.declarations, (entry) =>
        isSpent(entry) ? { ...entry, state: 'CROSSED' } : entry,
      ),
      releases:
        facts.releases === 'unknown'
          ? facts.releases
          : facts.releases.map((release) => this.#leftOf(release, others)),
      fitness: eachOf(facts.fitness, (entry) => (isUsedUp(entry) ? { ...entry, used: true } : entry)),
    }
  }

  /** The trip with the time of its crossing, where the list does not have it yet. */
  tripNow(passageId: string, trip: TripEntry): TripEntry {
    if (trip.crossedAt !== undefined) return trip
    const busy = this.#others(passageId).find(({ what }) => what.tripId === trip.tripId)
    const atMs = this.#used.trip.get(trip.tripId) ?? busy?.atMs
    return atMs === undefined ? trip : { ...trip, crossedAt: Math.round(atMs) }
  }

  /** Whether a receipt stands used by another passage, or may. */
  isReceiptUsed(passageId: string, receiptId: string): boolean {
    if (this.#overflow || this.#used.receipt.has(receiptId)) return true
    return this.#others(passageId).some(({ what }) => what.receiptId === receiptId)
  }

  /** Names of what is remembered of a kind, oldest first, at most so many. */
  remembered(kind: UsedKind, max: number): readonly string[] {
    return [...this.#used[kind].keys()].slice(0, max)
  }

  /** Puts what a sweep looked at, and the list does not show yet, behind everything else. */
  keep(kind: UsedKind, id: string): void {
    const atMs = this.#used[kind].get(id)
    if (atMs === undefined) return
    this.#used[kind].delete(id)
    this.#used[kind].set(id, atMs)
  }

  /** The list itself says now that it is used up, or has it no more. */
  forget(kind: UsedKind, id: string): void {
    this.#used[kind].delete(id)
    if (kind === 'release') this.#left.delete(id)
  }

  /** Whether an entry shows by itself what is remembered of it. */
  isShown(entry: ListEntry): boolean {
    switch (entry.kind) {
      case 'trip':
        return entry.crossedAt !== undefined
      case 'declaration':
        return entry.state === 'CROSSED'
      case 'release':
        return entry.state !== 'ACTIVE' || entry.usesLeft <= (this.#left.get(entry.releaseId) ?? 0)
      case 'fitness':
        return entry.used
      default:
        return false
    }
  }

  #others(passageId: string) {
    return [...this.#reserved].flatMap(([id, one]) => (id === passageId ? [] : [one]))
  }

  #leftOf(release: ReleaseEntry, others: readonly { readonly what: Consumption }[]): ReleaseEntry {
    const { releaseId, usesLeft: listed, state } = release
    const remembered = Math.min(listed, this.#left.get(releaseId) ?? listed)
    const busy = others.filter(({ what }) => what.releaseIds.includes(releaseId)).length
    const usesLeft = Math.max(0, remembered - busy)
    if (usesLeft === listed) return release
    return { ...release, usesLeft, state: usesLeft === 0 && state === 'ACTIVE' ? 'CONSUMED' : state }
  }

  #note(kind: UsedKind, id: string, atMs: number): void {
    const used = this.#used[kind]
    if (!used.has(id) && used.size >= this.#limits.ofKindMax) this.#overflow = true
    else used.set(id, atMs)
  }
}

function mapped<T extends object>(fact: Fact<T>, change: (entry: T) => T): Fact<T> {
  return fact === null || fact === 'unknown' ? fact : change(fact)
}

function eachOf<T extends object>(
  facts: Readonly<Record<string, Fact<T>>>,
  change: (entry: T) => T,
): Readonly<Record<string, Fact<T>>> {
  return Object.fromEntries(Object.entries(facts).map(([key, fact]) => [key, mapped(fact, change)]))
}

function unlessMissing<T extends object>(fact: Fact<T>): Fact<T> {
  return fact === null ? null : 'unknown'
}
