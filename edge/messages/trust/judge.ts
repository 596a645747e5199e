import { canonicalJson } from '../../base/canonical.js'
import { controlListNames, trustBounds } from './bounds.js'
import { parseRecord } from './parse.js'
import type {
  Delegation,
  HoldVersion,
  Listed,
  OnlineRole,
  Snapshot,
  TrustMessage,
  TrustRole,
} from './records.js'
import { trustMessageSchema } from './records.js'
import { refusal, type TrustReason, type TrustRefusal } from './refusal.js'
import { recordHash, roleFault, type Keys } from './signatures.js'
import type { TrustState } from './state.js'

/**
 * What became of a trust message. `state` is what to believe from now on, also after a refusal: what was proven
 * before the record that failed stays proven (a new root above all), and what failed has changed nothing.
 */
export interface TrustJudgement {
  readonly state: TrustState
  readonly refusal: TrustRefusal | null
  /** The timestamp is newer than every one before: the gateway spoke just now. False also for a repetition. */
  readonly isFresh: boolean
}

/** One record judged: what to believe with it, or why not. */
export type Step =
  { readonly ok: true; readonly state: TrustState } | { readonly ok: false; readonly refusal: TrustRefusal }

/**
 * Judges a message in the order of the TUF client (5.3 root, 5.4 timestamp, 5.5 snapshot, with the delegation before
 * those two). Total and pure: whatever the bytes are, it answers, and `state` is never made worse.
 *
 * @param nowMs UTC ms by the edge's clock, fixed for the whole judgement; the floor of time counts when it is later
 */
export function judgeTrust(state: TrustState, bytes: Uint8Array | string, nowMs: number): TrustJudgement {
  const parsed = parseRecord(trustMessageSchema, bytes, trustBounds.messageMaxBytes)
  if (!parsed.ok) return { state, refusal: parsed.refusal, isFresh: false }
  const message = parsed.value
  const judged = inTurn(state, [
    (now) => sitesMatch(now, message),
    ...authoritySteps(message.roots, message.delegation, nowMs),
    (now) => judgeTimestamp(now, message.timestamp, nowMs),
    (now) => judgeSnapshot(now, message.snapshot, nowMs),
  ])
  if (judged.refusal) return { ...judged, isFresh: false }
  const now = judged.state
  const before = state.timestamp?.signed.version ?? 0
  const isFresh = now.timestamp !== state.timestamp && (now.timestamp?.signed.version ?? 0) !== before
  return { state: now, refusal: null, isFresh }
}

/** Roots and delegation alone: for who makes the other records, before it signs in their name. */
export function judgeAuthority(
  state: TrustState,
  roots: readonly TrustState['root'][],
  delegation: NonNullable<TrustState['delegation']>,
  nowMs: number,
): Pick<TrustJudgement, 'state' | 'refusal'> {
  return inTurn(state, authoritySteps(roots, delegation, nowMs))
}

/** The chain of roots alone, as an answer by HTTP carries it. What was proven before a link that fails stays proven. */
export function judgeRoots(
  state: TrustState,
  roots: readonly TrustState['root'][],
): Pick<TrustJudgement, 'state' | 'refusal'> {
  return inTurn(
    state,
    roots.map((root) => (now: TrustState) => judgeRoot(now, root)),
  )
}

function authoritySteps(
  roots: readonly TrustState['root'][],
  delegation: NonNullable<TrustState['delegation']>,
  nowMs: number,
): ((now: TrustState) => Step)[] {
  return [
    ...roots.map((root) => (now: TrustState) => judgeRoot(now, root)),
    (now) => judgeRootEnd(now, nowMs),
    (now) => judgeDelegation(now, delegation, nowMs),
  ]
}

function inTurn(
  state: TrustState,
  steps: readonly ((now: TrustState) => Step)[],
): Pick<TrustJudgement, 'state' | 'refusal'> {
  let now = state
  for (const step of steps) {
    const done = step(now)
    if (!done.ok) return { state: now, refusal: done.refusal }
    now = done.state
  }
  return { state: now, refusal: null }
}

