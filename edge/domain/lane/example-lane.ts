import type { ClockQuality } from '../../base/clock.js'
import { unknownSignals, type LaneSignals } from '../../interfaces/barrier.js'
import type { StoredEvent } from '../../interfaces/journal.js'
import type { IdentityFacts } from '../../interfaces/list-store.js'
import type { PlateRead, Sensed, TagRead } from '../../interfaces/reader.js'
import type { Command, Verdict } from '../../messages/down.js'
import { listNames } from '../../messages/entities.js'
import type { ListUsed, TagElsewhere, Tri } from '../decision/types.js'
import { noCargoFacts, type CargoFacts } from '../decision/cargo.js'
import { defaultPolicy, profiles } from '../decision/profiles.js'
import { rulesetVersion } from '../decision/ruleset.js'
import { ConsumedBoard, type Consumption } from '../lists/consumed.js'
import { MemoryControl } from '../lists/memory-control.js'
import { reservationOf } from './cargo-consume.js'
import { askOfKey, type CargoAsk } from './cargo-inputs.js'
import { LaneInvariants } from './invariants.js'
import { atOf, initialLane, nextDeadlineMs, step, type LaneState } from './step.js'
import type { LaneEffect, LaneEvent, LaneRecord, LaneSettings, LaneView } from './types.js'

/**
 * A lane to talk to: for tests and explanations. It drives `step` as the runner does, answers lookups
 * at once, keeps a journal in memory that survives {@link ExampleLane.restart}, and checks the
 * invariants at every step. Time stands still until it is moved.
 */
export const exampleSettings: LaneSettings = {
  id: 'lane-1',
  idPrefix: 'edge-1.k3f9.lane-1',
  direction: 'in',
  profile: profiles.roadInNoBoxCar,
  decision: defaultPolicy,
  timing: {
    collectMs: 400,
    plateWithinMs: 0,
    approachMs: 3_000,
    departedAfterMs: 2_000,
    raiseWithinMs: 4_000,
    crossWithinMs: 20_000,
    loopStuckMs: 120_000,
    afterglowMs: 3_000,
    leaseTicks: 10,
    escalationDeadlineMs: 60_000,
  },
  initialMode: 'AUTO',
  requiredDevices: ['reader-1'],
}

/** Registry of the examples: tag E<n> belongs to vehicle V<n> with plate P<n>, for n from 1 to 9. */
export function exampleFacts(kind: 'tag' | 'plate', key: string): IdentityFacts {
  const n = /^[EP]([1-9])$/.exec(key)?.[1]
  if (n === undefined) return { tag: null, vehicle: null }
  return {
    tag: kind === 'tag' ? { kind: 'tag', epc: key, state: 'ACTIVE', vehicleId: `V${n}` } : null,
    vehicle: {
      kind: 'vehicle',
      vehicleId: `V${n}`,
      vehicleKind: 'CAR',
      plates: [{ region: 'CN', text: `P${n}` }],
      companyId: `C${n}`,
      carriesTag: true,
    },
  }
}

const startWallMs = Date.UTC(2026, 0, 1, 8)

/** A lane that nobody is in, with the bar down, under a PLC that has just started. */
export const clearSignals: LaneSignals = {
  ...unknownSignals,
  entryLoop: 'clear',
  exitLoop: 'clear',
  entryCount: 0,
  exitCount: 0,
  barrier: 'lowered',
  acceptedCount: 0,
  plcBootId: 'plc-1',
  plcTick: 0,
  watchdogTripped: false,
}

export class ExampleLane {
  readonly control = new MemoryControl()
  readonly invariants = new LaneInvariants()
  readonly journal: LaneRecord[] = []
  /** By the wall clock as it was then. */
  readonly #recordedAt = new Map<LaneRecord, number>()
  readonly breaches: string[] = []
  /** Every effect that is not a record, oldest first. */
  readonly done: LaneEffect[] = []
  readonly ignored: string[] = []
  state: LaneState
  signals: LaneSignals = clearSignals
  nowMs = 1_000
  wallOffsetMs = startWallMs
  clockQuality: ClockQuality = 'synchronised'
  devices: Record<string, Tri> = { 'reader-1': true }
  listAgeMs: number | null = 1_000
  writable = true
  answersLookups = true
  elsewhereOf: (epc: string) => readonly TagElsewhere[] = () => []
  facts = exampleFacts
  cargoFacts: (ask: CargoAsk) => CargoFacts = () => noCargoFacts
  /** Used up by this lane, or by others that share it. */
  consumed = new ConsumedBoard()
  #ids = 0

  constructor(readonly settings: LaneSettings = exampleSettings) {
    this.control.replaceOrders([])
    this.control.replaceBlacklist([])
    this.state = initialLane(settings)
  }

  static started(settings: LaneSettings = exampleSettings): ExampleLane {
    const lane = new ExampleLane(settings)
    lane.start()
    lane.sense({})
    return lane
  }

