import type { SeededRandom } from '../../edge/base/random.js'
import type { LaneGeometry } from './geometry.js'

/** How well an antenna hears, and what it hears wrongly. */
export interface AntennaSettings {
  /** Additional loss from a vehicle in a neighbour lane, in dB: small means many cross reads. */
  readonly crossLossDb: number
  /** Share of the rounds in which a tag that should answer does not, 0 to 1. */
  readonly missShare: number
  /** Share of the reads that are reported twice, 0 to 1. */
  readonly duplicateShare: number
  /** Spread of the RSSI from one round to the next, in dB. */
  readonly flickerDb: number
}

export const goodAntenna: AntennaSettings = {
  crossLossDb: 20,
  missShare: 0.05,
  duplicateShare: 0.05,
  flickerDb: 2,
}

/** Below this a reader hears nothing. */
export const sensitivityDbm = -74

/**
 * RSSI of a tag at `tagM` along a lane `lanesAway` from the antenna's own, in dBm, without
 * flicker. Thirty per decade of distance, the slope of a lane full of metal.
 */
export function rssiAt(
  lane: LaneGeometry,
  settings: AntennaSettings,
  strengthDbm: number,
  tagM: number,
  lanesAway: number,
): number {
  const alongM = tagM - lane.antennaM
  const asideM = lanesAway * lane.laneWidthM
  const squaredM2 = alongM * alongM + asideM * asideM + lane.antennaHeightM * lane.antennaHeightM
  return strengthDbm - 15 * Math.log10(squaredM2 / 9) - lanesAway * settings.crossLossDb
}

/** What one round of one antenna hears of one tag: how often, and how strongly; null: nothing. */
export function hears(
  settings: AntennaSettings,
  rssiDbm: number,
  random: SeededRandom,
): { readonly times: number; readonly rssiDbm: number } | null {
  const flickered = rssiDbm + (random.next() + random.next() - 1) * 2 * settings.flickerDb
  if (flickered < sensitivityDbm) return null
  // A tag at the edge of the field answers in some rounds only.
  const share = Math.min(1, (flickered - sensitivityDbm) / 10) * (1 - settings.missShare)
  if (!random.chance(share)) return null
  return { times: random.chance(settings.duplicateShare) ? 2 : 1, rssiDbm: Math.round(flickered * 2) / 2 }
}
