import type { Need } from './cargo.js'
import type { Crossing, LaneProfile, Load } from './types.js'

const road: readonly Need[] = ['permit', 'driver', 'police', 'temperature', 'account']
const goods: readonly Need[] = ['trip', 'container', 'iq', 'customs', 'area', 'draw']

/**
 * Lanes for containers and goods (domain.md 6.3). `assumedLoad` is what the lane is signposted for; a
 * trip that says otherwise makes the load unknown, so that every objection counts and nothing releases.
 */
export const cargoProfiles = {
  roadInLaden: forLoad('roadInLaden', 'RI', 'L', [...road, ...goods, 'manifest', 'seal', 'weight']),
  roadInEmpty: forLoad('roadInEmpty', 'RI', 'E', [...road, 'trip', 'container', 'area', 'weight']),
  roadOutLaden: forLoad('roadOutLaden', 'RO', 'L', [...road, ...goods, 'seal', 'fitness', 'weight']),
  roadOutEmpty: forLoad('roadOutEmpty', 'RO', 'E', [...road, 'trip', 'container', 'weight']),
  seaInLaden: forLoad('seaInLaden', 'SI', 'L', [...goods, 'terminal', 'seal', 'fitness', 'weight']),
  seaInEmpty: forLoad('seaInEmpty', 'SI', 'E', ['trip', 'container', 'terminal', 'area']),
  seaOutLaden: forLoad('seaOutLaden', 'SO', 'L', [...goods, 'terminal', 'radiation']),
  seaOutEmpty: forLoad('seaOutEmpty', 'SO', 'E', ['trip', 'container', 'terminal', 'area']),
  /** Any load: the trip tells. */
  roadInAny: forLoad('roadInAny', 'RI', 'unknown', [...road, ...goods, 'manifest', 'seal', 'weight']),
  roadOutAny: forLoad('roadOutAny', 'RO', 'unknown', [...road, ...goods, 'seal', 'fitness', 'weight']),
  seaOutLadenNoWood: {
    ...forLoad('seaOutLadenNoWood', 'SO', 'L', [...goods, 'terminal', 'radiation']),
    noWood: true,
  },
  seaOutEmptyOpened: {
    ...forLoad('seaOutEmptyOpened', 'SO', 'E', ['trip', 'container', 'terminal', 'area']),
    opensEmpties: true,
  },
} as const satisfies Readonly<Record<string, LaneProfile>>

export type CargoProfileName = keyof typeof cargoProfiles

function forLoad(name: string, crossing: Crossing, assumedLoad: Load, needs: readonly Need[]): LaneProfile {
  return {
    name,
    crossing,
    laneKind: 'TRUCK',
    identifyBy: 'tagOrPlate',
    plateRequired: false,
    assumedLoad,
    needs,
  }
}
