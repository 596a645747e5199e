import { remindersOf } from '../decision/reminders.js'
import type { IdentityFacts, SubjectKey } from '../../interfaces/list-store.js'
import type { TagEntry, VehicleEntry } from '../../messages/entities.js'
import type { Raise, Right } from '../barrier/raise.js'
import type { Spray } from '../barrier/spray.js'
import type { Decision, Outcome, PlateObservation } from '../decision/types.js'
import { noCargo, type PassageCargo } from './cargo.js'
import { atEntry, type Position } from './follow.js'

/** What the lane is doing about the vehicle in it. */
export type Phase =
  /** Listening; judged when ripe, and not before `evaluateAtMs`. */
  | { readonly at: 'identifying'; readonly evaluateAtMs: number; readonly notBeforeMs: number }
  /** The intent is being made durable; nothing has been sent. */
  | {
      readonly at: 'releasing'
      readonly commandId: string
      readonly right: Right
      /** Orders and blacklist entries that the person who released has seen. */
      readonly overruledIds: readonly string[]
    }
  /** Asked for; the PLC has not accepted, or the bar has not moved. */
  | { readonly at: 'raising'; readonly untilMs: number }
  | { readonly at: 'raised'; readonly untilMs: number }
  | { readonly at: 'crossing' }
  | { readonly at: 'escalated'; readonly escalation: OpenEscalation }
  /** By right of a decision, or of a person's release; what it ends in, the PLC's word or a person says. */
  | {
      readonly at: 'disinfecting'
      readonly decisionId: string
      readonly release: ReleaseAfter | null
      readonly stage: DisinfectStage
    }
  /** A person told the driver to turn back. */
  | { readonly at: 'returning'; readonly untilMs: number }
  /** The lane's mode gives no decisions. */
  | { readonly at: 'closed' }
  /** Under or beyond the bar without a right. */
  | { readonly at: 'violating' }

/** A person's release of a vehicle that is disinfected first. */
export interface ReleaseAfter {
  readonly verdictId: string
  /** Orders and blacklist entries that the person has seen. */
  readonly overruledIds: readonly string[]
}

export type DisinfectStage =
  /** For people to go. */
  | { readonly is: 'waiting'; readonly untilMs: number }
  /** The intent is being made durable; nothing has been sent. */
  | { readonly is: 'intended'; readonly commandId: string }
  /** Asked for; its end is waited for. */
  | { readonly is: 'spraying'; readonly commandId: string; readonly untilMs: number }

export interface OpenEscalation {
  readonly escalationId: string
  /** 1 to 3: who is called by now. */
  readonly level: number
  /** When that level's time is over. */
  readonly untilMs: number
  readonly openedMonoMs: number
  /** UTC ms, where the clock was trusted then; null: it was not. */
  readonly openedWallMs: number | null
  readonly reasons: readonly string[]
  /** Orders whose number must be typed in to release. */
  readonly interceptOrderIds: readonly string[]
  /** Every order and blacklist entry that objected when it was opened: what the person sees. */
  readonly objectingIds: readonly string[]
  /** Plates read with confidence by then: the vehicle the person answers for. */
  readonly shownPlates: readonly string[]
}

/** The newest decision, as far as the lane's behaviour needs it again. */
export interface Judged {
  readonly decisionId: string
  readonly outcome: Outcome
  readonly primary: string
  /** Sorted, each once. */
  readonly codes: readonly string[]
  readonly interceptOrderIds: readonly string[]
  readonly tagMissed: boolean
  /** Something is locked, whatever else speaks: no person at the lane may release it. */
  readonly locked: boolean
  readonly prompt: string
  /** What the driver is reminded of once the bar is up, as prompts; absent: nothing. */
  readonly reminders?: readonly string[]
  readonly vehicleId: string | null
}

export interface FrozenFacts {
  readonly tags: Readonly<Record<string, TagEntry | null | 'unknown'>>
  readonly vehicles: Readonly<Record<string, VehicleEntry | null | 'unknown'>>
  readonly plates: Readonly<Record<string, string | null | 'unknown'>>
}

