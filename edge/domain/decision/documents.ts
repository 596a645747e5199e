import type { DeclarationEntry, TripEntry } from '../../messages/cargo-entities.js'
import { isEntry } from './cargo-view.js'
import { few, no, unknown, type Finding } from './rule.js'
import { receiptStands } from './releases.js'
import type { View } from './view.js'

/**
 * What the papers of a trip say: helpers of rows 27 to 40. An agency's word that stands against a vehicle
 * always counts; that something is not there, or cannot be told, counts where the profile needs it.
 */

/** A rule over the trip. No trip is the matter of row 27; a trip that cannot be told counts where one is needed. */
export function onTrip({ cargo }: View, when: (trip: TripEntry) => Finding): Finding {
  const { trip, needs } = cargo
  if (trip === 'unknown') return needs('trip') ? unknown({ missing: 'trip' }) : no
  return trip === null ? no : when(trip)
}

/** A lane that needs the ruling of any agency needs its declarations. */
export function needsDeclarations({ cargo }: View): boolean {
  return cargo.needs('iq') || cargo.needs('customs')
}

/** A rule over the declarations of the trip. One that nobody has is the matter of row 29. */
export function amongDeclarations(
  view: View,
  isTrueOf: (declaration: DeclarationEntry) => boolean | 'unknown',
): Finding {
  return onTrip(view, () => {
    const trueOf: string[] = []
    const unknownOf: string[] = []
    for (const { no, entry } of view.cargo.declarations) {
      const word = isEntry(entry) ? isTrueOf(entry) : entry === 'unknown' ? entry : false
      if (word === true) trueOf.push(no)
      if (word === 'unknown' && needsDeclarations(view)) unknownOf.push(no)
    }
    return {
      ...(trueOf.length > 0 ? { yes: { declarations: few(trueOf) } } : {}),
      ...(unknownOf.length > 0 ? { unknown: { declarations: few(unknownOf) } } : {}),
    }
  })
}

/** The declarations of the trip that somebody has. */
export function entriesOf({ cargo }: View): DeclarationEntry[] {
  return cargo.declarations.flatMap(({ entry }) => (isEntry(entry) ? [entry] : []))
}

/** Rulings of every agency but customs count as the inspection's: nobody else rules on goods. */
export function isCustoms({ agency }: DeclarationEntry): boolean {
  return agency === 'CUSTOMS'
}

/** Its agency has passed it: by result, by a treatment that was ordered and is done, or by receipt (row 39). */
export function hasPassed(view: View, declaration: DeclarationEntry): boolean {
  return hasGoodResult(declaration) || receiptStands(view, declaration.agency, declaration)
}

export function hasGoodResult({ result, treatmentDone }: DeclarationEntry): boolean {
  return result === 'PASS' || (result === 'TREAT' && treatmentDone)
}

/** A result that lets nobody go: failed, to be returned, or a treatment that is not done. */
export function hasBadResult({ result, treatmentDone }: DeclarationEntry): boolean {
  return result === 'FAIL' || result === 'RETURN' || (result === 'TREAT' && !treatmentDone)
}
