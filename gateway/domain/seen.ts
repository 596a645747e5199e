import { cargoSubjects } from '../../edge/domain/decision/cargo-subjects.js'
import { parseDecidedBody } from '../../edge/domain/decision/replay.js'
import type { DecisionInputs } from '../../edge/domain/decision/types.js'
import type { Identities } from '../../edge/domain/lists/control.js'
import type { BlacklistEntry, ControlOrder } from '../../edge/messages/entities.js'

/** What a lane knew when it judged a passage: kept with it, so that the gateway can look again on its own lists. */
export interface Seen {
  /** Versions of the lists that it judged by; null: it had none. */
  readonly orders: number | null
  readonly blacklist: number | null
  /** Orders and blacklist entries that it knew of, with what they ask for (`markOf`). */
  readonly known: readonly string[]
  /** Driver and load, and vehicles and companies beside those read. */
  readonly of: Omit<Identities, 'epcs' | 'plates'>
}

const keysMax = 64

/** An order or entry that asks for something else now is another one, and one that holds again after its lift too. */
export function markOf(entry: ControlOrder | BlacklistEntry): string {
  if (entry.lift) return `${entry.kind === 'order' ? entry.orderId : entry.entryId}=lifted`
  return entry.kind === 'order' ? `${entry.orderId}=${entry.action}` : `${entry.entryId}=${entry.level}`
}

/** Undefined: the record is of a version that cannot be read again, so that nothing is known of it. */
export function seenIn(body: Readonly<Record<string, unknown>>): Seen | undefined {
  const parsed = parseDecidedBody(body)
  if (!parsed.ok) return undefined
  try {
    return seenOf(parsed.value.inputs)
  } catch {
    // Of a newer or damaged record only its outline was checked.
    return undefined
  }
}

function seenOf({ facts, observations, lists }: DecisionInputs): Seen {
  const version = (list: string): number | null => lists.find((one) => one.list === list)?.version ?? null
  const { orders, blacklist, vehicles } = facts
  const load =
    observations.cargo === undefined || facts.cargo === undefined
      ? undefined
      : cargoSubjects(observations.cargo, facts.cargo)
  const companies = Object.values(vehicles).flatMap((vehicle) =>
    vehicle === null || vehicle === 'unknown' || vehicle.companyId === undefined ? [] : [vehicle.companyId],
  )
  const some = (...keys: readonly string[]) => [...new Set(keys)].slice(0, keysMax)
  return {
    orders: orders === 'unknown' ? null : version('orders'),
    blacklist: blacklist === 'unknown' ? null : version('blacklist'),
    known: [
      ...(orders === 'unknown' ? [] : orders.map(markOf)),
      ...(blacklist === 'unknown' ? [] : blacklist.map(markOf)),
    ].slice(0, keysMax),
    of: {
      vehicleIds: some(...(load?.vehicleIds ?? [])),
      companyIds: some(...companies, ...(load?.companyIds ?? [])),
      driverIds: some(...(load?.driverIds ?? [])),
      containers: some(...(load?.containers ?? [])),
      declarationNos: some(...(load?.declarationNos ?? [])),
    },
  }
}
