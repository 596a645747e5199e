import type { DeclarationEntry, ReleaseEntry } from '../../../messages/cargo-entities.js'
import type { CargoFacts, Fact, ReceiptObservation } from '../cargo.js'
import { exampleDeclaration, exampleLaden, exampleRelease, type LadenChange } from '../cargo-examples.js'
import { cargoProfiles } from '../cargo-profiles.js'
import type { DecisionInputs, LaneProfile } from '../types.js'

/** Small changes of the papers of the clear truck: for the cases and the tests of phases 3 and 4. */

export const customsNo = 'CUS1'
export const iqNo = 'IQ1'

export function customsDeclaration(change: Partial<DeclarationEntry> = {}): DeclarationEntry {
  return exampleDeclaration({ declarationNo: customsNo, agency: 'CUSTOMS', ...change })
}

export function declared(
  iq: Fact<Partial<DeclarationEntry>>,
  customs: Fact<Partial<DeclarationEntry>> = {},
): CargoFacts['declarations'] {
  return {
    [customsNo]: typeof customs === 'object' && customs !== null ? customsDeclaration(customs) : customs,
    [iqNo]: typeof iq === 'object' && iq !== null ? exampleDeclaration(iq) : iq,
  }
}

/** The clear truck, with these changes of its declaration to IQ. */
export function iqSays(change: Fact<Partial<DeclarationEntry>>, more: LadenChange = {}): DecisionInputs {
  return exampleLaden({ ...more, known: { declarations: declared(change), ...more.known } })
}

/** The same of its declaration to customs. */
export function customsSays(change: Fact<Partial<DeclarationEntry>>, more: LadenChange = {}): DecisionInputs {
  return exampleLaden({ ...more, known: { declarations: declared({}, change), ...more.known } })
}

/** Instructions of the three agencies, one of them changed; null: it gave none. */
export function releasedExcept(
  agency: ReleaseEntry['agency'],
  change: Partial<ReleaseEntry> | null,
): ReleaseEntry[] {
  const clear = exampleLaden().facts.cargo?.releases
  return (clear === undefined || clear === 'unknown' ? [] : clear).flatMap((release) => {
    if (release.agency !== agency) return [release]
    return change === null ? [] : [{ ...release, ...change }]
  })
}

export const goodReceipt: ReceiptObservation = {
  receiptId: 'RC1',
  agency: 'CUSTOMS',
  subject: exampleRelease().subject,
  signatureValid: true,
  used: false,
}

/** A lane in which nothing but the vehicle must be known: there, what is missing does not count. */
export const needless: LaneProfile = { ...cargoProfiles.roadInLaden, name: 'needless', needs: [] }

export const untrusted = { clockQuality: 'untrusted' } as const
