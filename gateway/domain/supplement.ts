import { sha256Hex } from '../../edge/base/hash.js'
import type { DeclarationEntry, TripEntry } from '../../edge/messages/cargo-entities.js'
import { normaliseContainer } from '../../edge/domain/tag/container.js'
import { normalisePlate } from '../../edge/domain/tag/plate.js'
import type { FitnessEntry, ReleaseEntry } from '../../edge/messages/cargo-entities.js'
import type {
  Correctable,
  CorrectionRequest,
  Difference,
  OutageState,
  PaperEntry,
  Supplement,
} from '../api/supplement-schemas.js'
import type { Crossing } from './consumption.js'
import type { PassageRecord } from './passage.js'

/** Epoch of passages that no edge has told of. */
export const paperEpoch = 'backoffice'

/** What is in force of a passage after its corrections, in their order; the record itself stays. */
export function correctedFields(passage: PassageRecord, supplements: readonly Supplement[]): Correctable {
  const { direction, plates, epcs, vehicleId } = passage
  const start: Correctable = { direction, plates, epcs, vehicleId }
  return supplements.reduce((is, one) => ({ ...is, ...one.is }), start)
}

/** A passage as it is to be looked at by the lists after its corrections. */
export function correctedPassage(passage: PassageRecord, supplements: readonly Supplement[]): PassageRecord {
  const { direction, plates, epcs, vehicleId } = correctedFields(passage, supplements)
  const isOther = vehicleId !== undefined && vehicleId !== passage.vehicleId
  const { seen } = passage
  // What was known of the vehicle that it was not says nothing of the one that it was.
  const kept = seen && isOther ? { ...seen, of: { ...seen.of, vehicleIds: [], companyIds: [] } } : seen
  return {
    ...passage,
    direction: direction ?? passage.direction,
    plates: plates ?? passage.plates,
    epcs: epcs ?? passage.epcs,
    vehicleId: vehicleId === undefined ? passage.vehicleId : vehicleId,
    ...(kept === undefined ? {} : { seen: kept }),
  }
}

export type CorrectionRefusal = 'conflict' | 'wrongState' | 'tooMany' | 'nothing'

/** Corrections of one passage; more is not mended but confused. */
const supplementsMax = 32

/** The correction of a passage that is over, or why there is none. `before`: its supplements in their order. */
export function correctionOf(
  passage: PassageRecord,
  before: readonly Supplement[],
  asked: CorrectionRequest,
  by: string,
  at: number,
):
  | { readonly ok: true; readonly supplement: Supplement }
  | { readonly ok: false; readonly refusal: CorrectionRefusal } {
  const no = (refusal: CorrectionRefusal) => ({ ok: false, refusal }) as const
  if (passage.endedAt === null) return no('wrongState')
  if (asked.seen !== before.length) return no('conflict')
  if (before.length >= supplementsMax) return no('tooMany')
  const now = correctedFields(passage, before)
  const is = normalised(asked.is)
  const changed = Object.entries(is).filter(
    ([name, value]) =>
      JSON.stringify(value) !== JSON.stringify(Object.entries(now).find(([key]) => key === name)?.[1]),
  )
  if (changed.length === 0) return no('nothing')
  const names = changed.map(([name]) => name)
  const supplement: Supplement = {
    ...{ supplementId: `${passage.passageId}.s${before.length + 1}`, passageId: passage.passageId },
    ...{ kind: 'correction', no: before.length + 1, by, at: Math.round(at), reason: asked.reason },
    was: only(now, names),
    is: only(is, names),
    ...{ paperNo: null, outageId: null, officer: null, decided: null, differences: [] },
  }
  return { ok: true, supplement }
}

function only(of: Correctable, names: readonly string[]): Correctable {
  return Object.fromEntries(Object.entries(of).filter(([name]) => names.includes(name)))
}

/** Keys in the form in which lists have them. */
function normalised(is: Correctable): Correctable {
  const { plates, epcs } = is
  return {
    ...is,
    ...(plates === undefined ? {} : { plates: plates.map((one) => normalisePlate(one) || one) }),
    ...(epcs === undefined ? {} : { epcs: epcs.map(tagKey) }),
  }
}

function tagKey(epc: string): string {
  return /^[0-9a-f]+$/i.test(epc) ? epc.toUpperCase() : epc
}

/** Paper in the form in which lists have their keys. */
export function normalisedPaper(entry: PaperEntry): PaperEntry {
  return {
    ...entry,
    plates: entry.plates.map((one) => normalisePlate(one) || one),
    epcs: entry.epcs.map(tagKey),
    containers: entry.containers.map((one) => normaliseContainer(one) || one),
  }
}

/** One paper is one passage, whoever enters it and however often. */
export function passageIdOfPaper(paperNo: string): string {
  return `paper-${sha256Hex(paperNo).slice(0, 24)}`
}

/** Why a paper cannot be entered under this outage; null: it can. */
export function paperProblem(
  entry: PaperEntry,
  outage: OutageState,
  nowMs: number,
): { readonly path: string; readonly message: string } | null {
  const { lane, openedAt, endedAt = openedAt, plates, epcs } = entry
  if (outage.lane !== null && outage.lane !== lane)
    return { path: 'lane', message: `the outage was announced for ${outage.lane}: announce one for ${lane}` }
  if (openedAt < outage.from || openedAt > (outage.to ?? nowMs))
    return {
      path: 'openedAt',
      message: 'outside the announced outage: correct the time, or announce another',
    }
  if (endedAt < openedAt || endedAt > nowMs)
    return { path: 'endedAt', message: 'before its beginning, or still to come' }
  if (plates.length === 0 && epcs.length === 0)
    return { path: 'plates', message: 'a plate or a tag says which vehicle it was' }
  return null
}

