import type { TagElsewhere, TagObservation } from '../decision/types.js'

/** How a tag that two lanes heard is given to one of them. All of it is configuration. */
export interface Arbitration {
  /** Less difference than this says nothing: the dead band on either side of equal. */
  readonly offsetDb: number
  /** The difference that decides while vehicles stand on the loops of both lanes. */
  readonly contestedOffsetDb: number
  /** How long a read says where a tag is, unless the vehicle that was read still stands there. */
  readonly readLivesForMs: number
  /** Of the reports in a lane that hears the tag too, at least this share must have come here as well. */
  readonly reportsShareMin: number
}

export const defaultArbitration: Arbitration = {
  offsetDb: 6,
  contestedOffsetDb: 12,
  readLivesForMs: 10_000,
  reportsShareMin: 0.5,
}

/** What this lane knows of a tag and of itself. */
export interface HeardHere {
  readonly bestRssiDbm: number | null
  /** How many reports of it there were. */
  readonly reports: number
  readonly lastHeardAgoMs: number
  /** How long the own entry loop has been occupied; null: it is not, or nobody knows. */
  readonly loopOccupiedForMs: number | null
  /** False: more tags were heard than could be kept, so the own picture has holes. */
  readonly complete: boolean
}

/**
 * Whether a read still says where the tag is: it is recent, or the lane's loop has been occupied
 * since about then, so that the vehicle that was read has not left. Both sides of a comparison
 * use this one test, which is why two lanes can never both count only themselves.
 */
export function isCurrent(
  lastHeardAgoMs: number,
  loopOccupiedForMs: number | null,
  arbitration: Arbitration,
): boolean {
  if (lastHeardAgoMs <= arbitration.readLivesForMs) return true
  return loopOccupiedForMs !== null && lastHeardAgoMs <= loopOccupiedForMs + arbitration.readLivesForMs
}

/**
 * Whose tag it is (reliability.md F13; domain.md row 14).
 *
 * `mine`: heard only here; or clearly stronger here than in every other lane while our loop is
 * occupied and theirs is not, or what they heard belongs to a passage that is over; with both loops
 * occupied the difference must be `contestedOffsetDb`; and it must have been heard here often enough
 * beside what the other lane heard. `neighbour`: clearly stronger in a lane whose
 * loop is occupied or which that vehicle has just passed. Anything else is `ambiguous`, and so is
 * every comparison with a reader that gives no RSSI. Best values are compared, which only rise while a
 * vehicle stands there, so a claim goes from one lane to the other only through `ambiguous`.
 *
 * At one moment at most one lane gets `mine`, as long as every read went to the board as well.
 */
export function claimOf(
  here: HeardHere,
  elsewhere: readonly TagElsewhere[],
  arbitration: Arbitration = defaultArbitration,
): TagObservation['claim'] {
  const contenders = elsewhere.filter((other) =>
    isCurrent(other.lastHeardAgoMs, other.loopOccupiedForMs, arbitration),
  )
  if (contenders.some((other) => belongsThere(here, other, arbitration))) return 'neighbour'
  const current = isCurrent(here.lastHeardAgoMs, here.loopOccupiedForMs, arbitration)
  if (!current || !here.complete) return 'ambiguous'
  return contenders.every((other) => belongsHere(here, other, arbitration)) ? 'mine' : 'ambiguous'
}

function belongsHere(here: HeardHere, there: TagElsewhere, arbitration: Arbitration): boolean {
  if (here.loopOccupiedForMs === null) return false
  const hasPassed = hasJustPassed(there, arbitration)
  // One strong reflection of a vehicle that the other lane has heard for seconds says little.
  if (!hasPassed && here.reports < there.count * arbitration.reportsShareMin) return false
  const contested = there.loopOccupiedForMs !== null && !hasPassed
  const offsetDb = contested ? arbitration.contestedOffsetDb : arbitration.offsetDb
  return isStronger(here.bestRssiDbm, there.bestRssiDbm, offsetDb)
}

function belongsThere(here: HeardHere, there: TagElsewhere, arbitration: Arbitration): boolean {
  if (there.loopOccupiedForMs === null && !hasJustPassed(there, arbitration)) return false
  return isStronger(there.bestRssiDbm, here.bestRssiDbm, arbitration.offsetDb)
}

/** What that lane hears is the vehicle that is leaving it. */
function hasJustPassed(there: TagElsewhere, arbitration: Arbitration): boolean {
  return there.passedAgoMs !== null && there.passedAgoMs <= arbitration.readLivesForMs
}

/** The stronger of two readings; null is none, and so is what is no number. */
export function strongerOf(aDbm: number | null, bDbm: number | null): number | null {
  const known = [aDbm, bDbm].filter((dbm) => dbm !== null && Number.isFinite(dbm))
  return known.reduce(
    (best, dbm) => (best === null || dbm === null ? (best ?? dbm) : Math.max(best, dbm)),
    null,
  )
}

/**
 * The best reading of one hearing. After a silence longer than a read lives a new hearing begins, by
 * the same rule in a lane's tracks and on the board: so no lane thinks better of its own reading
 * than the others do, on which rests that a tag is never given to two.
 */
export function bestOfHearing(
  before: { readonly bestRssiDbm: number | null; readonly lastHeardMonoMs: number },
  rssiDbm: number | null,
  monoMs: number,
  arbitration: Arbitration,
): number | null {
  const goesOn = monoMs - before.lastHeardMonoMs <= arbitration.readLivesForMs
  return strongerOf(goesOn ? before.bestRssiDbm : null, rssiDbm)
}

/** An offset below or at zero would give one tag to both lanes, so it counts as the smallest step. */
function isStronger(aDbm: number | null, bDbm: number | null, offsetDb: number): boolean {
  return aDbm !== null && bDbm !== null && aDbm - bDbm >= Math.max(offsetDb, 0.1)
}
