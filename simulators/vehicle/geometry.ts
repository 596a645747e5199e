/**
 * The lane as it lies on the ground, in metres along the direction of travel. Every simulator
 * measures in the same metres, so that a vehicle under the bar is under it for everybody.
 */
export interface Stretch {
  readonly fromM: number
  readonly toM: number
}

export interface LaneGeometry {
  /** Where a vehicle comes into the simulation. */
  readonly startM: number
  readonly entryLoop: Stretch
  /** Where a driver stops in front of the barrier. */
  readonly stopLineM: number
  readonly armM: number
  /** Under the bar: what may never be below a lowering arm. */
  readonly barZone: Stretch
  /** The closing loop, around and behind the bar. */
  readonly exitLoop: Stretch
  /** With its tail past this point a vehicle has left. */
  readonly clearM: number
  /** Where the antenna of the lane hangs, and how high above the tags. */
  readonly antennaM: number
  readonly antennaHeightM: number
  /** Distance between the middles of neighbour lanes. */
  readonly laneWidthM: number
}

export const standardLane: LaneGeometry = {
  startM: 0,
  entryLoop: { fromM: 20, toM: 22 },
  stopLineM: 23,
  armM: 25,
  barZone: { fromM: 24.5, toM: 25.5 },
  exitLoop: { fromM: 24, toM: 27 },
  clearM: 30,
  antennaM: 21,
  antennaHeightM: 4,
  laneWidthM: 4,
}

/** What lies under a vehicle, as an ideal sensor would tell it: failures are the sensors' own business. */
export interface Sensed {
  readonly entryOccupied: boolean
  readonly exitOccupied: boolean
  readonly zoneOccupied: boolean
}

export const nothingSensed: Sensed = { entryOccupied: false, exitOccupied: false, zoneOccupied: false }
