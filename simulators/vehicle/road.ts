import { drive, positionAt, reachesAtMs, standing, type Motion } from './motion.js'
import { driveUnderDegrees, type Act, type Sees } from './driver.js'
import { nothingSensed, type LaneGeometry, type Sensed, type Stretch } from './geometry.js'
import { edgesOf, metalOf, sensedAt, type VehicleSpec } from './vehicle.js'

/** A vehicle on its way through one lane. */
export interface Rider {
  readonly vehicle: VehicleSpec
  /** When its front first came onto the entry loop; null: not yet. */
  readonly onLoopSinceMs: number | null
  frontM(nowMs: number): number
  isMoving(nowMs: number): boolean
}

/** Least distance that drivers keep, bumper to bumper, in metres. */
const keepM = 1
/** Nobody starts his engine for less than this. */
const nearM = 0.3

interface Moving extends Rider {
  onLoopSinceMs: number | null
  acts: readonly Act[]
  motion: Motion
  /** When the act at hand began; for the wait of a green light, when the light was last seen to change. */
  sinceMs: number
  /** The moment a driver makes up his mind; null: nothing to react to yet. */
  reactsAtMs: number | null
  readonly metal: readonly Stretch[]
  readonly edges: readonly number[]
}

/**
 * The vehicles of one lane, first in front. Pure in time: the caller says what time it is and
 * what the drivers see. `nextChangeMs` tells when something will happen by itself, so that
 * virtual time may leap there.
 */
export class Road {
  readonly #lane: LaneGeometry
  readonly #riders: Moving[] = []
  #sensed: Sensed = nothingSensed
  /** Vehicles that touched another: a fault of the scenario, not of the lane. */
  collisions = 0
  /** Vehicles that left past the bar, and backwards. */
  readonly left: {
    readonly vehicle: VehicleSpec
    readonly how: 'through' | 'backwards'
    readonly atMs: number
  }[] = []

  constructor(lane: LaneGeometry) {
    this.#lane = lane
  }

  get riders(): readonly Rider[] {
    return this.#riders
  }

  /** What the vehicles covered at the last `advance`. */
  get sensed(): Sensed {
    return this.#sensed
  }

  /** True when nobody is so near to the start that a newcomer would touch him. */
  hasRoom(nowMs: number): boolean {
    const last = this.#riders[this.#riders.length - 1]
    return !last || positionAt(last.motion, nowMs) - last.vehicle.lengthM > this.#lane.startM + keepM
  }

  /** Somebody is on the move. */
  isMoving(nowMs: number): boolean {
    return this.#riders.some((rider) => rider.motion.endMs > nowMs)
  }

