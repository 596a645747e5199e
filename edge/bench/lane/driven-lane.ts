import { sleep, type Clock } from '../../base/clock.js'
import type { SeededRandom } from '../../base/random.js'
import type { PlcLane } from '../../../simulators/plc/model.js'
import { machineMs } from '../machine-time.js'

/** One vehicle that went through, or gave up. */
export interface Passed {
  readonly lane: string
  readonly vehicle: number
  /** When its front came onto the entry loop, on the machine's clock. */
  readonly onLoopAtMs: number
  /** It waited in vain for a raised bar and backed out. */
  readonly gaveUp: boolean
}

const lookEveryMs = 10
/**
 * A vehicle is heard so long before it comes onto the loop. Reads and loops reach the edge on two ways:
 * the last reads of the vehicle before must not come later than the loop of this one.
 */
const approachMs = { low: 400, high: 800 }
/** A vehicle stands this long on each loop: longer than the slowest sampling that a PLC may offer. */
const dwellMs = 150
const patienceMs = 12_000
/** Longer than `approachMs` of a lane's configuration. */
const forgottenAfterMs = 3_500
/** One vehicle in so many is heard late, after `collectMs`, so that the decision waits for its tag. */
const lateOneIn = 8
const lateMs = { low: 450, high: 600 }

/** Puts vehicles onto the loops of one PLC lane, one after the other, without any physics. */
export class DrivenLane {
  readonly #plc: PlcLane
  readonly #clock: Clock
  readonly #random: SeededRandom
  readonly #onHeard: (vehicle: number | null) => void

  constructor(
    plc: PlcLane,
    given: { clock: Clock; random: SeededRandom; onHeard: (vehicle: number | null) => void },
  ) {
    this.#plc = plc
    this.#clock = given.clock
    this.#random = given.random
    this.#onHeard = given.onHeard
  }

  /** One vehicle from its approach until the bar is down again behind it. */
  async pass(vehicle: number): Promise<Passed> {
    const isLate = this.#random.chance(1 / lateOneIn)
    this.#onHeard(isLate ? null : vehicle)
    await this.#wait(this.#random.int(approachMs.low, approachMs.high))
    this.#sense(true, false)
    const onLoopAtMs = machineMs()
    if (isLate) {
      await this.#wait(this.#random.int(lateMs.low, lateMs.high))
      this.#onHeard(vehicle)
    }
    const gaveUp = !(await this.#until(() => this.#plc.image().raised))
    if (!gaveUp) {
      this.#sense(true, true)
      await this.#wait(dwellMs)
      this.#sense(false, true)
      await this.#wait(dwellMs)
    }
    this.#sense(false, false)
    await this.#until(() => this.#plc.image().lowered)
    if (gaveUp) await this.#forget()
    return { lane: this.#plc.id, vehicle, onLoopAtMs, gaveUp }
  }

  /** Until what was heard of a vehicle that backed out belongs to nobody any more. */
  async #forget(): Promise<void> {
    this.#onHeard(null)
    await this.#wait(forgottenAfterMs)
  }

  #sense(onEntry: boolean, onExit: boolean): void {
    this.#plc.advance(this.#clock.now().monoMs, {
      entryOccupied: onEntry,
      exitOccupied: onExit,
      zoneOccupied: onExit,
    })
  }

  #wait(forMs: number): Promise<void> {
    return sleep(this.#clock, 'bench vehicle', forMs)
  }

  /** False when it did not come true in time. */
  async #until(holds: () => boolean): Promise<boolean> {
    const untilMs = this.#clock.now().monoMs + patienceMs
    while (!holds()) {
      if (this.#clock.now().monoMs > untilMs) return false
      await this.#wait(lookEveryMs)
    }
    return true
  }
}
