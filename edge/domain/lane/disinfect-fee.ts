import { isEntry } from '../decision/cargo-view.js'
import type { DecisionInputs } from '../decision/types.js'
import { viewOf } from '../decision/view.js'
import type { DisinfectionSettings } from './types.js'
import type { Turn } from './turn.js'

/** Times in ms; fees in fen, 0 until the site sets them. */
export const defaultDisinfection: DisinfectionSettings = {
  minSeconds: 30,
  peopleClearWithinMs: 30_000,
  finishWithinMs: 15_000,
  feePerTeuFen: 0,
  feePerVehicleFen: 0,
}

export function disinfectionOf(turn: Turn): DisinfectionSettings {
  return turn.view.settings.disinfection ?? defaultDisinfection
}

/** Above this a vehicle pays double (domain.md 6.2 row 44). */
const heavyKg = 8_000

/**
 * What a disinfection costs, and under which name it is charged once: a trip that backs out and comes
 * again pays once (domain.md section 8, scenarios 11 and 13). Containers pay by TEU, vehicles without one each.
 */
export function feeOf(
  inputs: DecisionInputs,
  { feePerTeuFen, feePerVehicleFen }: DisinfectionSettings,
): { readonly feeFen: number; readonly feeKey: string } {
  const { cargo } = viewOf(inputs)
  const trip = inputs.facts.cargo?.trip ?? null
  const feeKey = isEntry(trip)
    ? `disinfection/trip/${trip.tripId}`
    : `disinfection/passage/${inputs.passageId}`
  if (cargo.containers.length > 0) {
    const teu = cargo.containers.reduce(
      (sum, { entry }) => sum + (isEntry(entry) ? teuOf(entry.isoType) : 1),
      0,
    )
    return { feeFen: teu * feePerTeuFen, feeKey }
  }
  const isHeavy = (cargo.seen.weight?.grossKg ?? 0) > heavyKg
  return { feeFen: feePerVehicleFen * (isHeavy ? 2 : 1), feeKey }
}

/** By the first sign of an ISO 6346 type: 20 feet are one, longer ones two; of an unknown one, one. */
function teuOf(isoType: string | undefined): number {
  return isoType === undefined || /^[12]/.test(isoType) ? 1 : 2
}
