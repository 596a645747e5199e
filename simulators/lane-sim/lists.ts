import { LanekeeperError } from '../../edge/base/error.js'
import type { SeededRandom } from '../../edge/base/random.js'
import { bad, type Result } from '../../edge/base/result.js'
import { MemoryControl } from '../../edge/domain/lists/memory-control.js'
import { normalisePlate } from '../../edge/domain/tag/plate.js'
import type { IdentityFacts, ListInForce, ListStore, SubjectKey } from '../../edge/interfaces/list-store.js'
import {
  listKeyOf,
  listNames,
  listOf,
  type BlacklistEntry,
  type CargoListName,
  type ControlOrder,
  type ListEntry,
  type ListName,
  type TagEntry,
  type VehicleEntry,
} from '../../edge/messages/entities.js'
import type { Boot } from './boot.js'
import { CargoLists } from './cargo-lists.js'
import { fingerprint } from './disk.js'

/** One change of one list: a version of its own. */
export interface ListChange {
  readonly list: ListName
  readonly version: number
  readonly put?: ListEntry
  readonly remove?: string
}

function ofEach<T>(make: () => T): Record<ListName, T> {
  return Object.fromEntries(listNames.map((list) => [list, make()])) as Record<ListName, T>
}

/** The gateway's lists: every version there ever was, as a chain of changes. */
export class ListPublisher {
  readonly changes = ofEach((): ListChange[] => [])
  readonly #newest = ofEach(() => new Map<string, ListEntry>())

  /** An entry as it is in the newest version. */
  readonly newest = (list: ListName, key: string): ListEntry | undefined => this.#newest[list].get(key)

  entries(list: ListName): readonly ListEntry[] {
    return [...this.#newest[list].values()]
  }

  put(entry: ListEntry): ListChange {
    const list = listOf(entry)
    this.#newest[list].set(listKeyOf(entry), entry)
    return this.#add({ list, version: this.changes[list].length + 1, put: entry })
  }

  remove(list: ListName, key: string): ListChange {
    this.#newest[list].delete(key)
    return this.#add({ list, version: this.changes[list].length + 1, remove: key })
  }

  #add(change: ListChange): ListChange {
    this.changes[change.list].push(change)
    return change
  }
}

/** The lists as they lie on the edge's disk: they survive its death. */
export class ListData {
  readonly versions = ofEach(() => 0)
  readonly confirmedAt = ofEach((): number | null => null)
  readonly tags = new Map<string, TagEntry>()
  readonly vehicles = new Map<string, VehicleEntry>()
  readonly control = new MemoryControl()
  readonly #vehicleByPlate = new Map<string, string>()
  readonly #tagByVehicle = new Map<string, string>()
  readonly #keys = ofEach(() => new Set<string>())
  readonly #cargo = new CargoLists()
  #inForce: readonly ListInForce[] | null = null

  /** Puts the content of every list there as it is now; afterwards changes come one at a time. */
  startFrom(publisher: ListPublisher, wallMs: number): void {
    this.control.replaceOrders([])
    this.control.replaceBlacklist([])
    for (const list of listNames) {
      for (const change of publisher.changes[list]) this.apply(change)
      this.confirmedAt[list] = wallMs
    }
    this.#inForce = null
  }

  /** True if the change followed on the version in force, and was made. */
  apply(change: ListChange): boolean {
    if (change.version !== this.versions[change.list] + 1) return false
    this.versions[change.list] = change.version
    this.#inForce = null
    if (change.put) this.#put(change.put)
    if (change.remove !== undefined) this.#remove(change.list, change.remove)
    return true
  }

  confirm(list: ListName, wallMs: number): void {
    this.confirmedAt[list] = wallMs
    this.#inForce = null
  }

  inForce(): readonly ListInForce[] {
    this.#inForce ??= listNames
      .filter((list) => this.confirmedAt[list] !== null || this.versions[list] > 0)
      .map((list) => ({
        list,
        version: this.versions[list],
        contentHash: fingerprint(list, this.versions[list]),
        count: this.#keys[list].size,
        confirmedAt: this.confirmedAt[list],
      }))
    return this.#inForce
  }

  factsOfTag(epc: string): IdentityFacts {
    const tag = this.tags.get(epc) ?? null
    return { tag, vehicle: tag ? (this.vehicles.get(tag.vehicleId) ?? null) : null }
  }

