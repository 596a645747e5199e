import type {
  AccountEntry,
  CompanyEntry,
  ContainerEntry,
  DeclarationEntry,
  DrawEntry,
  DriverEntry,
  FitnessEntry,
  ManifestEntry,
  QuarantineAreaEntry,
  ReleaseEntry,
  SealEntry,
  TerminalOrderEntry,
  TripEntry,
} from '../../edge/messages/cargo-entities.js'
import {
  listKeyOf,
  type BlacklistEntry,
  type ControlOrder,
  type ListEntry,
  type TagEntry,
  type VehicleEntry,
} from '../../edge/messages/entities.js'
import { areaCodesOf } from '../../edge/domain/lists/area-codes.js'
import { noCargoFacts, noCargoObservations } from '../../edge/domain/decision/cargo.js'
import { cargoSubjects } from '../../edge/domain/decision/cargo-subjects.js'
import { namesOfTag } from '../../edge/domain/lists/control.js'
import type { TripFile } from '../domain/predecision.js'
import type { Sql } from '../store/database.js'
import { entriesByKey, entriesNamed, platePatternsOf } from '../store/list-names.js'

/** Puts together what the lists say of a trip; null: there is no such trip, or it went through. */
export async function readTripFile(sql: Sql, tripId: string): Promise<TripFile | null> {
  const [trip] = await entriesByKey<TripEntry>(sql, 'trips', [tripId])
  if (trip?.crossedAt !== undefined || trip === undefined) return null
  const [vehicle] = await entriesByKey<VehicleEntry>(sql, 'vehicles', [trip.vehicleId])
  const companyId = vehicle?.companyId
  const drivers = await entriesByKey<DriverEntry>(sql, 'drivers', present(trip.driverId))
  const companies = await entriesByKey<CompanyEntry>(sql, 'companies', present(companyId))
  const [account] = await entriesByKey<AccountEntry>(sql, 'accounts', present(companyId))
  const [manifest] = await entriesByKey<ManifestEntry>(sql, 'manifests', present(trip.manifestNo))
  const [draw] = await entriesByKey<DrawEntry>(sql, 'draws', [tripId])
  const papers = await papersOf(sql, trip)
  const { orders, blacklist } = await controlOn(sql, trip, vehicle ?? null, papers)
  return {
    trip,
    vehicle: vehicle ?? null,
    orders,
    blacklist,
    cargo: {
      ...noCargoFacts,
      drivers: Object.fromEntries(drivers.map((driver) => [driver.cardNo, driver])),
      companies: withMissing(present(companyId), companies),
      trip,
      manifest: manifest ?? null,
      account: account ?? null,
      draw: draw ?? null,
      ...papers.facts,
    },
  }
}

async function papersOf(sql: Sql, trip: TripEntry) {
  const { containers: numbers, declarationNos, sealIds, tripId } = trip
  const declarations = await entriesByKey<DeclarationEntry>(sql, 'declarations', declarationNos)
  const containers = await entriesByKey<ContainerEntry>(sql, 'containers', numbers)
  const seals = await entriesByKey<SealEntry>(sql, 'seals', sealIds)
  const fitness = await entriesNamed<FitnessEntry>(sql, 'fitness', 'container', numbers)
  const terminalOrders = await entriesNamed<TerminalOrderEntry>(sql, 'terminalOrders', 'container', numbers)
  const codes = areaCodesOf(trip, declarations, containers)
  return {
    declarationNos,
    facts: {
      declarations: withMissing(declarationNos, declarations),
      containers: withMissing(numbers, containers),
      seals: withMissing(sealIds, seals),
      fitness: newestOf(numbers, fitness, ({ validTo }) => validTo),
      terminalOrders: newestOf(
        numbers,
        terminalOrders.filter(({ direction }) => direction === trip.direction),
        ({ slotTo }) => slotTo,
      ),
      areas: await entriesNamed<QuarantineAreaEntry>(sql, 'areas', 'code', codes),
      releases: [
        ...(await entriesNamed<ReleaseEntry>(sql, 'releases', 'CONTAINER', numbers)),
        ...(await entriesNamed<ReleaseEntry>(sql, 'releases', 'DECLARATION', declarationNos)),
        ...(await entriesNamed<ReleaseEntry>(sql, 'releases', 'TRIP', [tripId])),
      ],
    },
  }
}

async function controlOn(
  sql: Sql,
  trip: TripEntry,
  vehicle: VehicleEntry | null,
  { declarationNos, facts }: Awaited<ReturnType<typeof papersOf>>,
): Promise<{ orders: ControlOrder[]; blacklist: BlacklistEntry[] }> {
  const vehicleIds = [trip.vehicleId, ...present(trip.trailerVehicleId)]
  const tags = await entriesOfVehicles(sql, vehicleIds)
  const plates = vehicle?.plates.map(({ text }) => text) ?? []
  const named = cargoSubjects(noCargoObservations, { ...noCargoFacts, ...facts, trip })
  const subjects: Readonly<Record<ControlOrder['subject']['kind'], readonly string[]>> = {
    TAG: tags.flatMap(namesOfTag),
    PLATE: plates,
    PLATE_PATTERN: await platePatternsOf(sql, plates),
    VEHICLE: vehicleIds,
    COMPANY: present(vehicle?.companyId),
    DRIVER: present(trip.driverId),
    CONTAINER: trip.containers,
    DECLARATION: declarationNos,
    SEAL: named.sealIds ?? [],
    GOODS_CLASS: named.goodsClasses ?? [],
    ORIGIN_AREA: named.originAreas ?? [],
  }
  const orders: ControlOrder[] = []
  const blacklist: BlacklistEntry[] = []
  for (const [kind, values] of Object.entries(subjects)) {
    orders.push(...(await entriesNamed<ControlOrder>(sql, 'orders', kind, values)))
    blacklist.push(...(await entriesNamed<BlacklistEntry>(sql, 'blacklist', kind, values)))
  }
  return { orders, blacklist }
}

function entriesOfVehicles(sql: Sql, vehicleIds: readonly string[]): Promise<TagEntry[]> {
  return entriesNamed<TagEntry>(sql, 'tags', 'vehicle', vehicleIds)
}

/** Every name asked for, null where the list has no entry: missing is not unknown. */
function withMissing<T extends ListEntry>(
  names: readonly string[],
  entries: readonly T[],
): Record<string, T | null> {
  const found = new Map(entries.map((entry) => [listKeyOf(entry), entry]))
  return Object.fromEntries(names.map((name) => [name, found.get(name) ?? null]))
}

/** Of several entries on a container the one that ends last. */
function newestOf<T extends { readonly container: string }>(
  numbers: readonly string[],
  entries: readonly T[],
  endOf: (entry: T) => number,
): Record<string, T | null> {
  return Object.fromEntries(
    numbers.map((number) => {
      const own = entries.filter(({ container }) => container === number)
      return [
        number,
        own.reduce<T | null>((best, one) => (best && endOf(best) >= endOf(one) ? best : one), null),
      ]
    }),
  )
}

function present(name: string | null | undefined): string[] {
  return name === null || name === undefined ? [] : [name]
}
