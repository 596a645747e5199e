import type { Logger } from '../base/log.js'
import type { IdentityFacts, ListStore } from '../interfaces/list-store.js'
import type { CargoListName, ListEntry, ListName } from '../messages/entities.js'
import { leafOf } from '../messages/list-hash.js'
import { canFind } from '../messages/list-looks.js'
import { factsFrom, factsOfPlateSql, factsOfTagSql, findEntries, type FactsRow } from './list-facts.js'
import type { ListFile } from './list-file.js'
import type { Connection, SqlValue } from './sqlite.js'

export interface LookupsGiven {
  readonly log: Logger
  /** The content of a list that is in force; undefined: there is none. */
  readonly generationOf: (list: ListName) => number | undefined
  readonly onNotRead: (error: unknown) => void
}

/** What lanes ask of the lists in force. What cannot be read is unknown, like a list that is not there. */
export class ListLookups implements Pick<ListStore, 'factsOfTag' | 'factsOfPlate' | 'find'> {
  readonly #file: ListFile
  readonly #given: LookupsGiven

  constructor(file: ListFile, given: LookupsGiven) {
    this.#file = file
    this.#given = given
  }

  factsOfTag(epc: string): Promise<IdentityFacts> {
    return this.#facts(factsOfTagSql, [epc, leafOf(epc)])
  }

  factsOfPlate(plate: string): Promise<IdentityFacts> {
    return this.#facts(factsOfPlateSql, [plate])
  }

  async find(
    list: CargoListName,
    by: string,
    values: readonly string[],
  ): Promise<readonly ListEntry[] | 'unknown'> {
    if (!this.#isThere(list) || !canFind(list, by, values)) return 'unknown'
    try {
      const found = await this.#onGenerations([list], ([generation = -1], connection) =>
        findEntries(connection, generation, by, values),
      )
      if (!this.#isThere(list)) return 'unknown'
      if (found) return found
      this.#given.log.warn({ list, by, values: values.slice(0, 4) }, 'more entries answer than are looked at')
      return 'unknown'
    } catch (error) {
      this.#given.onNotRead(error)
      return 'unknown'
    }
  }

  #isThere(list: ListName): boolean {
    return this.#given.generationOf(list) !== undefined
  }

  async #facts(sql: string, key: readonly SqlValue[]): Promise<IdentityFacts> {
    try {
      const rows = await this.#onGenerations(['tags', 'vehicles'], (generations, connection) =>
        connection.all<FactsRow>(sql, [...generations, ...key]),
      )
      return factsFrom(rows[0], { tags: this.#isThere('tags'), vehicles: this.#isThere('vehicles') })
    } catch (error) {
      this.#given.onNotRead(error)
      return { tag: 'unknown', vehicle: 'unknown' }
    }
  }

  /**
   * Looks up in the content in force. A switch while the statement was under way may have begun to free what
   * it read: then it is asked again, of the content that is in force now.
   */
  async #onGenerations<T>(
    lists: readonly ListName[],
    ask: (generations: readonly number[], connection: Connection) => Promise<T>,
  ): Promise<T> {
    const now = (): number[] => lists.map((list) => this.#given.generationOf(list) ?? -1)
    for (;;) {
      const asked = now()
      const found = await this.#file.lookup((connection) => ask(asked, connection))
      if (now().every((generation, n) => generation === asked[n])) return found
    }
  }
}
