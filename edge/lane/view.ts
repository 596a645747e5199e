import type { ClockQuality, Instant } from '../base/clock.js'
import type { ConsumedBoard } from '../domain/lists/consumed.js'
import type { ListUsed, TagElsewhere, Tri } from '../domain/decision/types.js'
import type { LaneEvent, LaneSettings, LaneView } from '../domain/lane/types.js'
import type { ListInForce, ListStore } from '../interfaces/list-store.js'
import { laneListNames } from '../messages/entities.js'
import type { Intake } from './intake.js'
import type { LaneRunnerGiven } from './runner.js'

/** The process image of one step. Costly parts are made when a step asks for them, once. */
export class RunnerView implements LaneView {
  readonly settings: LaneSettings
  readonly control: ListStore
  readonly rulesetVersion: string
  readonly configHash: string
  readonly consumed?: ConsumedBoard
  now: Instant & { readonly clockQuality: ClockQuality }
  resyncLeftMs = 0
  readonly #given: LaneRunnerGiven
  readonly #intake: Intake
  #lists: readonly ListUsed[] | null = null
  #devices: Readonly<Record<string, Tri>> | null = null

  constructor(given: LaneRunnerGiven, intake: Intake) {
    this.#given = given
    this.#intake = intake
    this.settings = given.settings
    this.control = given.lists
    this.rulesetVersion = given.rulesetVersion
    this.configHash = given.configHash
    if (given.consumed) this.consumed = given.consumed
    this.now = { ...given.clock.now(), clockQuality: given.clockQuality() }
  }

  take(): this {
    const { wallMs, monoMs } = this.#given.clock.now()
    this.now = { wallMs, monoMs, clockQuality: this.#given.clockQuality() }
    this.resyncLeftMs = this.#given.resyncLeftMs?.() ?? 0
    this.#lists = null
    this.#devices = null
    return this
  }

  get lists(): readonly ListUsed[] {
    this.#lists ??= this.#judgedBy().map(({ list, version, contentHash, confirmedAt }) => ({
      list,
      version,
      contentHash,
      ageMs: confirmedAt === null ? null : Math.round(this.now.wallMs - confirmedAt),
    }))
    return this.#lists
  }

  /**
   * A lane without cargo rests on no list about it, and need not name them in each record; where thresholds
   * differ by company, the age of its register says whether the class counts.
   */
  #judgedBy(): readonly ListInForce[] {
    const inForce = this.#given.lists.inForce()
    const { profile, decision } = this.settings
    if ((profile.needs ?? []).length > 0 || decision.byClass !== undefined) return inForce
    return inForce.filter(({ list }) => laneListNames.some((name) => name === list))
  }

  get devices(): Readonly<Record<string, Tri>> {
    this.#devices ??= this.#given.devices()
    return this.#devices
  }

  get readsShed(): number {
    return this.#intake.counters.readsShed
  }

  get sensedShed(): number {
    return this.#intake.counters.sensedShed
  }

  waiting(): readonly LaneEvent[] {
    return this.#intake.peek()
  }

  readonly elsewhere = (epc: string): readonly TagElsewhere[] =>
    this.#given.board.elsewhere(this.#given.settings.id, epc, this.now.monoMs)
}
