import type {
  BlacklistEntry,
  CargoListName,
  ControlOrder,
  ListEntry,
  ListName,
  TagEntry,
  VehicleEntry,
} from '../messages/entities.js'
import type { ListDelta, ListHead } from '../messages/down.js'
import type { HoldJudge } from '../messages/trust/holds.js'
import type { Result } from '../base/result.js'

/** A list in force. */
export interface ListInForce {
  readonly list: ListName
  readonly version: number
  readonly contentHash: string
  readonly count: number
  /** UTC ms when the gateway last said that this is its newest version; null: never. */
  readonly confirmedAt: number | null
}

/** The beginning of a full list, in the order of the hash tree (edge/messages/list-hash.ts). */
export interface StagedList {
  readonly head: ListHead
  /** Key of the last entry that is here. */
  readonly afterKey: string
  /** Entries that are here, at least 1. */
  readonly count: number
}

/** What the cached lists say about one tag or plate. `unknown`: the list itself is not there. */
export interface IdentityFacts {
  readonly tag: TagEntry | null | 'unknown'
  readonly vehicle: VehicleEntry | null | 'unknown'
}

/** Orders and blacklist, held in memory so that a decision needs no wait. */
export interface ControlIndex {
  /** Every order on one of the keys, effective or not; `unknown` while the list was never complete. */
  ordersOn(keys: readonly SubjectKey[]): readonly ControlOrder[] | 'unknown'
  blacklistOn(keys: readonly SubjectKey[]): readonly BlacklistEntry[] | 'unknown'
}

/** A list that is held in memory as well, so that the second look before a command needs no wait. */
export type ControlListName = 'orders' | 'blacklist'

/**
 * The memory behind a {@link ControlIndex}, handed to the list store, which keeps it equal to what
 * is in force: it is changed only after the new version is durable.
 */
export interface ControlMemory extends ControlIndex {
  /**
   * Takes the whole next content of a list, entry by entry, while the present one goes on answering:
   * a hundred thousand in one go would hold every lane up. `use` puts it into force in one step.
   */
  fill(list: ControlListName): ControlFill
  /** Adds or changes one entry of a complete list. */
  upsert(entry: ControlOrder | BlacklistEntry): boolean
  /** Takes out the entry with this list key. */
  delete(list: ControlListName, key: string): boolean
  /** The list is not there, or can no longer be believed: it answers `unknown`. */
  forget(list: ControlListName): void
  /** URL of the module whose `openPacker` ({@link OpenPacker}) packs a long list in another thread. */
  readonly packerModule: string
  /** What such a thread packed, as if every entry had been put here. */
  adopt(packed: PackedControl): ControlFill
}

export type OpenPacker = (list: ControlListName) => Pick<ControlFill, 'putText'> & {
  /** All that was put. Nothing is put afterwards: the memory goes with it. */
  pack(): PackedControl
}

/** A list on its way from one thread to another; the buffers change hands and are not copied. */
export interface PackedControl {
  readonly list: ControlListName
  readonly content: unknown
  readonly buffers: readonly ArrayBuffer[]
}

export interface ControlFill {
  /** False, and nothing done, for an entry of another list. */
  put(entry: ControlOrder | BlacklistEntry): boolean
  /** The same of an entry as canonical JSON, which is how it is stored. Throws for a text that is none. */
  putText(text: string): boolean
  use(): void
}

export interface SubjectKey {
  readonly kind: ControlOrder['subject']['kind']
  readonly key: string
}

export interface ListStore extends ControlIndex {
  inForce(): readonly ListInForce[]
  factsOfTag(epc: string): Promise<IdentityFacts>
  /** The vehicle that may show this plate (normalised text), and its tag if it has one. */
  factsOfPlate(plate: string): Promise<IdentityFacts>
  /**
   * Entries of a list about driver or load, sorted by list key: by `'key'`, or by a name that
   * `lookNames` (edge/messages/list-looks.ts) has for that list. `unknown`: the list is not there or
   * cannot be read, has no such name, or more than `findMax` values or entries: half an answer is none.
   */
  find(list: CargoListName, by: string, values: readonly string[]): Promise<readonly ListEntry[] | 'unknown'>
  /**
   * A delta on exactly the version and hash in force, or a reason why not (law 6). With `judge` no hold of orders or
   * blacklist goes or grows weaker that it does not let; absent: nobody is known who could prove it.
   */
  applyDelta(delta: ListDelta, judge?: HoldJudge): Promise<Result<ListInForce>>
  /**
   * Stages, checks count and hash against the head, and switches in one transaction. Refused with the reason
   * `listIncomplete` the content broke off: what came stays, also over a restart, and `staged` says how far.
   * With `afterKey` the entries go on after that key of what is staged. `judge` as for a delta.
   */
  applyFull(
    head: ListHead,
    entries: AsyncIterable<ListEntry>,
    afterKey?: string,
    judge?: HoldJudge,
  ): Promise<Result<ListInForce>>
  /** What lies here of a full list that broke off, and is of a newer version than any that was in force. */
  staged(list: ListName): Promise<StagedList | null>
  /** The gateway named this head as its newest at `atMs`. */
  confirm(head: ListHead, atMs: number): Promise<void>
  /** Called after each switch; returns how to stop. */
  onSwitched(listener: (list: ListInForce) => void): () => void
}