/** One vehicle's stay in the lane. JSON throughout. */
export interface Passage {
  readonly no: number
  readonly id: string
  /** Entry loop became occupied, or the passage was taken up again; all its times count from here. */
  readonly openedMonoMs: number
  readonly openedWallMs: number
  readonly position: Position
  /** Since when neither loop shows the vehicle; null: one does. */
  readonly lostSightMs: number | null
  /** When it left the entry loop towards the exit; null: it has not. */
  readonly leftEntryMs: number | null
  readonly phase: Phase
  readonly decisions: number
  readonly escalations: number
  readonly raises: number
  /** Raises by the lane's own right that certainly had no effect. */
  readonly raisesFailed: number
  /** The barrier did not do what it accepted, or does not take requests: a person must look. */
  readonly barrierFailed: boolean
  /** Only a person may release it from here on: it was held, or a person answered it. */
  readonly person: boolean
  /** A person said hold: the lane does not judge again by itself. */
  readonly heldOn: boolean
  /** Requests to the sprayer, and the newest of them. */
  readonly sprays: number
  readonly spray: Spray | null
  /** Newest request to the barrier. */
  readonly raise: Raise | null
  /** The bar was raised for this vehicle. */
  readonly passing: boolean
  /** The bar was up by the key when it went. */
  readonly byKey: boolean
  /** It was in the lane while that stood open for an emergency. */
  readonly contingency: boolean
  readonly violated: boolean
  /** Every tag of which a `tagObserved` was recorded. */
  readonly epcs: readonly string[]
  /** What the tags among them were heard by beside their EPC, in capitals: an order may name a tag by it. */
  readonly tids: readonly string[]
  readonly plates: readonly PlateObservation[]
  readonly platesShed: number
  /** Lookups under way, `<kind>:<key>`. */
  readonly pending: readonly string[]
  readonly facts: FrozenFacts
  readonly cargo: PassageCargo
  readonly judged: Judged | null
  /** Codes already reported as late objections, and orders already alerted silently. */
  readonly reported: readonly string[]
  /** Identities heard before it came that may have been its own. */
  readonly doubtfulKeys: readonly SubjectKey[]
  /** Tags and plates heard while the lane was blind: each must turn out to be this vehicle's. */
  readonly unplaced: readonly string[]
  /** Tags and plates of the time before its approach: a loop may have failed to show that it stood there. */
  readonly earlier: { readonly epcs: readonly string[]; readonly plates: readonly PlateObservation[] }
  /** The lane's count of shed reads when the passage opened. */
  readonly shedBefore: number
}

/** Something must be done with the vehicle first, so that only a person may let it go. */
export function isHeld(outcome: Outcome | undefined): boolean {
  return outcome === 'hold' || outcome === 'lock' || outcome === 'disinfect'
}

/** The PLC has said that the vehicle's disinfection ran to its end. */
export function isDisinfected({ spray }: Pick<Passage, 'spray'>): boolean {
  return spray?.fate === 'done'
}

/**
 * The passage shows a plate, read with confidence, that the open escalation did not, and that is not known
 * to be the same vehicle's: another vehicle may stand where the loop never showed the first one leave.
 */
export function showsAnotherPlate(
  passage: Passage,
  escalation: OpenEscalation,
  confidenceMin: number,
): boolean {
  const { plates, facts, judged } = passage
  const vehicleOf = (text: string): string | null => {
    const vehicleId = Object.hasOwn(facts.plates, text) ? facts.plates[text] : 'unknown'
    return vehicleId === undefined || vehicleId === 'unknown' ? null : vehicleId
  }
  const shown = new Set([judged?.vehicleId ?? null, ...escalation.shownPlates.map(vehicleOf)])
  return confidentPlates(plates, confidenceMin).some((text) => {
    if (escalation.shownPlates.includes(text)) return false
    const vehicleId = vehicleOf(text)
    return vehicleId === null || !shown.has(vehicleId)
  })
}

export function confidentPlates(
  plates: readonly PlateObservation[],
  confidenceMin: number,
): readonly string[] {
  return plates.filter((plate) => plate.confidence >= confidenceMin).map((plate) => plate.plate.text)
}