const ends = { released: 'cleared', held: 'backedOut', returned: 'returned' } as const

/** The passage of a paper: opened by hand, without a judgement, and for the review list like an emergency's. */
export function passageOfPaper(
  entry: PaperEntry,
  outage: OutageState,
  vehicleId: string | null,
): PassageRecord {
  const { openedAt, endedAt = openedAt, direction, lane, plates, epcs, decided, paperNo } = entry
  return {
    ...{ passageId: passageIdOfPaper(paperNo), edgeId: outage.edgeId, epoch: paperEpoch, lane, direction },
    ...{ openedAt, endedAt, how: ends[decided], outcome: null, primary: null, epcs, plates, vehicleId },
    ...{
      byVerdict: false,
      violation: null,
      contingency: true,
      manual: true,
      captured: 'backoffice',
      paperNo,
    },
  }
}

/** What the lists have on a paper. */
export interface PaperFile {
  readonly vehicleIds: readonly string[]
  /** The trip that the paper names; else those that wait for its vehicle. */
  readonly trips: readonly TripEntry[]
  readonly declarations: readonly DeclarationEntry[]
  readonly releases: readonly ReleaseEntry[]
  readonly certificates: readonly FitnessEntry[]
}

/** The trip that a paper speaks of, where there is no doubt. */
export function tripOfPaper(entry: PaperEntry, trips: readonly TripEntry[]): TripEntry | null {
  const fitting =
    entry.tripId === undefined
      ? trips.filter(({ direction, crossedAt }) => direction === entry.direction && crossedAt === undefined)
      : trips.filter(({ tripId }) => tripId === entry.tripId)
  return fitting.length === 1 ? (fitting[0] ?? null) : null
}

const alive: readonly DeclarationEntry['state'][] = ['SUBMITTED', 'ACCEPTED', 'RELEASED']

/**
 * What a paper uses up as far as the records know of it, and where the two differ. Only what was released uses
 * anything up; a trip that does not fit is not used up by it, because then another truck would stand without papers.
 */
export function settledPaper(
  entry: PaperEntry,
  passage: PassageRecord,
  file: PaperFile,
): { readonly crossing: Crossing | null; readonly differences: readonly Difference[] } {
  const differences: Difference[] = []
  const differ = (kind: Difference['kind'], detail: string) => differences.push({ kind, detail })
  if (file.vehicleIds.length !== 1) differ('vehicleUnknown', [...entry.plates, ...entry.epcs].join(', '))
  const trip = tripOfPaper(entry, file.trips)
  const needsTrip = entry.tripId !== undefined || entry.containers.length > 0
  if (trip === null) {
    if (needsTrip || file.trips.length > 0) differ('tripUnknown', entry.tripId ?? entry.containers.join(', '))
    return { crossing: null, differences }
  }
  const { tripId, crossedAt, vehicleId, direction, containers, declarationNos, sealIds } = trip
  if (crossedAt !== undefined) differ('tripCrossed', tripId)
  if (!file.vehicleIds.includes(vehicleId)) differ('tripOtherVehicle', `${tripId}: ${vehicleId}`)
  if (direction !== entry.direction) differ('tripOtherDirection', `${tripId}: ${direction}`)
  const fits = differences.length === 0
  const other = [
    ...entry.containers.filter((one) => !containers.includes(one)),
    ...containers.filter((one) => !entry.containers.includes(one)),
  ]
  if (other.length > 0) differ('tripOtherContainers', other.join(', '))
  const valid = file.declarations.filter(({ state }) => alive.includes(state)).map((one) => one.declarationNo)
  const missing = declarationNos.filter((one) => !valid.includes(one))
  if (missing.length > 0) differ('declarationNotValid', missing.join(', '))
  if (entry.decided !== 'released' || !fits) return { crossing: null, differences }
  const used = {
    tripId,
    declarationNos: valid,
    releaseIds: file.releases.filter(({ state }) => state === 'ACTIVE').map(({ releaseId }) => releaseId),
    certificateNos: trip.needsFitness
      ? file.certificates.filter((one) => !one.used).map(({ certificateNo }) => certificateNo)
      : [],
    ...{ sealIds, containers: entry.containers, receiptId: null },
  }
  const { edgeId, passageId } = passage
  return {
    crossing: { edgeId, passageId, at: passage.endedAt ?? passage.openedAt, inDoubt: false, used },
    differences,
  }
}

/** The line in the records that says from which paper a passage was entered. */
export function supplementOfPaper(
  entry: PaperEntry,
  outage: OutageState,
  differences: readonly Difference[],
  by: string,
  at: number,
): Supplement {
  const passageId = passageIdOfPaper(entry.paperNo)
  return {
    ...{ supplementId: `${passageId}.s1`, passageId, kind: 'entry', no: 1, by, at: Math.round(at) },
    ...{ reason: entry.remark === '' ? outage.reason : entry.remark, was: {}, is: {} },
    ...{ paperNo: entry.paperNo, outageId: outage.outageId, officer: entry.officer, decided: entry.decided },
    differences: [...differences],
  }
}
