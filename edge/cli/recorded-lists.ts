import { areaCodesOf } from '../domain/lists/area-codes.js'
import { noCargoFacts, type CargoFacts, type Fact } from '../domain/decision/cargo.js'
import { begunBy, type ListsChange } from '../domain/decision/what-if-lists.js'
import type { DecisionInputs } from '../domain/decision/types.js'
import { listKeyOf, type CargoListName, type ListEntry } from '../messages/entities.js'
import { looksOf } from '../messages/list-looks.js'

/** The record does not say what the lists held under a name. */
export class NotRecorded extends Error {}

/**
 * The lists about driver and load as far as one record tells of them, with planned entries in the place of
 * recorded ones: the lane's own lookups ask it as they ask the store. A name that was never asked then is
 * refused, and so is a choice among entries of which only the chosen one was recorded.
 */
export class RecordedLists {
  readonly #facts: CargoFacts
  readonly #change: ListsChange
  readonly #nowMs: number
  readonly #vehicleId: string | null

  constructor({ facts, now }: DecisionInputs, change: ListsChange, vehicleId: string | null) {
    this.#facts = facts.cargo ?? noCargoFacts
    this.#change = change
    this.#nowMs = now.wallMs
    this.#vehicleId = vehicleId
  }

  find(
    list: CargoListName,
    by: string,
    values: readonly string[],
  ): Promise<readonly ListEntry[] | 'unknown'> {
    try {
      return Promise.resolve(this.#find(list, by, values))
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #find(list: CargoListName, by: string, values: readonly string[]): readonly ListEntry[] | 'unknown' {
    const then = this.#recorded(list, by, values)
    const put = this.#put(list, by, values)
    if (then === 'unknown') {
      // Without a trip releases are not to be told, whatever the list says of them.
      const depends = list === 'releases' && this.#facts.trip === 'unknown'
      // Several that could not be told apart may be one now; which they were, the record does not say.
      const isTouched = put.length > 0 || (by !== 'key' && this.#change.size(list) > 0)
      if (isTouched && !depends) throw new NotRecorded(`${list} were not answered`)
      return then
    }
    const stays = then.filter((entry) => this.#change.of(list, listKeyOf(entry)) === undefined)
    if (stays.length < then.length && isChoice(list)) this.#checkChoice(list, then, put)
    return [...stays, ...put].sort((a, b) => (listKeyOf(a) < listKeyOf(b) ? -1 : 1))
  }

  /** Planned entries that a lookup would find. An area begins with the plan, however early the record is. */
  #put(list: CargoListName, by: string, values: readonly string[]): ListEntry[] {
    if (by === 'key') {
      return values.flatMap((value) => this.#change.of(list, value) ?? [])
    }
    const kinds = ['driver', 'trip', 'terminalOrder', 'area', 'fitness', 'release'] as const
    const all = kinds.flatMap((kind): ListEntry[] => this.#change.entries(list, kind))
    return all
      .filter((entry) => looksOf(entry).some((look) => look.by === by && values.includes(look.value)))
      .map((entry) => (entry.kind === 'area' ? begunBy(entry, this.#nowMs) : entry))
  }

  #recorded(list: CargoListName, by: string, values: readonly string[]): readonly ListEntry[] | 'unknown' {
    const facts = this.#facts
    switch (list) {
      case 'drivers':
        return this.#each(list, by, values, facts.drivers)
      case 'companies':
        return this.#each(list, by, values, facts.companies)
      case 'declarations':
        return this.#each(list, by, values, facts.declarations)
      case 'containers':
        return this.#each(list, by, values, facts.containers)
      case 'seals':
        return this.#each(list, by, values, facts.seals)
      case 'fitness':
        return this.#each(list, by, values, facts.fitness)
      case 'terminalOrders':
        return this.#each(list, by, values, facts.terminalOrders)
      case 'trips':
        return this.#only(list, values, facts.trip, this.#vehicleId)
      case 'manifests':
        return this.#only(list, values, facts.manifest, tripOf(facts)?.manifestNo ?? null)
      case 'draws':
        return this.#only(list, values, facts.draw, tripOf(facts)?.tripId ?? null)
      case 'accounts':
        return this.#only(list, values, facts.account, Object.keys(facts.companies)[0] ?? null)
      case 'releases':
        return this.#releases(by, values)
      case 'areas':
        return this.#areas(values)
      case 'plans':
        return []
    }
  }

  #each(
    list: CargoListName,
    by: string,
    values: readonly string[],
    facts: Readonly<Record<string, Fact<ListEntry>>>,
  ): readonly ListEntry[] | 'unknown' {
    const found: ListEntry[] = []
    for (const value of values) {
      const fact = Object.hasOwn(facts, value) ? facts[value] : undefined
      if (fact === undefined) {
        // A planned entry answers for itself; whether it stands there alone only a key says for certain.
        if (by === 'key' && this.#change.of(list, value) !== undefined) continue
        throw new NotRecorded(`${list} ${value} was never looked up`)
      }
      if (fact === 'unknown') return fact
      if (fact !== null) found.push(fact)
    }
    return found
  }

  #only(
    list: CargoListName,
    values: readonly string[],
    fact: Fact<ListEntry>,
    asked: string | null,
  ): readonly ListEntry[] | 'unknown' {
    for (const value of values) {
      const isPlanned = list !== 'trips' && this.#change.of(list, value) !== undefined
      if (value !== asked && !isPlanned) throw new NotRecorded(`${list} of ${value} were never looked up`)
    }
    if (fact === 'unknown') return fact
    return fact === null || asked === null || !values.includes(asked) ? [] : [fact]
  }

  #releases(by: string, values: readonly string[]): readonly ListEntry[] | 'unknown' {
    const { releases, fitness, declarations } = this.#facts
    const trip = tripOf(this.#facts)
    const asked: Readonly<Record<string, readonly string[]>> = {
      CONTAINER: Object.keys(fitness),
      DECLARATION: Object.keys(declarations),
      TRIP: trip === null ? [] : [trip.tripId],
    }
    const other = values.find((value) => asked[by]?.includes(value) !== true)
    if (other !== undefined) throw new NotRecorded(`releases of ${other} were never looked up`)
    if (releases === 'unknown') return releases
    return releases.filter(({ subject }) => subject.kind === by && values.includes(subject.key))
  }

  #areas(values: readonly string[]): readonly ListEntry[] | 'unknown' {
    const { areas, declarations, containers } = this.#facts
    const asked = areaCodesOf(tripOf(this.#facts), present(declarations), present(containers))
    const other = values.find((value) => !asked.includes(value))
    if (other !== undefined) throw new NotRecorded(`areas ${other} were never looked up`)
    return areas === 'unknown' ? areas : areas.filter(({ areaCode }) => values.includes(areaCode))
  }

  /** The chosen one goes, or is changed: the next best was not recorded, unless what it is chosen by stays. */
  #checkChoice(list: CargoListName, then: readonly ListEntry[], put: readonly ListEntry[]): void {
    for (const entry of then) {
      if (this.#change.of(list, listKeyOf(entry)) === undefined) continue
      const now = put.find((other) => listKeyOf(other) === listKeyOf(entry))
      if (now === undefined || chosenBy(now) !== chosenBy(entry))
        throw new NotRecorded(`which of ${list} beside ${listKeyOf(entry)} would be chosen`)
    }
  }
}

/** Lists of which a lookup takes one of several. */
function isChoice(list: CargoListName): boolean {
  return list === 'trips' || list === 'fitness' || list === 'terminalOrders'
}

/** What an entry is chosen by, as text. */
function chosenBy(entry: ListEntry): string {
  switch (entry.kind) {
    case 'trip':
      return JSON.stringify([entry.vehicleId, entry.direction, entry.crossedAt ?? null, entry.containers])
    case 'fitness':
      return JSON.stringify([entry.container, entry.used, entry.validTo])
    case 'terminalOrder':
      return JSON.stringify([entry.container, entry.direction, entry.state, entry.slotFrom, entry.slotTo])
    default:
      return ''
  }
}

function tripOf({ trip }: CargoFacts) {
  return trip === 'unknown' ? null : trip
}

function present<T>(facts: Readonly<Record<string, Fact<T>>>): T[] {
  return Object.values(facts).flatMap((fact) => (fact === null || fact === 'unknown' ? [] : [fact]))
}
