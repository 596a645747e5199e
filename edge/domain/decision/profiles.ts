import type { Crossing, DecisionPolicy, LaneKind, LaneProfile } from './types.js'

/** The table's numbers (domain.md 6.5; architecture.md 6 for the ages). A site replaces them by configuration. */
export const defaultPolicy: DecisionPolicy = {
  identifyWithinMs: 8_000,
  rereadForMs: 2_000,
  plateConfidenceMin: 0.9,
  tagMissesMax: 3,
  // Out of one lane and onto the loop of another: nobody turns round faster.
  impossibleTravelMs: 30_000,
  ordersStaleLadenMs: 10 * 60_000,
  ordersStaleOtherMs: 4 * 3_600_000,
  registryStaleMs: 4 * 3_600_000,
  sampleTagsMax: 64,
}

/** Lanes for vehicles without a container (domain.md 6.3, "no box"): the only ones that may release yet. */
export const profiles = {
  roadInNoBoxCar: noBox('roadInNoBoxCar', 'RI', 'CAR'),
  roadInNoBoxCoach: noBox('roadInNoBoxCoach', 'RI', 'COACH'),
  roadInNoBoxTruck: noBox('roadInNoBoxTruck', 'RI', 'TRUCK'),
  roadOutNoBoxCar: noBox('roadOutNoBoxCar', 'RO', 'CAR'),
  roadOutNoBoxCoach: noBox('roadOutNoBoxCoach', 'RO', 'COACH'),
  roadOutNoBoxTruck: noBox('roadOutNoBoxTruck', 'RO', 'TRUCK'),
} as const satisfies Readonly<Record<string, LaneProfile>>

export type ProfileName = keyof typeof profiles

function noBox(name: string, crossing: Crossing, laneKind: LaneKind): LaneProfile {
  return { name, crossing, laneKind, identifyBy: 'tagOrPlate', plateRequired: false, assumedLoad: 'V' }
}
