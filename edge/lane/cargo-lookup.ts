import { canonicalJson } from '../base/canonical.js'
import { noCargoFacts, type CargoFacts, type Fact } from '../domain/decision/cargo.js'
import type { CargoAsk } from '../domain/lane/cargo-inputs.js'
import { areaCodesOf } from '../domain/lists/area-codes.js'
import { chooseFitness, chooseTerminalOrder, chooseTrip } from '../domain/lists/trip-choice.js'
import type { ListStore } from '../interfaces/list-store.js'
import type {
  DeclarationEntry,
  ContainerEntry,
  QuarantineAreaEntry,
  ReleaseEntry,
  TripEntry,
} from '../messages/cargo-entities.js'
import { listKeyOf, type CargoListName, type ListEntry } from '../messages/entities.js'

/**
 * Characters of all facts together. They stand in the record of each decision, which is one message of at
 * most 256 KiB; what does not fit is not known, rather than a record that cannot be written.
 */
export const factsMaxCharacters = 96 * 1_024

export interface CargoLookupGiven {
  /** UTC ms, to tell which of several slots is meant. */
  readonly nowMs: number
  /** The trip with what this edge knows of its crossing before the list does. */
  readonly tripNow: (trip: TripEntry) => TripEntry
  readonly onFailed: (list: CargoListName, error: unknown) => void
}

type Kind = ListEntry['kind']
type Entry<K extends Kind> = Extract<ListEntry, { readonly kind: K }>

/**
 * The chain from vehicle, card, containers and seals to all that the lists hold about them. Never rejects:
 * what cannot be read is unknown, and only that.
 */
export async function lookUpCargo(
  lists: Pick<ListStore, 'find'>,
  ask: CargoAsk,
  given: CargoLookupGiven,
): Promise<CargoFacts> {
  const find = finder(lists, given)
  const [drivers, companies, accounts, trips] = await Promise.all([
    find('drivers', 'driver', 'card', ask.driverCards),
    find('companies', 'company', 'key', ask.companyIds),
    find('accounts', 'account', 'key', ask.companyIds),
    ask.vehicleId === null ? ('unknown' as const) : find('trips', 'trip', 'vehicle', [ask.vehicleId]),
  ])
  const trip = trips === 'unknown' ? trips : chooseTrip(trips.map(given.tripNow), ask.direction, ask.read)
  const isTrip = trip !== null && trip !== 'unknown'
  const boxes = eachOnce([...ask.containers, ...(isTrip ? trip.containers : [])])
  const papers = isTrip ? eachOnce(trip.declarationNos) : []
  const tripIds = isTrip ? [trip.tripId] : []
  const [declarations, containers, manifests, seals, fitness, orders, ofBoxes, ofPapers, ofTrips, draws] =
    await Promise.all([
      find('declarations', 'declaration', 'key', papers),
      find('containers', 'container', 'key', boxes),
      find('manifests', 'manifest', 'key', isTrip && trip.manifestNo !== undefined ? [trip.manifestNo] : []),
      find('seals', 'seal', 'key', eachOnce([...ask.sealIds, ...(isTrip ? trip.sealIds : [])])),
      find('fitness', 'fitness', 'container', boxes),
      find('terminalOrders', 'terminalOrder', 'container', boxes),
      find('releases', 'release', 'CONTAINER', boxes),
      find('releases', 'release', 'DECLARATION', papers),
      find('releases', 'release', 'TRIP', tripIds),
      find('draws', 'draw', 'key', tripIds),
    ])
  const [companyId] = ask.companyIds
  const facts: CargoFacts = {
    ...noCargoFacts,
    drivers: byName(ask.driverCards, drivers, (driver) => driver.cardNo),
    companies: byKey(ask.companyIds, companies),
    trip,
    declarations: byKey(papers, declarations),
    manifest: ofTrip(trip, (one) => (one.manifestNo === undefined ? null : first(manifests))),
    containers: byKey(boxes, containers),
    releases: all(ofBoxes, ofPapers, ofTrips, trip),
    terminalOrders: chosen(boxes, orders, (own) => chooseTerminalOrder(own, ask.direction, given.nowMs)),
    areas: await areasOf(find, ask, trip, declarations, containers),
    seals: byKey(eachOnce([...ask.sealIds, ...(isTrip ? trip.sealIds : [])]), seals),
    fitness: chosen(boxes, fitness, chooseFitness),
    account: companyId === undefined ? null : first(accounts),
    draw: ofTrip(trip, () => first(draws)),
  }
  return canonicalJson(facts).length > factsMaxCharacters ? noCargoFacts : facts
}

