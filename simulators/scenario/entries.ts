import type { z } from 'zod'
import { listEntrySchema, type ListEntry } from '../../edge/messages/entities.js'
import { atStart, timed, type Timed } from './times.js'

/** Members of list entries that are moments. */
const momentNames = [
  'validFrom',
  'validTo',
  'sentAt',
  'slotFrom',
  'slotTo',
  'crossedAt',
  'arrearsSince',
  'permitValidTo',
  'licenceValidTo',
  'healthCertificateValidTo',
  'registrationValidTo',
]

/** An entry as the wire has it, but that its moments may count from the beginning of the scenario. */
export const entryLine: z.ZodType<Timed<ListEntry>, unknown> = timed<ListEntry>(listEntrySchema, momentNames)

/** An entry with other values in it, moments as in {@link entryLine}; throws where that is no entry. */
export function changedEntry(
  entry: ListEntry,
  to: Readonly<Record<string, unknown>>,
  startMs: number,
): ListEntry {
  return atStart(entryLine.parse({ ...entry, ...to }), startMs)
}

/** Members by which an entry is found in its list, by kind. */
const keyNames: Readonly<Record<ListEntry['kind'], string>> = {
  tag: 'epc',
  vehicle: 'vehicleId',
  order: 'orderId',
  blacklist: 'entryId',
  driver: 'driverId',
  company: 'companyId',
  trip: 'tripId',
  declaration: 'declarationNo',
  manifest: 'manifestNo',
  container: 'number',
  terminalOrder: 'orderNo',
  area: 'areaId',
  seal: 'sealId',
  fitness: 'certificateNo',
  release: 'releaseId',
  account: 'companyId',
  draw: 'tripId',
  plan: 'tripId',
}

type Raw = Readonly<Record<string, unknown>>

/**
 * A scenario upon the papers of another file: lanes, settings, vehicles and entries of that file, and what
 * the scenario says beside or instead. An entry of the same kind and name has its values over those of the
 * file; `absent: true` takes it out.
 */
export function upon(base: Raw, own: Raw): Raw {
  return {
    ...base,
    ...own,
    settings: { ...rawOf(base['settings']), ...rawOf(own['settings']) },
    vehicles: mergedVehicles(rawOf(base['vehicles']), rawOf(own['vehicles'])),
    lists: mergedLists(base['lists'], own['lists']),
  }
}

function mergedVehicles(base: Raw, own: Raw): Raw {
  const names = [...new Set([...Object.keys(base), ...Object.keys(own)])]
  return Object.fromEntries(names.map((name) => [name, { ...rawOf(base[name]), ...rawOf(own[name]) }]))
}

function mergedLists(base: unknown, own: unknown): unknown {
  if (!Array.isArray(base)) return own ?? []
  if (own !== undefined && !Array.isArray(own)) return own
  const entries = new Map<string, Raw>()
  for (const raw of [...base, ...(own ?? [])] as unknown[]) {
    const entry = rawOf(raw)
    const kind = String(entry['kind'])
    const keyName = Object.entries(keyNames).find(([name]) => name === kind)?.[1]
    const key = `${kind} ${keyName === undefined ? entries.size : String(entry[keyName])}`
    entries.set(key, { ...entries.get(key), ...entry })
  }
  return [...entries.values()].filter((entry) => entry['absent'] !== true)
}

function rawOf(value: unknown): Raw {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? { ...value } : {}
}
