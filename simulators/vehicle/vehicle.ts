import type { Plate } from '../../edge/messages/entities.js'
import type { Sensed as Found } from '../../edge/messages/sensed.js'
import type { LaneGeometry, Sensed, Stretch } from './geometry.js'
import type { Profile } from './motion.js'

/** A tag on a vehicle. */
export interface TagOnVehicle {
  readonly epc: string
  readonly tid?: string
  /** Metres behind the front bumper. */
  readonly behindFrontM: number
  /** RSSI at three metres, in dBm: a good tag -45, a dirty or half-shielded one -65. */
  readonly strengthDbm: number
  /** Silent before this long after the vehicle came onto the entry loop: a tag that is heard late. */
  readonly silentForMs?: number
}

/** What a device beside the lane finds of a vehicle, its driver or its load, and how long after it came onto the entry loop. */
export interface Finding {
  readonly afterMs: number
  readonly sensed: Found
}

export interface VehicleSpec {
  readonly id: string
  readonly kind: 'CAR' | 'COACH' | 'TRUCK'
  readonly lengthM: number
  /** Stretches behind the front that no loop feels: the drawbar between tractor and trailer. */
  readonly gaps: readonly Stretch[]
  readonly tags: readonly TagOnVehicle[]
  readonly plates: readonly Plate[]
  readonly profile: Profile
  /** Absent: devices find nothing of it. */
  readonly shows?: readonly Finding[]
}

export const carProfile: Profile = { speedMps: 4, accelMps2: 2 }
export const truckProfile: Profile = { speedMps: 3, accelMps2: 1.2 }

/** The metal of a vehicle, as stretches behind its front. */
export function metalOf(vehicle: VehicleSpec): readonly Stretch[] {
  const gaps = [...vehicle.gaps].sort((a, b) => a.fromM - b.fromM)
  const metal: Stretch[] = []
  let fromM = 0
  for (const gap of gaps) {
    if (gap.fromM > fromM) metal.push({ fromM, toM: gap.fromM })
    fromM = Math.max(fromM, gap.toM)
  }
  if (fromM < vehicle.lengthM) metal.push({ fromM, toM: vehicle.lengthM })
  return metal
}

function covers(metal: readonly Stretch[], frontM: number, stretch: Stretch): boolean {
  for (const part of metal) {
    if (frontM - part.toM < stretch.toM && frontM - part.fromM > stretch.fromM) return true
  }
  return false
}

/**
 * What a vehicle with its front at `frontM` covers. A loop feels metal only; under the bar the
 * whole length counts, because a bar in the gap of a trailer is a bar on a vehicle.
 */
export function sensedAt(
  geometry: LaneGeometry,
  vehicle: { readonly lengthM: number },
  metal: readonly Stretch[],
  frontM: number,
): Sensed {
  const whole = [{ fromM: 0, toM: vehicle.lengthM }]
  return {
    entryOccupied: covers(metal, frontM, geometry.entryLoop),
    exitOccupied: covers(metal, frontM, geometry.exitLoop),
    zoneOccupied: covers(whole, frontM, geometry.barZone),
  }
}

/** Front positions at which what a vehicle covers changes, ascending. */
export function edgesOf(geometry: LaneGeometry, vehicle: VehicleSpec): readonly number[] {
  const edges: number[] = []
  for (const part of metalOf(vehicle)) {
    for (const loop of [geometry.entryLoop, geometry.exitLoop]) {
      edges.push(loop.fromM + part.fromM, loop.toM + part.toM)
    }
  }
  edges.push(geometry.barZone.fromM, geometry.barZone.toM + vehicle.lengthM)
  return [...new Set(edges)].sort((a, b) => a - b)
}
