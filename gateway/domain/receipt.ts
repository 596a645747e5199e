import type { ReleaseEntry } from '../../edge/messages/cargo-entities.js'
import type { ReceiptState } from '../api/task-schemas.js'
import type { InspectionRecord } from './inspection.js'

/** What a passed task releases: the trip, or the one container without a trip; null: nothing that a receipt could name. */
export function subjectOf({ tripId, containers }: InspectionRecord): ReleaseEntry['subject'] | null {
  if (tripId !== null) return { kind: 'TRIP', key: tripId }
  const [only, ...others] = containers
  return only === undefined || others.length > 0 ? null : { kind: 'CONTAINER', key: only }
}

/**
 * A receipt that was used, as every lane must know it: a release instruction on the same thing without a use
 * left. Any instruction is newer than a receipt and beats it (row 39), so that no second use is accepted anywhere.
 */
export function usedRelease({ receiptId, agency, subject, validTo }: ReceiptState): ReleaseEntry {
  return { kind: 'release', releaseId: receiptId, agency, subject, state: 'CONSUMED', validTo, usesLeft: 0 }
}
