import type { ListEntry } from '../../edge/messages/entities.js'
import { listKinds, listNames, type ListName } from '../../edge/messages/entities.js'
import { SeededRandom } from '../../edge/base/random.js'
import { actsOf } from '../vehicle/driver.js'
import { mixedTraffic, Traffic, type Arrival, type TrafficMix, type TrafficOptions } from './traffic.js'
import type { SimConfig } from './yard-config.js'
import type { YardLane } from './yard.js'

/**
 * What comes to the lanes of a site, drawn from a seed: the lists can be written before the first
 * vehicle comes, by another process, because the same seed draws the same vehicles.
 */
export function drawArrivals(seed: number, count: number, options: TrafficOptions): readonly Arrival[] {
  const traffic = new Traffic(new SeededRandom(seed), options)
  return Array.from({ length: count }, () => traffic.next())
}

/** The arrivals that a simulation's file draws; the same for everybody who reads it. */
export function arrivalsOf(config: Pick<SimConfig, 'arrivals'>): readonly Arrival[] {
  const { seed, count, mix, startM: _startM, ...options } = config.arrivals
  return drawArrivals(seed, count, { ...options, mix: (mix as TrafficMix | undefined) ?? mixedTraffic })
}

/** Everything that the lists must hold before those vehicles come. */
export function listsFor(arrivals: readonly Arrival[]): Readonly<Record<ListName, readonly ListEntry[]>> {
  const entries = arrivals.flatMap((arrival) => arrival.lists)
  const of = (list: ListName) => entries.filter((entry) => entry.kind === listKinds[list])
  return Object.fromEntries(listNames.map((list) => [list, of(list)])) as Record<ListName, ListEntry[]>
}

/** Lets arrivals into lanes, one after the other, each lane as soon as it has room. */
export class Gatekeeper {
  readonly #arrivals: readonly Arrival[]
  readonly #onEntered: (lane: YardLane, arrival: Arrival) => void
  readonly #dueMs = new Map<YardLane, number>()
  #next = 0
  /** Closed: nobody is let in; those inside go on. */
  open = true

  constructor(arrivals: readonly Arrival[], onEntered: (lane: YardLane, arrival: Arrival) => void) {
    this.#arrivals = arrivals
    this.#onEntered = onEntered
  }

  get left(): number {
    return this.#arrivals.length - this.#next
  }

  step(lanes: readonly YardLane[], nowMs: number): void {
    if (!this.open) return
    for (const lane of lanes) {
      const arrival = this.#arrivals[this.#next]
      if (!arrival) return
      // Tail-gaters need somebody to follow; everybody else keeps the lane short.
      const queueMax = arrival.behaviour === 'tailgates' ? 2 : 1
      if (lane.busy >= queueMax) continue
      const dueMs = this.#dueMs.get(lane) ?? nowMs + arrival.afterMs
      this.#dueMs.set(lane, dueMs)
      if (nowMs < dueMs) continue
      this.#dueMs.delete(lane)
      this.#next += 1
      this.admit(lane, arrival)
    }
  }

  /** Lets this one in now, out of turn. */
  admit(lane: YardLane, arrival: Arrival): void {
    lane.enter(arrival.vehicle, actsOf(arrival.behaviour, lane.geometry, arrival.vehicle, arrival.driver))
    this.#onEntered(lane, arrival)
  }
}
