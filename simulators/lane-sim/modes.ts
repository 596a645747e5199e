import type { SeededRandom } from '../../edge/base/random.js'
import type { LaneMode } from '../../edge/messages/down.js'
import type { SimLane } from './lane.js'
import { verdictForMs } from './operator.js'
import type { Site } from './site.js'

const others: readonly LaneMode[] = [
  'ATTENDED',
  'SHADOW',
  'MANUAL',
  'CLOSED',
  'MAINTENANCE',
  'EMERGENCY_OPEN',
  'EMERGENCY_OPEN',
]

/**
 * The people who give lanes other modes while traffic goes on: now and then one lane, for a while, and back to
 * AUTO. In MANUAL somebody opens for whoever comes. Draws from a stream of its own, so that seeds without it
 * stay what they are.
 */
export class ModeChanges {
  readonly #site: Site
  readonly #random: SeededRandom
  #isOver = false

  constructor(site: Site, random: SeededRandom) {
    this.#site = site
    this.#random = random
    site.watchers.push({
      durable: (row, lane) => {
        if (!lane || row.type !== 'passageOpened' || row.passageId === null || this.#isOver) return
        if (site.checker.modeOf(lane.id) !== 'MANUAL') return
        this.#openByHand(lane, row.passageId)
      },
    })
  }

  start(): void {
    this.#site.kernel.after(this.#between(10_000, 60_000), 'modes.next', () => {
      this.#change()
    })
  }

  /**
   * Every lane is AUTO again, however often it has to be told: a command that was held up on its way counts until
   * it ends.
   */
  end(): void {
    this.#isOver = true
    const { kernel, lanes, checker, operator } = this.#site
    const lastMs = kernel.nowMs + verdictForMs
    const tell = (): void => {
      const left = lanes.filter((lane) => checker.modeOf(lane.id) !== 'AUTO')
      for (const lane of left) operator.command(lane.id, { do: 'setMode', mode: 'AUTO' })
      if (left.length > 0 || kernel.nowMs < lastMs) kernel.after(2_000, 'modes.auto', tell)
    }
    tell()
  }

  #change(): void {
    if (this.#isOver) return
    const { kernel, operator, lanes } = this.#site
    const lane = this.#random.pick(lanes)
    const mode = this.#random.pick(others)
    const forMs = this.#between(15_000, 60_000)
    const second = mode === 'EMERGENCY_OPEN' ? { confirmedBy: 'second', forMs } : {}
    operator.command(lane.id, { do: 'setMode', mode, ...second })
    const back = forMs + this.#between(2_000, 20_000)
    kernel.after(back, 'modes.back', () => {
      if (!this.#isOver) operator.command(lane.id, { do: 'setMode', mode: 'AUTO' })
    })
    kernel.after(back + this.#between(10_000, 90_000), 'modes.next', () => {
      this.#change()
    })
  }

  /** A person at the lane; now and then for a vehicle that is gone, or a lane that is not his any more. */
  #openByHand(lane: SimLane, passageId: string): void {
    this.#site.kernel.after(this.#between(2_000, 20_000), 'modes.byHand', () => {
      if (this.#random.chance(0.2)) return
      this.#site.operator.command(lane.id, { do: 'manualRaise', passageId, orderIds: [] }, 'seen by hand')
    })
  }

  #between(lowMs: number, highMs: number): number {
    return lowMs + this.#random.next() * (highMs - lowMs)
  }
}
