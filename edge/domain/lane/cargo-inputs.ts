import { canonicalJson } from '../../base/canonical.js'
import {
  defaultCargoPolicy,
  noCargoFacts,
  type CargoFacts,
  type CargoObservations,
} from '../decision/cargo.js'
import { cargoSubjects } from '../decision/cargo-subjects.js'
import type { DecisionInputs, DecisionPolicy, Direction, LaneProfile } from '../decision/types.js'
import { viewOf } from '../decision/view.js'
import { subjectKeys } from '../lists/control.js'
import type { SubjectKey } from '../../interfaces/list-store.js'
import { isAnythingSensed } from '../passage/cargo.js'
import type { Passage } from '../passage/passage.js'
import type { LaneView } from './types.js'

/** Everything that the lists are asked about driver and load of one vehicle, in one question. */
export interface CargoAsk {
  readonly direction: Direction
  /** The vehicle that drives; null: not identified. */
  readonly vehicleId: string | null
  readonly companyIds: readonly string[]
  readonly driverCards: readonly string[]
  /** Every number read, however faintly. */
  readonly containers: readonly string[]
  /** Those read with confidence, which tell one trip from another; null: no device reads them. */
  readonly read: readonly string[] | null
  readonly sealIds: readonly string[]
  /** That nothing is infected must be known, and not only what is. */
  readonly needsArea: boolean
  /** Which question of its passage this is; absent where only what is asked is compared. */
  readonly no?: number
}

/**
 * The lane judges by driver and load: its profile needs some of it, something of it was sensed, or its
 * thresholds differ by the company's class.
 */
export function asksForCargo(profile: LaneProfile, policy: DecisionPolicy, passage: Passage): boolean {
  const needsAny = (profile.needs ?? []).length > 0 || policy.byClass !== undefined
  return needsAny || isAnythingSensed(passage.cargo.seen)
}

/** `bare`: the inputs without driver and load, which say whose vehicle it is. */
export function cargoAskOf(bare: DecisionInputs, passage: Passage, direction: Direction): CargoAsk {
  const { seen } = passage.cargo
  const vehicle = viewOf(bare).main?.vehicle ?? null
  const confidenceMin = bare.policy.cargo?.containerConfidenceMin ?? defaultCargoPolicy.containerConfidenceMin
  const read = seen.containers?.filter((one) => one.confidence >= confidenceMin)
  return {
    direction,
    vehicleId: vehicle?.vehicleId ?? null,
    companyIds: vehicle?.companyId === undefined ? [] : [vehicle.companyId],
    driverCards: [...seen.cards].sort(),
    containers: (seen.containers ?? []).map((one) => one.number),
    read: read?.map((one) => one.number) ?? null,
    sealIds: (seen.seals ?? []).map((one) => one.sealId),
    needsArea: bare.profile.needs?.includes('area') === true,
  }
}

/** Nobody and nothing that a list could be asked about. */
export function isEmptyAsk({ vehicleId, driverCards, containers, sealIds }: CargoAsk): boolean {
  return vehicleId === null && driverCards.length + containers.length + sealIds.length === 0
}

/** The question as it is named in lookups and answers. */
export function keyOfAsk(ask: CargoAsk): string {
  return canonicalJson(ask)
}

/** The question again, from its name. */
export function askOfKey(key: string): CargoAsk {
  return JSON.parse(key) as CargoAsk
}

/**
 * The inputs with driver and load. Facts that answer another question than would be asked now are of
 * another vehicle or load, so that nothing is known; used up by others is used up here as well.
 */
export function withCargo(
  bare: DecisionInputs,
  passage: Passage,
  view: LaneView,
  sprayer: CargoObservations['sprayer'],
): DecisionInputs {
  const isAsked = asksForCargo(bare.profile, bare.policy, passage)
  if (!isAsked && sprayer === null) return bare
  const { seen, answered, facts } = passage.cargo
  const { cards: _cards, overflow: _overflow, receipt, ...plain } = seen
  const isUsed = receipt !== null && view.consumed?.isReceiptUsed(passage.id, receipt.receiptId) === true
  const shown = isUsed ? { ...receipt, used: true } : receipt
  const observations = { ...bare.observations, cargo: { ...plain, receipt: shown, sprayer } }
  if (!isAsked) return { ...bare, observations }
  const key = keyOfAsk(cargoAskOf(bare, passage, view.settings.direction))
  const known = facts !== null && answered === key ? facts : noCargoFacts
  const cargo = view.consumed?.overlay(passage.id, known) ?? known
  return { ...bare, observations, facts: { ...bare.facts, cargo } }
}

/**
 * Names of driver and load under which an order may speak: of everything sensed in the passage, and of
 * what the lists said of it last, though a newer question may be under way.
 */
export function cargoKeys({ cargo: { seen, facts } }: Passage): SubjectKey[] {
  if (facts === null && !isAnythingSensed(seen)) return []
  const known: CargoFacts = facts ?? noCargoFacts
  const cards = seen.cards.length === 0 ? [null] : seen.cards
  return cards.flatMap((driverCard) =>
    subjectKeys(cargoSubjects({ ...seen, sprayer: null, driverCard }, known)),
  )
}
