import type { Cancel, Clock } from '../base/clock.js'
import { messageOf } from '../base/error.js'
import type { FaultChange, FaultCode } from '../base/fault.js'
import type { Logger } from '../base/log.js'
import type { ListHead } from '../messages/down.js'
import { listHeadSchema } from '../messages/down.js'
import { listNames } from '../messages/entities.js'
import { trustBounds } from '../messages/trust/bounds.js'
import { judgeHoldChange, type HoldJudge } from '../messages/trust/holds.js'
import {
  judgeRoots,
  judgeTrust,
  trustNow,
  trustedLists,
  type TrustJudgement,
} from '../messages/trust/judge.js'
import { parseRecord } from '../messages/trust/parse.js'
import { rootsAnswerSchema } from '../messages/trust/records.js'
import { faultOfRefusal, trustFaultCodes, type TrustRefusal } from '../messages/trust/refusal.js'
import type { TrustState } from '../messages/trust/state.js'

const watchEveryMs = 15_000
/** Messages that wait for the disk; of more only the newest does, which says what those between would have said. */
const waitingMax = 4

export interface ListTrustGiven {
  readonly state: TrustState
  /** Resolves when it is on the disk, twice. */
  readonly keep: (state: TrustState) => Promise<void>
  /** A kept copy could not be believed, and `controlList.trustNotKept` stands for it until both are written again. */
  readonly damaged?: string | null
  /** Roots from a version on, as bytes (`rootsAnswerSchema`); absent: the message's own must do. */
  readonly fetchRoots?: (from: number) => Promise<Uint8Array | 'notThere'>
  readonly clock: Clock
  readonly log: Logger
  readonly onFault: (change: FaultChange) => void
  /** Versions to bring into force. `isFresh`: proven a moment ago, so that those in force are the newest. */
  readonly onHeads: (heads: readonly ListHead[], isFresh: boolean) => void
}

/** Figures since the uplink was opened. */
export interface ListTrustCounters {
  trustTaken: number
  trustRefused: number
}

/**
 * Which versions of the lists are to be believed. A message is judged, what came out of it is kept on the disk, and
 * only then are lists brought into force by it: verified before persisted, persisted before used.
 */
export class ListTrust {
  readonly counters: ListTrustCounters = { trustTaken: 0, trustRefused: 0 }
  readonly #given: ListTrustGiven
  #state: TrustState
  #heads: ReadonlyMap<string, ListHead>
  readonly #standing = new Set<FaultCode>()
  #working: Promise<void> = Promise.resolve()
  #waiting = 0
  /** Came when too many waited already: the last of them is judged all the same, or its version would come 15 s late. */
  #newest: Uint8Array | null = null
  #cancelWatch: Cancel | null = null
  #hasProof: boolean
  #closed = false

  constructor(given: ListTrustGiven) {
    this.#given = given
    this.#state = given.state
    this.#heads = headsOf(given.state)
    this.#hasProof = trustedLists(given.state) !== null
    if (typeof given.damaged === 'string') this.#standing.add('controlList.trustNotKept')
    this.#watch()
  }

  /** Whether any message was ever taken here; before that nobody answers for what lies in the store. */
  get hasProof(): boolean {
    return this.#hasProof
  }

  /** Whether this very version, by number, count and hash, was proven. */
  isNamed(head: ListHead): boolean {
    const named = this.#heads.get(head.list)
    return (
      named?.version === head.version && named.contentHash === head.contentHash && named.count === head.count
    )
  }

  /** How long the entries of this very version are in full, by who signed it; undefined: not proven, or not said. */
  bytesOf(head: ListHead): number | undefined {
    return this.isNamed(head) ? this.#heads.get(head.list)?.bytes : undefined
  }

  /** Whether a hold may change so, by who may lift it now and by signed time. */
  readonly judgeHold: HoldJudge = (before, after) => {
    // A lift of what was never held here takes nothing away, and its people may have left since they signed it.
    if (before === null && after?.lift) return null
    const { site, delegation, timeFloor } = this.#state
    return judgeHoldChange(
      { site, delegation: delegation?.signed ?? null, signedTimeMs: timeFloor },
      before,
      after,
    )
  }

