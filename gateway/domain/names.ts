import { prefixesOf } from '../../edge/domain/lists/area-codes.js'
import type { ListEntry, ListName } from '../../edge/messages/entities.js'
import { looksOf, type Look } from '../../edge/messages/list-looks.js'

/**
 * Names under which the gateway finds entries beside their key: those of every store of lists, and those
 * that lead from a paper, an order or an area back to the trips it concerns.
 */
export function namesOf(entry: ListEntry): readonly Look[] {
  switch (entry.kind) {
    case 'trip': {
      const named = (by: string, values: readonly (string | undefined)[]): Look[] =>
        values.flatMap((value) => (value === undefined ? [] : [{ by, value }]))
      return [
        ...named('vehicle', [entry.vehicleId, entry.trailerVehicleId]),
        ...named('driver', [entry.driverId]),
        ...named('container', entry.containers),
        ...named('declaration', entry.declarationNos),
        ...named('manifest', [entry.manifestNo]),
        ...named('seal', entry.sealIds),
        ...named('area', entry.routeAreas),
      ]
    }
    case 'tag':
      return [
        { by: 'vehicle', value: entry.vehicleId },
        ...(entry.tid === undefined ? [] : [{ by: 'TID', value: entry.tid.toUpperCase() }]),
      ]
    case 'declaration':
      return entry.originArea === null ? [] : [{ by: 'area', value: entry.originArea }]
    case 'container': {
      const codes = [
        ...(entry.originArea === null ? [] : [entry.originArea]),
        ...entry.lastPorts.flatMap(prefixesOf),
      ]
      return [...new Set(codes)].map((value) => ({ by: 'area', value }))
    }
    case 'order':
    case 'blacklist':
      return [{ by: entry.subject.kind, value: entry.subject.key }]
    default:
      return looksOf(entry)
  }
}

/** Lists whose entries have such names. */
export const namedLists: readonly ListName[] = [
  'tags',
  'trips',
  'declarations',
  'containers',
  'orders',
  'blacklist',
  'drivers',
  'terminalOrders',
  'areas',
  'fitness',
  'releases',
]
