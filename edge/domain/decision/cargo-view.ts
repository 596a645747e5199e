import type {
  CompanyEntry,
  ContainerEntry,
  DeclarationEntry,
  DriverEntry,
  QuarantineAreaEntry,
  TripEntry,
} from '../../messages/cargo-entities.js'
import type { VehicleEntry } from '../../messages/entities.js'
import {
  defaultCargoPolicy,
  noCargoFacts,
  noCargoObservations,
  type CargoFacts,
  type CargoObservations,
  type CargoPolicy,
  type Fact,
  type Need,
} from './cargo.js'
import type { DecisionInputs, Load } from './types.js'
import { factOf } from './facts.js'

export interface ContainerView {
  readonly number: string
  /** Read on the truck with confidence. */
  readonly seen: boolean
  /** The trip names it. */
  readonly onTrip: boolean
  readonly entry: Fact<ContainerEntry>
}

/** What the rules on driver and load look at, derived once. Everything in it is sorted. */
export interface CargoView {
  readonly load: Load
  readonly seen: CargoObservations
  readonly facts: CargoFacts
  readonly policy: CargoPolicy
  /** Whether the profile needs it positively known: only then does missing or unknown count. */
  readonly needs: (need: Need) => boolean
  readonly trip: Fact<TripEntry>
  /** Of the card that was presented; null: none was, or nobody has it. */
  readonly driver: Fact<DriverEntry>
  /** Of the vehicle; null: it has none, or no vehicle is identified. */
  readonly company: Fact<CompanyEntry>
  /** Those that the trip names. */
  readonly declarations: readonly { readonly no: string; readonly entry: Fact<DeclarationEntry> }[]
  /** Read on the truck, or named by the trip. */
  readonly containers: readonly ContainerView[]
  /** In force now; by an untrusted clock none has ended. */
  readonly areas: readonly QuarantineAreaEntry[] | 'unknown'
  /** Areas that the trip's route and the origins of goods and containers name. */
  readonly comesFrom: ReadonlySet<string>
}

export function cargoViewOf(inputs: DecisionInputs, vehicle: VehicleEntry | null): CargoView {
  const seen = inputs.observations.cargo ?? noCargoObservations
  const facts = inputs.facts.cargo ?? noCargoFacts
  const policy = inputs.policy.cargo ?? defaultCargoPolicy
  const { trip } = facts
  const isTrip = trip !== null && trip !== 'unknown'
  const declarations = [...new Set(isTrip ? trip.declarationNos : [])]
    .sort()
    .map((no) => ({ no, entry: factOf(facts.declarations, no) }))
  const containers = containersOf(seen, facts, policy, isTrip ? trip.containers : [])
  const origins = [
    ...(isTrip ? trip.routeAreas : []),
    ...declarations.flatMap(({ entry }) => (isEntry(entry) ? (entry.originArea ?? []) : [])),
    ...containers.flatMap(({ entry }) => (isEntry(entry) ? (entry.originArea ?? []) : [])),
  ]
  return {
    load: loadOf(inputs.profile.assumedLoad, trip),
    seen,
    facts,
    policy,
    needs: (need) => inputs.profile.needs?.includes(need) === true,
    trip,
    driver: seen.driverCard === null ? null : factOf(facts.drivers, seen.driverCard),
    company: vehicle?.companyId === undefined ? null : factOf(facts.companies, vehicle.companyId),
    declarations,
    containers,
    areas: areasInForce(facts.areas, inputs.now),
    comesFrom: new Set(origins),
  }
}

/** Neither missing nor unknown. */
export function isEntry<T extends object>(fact: Fact<T>): fact is T {
  return fact !== null && fact !== 'unknown'
}

/** The trip tells the load of a lane that takes any; where it contradicts the lane, nobody knows. */
function loadOf(assumed: Load, trip: Fact<TripEntry>): Load {
  if (!isEntry(trip)) return assumed
  if (assumed === 'unknown') return trip.load
  return trip.load === assumed ? assumed : 'unknown'
}

function containersOf(
  seen: CargoObservations,
  facts: CargoFacts,
  policy: CargoPolicy,
  onTrip: readonly string[],
): ContainerView[] {
  const read = (seen.containers ?? []).filter((one) => one.confidence >= policy.containerConfidenceMin)
  const numbers = new Set([...read.map((one) => one.number), ...onTrip])
  return [...numbers].sort().map((number) => ({
    number,
    seen: read.some((one) => one.number === number),
    onTrip: onTrip.includes(number),
    entry: factOf(facts.containers, number),
  }))
}

function areasInForce(
  areas: readonly QuarantineAreaEntry[] | 'unknown',
  now: DecisionInputs['now'],
): readonly QuarantineAreaEntry[] | 'unknown' {
  if (areas === 'unknown') return areas
  const isTrusted = now.clockQuality !== 'untrusted'
  return areas.filter(
    ({ validFrom, validTo }) =>
      !isTrusted || (validFrom <= now.wallMs && (validTo === undefined || now.wallMs <= validTo)),
  )
}
