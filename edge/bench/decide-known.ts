import type { CargoFacts, CargoObservations, CargoPolicy, Need } from '../domain/decision/cargo.js'
import { defaultCargoPolicy, noCargoFacts, noCargoObservations } from '../domain/decision/cargo.js'
import type { Crossing, DecisionInputs, Load } from '../domain/decision/types.js'
import type {
  CompanyEntry,
  ContainerEntry,
  DeclarationEntry,
  DriverEntry,
  ReleaseEntry,
  TripEntry,
} from '../messages/cargo-entities.js'
import type { Agency, ControlOrder, TagEntry, VehicleEntry } from '../messages/entities.js'

/** What the chain by hand looks up once before it asks: everything is there, or known not to be. */
export interface KnownTruck {
  readonly inputs: DecisionInputs
  readonly wallMs: number
  readonly crossing: Crossing
  readonly isRoad: boolean
  readonly load: Load
  readonly needs: readonly Need[]
  readonly tags: readonly TagEntry[]
  readonly vehicle: VehicleEntry | null
  readonly company: CompanyEntry | null
  readonly driver: DriverEntry | null
  readonly trip: TripEntry | null
  readonly seen: CargoObservations
  readonly cargo: CargoFacts
  readonly policy: CargoPolicy
  readonly papers: readonly DeclarationEntry[]
  readonly boxes: readonly string[]
  readonly containers: readonly ContainerEntry[]
  readonly orders: readonly ControlOrder[]
}

export function lookedUp(inputs: DecisionInputs): KnownTruck {
  const { facts, profile, observations, now } = inputs
  const cargo = facts.cargo ?? noCargoFacts
  const seen = observations.cargo ?? noCargoObservations
  const policy = inputs.policy.cargo ?? defaultCargoPolicy
  const trip = entry(cargo.trip)
  const tags = observations.tags.flatMap(({ epc }) => entry(facts.tags[epc]) ?? [])
  const vehicle = vehicleOf(inputs, tags)
  const boxes = boxesOf(seen, trip, policy.containerConfidenceMin)
  return {
    inputs,
    wallMs: now.wallMs,
    crossing: profile.crossing,
    isRoad: profile.crossing === 'RI' || profile.crossing === 'RO',
    load: profile.assumedLoad === 'unknown' ? (trip?.load ?? 'unknown') : profile.assumedLoad,
    needs: profile.needs ?? [],
    tags,
    vehicle,
    company: entry(cargo.companies[vehicle?.companyId ?? '']),
    driver: entry(cargo.drivers[seen.driverCard ?? '']),
    trip,
    seen,
    cargo,
    policy,
    papers: (trip?.declarationNos ?? []).flatMap((no) => entry(cargo.declarations[no]) ?? []),
    boxes,
    containers: boxes.flatMap((box) => entry(cargo.containers[box]) ?? []),
    orders: facts.orders === 'unknown' ? [] : facts.orders.filter((order) => isInForce(order, now.wallMs)),
  }
}

function vehicleOf({ facts, observations, policy }: DecisionInputs, tags: readonly TagEntry[]) {
  const [tag] = tags
  if (observations.tags.length > 0) return entry(facts.vehicles[tag?.vehicleId ?? ''])
  for (const { plate, confidence } of observations.plates) {
    const vehicleId = facts.plates[plate.text]
    if (confidence >= policy.plateConfidenceMin && typeof vehicleId === 'string')
      return entry(facts.vehicles[vehicleId])
  }
  return null
}

function boxesOf(seen: CargoObservations, trip: TripEntry | null, confidenceMin: number): string[] {
  const boxes = [...(trip?.containers ?? [])]
  for (const { number, confidence } of seen.containers ?? [])
    if (confidence >= confidenceMin && !boxes.includes(number)) boxes.push(number)
  return boxes
}

export function isInForce(
  of: { readonly validFrom: number; readonly validTo?: number | undefined },
  wallMs: number,
): boolean {
  return of.validFrom <= wallMs && (of.validTo ?? Infinity) >= wallMs
}

export function entry<T extends object>(fact: T | null | 'unknown' | undefined): T | null {
  return fact === undefined || fact === 'unknown' ? null : fact
}

export function hasGoodResult({ result, treatmentDone }: DeclarationEntry): boolean {
  return result === 'PASS' || (result === 'TREAT' && treatmentDone)
}

export function hasBadResult({ result, treatmentDone }: DeclarationEntry): boolean {
  return result === 'FAIL' || result === 'RETURN' || (result === 'TREAT' && !treatmentDone)
}

export function passed(truck: KnownTruck, paper: DeclarationEntry): boolean {
  return hasGoodResult(paper) || hasReceipt(truck, paper.agency, paper)
}

/** How an agency has released the load: all of it, or what it has taken back of the rest. */
export function releaseOf(truck: KnownTruck, agency: Agency): { isReleased: boolean; isTakenBack: boolean } {
  if (truck.trip === null) return { isReleased: false, isTakenBack: false }
  const own = truck.papers.filter((paper) => paper.agency === agency)
  let isReleased = true
  let isTakenBack = false
  for (const unit of own.length > 0 ? own : [truck.trip]) {
    if (isUnitReleased(truck, agency, unit)) continue
    isReleased = false
    isTakenBack ||= messagesOn(truck, agency, unit).some(({ state }) => state === 'REVOKED')
  }
  return { isReleased, isTakenBack }
}

type Unit = DeclarationEntry | TripEntry

function isUnitReleased(truck: KnownTruck, agency: Agency, unit: Unit): boolean {
  if (hasReceipt(truck, agency, unit)) return true
  const good = messagesOn(truck, agency, unit).filter(
    ({ state, usesLeft, validTo }) =>
      state === 'ACTIVE' && usesLeft > 0 && (validTo ?? Infinity) >= truck.wallMs,
  )
  if (good.some(({ subject }) => subject.kind !== 'CONTAINER')) return true
  const boxes = boxesOfUnit(truck, unit)
  return boxes.length > 0 && boxes.every((box) => good.some(({ subject }) => subject.key === box))
}

function hasReceipt(truck: KnownTruck, agency: Agency, unit: Unit): boolean {
  const { receipt } = truck.seen
  if (truck.isRoad || receipt === null || receipt.agency !== agency) return false
  if (receipt.signatureValid !== true || receipt.used !== false) return false
  if (messagesOn(truck, agency, unit).length > 0) return false
  const boxes = boxesOfUnit(truck, unit)
  if (receipt.subject.kind === 'CONTAINER') return boxes.length === 1 && boxes[0] === receipt.subject.key
  return isAbout(truck, receipt.subject, unit, boxes)
}

function messagesOn(truck: KnownTruck, agency: Agency, unit: Unit): ReleaseEntry[] {
  const { releases } = truck.cargo
  const boxes = boxesOfUnit(truck, unit)
  return (releases === 'unknown' ? [] : releases).filter(
    (release) => release.agency === agency && isAbout(truck, release.subject, unit, boxes),
  )
}

function boxesOfUnit({ boxes }: KnownTruck, unit: Unit): string[] {
  return unit.kind === 'trip' ? [...boxes] : boxes.filter((box) => unit.containers.includes(box))
}

function isAbout(
  { trip }: KnownTruck,
  { kind, key }: ReleaseEntry['subject'],
  unit: Unit,
  boxes: readonly string[],
): boolean {
  if (kind === 'TRIP') return trip?.tripId === key
  if (kind === 'CONTAINER') return boxes.includes(key)
  return unit.kind === 'declaration' && unit.declarationNo === key
}