/** The lists that are to be believed: those of a snapshot that its timestamp names. Null: none yet. */
export function trustedLists({ timestamp, snapshot }: TrustState): Snapshot['lists'] | null {
  if (!timestamp || !snapshot) return null
  return recordHash(snapshot) === timestamp.signed.snapshot.hash ? snapshot.signed.lists : null
}

/** The time by which ends are judged: never before what was signed already. */
export function trustNow(state: TrustState, nowMs: number): number {
  return Math.max(state.timeFloor, nowMs)
}

function sitesMatch(state: TrustState, message: TrustMessage): Step {
  const { delegation, timestamp, snapshot } = message
  const foreign = [...message.roots, delegation, timestamp, snapshot].find(
    ({ signed }) => signed.site !== state.site,
  )
  if (!foreign) return { ok: true, state }
  return no('foreignSite', foreign.signed.type, `it is of site ${foreign.signed.site}, this is ${state.site}`)
}

/**
 * One link of the chain: version N + 1, signed by enough keys of N and by enough of its own. Older ones and the one
 * in force are passed over, because the message carries a few of the newest. Ends of links between do not count.
 */
export function judgeRoot(state: TrustState, root: TrustState['root']): Step {
  const { signed, signatures } = root
  const held = state.root.signed
  if (signed.version < held.version) return { ok: true, state }
  if (signed.version === held.version)
    return canonicalJson(signed) === canonicalJson(held)
      ? { ok: true, state }
      : no('sameVersionOtherContent', 'root', `version ${signed.version} is another one here`)
  if (signed.version !== held.version + 1)
    return no('rootGap', 'root', `version ${signed.version} follows ${held.version}: links are missing`)
  const byOld = signedBy(state, signed, signatures, held.keys, held.roles.root, 'root')
  if (byOld) return byOld
  const byNew = signedBy(state, signed, signatures, signed.keys, signed.roles.root, 'root')
  if (byNew) return byNew
  const { delegation } = state
  const { keys, roles } = signed
  const stands =
    delegation && roleFault(delegation.signed, delegation.signatures, keys, roles.delegation) === null
  const before = [...held.roles.root.keyIds, ...held.roles.delegation.keyIds]
  const after = [...roles.root.keyIds, ...roles.delegation.keyIds]
  const next = { ...state, root, revoked: revokedAfter(state, before, after) }
  // A delegation whose signers lost their office names nobody any more, and so what those named signed is void too.
  return { ok: true, state: stands ? next : { ...next, delegation: null, ...reset(state, signed.issuedAt) } }
}

function judgeRootEnd(state: TrustState, nowMs: number): Step {
  const { version, expiresAt } = state.root.signed
  if (trustNow(state, nowMs) <= expiresAt) return { ok: true, state }
  return no('rootExpired', 'root', `version ${version} ended at ${expiresAt}; the next one is needed`)
}

/** Who may sign what from now on; see {@link judgeTrust}. */
export function judgeDelegation(
  state: TrustState,
  record: NonNullable<TrustState['delegation']>,
  nowMs: number,
): Step {
  const { signed, signatures } = record
  const { keys, roles } = state.root.signed
  const unsigned = signedBy(state, signed, signatures, keys, roles.delegation, 'delegation')
  if (unsigned) return unsigned
  const { delegationFloor: floor, delegation: held } = state
  if (signed.version < floor)
    return no('delegationRollback', 'delegation', `version ${signed.version}, ${floor} was seen`)
  if (signed.version === held?.signed.version && canonicalJson(signed) !== canonicalJson(held.signed))
    return no('sameVersionOtherContent', 'delegation', `version ${signed.version} is another one here`)
  if (floor > 0 && signed.version - floor > trustBounds.delegationStepMax)
    return no('versionTooFar', 'delegation', `version ${signed.version} after ${floor}`)
  if (trustNow(state, nowMs) > signed.expiresAt)
    return no('delegationExpired', 'delegation', `version ${signed.version} ended at ${signed.expiresAt}`)
  if (signed.version === held?.signed.version) return { ok: true, state }
  const next = { ...state, delegation: record, delegationFloor: signed.version }
  if (!held) return { ok: true, state: next }
  const revoked = revokedAfter(state, keyIdsOf(held.signed), keyIdsOf(signed))
  return { ok: true, state: { ...next, revoked, ...resetsOf(state, held.signed, signed) } }
}

