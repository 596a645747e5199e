import type { SeededRandom } from '../../edge/base/random.js'
import type {
  ContainerEntry,
  DeclarationEntry,
  DriverEntry,
  ManifestEntry,
  QuarantineAreaEntry,
  ReleaseEntry,
  TripEntry,
} from '../../edge/messages/cargo-entities.js'
import type { ControlOrder, ListEntry, VehicleEntry } from '../../edge/messages/entities.js'
import type { Sensed } from '../../edge/messages/sensed.js'
import type { Behaviour } from '../vehicle/driver.js'
import { truckProfile, type Finding, type VehicleSpec } from '../vehicle/vehicle.js'
import type { Arrival, TrafficOptions } from './traffic.js'

/** What there is to meet at a lane for laden trucks, with how often it comes. */
const ladenMix = {
  /** Everything in order. */
  inOrder: 40,
  /** Comes from where goods are disinfected at the line. */
  infected: 8,
  /** Comes from where containers are locked. */
  lockedArea: 3,
  lockedBox: 2,
  noTrip: 2,
  noCustoms: 4,
  toInspect: 3,
  undeclared: 2,
  drawn: 3,
  tooOld: 2,
  fever: 2,
  strangeDriver: 2,
  noCard: 2,
  openedSeal: 3,
  otherSeal: 2,
  /** Found at the second look. */
  lateSeal: 4,
  otherBox: 2,
  overweight: 3,
  /** Badly on the scale, and well when it stands there again. */
  reweighed: 4,
  /** Under an INTERCEPT order on its container. */
  boxIntercepted: 3,
  /** Shows the papers of the truck before it. */
  samePapers: 4,
  /** One that was in order comes once more, on the same papers. */
  again: 4,
  backsOut: 3,
  tailgater: 2,
  stalls: 2,
} as const
export type LadenKind = keyof typeof ladenMix
export const ladenKinds = Object.keys(ladenMix) as readonly LadenKind[]

const dayMs = 86_400_000
const grossKg = 30_000
/** Areas that stand in the lists as long as the site is there. */
const infectedArea = 'XD'
const lockedArea = 'XL'

type Papers = Readonly<{
  trip: TripEntry
  box: string
  sealId: string
  entries: readonly ListEntry[]
}>

/** Laden trucks into the country, with their papers and what devices find of them, from a seed and without end. */
export class LadenTraffic {
  readonly #random: SeededRandom
  readonly #options: Omit<TrafficOptions, 'mix'>
  readonly #kinds: readonly LadenKind[]
  #number = 0
  #last: Papers | null = null
  #lastInOrder: Arrival | null = null

  /** `kinds`: only these; absent: all. */
  constructor(
    random: SeededRandom,
    options: Omit<TrafficOptions, 'mix'>,
    kinds: readonly LadenKind[] = ladenKinds,
  ) {
    this.#random = random
    this.#options = options
    this.#kinds = kinds
  }

