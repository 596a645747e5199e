import {
  companyEntrySchema,
  driverEntrySchema,
  manifestEntrySchema,
  tripEntrySchema,
} from '../../messages/cargo-entities.js'
import { consumptionSchema } from '../../messages/events.js'
import { sensedSchema } from '../../messages/sensed.js'
import { noCargoFacts, type CargoFacts } from '../decision/cargo.js'
import type { Consumption } from '../lists/consumed.js'
import { withSensed, type SensedCargo } from './cargo.js'

/** A recorded finding, added again. One that is not what it should be is passed over: nobody sensed it then. */
export function senseAgain(seen: SensedCargo, body: Readonly<Record<string, unknown>>): SensedCargo {
  const parsed = sensedSchema.safeParse(body)
  return parsed.success ? withSensed(seen, parsed.data).seen : seen
}

/** What a recorded intent to raise would use up; null: nothing, or it cannot be read. */
export function consumesAgain(body: Readonly<Record<string, unknown>>): Consumption | null {
  return consumptionSchema.safeParse(body['consumes']).data ?? null
}

/**
 * Of the facts of a recorded decision as much as tells which orders may mean driver and load: they are asked
 * of the lists again before anybody is judged by them. Null: the decision had none.
 */
export function cargoFactsAgain(value: unknown): CargoFacts | null {
  if (!isRecord(value)) return null
  return {
    ...noCargoFacts,
    drivers: keep(value['drivers'], (entry) => driverEntrySchema.safeParse(entry).data),
    companies: keep(value['companies'], (entry) => companyEntrySchema.safeParse(entry).data),
    trip: tripEntrySchema.safeParse(value['trip']).data ?? 'unknown',
    manifest: manifestEntrySchema.safeParse(value['manifest']).data ?? 'unknown',
  }
}

function keep<T>(record: unknown, read: (value: unknown) => T | undefined): Record<string, T> {
  if (!isRecord(record)) return {}
  return Object.fromEntries(
    Object.entries(record).flatMap(([key, value]): [string, T][] => {
      const entry = read(value)
      return entry === undefined ? [] : [[key, entry]]
    }),
  )
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
