import { canonicalJson } from '../../base/canonical.js'
import { hashOf } from '../../base/hash.js'
import type { BlacklistEntry, ControlOrder } from '../entities.js'
import type { Delegation, Lift, LiftStatement } from './records.js'
import { refusal, type TrustRefusal } from './refusal.js'
import { signaturesOver, validKeyIds, type TrustSigner } from './signatures.js'

/** An order or an entry of the blacklist, lifted or not. */
export type HoldEntry = ControlOrder | BlacklistEntry

export interface HoldGiven {
  readonly site: string
  /** Who may lift; null while nobody was named: then nothing is lifted. */
  readonly delegation: Delegation | null
  /** UTC ms that were signed (never the edge's own clock), for holds whose validity has ended. */
  readonly signedTimeMs: number
}

/**
 * {@link judgeHoldChange} with everything given but the change: what a store of lists is handed, so that it needs to
 * know nothing of keys. `before` null: the entry comes; `after` null: it goes. Null: it may.
 */
export type HoldJudge = (before: HoldEntry | null, after: HoldEntry | null) => TrustRefusal | null

/** A hold whose own validity ended so long ago, by signed time, may leave its list without a lift. */
export const endedHoldStaysForMs = 7 * 86_400_000

/**
 * Whether one hold may become what the next version says, or leave it. Asked for every entry that an edge holds and
 * that a delta or a full changes; null: it may.
 *
 * Adding and strengthening need nothing beyond the list's own signature. Whatever would let a vehicle pass that was held
 * before needs a lift by two persons: an entry that goes, another subject, a lesser action, an end that comes earlier.
 */
export function judgeHoldChange(
  given: HoldGiven,
  before: HoldEntry | null,
  after: HoldEntry | null,
): TrustRefusal | null {
  const key = keyOf(before ?? after)
  if (after?.lift) {
    const unproven = judgeLift(given, after)
    if (unproven) return unproven
  }
  // What was lifted here already holds nobody: it may stay, go, or become a hold again.
  if (!before || before.lift) return null
  if (!after)
    return hasEndedLongAgo(before, given.signedTimeMs)
      ? null
      : refusal('listHoldVanished', key, 'it is gone without a lift')
  if (!after.lift) {
    const why = weakening(before, after)
    return why === null ? null : refusal('listHoldWeakened', key, why)
  }
  return canonicalJson(withoutLift(after)) === canonicalJson(before)
    ? null
    : refusal('listHoldWeakened', key, 'a lift may change nothing else of the entry')
}

/** Whether the lift of this entry was signed by two different persons for this very entry, here, and for this reason. */
export function judgeLift(given: HoldGiven, entry: HoldEntry): TrustRefusal | null {
  const { lift } = entry
  const key = keyOf(entry)
  if (!lift) return refusal('liftNotProven', key, 'it has no lift')
  if (!given.delegation) return refusal('liftNotProven', key, 'nobody was named who may lift')
  const { keys, roles } = given.delegation
  const statement = liftStatement(given.site, withoutLift(entry), lift)
  const { valid } = validKeyIds(statement, lift.by, keys, roles.lift.keyIds)
  const persons = new Set([...valid].map((keyId) => keys[keyId]?.person))
  if (persons.size >= roles.lift.threshold) return null
  const detail = `${persons.size} of ${roles.lift.threshold} persons signed this lift of this entry`
  return refusal('liftNotProven', key, detail)
}

/** What persons sign to lift an entry, as it stands without any lift. */
export function liftStatement(
  site: string,
  entry: HoldEntry,
  lift: Pick<Lift, 'reason' | 'at'>,
): LiftStatement {
  const bare = withoutLift(entry)
  return {
    type: 'lift',
    site,
    list: bare.kind === 'order' ? 'orders' : 'blacklist',
    key: keyOf(bare),
    entryHash: hashOf(bare),
    reason: lift.reason,
    at: lift.at,
  }
}

/** The entry with a lift by these persons' keys. Whether they suffice is judged by who receives it. */
export function lifted(
  site: string,
  entry: HoldEntry,
  lift: Pick<Lift, 'reason' | 'at'>,
  signers: readonly TrustSigner[],
): HoldEntry {
  const by = signaturesOver(liftStatement(site, entry, lift), signers)
  return { ...withoutLift(entry), lift: { at: lift.at, reason: lift.reason, by } }
}

function withoutLift(entry: HoldEntry): HoldEntry {
  const { lift: _lift, ...bare } = entry
  return bare
}

function keyOf(entry: HoldEntry | null): string {
  if (!entry) return ''
  return entry.kind === 'order' ? entry.orderId : entry.entryId
}

function hasEndedLongAgo({ validTo }: HoldEntry, signedTimeMs: number): boolean {
  return validTo !== undefined && signedTimeMs - validTo > endedHoldStaysForMs
}

/** Actions from the one that asks least of a vehicle; two of the same strength cannot stand for each other. */
const strength = { NOTIFY: 0, DOCS: 1, DISINFECT: 1, INTERCEPT: 2, LOCK: 3 } as const

/** In words what the entry lost; null: nothing. What does not bear on whom it holds, and how long, may change. */
function weakening(before: HoldEntry, after: HoldEntry): string | null {
  if (canonicalJson(before.subject) !== canonicalJson(after.subject)) return 'it holds another subject'
  // Only the issuing agency lifts: a hold that changes hands could be lifted by another.
  if (before.agency !== after.agency) return 'it belongs to another agency'
  if (after.validFrom > before.validFrom) return 'it begins later'
  if ((after.validTo ?? Infinity) < (before.validTo ?? Infinity)) return 'it ends earlier'
  if (before.kind === 'blacklist')
    return after.kind !== 'blacklist' || (before.level === 'STOP' && after.level !== 'STOP')
      ? 'it is watched instead of stopped'
      : null
  if (after.kind !== 'order') return 'it is of another kind'
  if (before.action !== after.action && strength[after.action] <= strength[before.action])
    return `${before.action} became ${after.action}`
  if (after.level > before.level) return 'its level is lower'
  // Without the mark a lane may take an INTERCEPT on part of a plate for one that was not meant.
  if (before.patternMayIntercept && !after.patternMayIntercept)
    return 'it may not intercept by part of a plate any more'
  const hits = ({ maxHits }: ControlOrder) => (maxHits === 0 ? Infinity : maxHits)
  return hits(after) < hits(before) ? 'it holds fewer times' : null
}