  /** A vehicle comes to the start of the lane. */
  enter(vehicle: VehicleSpec, acts: readonly Act[], nowMs: number): Rider {
    const rider: Moving = {
      vehicle,
      onLoopSinceMs: null,
      acts,
      motion: standing(this.#lane.startM, nowMs),
      sinceMs: nowMs,
      reactsAtMs: null,
      metal: metalOf(vehicle),
      edges: edgesOf(this.#lane, vehicle),
      frontM: (atMs) => positionAt(rider.motion, atMs),
      isMoving: (atMs) => rider.motion.endMs > atMs,
    }
    this.#riders.push(rider)
    return rider
  }

  /** Gives a vehicle other things to do, from where it stands now. */
  redirect(vehicleId: string, acts: readonly Act[], nowMs: number): boolean {
    const rider = this.#riders.find((r) => r.vehicle.id === vehicleId)
    if (!rider) return false
    rider.motion = standing(positionAt(rider.motion, nowMs), nowMs)
    this.#begin(rider, acts, nowMs)
    return true
  }

  /** Lets the drivers act up to `nowMs` and says what lies on the loops then. */
  advance(nowMs: number, sees: Sees): Sensed {
    for (let i = 0; i < this.#riders.length; i += 1) {
      const rider = this.#riders[i]
      if (rider) this.#act(rider, this.#riders[i - 1], nowMs, sees)
    }
    let entryOccupied = false
    let exitOccupied = false
    let zoneOccupied = false
    let frontLimitM = Infinity
    for (const rider of this.#riders) {
      const frontM = positionAt(rider.motion, nowMs)
      if (frontM > frontLimitM + 0.01) this.collisions += 1
      frontLimitM = frontM - rider.vehicle.lengthM
      const sensed = sensedAt(this.#lane, rider.vehicle, rider.metal, frontM)
      if (sensed.entryOccupied) rider.onLoopSinceMs ??= nowMs
      entryOccupied ||= sensed.entryOccupied
      exitOccupied ||= sensed.exitOccupied
      zoneOccupied ||= sensed.zoneOccupied
    }
    this.#sensed = { entryOccupied, exitOccupied, zoneOccupied }
    this.#removeTheGone(nowMs)
    return this.#sensed
  }

  /**
   * The vehicle that the lane's question is about: the foremost on the entry loop; with nobody there,
   * the foremost between that loop and the arm.
   */
  atLine(nowMs: number): VehicleSpec | null {
    const { entryLoop, armM } = this.#lane
    let between: VehicleSpec | null = null
    for (const rider of this.#riders) {
      const frontM = positionAt(rider.motion, nowMs)
      const tailM = frontM - rider.vehicle.lengthM
      if (frontM <= entryLoop.fromM || tailM >= armM) continue
      if (tailM < entryLoop.toM) return rider.vehicle
      between ??= rider.vehicle
    }
    return between
  }

  /** When something next changes without anybody's doing; null: never. Whole milliseconds, after `nowMs`. */
  nextChangeMs(nowMs: number): number | null {
    let next = Infinity
    for (const rider of this.#riders) {
      const { motion } = rider
      if (motion.endMs > nowMs) {
        next = Math.min(next, motion.endMs)
        for (const edge of rider.edges) {
          const atMs = reachesAtMs(motion, edge)
          if (atMs !== null && atMs >= nowMs) next = Math.min(next, atMs + 0.5)
        }
      }
      const act = rider.acts[0]
      if (rider.reactsAtMs !== null) next = Math.min(next, rider.reactsAtMs)
      else if (act?.do === 'wait') next = Math.min(next, rider.sinceMs + act.forMs)
      else if (act?.do === 'waitForGo' || act?.do === 'waitForReturn')
        next = Math.min(next, rider.sinceMs + act.patienceMs)
    }
    return next === Infinity ? null : Math.max(Math.ceil(next), nowMs + 1)
  }

  #begin(rider: Moving, acts: readonly Act[], nowMs: number): void {
    rider.acts = acts
    rider.sinceMs = nowMs
    rider.reactsAtMs = null
  }

  #act(rider: Moving, leader: Moving | undefined, nowMs: number, sees: Sees): void {
    for (let turns = 0; turns < 8; turns += 1) {
      const act = rider.acts[0]
      if (!act || !this.#isDone(act, rider, leader, nowMs, sees)) return
      this.#begin(rider, rider.acts.slice(1), nowMs)
    }
  }

  #isDone(act: Act, rider: Moving, leader: Moving | undefined, nowMs: number, sees: Sees): boolean {
    switch (act.do) {
      case 'drive':
        return this.#drive(act, rider, leader, nowMs)
      case 'closeUp': {
        if (this.#drive({ do: 'drive', toM: act.toM, headwayMs: 200 }, rider, leader, nowMs)) return true
        const stands = rider.motion.endMs <= nowMs && rider.reactsAtMs === null
        return stands && leader !== undefined && leader.motion.endMs <= nowMs
      }
      case 'wait':
        return nowMs >= rider.sinceMs + act.forMs
      case 'waitForLeader':
        if (leader) return positionAt(leader.motion, nowMs) >= act.pastM
        return this.#goes(act, rider, nowMs, sees)
      case 'waitForGo':
        return this.#goes(act, rider, nowMs, sees)
      case 'waitForReturn':
        if (nowMs >= rider.sinceMs + act.patienceMs) return true
        return this.#reacts(rider, sees.toldToReturn, act.reactionMs, nowMs)
    }
  }

  /** Green and a raised arm: on. Told to turn back, or tired of waiting: the way out is the way in. */
  #goes(
    act: Act & { patienceMs: number; reactionMs: number },
    rider: Moving,
    nowMs: number,
    sees: Sees,
  ): boolean {
    const tired = nowMs >= rider.sinceMs + act.patienceMs
    if (sees.toldToReturn || tired) {
      this.#begin(rider, [act, { do: 'drive', toM: this.#lane.startM, speedMps: 1.5 }], nowMs)
      return true
    }
    return this.#reacts(rider, sees.green && sees.armDegrees >= driveUnderDegrees, act.reactionMs, nowMs)
  }

  #reacts(rider: Moving, sign: boolean, reactionMs: number, nowMs: number): boolean {
    if (!sign) rider.reactsAtMs = null
    else rider.reactsAtMs ??= nowMs + reactionMs
    return rider.reactsAtMs !== null && nowMs >= rider.reactsAtMs
  }

