import { messageOf } from '../base/error.js'
import type { Logger } from '../base/log.js'
import { askOfKey } from '../domain/lane/cargo-inputs.js'
import type { CargoLookup, LaneEvent, LookupKey } from '../domain/lane/types.js'
import type { ConsumedBoard } from '../domain/lists/consumed.js'
import type { IdentityFacts, ListStore } from '../interfaces/list-store.js'
import { lookUpCargo } from './cargo-lookup.js'
import { rethrow } from './rethrow.js'

export interface LookupsGiven {
  readonly laneId: string
  readonly lists: ListStore
  readonly consumed?: ConsumedBoard
  readonly log: Logger
  readonly onFound: (event: LaneEvent) => void
  /** Fewer are under way than before. */
  readonly onEnded: () => void
}

const unknownFacts: IdentityFacts = { tag: 'unknown', vehicle: 'unknown' }

/** What a lane looks up in the lists: each answer is an event, also where the lists could not be read. */
export class Lookups {
  readonly #given: LookupsGiven
  underWay = 0
  failures = 0

  constructor(given: LookupsGiven) {
    this.#given = given
  }

  identity(of: LookupKey): void {
    const { lists, onFound } = this.#given
    const facts = of.kind === 'tag' ? lists.factsOfTag(of.key) : lists.factsOfPlate(of.key)
    const safe = facts.catch((error: unknown) => {
      this.failed(of.kind, error)
      return unknownFacts
    })
    this.#follow(safe, (found) => {
      onFound({ on: 'facts', of, facts: found })
    })
  }

  /** `passageId`: whose own uses of a trip do not count against it. */
  cargo({ key }: CargoLookup, passageId: string, nowMs: number): void {
    const { lists, onFound } = this.#given
    const facts = lookUpCargo(lists, askOfKey(key), {
      nowMs,
      tripNow: (trip) => this.#given.consumed?.tripNow(passageId, trip) ?? trip,
      onFailed: (list, error) => {
        this.failed(list, error)
      },
    })
    this.#follow(facts, (found) => {
      onFound({ on: 'cargoFacts', key, facts: found })
    })
  }

  /** Others ask the lists as well, and are waited for. */
  asking(change: number): void {
    this.underWay += change
    this.#given.onEnded()
  }

  failed(kind: string, error: unknown): void {
    this.failures += 1
    const { log, laneId } = this.#given
    log.warn({ lane: laneId, kind, detail: messageOf(error) }, 'a list lookup failed')
  }

  #follow<Found>(asked: Promise<Found>, take: (found: Found) => void): void {
    this.underWay += 1
    asked.then((found) => {
      this.underWay -= 1
      take(found)
      this.#given.onEnded()
    }, rethrow)
  }
}
