import type { StagedList } from '../interfaces/list-store.js'
import type { ListHead } from '../messages/down.js'
import type { ListName } from '../messages/entities.js'
import type { ListFile } from './list-file.js'

/** A content on its way in: what of it lies in the database already. */
export interface Load {
  readonly head: ListHead
  readonly generation: number
  /** Entries that are staged. */
  readonly count: number
  /** Key of the last of them in the order of the hash tree; '' while there is none. */
  readonly afterKey: string
  /** Staged by an earlier process: its bytes are looked at again before they count. */
  readonly isInherited: boolean
}

/**
 * The generations that loads fill. One load of each list is kept when it breaks off, also over a restart,
 * so that a full list over a bad line is fetched once and not again and again from its beginning.
 */
export class Loads {
  readonly #file: ListFile
  #lastGeneration = 0
  /** Being filled now; nothing names them in the database as in force. */
  readonly #working = new Map<ListName, number>()
  readonly #kept = new Map<ListName, Load>()
  /** Found at the start, not looked at yet: to count a million rows must hold up no start. */
  readonly #found = new Map<ListName, Pick<Load, 'head' | 'generation'>>()

  private constructor(file: ListFile) {
    this.#file = file
  }

  static async open(file: ListFile): Promise<Loads> {
    const loads = new Loads(file)
    loads.#lastGeneration = await file.lastGeneration()
    for (const found of await file.stagings()) loads.#found.set(found.head.list, found)
    return loads
  }

  /** A generation for a change that is made in one go. */
  newGeneration(list: ListName): number {
    this.#lastGeneration += 1
    this.#working.set(list, this.#lastGeneration)
    return this.#lastGeneration
  }

  /** A load from the beginning; what was kept of an earlier one is nobody's from here on. */
  async begin(head: ListHead): Promise<Load> {
    this.#forget(head.list)
    const generation = this.newGeneration(head.list)
    await this.#file.beginStaging(head, generation)
    return { head, generation, count: 0, afterKey: '', isInherited: false }
  }

  /** The kept load of exactly this content up to exactly this key, taken up again; null: there is none such. */
  async goOn(head: ListHead, afterKey: string): Promise<Load | null> {
    const kept = await this.#load(head.list)
    if (kept?.afterKey !== afterKey || !isSame(kept.head, head)) return null
    this.#kept.delete(head.list)
    this.#working.set(head.list, kept.generation)
    return kept
  }

  /** The load broke off; what lies in the database stays for the next try. */
  keep(load: Load): void {
    if (load.count > 0) this.#kept.set(load.head.list, load)
  }

  /** What is kept of a list; one of `floor` or below is of no use any more and is let go. */
  async staged(list: ListName, floor: number): Promise<StagedList | null> {
    const kept = await this.#load(list)
    if (!kept) return null
    if (kept.head.version <= floor) {
      this.#forget(list)
      return null
    }
    const { head, afterKey, count } = kept
    return { head, afterKey, count }
  }

  /** The work on a list is over. True where a generation may be nobody's now. */
  settle(list: ListName): boolean {
    return this.#working.delete(list)
  }

  /** The file was begun anew: nothing that was staged is there any more. */
  lost(): void {
    this.#kept.clear()
    this.#found.clear()
  }

  isUsed(generation: number): boolean {
    const all = [...this.#kept.values(), ...this.#found.values()].map((load) => load.generation)
    return [...this.#working.values(), ...all].includes(generation)
  }

  async #load(list: ListName): Promise<Load | null> {
    const found = this.#found.get(list)
    if (found) {
      const { count, afterKey } = await this.#file.stagedUpTo(found.generation)
      this.#found.delete(list)
      this.keep({ ...found, count, afterKey, isInherited: true })
    }
    return this.#kept.get(list) ?? null
  }

  #forget(list: ListName): void {
    this.#kept.delete(list)
    this.#found.delete(list)
  }
}

function isSame(one: ListHead, other: ListHead): boolean {
  return one.version === other.version && one.contentHash === other.contentHash && one.count === other.count
}