/**
 * A key of snapshot or timestamp that is taken away takes its counters with it (TUF 5.3.11): whoever stole it may have
 * driven them up. What it signed before cannot be played again, because it is older than the floor of time.
 */
function resetsOf(state: TrustState, held: Delegation, signed: Delegation): Partial<TrustState> {
  const lost = (role: OnlineRole) =>
    held.roles[role].keyIds.some((keyId) => !signed.roles[role].keyIds.includes(keyId))
  return lost('timestamp') || lost('snapshot') ? reset(state, signed.issuedAt) : {}
}

function reset(
  { root }: TrustState,
  issuedAt: number,
): Pick<TrustState, 'timestamp' | 'snapshot' | 'timeFloor'> {
  return { timestamp: null, snapshot: null, timeFloor: Math.max(root.signed.issuedAt, issuedAt) }
}

function judgeTimestamp(
  state: TrustState,
  record: NonNullable<TrustState['timestamp']>,
  nowMs: number,
): Step {
  const { signed, signatures } = record
  const { delegation, timestamp: held, snapshot } = state
  if (!delegation) return no('rootGap', 'timestamp', 'nobody was named to sign it')
  const { keys, roles, expiresAt } = delegation.signed
  const unsigned = signedBy(state, signed, signatures, keys, roles.timestamp, 'timestamp')
  if (unsigned) return unsigned
  const ended = no('timestampExpired', 'timestamp', `version ${signed.version} ended at ${signed.expiresAt}`)
  const isOver = trustNow(state, nowMs) > signed.expiresAt
  if (held) {
    const { version } = held.signed
    if (signed.version < version)
      return no('timestampRollback', 'timestamp', `version ${signed.version}, ${version} was seen`)
    if (signed.version === version && canonicalJson(signed) !== canonicalJson(held.signed))
      return no('sameVersionOtherContent', 'timestamp', `version ${version} is another one here`)
    if (signed.version - version > trustBounds.versionStepMax)
      return no('versionTooFar', 'timestamp', `version ${signed.version} after ${version}`)
    if (signed.version === version) return isOver ? ended : { ok: true, state }
  }
  if (signed.signedTime < state.timeFloor)
    return no('signedTimeBack', 'timestamp', `signed at ${signed.signedTime}, before ${state.timeFloor}`)
  if (signed.signedTime > Math.min(expiresAt, state.root.signed.expiresAt, signed.expiresAt))
    return no(
      'signedTimeTooFar',
      'timestamp',
      `signed at ${signed.signedTime}, after the end of who signed it`,
    )
  const seen = Math.max(snapshot?.signed.version ?? 0, held?.signed.snapshot.version ?? 0)
  if (signed.snapshot.version < seen)
    return no(
      'snapshotRollback',
      'timestamp',
      `it names snapshot ${signed.snapshot.version}, ${seen} was seen`,
    )
  if (isOver) return ended
  return { ok: true, state: { ...state, timestamp: record, timeFloor: signed.signedTime } }
}

