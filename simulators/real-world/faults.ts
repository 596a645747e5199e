import { sleep, type Clock } from '../../edge/base/clock.js'
import { LanekeeperError } from '../../edge/base/error.js'
import { goodLine } from '../scenario/faultproxy.js'
import type { Site } from '../scenario/site.js'
import type { Breaking } from '../scenario/world.js'

/** Reads come and noise is sent in pieces of this length, so that they can be ended at any time. */
const pieceMs = 500
const noiseBytesPerSecond = 200_000
const floodTagsMax = 10_000

/** Breaks real things and mends them: processes, connections, wires, the PLC's barrier and loops. */
export class Faults {
  readonly #site: Site
  readonly #clock: Clock
  /** What goes on until it is mended, `what lane`. */
  readonly #going = new Set<string>()

  constructor(site: Site, clock: Clock) {
    this.#site = site
    this.#clock = clock
  }

  break(what: Breaking): Promise<void> {
    return this.#change(what, true)
  }

  mend(what: Pick<Breaking, 'break' | 'lane'>): Promise<void> {
    return this.#change(what, false)
  }

  /** What goes on ends. */
  stop(): void {
    this.#going.clear()
  }

  async #change(what: Breaking, broken: boolean): Promise<void> {
    const site = this.#site
    switch (what.break) {
      case 'edge':
        return broken ? site.parts.edge.kill() : void (await site.parts.edge.start())
      case 'gateway':
      case 'broker':
        return this.#changeGateway(broken)
      case 'uplink':
        site.uplink.setQuality(broken ? { refuses: true } : goodLine)
        if (broken) site.uplink.cut()
        return
      case 'plc':
        await site.yard({ do: broken ? 'stopPlc' : 'restartPlc' })
        return
      default:
        for (const lane of this.#lanesOf(what)) await this.#changeLane(lane, what, broken)
    }
  }

  async #changeGateway(broken: boolean): Promise<void> {
    if (broken) return this.#site.parts.gateway.kill()
    await this.#site.startGateway()
    await this.#site.signIn()
  }

  #lanesOf({ lane }: Breaking): readonly string[] {
    const { lanes } = this.#site
    return lane === undefined
      ? Array.from({ length: lanes }, (_, index) => `lane-${index + 1}`)
      : [`lane-${lane}`]
  }

  async #changeLane(lane: string, what: Breaking, broken: boolean): Promise<void> {
    const site = this.#site
    switch (what.break) {
      case 'readerLink':
        await site.yard({ do: broken ? 'unplugReader' : 'plugReader', lane })
        return
      case 'barrierMotor': {
        const slow = what.how === 'slow'
        const failure = slow
          ? { slowFactor: broken ? (what.much ?? 4) : 1 }
          : { stuckAt: broken ? (what.much ?? 0) : null, slowFactor: 1 }
        await site.yard({ do: 'fail', lane, failure })
        return
      }
      case 'entryLoop':
      case 'exitLoop': {
        const level = what.how === 'stuckOff' ? 'clear' : 'occupied'
        const stuck = what.break === 'entryLoop' ? { entry: level } : { exit: level }
        await site.yard({ do: 'fail', lane, failure: { loopStuck: broken ? (stuck as LoopStuck) : null } })
        return
      }
      case 'sprayer':
        await site.yard({ do: 'fail', lane, failure: { sprayerOut: broken } })
        return
      case 'people':
        await site.yard({ do: 'people', lane, areNear: broken })
        return
      case 'flood':
      case 'noise':
        this.#keepUp(lane, what, broken)
        return
      default:
        throw new LanekeeperError(
          'scenario.notReal',
          `${what.break} cannot be broken from outside; let the scenario be played in virtual time only (worlds: [virtual])`,
        )
    }
  }

  #keepUp(lane: string, what: Breaking, broken: boolean): void {
    const key = `${what.break} ${lane}`
    if (!broken) return void this.#going.delete(key)
    this.#going.add(key)
    void this.#goOn(key, lane, what)
  }

  async #goOn(key: string, lane: string, what: Breaking): Promise<void> {
    while (this.#going.has(key)) {
      const perSecond = what.much ?? 1_000
      const tags = what.how === 'manyTags' ? floodTagsMax : 1
      try {
        await this.#site.yard(
          what.break === 'flood'
            ? { do: 'flood', lane, tags, perSecond, forMs: pieceMs }
            : {
                do: 'noise',
                lane,
                bytes: Math.round(((what.much ?? noiseBytesPerSecond) * pieceMs) / 1_000),
              },
        )
      } catch {
        // The hardware ends with the scenario.
        return void this.#going.delete(key)
      }
      await sleep(this.#clock, 'scenario', pieceMs)
    }
  }
}

type LoopStuck = { readonly entry?: 'occupied' | 'clear'; readonly exit?: 'occupied' | 'clear' }
