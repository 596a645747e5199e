import type { FaultCode } from '../../base/fault.js'

/**
 * Why a trust record was refused, and the fault that people see. The reasons are told apart because each calls for
 * something else: a rollback for a look at the gateway, an end that passed for a signature, a wrong key for an alarm.
 */
export const trustFaults = {
  tooLarge: 'controlList.malformed',
  malformed: 'controlList.malformed',
  foreignSite: 'controlList.foreignSite',
  badSignature: 'controlList.badSignature',
  wrongKey: 'controlList.badSignature',
  revokedKey: 'controlList.badSignature',
  tooFewSignatures: 'controlList.badSignature',
  rootGap: 'controlList.trustExpired',
  rootExpired: 'controlList.trustExpired',
  delegationExpired: 'controlList.trustExpired',
  snapshotExpired: 'controlList.frozen',
  timestampExpired: 'controlList.frozen',
  sameVersionOtherContent: 'controlList.mixed',
  snapshotNotNamed: 'controlList.mixed',
  delegationRollback: 'controlList.rollback',
  timestampRollback: 'controlList.rollback',
  snapshotRollback: 'controlList.rollback',
  listRollback: 'controlList.rollback',
  signedTimeBack: 'controlList.rollback',
  listVanished: 'controlList.rollback',
  listMissing: 'controlList.mixed',
  versionTooFar: 'controlList.fastForward',
  signedTimeTooFar: 'controlList.fastForward',
  listHoldVanished: 'controlList.holdVanished',
  listHoldWeakened: 'controlList.holdVanished',
  liftNotProven: 'controlList.holdVanished',
} as const satisfies Record<string, FaultCode>

export type TrustReason = keyof typeof trustFaults

export interface TrustRefusal {
  readonly reason: TrustReason
  /** Which record: `root`, `delegation`, `timestamp`, `snapshot`, `message`, or a list. */
  readonly about: string
  /** For people who mend it; English, no secrets. */
  readonly detail: string
}

export function refusal(reason: TrustReason, about: string, detail: string): TrustRefusal {
  return { reason, about, detail }
}

/** The fault of a refusal. */
export function faultOfRefusal({ reason }: TrustRefusal): FaultCode {
  return trustFaults[reason]
}

/** Every fault that a refusal may raise, each once: all of them clear when a message is taken whole. */
export const trustFaultCodes: readonly FaultCode[] = [...new Set(Object.values(trustFaults))]
