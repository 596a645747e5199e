import { laneListNames, type CargoListName, type ListName } from '../../messages/entities.js'
import type { Need } from './cargo.js'
import type { LaneProfile } from './types.js'

/**
 * The lists about driver and load that each need rests on. What comes from no list (police, a
 * measurement) has none; the four lists that every lane judges by are not named here. Weight asks for
 * the company too: row 63 goes easy on class 1.
 */
const listsOfNeed: Readonly<Record<Need, readonly CargoListName[]>> = {
  permit: ['companies'],
  driver: ['drivers'],
  police: [],
  temperature: [],
  radiation: [],
  trip: ['trips'],
  container: ['containers', 'trips'],
  manifest: ['manifests', 'trips'],
  iq: ['declarations', 'releases', 'trips'],
  customs: ['declarations', 'releases', 'trips'],
  terminal: ['terminalOrders', 'releases', 'trips'],
  area: ['areas', 'trips'],
  seal: ['seals', 'trips'],
  fitness: ['fitness', 'trips'],
  weight: ['companies', 'containers', 'trips'],
  draw: ['draws', 'trips'],
  account: ['accounts'],
}

const noNeeds: readonly Need[] = []
/** Asked twice for each decision, and the needs of a lane never change. */
const listsFor = new WeakMap<readonly Need[], readonly CargoListName[]>()

/** The lists about driver and load that a profile with these needs rests on, sorted, each once. */
export function cargoListsFor(needs: readonly Need[] = noNeeds): readonly CargoListName[] {
  const known = listsFor.get(needs)
  if (known) return known
  const lists = [...new Set(needs.flatMap((need) => listsOfNeed[need]))].sort()
  listsFor.set(needs, lists)
  return lists
}

/** All lists that lanes with these profiles cannot do without. */
export function neededLists(profiles: readonly LaneProfile[]): ReadonlySet<ListName> {
  return new Set([...laneListNames, ...profiles.flatMap(({ needs }) => cargoListsFor(needs))])
}
