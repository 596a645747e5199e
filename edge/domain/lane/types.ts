import type { ClockQuality, Instant } from '../../base/clock.js'
import type { FaultChange } from '../../base/fault.js'
import type {
  LaneSignals,
  Light,
  RaiseCommand,
  RaiseOutcome,
  SprayCommand,
} from '../../interfaces/barrier.js'
import type { StoredEvent } from '../../interfaces/journal.js'
import type { ControlIndex, IdentityFacts } from '../../interfaces/list-store.js'
import type { Read } from '../../interfaces/reader.js'
import type { CargoFacts } from '../decision/cargo.js'
import type { ConsumedBoard } from '../lists/consumed.js'
import type { Command, LaneMode, Verdict } from '../../messages/down.js'
import type {
  DecisionPolicy,
  Direction,
  LaneProfile,
  ListUsed,
  TagElsewhere,
  Tri,
} from '../decision/types.js'

/** The part of the configuration that one lane's behaviour rests on. */
export interface LaneSettings {
  readonly id: string
  /**
   * Unique for edge, epoch and lane, e.g. `edge-1.k3f9.lane-1`. A passage is `<prefix>.<no>`, and what
   * belongs to it `<passage>.d1` (decision), `.e1` (escalation), `.r1` (raise command).
   */
  readonly idPrefix: string
  readonly direction: Direction
  readonly profile: LaneProfile
  readonly decision: DecisionPolicy
  readonly timing: LaneTiming
  /** Absent: the defaults of disinfect-fee.ts. */
  readonly disinfection?: DisinfectionSettings
  /** Absent: the defaults of mode-settings.ts. */
  readonly modes?: ModeSettings
  /** Mode after the very first start; later starts take the newest recorded one. */
  readonly initialMode: LaneMode
  /** Where vehicles are inspected; absent: the board says no more than the inspection area. */
  readonly bays?: readonly Bay[]
  /** Sources whose faults take this lane out of automatic release (its readers, its barrier). */
  readonly requiredDevices: readonly string[]
}

/** A numbered place where held vehicles are inspected. */
export interface Bay {
  readonly id: string
  /** As it stands on the board at the bay. */
  readonly name: Readonly<Record<'zh-CN' | 'en', string>>
  /** Codes of the reasons that it serves; absent: any. */
  readonly reasons?: readonly string[]
}

/** Bounds of what people may do past the rules; all configuration. */
export interface ModeSettings {
  /** No emergency opening lasts longer. */
  readonly emergencyMaxMs: number
  /** So many manual releases within the time are reported (`lane.manualOften`). */
  readonly manualOftenCount: number
  readonly manualOftenWithinMs: number
}

/** How vehicles are disinfected at the line, and what it costs; all configuration. */
export interface DisinfectionSettings {
  /** Shorter, it does not count. */
  readonly minSeconds: number
  /** Nobody may be near; until then it is waited, and then a person is called. */
  readonly peopleClearWithinMs: number
  /** The PLC's word of its end may be so much later than the end. */
  readonly finishWithinMs: number
  /** For each twenty feet of containers. */
  readonly feePerTeuFen: number
  /** For a vehicle without one; above 8 t, where it was weighed, double. */
  readonly feePerVehicleFen: number
}

/** Milliseconds, all configuration. */
export interface LaneTiming {
  /** Least time from the entry loop to a decision (law 3). */
  readonly collectMs: number
  /**
   * How long to wait for a plate before a decision, counted from the loop, so that a tag on another
   * vehicle is seen before the bar is up; 0: the lane has no camera.
   */
  readonly plateWithinMs: number
  /** Reads this long before the loop still belong to the vehicle. */
  readonly approachMs: number
  readonly departedAfterMs: number
  /** A raise that shows no movement by then has failed. */
  readonly raiseWithinMs: number
  /** A released vehicle that has not moved by then is looked at again. */
  readonly crossWithinMs: number
  /** A loop that stays occupied longer without a passage to explain it is stuck. */
  readonly loopStuckMs: number
  /** Late reads after the passage ended still belong to it for this long. */
  readonly afterglowMs: number
  /** PLC ticks a raise request lives. */
  readonly leaseTicks: number
  readonly escalationDeadlineMs: number
  /** How long the levels above the first have to answer; absent: 180,000. */
  readonly escalationHigherMs?: number
}

