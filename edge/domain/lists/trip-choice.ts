import type { FitnessEntry, TerminalOrderEntry, TripEntry } from '../../messages/cargo-entities.js'
import type { Fact } from '../decision/cargo.js'
import type { Direction } from '../decision/types.js'

/**
 * Which of a vehicle's trips this one is: of this direction, not crossed, and agreeing best with the
 * containers that were read (null: no device reads them). Several that agree equally well cannot be told
 * apart: a person looks. Where all have crossed it is the newest of them, which speaks for itself (row 30).
 */
export function chooseTrip(
  trips: readonly TripEntry[],
  direction: Direction,
  read: readonly string[] | null,
): Fact<TripEntry> {
  const here = trips.filter((trip) => trip.direction === direction)
  const open = here.filter((trip) => trip.crossedAt === undefined)
  if (open.length === 0) return newestCrossed(here)
  const best = Math.min(...open.map((trip) => differences(trip, read)))
  const fitting = open.filter((trip) => differences(trip, read) === best)
  return fitting.length === 1 ? (fitting[0] ?? null) : 'unknown'
}

function newestCrossed(trips: readonly TripEntry[]): TripEntry | null {
  const byTime = [...trips].sort(
    (a, b) => (b.crossedAt ?? 0) - (a.crossedAt ?? 0) || (a.tripId < b.tripId ? -1 : 1),
  )
  return byTime[0] ?? null
}

/** Containers of the trip that were not read, and read ones that are not on it; a match outweighs both. */
function differences({ containers }: TripEntry, read: readonly string[] | null): number {
  if (read === null || read.length === 0) return 0
  const matches = read.filter((number) => containers.includes(number)).length
  const strange = read.length - matches
  const unread = containers.filter((number) => !read.includes(number)).length
  return strange + unread - 1_000 * matches
}

/** The order of the terminal that this truck may come for: of this direction, open, and in its slot now. */
export function chooseTerminalOrder(
  orders: readonly TerminalOrderEntry[],
  direction: Direction,
  nowMs: number,
): TerminalOrderEntry | null {
  const rank = (order: TerminalOrderEntry): number =>
    (order.direction === direction ? 4 : 0) +
    (order.state === 'OPEN' ? 2 : 0) +
    (order.slotFrom <= nowMs && nowMs <= order.slotTo ? 1 : 0)
  return best(orders, rank, (order) => order.orderNo)
}

/** The certificate that serves longest of those not used; else any, which then says why it does not. */
export function chooseFitness(certificates: readonly FitnessEntry[]): FitnessEntry | null {
  return best(
    certificates,
    (one) => (one.used ? 0 : 1e15) + one.validTo,
    (one) => one.certificateNo,
  )
}

/** By rank, then by name, so that the order of the list does not matter. */
function best<T>(entries: readonly T[], rank: (entry: T) => number, nameOf: (entry: T) => string): T | null {
  const sorted = [...entries].sort(
    (a, b) => rank(b) - rank(a) || (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0),
  )
  return sorted[0] ?? null
}
