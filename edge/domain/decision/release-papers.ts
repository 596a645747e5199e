import type { DeclarationEntry, ReleaseEntry, TripEntry } from '../../messages/cargo-entities.js'
import type { Agency } from '../../messages/entities.js'
import { isEntry } from './cargo-view.js'
import { sealStandsForInspection } from './seals.js'
import { hasEnded } from './validity.js'
import type { View } from './view.js'

/**
 * What the agencies have positively said of a load, for the release. Written apart from the rules that
 * object (phase 3), and from what they read the papers with: an error in one is not an error in the other.
 */

/** Null: not all of them are known. */
export function declarationsOf(
  { cargo: { trip, declarations } }: View,
  isMeant: (declaration: DeclarationEntry) => boolean,
): DeclarationEntry[] | null {
  if (!isEntry(trip)) return null
  const entries = declarations.flatMap(({ entry }) => (isEntry(entry) ? [entry] : []))
  return entries.length === declarations.length ? entries.filter(isMeant) : null
}

/** Each container on the truck, or the goods where there is none, is declared to them. */
export function areDeclared({ cargo }: View, own: readonly DeclarationEntry[]): boolean {
  const named = new Set(own.flatMap((declaration) => declaration.containers))
  return own.length > 0 && cargo.containers.every(({ number }) => named.has(number))
}

/** Passed by its agency: nothing to inspect, a good result, sealed for straight release, or a word of release. */
export function isCleared(view: View, declaration: DeclarationEntry): boolean {
  const { ruling, result } = declaration
  if (!isNotRefused(declaration) || !isOpen(view, declaration)) return false
  if (ruling === 'NO_INSPECTION' || result !== null) return true
  if (ruling === 'INSPECT' && sealStandsForInspection(view) === true) return true
  return isReleased(view, declaration.agency, declaration)
}

/** Looked at and passed: by a result, or by a word of release. */
export function isPassed(view: View, declaration: DeclarationEntry): boolean {
  if (!isNotRefused(declaration)) return false
  return declaration.result !== null || isReleased(view, declaration.agency, declaration)
}

/** A result that is there is a good one: of all others each refuses; and only a result ends a ruling LOCK. */
export function isNotRefused({ state, ruling, result, treatmentDone }: DeclarationEntry): boolean {
  const isAlive = state === 'ACCEPTED' || state === 'RELEASED'
  const isGood = result === null || result === 'PASS' || (result === 'TREAT' && treatmentDone)
  return isAlive && isGood && (ruling !== 'LOCK' || result !== null)
}

export function isOpen({ inputs: { now } }: View, { validFrom, validTo }: DeclarationEntry): boolean {
  return hasEnded(validTo, now) === false && validFrom <= now.wallMs
}

/** Everything of the agency on this truck is released: its declarations, or the trip where it has none. */
export function isReleasedBy(view: View, agency: Agency): boolean {
  const own = declarationsOf(view, (declaration) => declaration.agency === agency)
  const { trip } = view.cargo
  if (own === null || !isEntry(trip)) return false
  const units = own.length > 0 ? own : [trip]
  return units.every((unit) => isReleased(view, agency, unit))
}

/** An instruction that is active, has a use left and has not ended; or a receipt where there is no instruction at all. */
function isReleased(view: View, agency: Agency, of: DeclarationEntry | TripEntry): boolean {
  const { facts, trip, containers } = view.cargo
  if (facts.releases === 'unknown' || !isEntry(trip)) return false
  const onTruck = containers.map(({ number }) => number)
  const boxes = of.kind === 'trip' ? onTruck : onTruck.filter((number) => of.containers.includes(number))
  const whole = [`TRIP:${trip.tripId}`, ...(of.kind === 'trip' ? [] : [`DECLARATION:${of.declarationNo}`])]
  const parts = boxes.map((box) => `CONTAINER:${box}`)
  const own = facts.releases.filter((release) => release.agency === agency)
  const good = new Set(own.filter((release) => isUsable(view, release)).map(subjectOf))
  if (whole.some((key) => good.has(key))) return true
  if (parts.length > 0 && parts.every((key) => good.has(key))) return true
  const isSpokenOf = own.some((release) => [...whole, ...parts].includes(subjectOf(release)))
  const shown = receiptOf(view, agency)
  return (
    !isSpokenOf && shown !== null && (whole.includes(shown) || (parts.length === 1 && parts[0] === shown))
  )
}

function isUsable({ inputs: { now } }: View, { state, usesLeft, validTo }: ReleaseEntry): boolean {
  return state === 'ACTIVE' && usesLeft > 0 && hasEnded(validTo, now) === false
}

function subjectOf({ subject: { kind, key } }: Pick<ReleaseEntry, 'subject'>): string {
  return `${kind}:${key}`
}

/** What the receipt shown releases (row 39): at sea gates, of this agency, well signed and not used. */
function receiptOf({ cargo: { seen }, inputs: { profile } }: View, agency: Agency): string | null {
  const { receipt } = seen
  if (profile.crossing !== 'SI' && profile.crossing !== 'SO') return null
  if (receipt === null || receipt.agency !== agency) return null
  return receipt.signatureValid === true && receipt.used === false ? subjectOf(receipt) : null
}
