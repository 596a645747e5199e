/**
 * Conditions of the world that last. The owner raises one and clears the same one, by code and
 * source; it is shown to people until it is cleared. Never renamed once shipped: the codes stand in journals.
 */
export const faultCodes = [
  'reader.disconnected',
  'reader.noisyLine',
  'reader.flooding',
  'reader.silent',
  'readerBus.refusedClient',
  'barrier.disconnected',
  'barrier.failedToRaise',
  'barrier.blocked',
  'barrier.unexpectedlyRaised',
  'barrier.unknownOutcome',
  'barrier.signalsSlow',
  'sprayer.failed',
  'plc.watchdog',
  'plc.restarted',
  'loop.stuck',
  'loop.unknown',
  'lane.mailboxFull',
  'lane.tooManyTags',
  'lane.findingsLate',
  'lane.previousNotClosed',
  'lane.violation',
  'lane.manualOften',
  'lane.emergencyOpen',
  'plc.onBattery',
  'controlList.missing',
  'controlList.stale',
  'controlList.refused',
  'controlList.corrupt',
  'controlList.malformed',
  'controlList.foreignSite',
  'controlList.badSignature',
  'controlList.trustExpired',
  'controlList.frozen',
  'controlList.mixed',
  'controlList.rollback',
  'controlList.fastForward',
  'controlList.holdVanished',
  'controlList.trustNotKept',
  'controlList.noRoot',
  'controlList.rootDiffers',
  'controlList.unsigned',
  'controlList.notResynced',
  'journal.notWritable',
  'journal.diskNearlyFull',
  'journal.corrupt',
  'clock.untrusted',
  'uplink.disconnected',
  'uplink.refused',
  'identity.missing',
  'identity.refused',
  'identity.revoked',
  'identity.expiring',
  'identity.expired',
  'identity.clock',
  'outbox.backlog',
  'outbox.gap',
  'gateway.storeNotWritable',
  'gateway.edgeIdContested',
  'gateway.edgeRevoked',
  'gateway.eventQuarantined',
  'gateway.chainBroken',
  'gateway.listRefused',
  'gateway.listsNotSigned',
  'gateway.listsUnsigned',
  'gateway.signersEnding',
  'gateway.liftNotProven',
  'gateway.ackBeyondStore',
] as const

export type FaultCode = (typeof faultCodes)[number]

export interface FaultChange {
  readonly is: 'raised' | 'cleared'
  readonly code: FaultCode
  /** Who has it: a lane, reader, barrier or list id. */
  readonly source: string
  /** For people who mend it; English, no secrets. */
  readonly detail?: string
}
