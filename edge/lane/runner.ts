import type { Cancel, Clock, ClockQuality } from '../base/clock.js'
import { messageOf } from '../base/error.js'
import type { FaultChange } from '../base/fault.js'
import type { Logger } from '../base/log.js'
import type { Tri } from '../domain/decision/types.js'
import { initialLane, nextDeadlineMs, snapshotOf, step, type LaneState } from '../domain/lane/step.js'
import type { LaneEffect, LaneEvent, LaneSettings } from '../domain/lane/types.js'
import type { ConsumedBoard } from '../domain/lists/consumed.js'
import type { TagBoard } from '../domain/tag/board.js'
import type { Barrier, RaiseCommand, RaiseOutcome, SprayCommand } from '../interfaces/barrier.js'
import type { Journal } from '../interfaces/journal.js'
import type { ListStore } from '../interfaces/list-store.js'
import type { Language } from '../messages/text/catalogue.js'
import { ApproachGuide, type ApproachCounters } from './approach.js'
import { draftsOf } from './drafts.js'
import { rethrow } from './rethrow.js'
import type { Answer, LaneSnapshot } from '../messages/up.js'
import { Lookups } from './lookups.js'
import { Usage } from './usage.js'
import { Intake, mailboxMax, type IntakeCounters } from './intake.js'
import { Sign } from './sign.js'
import { LaneTick } from './tick.js'
import { RunnerView } from './view.js'

export interface LaneRunnerGiven {
  readonly settings: LaneSettings
  readonly clock: Clock
  readonly journal: Journal
  readonly lists: ListStore
  readonly barrier: Barrier
  /** Shared by the lanes of one edge. */
  readonly board: TagBoard
  /** What the lanes of one edge have used up, shared by them; absent: nothing is remembered. */
  readonly consumed?: ConsumedBoard
  readonly log: Logger
  readonly onFault: (change: FaultChange) => void
  /** What became of a verdict or command; `to` is its id. Edge id and time are the caller's. */
  readonly onAnswer: (answer: Pick<Answer, 'to' | 'result' | 'why'>) => void
  /** Called when what a person sees may have changed. */
  readonly onSnapshot: (snapshot: LaneSnapshot) => void
  readonly devices: () => Readonly<Record<string, Tri>>
  readonly clockQuality: () => ClockQuality
  /** How long the newest orders are still waited for, in milliseconds (edge/uplink/resync.ts); absent: never. */
  readonly resyncLeftMs?: () => number
  /** Language of the LED board. */
  readonly language: Language
  readonly rulesetVersion: string
  readonly configHash: string
}

export interface LaneRunnerCounters {
  readonly events: number
  readonly ignored: number
  readonly appends: number
  readonly appendsFailed: number
  readonly lookupsFailed: number
  readonly raises: number
  readonly approach: ApproachCounters
  readonly mailbox: Readonly<IntakeCounters>
}

/** How often the journal is tried while it takes no writes. */
const probeEveryMs = 1_000

/**
 * Runs one lane: one event at a time through `step`, all records of a step in one append, then its
 * other effects in order, then `recorded`, then the next event. It waits for nothing but the
 * journal, so that without records an event costs no promise. It never throws at its callers; a
 * broken assumption of its own ends the process (edge/base/assert.ts).
 */
export class LaneRunner {
  readonly #given: LaneRunnerGiven
  readonly #intake = new Intake()
  readonly #view: RunnerView
  readonly #tick: LaneTick
  readonly #usage: Usage
  readonly #lookups: Lookups
  readonly #sign: Sign
  readonly #approach: ApproachGuide
  readonly #counts = { events: 0, ignored: 0, appends: 0, appendsFailed: 0, raises: 0 }
  #state: LaneState
  #shown: LaneState | null = null
  #running = true
  #waiters: (() => void)[] = []
  #full = false
  #cancelProbe: Cancel | null = null
  #closed = false

