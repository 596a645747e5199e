import type { TagElsewhere } from '../decision/types.js'
import { bestOfHearing, defaultArbitration, isCurrent, strongerOf, type Arbitration } from './arbitration.js'

/** Bounds of a {@link TagBoard}. */
export interface TagBoardLimits {
  /**
   * Different tags remembered for each lane, the ones heard longest ago going first. Not below the
   * most tags a passage may hold: a tag that a lane still counts must stand on the board.
   */
  readonly tagsPerLaneMax: number
  /** How long a passed tag is remembered; at least the policy's `impossibleTravelMs`. */
  readonly passedForMs: number
  readonly arbitration: Arbitration
}

export const defaultBoardLimits: TagBoardLimits = {
  tagsPerLaneMax: 512,
  passedForMs: 600_000,
  arbitration: defaultArbitration,
}

interface Heard {
  readonly count: number
  readonly bestRssiDbm: number | null
  readonly lastHeardMonoMs: number
}

interface LaneBoard {
  readonly heard: Map<string, Heard>
  readonly passed: Map<string, number>
  occupiedSinceMonoMs: number | null
}

/**
 * What every lane of one edge heard of every tag, so that each can tell its own vehicle's tag from
 * the neighbour's. Each lane has its own room: ten thousand tags in one lane cost no other lane
 * anything. Lost with the process; reads come again. Order of calls must be order of time.
 */
export class TagBoard {
  readonly counters = { heard: 0, evicted: 0 }
  readonly #limits: TagBoardLimits
  readonly #lanes = new Map<string, LaneBoard>()

  constructor(limits: Partial<TagBoardLimits> = {}) {
    this.#limits = { ...defaultBoardLimits, ...limits }
  }

  /** The lane heard the tag. Every read that goes into the lane's tracks must come here too. */
  heard(lane: string, epc: string, rssiDbm: number | null, monoMs: number): void {
    const board = this.#lane(lane)
    const before = board.heard.get(epc)
    // After a silence a new hearing begins, whose reports are counted anew.
    const goesOn = before && monoMs - before.lastHeardMonoMs <= this.#limits.arbitration.readLivesForMs
    this.counters.heard += 1
    board.heard.delete(epc)
    board.heard.set(epc, {
      count: (goesOn ? before.count : 0) + 1,
      bestRssiDbm: before
        ? bestOfHearing(before, rssiDbm, monoMs, this.#limits.arbitration)
        : strongerOf(null, rssiDbm),
      lastHeardMonoMs: monoMs,
    })
    this.#bound(board.heard)
  }

  /** The lane's entry loop became occupied then, or (null) is not occupied. */
  loop(lane: string, occupiedSinceMonoMs: number | null): void {
    this.#lane(lane).occupiedSinceMonoMs = occupiedSinceMonoMs
  }

  /** The vehicle with this tag was released through, or cleared, the lane. */
  passed(lane: string, epc: string, monoMs: number): void {
    const board = this.#lane(lane)
    board.passed.delete(epc)
    board.passed.set(epc, monoMs)
    this.#bound(board.passed)
  }

  /** What the other lanes know of the tag, sorted by lane; a read too old to say anything is left out. */
  elsewhere(lane: string, epc: string, nowMonoMs: number): readonly TagElsewhere[] {
    const found: TagElsewhere[] = []
    for (const [other, board] of this.#lanes) {
      if (other === lane) continue
      const seen = this.#seenBy(other, board, epc, nowMonoMs)
      if (seen) found.push(seen)
    }
    return found.sort((a, b) => (a.lane < b.lane ? -1 : 1))
  }

  #seenBy(lane: string, board: LaneBoard, epc: string, nowMonoMs: number): TagElsewhere | undefined {
    const heard = board.heard.get(epc)
    const passedMonoMs = board.passed.get(epc)
    const passedAgoMs = passedMonoMs === undefined ? null : Math.max(0, nowMonoMs - passedMonoMs)
    const passed = passedAgoMs !== null && passedAgoMs <= this.#limits.passedForMs
    const current = heard !== undefined && this.#isCurrent(board, heard, nowMonoMs)
    if (!passed && !current) return undefined
    return {
      lane,
      count: heard?.count ?? 0,
      bestRssiDbm: heard?.bestRssiDbm ?? null,
      // A tag known only by its passage was heard then at the latest.
      lastHeardAgoMs: heard ? Math.max(0, nowMonoMs - heard.lastHeardMonoMs) : (passedAgoMs ?? 0),
      loopOccupiedForMs: occupiedForMs(board, nowMonoMs),
      passedAgoMs: passed ? passedAgoMs : null,
    }
  }

  #isCurrent(board: LaneBoard, heard: Heard, nowMonoMs: number): boolean {
    const agoMs = nowMonoMs - heard.lastHeardMonoMs
    return isCurrent(agoMs, occupiedForMs(board, nowMonoMs), this.#limits.arbitration)
  }

  #lane(lane: string): LaneBoard {
    const known = this.#lanes.get(lane)
    if (known) return known
    const fresh: LaneBoard = { heard: new Map(), passed: new Map(), occupiedSinceMonoMs: null }
    this.#lanes.set(lane, fresh)
    return fresh
  }

  #bound(map: Map<string, unknown>): void {
    if (map.size <= this.#limits.tagsPerLaneMax) return
    const oldest = map.keys().next()
    if (oldest.done) return
    map.delete(oldest.value)
    this.counters.evicted += 1
  }
}

function occupiedForMs(board: LaneBoard, nowMonoMs: number): number | null {
  return board.occupiedSinceMonoMs === null ? null : Math.max(0, nowMonoMs - board.occupiedSinceMonoMs)
}
