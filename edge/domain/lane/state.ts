import type { FaultCode } from '../../base/fault.js'
import { unknownSignals, type LaneSignals, type Light } from '../../interfaces/barrier.js'
import type { SubjectKey } from '../../interfaces/list-store.js'
import type { Read, Sensed } from '../../interfaces/reader.js'
import type { LaneMode } from '../../messages/down.js'
import type { PlateObservation, Tri } from '../decision/types.js'
import { noImage, type Image } from '../barrier/image.js'
import type { Raise } from '../barrier/raise.js'
import type { Passage } from '../passage/passage.js'
import type { RecoveredPassage } from '../passage/recovery.js'
import { noTracks, type Tracks } from '../tag/smoothing.js'
import type { DeviceClock } from './late-findings.js'
import type { Bay, LaneSettings } from './types.js'

/** Why the bar is up, as far as we know. `earlier`: it was up when we came. */
export type RaisedBy = 'nobody' | 'command' | 'key' | 'earlier'

/**
 * Everything a lane knows. It is JSON: a simulator leaps over it, a test compares it, and nothing
 * in it is a timer; deadlines are monotonic milliseconds that a `tick` is compared with.
 */
export interface LaneState {
  /** The journal's memory has been read. */
  readonly started: boolean
  /** A passage found open in the journal, until the PLC's signals say what became of it. */
  readonly recovering: Recovering | null
  /** False: the journal takes no writes, so the lane is CLOSED and asks for nothing (law 2). */
  readonly writable: boolean
  /** Since when, UTC ms, for the record that is made afterwards. */
  readonly unwritableSince: number | null
  /** While nothing could be recorded a loop changed: whoever stands there may be another vehicle. */
  readonly unwatched: boolean
  readonly mode: LaneMode
  readonly incidentId: string | null
  /** While the mode is EMERGENCY_OPEN: by whose command, and until when. */
  readonly emergency: Emergency | null
  /** Mains power has gone: CLOSED as soon as the vehicle in the lane is done. */
  readonly closing: boolean
  /** When people released by hand lately, monotonic ms, oldest first; a restart forgets it. */
  readonly manualAtMs: readonly number[]
  readonly signals: LaneSignals
  readonly image: Image
  readonly entrySinceMs: number | null
  readonly exitSinceMs: number | null
  readonly raisedBy: RaisedBy
  readonly tracks: Tracks
  /** When tracks of an empty lane were last thinned out. */
  readonly thinnedAtMs: number
  /** Tags heard in the empty lane a while ago, too early to be the next vehicle's for certain; newest last. */
  readonly earlier: readonly EarlierTag[]
  readonly deviceClocks: readonly DeviceClock[]
  /** Plates read before the loop, newest last. */
  readonly approachPlates: readonly ApproachPlate[]
  /** Findings about driver and load from before the loop, newest last. */
  readonly approachSensed: readonly ApproachSensed[]
  readonly passage: Passage | null
  readonly lastPassageNo: number
  /** The passage before: is it known to be gone (row 4)? */
  readonly previous: { readonly closed: Tri; readonly passageId: string | null }
  /** A violation that no person has looked at yet: what follows is escalated (row 3). */
  readonly intrusion: { readonly passageId: string } | null
  readonly recent: Recent | null
  /**
   * Identities heard lately that may have been the next vehicle's: behind the one that left, with one
   * that did not go through, or while nothing could be seen. If an order speaks against one of them, a person looks at whoever comes.
   */
  readonly doubtful: Doubtful | null
  /** A request whose passage ended before its fate was known. */
  readonly orphan: { readonly raise: Raise; readonly passageId: string } | null
  readonly tagMisses: number
  /** Ids of verdicts and commands that were taken, oldest first. */
  readonly usedIds: readonly string[]
  /** Faults that this lane raised and has not cleared, as `<code>` or `<code>/<part>`. */
  readonly faults: readonly string[]
  readonly shown: { readonly light: Light; readonly prompt: string; readonly bay?: Bay } | null
  readonly lastRead: Read | null
  /**
   * The state before a step whose records are not yet durable: if they cannot be written, the lane
   * goes on from here, because nothing of that step was done. Never nested.
   */
  readonly before: LaneState | null
}

