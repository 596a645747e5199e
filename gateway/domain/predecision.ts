import { hashOf } from '../../edge/base/hash.js'
import {
  listNames,
  type Agency,
  type BlacklistEntry,
  type ControlOrder,
  type VehicleEntry,
} from '../../edge/messages/entities.js'
import type { DeclarationEntry, PlanEntry, TripEntry } from '../../edge/messages/cargo-entities.js'
import {
  noCargoObservations,
  type CargoFacts,
  type CargoObservations,
} from '../../edge/domain/decision/cargo.js'
import { isEntry } from '../../edge/domain/decision/cargo-view.js'
import { decide } from '../../edge/domain/decision/decide.js'
import { defaultPolicy } from '../../edge/domain/decision/profiles.js'
import { rulesetVersion } from '../../edge/domain/decision/ruleset.js'
import type { DecisionInputs, DecisionPolicy, LaneProfile } from '../../edge/domain/decision/types.js'

/** Everything the gateway knows of one trip before the truck is there. */
export interface TripFile {
  readonly trip: TripEntry
  /** Null: no such vehicle is registered. */
  readonly vehicle: VehicleEntry | null
  readonly cargo: CargoFacts
  /** Every order and blacklist entry on any name of the trip. */
  readonly orders: readonly ControlOrder[]
  readonly blacklist: readonly BlacklistEntry[]
}

export interface PlanGiven {
  readonly profile: LaneProfile
  readonly policy?: DecisionPolicy
  readonly nowMs: number
}

/** A planned verdict is worth asking for again after this long, whatever changed. */
const planForMs = 72 * 3_600_000

/**
 * The verdict that the lane would give if the truck came now, everything at it were in order and partners
 * that are asked at the lane agreed (domain.md 6.4). It is a hint for papers and guidance before the
 * arrival: the edge decides anew from what it sees.
 */
export function planTrip(file: TripFile, given: PlanGiven): PlanEntry {
  const inputs = idealInputs(file, given)
  const { outcome, primary, reasons, obligations } = decide(inputs)
  const { facts, policy, profile } = inputs
  return {
    kind: 'plan',
    tripId: file.trip.tripId,
    vehicleId: file.trip.vehicleId,
    outcome,
    primary,
    codes: [...new Set(reasons.map(({ code }) => code))].sort(),
    obligations: [...obligations],
    validTo: endOf(file.cargo.declarations, given.nowMs),
    inputsVersion: hashOf({ facts, policy, profile, rulesetVersion }).slice(0, 16),
  }
}

/** The planned verdict holds as long as every paper it rests on, and never for ever. */
function endOf(declarations: CargoFacts['declarations'], nowMs: number): number {
  const ends = Object.values(declarations).flatMap((entry) =>
    isEntry(entry) && entry.validTo > nowMs ? [entry.validTo] : [],
  )
  return Math.min(nowMs + planForMs, ...ends)
}

const idealTag = 'PLANNED'

function idealInputs(file: TripFile, given: PlanGiven): DecisionInputs {
  const { trip, vehicle, cargo, orders, blacklist } = file
  const { profile, policy = defaultPolicy, nowMs } = given
  const { vehicleId } = trip
  return {
    passageId: `plan.${trip.tripId}`,
    lane: 'plan',
    mode: 'AUTO',
    profile: { ...profile, assumedLoad: trip.load, plateRequired: false },
    policy,
    now: { wallMs: nowMs, clockQuality: 'synchronised' },
    observations: {
      tags: [
        {
          epc: idealTag,
          tid: null,
          readerIds: ['plan'],
          antennas: ['0'],
          count: 10,
          bestRssiDbm: -50,
          firstHeardMs: 0,
          lastHeardMs: 400,
          presence: 'present',
          claim: 'mine',
          elsewhere: [],
        },
      ],
      plates: [],
      lane: {
        entryLoop: 'occupied',
        exitLoop: 'clear',
        barrier: 'lowered',
        intrusion: false,
        previousClosed: true,
        presentForMs: 400,
        tooManyTags: false,
      },
      cargo: idealObservations(file),
    },
    facts: {
      tags: { [idealTag]: { kind: 'tag', epc: idealTag, state: 'ACTIVE', vehicleId } },
      vehicles: { [vehicleId]: vehicle },
      plates: {},
      orders,
      blacklist,
      cargo: {
        ...cargo,
        trip,
        // Asked at the lane, when the truck is there.
        police: 'OK',
        customs: { is: 'answered', result: 'LIFT', hint: '' },
      },
    },
    lists: listNames.map((list) => ({ list, version: 0, contentHash: '', ageMs: 0 })),
    devices: {},
    journalWritable: true,
    incidentId: null,
    tagMissesBefore: 0,
    rulesetVersion,
    configHash: '',
  }
}

