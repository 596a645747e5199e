import type {
  DeclarationEntry,
  DrawEntry,
  FitnessEntry,
  ManifestEntry,
  ReleaseEntry,
  SealEntry,
  TripEntry,
} from '../../edge/messages/cargo-entities.js'
import type { ListName } from '../../edge/messages/entities.js'

/**
 * What may leave the lists because it was used up long ago. Without it a truck that comes every day would
 * have so many trips in the list that a lane could not tell which one it is on. Nothing becomes easier by it:
 * a paper that is gone is missing, as one that is used up is refused.
 */
export function hasCrossedBefore(trip: TripEntry, beforeMs: number): boolean {
  return trip.crossedAt !== undefined && trip.crossedAt < beforeMs
}

/** The papers that trips name, as far as they are in the lists. */
export interface TripPapers {
  readonly trips: readonly TripEntry[]
  /** Trips that stay and name any of the same papers. */
  readonly staying: readonly TripEntry[]
  readonly declarations: readonly DeclarationEntry[]
  readonly manifests: readonly ManifestEntry[]
  readonly seals: readonly SealEntry[]
  readonly fitness: readonly FitnessEntry[]
  readonly releases: readonly ReleaseEntry[]
  readonly draws: readonly DrawEntry[]
}

/** Keys to be deleted, by list. A paper that another trip rests on stays, and so does one that may still be used. */
export function goneWith(papers: TripPapers, beforeMs: number): ReadonlyMap<ListName, readonly string[]> {
  const { trips, staying } = papers
  const neededDeclarations = new Set(staying.flatMap(({ declarationNos }) => declarationNos))
  const neededManifests = new Set(staying.map(({ manifestNo }) => manifestNo))
  const neededSeals = new Set(staying.flatMap(({ sealIds }) => sealIds))
  const declarations = papers.declarations.filter(
    ({ declarationNo, state, validTo }) =>
      !neededDeclarations.has(declarationNo) && state === 'CROSSED' && validTo < beforeMs,
  )
  const gone = new Set(declarations.map(({ declarationNo }) => declarationNo))
  const isSpent = ({ state, usesLeft, validTo, subject: { kind, key } }: ReleaseEntry): boolean => {
    if (state === 'ACTIVE' && usesLeft > 0) return false
    // One that stands for a used receipt is needed as long as the receipt is good.
    if (validTo !== undefined && validTo >= beforeMs) return false
    if (kind === 'TRIP') return trips.some(({ tripId }) => tripId === key)
    return kind === 'CONTAINER' || gone.has(key)
  }
  return new Map<ListName, readonly string[]>([
    ['trips', trips.map(({ tripId }) => tripId)],
    ['draws', papers.draws.map(({ tripId }) => tripId)],
    ['declarations', [...gone]],
    [
      'manifests',
      papers.manifests.map(({ manifestNo }) => manifestNo).filter((no) => !neededManifests.has(no)),
    ],
    [
      'seals',
      papers.seals
        .filter(({ sealId, state }) => !neededSeals.has(sealId) && state === 'VERIFIED')
        .map(({ sealId }) => sealId),
    ],
    [
      'fitness',
      papers.fitness
        .filter(({ used, validTo }) => used && validTo < beforeMs)
        .map(({ certificateNo }) => certificateNo),
    ],
    ['releases', papers.releases.filter(isSpent).map(({ releaseId }) => releaseId)],
  ])
}