  get view(): LaneView {
    return {
      now: { wallMs: this.wallOffsetMs + this.nowMs, monoMs: this.nowMs, clockQuality: this.clockQuality },
      settings: this.settings,
      control: this.control,
      lists: listNames.map((list): ListUsed => ({
        list,
        version: 1,
        contentHash: '0'.repeat(64),
        ageMs: this.listAgeMs,
      })),
      elsewhere: (epc) => this.elsewhereOf(epc),
      consumed: this.consumed,
      devices: this.devices,
      rulesetVersion,
      configHash: 'example',
    }
  }

  get at(): string {
    return atOf(this.state)
  }

  get wallMs(): number {
    return this.wallOffsetMs + this.nowMs
  }

  /** One event and all that follows from it at once, as the runner does it. */
  deliver(event: LaneEvent): void {
    const waiting: LaneEvent[] = [event]
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const before = this.state
      const { view } = this
      const stepped = step(before, next, view)
      this.breaches.push(...this.invariants.observe(before, next, stepped, view))
      this.state = stepped.state
      const uses = reservationOf(this.state)
      if (uses !== null) this.consumed.reserve(uses.passageId, uses.what, this.wallMs)
      if (stepped.ignored !== undefined) this.ignored.push(`${next.on}: ${stepped.ignored}`)
      const records = stepped.effects.flatMap((effect) => (effect.do === 'record' ? [effect.record] : []))
      if (records.length > 0 && !this.writable) {
        waiting.unshift({ on: 'notRecorded', detail: 'the disk is full' })
        continue
      }
      this.journal.push(...records)
      for (const one of records) this.#recordedAt.set(one, this.wallMs)
      for (const effect of stepped.effects) this.#act(effect, waiting)
      for (const { type, body } of records)
        if (type === 'consumed' || type === 'perhapsConsumed')
          this.consumed.consume(body as Consumption, this.wallMs)
      const ended = records.find(({ type }) => type === 'passageEnded' || type === 'barrierOutcome')
      if (ended?.passageId && reservationOf(this.state)?.passageId !== ended.passageId)
        this.consumed.reserve(ended.passageId, null)
      if (records.length > 0) waiting.unshift({ on: 'recorded' })
    }
  }

  start(): void {
    const opened = this.journal.filter((record) => record.type === 'passageOpened').at(-1)
    const ended = this.journal.some(
      (record) => record.type === 'passageEnded' && record.passageId === opened?.passageId,
    )
    this.deliver({
      on: 'started',
      memory: {
        lastPassageNo: Number(opened?.body['passageNo'] ?? 0),
        openPassage: opened && !ended ? this.#stored(opened.passageId) : [],
        endedPassage: opened && ended ? this.#stored(opened.passageId) : [],
        usedIds: this.journal.flatMap(({ body }) =>
          body['result'] === 'accepted' ? [String(body['verdictId'] ?? body['commandId'])] : [],
        ),
        lastMode: this.journal.filter((record) => record.type === 'laneMode').at(-1)?.body ?? null,
      },
    })
  }

  /** The process dies and comes back: only the journal is left. */
  restart(): void {
    this.state = initialLane(this.settings)
    this.start()
    this.sense({})
  }

  /** Moves time, running the lane's own deadlines on the way. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms
    for (;;) {
      const next = nextDeadlineMs(this.state, this.settings)
      if (next === null || next > untilMs) break
      this.nowMs = Math.max(this.nowMs, next)
      this.deliver({ on: 'tick' })
    }
    this.nowMs = untilMs
  }

  /** A new image of the PLC. Counters follow the levels unless they are given. */
  sense(change: Partial<LaneSignals>): void {
    const before = this.signals
    const rose = (from: string, to: string | undefined): number =>
      from !== 'occupied' && to === 'occupied' ? 1 : 0
    this.signals = {
      ...before,
      entryCount: (before.entryCount ?? 0) + rose(before.entryLoop, change.entryLoop),
      exitCount: (before.exitCount ?? 0) + rose(before.exitLoop, change.exitLoop),
      ...change,
    }
    this.deliver({ on: 'signals', signals: this.signals })
  }

  hear(epc: string, change: Partial<TagRead> = {}): void {
    const read: TagRead = {
      kind: 'tag',
      readerId: 'reader-1',
      antenna: '1',
      zone: null,
      epc,
      tid: null,
      rssiDbm: -50,
      driverId: null,
      count: 1,
      heardAt: this.view.now,
      readerAtMs: null,
      ...change,
    }
    this.deliver({ on: 'read', read })
  }

  see(text: string, confidence = 0.97): void {
    const read: PlateRead = {
      kind: 'plate',
      readerId: 'camera-1',
      antenna: '0',
      zone: null,
      plate: { region: 'CN', text },
      confidence,
      heardAt: this.view.now,
      readerAtMs: null,
    }
    this.deliver({ on: 'read', read })
  }

  /** A device finds something of driver or load. */
  senseLoad(...findings: readonly Sensed[]): void {
    for (const sensed of findings) {
      this.deliver({
        on: 'read',
        read: {
          kind: 'device',
          readerId: 'device-1',
          antenna: '0',
          zone: null,
          heardAt: this.view.now,
          readerAtMs: null,
          sensed,
        },
      })
    }
  }

  /** The PLC accepts the newest request and the bar goes up. */
  raiseBar(): void {
    const { commandId } = this.raises.at(-1) ?? { commandId: null }
    this.sense({ acceptedCommandId: commandId, acceptedCount: (this.signals.acceptedCount ?? 0) + 1 })
    if (commandId !== null)
      this.deliver({ on: 'raiseAnswered', commandId, outcome: { is: 'sent', detail: 'written' } })
    this.sense({ barrier: 'moving' })
    this.sense({ barrier: 'raised' })
  }

  /** The vehicle drives through, and the bar comes down behind it. */
  driveThrough(): void {
    this.sense({ exitLoop: 'occupied' })
    this.sense({ entryLoop: 'clear' })
    this.sense({ exitLoop: 'clear' })
    this.sense({ barrier: 'moving' })
    this.sense({ barrier: 'lowered' })
  }

  /** A clear vehicle with tag `epc`, from the loop to the decision. */
  arrive(epc: string | null): void {
    this.sense({ entryLoop: 'occupied' })
    if (epc !== null) {
      this.hear(epc)
      this.hear(epc)
    }
    this.pass(this.settings.timing.collectMs)
  }

  answer(answer: Verdict['answer'], change: Partial<Verdict> = {}, retained = false): void {
    const escalation = this.of('escalationOpened').at(-1)
    const verdict: Verdict = {
      v: 1,
      verdictId: `verdict-${++this.#ids}`,
      lane: this.settings.id,
      passageId: this.state.passage?.id ?? 'none',
      escalationId: String(escalation?.body['escalationId'] ?? 'none'),
      answer,
      by: 'li.wei',
      reason: '',
      orderIds: [],
      issuedAt: this.wallMs,
      expiresAt: this.wallMs + 60_000,
      ...change,
    }
    this.deliver({ on: 'verdict', verdict, retained })
  }

  order(what: Command['what'], change: Partial<Command> = {}, retained = false): void {
    const command: Command = {
      v: 1,
      commandId: `command-${++this.#ids}`,
      lane: this.settings.id,
      by: 'li.wei',
      reason: '',
      issuedAt: this.wallMs,
      expiresAt: this.wallMs + 60_000,
      what,
      ...change,
    }
    this.deliver({ on: 'command', command, retained })
  }

  get raises(): { readonly commandId: string }[] {
    return this.done.flatMap((effect) => (effect.do === 'raise' ? [effect.command] : []))
  }

  get answers(): (string | null)[] {
    return this.done.flatMap((effect) => (effect.do === 'answer' ? [effect.why ?? 'accepted'] : []))
  }

  of(type: string): LaneRecord[] {
    return this.journal.filter((record) => record.type === type)
  }

  /** Types of the records since a mark, for reading a story in one line. */
  story(from = 0): string {
    return this.journal
      .slice(from)
      .map(({ type, body }) => {
        const decision = body['decision'] as { outcome?: string } | undefined
        const detail = body['how'] ?? body['outcome'] ?? decision?.outcome ?? body['found'] ?? body['kind']
        return detail === undefined ? type : `${type}:${String(detail)}`
      })
      .join(' ')
  }

  #act(effect: LaneEffect, waiting: LaneEvent[]): void {
    if (effect.do === 'record') return
    if (effect.do !== 'lookup') this.done.push(effect)
    else if (!this.answersLookups) return
    else if (effect.of.kind === 'cargo')
      waiting.push({ on: 'cargoFacts', key: effect.of.key, facts: this.cargoFacts(askOfKey(effect.of.key)) })
    else waiting.push({ on: 'facts', of: effect.of, facts: this.facts(effect.of.kind, effect.of.key) })
  }

  #stored(passageId: string | null): StoredEvent[] {
    return this.journal
      .filter((record) => record.passageId === passageId)
      .map((record) => ({ ...record, wallMs: this.#recordedAt.get(record) ?? this.wallMs }))
      .map(({ type, captured, contingency, body, wallMs }, i) => ({
        v: 1,
        type,
        edgeId: 'edge-1',
        epoch: 'k3f9',
        sequence: i + 1,
        lane: this.settings.id,
        passageId,
        occurredAt: wallMs,
        recordedAt: wallMs,
        bootId: 'boot',
        monoMs: this.nowMs,
        clockQuality: this.clockQuality,
        captured,
        contingency,
        previousHash: '0'.repeat(64),
        body: { ...body },
        hash: '0'.repeat(64),
      }))
  }
}
