import { SeededRandom } from '../../edge/base/random.js'
import type { ListEntry } from '../../edge/messages/entities.js'
import { LadenTraffic } from '../scenario/laden-traffic.js'
import { mixedTraffic, Traffic, type Arrival, type TrafficOptions } from '../scenario/traffic.js'
import type { SimLane } from './lane.js'
import { profileNamed } from './profile.js'
import { startWallMs } from './kernel.js'

/** Everything of a laden lane but the border police's word, which no list carries. */
export const ladenProfile = profileNamed('roadInLaden', [
  ...['permit', 'driver', 'temperature', 'account', 'trip', 'container', 'iq', 'customs', 'area', 'draw'],
  ...['manifest', 'seal', 'weight'],
])

/** The lane for laden trucks of a seed, its last, if it has one. */
export function ladenLaneOf({
  seed,
  lanes,
  laden,
}: {
  readonly seed: number
  readonly lanes: number
  readonly laden?: boolean
}): number | null {
  return (laden ?? seed % 2 === 0) ? lanes : null
}

/** Vehicles of one kind of lane in the order in which they come, with what the lists must hold before. */
export class Arrivals {
  readonly #random: SeededRandom
  readonly #traffic: { next(): Arrival }
  readonly #put: (entry: ListEntry) => void
  /** Drawn, and not yet on the road. */
  readonly #ahead: Arrival[] = []
  readonly #unlisted = new Set<Arrival>()

  constructor(random: SeededRandom, traffic: { next(): Arrival }, put: (entry: ListEntry) => void) {
    this.#random = random
    this.#traffic = traffic
    this.#put = put
  }

  /** Draws so many: two of three stand in the lists before the lanes open; the others are entered while they work. */
  prepare(count: number): void {
    for (let drawn = 0; drawn < count; drawn += 1) {
      const arrival = this.#traffic.next()
      if (this.#random.chance(2 / 3)) this.#enterInLists(arrival)
      else this.#unlisted.add(arrival)
      this.#ahead.push(arrival)
    }
  }

  /** The next vehicle, in the lists a little before it comes. */
  next(): Arrival {
    const arrival = this.#ahead.shift()
    const next = arrival ?? this.#traffic.next()
    if (!arrival || this.#unlisted.delete(arrival)) this.#enterInLists(next)
    return next
  }

  #enterInLists(arrival: Arrival): void {
    for (const entry of arrival.lists) this.#put(entry)
  }
}

/** Traffic of a seed: for lanes of cars, and for its laden lane. */
export function trafficOf(
  random: SeededRandom,
  laden: boolean,
  patienceMs: number,
): { next(): Arrival; readonly areas: readonly ListEntry[] } {
  const options = {
    wallMs: startWallMs - 3_600_000,
    pauseMs: 4_000,
    patienceMs,
  } satisfies Partial<TrafficOptions>
  if (laden) {
    const traffic = new LadenTraffic(random, { ...options, prefix: 'L' })
    return { next: () => traffic.next(), areas: traffic.areas() }
  }
  const traffic = new Traffic(random, { ...options, mix: mixedTraffic, prefix: 'A' })
  return { next: () => traffic.next(), areas: [] }
}

/** A vehicle with nothing against it, for this lane. */
export function goodArrival(lane: SimLane, laden: boolean, prefix: string): Arrival {
  const random = new SeededRandom(lane.number)
  const options = { wallMs: startWallMs, pauseMs: 0, patienceMs: 170_000, prefix }
  if (laden) return new LadenTraffic(random, options, ['inOrder']).next()
  return new Traffic(random, { ...options, mix: { known: 1 }, wallMs: 0 }).next()
}
