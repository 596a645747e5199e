import { normalisePlate } from '../tag/plate.js'
import { namesOfTag, subjectKeys } from '../lists/control.js'
import { MemoryControl } from '../lists/memory-control.js'
import type { SubjectKey } from '../../interfaces/list-store.js'
import {
  listKeyOf,
  listOf,
  type BlacklistEntry,
  type ControlOrder,
  type ListEntry,
  type ListName,
  type TagEntry,
  type VehicleEntry,
} from '../../messages/entities.js'
import { noCargoFacts, noCargoObservations } from './cargo.js'
import { cargoSubjects } from './cargo-subjects.js'
import { factOf } from './facts.js'
import type { DecisionInputs, Facts } from './types.js'

/** Entries that are planned to be put into the lists or taken out of them, by the name of the list. */
export class ListsChange {
  readonly #put = new Map<ListName, Map<string, ListEntry>>()
  readonly #deleted = new Map<ListName, Set<string>>()

  put(entry: ListEntry): void {
    const list = listOf(entry)
    this.#deleted.get(list)?.delete(listKeyOf(entry))
    this.#put.set(list, (this.#put.get(list) ?? new Map<string, ListEntry>()).set(listKeyOf(entry), entry))
  }

  delete(list: ListName, key: string): void {
    this.#put.get(list)?.delete(key)
    this.#deleted.set(list, (this.#deleted.get(list) ?? new Set()).add(key))
  }

  /** Whether anything at all is planned for one of these lists. */
  concerns(lists: readonly ListName[]): boolean {
    return lists.some((list) => this.size(list) > 0)
  }