export interface Emergency {
  readonly commandId: string
  readonly by: string
  readonly confirmedBy: string
  readonly reason: string
  readonly forMs: number
  /** UTC ms, for the record; the lane itself goes by the monotonic clock. */
  readonly endsAt: number
  readonly endsAtMs: number
}

export interface Doubtful {
  /** Heard behind the vehicle that left: its facts are known. */
  readonly keys: readonly SubjectKey[]
  /** Tags and plates heard while nobody could see whose they were, and of which nothing is known. */
  readonly unplaced: readonly string[]
  /** Null: until somebody has come. */
  readonly untilMs: number | null
  /** Not everything found room here. */
  readonly overflow: boolean
}

export interface EarlierTag {
  readonly epc: string
  readonly lastHeardMonoMs: number
}

export interface ApproachPlate {
  readonly observation: PlateObservation
  readonly monoMs: number
}

export interface ApproachSensed {
  readonly readerId: string
  readonly sensed: Sensed
  readonly monoMs: number
  /** One before it found no room. */
  readonly lost: boolean
}

/** A passage that has just ended; reads of its tags still belong to it for a while. */
export interface Recent {
  readonly passageId: string
  /** Its tags: those of the vehicle it was surely taken for, or else those that no other lane may claim. */
  readonly epcs: readonly string[]
  /** Those of them that are registered for the vehicle it was taken for: nobody else's for certain. */
  readonly ownEpcs: readonly string[]
  readonly untilMs: number
  readonly lateReads: number
  /** It drove on through the lane. */
  readonly wentThrough: boolean
  readonly contingency: boolean
}

export interface Recovering {
  readonly found: RecoveredPassage
  /** The former process's newest request, until the PLC says what became of it. */
  readonly raise: Raise | null
}

/** Verdict and command ids remembered, as many as the journal gives back. */
export const usedIdsMax = 1_000
export const approachPlatesMax = 8
export const approachSensedMax = 64

/** Modes in which the lane judges vehicles. */
export function isJudging(mode: LaneMode): boolean {
  return mode === 'AUTO' || mode === 'ATTENDED' || mode === 'SHADOW'
}

/** A lane of which nothing is known yet; `started` must be its first event. */
export function initialLane(settings: LaneSettings): LaneState {
  return {
    started: false,
    recovering: null,
    writable: true,
    unwritableSince: null,
    unwatched: false,
    mode: settings.initialMode,
    incidentId: null,
    emergency: null,
    closing: false,
    manualAtMs: [],
    signals: unknownSignals,
    image: noImage,
    entrySinceMs: null,
    exitSinceMs: null,
    raisedBy: 'earlier',
    tracks: noTracks,
    thinnedAtMs: 0,
    earlier: [],
    deviceClocks: [],
    approachPlates: [],
    approachSensed: [],
    passage: null,
    lastPassageNo: 0,
    previous: { closed: 'unknown', passageId: null },
    intrusion: null,
    recent: null,
    doubtful: null,
    orphan: null,
    tagMisses: 0,
    usedIds: [],
    faults: [],
    shown: null,
    lastRead: null,
    before: null,
  }
}

/** Name of the lane's state, a key of the text catalogue (`state.<at>`). */
export function atOf(state: LaneState): LaneAt {
  if (!state.started) return 'starting'
  if (!state.writable) return 'unwritable'
  if (state.recovering) return 'recovering'
  const { passage, mode } = state
  if (passage) return passage.phase.at === 'closed' && mode === 'MANUAL' ? 'byHand' : passage.phase.at
  return isJudging(mode) || mode === 'MANUAL' || mode === 'EMERGENCY_OPEN' ? 'idle' : 'closed'
}

export const laneAts = [
  'starting',
  'unwritable',
  'recovering',
  'idle',
  'closed',
  'byHand',
  'identifying',
  'disinfecting',
  'releasing',
  'raising',
  'raised',
  'crossing',
  'escalated',
  'returning',
  'violating',
] as const
export type LaneAt = (typeof laneAts)[number]

/** A fault of the lane, optionally of one part of it (`entry`, `exit`). */
export function faultKey(code: FaultCode, part: string | null): string {
  return part === null ? code : `${code}/${part}`
}
