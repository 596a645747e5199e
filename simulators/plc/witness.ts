import type { Arm } from './arm.js'
import type { Truth, TruthDetail } from './truth.js'

/** A bar lower than this stands in the way of a vehicle. */
const inTheWayBelowDegrees = 70
/** UFGS 02840: nothing may come down until a second after a vehicle clears. */
const clearanceMs = 1_000
/** Sums of floating point times may be off by less than this. */
const roundingMs = 1e-6

/**
 * The physics' own eye on bar and vehicle. It asks nobody's program: what it counts stays true
 * when sensors lie and when the program is wrong.
 */
export class Witness {
  readonly #truth: Truth
  readonly #tell: (detail: TruthDetail) => void
  #isZoneOccupied = false
  #zoneClearSinceMs: number | null = null
  #isCounted = false

  constructor(truth: Truth, tell: (detail: TruthDetail) => void) {
    this.#truth = truth
    this.#tell = tell
  }

  /** The bar is about to move as it does from `nowMs` on. */
  movement(arm: Arm, nowMs: number): void {
    if (arm.speed >= 0) {
      this.#isCounted = false
      return
    }
    // Turning round takes a moment: a bar that runs on after the order to stop does what it can.
    if (arm.isRunningOn || this.#isCounted) return
    if (!this.#isZoneOccupied && this.#clearForMs(nowMs) + roundingMs >= clearanceMs) return
    this.#isCounted = true
    this.#truth.loweredOnVehicle += 1
    this.#tell({ is: 'loweredOnVehicle' })
  }

  startsLowering(nowMs: number): void {
    const clearForMs = this.#clearForMs(nowMs)
    if (clearForMs !== Infinity) this.#truth.clearance(clearForMs)
    this.#tell({ is: 'startsLowering', clearForMs: clearForMs === Infinity ? null : clearForMs })
  }

  /** What is below the bar from `nowMs` on. */
  zone(isOccupied: boolean, arm: Arm, nowMs: number): void {
    if (isOccupied === this.#isZoneOccupied) return
    this.#isZoneOccupied = isOccupied
    if (!isOccupied) {
      this.#zoneClearSinceMs = nowMs
      this.#truth.vehiclesPassed += 1
      this.#tell({ is: 'leftZone' })
      return
    }
    const struck = !arm.failure.tornOff && arm.angle < inTheWayBelowDegrees
    if (struck) this.#truth.struckByVehicle += 1
    this.#tell({ is: 'enteredZone', struck })
  }

  /** Infinity: nothing was ever below the bar. */
  #clearForMs(nowMs: number): number {
    if (this.#isZoneOccupied) return 0
    return this.#zoneClearSinceMs === null ? Infinity : nowMs - this.#zoneClearSinceMs
  }
}
