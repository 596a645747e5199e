import type { TripEntry } from '../../edge/messages/cargo-entities.js'
import type { ListName } from '../../edge/messages/entities.js'
import { goneWith, hasCrossedBefore, type TripPapers } from '../domain/used-up.js'
import type { Sql } from '../store/database.js'
import { entriesByKey, entriesNamed } from '../store/list-names.js'

/** Trips that leave the list in one transaction at most: what remains goes in the next. */
export const tripsAtOnce = 500

/** Trips that are looked at in one transaction at most: the list is as long as it is, and few of them leave. */
const lookedAtAtOnce = 4_000

/** What leaves the lists of the trips behind a key. */
export interface UsedUp {
  /** By list; empty: none of them. */
  readonly gone: ReadonlyMap<ListName, readonly string[]>
  /** The key to go on after; null: that was all. */
  readonly next: string | null
}

/** Keys that leave the lists now, with some of the trips after a key; '': from the first one. */
export async function usedUpBefore(sql: Sql, beforeMs: number, after: string): Promise<UsedUp> {
  const page = await sql.one<{ last: string | null; n: number }>(
    `SELECT max(key) AS last, count(*) AS n FROM (SELECT key FROM list_entries
       WHERE list = 'trips' AND gone IS NULL AND key > ? ORDER BY key LIMIT ${lookedAtAtOnce})`,
    [after],
  )
  const last = page?.last
  if (!page || last === null || last === undefined) return { gone: new Map(), next: null }
  const rows = await sql.all<{ key: string; entry: string }>(
    `SELECT key, entry FROM list_entries WHERE list = 'trips' AND gone IS NULL AND key > ? AND key <= ?
       AND entry ->> '$.crossedAt' < ? ORDER BY key LIMIT ${tripsAtOnce}`,
    [after, last, beforeMs],
  )
  const next = rows.length < tripsAtOnce ? last : (rows.at(-1)?.key ?? last)
  const trips = rows
    .map(({ entry }) => JSON.parse(entry) as TripEntry)
    .filter((trip) => hasCrossedBefore(trip, beforeMs))
  return {
    gone: trips.length === 0 ? new Map() : goneWith(await papersOf(sql, trips), beforeMs),
    next: page.n < lookedAtAtOnce && next === last ? null : next,
  }
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
