import type { CargoListName, ListEntry } from './entities.js'

/** Most values that one lookup may ask for, and most entries it may answer with. */
export const findMax = 256

/** A name, beside its key, under which an entry is looked up. */
export interface Look {
  readonly by: string
  readonly value: string
}

/** By what each list is looked up beside `key`. */
export const lookNames: Readonly<Record<CargoListName, readonly string[]>> = {
  drivers: ['card'],
  companies: [],
  trips: ['vehicle'],
  declarations: [],
  manifests: [],
  containers: [],
  terminalOrders: ['container'],
  areas: ['code'],
  seals: [],
  fitness: ['container'],
  releases: ['CONTAINER', 'DECLARATION', 'TRIP'],
  accounts: [],
  draws: [],
  plans: ['vehicle'],
}

/** The names of an entry beside its key; every store of lists finds it under these and no others. */
export function looksOf(entry: ListEntry): readonly Look[] {
  switch (entry.kind) {
    case 'driver':
      return [{ by: 'card', value: entry.cardNo }]
    case 'trip':
    case 'plan':
      return [{ by: 'vehicle', value: entry.vehicleId }]
    case 'terminalOrder':
    case 'fitness':
      return [{ by: 'container', value: entry.container }]
    case 'area':
      return [{ by: 'code', value: entry.areaCode }]
    case 'release':
      return [{ by: entry.subject.kind, value: entry.subject.key }]
    default:
      return []
  }
}

/** Whether a list can be asked so at all: an answer to anything else would read as "there is none". */
export function canFind(list: CargoListName, by: string, values: readonly string[]): boolean {
  return values.length <= findMax && (by === 'key' || lookNames[list].includes(by))
}
