import { z } from 'zod'
import { canonicalJson } from '../../base/canonical.js'
import { bad, ok, type Result } from '../../base/result.js'
import { trustBounds } from './bounds.js'
import { parseRecord } from './parse.js'
import {
  keyIdSchema,
  signedDelegationSchema,
  signedRootSchema,
  signedSnapshotSchema,
  signedTimestampSchema,
  type Root,
  type Signed,
} from './records.js'
import { roleFault } from './signatures.js'

/** What an edge believes, and the highest that it has seen. JSON; changed only by `judge*`, kept by the uplink. */
export const trustStateSchema = z.strictObject({
  v: z.literal(1),
  site: z.string().min(1).max(64),
  root: signedRootSchema,
  delegation: signedDelegationSchema.nullable(),
  timestamp: signedTimestampSchema.nullable(),
  snapshot: signedSnapshotSchema.nullable(),
  /** Highest delegation ever taken; kept when the delegation itself is dropped. */
  delegationFloor: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  /** UTC ms: it is at least this late, by signed time or by when the program was built. */
  timeFloor: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  /** Keys that once had a role here and have none now, newest last. */
  revoked: z.array(keyIdSchema).max(trustBounds.revokedMax),
})
export type TrustState = z.infer<typeof trustStateSchema>

/**
 * The first trust of an edge: the root record that it was given at enrolment, by hand and not by the gateway. It must
 * be of its own site and signed by its own keys; that it has ended is no reason, since newer ones may follow it.
 *
 * @param builtAtMs when the program was built, UTC ms: no clock counts as earlier
 */
export function firstTrust(bytes: Uint8Array | string, site: string, builtAtMs: number): Result<TrustState> {
  const parsed = parseRecord(signedRootSchema, bytes, trustBounds.recordMaxBytes)
  if (!parsed.ok)
    return bad('root', parsed.refusal.detail, 'Take root.<n>.json as `lanekeeper keys` wrote it.')
  const root: Signed<Root> = parsed.value
  if (root.signed.site !== site)
    return bad('root', `it is of site ${root.signed.site}, this is ${site}.`, 'Take the root of this site.')
  const fault = roleFault(root.signed, root.signatures, root.signed.keys, root.signed.roles.root)
  if (fault)
    return bad('root', `${fault.detail} (${fault.fault}).`, 'Take it anew from who keeps the root keys.')
  return ok({
    v: 1,
    site,
    root: parsed.value,
    delegation: null,
    timestamp: null,
    snapshot: null,
    delegationFloor: 0,
    timeFloor: Math.max(builtAtMs, root.signed.issuedAt),
    revoked: [],
  })
}

/**
 * Whether two roots are of one chain as far as they tell by themselves: the same record, or the later one signed by as
 * many keys of the earlier one as that asks for. False also where keys were replaced several times between them.
 */
export function belongTogether(one: Signed<Root>, other: Signed<Root>): boolean {
  const [earlier, later] = one.signed.version <= other.signed.version ? [one, other] : [other, one]
  if (earlier.signed.version === later.signed.version)
    return canonicalJson(earlier.signed) === canonicalJson(later.signed)
  const { keys, roles } = earlier.signed
  return roleFault(later.signed, later.signatures, keys, roles.root) === null
}

/**
 * Of two kept copies the one that has seen more, so that losing one of them takes nothing back. Compared by root,
 * delegation, time and timestamp, in that order: a later root may have reset what hangs below it.
 */
export function newerTrust(a: TrustState, b: TrustState): TrustState {
  const rank = (state: TrustState): number[] => [
    state.root.signed.version,
    state.delegationFloor,
    state.timestamp?.signed.version ?? 0,
    state.snapshot?.signed.version ?? 0,
    state.timeFloor,
  ]
  const [left, right] = [rank(a), rank(b)]
  const at = left.findIndex((value, index) => value !== right[index])
  const newer = at >= 0 && (right[at] ?? 0) > (left[at] ?? 0) ? b : a
  return { ...newer, timeFloor: Math.max(a.timeFloor, b.timeFloor) }
}

/**
 * A kept copy, checked again: a file is no better than a message. A copy of another site, or whose records are not
 * signed as they must be, is none.
 */
export function reviveTrust(bytes: Uint8Array | string, site: string): Result<TrustState> {
  const parsed = parseRecord(trustStateSchema, bytes, 4 * trustBounds.recordMaxBytes)
  if (!parsed.ok) return bad('state', parsed.refusal.detail)
  const state = parsed.value
  const records = [state.root, state.delegation, state.timestamp, state.snapshot]
  if (state.site !== site || records.some((record) => record && record.signed.site !== site))
    return bad('state', `it is not of site ${site}`)
  const { keys, roles } = state.root.signed
  const faults = [roleFault(state.root.signed, state.root.signatures, keys, roles.root)]
  const { delegation, timestamp, snapshot } = state
  if (delegation) {
    faults.push(roleFault(delegation.signed, delegation.signatures, keys, roles.delegation))
    const online = delegation.signed
    if (timestamp)
      faults.push(roleFault(timestamp.signed, timestamp.signatures, online.keys, online.roles.timestamp))
    if (snapshot)
      faults.push(roleFault(snapshot.signed, snapshot.signatures, online.keys, online.roles.snapshot))
  } else if (timestamp ?? snapshot) return bad('state', 'it has lists that nobody answers for')
  const fault = faults.find((one) => one !== null)
  return fault ? bad('state', `${fault.detail} (${fault.fault})`) : ok(state)
}
