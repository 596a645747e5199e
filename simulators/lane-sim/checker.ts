import { isEffective, subjectKeys } from '../../edge/domain/lists/control.js'
import type { Need } from '../../edge/domain/decision/cargo.js'
import type { ClockQuality } from '../../edge/base/clock.js'
import type { StoredEvent } from '../../edge/interfaces/journal.js'
import { laneModes, type Command, type LaneMode, type Verdict } from '../../edge/messages/down.js'
import { laneListNames } from '../../edge/messages/entities.js'
import { valueAt } from '../scenario/match.js'
import type { VehicleSpec } from '../vehicle/vehicle.js'
import { LoadChecker } from './checker-load.js'
import type { ListData } from './lists.js'

/** What must hold in every instant (issue: "Must hold"; reliability.md 3), and what each word means. */
export const invariants = {
  recordBeforeMove:
    'no request to raise without its decision or verdict, and its intent, durable before it (S1, S5)',
  oneRaisePerRight: 'at most one accepted raise for one decision or verdict (S3)',
  heldWins:
    'a vehicle under an INTERCEPT order that the edge knows is never released by the lane itself (S2)',
  verdictOnly:
    'a verdict moves the bar for its own passage, once, in time, and only if a person gave it (S11)',
  failDirection: 'no release by the lane while list, clock, device or journal is known to be unfit (S6)',
  barNeverOnVehicle: 'the bar never comes down on a vehicle (S4)',
  exactlyOnceInOrder: 'every journaled event is at the gateway once, in order, and nothing else is (S7, S8)',
  pruneSafety: 'an outbox row is freed only when the gateway has stored it (S14)',
  listsMonotone: 'a list version never goes back, and all converge in the end (S9, L3)',
  bounded: 'mailboxes, tracks and windows stay within their bounds (S12)',
  liveness:
    'every vehicle that stands there is decided or escalated in time, and the lane comes back by itself (L1, L2, L5, L6)',
  needsKnown: 'no load is released while anything that its lane needs is not known to be right (law 1)',
  usedOnce: 'papers are used up by a passage that cleared, once, and release nobody after that (law 7)',
  modeObeyed:
    'no bar rises in a mode that does not give that right, and an emergency opening ends when it was to',
  contingencyRecorded: 'whoever an emergency opening lets through stands in the record as contingency',
  deterministic: 'one seed gives one history (S13)',
} as const
export type Invariant = keyof typeof invariants

export interface Breach {
  readonly invariant: Invariant
  readonly atMs: number
  readonly lane: string | null
  readonly detail: string
}

/** The truth about one lane at the moment in which the bar is asked for. */
export interface LaneTruth {
  /** The vehicle in front of the bar. */
  readonly vehicle: VehicleSpec | null
  /** What its readers told the lane of this very vehicle since it came. */
  readonly heardEpcs: ReadonlySet<string>
  readonly seenPlates: ReadonlySet<string>
  /** The edge was told that a required device is down. */
  readonly deviceDown: boolean
  readonly clockQuality: ClockQuality
  readonly wallMs: number
  /** What the profile of the lane needs of driver and load. */
  readonly needs: readonly Need[]
  /** What that clock showed at virtual time 0: another number once it is set. */
  readonly clockOffsetMs: number
}

interface Right {
  readonly by: 'decision' | 'verdict' | 'command' | 'emergency'
  /** Of the decision, verdict or command. */
  readonly id: string
  /** One emergency opening is a right for each request: its number in its passage; 0 otherwise. */
  readonly no: number
}

interface Intent {
  readonly lane: string | null
  readonly passageId: string | null
  readonly right: Right
}

/** A verdict as it left the gateway, and whether it may have an effect at all. */
export interface IssuedVerdict {
  readonly verdict: Verdict
  readonly honest: boolean
  /** What the clock by which it was dated showed at virtual time 0. */
  readonly clockOffsetMs: number
}

