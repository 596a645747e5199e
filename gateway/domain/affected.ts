import type { ListEntry, ListName } from '../../edge/messages/entities.js'

/** How to find the trips that an entry concerns: by their key, by one of their names, or all of them. */
export type Affects =
  | { readonly trips: 'key' | 'name'; readonly name: string; readonly values: readonly string[] }
  /** Through the vehicle: its company or plate, or the tag it carries. */
  | {
      readonly trips: 'ofCompany' | 'ofPlate' | 'ofPlatePattern' | 'ofTag'
      readonly values: readonly string[]
    }
  | { readonly trips: 'all' }

/** Lists whose changes may change a planned verdict. */
export const plannedFrom: readonly ListName[] = [
  'trips',
  'vehicles',
  'drivers',
  'companies',
  'accounts',
  'declarations',
  'manifests',
  'containers',
  'seals',
  'fitness',
  'terminalOrders',
  'releases',
  'areas',
  'orders',
  'blacklist',
  'draws',
]

const everyArea = '*'

/** Which trips a new, changed or deleted entry may concern: rather too many than too few. */
export function affectedBy(entry: ListEntry): readonly Affects[] {
  const named = (name: string, ...values: readonly string[]): Affects => ({ trips: 'name', name, values })
  switch (entry.kind) {
    case 'trip':
    case 'draw':
      return [{ trips: 'key', name: 'key', values: [entry.tripId] }]
    case 'vehicle':
      return [named('vehicle', entry.vehicleId)]
    case 'driver':
      return [named('driver', entry.driverId)]
    case 'company':
    case 'account':
      return [{ trips: 'ofCompany', values: [entry.companyId] }]
    case 'declaration':
      return [named('declaration', entry.declarationNo)]
    case 'manifest':
      return [named('manifest', entry.manifestNo)]
    case 'container':
      return [named('container', entry.number)]
    case 'seal':
      return [named('seal', entry.sealId), named('container', entry.container)]
    case 'fitness':
    case 'terminalOrder':
      return [named('container', entry.container)]
    case 'area':
      return entry.areaCode === everyArea ? [{ trips: 'all' }] : [named('area', entry.areaCode)]
    case 'release':
      return [subject(entry.subject)]
    case 'order':
    case 'blacklist':
      return [subject(entry.subject)]
    case 'tag':
    case 'plan':
      return []
  }
}

type Subject = Extract<ListEntry, { kind: 'order' | 'release' }>['subject']

function subject({ kind, key }: Subject): Affects {
  switch (kind) {
    case 'TRIP':
      return { trips: 'key', name: 'key', values: [key] }
    case 'CONTAINER':
      return { trips: 'name', name: 'container', values: [key] }
    case 'DECLARATION':
      return { trips: 'name', name: 'declaration', values: [key] }
    case 'DRIVER':
      return { trips: 'name', name: 'driver', values: [key] }
    case 'VEHICLE':
      return { trips: 'name', name: 'vehicle', values: [key] }
    case 'COMPANY':
      return { trips: 'ofCompany', values: [key] }
    case 'PLATE':
      return { trips: 'ofPlate', values: [key] }
    case 'PLATE_PATTERN':
      return { trips: 'ofPlatePattern', values: [key] }
    case 'TAG':
      return { trips: 'ofTag', values: [key] }
    case 'SEAL':
      return { trips: 'name', name: 'seal', values: [key] }
    case 'GOODS_CLASS':
    case 'ORIGIN_AREA':
      // What declarations say of their goods is no name of a trip: rather too many than too few.
      return { trips: 'all' }
  }
}
