import type { SeededRandom } from '../../edge/base/random.js'
import type { ControlOrder, ListEntry, Plate, TagEntry, VehicleEntry } from '../../edge/messages/entities.js'
import type { LadenKind } from './laden-traffic.js'
import type { Behaviour, DriverOptions } from '../vehicle/driver.js'
import { carProfile, truckProfile, type TagOnVehicle, type VehicleSpec } from '../vehicle/vehicle.js'

/** What there is to meet at a lane. */
export const trafficKinds = [
  /** Registered, tag good: passes without stopping for long. */
  'known',
  /** No tag; its plate is registered. */
  'untagged',
  /** Neither tag nor a registered plate. */
  'stranger',
  'unknownTag',
  'lostTag',
  /** Under an open INTERCEPT order. */
  'intercepted',
  'secretlyIntercepted',
  /** Under a secret NOTIFY order: nobody at the lane may notice. */
  'secretNotify',
  /** A tag so strong that the neighbour lane hears it too. */
  'twoLanes',
  'tailgater',
  'backsOut',
  'runsThrough',
  /** Its tag is heard only after a while. */
  'lateTag',
  /** A second tag, under an INTERCEPT order, is heard late. */
  'lateIntercept',
  /** An order arrives while it stands at the line. */
  'orderRace',
  'trailer',
  'stalls',
  'slow',
] as const
export type TrafficKind = (typeof trafficKinds)[number]

/** How often each kind comes, relative to the others; a kind that is not named never does. */
export type TrafficMix = Readonly<Partial<Record<TrafficKind, number>>>

/** A day at a busy land port, with everything that goes wrong in a week. */
export const mixedTraffic: TrafficMix = {
  known: 40,
  untagged: 6,
  stranger: 3,
  unknownTag: 4,
  lostTag: 2,
  intercepted: 5,
  secretlyIntercepted: 2,
  secretNotify: 3,
  twoLanes: 6,
  tailgater: 3,
  backsOut: 3,
  runsThrough: 2,
  lateTag: 3,
  lateIntercept: 2,
  orderRace: 3,
  trailer: 6,
  stalls: 2,
  slow: 4,
}

/** A vehicle that is about to come. */
export interface Arrival {
  readonly number: number
  readonly kind: TrafficKind | LadenKind
  readonly vehicle: VehicleSpec
  readonly behaviour: Behaviour
  readonly driver: DriverOptions
  /** What the lists must hold before it comes. */
  readonly lists: readonly ListEntry[]
  /** An order that is given this long after it came onto the entry loop. */
  readonly lateOrder: { readonly order: ControlOrder; readonly afterLoopMs: number } | null
  /** Pause before it sets out. */
  readonly afterMs: number
}

export interface TrafficOptions {
  readonly mix: TrafficMix
  /** UTC ms from which orders are valid. */
  readonly wallMs: number
  /** Pause between two vehicles of one lane, at most. */
  readonly pauseMs: number
  /** How long a driver waits before giving up. */
  readonly patienceMs: number
  /** Stands in every id, so that two generators do not give the same one. */
  readonly prefix: string
}

/** Seeded traffic without end: the same seed gives the same vehicles in the same order. */
export class Traffic {
  readonly #random: SeededRandom
  readonly #options: TrafficOptions
  readonly #kinds: readonly TrafficKind[]
  #number = 0

  constructor(random: SeededRandom, options: TrafficOptions) {
    this.#random = random
    this.#options = options
    this.#kinds = trafficKinds.filter((kind) => (options.mix[kind] ?? 0) > 0)
  }

