import type { ClockQuality } from '../../base/clock.js'
import type { BlacklistEntry, ControlOrder, Plate, TagEntry, VehicleEntry } from '../../messages/entities.js'
import type { CargoFacts, CargoObservations, CargoPolicy, Need } from './cargo.js'
import type { LaneMode } from '../../messages/down.js'
import type { ClassChanges } from '../../messages/ruleset.js'

/** Three-valued truth. Unknown is never release (law 3). */
export type Tri = true | false | 'unknown'

/** The lane's own judgement. A person's answer is a verdict, and is another thing. */
export type Outcome = 'release' | 'disinfect' | 'hold' | 'lock' | 'escalate'

export type Direction = 'in' | 'out'
export type LaneKind = 'CAR' | 'COACH' | 'TRUCK'
/** Which clearance the lane gives: road in and out; seaport gate in (towards the ship) and out (to the country). */
export type Crossing = 'RI' | 'RO' | 'SI' | 'SO'
/** L laden, E empty container, V no container or box. Unknown is a value. */
export type Load = 'L' | 'E' | 'V' | 'unknown'

/** What must be positively known before the lane may release (default deny). */
export interface LaneProfile {
  readonly name: string
  readonly crossing: Crossing
  readonly laneKind: LaneKind
  /** `tag`: a tag is needed; `tagOrPlate`: a plate with enough confidence will do (row 8). */
  readonly identifyBy: 'tag' | 'tagOrPlate'
  /** A plate must have been read as well, and be the vehicle's. */
  readonly plateRequired: boolean
  /** What the lane takes as the load where nothing tells it. */
  readonly assumedLoad: Load
  /** What must be positively known beside the vehicle; absent: nothing more. */
  readonly needs?: readonly Need[]
  /** Goods in wood packing may not use it (row 47). */
  readonly noWood?: true
  /** Every empty container is opened and looked into (row 46). */
  readonly opensEmpties?: true
}

/** Thresholds; every number is configuration with the table's default (domain.md 6.5). */
export interface DecisionPolicy {
  /** T_id: nothing identified by then escalates. */
  readonly identifyWithinMs: number
  readonly rereadForMs: number
  readonly plateConfidenceMin: number
  /**
   * A tag alone identifies a vehicle when it was read so often (row 14); a plate beside it makes one read
   * enough. Absent: 1, for readers that report each tag once.
   */
  readonly tagReadsMin?: number
  /** Misses of a tag that should be there, in a row, before a card check (row 8). */
  readonly tagMissesMax: number
  readonly impossibleTravelMs: number
  /** T_stale of orders and blacklist, and of the lists about driver and load, by load. */
  readonly ordersStaleLadenMs: number
  readonly ordersStaleOtherMs: number
  /** T_stale of the registries (tags, vehicles). */
  readonly registryStaleMs: number
  readonly sampleTagsMax: number
  /** Absent: the table's numbers. */
  readonly cargo?: CargoPolicy
  /** Other numbers for vehicles of companies of a class (`policy-class.ts`); absent: none. */
  readonly byClass?: ClassChanges
}

/** A tag as this passage heard it, smoothed. */
export interface TagObservation {
  readonly epc: string
  readonly tid: string | null
  /** A second TID under this EPC in this passage: one of the two tags is a copy. */
  readonly otherTid?: string
  readonly readerIds: readonly string[]
  readonly antennas: readonly string[]
  readonly count: number
  readonly bestRssiDbm: number | null
  /** Milliseconds from the opening of the passage; negative: heard before. */
  readonly firstHeardMs: number
  readonly lastHeardMs: number
  readonly presence: 'glimpsed' | 'present' | 'departed'
  /** Whose tag it is, after arbitration with the neighbour lanes. */
  readonly claim: 'mine' | 'neighbour' | 'ambiguous'
  /** The same tag in another lane, if it was heard there: the evidence the claim rests on. */
  readonly elsewhere: readonly TagElsewhere[]
}

export interface TagElsewhere {
  readonly lane: string
  readonly count: number
  readonly bestRssiDbm: number | null
  readonly lastHeardAgoMs: number
  /** How long the other lane's entry loop has been occupied; null: it is not. */
  readonly loopOccupiedForMs: number | null
  /** The tag belonged to a passage of that lane that was released or cleared this long ago. */
  readonly passedAgoMs: number | null
}

