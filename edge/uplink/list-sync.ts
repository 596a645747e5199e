import { backoffMs, type BackoffPolicy } from '../base/backoff.js'
import type { Cancel, Clock } from '../base/clock.js'
import { messageOf } from '../base/error.js'
import type { FaultChange, FaultCode } from '../base/fault.js'
import type { Logger } from '../base/log.js'
import type { Random } from '../base/random.js'
import { describeProblems, type Problem } from '../base/result.js'
import type { ListInForce, ListStore, StagedList } from '../interfaces/list-store.js'
import type { ListDelta, ListHead } from '../messages/down.js'
import type { ListName } from '../messages/entities.js'
import type { HoldJudge } from '../messages/trust/holds.js'
import { trustFaults } from '../messages/trust/refusal.js'
import { FullTurns } from './full-turns.js'
import { PushLines } from './push-lines.js'
import type { FullDownload, ListHttp } from './list-http.js'
import type { Resync } from './resync.js'

export interface ListSyncGiven {
  readonly lists: ListStore
  readonly http: ListHttp
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly backoff: BackoffPolicy
  /** A new head waits so long for its delta before the delta is fetched. */
  readonly deltaGraceMs: number
  readonly onFault: (change: FaultChange) => void
  /** Whether this very version was proven (list-trust.ts); absent: every version that the gateway names is taken. */
  readonly isNamed?: (head: ListHead) => boolean
  /** Whether a hold may change so (list-trust.ts); absent: nobody is known who could prove it. */
  readonly judgeHold?: HoldJudge
  /** Whoever waits for the newest orders after a connection. */
  readonly resync?: Pick<Resync, 'named' | 'inForce'>
  /** What became of a version, for the gateway. */
  readonly answer: (
    list: ListName,
    version: number,
    result: 'accepted' | 'inForce' | 'refused',
    why: string | null,
  ) => void
}

/** Figures since the uplink was opened. */
export interface ListSyncCounters {
  /** Deltas that came by MQTT and fitted. */
  deltasPushed: number
  deltasFetched: number
  /** Fetched ones that did not fit what is in force: the list was fetched in full instead. */
  deltasUnfit: number
  fullsFetched: number
  /** Downloads that broke off and were gone on with where they broke. */
  fullsResumed: number
  /** Downloads that failed, and contents that were refused. */
  failed: number
}

/** Downloads and switches of one list, one at a time. */
interface Work {
  target: ListHead
  attempt: number
  busy: boolean
  cancel: Cancel | null
  /** The version that the gateway was told to be proven and on its way. */
  told: number
}

/**
 * Brings each list to the newest version that the gateway names: by a delta that was pushed, else a
 * delta fetched from the version in force, else in full. Runs beside the lanes and never in their
 * way; what fails leaves the old version in force and is tried again, with waits, for ever.
 */
export class ListSync {
  readonly counters: ListSyncCounters = {
    deltasPushed: 0,
    deltasFetched: 0,
    deltasUnfit: 0,
    fullsFetched: 0,
    fullsResumed: 0,
    failed: 0,
  }
  readonly #given: ListSyncGiven
  readonly #work = new Map<ListName, Work>()
  /** The fault that stands for a list. */
  readonly #refused = new Map<ListName, FaultCode>()
  readonly #pushes = new PushLines()
  /** Deltas that came before their proof, the newest of each list. */
  readonly #early = new Map<ListName, ListDelta>()
  readonly #fulls: FullTurns
  /** Whether the versions that were named last are known to be the newest of now. */
  #isFresh = true
  #closed = false

  constructor(given: ListSyncGiven) {
    this.#given = given
    this.#fulls = new FullTurns(given.clock)
  }

  /** The gateway is there again: what failed while it was away need not wait any longer. */
  connected(): void {
    for (const work of this.#work.values()) {
      if (work.cancel && work.attempt > 0) this.#later(work, 0)
    }
  }

  /**
   * What was proven before the start, by what is kept outside the database: a list of an older version there was put
   * back, or its newer one had not come when the box went off. It is fetched, and said until it is in force.
   */
  seenBefore(seen: Readonly<Record<string, { readonly version: number }>>): void {
    for (const held of this.#given.lists.inForce()) {
      const version = Object.hasOwn(seen, held.list) ? (seen[held.list]?.version ?? 0) : 0
      if (version <= held.version) continue
      this.#refused.set(held.list, 'controlList.stale')
      const detail = `version ${held.version} is in force, ${version} was proven before (listBehindProof)`
      this.#given.log.error({ list: held.list, detail }, 'a list is older than what was proven')
      this.#given.onFault({ is: 'raised', code: 'controlList.stale', source: held.list, detail })
    }
  }

