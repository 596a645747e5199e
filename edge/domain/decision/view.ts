import type { BlacklistEntry, ControlOrder, TagEntry, VehicleEntry } from '../../messages/entities.js'
import { hasPlatePattern } from '../../messages/plate-pattern.js'
import { isEffective, namesOfTag, subjectKeys } from '../lists/control.js'
import { noCargoFacts, noCargoObservations } from './cargo.js'
import { cargoSubjects } from './cargo-subjects.js'
import { cargoViewOf, type CargoView } from './cargo-view.js'
import { factOf } from './facts.js'
import { policyFor } from './policy-class.js'
import type { DecisionInputs, Facts, Load, PlateObservation, TagObservation } from './types.js'

/** A thing of a list: there, not there (null), or not to be told. */
export type Known<T> = T | null | 'unknown'

/** A tag that is not clearly the neighbour's. */
export interface TagView {
  readonly epc: string
  readonly observation: TagObservation
  readonly entry: Known<TagEntry>
  readonly vehicle: Known<VehicleEntry>
  /** It is this vehicle's: claimed; or ambiguous, but its vehicle is here by its plate or another tag. */
  readonly settled: boolean
}

export interface PlateView {
  readonly text: string
  readonly confidence: number
  /** Read well enough to be evidence; a faint plate still counts against control orders. */
  readonly confident: boolean
  readonly vehicleId: Known<string>
  readonly vehicle: Known<VehicleEntry>
}

/** What the rules look at, derived once from the inputs. Everything in it is sorted. */
export interface View {
  /** As recorded, with the thresholds of the company's class in the place of those of the lane. */
  readonly inputs: DecisionInputs
  readonly load: Load
  readonly tags: readonly TagView[]
  readonly plates: readonly PlateView[]
  readonly confidentPlates: readonly PlateView[]
  /** Vehicles of the tags, each once. */
  readonly tagVehicles: readonly VehicleEntry[]
  /** The vehicle that drives (no trailer), if exactly one is identified. */
  readonly main: { readonly vehicle: VehicleEntry; readonly by: 'tag' | 'plate' } | null
  /** Effective, and not only on the neighbour's tag. */
  readonly orders: readonly ControlOrder[] | 'unknown'
  readonly blacklist: readonly BlacklistEntry[] | 'unknown'
  readonly cargo: CargoView
}

export function viewOf(recorded: DecisionInputs): View {
  const { facts, policy } = recorded
  const plates = sortedBy(recorded.observations.plates, (plate) => plate.plate.text)
    .map((plate) => plateView(plate, facts, policy.plateConfidenceMin))
    .sort((a, b) => b.confidence - a.confidence || compare(a.text, b.text))
  const confidentPlates = plates.filter((plate) => plate.confident)
  const heard = sortedBy(recorded.observations.tags, (tag) => tag.epc)
  const near = heard.filter((tag) => tag.claim !== 'neighbour')
  const here = vehicleIdsHere(near, confidentPlates, facts)
  const tags = near.map((tag) => tagView(tag, facts, here))
  const tagVehicles = eachOnce(tags.filter((tag) => tag.settled).map((tag) => tag.vehicle))
  const main = mainVehicle(tagVehicles, confidentPlates)
  const judgedBy = policyFor(recorded, main?.vehicle ?? null)
  const inputs = judgedBy === policy ? recorded : { ...recorded, policy: judgedBy }
  const applies = subjectTest(heard, plates, inputs)
  const cargo = cargoViewOf(inputs, main?.vehicle ?? null)
  return {
    inputs,
    load: cargo.load,
    cargo,
    tags,
    plates,
    confidentPlates,
    tagVehicles,
    main,
    orders: effective(facts.orders, inputs, applies),
    blacklist: effective(facts.blacklist, inputs, applies),
  }
}

export function isTrailer(vehicle: VehicleEntry): boolean {
  return vehicle.vehicleKind === 'TRAILER'
}

/** Whether the plate is one that the vehicle may show (dual plates: any of its set). */
export function shows(vehicle: VehicleEntry, plate: PlateView): boolean {
  return plate.vehicleId === vehicle.vehicleId || vehicle.plates.some((own) => own.text === plate.text)
}

/**
 * The vehicle is known by tags alone that were hardly heard: they may be those of whoever waits behind a
 * vehicle whose own tag is silent.
 */
export function isFaint({ main, tags, confidentPlates, inputs }: View): boolean {
  if (main?.by !== 'tag' || confidentPlates.some((plate) => shows(main.vehicle, plate))) return false
  const own = tags.filter(
    ({ entry }) => entry !== null && entry !== 'unknown' && entry.vehicleId === main.vehicle.vehicleId,
  )
  const reads = own.reduce((sum, { observation }) => sum + observation.count, 0)
  return reads < (inputs.policy.tagReadsMin ?? 1)
}

/** The vehicles that are surely here: named by a tag that is ours, or by a plate read with confidence. */
function vehicleIdsHere(
  tags: readonly TagObservation[],
  plates: readonly PlateView[],
  facts: Facts,
): Set<string> {
  const ids = new Set<string>()
  for (const { vehicleId } of plates) if (vehicleId !== null && vehicleId !== 'unknown') ids.add(vehicleId)
  for (const tag of tags) {
    const entry = factOf(facts.tags, tag.epc)
    if (tag.claim === 'mine' && entry !== null && entry !== 'unknown') ids.add(entry.vehicleId)
  }
  return ids
}