function idealObservations({ trip, cargo, vehicle }: TripFile): CargoObservations {
  const driver = Object.values(cargo.drivers)
    .filter((entry) => isEntry(entry))
    .find(({ driverId }) => driverId === trip.driverId)
  return {
    ...noCargoObservations,
    driverCard: driver?.cardNo ?? null,
    temperature: 'normal',
    radiation: 'normal',
    containers: trip.containers.map((number) => ({ number, confidence: 1 })),
    seals: trip.sealIds.map((sealId) => ({ sealId, status: 'CLOSED', openedAt: null, batteryLow: false })),
    sealTries: 1,
    weight: {
      grossKg: trip.expectedGrossKg ?? emptyKg(trip, cargo, vehicle),
      stable: true,
      onScale: true,
      tries: 1,
    },
    earTags: trip.earTags?.ids ?? null,
    crateLabels: trip.crateLabels?.declared ?? null,
    sprayer: 'ready',
  }
}

function emptyKg(trip: TripEntry, cargo: CargoFacts, vehicle: VehicleEntry | null): number | null {
  if (trip.load === 'L' || vehicle?.tareKg === undefined) return null
  let kg = vehicle.tareKg
  for (const number of trip.containers) {
    const entry = Object.hasOwn(cargo.containers, number) ? cargo.containers[number] : undefined
    if (entry === undefined || !isEntry(entry) || entry.tareKg === undefined) return null
    kg += entry.tareKg
  }
  return kg
}

/** What the automatic vetting of declarations may rule by itself (电子审单); all configuration. */
export interface VettingPolicy {
  /** Agency whose declarations are ruled here. */
  readonly agency: Agency
  /** Goods that a person must look at whoever brings them, unless the firm is of class 1. */
  readonly riskGoods: readonly string[]
}

export const defaultVettingPolicy: VettingPolicy = { agency: 'IQ', riskGoods: [] }

/** The automatic ruling of one declaration, or why a person must give it. */
export type Vetting =
  { readonly by: 'auto'; readonly ruling: 'NO_INSPECTION' } | { readonly by: 'person'; readonly why: string }

/**
 * Compares a declaration with the trip and manifest it belongs to. What agrees in everything is ruled
 * without a person for firms of class 1, and of class 2 where the goods carry no special risk; class 3 and
 * unknown firms always meet a person. It rules only what nobody has ruled, and never against anybody:
 * whatever does not agree goes to a person.
 */
export function vet(
  declaration: DeclarationEntry,
  file: TripFile,
  policy: VettingPolicy,
  nowMs: number,
): Vetting {
  const why =
    objectionOf(declaration, file, nowMs) ?? classObjectionOf(declaration, companyOf(file), policy.riskGoods)
  return why === null ? { by: 'auto', ruling: 'NO_INSPECTION' } : { by: 'person', why }
}

/** Only these are waiting to be ruled. */
export function waitsForRuling(declaration: DeclarationEntry, policy: VettingPolicy): boolean {
  return (
    declaration.agency === policy.agency && declaration.state === 'ACCEPTED' && declaration.ruling === null
  )
}

function companyOf({ vehicle, cargo }: TripFile): 1 | 2 | 3 | null {
  const id = vehicle?.companyId
  const company = id !== undefined && Object.hasOwn(cargo.companies, id) ? cargo.companies[id] : undefined
  return company !== undefined && isEntry(company) && company.registration === 'VALID'
    ? company.managedClass
    : null
}

function objectionOf(declaration: DeclarationEntry, file: TripFile, nowMs: number): string | null {
  const { trip, cargo, orders, blacklist } = file
  // A secret order looks like a draw at the lane: a ruling that stays away would tell the firm of it.
  if (orders.some(({ action, nature }) => action !== 'NOTIFY' && nature === 'OPEN')) return 'order'
  if (blacklist.length > 0) return 'blacklist'
  if (declaration.direction !== trip.direction) return 'direction'
  if (declaration.validFrom > nowMs + planForMs || declaration.validTo <= nowMs) return 'window'
  if (declaration.originArea === null) return 'origin'
  if (cargo.areas === 'unknown') return 'areas'
  const places = [declaration.originArea, ...trip.routeAreas]
  if (cargo.areas.some(({ areaCode }) => areaCode === '*' || places.includes(areaCode))) return 'area'
  if (declaration.woodPacking !== 'no') return 'wood'
  if (!sameNames(declaration.containers, trip.containers)) return 'containers'
  if (trip.manifestNo !== undefined && !onManifest(declaration, cargo)) return 'manifest'
  if (declaration.grossKg === undefined || declaration.grossKg > (trip.expectedGrossKg ?? 0)) return 'weight'
  return null
}

function classObjectionOf(
  declaration: DeclarationEntry,
  managedClass: 1 | 2 | 3 | null,
  riskGoods: readonly string[],
): string | null {
  if (managedClass === 1) return null
  if (managedClass !== 2) return 'class'
  return riskGoods.includes(declaration.goodsClass) ? 'goods' : null
}

/** Every container it names is on the truck; of a document for several trucks only its own are. */
function sameNames(declared: readonly string[], onTrip: readonly string[]): boolean {
  return onTrip.length > 0 ? onTrip.every((number) => declared.includes(number)) : declared.length === 0
}

function onManifest(declaration: DeclarationEntry, cargo: CargoFacts): boolean {
  const { manifest } = cargo
  if (!isEntry(manifest)) return false
  return declaration.containers.every((number) =>
    manifest.lines.some(({ container }) => container === number),
  )
}