function judgeSnapshot(state: TrustState, record: NonNullable<TrustState['snapshot']>, nowMs: number): Step {
  const { signed, signatures } = record
  const { delegation, timestamp, snapshot: held } = state
  if (!delegation || !timestamp) return no('rootGap', 'snapshot', 'nobody was named to sign it')
  const { version, hash } = timestamp.signed.snapshot
  if (signed.version !== version || recordHash(record) !== hash)
    return no(
      'snapshotNotNamed',
      'snapshot',
      `version ${signed.version} is not the one that the timestamp names`,
    )
  const { keys, roles } = delegation.signed
  const unsigned = signedBy(state, signed, signatures, keys, roles.snapshot, 'snapshot')
  if (unsigned) return unsigned
  if (trustNow(state, nowMs) > signed.expiresAt)
    return no('snapshotExpired', 'snapshot', `version ${signed.version} ended at ${signed.expiresAt}`)
  if (held && recordHash(held) === hash) return { ok: true, state }
  if (held && signed.version === held.signed.version)
    return no('sameVersionOtherContent', 'snapshot', `version ${signed.version} is another one here`)
  if (held && signed.version - held.signed.version > trustBounds.versionStepMax)
    return no('versionTooFar', 'snapshot', `version ${signed.version} after ${held.signed.version}`)
  const wrong = listsRefusal(state, signed, held?.signed.lists ?? {}, delegation.signed)
  return wrong ? { ok: false, refusal: wrong } : { ok: true, state: { ...state, snapshot: record } }
}

/** No list may vanish, go back, change under its version or leap; lists of holds need the hold key as well. */
function listsRefusal(
  state: TrustState,
  { lists }: Snapshot,
  before: Snapshot['lists'],
  delegation: Delegation,
): TrustRefusal | null {
  for (const [list, held] of Object.entries(before)) {
    const now = Object.hasOwn(lists, list) ? lists[list] : undefined
    if (!now) return refusal('listVanished', list, `version ${held.version} was seen, now it is not named`)
    if (now.version < held.version)
      return refusal('listRollback', list, `version ${now.version}, ${held.version} was seen`)
    const isSame = now.contentHash === held.contentHash && now.count === held.count
    if (now.version === held.version && !isSame)
      return refusal('sameVersionOtherContent', list, `version ${now.version} is another one here`)
    if (now.version - held.version > trustBounds.listVersionStepMax)
      return refusal('versionTooFar', list, `version ${now.version} after ${held.version}`)
  }
  for (const list of controlListNames) {
    const listed = Object.hasOwn(lists, list) ? lists[list] : undefined
    if (!listed) return refusal('listMissing', list, 'a snapshot without it proves no release')
    const { keys, roles } = delegation
    const statement = holdVersion(state.site, list, listed)
    const fault = roleFault(statement, listed.hold ?? [], keys, roles.hold, state.revoked)
    if (fault) return refusal(fault.fault, list, `hold key: ${fault.detail}`)
  }
  return null
}

/** What the hold key signs for one version of a list of holds. */
export function holdVersion(site: string, list: string, listed: Omit<Listed, 'hold' | 'bytes'>): HoldVersion {
  const { version, count, contentHash } = listed
  return { type: 'holdVersion', site, list, version, count, contentHash }
}

function keyIdsOf({ roles }: Delegation): string[] {
  return Object.values(roles).flatMap((role) => role.keyIds)
}

function revokedAfter(
  { revoked }: TrustState,
  before: readonly string[],
  after: readonly string[],
): string[] {
  const gone = before.filter((keyId) => !after.includes(keyId))
  const still = revoked.filter((keyId) => !after.includes(keyId) && !gone.includes(keyId))
  return [...still, ...gone].slice(-trustBounds.revokedMax)
}

function signedBy(
  state: TrustState,
  signed: unknown,
  signatures: TrustState['root']['signatures'],
  keys: Keys,
  role: TrustRole,
  about: string,
): Step | null {
  const fault = roleFault(signed, signatures, keys, role, state.revoked)
  return fault && no(fault.fault, about, fault.detail)
}

function no(reason: TrustReason, about: string, detail: string): Step {
  return { ok: false, refusal: refusal(reason, about, detail) }
}