  next(): Arrival {
    const random = this.#random
    const kind = this.#drawKind()
    const number = (this.#number += 1)
    const isLong = kind === 'trailer' || random.chance(0.3)
    const tags = this.#tagsOf(kind, number)
    const plate: Plate = {
      region: 'CN',
      text: `粤${this.#options.prefix}${String(number).padStart(5, '0')}`.slice(0, 16),
    }
    const vehicle: VehicleSpec = {
      id: this.#id('v', number),
      kind: isLong ? 'TRUCK' : 'CAR',
      lengthM: isLong ? random.int(8, 16) : 4 + random.next(),
      // The drawbar of a long trailer: shorter than the loop, or just longer.
      gaps: kind === 'trailer' ? [{ fromM: 6, toM: 6 + 1.2 + random.next() * 1.4 }] : [],
      tags,
      plates: [plate],
      profile: isLong ? truckProfile : carProfile,
    }
    const orders = this.#ordersOn(kind, vehicle)
    return {
      number,
      kind,
      vehicle: kind === 'trailer' ? { ...vehicle, lengthM: Math.max(vehicle.lengthM, 13) } : vehicle,
      behaviour: behaviourOf[kind] ?? 'stopsAtLine',
      driver: { patienceMs: this.#options.patienceMs, forMs: random.int(1_500, 8_000) },
      lists: [...this.#registryOf(kind, vehicle), ...(kind === 'orderRace' ? [] : orders)],
      lateOrder:
        kind === 'orderRace' && orders[0] ? { order: orders[0], afterLoopMs: random.int(100, 1_500) } : null,
      afterMs: random.int(0, this.#options.pauseMs),
    }
  }

  #drawKind(): TrafficKind {
    const { mix } = this.#options
    let left = this.#random.next() * this.#kinds.reduce((sum, kind) => sum + (mix[kind] ?? 0), 0)
    for (const kind of this.#kinds) {
      left -= mix[kind] ?? 0
      if (left < 0) return kind
    }
    return this.#kinds[0] ?? 'known'
  }

  #id(letter: string, number: number): string {
    return `${letter}${this.#options.prefix}${number}`
  }

  #epc(number: number, which: number): string {
    const hex = (value: number, length: number): string =>
      value.toString(16).toUpperCase().padStart(length, '0')
    const prefix = [...this.#options.prefix].map((letter) => hex(letter.charCodeAt(0), 2)).join('')
    return `E2${prefix}${hex(number, 6)}${hex(which, 2)}`.padEnd(24, '0')
  }

  #tagsOf(kind: TrafficKind, number: number): TagOnVehicle[] {
    if (kind === 'untagged' || kind === 'stranger') return []
    const random = this.#random
    const main: TagOnVehicle = {
      epc: this.#epc(number, 1),
      behindFrontM: random.next() * 2,
      strengthDbm: kind === 'twoLanes' ? -26 : -42 - random.next() * 10,
      ...(kind === 'lateTag' ? { silentForMs: random.int(500, 5_000) } : {}),
    }
    if (kind === 'trailer') return [main, { ...main, epc: this.#epc(number, 2), behindFrontM: 8 }]
    if (kind === 'lateIntercept')
      return [main, { ...main, epc: this.#epc(number, 2), silentForMs: random.int(200, 3_000) }]
    return [main]
  }

  #registryOf(kind: TrafficKind, vehicle: VehicleSpec): ListEntry[] {
    if (kind === 'stranger') return []
    const isKnown = kind !== 'unknownTag'
    const entry: VehicleEntry = {
      kind: 'vehicle',
      vehicleId: vehicle.id,
      vehicleKind: vehicle.kind,
      plates: [...vehicle.plates],
      companyId: `c${this.#options.prefix}${this.#number % 7}`,
      carriesTag: kind !== 'untagged' || this.#random.chance(0.5),
    }
    const tagOf = (tag: TagOnVehicle, vehicleId: string): TagEntry => ({
      kind: 'tag',
      epc: tag.epc,
      state: kind === 'lostTag' ? 'LOST' : 'ACTIVE',
      vehicleId,
    })
    if (!isKnown) return []
    const [main, second] = vehicle.tags
    const entries: ListEntry[] = [entry]
    if (main) entries.push(tagOf(main, vehicle.id))
    if (second && kind === 'trailer') {
      const trailerId = `${vehicle.id}t`
      entries.push(
        {
          ...entry,
          vehicleId: trailerId,
          vehicleKind: 'TRAILER',
          plates: [{ region: 'CN', text: `${trailerId}挂`.slice(0, 16) }],
        },
        tagOf(second, trailerId),
      )
    } else if (second) entries.push(tagOf(second, vehicle.id))
    return entries
  }

  #ordersOn(kind: TrafficKind, vehicle: VehicleSpec): ControlOrder[] {
    const isIntercept =
      kind === 'intercepted' ||
      kind === 'secretlyIntercepted' ||
      kind === 'orderRace' ||
      kind === 'lateIntercept'
    if (!isIntercept && kind !== 'secretNotify') return []
    const [main, second] = vehicle.tags
    const [plate] = vehicle.plates
    const epc = (kind === 'lateIntercept' ? second : main)?.epc ?? ''
    const byTag = { kind: 'TAG', key: epc } as const
    const byPlate = { kind: 'PLATE', key: plate?.text ?? '' } as const
    const byVehicle = { kind: 'VEHICLE', key: vehicle.id } as const
    const nature = kind === 'intercepted' ? 'OPEN' : 'SECRET'
    const subject = kind === 'lateIntercept' ? byTag : this.#random.pick([byTag, byTag, byPlate, byVehicle])
    return [
      {
        kind: 'order',
        // A gateway takes secret orders under such numbers only.
        orderId: this.#id(nature === 'SECRET' ? 'S-' : 'o', this.#number),
        agency: 'CUSTOMS',
        subject,
        action: isIntercept ? 'INTERCEPT' : 'NOTIFY',
        nature,
        level: 2,
        reason: 'simulated',
        validFrom: this.#options.wallMs,
        maxHits: 0,
        issuedBy: 'simulation',
      },
    ]
  }
}

const behaviourOf: Readonly<Partial<Record<TrafficKind, Behaviour>>> = {
  tailgater: 'tailgates',
  backsOut: 'reversesOut',
  runsThrough: 'runsThrough',
  stalls: 'stallsUnderArm',
  slow: 'slow',
}