  size(list: ListName): number {
    return (this.#put.get(list)?.size ?? 0) + (this.#deleted.get(list)?.size ?? 0)
  }

  /** What is planned for this entry: another content, null where it goes, undefined where nothing is. */
  of(list: ListName, key: string): ListEntry | null | undefined {
    const entry = this.#put.get(list)?.get(key)
    if (entry) return entry
    return this.#deleted.get(list)?.has(key) ? null : undefined
  }

  /** Every entry that is put into this list. */
  entries<K extends ListEntry['kind']>(list: ListName, kind: K): Extract<ListEntry, { kind: K }>[] {
    const all = [...(this.#put.get(list)?.values() ?? [])]
    return all.filter((entry): entry is Extract<ListEntry, { kind: K }> => entry.kind === kind)
  }
}

/** Says what the record does not tell; the passage is then named and counted, and not guessed at. */
export type CannotTell = (what: string) => void

/** The tags, vehicles and plates of the passage as the changed lists would have them. */
export function identitiesUnder(
  { facts, observations }: DecisionInputs,
  change: ListsChange,
  cannotTell: CannotTell,
): Pick<Facts, 'tags' | 'vehicles' | 'plates'> {
  if (!change.concerns(['tags', 'vehicles'])) return facts
  const vehicles = new Map<string, VehicleEntry | null | 'unknown'>()
  for (const [id, fact] of Object.entries(facts.vehicles)) vehicles.set(id, factUnder(id, fact))
  const look = (id: string): void => {
    if (vehicles.has(id)) return
    const planned = change.of('vehicles', id)
    if (planned === undefined) cannotTell(`vehicle ${id} was never looked up`)
    else vehicles.set(id, planned?.kind === 'vehicle' ? planned : null)
  }
  const tags = Object.fromEntries(
    observations.tags.map(({ epc }): [string, TagEntry | null | 'unknown'] => {
      const recorded = factOf(facts.tags, epc)
      const planned = change.of('tags', epc)
      if (planned === undefined) return [epc, recorded]
      if (recorded === 'unknown') cannotTell(`tag ${epc} was not answered`)
      const tag = planned?.kind === 'tag' ? planned : null
      if (tag !== null) look(tag.vehicleId)
      return [epc, tag]
    }),
  )
  const plates = Object.fromEntries(
    observations.plates.map(({ plate: { text } }): [string, string | null | 'unknown'] => {
      const shown = plateUnder(text, factOf(facts.plates, text))
      if (shown !== null && shown !== 'unknown') look(shown)
      return [text, shown]
    }),
  )
  return { tags, plates, vehicles: Object.fromEntries(vehicles) }

  function factUnder(id: string, recorded: VehicleEntry | null | 'unknown') {
    const planned = change.of('vehicles', id)
    if (planned === undefined) return recorded
    if (recorded === 'unknown') cannotTell(`vehicle ${id} was not answered`)
    return planned?.kind === 'vehicle' ? planned : null
  }

  /** Of several vehicles that may show a plate the one with the lowest id answers, and only it is in the record. */
  function plateUnder(text: string, recorded: string | null | 'unknown') {
    const own = change.entries('vehicles', 'vehicle').filter((vehicle) => showsPlate(vehicle, text))
    const [lowest] = own.map(({ vehicleId }) => vehicleId).sort()
    if (recorded === 'unknown') {
      if (lowest !== undefined) cannotTell(`plate ${text} was not answered`)
      return recorded
    }
    if (recorded === null) return lowest ?? null
    if (lowest !== undefined && lowest <= recorded) return lowest
    const planned = change.of('vehicles', recorded)
    const gone = planned !== undefined && !(planned?.kind === 'vehicle' && showsPlate(planned, text))
    if (gone) cannotTell(`which vehicle beside ${recorded} may show plate ${text}`)
    return recorded
  }
}

/** Orders and blacklist on a passage whose other facts are those of the changed lists already. */
export function controlUnder(
  before: DecisionInputs,
  after: DecisionInputs,
  change: ListsChange,
  cannotTell: CannotTell,
): Pick<Facts, 'orders' | 'blacklist'> {
  const { orders, blacklist } = before.facts
  const then = keysOfInputs(before)
  const now = keysOfInputs(after)
  const known = new Set(then.map(nameOfKey))
  const keys = new Set(now.map(nameOfKey))
  const more = [...keys].filter((key) => !known.has(key))
  if (more.length > 0) cannotTell(`orders and blacklist on ${more.join(', ')} were never looked up`)
  const tagUnheardOf = silentTagOf(after)
  const isMoved = vehiclesByPlate(before).join() !== vehiclesByPlate(after).join()
  checkTagsByPlate()
  return {
    orders: under(orders, change.entries('orders', 'order'), 'orders'),
    blacklist: under(blacklist, change.entries('blacklist', 'blacklist'), 'blacklist'),
  }

  function under<T extends ControlOrder | BlacklistEntry>(
    recorded: readonly T[] | 'unknown',
    put: readonly T[],
    list: 'orders' | 'blacklist',
  ): readonly T[] | 'unknown' {
    if (tagUnheardOf !== null)
      for (const { subject } of put)
        if (subject.kind === 'TAG' && !keys.has(nameOfKey(subject)) && mayBeOf(subject.key, tagUnheardOf))
          cannotTell(`whether tag ${subject.key} is of vehicle ${tagUnheardOf}, whose tag was not heard`)
    const here = entriesOn(put, now)
    if (recorded === 'unknown') {
      if (here.length > 0) cannotTell(`${list} were not known`)
      return recorded
    }
    // What stands on a name that the record does not explain was found under one, and stays.
    const explained = new Set(entriesOn(recorded, then))
    const still = new Set(entriesOn(recorded, now))
    for (const entry of recorded)
      if (!explained.has(entry) && (isMoved || change.of('tags', entry.subject.key) !== undefined))
        cannotTell(`whether ${nameOfKey(entry.subject)} would still be a name of the passage`)
    const stays = recorded.filter(
      (entry) =>
        change.of(list, listKeyOf(entry)) === undefined && (still.has(entry) || !explained.has(entry)),
    )
    const begun = here.map((entry) => begunBy(entry, before.now.wallMs))
    return [...stays, ...begun].sort((a, b) => (listKeyOf(a) < listKeyOf(b) ? -1 : 1))
  }

  /** A plate leads the lane to the tag of its vehicle as well; orders on a newly given one were not looked for. */
  function checkTagsByPlate(): void {
    for (const { epc, vehicleId } of change.entries('tags', 'tag')) {
      const name = nameOfKey({ kind: 'TAG', key: epc })
      if (vehiclesByPlate(after).includes(vehicleId) && !keys.has(name))
        cannotTell(`orders and blacklist on ${name} were never looked up`)
    }
  }

  function mayBeOf(epc: string, vehicleId: string): boolean {
    const planned = change.of('tags', epc)
    return planned === undefined || (planned?.kind === 'tag' && planned.vehicleId === vehicleId)
  }
}

/** Those that speak of any of these names, by the lane's own index. */
function entriesOn<T extends ControlOrder | BlacklistEntry>(
  entries: readonly T[],
  keys: readonly SubjectKey[],
): T[] {
  const all: readonly (ControlOrder | BlacklistEntry)[] = entries
  const control = new MemoryControl()
  control.replaceOrders(all.flatMap((entry) => (entry.kind === 'order' ? [entry] : [])))
  control.replaceBlacklist(all.flatMap((entry) => (entry.kind === 'blacklist' ? [entry] : [])))
  const found = [control.ordersOn(keys), control.blacklistOn(keys)].flatMap((some) =>
    some === 'unknown' ? [] : some.map(listKeyOf),
  )
  return entries.filter((entry) => found.includes(listKeyOf(entry)))
}

function vehiclesByPlate({ facts }: DecisionInputs): string[] {
  const ids = Object.values(facts.plates).flatMap((id) => (id === null || id === 'unknown' ? [] : [id]))
  return [...new Set(ids)].sort()
}

/** What is planned begins later than what is recorded: the question is what it would have done. */
export function begunBy<T extends { readonly validFrom: number }>(entry: T, atMs: number): T {
  return entry.validFrom <= atMs ? entry : { ...entry, validFrom: atMs }
}

/** A vehicle known by its plate alone: whether it has a tag, and which, the record does not say. */
function silentTagOf(inputs: DecisionInputs): string | null {
  const heard = Object.values(inputs.facts.tags).flatMap((tag) =>
    tag === null || tag === 'unknown' ? [] : [tag.vehicleId],
  )
  return vehiclesByPlate(inputs).find((id) => !heard.includes(id)) ?? null
}

/** Every name under which an order may speak of the passage, as far as its record tells. */
function keysOfInputs({ facts, observations }: DecisionInputs): SubjectKey[] {
  const vehicleIds = new Set<string>()
  for (const fact of Object.values(facts.tags))
    if (fact !== null && fact !== 'unknown') vehicleIds.add(fact.vehicleId)
  for (const id of Object.values(facts.plates)) if (id !== null && id !== 'unknown') vehicleIds.add(id)
  const vehicles = [...vehicleIds].flatMap((id) => {
    const vehicle = factOf(facts.vehicles, id)
    return vehicle === null || vehicle === 'unknown' ? [] : [vehicle]
  })
  const own = subjectKeys({
    epcs: observations.tags.flatMap(namesOfTag),
    plates: [
      ...observations.plates.map(({ plate }) => plate.text),
      ...vehicles.flatMap(({ plates }) => plates.map(({ text }) => text)),
    ],
    vehicleIds: [...vehicleIds],
    companyIds: vehicles.flatMap(({ companyId }) => companyId ?? []),
  })
  if (observations.cargo === undefined && facts.cargo === undefined) return own
  const seen = observations.cargo ?? noCargoObservations
  const known = facts.cargo ?? noCargoFacts
  const cards = [...new Set([seen.driverCard, ...Object.keys(known.drivers)])]
  const load = cards.flatMap((driverCard) => subjectKeys(cargoSubjects({ ...seen, driverCard }, known)))
  return [...own, ...load]
}

function nameOfKey({ kind, key }: SubjectKey): string {
  return `${kind} ${key}`
}

function showsPlate({ plates }: VehicleEntry, text: string): boolean {
  return plates.some((plate) => normalisePlate(plate.text) === text)
}