  factsOfPlate(plate: string): IdentityFacts {
    const vehicleId = this.#vehicleByPlate.get(plate)
    const vehicle = vehicleId === undefined ? null : (this.vehicles.get(vehicleId) ?? null)
    const epc = vehicle ? this.#tagByVehicle.get(vehicle.vehicleId) : undefined
    return { tag: epc === undefined ? null : (this.tags.get(epc) ?? null), vehicle }
  }

  find(list: CargoListName, by: string, values: readonly string[]): readonly ListEntry[] | 'unknown' {
    return this.inForce().some((one) => one.list === list) ? this.#cargo.find(list, by, values) : 'unknown'
  }

  #put(entry: ListEntry): void {
    this.#keys[listOf(entry)].add(listKeyOf(entry))
    switch (entry.kind) {
      case 'tag':
        this.tags.set(entry.epc, entry)
        this.#tagByVehicle.set(entry.vehicleId, entry.epc)
        break
      case 'vehicle':
        this.vehicles.set(entry.vehicleId, entry)
        for (const plate of entry.plates)
          this.#vehicleByPlate.set(normalisePlate(plate.text), entry.vehicleId)
        break
      case 'order':
      case 'blacklist':
        this.control.upsert(entry)
        break
      default:
        this.#cargo.put(entry)
    }
  }

  #remove(list: ListName, key: string): void {
    this.#keys[list].delete(key)
    if (list === 'tags') this.tags.delete(key)
    else if (list === 'vehicles') this.vehicles.delete(key)
    else if (list === 'orders' || list === 'blacklist') this.control.delete(list, key)
    else this.#cargo.remove(list, key)
  }
}

/** How the list file behaves just now. */
export interface ListHealth {
  lookupFails: boolean
  slowestMs: number
}

/** The list store of one life of the edge. */
export class SimListStore implements ListStore {
  readonly #data: ListData
  readonly #boot: Boot
  readonly #random: SeededRandom
  readonly #health: ListHealth
  readonly #listeners = new Set<(list: ListInForce) => void>()

  constructor(data: ListData, boot: Boot, random: SeededRandom, health: ListHealth) {
    this.#data = data
    this.#boot = boot
    this.#random = random
    this.#health = health
  }

  inForce(): readonly ListInForce[] {
    return this.#data.inForce()
  }

  ordersOn(keys: readonly SubjectKey[]): readonly ControlOrder[] | 'unknown' {
    return this.#data.control.ordersOn(keys)
  }

  blacklistOn(keys: readonly SubjectKey[]): readonly BlacklistEntry[] | 'unknown' {
    return this.#data.control.blacklistOn(keys)
  }

  factsOfTag(epc: string): Promise<IdentityFacts> {
    return this.#lookup(() => this.#data.factsOfTag(epc))
  }

  factsOfPlate(plate: string): Promise<IdentityFacts> {
    return this.#lookup(() => this.#data.factsOfPlate(plate))
  }

  find(
    list: CargoListName,
    by: string,
    values: readonly string[],
  ): Promise<readonly ListEntry[] | 'unknown'> {
    return this.#lookup(() => this.#data.find(list, by, values))
  }

  /** The world brings changes by {@link take}; deltas and full lists are the real store's business. */
  applyDelta(): Promise<Result<ListInForce>> {
    return Promise.resolve(bad('', 'the simulated store takes single changes only.'))
  }

  applyFull(): Promise<Result<ListInForce>> {
    return Promise.resolve(bad('', 'the simulated store takes single changes only.'))
  }

  staged(): Promise<null> {
    return Promise.resolve(null)
  }

  confirm(): Promise<void> {
    return Promise.resolve()
  }

  onSwitched(listener: (list: ListInForce) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A change came down: made and told, or refused because it does not follow on the version in force. */
  take(change: ListChange): boolean {
    if (!this.#data.apply(change)) return false
    const list = this.#data.inForce().find((one) => one.list === change.list)
    if (list) for (const listener of this.#listeners) listener(list)
    return true
  }

  #lookup<T>(find: () => T): Promise<T> {
    const delayMs = 0.1 + this.#random.next() * this.#health.slowestMs
    return this.#boot.later('lists.lookup', delayMs, () => {
      if (this.#health.lookupFails)
        throw new LanekeeperError('lists.lookupFailed', 'the list file cannot be read')
      return find()
    })
  }
}