  /** A message of the topic, whoever sent it. */
  take(payload: Uint8Array): void {
    if (this.#closed) return
    if (this.#waiting >= waitingMax) {
      this.#newest = payload
      return
    }
    this.#waiting += 1
    this.#working = this.#working
      .then(() => this.#take(payload))
      .finally(() => {
        this.#waiting -= 1
        const newest = this.#newest
        this.#newest = null
        if (newest) this.take(newest)
      })
  }

  /** Everything taken so far has been judged and kept. */
  settled(): Promise<void> {
    return this.#working
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelWatch?.()
    await this.#working
  }

  async #take(payload: Uint8Array): Promise<void> {
    if (this.#closed) return
    const { keep, log, onHeads } = this.#given
    const { state, refusal, isFresh } = await this.#judge(payload)
    if (state !== this.#state) {
      try {
        await keep(state)
      } catch (error) {
        log.error({ error: messageOf(error) }, 'what was proven about lists cannot be kept')
        this.#raise('controlList.trustNotKept', messageOf(error))
        return
      }
      this.#clear('controlList.trustNotKept')
      this.#state = state
      this.#heads = headsOf(state)
    }
    if (refusal) {
      this.#refused(refusal)
      return
    }
    this.counters.trustTaken += 1
    this.#hasProof = true
    for (const code of trustFaultCodes) this.#clear(code)
    onHeads([...this.#heads.values()], isFresh)
  }

  /** Where the message does not reach back to the root that is known here, the links between are fetched. */
  async #judge(payload: Uint8Array): Promise<TrustJudgement> {
    const { clock, log } = this.#given
    const judged = judgeTrust(this.#state, payload, clock.now().wallMs)
    if (judged.refusal?.reason !== 'rootGap' || judged.refusal.about !== 'root') return judged
    try {
      const chain = await this.#chain(judged.state)
      if (chain.refusal) return { ...chain, isFresh: false }
      return judgeTrust(chain.state, payload, clock.now().wallMs)
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'the roots between could not be fetched')
      return judged
    }
  }

  /** Link by link from the root that is known here, as far as the gateway has any. */
  async #chain(from: TrustState): Promise<Pick<TrustJudgement, 'state' | 'refusal'>> {
    const { recordMaxBytes, rootsPerAnswer, rootAnswersMax } = trustBounds
    let state = from
    for (let answers = 0; answers < rootAnswersMax; answers += 1) {
      const bytes = await this.#given.fetchRoots?.(state.root.signed.version + 1)
      if (bytes === undefined || bytes === 'notThere') break
      const parsed = parseRecord(rootsAnswerSchema, bytes, recordMaxBytes * rootsPerAnswer)
      if (!parsed.ok) return { state, refusal: parsed.refusal }
      const judged = judgeRoots(state, parsed.value)
      if (judged.refusal ?? judged.state === state) return judged
      state = judged.state
    }
    return { state, refusal: null }
  }

  #refused(refusal: TrustRefusal): void {
    const { reason, about, detail } = refusal
    this.counters.trustRefused += 1
    const code = faultOfRefusal(refusal)
    if (!this.#standing.has(code)) this.#given.log.error({ reason, about, detail }, 'trust message refused')
    this.#raise(code, `${about}: ${detail} (${reason})`)
  }

  /** Silence is an attack too: the last timestamp ends, whether or not another message comes. */
  #watch(): void {
    const { clock } = this.#given
    this.#cancelWatch = clock.after('list freshness', watchEveryMs, () => {
      const { timestamp } = this.#state
      const nowMs = trustNow(this.#state, clock.now().wallMs)
      if (timestamp && nowMs > timestamp.signed.expiresAt)
        this.#raise(
          'controlList.frozen',
          'nothing newer came before the last timestamp ended (timestampExpired)',
        )
      if (!this.#closed) this.#watch()
    })
  }

  #raise(code: FaultCode, detail: string): void {
    if (this.#standing.has(code)) return
    this.#standing.add(code)
    this.#given.onFault({ is: 'raised', code, source: 'lists', detail })
  }

  #clear(code: FaultCode): void {
    if (this.#standing.delete(code)) this.#given.onFault({ is: 'cleared', code, source: 'lists' })
  }
}

/** The trusted versions of the lists that this program knows, as heads; a list that only newer programs know is passed over. */
function headsOf(state: TrustState): ReadonlyMap<string, ListHead> {
  const lists = trustedLists(state)
  const publishedAt = state.snapshot?.signed.issuedAt ?? 0
  const heads = listNames.flatMap((list) => {
    const listed = lists && Object.hasOwn(lists, list) ? lists[list] : undefined
    if (!listed) return []
    const { version, count, contentHash, bytes } = listed
    const head = { v: listHeadSchema.shape.v.value, list, version, count, contentHash, publishedAt }
    return [bytes === undefined ? head : { ...head, bytes }]
  })
  return new Map(heads.map((head) => [head.list, head]))
}