  /** The gateway names its newest version. */
  head(head: ListHead): void {
    if (this.#isFresh) this.#given.resync?.named(head)
    const held = this.#inForce(head.list)
    if (held && held.version === head.version && held.contentHash === head.contentHash) {
      this.#settled(head)
      return
    }
    if (held && head.version <= held.version) {
      const why = head.version < held.version ? 'listVersionBack' : 'listSameVersionOtherContent'
      this.#refuse(head, `the gateway names version ${head.version}, in force is ${held.version}`, why)
      return
    }
    this.#aim(head, this.#given.deltaGraceMs)
  }

  /**
   * Versions that were proven, together. A repetition of an old proof (`isFresh` false) brings lists to what it names
   * and does not make them any younger.
   */
  trusted(heads: readonly ListHead[], isFresh: boolean): void {
    this.#isFresh = isFresh
    for (const head of heads) {
      const early = this.#early.get(head.list)
      this.#early.delete(head.list)
      if (early) this.delta(early)
      this.head(head)
    }
  }

  /** A delta came by itself. Those of one list are applied in the order they came; no list waits for another. */
  delta(delta: ListDelta): void {
    if (!this.#isNamed(delta.head)) {
      this.#early.set(delta.list, delta)
      return
    }
    // Too many in line means that we cannot follow; the head says where to go.
    if (!this.#pushes.add(delta.list, () => this.#push(delta))) this.#aim(delta.head, 0)
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const work of this.#work.values()) work.cancel?.()
    await this.#pushes.idle()
  }

  #isNamed(head: ListHead): boolean {
    return this.#given.isNamed?.(head) ?? true
  }

  #inForce(list: ListName): ListInForce | undefined {
    return this.#given.lists.inForce().find((held) => held.list === list)
  }

