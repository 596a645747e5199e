/**
 * How a vehicle moves: from rest to rest, speeding up, rolling, braking. Positions are closed
 * formulas of time, so that a simulation can leap from one loop edge to the next and a
 * real-time one can ask every 20 ms, and both see the same vehicle.
 */
export interface Profile {
  /** Highest speed, metres per second, > 0. */
  readonly speedMps: number
  /** Acceleration and braking, metres per second squared, > 0. */
  readonly accelMps2: number
}

export interface Motion {
  readonly startMs: number
  readonly endMs: number
  readonly fromM: number
  readonly toM: number
  /** Highest speed this motion gets to, and the seconds it takes to get there. */
  readonly topMps: number
  readonly rampS: number
  readonly accelMps2: number
}

/** Standing still at one place. */
export function standing(atM: number, nowMs: number): Motion {
  return { startMs: nowMs, endMs: nowMs, fromM: atM, toM: atM, topMps: 0, rampS: 0, accelMps2: 1 }
}

/** From rest at one place to rest at another, forwards or backwards. */
export function drive(fromM: number, toM: number, startMs: number, profile: Profile): Motion {
  const distance = Math.abs(toM - fromM)
  if (distance === 0) return standing(fromM, startMs)
  const accel = profile.accelMps2
  const topMps = Math.min(profile.speedMps, Math.sqrt(distance * accel))
  const rampS = topMps / accel
  const rollS = (distance - topMps * rampS) / topMps
  const endMs = startMs + (2 * rampS + rollS) * 1_000
  return { startMs, endMs, fromM, toM, topMps, rampS, accelMps2: accel }
}

/** Where the front is at a time; before the start and after the end it stands. */
export function positionAt(motion: Motion, nowMs: number): number {
  if (nowMs >= motion.endMs) return motion.toM
  if (nowMs <= motion.startMs) return motion.fromM
  const elapsedS = (nowMs - motion.startMs) / 1_000
  const leftS = (motion.endMs - nowMs) / 1_000
  const sign = motion.toM > motion.fromM ? 1 : -1
  if (elapsedS < motion.rampS) return motion.fromM + (sign * motion.accelMps2 * elapsedS * elapsedS) / 2
  if (leftS < motion.rampS) return motion.toM - (sign * motion.accelMps2 * leftS * leftS) / 2
  return motion.fromM + sign * motion.topMps * (elapsedS - motion.rampS / 2)
}

/** When the front comes to a place; null if this motion never does. */
export function reachesAtMs(motion: Motion, placeM: number): number | null {
  const low = Math.min(motion.fromM, motion.toM)
  const high = Math.max(motion.fromM, motion.toM)
  if (placeM < low || placeM > high || motion.fromM === motion.toM) return null
  const done = Math.abs(placeM - motion.fromM)
  const left = Math.abs(motion.toM - placeM)
  const ramp = (motion.topMps * motion.rampS) / 2
  if (done <= ramp) return motion.startMs + Math.sqrt((2 * done) / motion.accelMps2) * 1_000
  if (left <= ramp) return motion.endMs - Math.sqrt((2 * left) / motion.accelMps2) * 1_000
  return motion.startMs + (motion.rampS + (done - ramp) / motion.topMps) * 1_000
}

/** Metres per second at a time, never negative. */
export function speedAt(motion: Motion, nowMs: number): number {
  if (nowMs >= motion.endMs || nowMs <= motion.startMs) return 0
  const elapsedS = (nowMs - motion.startMs) / 1_000
  const leftS = (motion.endMs - nowMs) / 1_000
  return Math.min(motion.topMps, motion.accelMps2 * Math.min(elapsedS, leftS))
}
