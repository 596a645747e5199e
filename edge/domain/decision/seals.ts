import type { SealEntry } from '../../messages/cargo-entities.js'
import type { Fact, SealObservation } from './cargo.js'
import { isEntry } from './cargo-view.js'
import { factOf } from './facts.js'
import type { Tri } from './types.js'
import type { View } from './view.js'

/** A seal that was read on the truck, beside what the issue record says of it. */
export interface SealView {
  readonly sealId: string
  readonly reading: SealObservation
  /** Null: nobody issued such a seal. */
  readonly record: Fact<SealEntry>
  /** Null: it cannot be told, because there is no trip to name seals. */
  readonly onTrip: boolean | null
}

/** Every reading of a seal, by its number: two readings that contradict one another are both looked at. */
export function sealsRead({ cargo }: View): SealView[] {
  const { trip } = cargo
  return [...(cargo.seen.seals ?? [])]
    .map((reading) => ({
      sealId: reading.sealId,
      reading,
      record: factOf(cargo.facts.seals, reading.sealId),
      onTrip: isEntry(trip) ? trip.sealIds.includes(reading.sealId) : null,
    }))
    .sort((a, b) => (a.sealId < b.sealId ? -1 : a.sealId > b.sealId ? 1 : 0))
}

/** Seals that the trip names and no reader has read, sorted; empty where there is no trip. */
export function sealsUnread({ cargo }: View): string[] {
  const { trip } = cargo
  if (!isEntry(trip)) return []
  const read = new Set((cargo.seen.seals ?? []).map((seal) => seal.sealId))
  return [...new Set(trip.sealIds)].filter((sealId) => !read.has(sealId)).sort()
}

/** The states of a seal that is closed on a container under way (domain.md 5.2). */
const inUse: readonly SealEntry['state'][] = ['APPLIED', 'IN_TRANSIT', 'VERIFIED']

/**
 * Whether what was read differs from the record: another seal than the trip names, a seal of another
 * container, or one that by its record is not in use. A seal without a record is another matter (row 53).
 */
export function differsFromRecord({ onTrip, record }: SealView, { cargo }: View): Tri {
  if (record === null) return false
  if (onTrip === false) return true
  if (record === 'unknown') return 'unknown'
  const { trip, containers } = cargo
  // A container that only happens to be there makes no seal right.
  const boxes = isEntry(trip) ? trip.containers : containers.map((container) => container.number)
  return !inUse.includes(record.state) || (boxes.length > 0 && !boxes.includes(record.container))
}

/** An opening that it tells counts whenever it was: no clock, right or wrong, closes a seal again. */
export function wasOpened({ reading }: SealView): Tri {
  if (reading.status === 'OPENED' || reading.openedAt !== null) return true
  return reading.status === 'CLOSED' ? false : 'unknown'
}

/**
 * Whether the load is under the very seals that it was closed with: every seal that the trip names was
 * read, is closed and was never opened, is on record as in use on a container of this truck, and no other
 * seal was read. False where the trip names no seal: nothing is sealed then.
 */
export function sealVerified(view: View): Tri {
  const { trip, policy, seen } = view.cargo
  if (trip === 'unknown') return 'unknown'
  if (trip === null || trip.sealIds.length === 0) return false
  const read = sealsRead(view)
  const words = read.flatMap((seal) => [wasOpened(seal), differsFromRecord(seal, view), isForged(seal)])
  if (words.includes(true)) return false
  const isMissing = sealsUnread(view).length > 0
  if (isMissing && seen.sealTries >= policy.sealTriesMax) return false
  return isMissing || words.includes('unknown') ? 'unknown' : true
}

/** No issue record has it (row 53). */
export function isForged({ record }: SealView): Tri {
  return record === 'unknown' ? record : record === null
}

/**
 * Row 55, SEAL-OK: a load that was inspected inland and sealed (straight release, 直通放行) needs no other
 * inspection on its way out while its seals are verified. It answers row 32, and speaks for nothing else.
 */
export function sealStandsForInspection(view: View): Tri {
  const { crossing } = view.inputs.profile
  if (crossing !== 'RO' && crossing !== 'SI') return false
  if (view.load !== 'L') return false
  const { trip } = view.cargo
  if (trip === 'unknown') return 'unknown'
  return trip !== null && trip.straightRelease ? sealVerified(view) : false
}
