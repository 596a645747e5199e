import type { ContainerEntry, DeclarationEntry, TripEntry } from '../../edge/messages/cargo-entities.js'
import type { LockPapers, LockRecord } from '../domain/container-lock.js'
import type { Sql } from '../store/database.js'
import { entriesByKey, entriesNamed } from '../store/list-names.js'
import { inspectionsOfContainer } from '../store/tasks.js'

/** The declarations of a trip that has not crossed. */
export async function declarationsOfTrip(sql: Sql, tripId: string | null): Promise<DeclarationEntry[]> {
  const [trip] = await entriesByKey<TripEntry>(sql, 'trips', tripId === null ? [] : [tripId])
  if (trip === undefined || trip.crossedAt !== undefined) return []
  return entriesByKey<DeclarationEntry>(sql, 'declarations', trip.declarationNos)
}

export async function containerOf(sql: Sql, number: string): Promise<ContainerEntry | undefined> {
  return (await entriesByKey<ContainerEntry>(sql, 'containers', [number]))[0]
}

/** What the lists and the inspectors say of a locked container. */
export async function papersOfLock(sql: Sql, lock: LockRecord): Promise<LockPapers> {
  const trips = await entriesNamed<TripEntry>(sql, 'trips', 'container', [lock.number])
  const onTrips = trips
    .filter(({ crossedAt }) => crossedAt === undefined)
    .flatMap(({ declarationNos }) => declarationNos)
  const asked = [...new Set([...onTrips, ...lock.declarationNos])]
  const found = await entriesByKey<DeclarationEntry>(sql, 'declarations', asked)
  const concerns = ({ containers, declarationNo }: DeclarationEntry): boolean =>
    containers.includes(lock.number) || lock.declarationNos.includes(declarationNo)
  return {
    declarations: found.filter(concerns),
    isComplete: found.length === asked.length,
    inspections: await inspectionsOfContainer(sql, lock.number),
  }
}