/** Different plates kept for one passage. */
export const platesMax = 16
export const noFacts: FrozenFacts = { tags: {}, vehicles: {}, plates: {} }

export function newPassage(
  no: number,
  id: string,
  now: { readonly monoMs: number; readonly wallMs: number },
  shedBefore: number,
): Passage {
  return {
    no,
    id,
    openedMonoMs: now.monoMs,
    openedWallMs: now.wallMs,
    position: atEntry,
    lostSightMs: null,
    leftEntryMs: null,
    phase: { at: 'closed' },
    decisions: 0,
    escalations: 0,
    raises: 0,
    raisesFailed: 0,
    barrierFailed: false,
    person: false,
    heldOn: false,
    sprays: 0,
    spray: null,
    raise: null,
    passing: false,
    byKey: false,
    contingency: false,
    violated: false,
    epcs: [],
    tids: [],
    plates: [],
    platesShed: 0,
    pending: [],
    facts: noFacts,
    cargo: noCargo,
    judged: null,
    reported: [],
    doubtfulKeys: [],
    unplaced: [],
    earlier: { epcs: [], plates: [] },
    shedBefore,
  }
}

export function judgedOf(
  decisionId: string,
  decision: Pick<
    Decision,
    'outcome' | 'primary' | 'interceptOrderIds' | 'advisories' | 'prompt' | 'vehicleId'
  > & { readonly reasons: readonly { readonly code: string; readonly outcome: Outcome }[] },
): Judged {
  const reminders = decision.advisories.length === 0 ? [] : remindersOf(decision.advisories)
  return {
    decisionId,
    outcome: decision.outcome,
    primary: decision.primary,
    codes: [...new Set(decision.reasons.map((reason) => reason.code))].sort(),
    interceptOrderIds: decision.interceptOrderIds,
    tagMissed: decision.advisories.includes('TAG_MISSED'),
    locked: decision.reasons.some((reason) => reason.outcome === 'lock'),
    prompt: decision.prompt,
    ...(reminders.length === 0 ? {} : { reminders }),
    vehicleId: decision.vehicleId,
  }
}

/** Freezes what the lists said of one tag. The first known answer stays: a decision must replay. */
export function freezeTag(facts: FrozenFacts, epc: string, of: IdentityFacts): FrozenFacts {
  const vehicleId = of.tag !== null && of.tag !== 'unknown' ? of.tag.vehicleId : null
  return {
    ...facts,
    tags: { ...facts.tags, [epc]: of.tag },
    vehicles: vehicleId === null ? facts.vehicles : { ...facts.vehicles, [vehicleId]: of.vehicle },
  }
}

/** Freezes what the lists said of one plate. */
export function freezePlate(facts: FrozenFacts, plate: string, of: IdentityFacts): FrozenFacts {
  const { vehicle } = of
  if (vehicle === null || vehicle === 'unknown')
    return { ...facts, plates: { ...facts.plates, [plate]: vehicle } }
  return {
    ...facts,
    plates: { ...facts.plates, [plate]: vehicle.vehicleId },
    // Not heard, but an order may name the tag of a vehicle that shows only its plate.
    tags: of.tag === null || of.tag === 'unknown' ? facts.tags : { ...facts.tags, [of.tag.epc]: of.tag },
    vehicles: { ...facts.vehicles, [vehicle.vehicleId]: vehicle },
  }
}

/** Adds a plate as read; the most confident reading of each text is kept, sorted by text. */
export function withPlate(
  plates: readonly PlateObservation[],
  read: PlateObservation,
): { plates: readonly PlateObservation[]; is: 'new' | 'better' | 'known' | 'shed' } {
  const known = plates.find((plate) => plate.plate.text === read.plate.text)
  if (known && known.confidence >= read.confidence) return { plates, is: 'known' }
  if (!known && plates.length >= platesMax) return { plates, is: 'shed' }
  const others = plates.filter((plate) => plate !== known)
  const sorted = [...others, read].sort((a, b) => (a.plate.text < b.plate.text ? -1 : 1))
  return { plates: sorted, is: known ? 'better' : 'new' }
}