export interface PlateObservation {
  readonly plate: Plate
  readonly confidence: number
  readonly readerId: string
  readonly heardMs: number
}

/** What the lane itself senses. */
export interface LaneObservation {
  readonly entryLoop: 'occupied' | 'clear' | 'unknown'
  readonly exitLoop: 'occupied' | 'clear' | 'unknown'
  readonly barrier: 'raised' | 'lowered' | 'moving' | 'blocked' | 'unknown'
  /** Row 3: two vehicles, tail-gating, reversing into an open passage. */
  readonly intrusion: Tri
  /** Row 4: the passage before this one was closed. */
  readonly previousClosed: Tri
  /** Since the entry loop became occupied. */
  readonly presentForMs: number
  /** More different tags were heard than a passage may hold. */
  readonly tooManyTags: boolean
}

export interface Observations {
  /** Sorted by epc, then plates by text: the order of arrival does not change a decision. */
  readonly tags: readonly TagObservation[]
  readonly plates: readonly PlateObservation[]
  readonly lane: LaneObservation
  /** Driver and load; absent: the lane senses nothing of them. */
  readonly cargo?: CargoObservations
}

/** What the lists say of the observed identities, frozen into the passage. */
export interface Facts {
  readonly tags: Readonly<Record<string, TagEntry | null | 'unknown'>>
  /** By vehicle id. */
  readonly vehicles: Readonly<Record<string, VehicleEntry | null | 'unknown'>>
  /** Vehicle ids by normalised plate text; null: no vehicle shows it. */
  readonly plates: Readonly<Record<string, string | null | 'unknown'>>
  /** Every order and blacklist entry on any key of the passage, effective or not. */
  readonly orders: readonly ControlOrder[] | 'unknown'
  /** Orders that the record has no room for, those that hold among the last to go; absent: none. */
  readonly ordersLeftOut?: number
  readonly blacklist: readonly BlacklistEntry[] | 'unknown'
  /** Absent: nothing is known of driver and load. */
  readonly cargo?: CargoFacts
}

export interface ListUsed {
  readonly list: string
  readonly version: number
  readonly contentHash: string
  /** Since the gateway last confirmed it; null: never confirmed. */
  readonly ageMs: number | null
}

/** Everything a decision rests on. `decide` sees nothing else, so the record replays. */
export interface DecisionInputs {
  readonly passageId: string
  readonly lane: string
  readonly mode: LaneMode
  readonly profile: LaneProfile
  readonly policy: DecisionPolicy
  readonly now: { readonly wallMs: number; readonly clockQuality: ClockQuality }
  readonly observations: Observations
  readonly facts: Facts
  readonly lists: readonly ListUsed[]
  /**
   * The connection is back and the newest orders are not confirmed yet: how many milliseconds more they are waited for.
   * Absent: they are confirmed, or nobody can say, which the ages of the lists judge.
   */
  readonly resyncLeftMs?: number
  /** Devices that the profile requires, by source id: is each one up? */
  readonly devices: Readonly<Record<string, Tri>>
  readonly journalWritable: boolean
  /** Emergency order in force for the lane (row 2); null: none. */
  readonly incidentId: string | null
  /** Vehicles in a row that should have shown a tag and did not, before this one. */
  readonly tagMissesBefore: number
  readonly rulesetVersion: string
  readonly configHash: string
}

/** One rule's word. `code` is the table's, `row` its number. */
export interface Reason {
  readonly row: number
  readonly code: string
  readonly outcome: Outcome
  /** Safety-ESCALATE is stronger than LOCK. */
  readonly safety: boolean
  /** What it rests on, for officers: never shown to a driver. Keys of the evidence, no free text. */
  readonly evidence: Readonly<Record<string, string>>
}

export interface Decision {
  readonly outcome: Outcome
  /** Lowest row among those that gave the outcome. */
  readonly primary: string
  readonly reasons: readonly Reason[]
  /** Codes that never change the outcome (`TAG_MISSED`). */
  readonly advisories: readonly string[]
  /** `INSPECT`, `DISINFECT`, ...: what weaker rules still ask for. */
  readonly obligations: readonly string[]
  /** Orders that only notify: silent. */
  readonly silentAlerts: readonly string[]
  /** Orders whose number an operator must type to release. */
  readonly interceptOrderIds: readonly string[]
  /** Key of the text catalogue. */
  readonly prompt: string
  readonly vehicleId: string | null
  readonly rulesetVersion: string
}
