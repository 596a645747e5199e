import { systemClock } from '../../../../base/clock.js'
import type { FaultChange } from '../../../../base/fault.js'
import { silentLogger } from '../../../../base/log.js'
import { systemRandom } from '../../../../base/random.js'
import { describeProblems } from '../../../../base/result.js'
import { unknownSignals, type Barrier, type LaneSignals } from '../../../../interfaces/barrier.js'
import { createBarrierDrivers } from '../../index.js'

export type Settings = Readonly<Record<string, unknown>>

/** One opened barrier and everything it said, in order. */
export class Heard {
  readonly barrier: Barrier
  readonly signals: LaneSignals[] = []
  readonly faults: FaultChange[] = []
  readonly #checks = new Set<() => void>()

  constructor(open: (heard: Heard) => Barrier) {
    this.barrier = open(this)
  }

  get now(): LaneSignals {
    return this.signals.at(-1) ?? unknownSignals
  }

  /** Faults that stand, by code. */
  get standing(): string[] {
    const codes = new Set<string>()
    for (const change of this.faults) {
      if (change.is === 'raised') codes.add(change.code)
      else codes.delete(change.code)
    }
    return [...codes].sort()
  }

  detailOf(code: string): string {
    return this.faults.findLast((change) => change.code === code && change.is === 'raised')?.detail ?? ''
  }

  tell(): void {
    for (const check of this.#checks) check()
  }

  /** Resolves as soon as it holds, looking at everything that is said; rejects after the bound. */
  until(what: string, holds: () => boolean, withinMs = 10_000): Promise<void> {
    if (holds()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const cancel = systemClock.after('test.bound', withinMs, () => {
        this.#checks.delete(check)
        const seen = JSON.stringify({ now: this.now, faults: this.faults.slice(-4) })
        reject(new Error(`not within ${withinMs} ms: ${what}; ${seen}`))
      })
      const check = () => {
        if (!holds()) return
        this.#checks.delete(check)
        cancel()
        resolve()
      }
      this.#checks.add(check)
    })
  }

  untilKnown(withinMs = 15_000): Promise<void> {
    return this.until(
      'the lane is known',
      () => this.now.plcBootId !== null && this.now.watchdogTripped === false,
      withinMs,
    )
  }
}

/** Looks every few milliseconds at something that does not tell by itself; bounded. */
export async function eventually(what: string, holds: () => boolean, withinMs = 10_000): Promise<void> {
  const untilMs = systemClock.now().monoMs + withinMs
  while (!holds()) {
    if (systemClock.now().monoMs > untilMs) throw new Error(`not within ${withinMs} ms: ${what}`)
    await new Promise<void>((resolve) => {
      systemClock.after('test.look', 5, resolve)
    })
  }
}

export interface Opener {
  open(laneId: string, more?: Settings): Heard
}

/** Opens lanes with one driver, as an edge does. */
export function openerFor(settings: Settings): Opener {
  const { opcua } = createBarrierDrivers()
  return {
    open: (laneId, more = {}) => {
      const config = opcua.parseConfig({ ...settings, ...more })
      if (!config.ok) throw new Error(describeProblems(config.problems))
      return new Heard((heard) =>
        opcua.open(config.value, {
          laneId,
          clock: systemClock,
          random: systemRandom,
          log: silentLogger,
          onSignals: (signals) => {
            heard.signals.push(signals)
            heard.tell()
          },
          onFault: (change) => {
            heard.faults.push(change)
            heard.tell()
          },
        }),
      )
    },
  }
}
