import type { TripEntry } from '../../edge/messages/cargo-entities.js'
import type { ListName } from '../../edge/messages/entities.js'
import { goneWith, hasCrossedBefore, type TripPapers } from '../domain/used-up.js'
import type { Sql } from '../store/database.js'
import { entriesByKey, entriesNamed } from '../store/list-names.js'

/** Trips that leave the list in one transaction at most: what remains goes in the next. */
export const tripsAtOnce = 500

/** Keys that leave the lists now, by list; null: there is nothing to do. */
export async function usedUpBefore(
  sql: Sql,
  beforeMs: number,
): Promise<ReadonlyMap<ListName, readonly string[]> | null> {
  const rows = await sql.all<{ entry: string }>(
    `SELECT entry FROM list_entries WHERE list = 'trips' AND gone IS NULL
       AND entry ->> '$.crossedAt' < ? ORDER BY key LIMIT ${tripsAtOnce}`,
    [beforeMs],
  )
  const trips = rows
    .map(({ entry }) => JSON.parse(entry) as TripEntry)
    .filter((trip) => hasCrossedBefore(trip, beforeMs))
  return trips.length === 0 ? null : goneWith(await papersOf(sql, trips), beforeMs)
}

async function papersOf(sql: Sql, trips: readonly TripEntry[]): Promise<TripPapers> {
  const tripIds = trips.map(({ tripId }) => tripId)
  const declarationNos = eachOnce(trips.flatMap((trip) => trip.declarationNos))
  const manifestNos = eachOnce(
    trips.flatMap(({ manifestNo }) => (manifestNo === undefined ? [] : [manifestNo])),
  )
  const sealIds = eachOnce(trips.flatMap((trip) => trip.sealIds))
  const containers = eachOnce(trips.flatMap((trip) => trip.containers))
  const named = (name: string, values: readonly string[]) =>
    entriesNamed<TripEntry>(sql, 'trips', name, values)
  const sharing = [
    ...(await named('declaration', declarationNos)),
    ...(await named('manifest', manifestNos)),
    ...(await named('seal', sealIds)),
  ]
  return {
    trips,
    staying: sharing.filter(({ tripId }) => !tripIds.includes(tripId)),
    declarations: await entriesByKey(sql, 'declarations', declarationNos),
    manifests: await entriesByKey(sql, 'manifests', manifestNos),
    seals: await entriesByKey(sql, 'seals', sealIds),
    fitness: await entriesNamed(sql, 'fitness', 'container', containers),
    releases: [
      ...(await entriesNamed(sql, 'releases', 'TRIP', tripIds)),
      ...(await entriesNamed(sql, 'releases', 'DECLARATION', declarationNos)),
      ...(await entriesNamed(sql, 'releases', 'CONTAINER', containers)),
    ].map((entry) => entry as TripPapers['releases'][number]),
    draws: await entriesByKey(sql, 'draws', tripIds),
  }
}

function eachOnce(names: readonly string[]): string[] {
  return [...new Set(names)]
}