  async #push(delta: ListDelta): Promise<void> {
    if (this.#closed) return
    const held = this.#inForce(delta.list)
    if (held && delta.head.version <= held.version) return
    // While it waited in line a newer version may have been proven: that one is aimed at already.
    if (!this.#isNamed(delta.head)) return
    const result = await this.#given.lists.applyDelta(delta, this.#given.judgeHold)
    if (result.ok) {
      this.counters.deltasPushed += 1
      this.#reached(delta.head)
      this.#done(delta.head)
    } else {
      this.#given.log.info({ list: delta.list, problems: result.problems }, 'a pushed delta does not fit')
      this.#aim(delta.head, 0)
    }
  }

  /** Work towards this version, unless a newer one is already aimed at. */
  #aim(head: ListHead, afterMs: number): void {
    if (this.#closed) return
    const work = this.#work.get(head.list)
    if (!work) {
      const fresh: Work = { target: head, attempt: 0, busy: false, cancel: null, told: 0 }
      this.#work.set(head.list, fresh)
      this.#later(fresh, afterMs)
      return
    }
    if (head.version <= work.target.version) return
    work.target = head
    // A wait after a failure ends here: a new version is a new chance.
    if (!work.busy) this.#later(work, afterMs)
  }

  #later(work: Work, afterMs: number): void {
    work.cancel?.()
    work.cancel = this.#given.clock.after('list sync', afterMs, () => {
      work.cancel = null
      work.busy = true
      void this.#bring(work).finally(() => {
        work.busy = false
      })
    })
  }

  async #bring(work: Work): Promise<void> {
    const { log, backoff, random } = this.#given
    const { list } = work.target
    try {
      while (!this.#closed) {
        const { target } = work
        const held = this.#inForce(list)
        if (held && held.version >= target.version) {
          this.#work.delete(list)
          this.#reached(target)
          return
        }
        if (this.#given.isNamed?.(target) && work.told !== target.version) {
          work.told = target.version
          this.#given.answer(list, target.version, 'accepted', null)
        }
        await this.#advance(work, held, target)
        work.attempt = 0
      }
    } catch (error) {
      if (this.#closed) return
      this.counters.failed += 1
      // A line that is cut and brings something each time is gone on with at once: waiting mends nothing there.
      if (error instanceof CutOff) work.attempt = 0
      const waitMs = backoffMs(error instanceof CutOff ? resume : backoff, work.attempt, random)
      log.warn({ list, version: work.target.version, error: messageOf(error), waitMs }, 'list not fetched')
      work.attempt += 1
      work.busy = false
      if (error instanceof Refused) this.#refuse(work.target, error.message, error.code)
      this.#later(work, waitMs)
    }
  }

  /** One step nearer to the target. Throws when there is none. */
  async #advance(work: Work, held: ListInForce | undefined, target: ListHead): Promise<void> {
    const { http, lists, log, judgeHold } = this.#given
    const { list } = target
    if ((await lists.staged(list)) && (await this.#fulls.run(list, () => this.#goOn(list)))) return
    if (held) {
      let delta = await http.delta(list, held.version)
      if (delta === 'notThere' && work.attempt < changesTriedMax)
        delta = await http.changes(list, held.version)
      if (delta !== 'notThere' && delta.ok) {
        this.#demandNamed(delta.value.head, target)
        const result = await lists.applyDelta(delta.value, judgeHold)
        if (result.ok) {
          this.counters.deltasFetched += 1
          return
        }
        // The same version in full would take the same hold away.
        const refused = new Refused(result.problems)
        if (faultOf(refused.code) !== 'controlList.refused') throw refused
        log.info({ list, problems: result.problems }, 'a fetched delta does not fit')
        this.counters.deltasUnfit += 1
      }
    }
    await this.#fulls.run(list, () => this.#inFull(work))
  }

  async #inFull({ target }: Work): Promise<void> {
    const { http } = this.#given
    const { list } = target
    // While it waited for its turn, deltas may have brought it there.
    if (this.#closed || (this.#inForce(list)?.version ?? 0) >= target.version) return
    let full = await http.full(list, target.version)
    // The version may have been followed by the next before we asked for it.
    if (full === 'notThere') full = await http.full(list, null)
    if (full === 'notThere') throw new Error(`the gateway has no version of ${list}`)
    try {
      this.#demandNamed(full.head, target)
    } catch (error) {
      full.cancel()
      throw error
    }
    await this.#take(full, null)
    if (full.head.version < target.version)
      throw new Error(`the gateway gave version ${full.head.version} for ${target.version}`)
  }

  /**
   * The rest of a full list that broke off, if the gateway still has that version. It was proven when it began,
   * and is newer than what is in force; what followed it meanwhile is the next step.
   */
  async #goOn(list: ListName): Promise<boolean> {
    const staged = await this.#given.lists.staged(list)
    if (!staged || this.#closed) return false
    const rest = await this.#given.http.full(list, staged.head.version, staged)
    if (rest === 'notThere') return false
    this.counters.fullsResumed += 1
    await this.#take(rest, staged)
    return true
  }

  async #take({ head, entries, overran, cancel }: FullDownload, staged: StagedList | null): Promise<void> {
    const { lists, judgeHold } = this.#given
    const result = await lists.applyFull(head, entries, staged?.afterKey, judgeHold).finally(cancel)
    if (result.ok) {
      this.counters.fullsFetched += 1
      return
    }
    // Going on where it broke off would let it be as long again.
    if (overran())
      throw new Refused([{ path: head.list, message: 'more came than was named (listLongerThanNamed)' }])
    const now = await lists.staged(head.list)
    if (now && now.count > (staged?.count ?? 0)) throw new CutOff(describeProblems(result.problems))
    throw new Refused(result.problems)
  }

  /** Throws for a version that was not proven: a newer one is waited for, another content is refused. */
  #demandNamed(head: ListHead, target: ListHead): void {
    if (this.#isNamed(head)) return
    const message = `version ${head.version} came, proven is ${target.version} (listNotNamed)`
    if (head.version <= target.version) throw new Refused([{ path: head.list, message }])
    throw new Error(message)
  }

  /** What the delta brought need not be looked for any more. */
  #done({ list, version }: ListHead): void {
    const work = this.#work.get(list)
    if (!work || work.busy || work.target.version > version) return
    work.cancel?.()
    this.#work.delete(list)
  }

  /** A version came into force, or was found to be. */
  #reached(head: ListHead): void {
    const held = this.#inForce(head.list)
    if (!held) return
    this.#given.answer(head.list, held.version, 'inForce', null)
    if (held.version === head.version) this.#settled(head)
  }

  #settled(head: ListHead): void {
    const { lists, clock, log, onFault } = this.#given
    const code = this.#refused.get(head.list)
    if (code && this.#refused.delete(head.list)) onFault({ is: 'cleared', code, source: head.list })
    if (!this.#isFresh) return
    this.#given.resync?.inForce(head)
    void lists.confirm(head, clock.now().wallMs).catch((error: unknown) => {
      log.warn({ list: head.list, error: messageOf(error) }, 'a list could not be confirmed')
    })
  }

  #refuse(head: ListHead, detail: string, why: string): void {
    this.#given.answer(head.list, head.version, 'refused', why)
    const code = faultOf(why)
    const standing = this.#refused.get(head.list)
    if (standing === code) return
    if (standing) this.#given.onFault({ is: 'cleared', code: standing, source: head.list })
    this.#refused.set(head.list, code)
    this.#given.onFault({ is: 'raised', code, source: head.list, detail })
  }
}

/** Changes over a gap cannot be gone on with: where they fail again and again the full list, which can, is the shorter way. */
const changesTriedMax = 2

/** Between a cut and going on. */
const resume: BackoffPolicy = { firstMs: 250, factor: 1, maxMs: 250, jitter: 0.8 }

/** A full list broke off, and brought something before. */
class CutOff extends Error {}

/** The fault of a refusal: a hold that would go without proof is another matter than a list that is none. */
function faultOf(why: string): FaultCode {
  const isOfHolds = why === 'listHoldVanished' || why === 'listHoldWeakened' || why === 'liftNotProven'
  return isOfHolds ? trustFaults[why] : 'controlList.refused'
}

/** The content was not what its head announces, or may not come into force. */
class Refused extends Error {
  readonly code: string

  constructor(problems: readonly Problem[]) {
    const text = describeProblems(problems)
    super(text.slice(0, 400))
    this.code = /\((\w+)\)/.exec(text)?.[1] ?? 'listRefused'
  }
}
