import type { EventBody } from '../../edge/messages/events.js'
import type { TripEntry } from '../../edge/messages/cargo-entities.js'
import type { CargoListName, ListEntry } from '../../edge/messages/entities.js'
import type { KnownEvent } from './judge.js'
import type { PassageRecord } from './passage.js'

/** What one crossing used up, as its edge says. */
export interface Crossing {
  readonly edgeId: string
  readonly passageId: string
  /** UTC ms. */
  readonly at: number
  /** The bar was raised and nobody saw the vehicle clear the lane: used all the same, and a person may give it back. */
  readonly inDoubt: boolean
  readonly used: EventBody<'consumed'>
}

/**
 * What an event uses up. A passage does so once: an edge that says it again, after it died in between,
 * means the same crossing. Null: nothing, or no more.
 */
export function crossingIn(event: KnownEvent, before: PassageRecord | undefined): Crossing | null {
  if (event.type !== 'consumed' && event.type !== 'perhapsConsumed') return null
  if (event.passageId === null || before?.consumed === true) return null
  // An id is a claim: an edge speaks only about passages of its own.
  if (before && before.edgeId !== event.edgeId) return null
  const { edgeId, passageId, occurredAt: at, body: used } = event
  return { edgeId, passageId, at, inDoubt: event.type === 'perhapsConsumed', used }
}

/** Keys of the entries that a crossing changes, by list. */
export function keysUsed({ used }: Crossing): readonly (readonly [CargoListName, readonly string[]])[] {
  return [
    ['trips', used.tripId === null ? [] : [used.tripId]],
    ['declarations', used.declarationNos],
    ['releases', used.releaseIds],
    ['fitness', used.certificateNos],
    ['seals', used.sealIds],
  ]
}

/** An entry that a crossing names, as it is afterwards; the same object where nothing changes. */
export function usedUp<T extends ListEntry>(entry: T, at: number): T
export function usedUp(entry: ListEntry, at: number): ListEntry {
  switch (entry.kind) {
    case 'trip':
      return entry.crossedAt === undefined ? { ...entry, crossedAt: at } : entry
    case 'declaration':
      // What was rejected or withdrawn stays so: it was not by this paper that the goods went.
      return ['SUBMITTED', 'ACCEPTED', 'RELEASED'].includes(entry.state)
        ? { ...entry, state: 'CROSSED' }
        : entry
    case 'release': {
      if (entry.state !== 'ACTIVE') return entry
      const usesLeft = Math.max(0, entry.usesLeft - 1)
      return { ...entry, usesLeft, state: usesLeft === 0 ? 'CONSUMED' : 'ACTIVE' }
    }
    case 'fitness':
      return entry.used ? entry : { ...entry, used: true }
    case 'seal':
      return ['ISSUED', 'APPLIED', 'IN_TRANSIT'].includes(entry.state)
        ? { ...entry, state: 'VERIFIED' }
        : entry
    default:
      return entry
  }
}

/** Another trip on the same document for several trucks: one more has come before it. */
export function oneMoreArrived(trip: TripEntry): TripEntry {
  const { documentTrucks } = trip
  if (documentTrucks === undefined || trip.crossedAt !== undefined) return trip
  return { ...trip, documentTrucks: { ...documentTrucks, arrived: documentTrucks.arrived + 1 } }
}