type Find = <K extends Kind>(
  list: CargoListName,
  kind: K,
  by: string,
  values: readonly string[],
) => Promise<readonly Entry<K>[] | 'unknown'>

/** Nothing asked is nothing found; a failure is counted, and unknown. */
function finder(lists: Pick<ListStore, 'find'>, { onFailed }: CargoLookupGiven): Find {
  return async <K extends Kind>(list: CargoListName, kind: K, by: string, values: readonly string[]) => {
    if (values.length === 0) return []
    try {
      const found = await lists.find(list, by, values)
      return found === 'unknown' ? found : found.filter((entry): entry is Entry<K> => entry.kind === kind)
    } catch (error) {
      onFailed(list, error)
      return 'unknown'
    }
  }
}

/**
 * Areas by the codes of route, origins and last ports, and those that mean everywhere. Without a trip nobody
 * knows where the vehicle comes from: then only what is said of everywhere speaks against it, and where the
 * lane must know that nothing does, nothing is known.
 */
async function areasOf(
  find: Find,
  ask: CargoAsk,
  trip: Fact<TripEntry>,
  declarations: readonly DeclarationEntry[] | 'unknown',
  containers: readonly ContainerEntry[] | 'unknown',
): Promise<readonly QuarantineAreaEntry[] | 'unknown'> {
  const isTrip = trip !== null && trip !== 'unknown'
  if (declarations === 'unknown' || containers === 'unknown') return 'unknown'
  if (!isTrip && ask.needsArea) return 'unknown'
  const codes = areaCodesOf(isTrip ? trip : null, declarations, containers)
  const found = await find('areas', 'area', 'code', codes)
  return found === 'unknown' ? found : eachEntry(found)
}

function byKey<T extends ListEntry>(
  names: readonly string[],
  found: readonly T[] | 'unknown',
): Readonly<Record<string, Fact<T>>> {
  return byName(names, found, listKeyOf)
}

/** Asked and not found is not there; a name that two entries bear says nothing for certain. */
function byName<T extends ListEntry>(
  names: readonly string[],
  found: readonly T[] | 'unknown',
  nameOf: (entry: T) => string,
): Readonly<Record<string, Fact<T>>> {
  return chosen(names, found, (own) => (own.length > 1 ? 'unknown' : (own[0] ?? null)), nameOf)
}

function chosen<T extends ListEntry>(
  names: readonly string[],
  found: readonly T[] | 'unknown',
  choose: (own: readonly T[]) => Fact<T>,
  nameOf: (entry: T) => string = containerOf,
): Readonly<Record<string, Fact<T>>> {
  return Object.fromEntries(
    names.map((name): [string, Fact<T>] => [
      name,
      found === 'unknown' ? found : choose(found.filter((entry) => nameOf(entry) === name)),
    ]),
  )
}

function containerOf(entry: ListEntry): string {
  return entry.kind === 'fitness' || entry.kind === 'terminalOrder' ? entry.container : listKeyOf(entry)
}

function first<T>(found: readonly T[] | 'unknown'): Fact<T> {
  return found === 'unknown' ? found : (found[0] ?? null)
}

function ofTrip<T>(trip: Fact<TripEntry>, fact: (trip: TripEntry) => Fact<T>): Fact<T> {
  return trip === null || trip === 'unknown' ? trip : fact(trip)
}

/** Half of the releases are none: without the trip nobody knows which there are. */
function all(
  ofBoxes: readonly ReleaseEntry[] | 'unknown',
  ofPapers: readonly ReleaseEntry[] | 'unknown',
  ofTrips: readonly ReleaseEntry[] | 'unknown',
  trip: Fact<TripEntry>,
): readonly ReleaseEntry[] | 'unknown' {
  if (ofBoxes === 'unknown' || ofPapers === 'unknown' || ofTrips === 'unknown') return 'unknown'
  return trip === 'unknown' ? 'unknown' : eachEntry([...ofBoxes, ...ofPapers, ...ofTrips])
}

/** Each once, by key, whatever it was found by. */
function eachEntry<T extends ListEntry>(entries: readonly T[]): T[] {
  const sorted = [...new Map(entries.map((entry) => [listKeyOf(entry), entry])).entries()]
  return sorted.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry)
}

function eachOnce(names: readonly string[]): string[] {
  return [...new Set(names)].sort()
}