  /** True once the vehicle stands where it wants to be. */
  #drive(act: Act & { do: 'drive' }, rider: Moving, leader: Moving | undefined, nowMs: number): boolean {
    if (rider.motion.endMs > nowMs) return false
    const hereM = rider.motion.toM
    if (Math.abs(hereM - act.toM) < nearM) return true
    if (act.toM < hereM) {
      if (!this.#waysGiven(rider, nowMs)) return false
      rider.motion = drive(hereM, act.toM, nowMs, this.#pace(rider, undefined, act.speedMps))
      return false
    }
    const toM = leader ? Math.min(act.toM, leader.motion.toM - leader.vehicle.lengthM - keepM) : act.toM
    if (toM - hereM < nearM) return false
    const startsAtMs =
      leader && leader.motion.endMs > nowMs ? leader.motion.startMs + (act.headwayMs ?? 1_500) : nowMs
    if (startsAtMs > nowMs) {
      rider.reactsAtMs = startsAtMs
      return false
    }
    rider.reactsAtMs = null
    rider.motion = drive(hereM, toM, nowMs, this.#pace(rider, leader, act.speedMps))
    return false
  }

  /** Never faster than the one in front, so that nobody drives into a vehicle that moves. */
  #pace(
    rider: Moving,
    leader: Moving | undefined,
    speedMps: number | undefined,
  ): { speedMps: number; accelMps2: number } {
    const own = rider.vehicle.profile
    const wanted = speedMps ?? own.speedMps
    if (!leader || leader.motion.topMps === 0) return { speedMps: wanted, accelMps2: own.accelMps2 }
    return {
      speedMps: Math.min(wanted, leader.motion.topMps),
      accelMps2: Math.min(own.accelMps2, leader.motion.accelMps2),
    }
  }

  /** A vehicle that wants back has the way free when those behind it have left backwards; they are asked to. */
  #waysGiven(rider: Moving, nowMs: number): boolean {
    const behind = this.#riders.slice(this.#riders.indexOf(rider) + 1)
    for (const other of behind) {
      const act = other.acts[0]
      if (other.motion.endMs > nowMs || (act?.do === 'drive' && act.toM <= this.#lane.startM)) continue
      this.#begin(other, [{ do: 'drive', toM: this.#lane.startM, speedMps: 1.5 }], nowMs)
    }
    return behind.length === 0
  }

  #removeTheGone(nowMs: number): void {
    for (let i = this.#riders.length - 1; i >= 0; i -= 1) {
      const rider = this.#riders[i]
      if (!rider || rider.acts.length > 0) continue
      const how = positionAt(rider.motion, nowMs) > this.#lane.armM ? 'through' : 'backwards'
      this.left.push({ vehicle: rider.vehicle, how, atMs: nowMs })
      this.#riders.splice(i, 1)
    }
  }
}
