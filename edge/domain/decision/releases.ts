import type { DeclarationEntry, ReleaseEntry, TripEntry } from '../../messages/cargo-entities.js'
import type { Agency } from '../../messages/entities.js'
import { isEntry } from './cargo-view.js'
import type { Tri } from './types.js'
import { hasEnded } from './validity.js'
import type { View } from './view.js'

/** What one instruction has to release: a declaration, or, where an agency has none, the load of the trip. */
type Unit = DeclarationEntry | TripEntry

/** How far an agency has released the load, by instruction or by a receipt that stands for one (row 39). */
export interface Standing {
  /** All of it. What customs answered at the lane is not asked here. */
  readonly isReleased: Tri
  /** Declarations, or the trip, that nothing releases: no instruction that is active and has a use left. */
  readonly missing: readonly string[]
  /** Instructions that would do, had they not run out; by an untrusted clock: that may have. */
  readonly ranOut: readonly string[]
  /** Instructions that the agency has taken back, and given no other in their place. */
  readonly takenBack: readonly string[]
}

const nothing = { missing: [], ranOut: [], takenBack: [] } as const

/** What the agency's word on the load is (rows 35, 37 and 77); without a trip there is nothing to release. */
export function standingOf(view: View, agency: Agency): Standing {
  const { trip, facts, declarations } = view.cargo
  if (trip === null) return { ...nothing, isReleased: false }
  if (trip === 'unknown' || facts.releases === 'unknown') return { ...nothing, isReleased: 'unknown' }
  const units = unitsOf(view, agency, trip).map((unit) => standingOfUnit(view, agency, unit))
  const isUnsure = declarations.some(({ entry }) => entry === 'unknown')
  return {
    isReleased: all([...units.map((unit) => unit.isReleased), isUnsure ? 'unknown' : true]),
    missing: units.flatMap((unit) => unit.missing),
    ranOut: units.flatMap((unit) => unit.ranOut),
    takenBack: units.flatMap((unit) => unit.takenBack),
  }
}

/**
 * Row 39: a receipt stands for a release message that did not come: at a sea gate, with a good signature,
 * unused, of this agency and for this. Any message on the same thing, also one that was taken back or
 * used up, is newer than the receipt and beats it; so does not knowing whether there is one.
 */
export function receiptStands(view: View, agency: Agency, of: Unit): boolean {
  const { seen, facts } = view.cargo
  const { crossing } = view.inputs.profile
  if (crossing !== 'SI' && crossing !== 'SO') return false
  const { receipt } = seen
  if (receipt === null || receipt.agency !== agency) return false
  if (receipt.signatureValid !== true || receipt.used !== false || facts.releases === 'unknown') return false
  const boxes = boxesOf(view, of)
  const messages = facts.releases.filter(
    (release) => release.agency === agency && covers(view, release.subject, of, boxes),
  )
  if (messages.length > 0) return false
  const { kind, key } = receipt.subject
  return kind === 'CONTAINER'
    ? boxes.length === 1 && boxes[0] === key
    : covers(view, receipt.subject, of, boxes)
}

/** Whether the receipt that was shown stands for anything of this load. */
export function receiptIsOfUse(view: View): boolean {
  const { trip, seen } = view.cargo
  if (!isEntry(trip) || seen.receipt === null) return false
  const { agency } = seen.receipt
  return unitsOf(view, agency, trip).some((unit) => receiptStands(view, agency, unit))
}

/** The agency's declarations; none: the trip itself has to be released. */
function unitsOf({ cargo }: View, agency: Agency, trip: TripEntry): Unit[] {
  const own = cargo.declarations.flatMap(({ entry }) =>
    isEntry(entry) && entry.agency === agency ? [entry] : [],
  )
  return own.length > 0 ? own : [trip]
}

function standingOfUnit(view: View, agency: Agency, unit: Unit): Standing {
  if (receiptStands(view, agency, unit)) return { ...nothing, isReleased: true }
  const boxes = boxesOf(view, unit)
  const { releases } = view.cargo.facts
  const mine = (releases === 'unknown' ? [] : releases)
    .filter((release) => release.agency === agency && covers(view, release.subject, unit, boxes))
    .sort((a, b) => (a.releaseId < b.releaseId ? -1 : 1))
  const ofWhole = mine.filter((release) => release.subject.kind !== 'CONTAINER')
  const ofBoxes = boxes.map((box) => mine.filter(({ subject }) => isBox(subject, box)))
  const byBoxes = boxes.length === 0 ? false : all(ofBoxes.map((own) => good(view, own)))
  const isReleased = any([good(view, ofWhole), byBoxes])
  if (isReleased === true) return { ...nothing, isReleased }
  const ranOut = mine.filter((one) => isUsable(one) && hasEnded(one.validTo, view.inputs.now) !== false)
  const name = unit.kind === 'trip' ? unit.tripId : unit.declarationNo
  return {
    isReleased,
    missing: ranOut.length > 0 ? [] : [name],
    ranOut: ranOut.map((one) => one.releaseId),
    takenBack: mine.filter((one) => one.state === 'REVOKED').map((one) => one.releaseId),
  }
}

/** One of them is enough. */
function good(view: View, releases: readonly ReleaseEntry[]): Tri {
  const words = releases.filter(isUsable).map((release) => hasEnded(release.validTo, view.inputs.now))
  return words.includes(false) ? true : words.includes('unknown') ? 'unknown' : false
}

function any(words: readonly Tri[]): Tri {
  return words.includes(true) ? true : words.includes('unknown') ? 'unknown' : false
}

function isUsable({ state, usesLeft }: ReleaseEntry): boolean {
  return state === 'ACTIVE' && usesLeft > 0
}

/** The containers of this truck that it is about: of a declaration those that it names. */
function boxesOf({ cargo }: View, of: Unit): string[] {
  const numbers = cargo.containers.map((container) => container.number)
  return of.kind === 'trip' ? numbers : numbers.filter((number) => of.containers.includes(number))
}

function covers(
  { cargo }: View,
  { kind, key }: ReleaseEntry['subject'],
  of: Unit,
  boxes: readonly string[],
): boolean {
  if (kind === 'TRIP') return isEntry(cargo.trip) && cargo.trip.tripId === key
  if (kind === 'CONTAINER') return boxes.includes(key)
  return of.kind === 'declaration' && of.declarationNo === key
}

function isBox({ kind, key }: ReleaseEntry['subject'], box: string): boolean {
  return kind === 'CONTAINER' && key === box
}

function all(words: readonly Tri[]): Tri {
  return words.includes(false) ? false : words.includes('unknown') ? 'unknown' : true
}
