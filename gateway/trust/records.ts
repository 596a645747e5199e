import type { ListHead } from '../../edge/messages/down.js'
import { controlListNames, trustBounds } from '../../edge/messages/trust/bounds.js'
import { holdVersion } from '../../edge/messages/trust/judge.js'
import type { Listed, Snapshot, TrustMessage } from '../../edge/messages/trust/records.js'
import { recordHash, signRecord, signaturesOver } from '../../edge/messages/trust/signatures.js'
import type { Authority } from './authority.js'
import type { TrustConfig } from './config.js'

/** The highest that was signed; kept before anything of it goes out. */
export interface Signed {
  readonly snapshotVersion: number
  readonly timestampVersion: number
  /** UTC ms. */
  readonly signedTime: number
}

export const nothingSigned: Signed = { snapshotVersion: 0, timestampVersion: 0, signedTime: 0 }

/**
 * Versions follow the milliseconds of the clock and never go back: a gateway whose count was lost, or that was restored
 * from a backup, goes on above what edges have seen. Nobody signs a thousand a second, so that the clock stays ahead.
 */
function nextVersion(last: number, nowMs: number): number {
  return Math.max(last + 1, Math.floor(nowMs))
}

/** Whether the lists are other ones than this snapshot names, or it is signed by nobody of now, or half of it is over. */
export function needsSnapshot(
  snapshot: TrustMessage['snapshot'] | null,
  heads: readonly ListHead[],
  authority: Authority,
  config: TrustConfig,
  nowMs: number,
): boolean {
  if (!snapshot) return true
  const { lists, expiresAt } = snapshot.signed
  const signers = [
    ...snapshot.signatures,
    ...controlListNames.flatMap((list) => lists[list]?.hold ?? []),
  ].map(({ keyId }) => keyId)
  const { signers: now } = authority
  const isOurs = signers.every((keyId) => keyId === now.snapshot.keyId || keyId === now.hold.keyId)
  const isSame =
    Object.keys(lists).length === heads.length &&
    heads.every(({ list, version, contentHash, count }) => {
      const listed = lists[list]
      return listed?.version === version && listed.contentHash === contentHash && listed.count === count
    })
  return !isOurs || !isSame || expiresAt - nowMs < config.snapshotForMs / 2
}

export function makeSnapshot(
  authority: Authority,
  heads: readonly ListHead[],
  last: Signed,
  config: TrustConfig,
  nowMs: number,
): TrustMessage['snapshot'] {
  const { site, signers, endsAt } = authority
  const listed = ({ list, version, count, contentHash, bytes }: ListHead): Listed => {
    const bare = { version, count, contentHash, ...(bytes !== undefined && { bytes }) }
    if (!controlListNames.some((name) => name === list)) return bare
    return { ...bare, hold: signaturesOver(holdVersion(site, list, bare), [signers.hold]) }
  }
  const signed: Snapshot = {
    type: 'snapshot',
    site,
    version: nextVersion(last.snapshotVersion, nowMs),
    issuedAt: nowMs,
    expiresAt: Math.min(nowMs + config.snapshotForMs, endsAt),
    lists: Object.fromEntries(heads.map((head) => [head.list, listed(head)])),
  }
  return signRecord(signed, [signers.snapshot])
}

/** The message of now: it proves that this snapshot is the newest. */
export function makeMessage(
  authority: Authority,
  snapshot: TrustMessage['snapshot'],
  last: Signed,
  config: TrustConfig,
  nowMs: number,
): TrustMessage {
  const { site, delegation, roots, signers, endsAt } = authority
  // An edge refuses time that goes back, and time before its delegation: a clock that was corrected must not stop the lists.
  const signedTime = Math.max(nowMs, last.signedTime, delegation.signed.issuedAt)
  const timestamp = signRecord(
    {
      type: 'timestamp' as const,
      site,
      version: nextVersion(last.timestampVersion, nowMs),
      signedTime,
      expiresAt: Math.min(signedTime + config.timestampForMs, endsAt),
      snapshot: { version: snapshot.signed.version, hash: recordHash(snapshot) },
    },
    [signers.timestamp],
  )
  return { v: 1, roots: roots.slice(-trustBounds.rootsPerMessage), delegation, timestamp, snapshot }
}