  /** In the lists from the beginning. */
  areas(): QuarantineAreaEntry[] {
    const area = { kind: 'area', subjects: ['LADEN'], validFrom: this.#options.wallMs - dayMs } as const
    return [
      { ...area, subjects: ['LADEN'], areaId: 'disinfect', areaCode: infectedArea, measure: 'DISINFECT' },
      { ...area, subjects: ['LADEN'], areaId: 'lock', areaCode: lockedArea, measure: 'LOCK' },
    ]
  }

  next(): Arrival {
    const random = this.#random
    const kind = this.#drawKind()
    const number = (this.#number += 1)
    if (kind === 'again' && this.#lastInOrder) return againOf(this.#lastInOrder, number)
    const id = `${this.#options.prefix}${number}`
    const vehicleId = `v${id}`
    const plate = {
      region: 'CN',
      text: `粤${this.#options.prefix}${String(number).padStart(5, '0')}`,
    } as const
    const epc = `E3${Buffer.from(id).toString('hex').toUpperCase()}`.padEnd(24, '0')
    const papers = this.#papers(kind, id, vehicleId)
    const vehicle: VehicleSpec = {
      id: vehicleId,
      kind: 'TRUCK',
      lengthM: random.int(10, 16),
      gaps: [],
      tags: [{ epc, behindFrontM: random.next() * 2, strengthDbm: -42 - random.next() * 10 }],
      plates: [plate],
      profile: truckProfile,
      shows: this.#shows(kind, id, papers),
    }
    const truck: VehicleEntry = {
      kind: 'vehicle',
      vehicleId,
      vehicleKind: 'TRUCK',
      plates: [plate],
      companyId: `c${id}`,
      carriesTag: true,
      permit: 'VALID',
      permitValidTo: this.#options.wallMs + 30 * dayMs,
      tareKg: 9_000,
      legalGrossKg: 49_000,
    }
    const arrival: Arrival = {
      number,
      kind,
      vehicle,
      behaviour: behaviourOf[kind] ?? 'stopsAtLine',
      driver: { patienceMs: this.#options.patienceMs, forMs: random.int(1_500, 12_000) },
      lists: [truck, { kind: 'tag', epc, state: 'ACTIVE', vehicleId }, ...papers.entries],
      lateOrder: null,
      afterMs: random.int(0, this.#options.pauseMs),
    }
    if (kind === 'inOrder') this.#lastInOrder = arrival
    return arrival
  }

  #drawKind(): LadenKind {
    let left = this.#random.next() * this.#kinds.reduce((sum, kind) => sum + ladenMix[kind], 0)
    for (const kind of this.#kinds) {
      left -= ladenMix[kind]
      if (left < 0) return kind
    }
    return this.#kinds[0] ?? 'inOrder'
  }

  /** What the lists hold of driver and load. */
  #papers(kind: LadenKind, id: string, vehicleId: string): Papers {
    const { wallMs } = this.#options
    const last = kind === 'samePapers' ? this.#last : null
    const box = last?.box ?? `BOX${id}`
    const sealId = last?.sealId ?? `s${id}`
    const tripId = `t${id}`
    const origin = kind === 'infected' ? infectedArea : kind === 'lockedArea' ? lockedArea : 'HK'
    const trip: TripEntry = {
      kind: 'trip',
      tripId,
      vehicleId,
      driverId: `d${id}`,
      direction: 'in',
      load: 'L',
      containers: [box],
      declarationNos: last?.trip.declarationNos ?? (kind === 'undeclared' ? [] : [`cus${id}`, `iq${id}`]),
      manifestNo: last?.trip.manifestNo ?? `m${id}`,
      sealIds: [sealId],
      expectedGrossKg: grossKg,
      routeAreas: ['HK'],
      needsFitness: false,
      straightRelease: false,
    }
    const driver: DriverEntry = {
      kind: 'driver',
      driverId: `d${id}`,
      cardNo: `k${id}`,
      state: 'ACTIVE',
      vehicleIds: kind === 'strangeDriver' ? [] : [vehicleId],
      licenceValidTo: wallMs + 30 * dayMs,
      healthCertificateValidTo: wallMs + 90 * dayMs,
      declaredSick: false,
    }
    const own: ListEntry[] = [
      driver,
      ...(kind === 'noTrip' ? [] : [trip]),
      {
        kind: 'company',
        companyId: `c${id}`,
        roles: ['CARRIER'],
        creditClass: 'A',
        managedClass: 2,
        registration: 'VALID',
      },
      { kind: 'draw', tripId, drawId: `r${id}`, selected: kind === 'drawn' },
    ]
    const entries = last ? own : [...own, ...this.#goods(kind, id, { trip, box, sealId, origin })]
    const papers = { trip, box, sealId, entries: [...entries, ...this.#orders(kind, id, box)] }
    if (kind !== 'noTrip') this.#last = papers
    return papers
  }

  #goods(
    kind: LadenKind,
    id: string,
    { trip, box, sealId, origin }: Pick<Papers, 'trip' | 'box' | 'sealId'> & { readonly origin: string },
  ): ListEntry[] {
    const { wallMs } = this.#options
    const declaration = (declarationNo: string, agency: 'IQ' | 'CUSTOMS'): DeclarationEntry => ({
      kind: 'declaration',
      declarationNo,
      agency,
      direction: 'in',
      state: 'RELEASED',
      goodsClass: 'TOYS',
      originArea: origin,
      woodPacking: 'no',
      containers: [box],
      validFrom: wallMs - (kind === 'tooOld' ? 5 : 1) * dayMs,
      validTo: wallMs + (kind === 'tooOld' ? -2 : 2) * dayMs,
      ruling: agency === 'IQ' && kind === 'toInspect' ? 'INSPECT' : 'NO_INSPECTION',
      result: null,
      treatmentDone: false,
    })
    const release: ReleaseEntry = {
      kind: 'release',
      releaseId: `rel${id}`,
      agency: 'CUSTOMS',
      subject: { kind: 'CONTAINER', key: box },
      state: 'ACTIVE',
      usesLeft: 1,
    }
    const manifest: ManifestEntry = {
      kind: 'manifest',
      manifestNo: trip.manifestNo ?? '',
      sentAt: wallMs - dayMs,
      trusted: false,
      lines: [{ lineNo: 1, container: box, declarationNo: trip.declarationNos[0] ?? `cus${id}` }],
    }
    const container: ContainerEntry = {
      kind: 'container',
      number: box,
      isoType: '22G1',
      tareKg: 2_300,
      originArea: origin,
      lastPorts: ['HKHKG'],
      lock: kind === 'lockedBox' ? 'LOCKED' : 'OPEN',
    }
    const declared =
      kind === 'undeclared' ? [] : [declaration(`cus${id}`, 'CUSTOMS'), declaration(`iq${id}`, 'IQ')]
    return [
      ...declared,
      ...(kind === 'noCustoms' ? [] : [release]),
      manifest,
      container,
      { kind: 'seal', sealId, sealKind: 'E_SEAL', container: box, state: 'APPLIED' },
    ]
  }

  #orders(kind: LadenKind, id: string, box: string): ControlOrder[] {
    if (kind !== 'boxIntercepted') return []
    return [
      {
        kind: 'order',
        orderId: `o${id}`,
        agency: 'CUSTOMS',
        subject: { kind: 'CONTAINER', key: box },
        action: 'INTERCEPT',
        nature: 'OPEN',
        level: 2,
        reason: 'simulated',
        validFrom: this.#options.wallMs,
        maxHits: 0,
        issuedBy: 'simulation',
      },
    ]
  }

  /** What the devices find of it, each in its time. */
  #shows(kind: LadenKind, id: string, { box, sealId }: Papers): Finding[] {
    const random = this.#random
    const shows: Finding[] = []
    const find = (sensed: Sensed, fromMs: number): void => {
      shows.push({ afterMs: fromMs + random.int(0, 600), sensed })
    }
    const weigh = (kg: number, stable: boolean, fromMs: number): void => {
      find({ of: 'weight', grossKg: kg + random.int(-200, 200), stable, onScale: true }, fromMs)
    }
    if (kind !== 'noCard') find({ of: 'card', cardNo: `k${id}` }, 200)
    find({ of: 'temperature', is: kind === 'fever' ? 'fever' : 'normal' }, 200)
    find({ of: 'container', number: kind === 'otherBox' ? `BOX${id}X` : box, confidence: 0.97 }, 100)
    if (kind === 'lateSeal') find({ of: 'sealMissed' }, 100)
    find(
      {
        of: 'seal',
        sealId: kind === 'otherSeal' ? `s${id}X` : sealId,
        status: kind === 'openedSeal' ? 'OPENED' : 'CLOSED',
        openedAt: null,
        batteryLow: random.chance(0.1),
      },
      kind === 'lateSeal' ? 2_000 : 300,
    )
    const isOver = kind === 'overweight'
    weigh(isOver ? grossKg * 1.08 : grossKg, kind !== 'reweighed', 700)
    if (isOver || kind === 'reweighed') weigh(isOver ? grossKg * 1.08 : grossKg, true, 3_500)
    return shows
  }
}

/** The same truck with the same load; on the road it is another one. */
function againOf(arrival: Arrival, number: number): Arrival {
  return {
    ...arrival,
    number,
    kind: 'again',
    vehicle: { ...arrival.vehicle, id: `${arrival.vehicle.id}.${number}` },
    lists: [],
  }
}

const behaviourOf: Readonly<Partial<Record<LadenKind, Behaviour>>> = {
  backsOut: 'reversesOut',
  tailgater: 'tailgates',
  stalls: 'stallsUnderArm',
}