export type LookupKey = { readonly kind: 'tag' | 'plate'; readonly key: string }
/** Everything about driver and load in one question: `key` is its canonical JSON (`CargoAsk`). */
export interface CargoLookup {
  readonly kind: 'cargo'
  readonly key: string
}

/** Everything that can happen to a lane. */
export type LaneEvent =
  /** Always the first event: what the journal remembers (law 4: nothing is re-sent from it). */
  | { readonly on: 'started'; readonly memory: LaneRecovery }
  | { readonly on: 'read'; readonly read: Read }
  | { readonly on: 'signals'; readonly signals: LaneSignals }
  | { readonly on: 'facts'; readonly of: LookupKey; readonly facts: IdentityFacts }
  /** What the lists say of driver and load; `key` is that of the lookup. */
  | { readonly on: 'cargoFacts'; readonly key: string; readonly facts: CargoFacts }
  /** The events of this lane's previous step are durable. */
  | { readonly on: 'recorded' }
  /** They are not, and nothing of that step was done. */
  | { readonly on: 'notRecorded'; readonly detail: string }
  /** A durable write works again. */
  | { readonly on: 'recordable' }
  | { readonly on: 'raiseAnswered'; readonly commandId: string; readonly outcome: RaiseOutcome }
  | { readonly on: 'verdict'; readonly verdict: Verdict; readonly retained: boolean }
  | { readonly on: 'command'; readonly command: Command; readonly retained: boolean }
  | { readonly on: 'fault'; readonly change: FaultChange }
  | { readonly on: 'listsSwitched' }
  | { readonly on: 'tick' }

export interface LaneRecovery {
  readonly lastPassageNo: number
  readonly openPassage: readonly StoredEvent[]
  readonly endedPassage: readonly StoredEvent[]
  /** Newest first, as the journal gives them. */
  readonly usedIds: readonly string[]
  readonly lastMode: Readonly<Record<string, unknown>> | null
}

/** One line for the journal; the runner adds the envelope. */
export interface LaneRecord {
  readonly type: string
  readonly passageId: string | null
  readonly captured: 'auto' | 'manual' | 'backoffice'
  /** Of an emergency opening: it stands on the review list. */
  readonly contingency: boolean
  readonly body: Readonly<Record<string, unknown>>
}

/**
 * What a step wants done, in this order. All `record` effects of a step are one transaction and
 * come first; if it fails none of the others is done and the lane is told `notRecorded`.
 */
export type LaneEffect =
  | { readonly do: 'record'; readonly record: LaneRecord }
  | { readonly do: 'lookup'; readonly of: LookupKey | CargoLookup }
  | { readonly do: 'raise'; readonly command: RaiseCommand }
  /** Answered by `raiseAnswered` with its command id, as a raise is. */
  | { readonly do: 'spray'; readonly command: SprayCommand }
  /** Prompt is a key of the text catalogue. */
  | { readonly do: 'guide'; readonly light: Light; readonly prompt: string; readonly bay?: Bay }
  | { readonly do: 'fault'; readonly change: FaultChange }
  | {
      readonly do: 'answer'
      readonly to: string
      readonly result: 'accepted' | 'refused'
      readonly why: string | null
    }

/** The process image a step may look at: taken once per event, constant during it. */
export interface LaneView {
  readonly now: Instant & { readonly clockQuality: ClockQuality }
  readonly settings: LaneSettings
  readonly control: ControlIndex
  readonly lists: readonly ListUsed[]
  /** How long the newest orders are still waited for after a connection, in milliseconds; absent or 0: not. */
  readonly resyncLeftMs?: number
  /** What the other lanes of this edge heard of a tag. */
  elsewhere(epc: string): readonly TagElsewhere[]
  /** Up, down or unknown, by source id. */
  readonly devices: Readonly<Record<string, Tri>>
  readonly rulesetVersion: string
  readonly configHash: string
  /** Reads of this lane that its mailbox shed since the process started; absent: none. */
  readonly readsShed?: number
  /** Findings of devices that found no room on their way to the lane since then; absent: none. */
  readonly sensedShed?: number
  /** What the lanes of this edge have used up, or are using; absent: nothing. */
  readonly consumed?: Pick<ConsumedBoard, 'overlay' | 'isReceiptUsed'>
  /**
   * What has come in and waits behind this event, oldest first: a slow disk must not hide it from
   * the second look. Absent: nothing waits.
   */
  waiting?(): readonly LaneEvent[]
}
