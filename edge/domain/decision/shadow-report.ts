import type { Verdict } from '../../messages/down.js'
import type { Outcome } from './types.js'

/** What a person did with a vehicle of a lane on trial; `none`: it went without an answer. */
export type HumanAnswer = Verdict['answer'] | 'none'

/** One event, as far as the report looks at it. */
export interface ReportedEvent {
  readonly type: string
  readonly passageId: string | null
  readonly lane: string | null
  /** UTC ms. */
  readonly occurredAt: number
  readonly body: Readonly<Record<string, unknown>>
}

/** All passages that one rule decided with one outcome, and what people did with them. */
export interface ShadowRow {
  readonly primary: string
  readonly outcome: Outcome
  readonly passages: number
  readonly release: number
  readonly hold: number
  readonly return: number
  readonly none: number
}

/**
 * Where lane and people differ over a time in SHADOW (domain.md 5.2). Every judged passage is counted in
 * exactly one of `agreed`, `laneOnlyReleases`, `personOnlyReleases` and `unanswered`.
 */
export interface ShadowReport {
  /** UTC ms of the first and the last judged passage; null: there is none. */
  readonly from: number | null
  readonly to: number | null
  readonly passages: number
  /** Lane and person would both have let it go, or neither. */
  readonly agreed: number
  /** The lane alone would have let it go: whoever switches to AUTO must know each of these. */
  readonly laneOnlyReleases: number
  /** The person let it go, the lane would not have. */
  readonly personOnlyReleases: number
  readonly unanswered: number
  /** By rule and outcome, the most passages first. */
  readonly rows: readonly ShadowRow[]
  /** Passages on which they differ, oldest first, at most {@link differingMax}. */
  readonly differing: readonly string[]
  /** Differing passages beyond those that are named. */
  readonly more: number
}

export const differingMax = 1_000
/** Passages whose end has not been seen; the oldest gives way, counted as it stands. */
const openMax = 4_096

interface Open {
  readonly atMs: number
  primary: string
  outcome: Outcome
  answer: HumanAnswer
}

const outcomes: readonly Outcome[] = ['release', 'disinfect', 'hold', 'lock', 'escalate']
const answers: readonly Verdict['answer'][] = ['release', 'hold', 'return']

/** Reads events of any number of lanes, each passage's own in order, and adds up; pure. */
export class ShadowReporter {
  readonly #open = new Map<string, Open>()
  readonly #rows = new Map<string, { -readonly [Name in keyof ShadowRow]: ShadowRow[Name] }>()
  readonly #differing: string[] = []
  #more = 0
  #agreed = 0
  #laneOnly = 0
  #personOnly = 0
  #unanswered = 0
  #from: number | null = null
  #to: number | null = null

  take({ type, passageId, occurredAt, body }: ReportedEvent): void {
    if (passageId === null) return
    const open = this.#open.get(passageId)
    if (type === 'decided') this.#decided(passageId, occurredAt, open, body)
    else if (type === 'verdictJudged' && open && body['result'] === 'accepted') {
      const answer = answers.find((one) => one === body['answer'])
      // Held, and then released or sent back: what counts is what became of the vehicle.
      if (answer !== undefined) open.answer = answer
    } else if (type === 'passageEnded' && open) this.#close(passageId, open)
  }

  /** Passages that have not ended count as they stand. */
  report(): ShadowReport {
    for (const [passageId, open] of this.#open) this.#close(passageId, open)
    const rows = [...this.#rows.values()].sort(
      (a, b) => b.passages - a.passages || (a.primary + a.outcome < b.primary + b.outcome ? -1 : 1),
    )
    return {
      from: this.#from,
      to: this.#to,
      passages: this.#agreed + this.#laneOnly + this.#personOnly + this.#unanswered,
      agreed: this.#agreed,
      laneOnlyReleases: this.#laneOnly,
      personOnlyReleases: this.#personOnly,
      unanswered: this.#unanswered,
      rows,
      differing: this.#differing,
      more: this.#more,
    }
  }

  #decided(
    passageId: string,
    atMs: number,
    open: Open | undefined,
    body: Readonly<Record<string, unknown>>,
  ): void {
    const decision = memberOf(body, 'decision')
    const outcome = outcomes.find((one) => one === memberOf(decision, 'outcome'))
    const primary = memberOf(decision, 'primary')
    const isShadow = memberOf(memberOf(body, 'inputs'), 'mode') === 'SHADOW'
    if (!isShadow || outcome === undefined || typeof primary !== 'string') return
    // What is decided after a person has answered is no judgement beside his.
    if (open && open.answer !== 'none') return
    if (open) {
      open.outcome = outcome
      open.primary = primary
      return
    }
    const [oldest] = this.#open
    if (oldest && this.#open.size >= openMax) this.#close(...oldest)
    this.#open.set(passageId, { atMs, outcome, primary, answer: 'none' })
  }

  #close(passageId: string, { atMs, primary, outcome, answer }: Open): void {
    this.#open.delete(passageId)
    this.#from = Math.min(this.#from ?? atMs, atMs)
    this.#to = Math.max(this.#to ?? atMs, atMs)
    const name = `${primary} ${outcome}`
    const none = { primary, outcome, passages: 0, release: 0, hold: 0, return: 0, none: 0 }
    const row = this.#rows.get(name) ?? none
    row.passages += 1
    row[answer] += 1
    this.#rows.set(name, row)
    if (answer === 'none') {
      this.#unanswered += 1
      return
    }
    // A vehicle that is disinfected goes afterwards.
    const laneLets = outcome === 'release' || outcome === 'disinfect'
    const personLets = answer === 'release'
    if (laneLets === personLets) {
      this.#agreed += 1
      return
    }
    if (laneLets) this.#laneOnly += 1
    else this.#personOnly += 1
    if (this.#differing.length < differingMax) this.#differing.push(passageId)
    else this.#more += 1
  }
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}
