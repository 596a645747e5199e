import type { Clock } from '../base/clock.js'
import { messageOf } from '../base/error.js'
import type { Logger } from '../base/log.js'
import { bad, ok, type Result } from '../base/result.js'
import type {
  ControlListName,
  ControlIndex,
  ControlMemory,
  IdentityFacts,
  ListInForce,
  ListStore,
  StagedList,
  SubjectKey,
} from '../interfaces/list-store.js'
import type { ListDelta, ListHead } from '../messages/down.js'
import {
  type BlacklistEntry,
  type ControlOrder,
  type ListEntry,
  type ListName,
} from '../messages/entities.js'
import type { HoldJudge } from '../messages/trust/holds.js'
import { emptyContentHash } from '../messages/list-hash.js'
import type { FaultLatch } from './faults.js'
import type { ListFile, ListRow } from './list-file.js'
import { rowsOf } from './list-rows.js'
import { controlOf, isControl, isControlEntry, loadProblem } from './list-content.js'
import { baseProblem, contentProblem, deltaProblem, isHeadOf, judgeHead, Mismatch } from './list-rules.js'
import { holdProblemOfDelta, holdProblemOfLoad, holdRemedy } from './list-holds.js'
import { Loads } from './list-kept.js'
import { ListLookups } from './list-lookups.js'
import { readAtStart, type ControlContent } from './control-load.js'
import { Mending } from './list-mending.js'
import { recheckAll, restOf } from './list-recheck-all.js'
import { isSealed, startProblem } from './list-recheck.js'
import { stageAll } from './list-staging.js'
import type { Connection } from './sqlite.js'

/** What was written may lie in the file that was put aside, or be lost: it does not count. */
const doubted = 'the lists file was found damaged meanwhile (listNotStored)'

interface Held extends ListInForce {
  readonly generation: number
}

export interface ListStoreGiven {
  readonly clock: Clock
  readonly log: Logger
  readonly faults: FaultLatch
  readonly control: ControlMemory
  /** Pauses of the check at start, milliseconds: before it, and between two pages. */
  readonly recheckAfterMs: number
  readonly recheckPauseMs: number
  /** Lists whose absence is a fault: those that a lane of this edge needs. */
  readonly needed: ReadonlySet<ListName>
  /** Makes a new file this edge's own; rejects where it is another's. */
  readonly own: (connection: Connection) => Promise<void>
}

/**
 * The lists in force (law 6): switched, never edited half. A version never goes back, what comes
 * in is checked as it lies in the database before it counts, and a failed check leaves the old one.
 */
export class SqliteListStore implements ListStore, ControlIndex {
  readonly #file: ListFile
  readonly #given: ListStoreGiven
  readonly #held = new Map<ListName, Held>()
  /** Highest version ever in force, kept also while a corrupt content is not believed. */
  readonly #floor = new Map<ListName, number>()
  readonly #changing = new Map<ListName, Promise<unknown>>()
  readonly #listeners = new Set<(list: ListInForce) => void>()
  #closed = false
  readonly #ending = new AbortController()
  #loaded: Promise<void> = Promise.resolve()
  #rechecked: Promise<void> = Promise.resolve()
  #dropping: Promise<void> = Promise.resolve()

  readonly #loads: Loads
  readonly #mending: Mending
  readonly #lookups: ListLookups
  /** How often something of the file was not to be believed any more: a change that began before must not count after it. */
  #doubts = 0