/** Longest age of lists before an automatic release, as configured for the simulated lanes. */
export interface StaleLimits {
  readonly ordersMs: number
  readonly registryMs: number
}

/**
 * Holds what the product does against what is true. It reads what became durable, what the PLC
 * accepted and where the vehicles are; it never asks the product what it thinks.
 */
export class Checker {
  readonly breaches: Breach[] = []
  readonly issued = new Map<string, IssuedVerdict>()
  /** Every command that people gave, by its id. */
  readonly commands = new Map<string, Command>()
  passages = 0
  raisesAccepted = 0
  /** Released by the lane on an identity that the vehicle in front of the bar does not have. */
  misidentified = 0
  /** Driver and load. */
  readonly load: LoadChecker
  readonly #lists: ListData
  readonly #limits: StaleLimits
  readonly #nowMs: () => number
  readonly #intents = new Map<string, Intent>()
  /** What people said who opened past the rules, by the id of their command. */
  readonly #exceptions = new Map<string, StoredEvent>()
  readonly #modes = new Map<string, { readonly mode: LaneMode; readonly endsAtMs: number }>()
  /** Passages for which the bar rose by the right of an emergency opening. */
  readonly #contingent = new Set<string>()
  readonly #decisions = new Map<string, StoredEvent>()
  readonly #verdicts = new Map<string, StoredEvent>()
  readonly #ended = new Set<string>()
  /** Of each spray that was intended, the decision that it rests on, and the release of a person if it rests on one. */
  readonly #sprays = new Map<string, { readonly decisionId: string; readonly verdictId: string | null }>()
  readonly #disinfected = new Set<string>()
  readonly #acceptedCommands = new Set<string>()
  readonly #acceptedRights = new Set<string>()
  readonly #vehicleOf = new Map<string, string | null>()
  readonly #versions = new Map<string, number>()

  constructor(lists: ListData, limits: StaleLimits, nowMs: () => number) {
    this.#lists = lists
    this.#limits = limits
    this.#nowMs = nowMs
    this.load = new LoadChecker(lists, (invariant, lane, detail) => {
      this.breach(invariant, lane, detail)
    })
  }

