import type { Clock } from '../base/clock.js'
import { messageOf } from '../base/error.js'
import type { Logger } from '../base/log.js'
import { parseDecidedBody } from '../domain/decision/replay.js'
import type { ShadowRuleset } from '../domain/decision/ruleset-data.js'
import { whatIf } from '../domain/decision/what-if.js'
import type { EventDraft, Journal } from '../interfaces/journal.js'

export interface ShadowGiven {
  readonly ruleset: ShadowRuleset
  readonly clock: Clock
  readonly log: Logger
}

export interface ShadowCounters {
  judged: number
  differed: number
  /** Decisions that were not judged again, because too many waited. */
  shed: number
  failed: number
}

const waitingMax = 64
/** Long enough for the barrier to have been asked: the shadow is never in the way of a decision. */
const restMs = 20

/**
 * The journal of the lanes, which judges again what it has made durable: by the ruleset in the shadow, later,
 * one decision at a time. Where the two differ an event says how. Nothing that happens here reaches a lane.
 */
export class ShadowJournal implements Journal {
  readonly counters: ShadowCounters = { judged: 0, differed: 0, shed: 0, failed: 0 }
  readonly #journal: Journal
  readonly #given: ShadowGiven
  readonly #waiting: EventDraft[] = []
  #cancel: (() => void) | null = null
  #closed = false

  constructor(journal: Journal, given: ShadowGiven) {
    this.#journal = journal
    this.#given = given
  }

  get epoch(): string {
    return this.#journal.epoch
  }

  get bootId(): string {
    return this.#journal.bootId
  }

  async append(drafts: readonly EventDraft[]): ReturnType<Journal['append']> {
    const stored = await this.#journal.append(drafts)
    for (const draft of drafts) if (draft.type === 'decided') this.#take(draft)
    return stored
  }

  memoryOf(lane: string): ReturnType<Journal['memoryOf']> {
    return this.#journal.memoryOf(lane)
  }

  consumedOf(
    ...asked: Parameters<NonNullable<Journal['consumedOf']>>
  ): ReturnType<NonNullable<Journal['consumedOf']>> {
    return this.#journal.consumedOf?.(...asked) ?? Promise.resolve([])
  }

  read(afterSequence: number): ReturnType<Journal['read']> {
    return this.#journal.read(afterSequence)
  }

  probe(): Promise<void> {
    return this.#journal.probe()
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
  }

  #take(draft: EventDraft): void {
    if (this.#waiting.length >= waitingMax) {
      this.counters.shed += 1
      return
    }
    this.#waiting.push(draft)
    this.#later()
  }

  #later(): void {
    if (this.#closed || this.#cancel !== null || this.#waiting.length === 0) return
    this.#cancel = this.#given.clock.after('shadow', restMs, () => {
      this.#cancel = null
      const draft = this.#waiting.shift()
      if (draft) this.#judge(draft)
      this.#later()
    })
  }

  #judge(draft: EventDraft): void {
    const { ruleset, log } = this.#given
    const by =
      draft.lane !== null && Object.hasOwn(ruleset.lanes, draft.lane) ? ruleset.lanes[draft.lane] : null
    const decided = parseDecidedBody(draft.body)
    if (!by || !decided.ok) return
    const { decision } = decided.value
    const { would, differs, noLonger, newly } = whatIf(decided.value, (inputs) => ({ ...inputs, ...by }))
    this.counters.judged += 1
    if (differs.length === 0) return
    this.counters.differed += 1
    const body = {
      decisionId: draft.body['decisionId'],
      ruleset: ruleset.name,
      outcome: decision.outcome,
      primary: decision.primary,
      wouldBe: { outcome: would.outcome, primary: would.primary },
      noLonger: [...noLonger],
      newly: [...newly],
    }
    this.#journal.append([{ ...draft, type: 'shadowDiffered', body }]).catch((error: unknown) => {
      this.counters.failed += 1
      log.warn({ error: messageOf(error) }, 'a difference of the shadow ruleset could not be recorded')
    })
  }
}