  private constructor(file: ListFile, loads: Loads, given: ListStoreGiven) {
    this.#file = file
    this.#loads = loads
    this.#given = given
    this.#lookups = new ListLookups(file, {
      log: given.log,
      generationOf: (list) => this.#held.get(list)?.generation,
      onNotRead: (error) => this.#notRead(error),
    })
    this.#mending = new Mending({
      clock: given.clock,
      reopen: () => file.reopen((rows) => this.#compare(rows)),
      renew: (why) => this.#renew(why),
      onMended: () => given.faults.clear('controlList.corrupt', 'lists'),
    })
  }

  /** Takes over what the file holds; its content is checked against the hash in the background. */
  static async open(file: ListFile, given: ListStoreGiven): Promise<SqliteListStore> {
    const store = new SqliteListStore(file, await Loads.open(file), given)
    for (const row of await file.rows()) await store.#takeOver(row)
    for (const list of given.needed) store.#reportMissing(list)
    store.#rechecked = store.#recheck()
    store.#dropping = store.#rechecked.then(() => store.#drop())
    return store
  }

  /** Settles when orders and blacklist, as they lay here, are in memory; until then they are unknown. */
  get loaded(): Promise<void> {
    return this.#loaded
  }

  /** Settles when the check at start is through. */
  get rechecked(): Promise<void> {
    return this.#rechecked
  }

  inForce(): readonly ListInForce[] {
    return [...this.#held.values()].map(({ generation: _generation, ...list }) => list)
  }

  ordersOn(keys: readonly SubjectKey[]): readonly ControlOrder[] | 'unknown' {
    return this.#given.control.ordersOn(keys)
  }

  blacklistOn(keys: readonly SubjectKey[]): readonly BlacklistEntry[] | 'unknown' {
    return this.#given.control.blacklistOn(keys)
  }

  factsOfTag(epc: string): Promise<IdentityFacts> {
    return this.#lookups.factsOfTag(epc)
  }

  factsOfPlate(plate: string): Promise<IdentityFacts> {
    return this.#lookups.factsOfPlate(plate)
  }

  find(...asked: Parameters<ListStore['find']>): ReturnType<ListStore['find']> {
    return this.#lookups.find(...asked)
  }

  applyDelta(delta: ListDelta, judge?: HoldJudge): Promise<Result<ListInForce>> {
    return this.#alone(delta.list, () => this.#applyDelta(delta, judge))
  }

  staged(list: ListName): Promise<StagedList | null> {
    return this.#loads.staged(list, this.#held.get(list)?.version ?? 0)
  }

  applyFull(...asked: Parameters<ListStore['applyFull']>): Promise<Result<ListInForce>> {
    return this.#alone(asked[0].list, () => this.#applyFull(...asked))
  }

  async confirm(head: ListHead, atMs: number): Promise<void> {
    const held = this.#held.get(head.list)
    if (!held || held.version !== head.version || held.contentHash !== head.contentHash) return
    if (held.confirmedAt !== null && held.confirmedAt >= atMs) return
    this.#held.set(head.list, { ...held, confirmedAt: atMs })
    await this.#file.confirm(head.list, atMs)
  }

  onSwitched(listener: (list: ListInForce) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#ending.abort()
    this.#mending.close()
    this.#file.check.end()
    await Promise.allSettled([this.#rechecked, this.#dropping, ...this.#changing.values()])
    await this.#file.close()
  }

  /** Changes of one list go one after the other; of different lists, side by side. */
  #alone(list: ListName, change: () => Promise<Result<ListInForce>>): Promise<Result<ListInForce>> {
    const before = this.#changing.get(list) ?? Promise.resolve()
    const mine = before.then(async () => {
      if (this.#closed) return bad(list, 'the list store is closed (listStoreClosed)')
      try {
        return await change()
      } catch (error) {
        this.#mending.after(error)
        return bad(list, `the list could not be stored: ${messageOf(error)} (listNotStored)`)
      } finally {
        this.#freeStaged(list)
      }
    })
    this.#changing.set(list, mine)
    return mine
  }

  #judge(head: ListHead): Result<ListInForce> | null {
    return judgeHead(head, this.#held.get(head.list), this.#floor.get(head.list) ?? 0)
  }

  async #applyDelta(delta: ListDelta, judge?: HoldJudge): Promise<Result<ListInForce>> {
    const { list, head } = delta
    const judged = this.#judge(head)
    if (judged) return judged
    const doubts = this.#doubts
    const problem = deltaProblem(delta)
    if (problem) return bad(list, problem, 'Fetch the list in full.')
    const held = this.#held.get(list)
    // The empty list before version 1 is known to everybody; nothing else is taken on trust.
    const base = held ?? { version: 0, contentHash: emptyContentHash, count: 0, generation: null }
    const gap = baseProblem(delta, base)
    if (gap) return bad(list, gap, 'Fetch the delta from the version in force, or the list in full.')
    const lost = await holdProblemOfDelta(this.#file, base.generation, delta, judge)
    if (lost) return bad(list, lost, holdRemedy)
    const generation = base.generation ?? this.#loads.newGeneration(list)
    const rows = await rowsOf(delta.upserts)
    try {
      await this.#file.change(head, generation, rows, delta.deletes, (found) => {
        const mismatch = contentProblem(head, found)
        if (mismatch) throw new Mismatch(mismatch)
      })
    } catch (error) {
      if (error instanceof Mismatch) return bad(list, error.message, 'Fetch the list in full.')
      throw error
    }
    if (doubts !== this.#doubts) return bad(list, doubted, 'Fetch the list in full.')
    if (isControl(list)) {
      if (!held) this.#given.control.fill(list).use()
      for (const key of delta.deletes) this.#given.control.delete(list, key)
      for (const entry of delta.upserts) if (isControlEntry(entry)) this.#given.control.upsert(entry)
    }
    return ok(this.#switched(head, generation))
  }

  async #applyFull(
    head: ListHead,
    entries: AsyncIterable<ListEntry>,
    afterKey = '',
    judge?: HoldJudge,
  ): Promise<Result<ListInForce>> {
    const judged = this.#judge(head)
    if (judged) return judged
    const doubts = this.#doubts
    const { list } = head
    const load = afterKey === '' ? await this.#loads.begin(head) : await this.#loads.goOn(head, afterKey)
    if (!load) return bad(list, 'what was staged is not there (listNotStaged)', 'Fetch the list in full.')
    const { generation } = load
    const filling = isControl(list) && load.count === 0 ? this.#given.control.fill(list) : null
    const staged = await stageAll(this.#file, { load, entries, fill: filling })
    if (staged.is === 'brokenOff') {
      if (staged.load) this.#loads.keep(staged.load)
      return bad(list, staged.problem, 'Fetch the rest of it.')
    }
    const mismatch =
      staged.is === 'refused'
        ? staged.problem
        : await loadProblem(this.#file, load, this.#given, () => this.#closed)
    if (mismatch) return bad(list, mismatch, 'Publish the list again, or look at the line to the gateway.')
    const lost = await holdProblemOfLoad(this.#file, this.#held.get(list), load, judge)
    if (lost) return bad(list, lost, holdRemedy)
    const fill = filling ?? (await controlOf(this.#file, load, this.#given.control))
    await this.#file.switchTo(head, generation)
    if (doubts !== this.#doubts) return bad(list, doubted, 'Fetch the list in full.')
    fill?.use()
    return ok(this.#switched(head, generation))
  }

  #switched(head: ListHead, generation: number): ListInForce {
    const { list, version, contentHash, count } = head
    const confirmedAt = this.#held.get(list)?.confirmedAt ?? null
    const held: Held = { list, version, contentHash, count, confirmedAt, generation }
    this.#held.set(list, held)
    this.#floor.set(list, version)
    this.#given.faults.clear('controlList.missing', list)
    this.#given.faults.clear('controlList.corrupt', list)
    this.#given.log.info({ list, version, count }, 'list switched')
    for (const listener of [...this.#listeners]) listener(held)
    return held
  }

  /** A lookup that fails answers like a list that is not there: unknown is never release. */
  #notRead(error: unknown): void {
    if (!this.#closed) this.#given.faults.raise('controlList.corrupt', 'lists', messageOf(error))
    this.#mending.after(error)
    this.#given.log.error({ error: messageOf(error) }, 'a list could not be looked up')
  }

  /** No list is in force in an empty file; the versions below which none may go are still known here. */
  async #renew(detail: string): Promise<void> {
    this.#disbelieveAll(detail)
    this.#loads.lost()
    const { clock, log, own } = this.#given
    await this.#file.renew(own, { wallMs: clock.now().wallMs, log })
  }

  /** What was in force and is not in the file any more is not in force. */
  #compare(rows: readonly ListRow[]): void {
    for (const held of [...this.#held.values()]) {
      if (!rows.some((row) => isHeadOf(row, held)))
        this.#disbelieve(held.list, 'the lists file now holds something else')
    }
  }

  async #takeOver(row: ListRow): Promise<void> {
    const { list, generation, version, count, content_hash: contentHash, confirmed_at: confirmedAt } = row
    // Of a head that cannot be believed neither can its version: what was seen stands outside this file too.
    if (isSealed(row)) this.#floor.set(list, version)
    if (isSealed(row) && generation === 0) return
    const problem = await startProblem(this.#file, row)
    if (problem) this.#disbelieve(list, problem)
    else this.#held.set(list, { list, generation, version, contentHash, count, confirmedAt })
    if (problem || !isControl(list)) return
    const loading = this.#load(list, row)
    // No change of the list comes before it is there.
    this.#changing.set(list, loading)
    this.#loaded = this.#loaded.then(() => loading)
  }

  async #load(list: ControlListName, content: ControlContent): Promise<void> {
    try {
      const fill = await readAtStart(this.#file, content, this.#given, list, this.#ending.signal)
      if (this.#held.get(list)?.generation === content.generation) fill.use()
    } catch (error) {
      if (!this.#closed) this.#disbelieve(list, messageOf(error))
    }
  }

  #reportMissing(list: ListName): void {
    if (this.#held.has(list)) return
    if (isControl(list)) this.#given.control.forget(list)
    this.#given.faults.raise('controlList.missing', list, 'no complete version of this list is here yet')
  }

  /** What cannot be believed is not there: its facts are unknown, and the next load may be of the same version. */
  #disbelieve(list: ListName, detail: string): void {
    this.#doubts += 1
    this.#held.delete(list)
    if (isControl(list)) this.#given.control.forget(list)
    this.#given.faults.raise('controlList.corrupt', list, detail)
    this.#given.log.error({ list, detail }, 'a list is corrupt')
  }

  async #recheck(): Promise<void> {
    await this.#loaded
    await restOf(this.#given, this.#ending.signal)
    await recheckAll(this.#file, {
      ...this.#given,
      held: () => [...this.#held.values()],
      changing: (list) => this.#changing.get(list),
      onWrong: (list, problem) => this.#disbelieve(list, problem),
      onDamaged: (damage) => {
        this.#disbelieveAll(damage.message)
        this.#mending.after(damage)
      },
      isClosed: () => this.#closed,
    })
  }

  #disbelieveAll(detail: string): void {
    this.#doubts += 1
    for (const list of [...this.#held.keys()]) this.#disbelieve(list, detail)
  }

  /** What was staged is now in force, or nobody's; so may be the content before it. */
  #freeStaged(list: ListName): void {
    if (!this.#loads.settle(list)) return
    this.#dropping = this.#dropping.then(() => this.#drop())
  }

  #isUsed(generation: number): boolean {
    return (
      this.#loads.isUsed(generation) ||
      [...this.#held.values()].some((held) => held.generation === generation)
    )
  }

  /** Frees what no list uses any more: old contents, and loads that nobody goes on with. */
  async #drop(): Promise<void> {
    try {
      await this.#file.dropUnused((generation) => this.#closed || this.#isUsed(generation))
    } catch (error) {
      this.#given.log.warn({ error: messageOf(error) }, 'old list contents could not be freed')
    }
  }
}
