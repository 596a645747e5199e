import type { Agency } from '../../edge/messages/agencies.js'
import { lineProblem } from '../../edge/messages/text/line-problem.js'
import { judgeLift, liftStatement, type HoldEntry } from '../../edge/messages/trust/holds.js'
import type { Lift, RecordSignature } from '../../edge/messages/trust/lift.js'
import type { Delegation } from '../../edge/messages/trust/records.js'
import { validKeyIds } from '../../edge/messages/trust/signatures.js'
import { Refusal } from '../desk/refusal.js'
import { isSamePerson } from '../domain/roles.js'

/**
 * What every lift of a hold is judged by, of an order that was placed here (orders.ts) as of any other (lifts.ts):
 * whose hold it is, that the second person is another one, and that an edge would believe it.
 */
export interface LiftGiven {
  readonly site: string
  /** Who may lift now; null: nobody is known, and nothing is lifted. */
  readonly delegation: Delegation | null
  /** UTC ms. */
  readonly nowMs: number
}

/** Throws {@link Refusal} for somebody of another agency than the one that issued the hold. */
export function demandAgency(own: Agency | undefined, agency: Agency, person: string): void {
  if (own === agency) return
  throw new Refusal(
    'foreignAgency',
    `this is for people of ${agency}, and ${person} belongs to ${own ?? 'no agency'}`,
  )
}

/**
 * Who takes back a lift that was asked for: who asked for it, or somebody of the agency that issued the hold, whose
 * word it would be. Throws {@link Refusal} for anybody else.
 */
export function demandMayWithdraw(
  own: Agency | undefined,
  agency: Agency,
  asker: string | undefined,
  person: string,
): void {
  if (asker === undefined || !isSamePerson(asker, person)) demandAgency(own, agency, person)
}

/** Throws {@link Refusal} for somebody who answers for this lift already. */
export function demandAnother(answering: readonly string[], person: string): void {
  if (answering.some((one) => isSamePerson(one, person)))
    throw new Refusal(
      'secondPerson',
      'another person confirms a lift than the one who answers for it already',
    )
}

/** A signature that was made elsewhere: by this person's own key, over this very lift. Throws {@link Refusal}. */
export function demandOwnSignature(
  { site, delegation }: LiftGiven,
  entry: HoldEntry,
  lift: Pick<Lift, 'at' | 'reason'>,
  signature: RecordSignature,
  person: string,
): void {
  const owner = delegation?.keys[signature.keyId]?.person
  if (!delegation || owner === undefined || !isSamePerson(owner, person))
    throw new Refusal('invalid', `${signature.keyId.slice(0, 12)} is no key of ${person} that may lift`, [
      lineProblem('signature.keyId', 'noKeyOfYours', { found: signature.keyId.slice(0, 12) }),
    ])
  const statement = liftStatement(site, entry, lift)
  const { valid } = validKeyIds(statement, [signature], delegation.keys, delegation.roles.lift.keyIds)
  if (valid.size === 0)
    throw new Refusal(
      'invalid',
      'the signature is not over the statement of this lift: sign the one shown now',
      [lineProblem('signature.signature', 'otherStatement')],
    )
}

/** The entry with its lift, as it then stands in the list. Throws {@link Refusal} for a lift that no edge would take. */
export function liftedHold<Entry extends HoldEntry>(
  { site, delegation, nowMs }: LiftGiven,
  entry: Entry,
  lift: Lift,
): Entry {
  const lifted: Entry = { ...entry, lift: { at: lift.at, reason: lift.reason, by: [...lift.by] } }
  const unproven = judgeLift({ site, delegation, signedTimeMs: nowMs }, lifted)
  if (unproven)
    throw new Refusal(
      'invalid',
      `no edge would take this lift: ${unproven.detail}; take it back, and have it asked for anew`,
      [lineProblem('', 'unprovenLift')],
    )
  return lifted
}