function tagView(observation: TagObservation, facts: Facts, here: ReadonlySet<string>): TagView {
  const entry = factOf(facts.tags, observation.epc)
  if (entry === null || entry === 'unknown')
    return { epc: observation.epc, observation, entry, vehicle: entry, settled: observation.claim === 'mine' }
  const settled = observation.claim === 'mine' || here.has(entry.vehicleId)
  return {
    epc: observation.epc,
    observation,
    entry,
    vehicle: factOf(facts.vehicles, entry.vehicleId),
    settled,
  }
}

function plateView(plate: PlateObservation, facts: Facts, confidenceMin: number): PlateView {
  const text = plate.plate.text
  const vehicleId = factOf(facts.plates, text)
  const vehicle =
    vehicleId === null || vehicleId === 'unknown' ? vehicleId : factOf(facts.vehicles, vehicleId)
  return {
    text,
    confidence: plate.confidence,
    confident: plate.confidence >= confidenceMin,
    vehicleId,
    vehicle,
  }
}

/** A tag names the vehicle; only where no tag names one that drives may the plates do it. */
function mainVehicle(tagVehicles: readonly VehicleEntry[], plates: readonly PlateView[]): View['main'] {
  const [byTag, ...moreByTag] = tagVehicles.filter((vehicle) => !isTrailer(vehicle))
  if (byTag) return moreByTag.length === 0 ? { vehicle: byTag, by: 'tag' } : null
  const [byPlate, ...moreByPlate] = drivingVehiclesOf(plates)
  return byPlate && moreByPlate.length === 0 ? { vehicle: byPlate, by: 'plate' } : null
}

/** The vehicles that drive, of the plates, each once. */
export function drivingVehiclesOf(plates: readonly PlateView[]): VehicleEntry[] {
  return eachOnce(plates.map((plate) => plate.vehicle)).filter((vehicle) => !isTrailer(vehicle))
}

function eachOnce(vehicles: readonly Known<VehicleEntry>[]): VehicleEntry[] {
  const byId = new Map<string, VehicleEntry>()
  for (const vehicle of vehicles) {
    if (vehicle !== null && vehicle !== 'unknown') byId.set(vehicle.vehicleId, vehicle)
  }
  return [...byId.values()].sort((a, b) => compare(a.vehicleId, b.vehicleId))
}

/**
 * Whether a subject concerns this passage. Everything that the lane looked up does, except what
 * leads only to the tag of the vehicle next to it: a subject of unknown origin counts.
 */
function subjectTest(
  heard: readonly TagObservation[],
  plates: readonly PlateView[],
  { facts, observations }: DecisionInputs,
): (subject: ControlOrder['subject']) => boolean {
  const theirs = keysOfTags(
    heard.filter((tag) => tag.claim === 'neighbour'),
    facts,
  )
  if (theirs.size === 0) return () => true
  const ours = keysOfTags(
    heard.filter((tag) => tag.claim !== 'neighbour'),
    facts,
  )
  for (const plate of plates) {
    ours.add(`PLATE:${plate.text}`)
    if (plate.vehicleId !== null && plate.vehicleId !== 'unknown') addVehicle(ours, plate.vehicleId, facts)
  }
  // The vehicle next to it may be of the company whose goods this one carries.
  const load = cargoSubjects(observations.cargo ?? noCargoObservations, facts.cargo ?? noCargoFacts)
  for (const { kind, key } of subjectKeys(load)) ours.add(`${kind}:${key}`)
  return (subject) => isNamed(ours, subject) || !isNamed(theirs, subject)
}

/** Whether one of the names is the subject; of part of a plate, whether one is a plate that has it. */
function isNamed(names: ReadonlySet<string>, { kind, key }: ControlOrder['subject']): boolean {
  if (kind !== 'PLATE_PATTERN') return names.has(`${kind}:${key}`)
  const prefix = 'PLATE:'
  return [...names].some((name) => name.startsWith(prefix) && hasPlatePattern(name.slice(prefix.length), key))
}

function keysOfTags(tags: readonly TagObservation[], facts: Facts): Set<string> {
  const keys = new Set<string>()
  for (const tag of tags) {
    for (const name of namesOfTag(tag)) keys.add(`TAG:${name}`)
    const entry = factOf(facts.tags, tag.epc)
    if (entry !== null && entry !== 'unknown') addVehicle(keys, entry.vehicleId, facts)
  }
  return keys
}

function addVehicle(keys: Set<string>, vehicleId: string, facts: Facts): void {
  keys.add(`VEHICLE:${vehicleId}`)
  const vehicle = factOf(facts.vehicles, vehicleId)
  if (vehicle === null || vehicle === 'unknown') return
  for (const plate of vehicle.plates) keys.add(`PLATE:${plate.text}`)
  if (vehicle.companyId !== undefined) keys.add(`COMPANY:${vehicle.companyId}`)
}

function effective<T extends ControlOrder | BlacklistEntry>(
  entries: readonly T[] | 'unknown',
  inputs: DecisionInputs,
  applies: (subject: ControlOrder['subject']) => boolean,
): readonly T[] | 'unknown' {
  if (entries === 'unknown') return 'unknown'
  return entries.filter((entry) => isEffective(entry, inputs.now) && applies(entry.subject))
}

function sortedBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...items].sort((a, b) => compare(keyOf(a), keyOf(b)))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