  breach(invariant: Invariant, lane: string | null, detail: string): void {
    this.breaches.push({ invariant, atMs: this.#nowMs(), lane, detail })
  }

  /** A row is durable; `vehicle` is the one in front of the bar of its lane now. */
  durable(row: StoredEvent, vehicle: VehicleSpec | null): void {
    const { body } = row
    this.load.durable(row)
    switch (row.type) {
      case 'passageOpened':
        this.passages += 1
        break
      case 'escalationOpened':
        this.#vehicleOf.set(String(body['escalationId']), vehicle?.id ?? null)
        break
      case 'passageEnded':
        if (row.passageId === null) break
        this.#ended.add(row.passageId)
        if (this.#contingent.has(row.passageId) && row.contingency !== true)
          this.breach('contingencyRecorded', row.lane, `${row.passageId} ended as if it were an ordinary one`)
        break
      case 'decided':
        this.#decisions.set(String(body['decisionId']), row)
        break
      case 'verdictJudged':
        if (body['result'] === 'accepted') this.#verdicts.set(String(body['verdictId']), row)
        break
      case 'manualRelease':
        this.#exceptions.set(String(body['commandId']), row)
        break
      case 'commandJudged':
        if (body['result'] === 'accepted') this.#commanded(row)
        break
      case 'laneMode':
        this.#modeSet(row)
        if (body['to'] === 'EMERGENCY_OPEN') this.#exceptions.set(String(body['commandId']), row)
        break
      case 'sprayIntent':
        this.#sprays.set(String(body['commandId']), {
          decisionId: String(body['decisionId']),
          verdictId: typeof body['verdictId'] === 'string' ? body['verdictId'] : null,
        })
        break
      case 'disinfected':
        if (row.passageId !== null) this.#disinfected.add(row.passageId)
        break
      case 'barrierIntent':
        this.#intents.set(String(body['commandId']), {
          lane: row.lane,
          passageId: row.passageId,
          right: rightOf(row),
        })
        break
    }
  }

  /** The mode that people gave the lane last and it accepted, or that it took by itself. */
  modeOf(lane: string): LaneMode {
    return this.#modes.get(lane)?.mode ?? 'AUTO'
  }

  /** What counts is what people said, not what the lane understood. */
  #commanded({ lane, body }: StoredEvent): void {
    const what = this.commands.get(String(body['commandId']))?.what
    if (lane === null || what?.do !== 'setMode') return
    this.#modes.set(lane, { mode: what.mode, endsAtMs: this.#nowMs() + (what.forMs ?? Infinity) })
  }

  #modeSet({ lane, body }: StoredEvent): void {
    if (lane === null || body['cause'] === 'command') return
    const mode = laneModes.find((known) => known === body['to'])
    const before = this.#modes.get(lane)
    if (mode === undefined || mode === before?.mode) return
    this.#modes.set(lane, { mode, endsAtMs: Infinity })
  }

  #judgeMode(lane: string, commandId: string, { right }: Intent): void {
    const { mode, endsAtMs } = this.#modes.get(lane) ?? { mode: 'AUTO', endsAtMs: Infinity }
    if (!rightsOf[mode].includes(right.by))
      this.breach('modeObeyed', lane, `${commandId} rises by ${right.by} in ${mode}`)
    const lateMs = this.#nowMs() - endsAtMs
    if (right.by === 'emergency' && lateMs > 2_000)
      this.breach('modeObeyed', lane, `${commandId} rises ${lateMs} ms after the emergency opening`)
  }

  /** The lane asks its barrier to rise. */
  raiseAsked(lane: string, commandId: string, truth: LaneTruth): void {
    const intent = this.#judgeRight(lane, commandId)
    if (!intent) return
    this.#judgeMode(lane, commandId, intent)
    if (intent.passageId !== null && this.#ended.has(intent.passageId)) {
      this.breach('recordBeforeMove', lane, `${commandId} was asked for after the end of its passage`)
    }
    if (intent.right.by === 'verdict') this.#judgeVerdict(lane, intent, truth)
    else if (intent.right.by === 'decision') this.#judgeRelease(lane, commandId, intent, truth)
  }

  /** The lane asks its sprayer to spray. */
  sprayAsked(lane: string, commandId: string): void {
    const { decisionId = '', verdictId = null } = this.#sprays.get(commandId) ?? {}
    const row = this.#decisions.get(decisionId)
    if (row === undefined || valueAt(row.body, 'decision.outcome') !== 'disinfect')
      return this.breach('recordBeforeMove', lane, `${commandId} sprays without the right of a decision`)
    if (verdictId === null) return
    const verdict = this.#verdicts.get(verdictId)
    if (verdict?.body['answer'] !== 'release' || verdict.passageId !== row.passageId)
      this.breach('recordBeforeMove', lane, `${commandId} sprays by ${verdictId}, which released nobody here`)
  }

  /** The PLC took a request: by now its record must be durable, whoever sent it and whenever. */
  raiseAccepted(lane: string, commandId: string): void {
    this.raisesAccepted += 1
    const intent = this.#judgeRight(lane, commandId)
    if (this.#acceptedCommands.has(commandId)) {
      this.breach('oneRaisePerRight', lane, `${commandId} was accepted twice`)
    }
    this.#acceptedCommands.add(commandId)
    if (!intent) return
    this.load.raised(intent.passageId)
    if (intent.right.by === 'emergency' && intent.passageId !== null) this.#contingent.add(intent.passageId)
    const { by, id, no } = intent.right
    const right = by === 'emergency' ? `${by} ${id} ${intent.passageId ?? ''} ${no}` : `${by} ${id}`
    if (this.#acceptedRights.has(right))
      this.breach('oneRaisePerRight', lane, `${right} raised the bar twice`)
    this.#acceptedRights.add(right)
  }

  /** A list of the edge is in force. */
  listInForce(list: string, version: number): void {
    const before = this.#versions.get(list) ?? 0
    if (version < before) this.breach('listsMonotone', null, `${list} went from ${before} back to ${version}`)
    this.#versions.set(list, version)
  }

  #judgeRight(lane: string, commandId: string): Intent | undefined {
    const intent = this.#intents.get(commandId)
    if (!intent) {
      this.breach('recordBeforeMove', lane, `${commandId} has no durable intent`)
      return undefined
    }
    const { right } = intent
    if (right.by === 'command' || right.by === 'emergency') {
      this.#judgeException(lane, commandId, intent)
      return intent
    }
    const row = (right.by === 'decision' ? this.#decisions : this.#verdicts).get(right.id)
    const word = row && valueAt(row.body, right.by === 'decision' ? 'decision.outcome' : 'answer')
    // Once that is done, the right to disinfect is one to raise.
    const isDone = word === 'disinfect' && this.#disinfected.has(intent.passageId ?? '')
    if (
      !row ||
      (word !== 'release' && !isDone) ||
      row.passageId !== intent.passageId ||
      intent.lane !== lane
    ) {
      this.breach(
        'recordBeforeMove',
        lane,
        `${commandId}: ${right.by} ${right.id} gives no right to raise (${String(word)})`,
      )
    }
    return intent
  }

  /** A person opens by hand, or two have opened the lane: what they said is durable, for this passage or lane. */
  #judgeException(lane: string, commandId: string, { right, passageId, lane: ofLane }: Intent): void {
    const row = this.#exceptions.get(right.id)
    const type = right.by === 'command' ? 'manualRelease' : 'laneMode'
    const isIts = right.by === 'command' ? row?.passageId === passageId : row?.lane === lane
    const hasReason = String(row?.body['reason'] ?? '').trim() !== ''
    if (row?.type === type && isIts && hasReason && ofLane === lane) return
    this.breach('recordBeforeMove', lane, `${commandId}: ${right.by} ${right.id} gives no right to raise`)
  }

  #judgeVerdict(lane: string, intent: Intent, truth: LaneTruth): void {
    const issued = this.issued.get(intent.right.id)
    const what = `verdict ${intent.right.id} for ${intent.passageId ?? 'no passage'}`
    if (!issued) return this.breach('verdictOnly', lane, `${what} was never given by anybody`)
    const { verdict, honest, clockOffsetMs } = issued
    if (!honest) this.breach('verdictOnly', lane, `${what} must not have any effect`)
    if (verdict.passageId !== intent.passageId || verdict.lane !== lane) {
      this.breach('verdictOnly', lane, `${what} was given for ${verdict.passageId} in ${verdict.lane}`)
    }
    if (verdict.answer !== 'release') this.breach('verdictOnly', lane, `${what} said ${verdict.answer}`)
    // Dates by a clock that was set in between say nothing of lateness.
    const isSteady = truth.clockQuality === 'synchronised' && truth.clockOffsetMs === clockOffsetMs
    if (isSteady && truth.wallMs > verdict.expiresAt + 2_000) {
      this.breach('verdictOnly', lane, `${what} had expired ${truth.wallMs - verdict.expiresAt} ms before`)
    }
    // Whoever gave it looked at the vehicle that stood there when the case was opened.
    const meant = this.#vehicleOf.get(verdict.escalationId)
    if (meant && truth.vehicle && meant !== truth.vehicle.id) {
      this.breach('verdictOnly', lane, `${what} meant ${meant}, but ${truth.vehicle.id} stands there`)
    }
  }

  #judgeRelease(lane: string, commandId: string, intent: Intent, truth: LaneTruth): void {
    const held = this.#interceptsOn(truth)
    if (held.length > 0) {
      this.breach(
        'heldWins',
        lane,
        `${commandId} releases ${truth.vehicle?.id ?? '?'} under ${held.join(', ')}`,
      )
    }
    if (truth.deviceDown) this.breach('failDirection', lane, `${commandId}: a required device is down`)
    if (truth.clockQuality === 'untrusted')
      this.breach('failDirection', lane, `${commandId}: the clock is not trusted`)
    for (const list of this.#lists.inForce()) {
      if (!laneListNames.some((name) => name === list.list)) continue
      const limitMs =
        list.list === 'orders' || list.list === 'blacklist' ? this.#limits.ordersMs : this.#limits.registryMs
      // The second look follows the decision by a slow disk at most, so a list may have passed its limit just now.
      const ageMs = list.confirmedAt === null ? Infinity : truth.wallMs - list.confirmedAt
      if (ageMs > limitMs + 5_000)
        this.breach('failDirection', lane, `${commandId}: ${list.list} is ${ageMs} ms old`)
    }
    const { passageId } = intent
    const decision = this.#decisions.get(intent.right.id)
    this.load.judgeRelease(lane, { commandId, passageId, needs: truth.needs }, truth.vehicle, decision)
    const vehicleId = valueAt(this.#decisions.get(intent.right.id)?.body, 'decision.vehicleId')
    const own = new Set([truth.vehicle?.id])
    for (const epc of truth.vehicle?.tags ?? []) own.add(this.#lists.tags.get(epc.epc)?.vehicleId)
    if (truth.vehicle && typeof vehicleId === 'string' && !own.has(vehicleId)) this.misidentified += 1
  }

  /** Orders that must hold the vehicle in front of the bar, by what the edge has heard and has in its lists. */
  #interceptsOn(truth: LaneTruth): string[] {
    const { vehicle } = truth
    if (!vehicle) return []
    const epcs = vehicle.tags.map((tag) => tag.epc).filter((epc) => truth.heardEpcs.has(epc))
    const plates = vehicle.plates.map((plate) => plate.text).filter((text) => truth.seenPlates.has(text))
    const vehicleIds = epcs.flatMap((epc) => this.#lists.tags.get(epc)?.vehicleId ?? [])
    const boxes = this.load.containersOf(vehicle.id).map((key) => ({ kind: 'CONTAINER', key }) as const)
    const keys = [...subjectKeys({ epcs, plates, vehicleIds, companyIds: [] }), ...boxes]
    const orders = this.#lists.control.ordersOn(keys)
    if (orders === 'unknown') return ['unknown orders']
    return orders
      .filter((order) => order.action === 'INTERCEPT' && isEffective(order, truth))
      .map((order) => order.orderId)
  }
}

/** By whose right the bar may rise in each mode: the lane's own in AUTO only. */
const rightsOf: Readonly<Record<LaneMode, readonly Right['by'][]>> = {
  AUTO: ['decision', 'verdict'],
  ATTENDED: ['verdict'],
  SHADOW: ['verdict'],
  MANUAL: ['command'],
  CLOSED: [],
  MAINTENANCE: [],
  EMERGENCY_OPEN: ['emergency'],
}

const rightIds = {
  decision: 'right.decisionId',
  verdict: 'right.verdictId',
  command: 'right.commandId',
  emergency: 'right.commandId',
} as const satisfies Record<Right['by'], string>

function rightOf(row: StoredEvent): Right {
  const named = valueAt(row.body, 'right.by')
  const by = (Object.keys(rightIds) as Right['by'][]).find((one) => one === named) ?? 'decision'
  const no = by === 'emergency' ? Number(valueAt(row.body, 'right.no')) : 0
  return { by, id: String(valueAt(row.body, rightIds[by])), no }
}