  constructor(given: LaneRunnerGiven) {
    this.#given = given
    this.#state = initialLane(given.settings)
    this.#view = new RunnerView(given, this.#intake)
    this.#usage = new Usage(given.consumed)
    this.#sign = new Sign(given)
    this.#lookups = new Lookups({
      ...given,
      laneId: given.settings.id,
      onFound: (event) => {
        this.deliver(event)
      },
      onEnded: () => {
        this.#release()
      },
    })
    this.#approach = this.#approachGuide()
    this.#tick = new LaneTick(given.clock, `lane ${given.settings.id}`, () => {
      this.deliver({ on: 'tick' })
    })
  }

  get counters(): LaneRunnerCounters {
    const lookupsFailed = this.#lookups.failures
    return {
      ...this.#counts,
      lookupsFailed,
      approach: this.#approach.counters,
      mailbox: { ...this.#intake.counters },
    }
  }

  /** The lane as it is now: for tests, invariants and the console. */
  get state(): LaneState {
    return this.#state
  }

  snapshot(): LaneSnapshot {
    this.#view.take()
    return this.#snapshot(this.#state)
  }

  /**
   * Reads what the journal remembers of the lane and takes up from there. Events delivered before
   * wait. Rejects if the memory cannot be read: a lane that has forgotten must not judge.
   */
  async start(): Promise<void> {
    const memory = await this.#given.journal.memoryOf(this.#given.settings.id)
    if (this.#closed) return
    const pending = this.#process({ on: 'started', memory })
    if (pending) await pending
    this.#running = false
    this.#pump()
  }

  /** Takes an event; what becomes of it shows in journal, barrier and answers. */
  deliver(event: LaneEvent): void {
    if (this.#closed) return
    if (!this.#intake.put(event)) this.#turnAway(event)
    if (!this.#full && this.#intake.size >= mailboxMax) this.#setFull(true)
    if (!this.#running) this.#pump()
  }

  /**
   * Resolves when every event is done and nothing of the lane's own is under way: no append, no
   * lookup. A request to the barrier may be: its answer is an event like any other.
   */
  settled(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiters.push(resolve)
    })
  }

  /** Stops the lane. What waits is dropped; what is durable stays. */
  close(): void {
    this.#closed = true
    this.#tick.close()
    this.#approach.forget()
    this.#cancelProbe?.()
    this.#release()
  }

  #isIdle(): boolean {
    return this.#closed || (!this.#running && this.#lookups.underWay === 0 && this.#intake.size === 0)
  }

  #release(): void {
    if (this.#waiters.length === 0 || !this.#isIdle()) return
    const waiters = this.#waiters
    this.#waiters = []
    for (const resolve of waiters) resolve()
  }

  #pump(): void {
    this.#running = true
    while (!this.#closed) {
      const event = this.#intake.next()
      if (event === undefined) break
      if (this.#full && this.#intake.size < mailboxMax / 2) this.#setFull(false)
      const pending = this.#process(event)
      if (pending) {
        pending.then(
          () => {
            this.#pump()
          },
          (error: unknown) => {
            throw error
          },
        )
        return
      }
    }
    this.#running = false
    this.#tick.set(nextDeadlineMs(this.#state, this.#given.settings))
    this.#release()
  }

  /** One event; a promise only if something must become durable first. */
  #process(event: LaneEvent): Promise<void> | undefined {
    const view = this.#view.take()
    const before = this.#state
    this.#counts.events += 1
    if (event.on === 'read' && event.read.kind === 'tag') {
      const { epc, rssiDbm } = event.read
      this.#given.board.heard(this.#given.settings.id, epc, rssiDbm, view.now.monoMs)
    }
    const { state, effects, ignored } = step(before, event, view)
    this.#state = state
    if (event.on === 'read') this.#approach.hear(event.read)
    if (event.on === 'listsSwitched') this.#approach.askAnew()
    if (ignored !== undefined) {
      this.#counts.ignored += 1
      this.#given.log.debug({ lane: this.#given.settings.id, event: event.on, ignored }, 'event ignored')
    }
    this.#usage.reserve(state, view.now.wallMs)
    if (state.entrySinceMs !== before.entrySinceMs)
      this.#given.board.loop(this.#given.settings.id, state.entrySinceMs)
    const drafts = draftsOf(effects, this.#given.settings.id, view.now)
    if (drafts === null) {
      this.#act(effects, before)
      return undefined
    }
    this.#counts.appends += 1
    return this.#given.journal.append(drafts).then(
      () => this.#onDurable(effects, before),
      (error: unknown) => this.#onNotDurable(error),
    )
  }

  #onDurable(effects: readonly LaneEffect[], before: LaneState): Promise<void> | undefined {
    if (this.#closed) return undefined
    this.#act(effects, before)
    return this.#process({ on: 'recorded' })
  }

  #onNotDurable(error: unknown): Promise<void> | undefined {
    if (this.#closed) return undefined
    this.#counts.appendsFailed += 1
    const detail = messageOf(error)
    this.#given.log.error({ lane: this.#given.settings.id, detail }, 'the journal takes no writes')
    this.#probeLater()
    return this.#process({ on: 'notRecorded', detail })
  }

  /** Everything but the records, in order; then whoever watches the lane is told. */
  #act(effects: readonly LaneEffect[], before: LaneState): void {
    for (const effect of effects) {
      switch (effect.do) {
        case 'record':
          this.#usage.recorded(effect.record, this.#view.now.wallMs)
          break
        case 'lookup':
          if (effect.of.kind === 'cargo')
            this.#lookups.cargo(effect.of, this.#state.passage?.id ?? '', this.#view.now.wallMs)
          else this.#lookups.identity(effect.of)
          break
        case 'raise':
          this.#raise(effect.command)
          break
        case 'spray':
          this.#spray(effect.command)
          break
        case 'guide':
          this.#sign.show(effect)
          break
        case 'fault':
          this.#given.onFault(effect.change)
          break
        case 'answer':
          this.#given.onAnswer({ to: effect.to, result: effect.result, why: effect.why })
          break
      }
    }
    this.#usage.settle(this.#state)
    this.#approach.follow(effects.some((effect) => effect.do === 'guide'))
    const { recent } = this.#state
    if (recent !== before.recent && recent !== null && recent.passageId !== before.recent?.passageId)
      this.#leavePassage(recent)
    this.#show(effects.length > 0)
  }

  /** A vehicle on its way to the lane is a matter of the sign alone. */
  #approachGuide(): ApproachGuide {
    const { settings, clock, lists, consumed } = this.#given
    return new ApproachGuide({
      ...{ settings, clock, lists, sign: this.#sign },
      state: () => this.#state,
      tripNow: (trip) => consumed?.tripNow('', trip) ?? trip,
      onChanged: () => {
        this.#show(true)
      },
      onFailed: (error) => {
        this.#lookups.failed('plans', error)
      },
      onAsking: (change) => {
        this.#lookups.asking(change)
      },
    })
  }

  #snapshot(state: LaneState): LaneSnapshot {
    return this.#approach.onSnapshot(snapshotOf(state, this.#view))
  }

  #leavePassage(recent: NonNullable<LaneState['recent']>): void {
    if (!recent.wentThrough) return
    const { monoMs } = this.#view.now
    for (const epc of recent.epcs) this.#given.board.passed(this.#given.settings.id, epc, monoMs)
  }

  /** Reads of one tag come by the thousand: only what a person would notice is worth a snapshot. */
  #show(hasEffects: boolean): void {
    const shown = this.#shown
    const state = this.#state
    const same =
      shown !== null &&
      !hasEffects &&
      shown.signals === state.signals &&
      shown.passage === state.passage &&
      shown.mode === state.mode &&
      nameOfRead(shown) === nameOfRead(state)
    if (same) return
    this.#shown = state
    this.#given.onSnapshot(this.#snapshot(state))
  }

  #raise(command: RaiseCommand): void {
    this.#counts.raises += 1
    this.#answerLater(command.commandId, this.#given.barrier.raise(command))
  }

  #spray(command: SprayCommand): void {
    const none = { is: 'notSent', detail: 'the barrier drives no sprayer' } as const
    this.#answerLater(command.commandId, this.#given.barrier.spray?.(command) ?? Promise.resolve(none))
  }

  #answerLater(commandId: string, asked: Promise<RaiseOutcome>): void {
    asked
      .catch((error: unknown) => ({ is: 'unknown', detail: messageOf(error) }) as const)
      .then((outcome) => {
        this.deliver({ on: 'raiseAnswered', commandId, outcome })
      }, rethrow)
  }

  #probeLater(): void {
    if (this.#cancelProbe !== null) return
    this.#cancelProbe = this.#given.clock.after('journal probe', probeEveryMs, () => {
      this.#given.journal.probe().then(
        () => {
          this.#cancelProbe = null
          this.deliver({ on: 'recordable' })
        },
        () => {
          this.#cancelProbe = null
          if (!this.#closed) this.#probeLater()
        },
      )
    })
  }

  #turnAway(event: LaneEvent): void {
    const to =
      event.on === 'verdict'
        ? event.verdict.verdictId
        : event.on === 'command'
          ? event.command.commandId
          : null
    if (to !== null) this.#given.onAnswer({ to, result: 'refused', why: 'laneBusy' })
  }

  #setFull(full: boolean): void {
    this.#full = full
    const source = this.#given.settings.id
    const code = 'lane.mailboxFull'
    this.#given.onFault(
      full
        ? { is: 'raised', code, source, detail: `${mailboxMax} events wait; reads are shed first` }
        : { is: 'cleared', code, source },
    )
  }
}

function nameOfRead(state: LaneState): string | null {
  return state.lastRead?.kind === 'tag' ? state.lastRead.epc : null
}
