/** The bar stands upright. */
export const raisedDegrees = 90
/** The bar lies across the lane. */
export const loweredDegrees = 0
/** A drive that is told to turn round runs on in the old direction at this share of its speed. */
const runOnShare = 0.5

export type Drive = 'up' | 'down' | 'none'

/** What is broken about the arm itself. */
export interface ArmFailure {
  /** The arm jams when it comes to this angle, 0 (lowered) to 90 (raised). */
  readonly stuckAt: number | null
  /** How many times longer every movement takes, >= 1. */
  readonly slowFactor: number
  readonly tornOff: boolean
}

/**
 * The bar and its drive: angle over time, nothing else. A drive that is stopped or turned round
 * runs on for `stopMs`, because a bar has mass; what goes on below it is not the arm's business.
 */
export class Arm {
  failure: ArmFailure = { stuckAt: null, slowFactor: 1, tornOff: false }
  readonly #travelMs: number
  readonly #stopMs: number
  #angle: number
  #drive: Drive = 'none'
  #runOn: { direction: 1 | -1; leftMs: number } | null = null

  constructor(angle: number, given: { travelMs: number; stopMs: number }) {
    this.#angle = Math.min(raisedDegrees, Math.max(loweredDegrees, angle))
    this.#travelMs = given.travelMs
    this.#stopMs = given.stopMs
  }

  /** Degrees above the lane. */
  get angle(): number {
    return this.#angle
  }

  get drive(): Drive {
    return this.#drive
  }

  /** Running on in the old direction after a stop or a reversal was ordered. */
  get isRunningOn(): boolean {
    return this.#runOn !== null
  }

  get isRaised(): boolean {
    return this.#angle >= raisedDegrees
  }

  get isLowered(): boolean {
    return this.#angle <= loweredDegrees
  }

  /** The drive pulls and nothing moves, though the end is not reached. */
  get isJammed(): boolean {
    const atEnd = this.#drive === 'up' ? this.isRaised : this.#drive === 'down' && this.isLowered
    return this.#drive !== 'none' && !atEnd && this.#runOn === null && this.speed === 0
  }

  /** Degrees per millisecond; negative while the bar comes down. */
  get speed(): number {
    if (this.failure.tornOff || this.#angle === this.failure.stuckAt) return 0
    const full = raisedDegrees / (this.#travelMs * this.failure.slowFactor)
    const speed = this.#runOn
      ? this.#runOn.direction * full * runOnShare
      : this.#drive === 'up'
        ? full
        : this.#drive === 'down'
          ? -full
          : 0
    if (speed > 0 && this.#angle >= raisedDegrees) return 0
    if (speed < 0 && this.#angle <= loweredDegrees) return 0
    return speed
  }

  order(drive: Drive): void {
    if (drive === this.#drive) return
    const speed = this.speed
    if (speed !== 0 && this.#runOn === null)
      this.#runOn = { direction: speed > 0 ? 1 : -1, leftMs: this.#stopMs }
    this.#drive = drive
    // A drive that is told to go on as it runs has nothing to stop for.
    if (this.#runOn && (drive === 'up' ? 1 : drive === 'down' ? -1 : 0) === this.#runOn.direction)
      this.#runOn = null
  }

  /** Milliseconds until the speed changes by itself; Infinity if it does not. */
  get steadyForMs(): number {
    const speed = this.speed
    const runOnMs = this.#runOn?.leftMs ?? Infinity
    if (speed === 0) return runOnMs
    return Math.min(runOnMs, (this.#nextStop(speed) - this.#angle) / speed)
  }

  /** Goes on for at most {@link steadyForMs}. */
  move(forMs: number): void {
    const speed = this.speed
    if (speed !== 0) {
      const stop = this.#nextStop(speed)
      const next = this.#angle + speed * forMs
      // Close to a stop means at it: rounding must not leave the arm a hair away for ever.
      this.#angle = (speed > 0 ? next >= stop - 1e-9 : next <= stop + 1e-9) ? stop : next
    }
    if (this.#runOn) {
      this.#runOn.leftMs -= forMs
      if (this.#runOn.leftMs <= 1e-9) this.#runOn = null
    }
  }

  #nextStop(speed: number): number {
    const end = speed > 0 ? raisedDegrees : loweredDegrees
    const stuckAt = this.failure.stuckAt
    if (stuckAt === null) return end
    const isAhead =
      speed > 0 ? stuckAt > this.#angle && stuckAt < end : stuckAt < this.#angle && stuckAt > end
    return isAhead ? stuckAt : end
  }
}
