import { isEntry } from '../decision/cargo-view.js'
import { receiptIsOfUse } from '../decision/releases.js'
import type { DecisionInputs } from '../decision/types.js'
import { viewOf } from '../decision/view.js'
import type { Consumption } from '../lists/consumed.js'
import type { Passage } from '../passage/passage.js'
import { record, type Turn } from './turn.js'
import type { LaneState } from './state.js'
import type { PassageEnd } from './vehicle.js'

/**
 * What a crossing on these inputs uses up: the trip, its declarations, every instruction that releases
 * any of it, the certificates of its containers where the goods need them, and the receipt that stood for
 * an instruction. One paper for several trucks is used up by the last of them. Null: nothing.
 */
export function consumptionOf(inputs: DecisionInputs, passage: Passage): Consumption | null {
  const facts = inputs.facts.cargo
  if (facts === undefined) return null
  const view = viewOf(inputs)
  const trip = isEntry(facts.trip) ? facts.trip : null
  const seen = view.cargo.seen
  const releases = facts.releases === 'unknown' ? [] : facts.releases
  const usable = releases.filter(({ state, usesLeft }) => state === 'ACTIVE' && usesLeft > 0)
  const receiptId = seen.receipt !== null && receiptIsOfUse(view) ? seen.receipt.receiptId : null
  if (trip === null && usable.length === 0 && receiptId === null) return null
  const trucks = trip?.documentTrucks
  const isLast = trucks === undefined || trucks.arrived + 1 >= trucks.total
  const boxes = view.cargo.containers.map(({ number }) => number)
  const certificates = trip?.needsFitness === true ? Object.values(facts.fitness) : []
  const onTrip = (sealId: string): boolean => trip?.sealIds.includes(sealId) === true
  return {
    tripId: trip?.tripId ?? null,
    declarationNos: isLast ? [...(trip?.declarationNos ?? [])].sort() : [],
    releaseIds: usable.map((release) => release.releaseId).sort(),
    certificateNos: certificates
      .flatMap((one) => (isEntry(one) && !one.used ? [one.certificateNo] : []))
      .sort(),
    sealIds: (seen.seals ?? []).map(({ sealId }) => sealId).filter(onTrip),
    containers: boxes,
    receiptId,
    usesLeft: usesByList(
      passage,
      usable.map((release) => release.releaseId),
    ),
  }
}

/** As the list has it: what this edge has used beside is remembered elsewhere. */
function usesByList({ cargo: { facts } }: Passage, releaseIds: readonly string[]): Record<string, number> {
  const listed = facts === null || facts.releases === 'unknown' ? [] : facts.releases
  return Object.fromEntries(
    listed.flatMap(({ releaseId, usesLeft }): [string, number][] =>
      releaseIds.includes(releaseId) ? [[releaseId, usesLeft]] : [],
    ),
  )
}

/**
 * The end of a passage that the bar was raised for: cleared, it has used up what its release rested on.
 * Where nobody saw it clear, what it would have used is in doubt, and serves nobody else.
 */
export function recordConsumed(turn: Turn, passage: Passage, how: PassageEnd): void {
  const { consumes } = passage.cargo
  if (consumes === null || !isReleased(passage)) return
  record(turn, how === 'cleared' ? 'consumed' : 'perhapsConsumed', { ...consumes })
}

/** A raise of ours has been accepted for it, or may have been. */
function isReleased({ passing, raise }: Passage): boolean {
  return passing || raise?.fate === 'open'
}

/** What the vehicle in the lane uses while it is on its way, so that nobody else goes by it; null: nothing. */
export function reservationOf(
  state: LaneState,
): { readonly passageId: string; readonly what: Consumption } | null {
  const { passage, recovering } = state
  if (recovering !== null) {
    const { id, intent } = recovering.found
    const what = intent === null || intent.fate === 'void' ? null : intent.consumes
    return what === null ? null : { passageId: id, what }
  }
  const what = passage?.cargo.consumes ?? null
  if (passage === null || what === null) return null
  const { at } = passage.phase
  const isOnItsWay = at === 'releasing' || at === 'raising' || at === 'raised' || at === 'crossing'
  return isOnItsWay || isReleased(passage) ? { passageId: passage.id, what } : null
}
