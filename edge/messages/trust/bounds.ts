/** Lists whose entries hold vehicles: nothing leaves them without a proof. */
export const controlListNames = ['orders', 'blacklist'] as const

/** Bounds of everything that is read before it is believed. */
export const trustBounds = {
  /** Bytes of one record as it is kept or sent. */
  recordMaxBytes: 64 * 1024,
  /** Bytes of the retained message; below what the broker carries. */
  messageMaxBytes: 192 * 1024,
  signaturesMax: 16,
  keysMax: 128,
  listsMax: 64,
  /** Roots that travel with the message; a chain that is longer is fetched by HTTP. */
  rootsPerMessage: 8,
  /** Roots in one answer by HTTP; a longer chain takes several. */
  rootsPerAnswer: 64,
  /** Answers that are asked for at one message: more links than anybody signs. */
  rootAnswersMax: 16,
  /** Key ids that are remembered as revoked; the oldest are forgotten first. */
  revokedMax: 256,
  /**
   * Largest step of the versions of snapshot and timestamp. They follow the milliseconds of the gateway's clock, so
   * this is how long an edge may have been away: a little over three years.
   */
  versionStepMax: 100_000_000_000,
  /** Largest step of a list's version: several changes a second for a month and more. */
  listVersionStepMax: 10_000_000,
  /** Largest step of the delegation's version, which is signed by hand. */
  delegationStepMax: 1_000,
} as const
