import type { FaultCode } from '../../base/fault.js'

/** One attack or damage that is tried on the lists of an edge, and what the edge has to do: its test asserts just that. */
export interface AttackRow {
  readonly attack: string
  /** What the edge says of it, in a fault, an answer to the gateway or its log; empty: nothing, it is ignored. */
  readonly says: string
  readonly fault: FaultCode | null
}

const row = (attack: string, says: string, fault: FaultCode | null = null): AttackRow => ({
  attack,
  says,
  fault,
})

/** Signed records that are false, old or not for us; sent as the gateway sends them. */
export const proofAttacks = {
  replayedProof: row('rollback: an older proof is played again', 'timestampRollback', 'controlList.rollback'),
  oldSnapshot: row(
    'rollback: a new timestamp over an older snapshot',
    'snapshotRollback',
    'controlList.rollback',
  ),
  oldList: row(
    'rollback: a new snapshot names an older version of the orders',
    'listRollback',
    'controlList.rollback',
  ),
  timeBack: row(
    'rollback: a timestamp signed earlier than the last one',
    'signedTimeBack',
    'controlList.rollback',
  ),
  oldDelegation: row(
    'rollback: the delegation before this one comes back',
    'delegationRollback',
    'controlList.rollback',
  ),
  vanished: row(
    'rollback: a list that was named is not named any more',
    'listVanished',
    'controlList.rollback',
  ),
  otherTimestamp: row(
    'mix-and-match: another timestamp under a version that was seen',
    'sameVersionOtherContent',
    'controlList.mixed',
  ),
  otherSnapshot: row(
    'mix-and-match: another snapshot under a version that was seen',
    'sameVersionOtherContent',
    'controlList.mixed',
  ),
  otherList: row(
    'mix-and-match: another content of the orders under their version',
    'sameVersionOtherContent',
    'controlList.mixed',
  ),
  mixedHours: row(
    'mix-and-match: the snapshot of another hour under this timestamp',
    'snapshotNotNamed',
    'controlList.mixed',
  ),
  frozen: row(
    'freeze: the same proof again and again, beyond its end',
    'timestampExpired',
    'controlList.frozen',
  ),
  snapshotEnded: row(
    'expired: a fresh timestamp over a snapshot that has ended',
    'snapshotExpired',
    'controlList.frozen',
  ),
  delegationEnded: row(
    'expired: a delegation that has ended',
    'delegationExpired',
    'controlList.trustExpired',
  ),
  fastForward: row(
    'fast-forward: the version of the timestamp leaps',
    'versionTooFar',
    'controlList.fastForward',
  ),
  fastForwardList: row(
    'fast-forward: the version of the orders leaps',
    'versionTooFar',
    'controlList.fastForward',
  ),
  futureTime: row('fast-forward: a timestamp of next year', 'signedTimeTooFar', 'controlList.fastForward'),
  foreignSite: row('foreign site: a good proof of another port', 'foreignSite', 'controlList.foreignSite'),
  stranger: row('wrong key: a stranger signs the timestamp', 'wrongKey', 'controlList.badSignature'),
  otherRole: row('wrong key: the snapshot key signs the timestamp', 'wrongKey', 'controlList.badSignature'),
  strangerSnapshot: row('wrong key: a stranger signs the snapshot', 'wrongKey', 'controlList.badSignature'),
  noHoldKey: row(
    'wrong key: orders without the hold key, everything else rightly signed',
    'wrongKey',
    'controlList.badSignature',
  ),
  forgedSignature: row(
    "forged: a key's name over somebody else's signature",
    'badSignature',
    'controlList.badSignature',
  ),
  revoked: row(
    'revoked key: a stolen timestamp key that was replaced signs on',
    'revokedKey',
    'controlList.badSignature',
  ),
  rootOfOne: row('root: the next root signed by one of two', 'tooFewSignatures', 'controlList.badSignature'),
  truncatedProof: row('truncation: a proof that was cut', 'malformed', 'controlList.malformed'),
  endlessProof: row('endless data: a proof longer than allowed', 'tooLarge', 'controlList.malformed'),
  deepProof: row(
    'deep JSON: brackets nested a hundred thousand deep in a proof',
    'malformed',
    'controlList.malformed',
  ),
  extraMember: row('smuggling: a member that no schema knows', 'malformed', 'controlList.malformed'),
} as const

/** A rightly signed version whose content does not arrive as it was signed. */
export const transferAttacks = {
  standsStill: row('slow retrieval: the download stands still', 'broke off after', 'controlList.refused'),
  trickles: row('slow retrieval: a byte now and then', 'broke off after', 'controlList.refused'),
  endlessEntries: row('endless data: entries without end', 'listTooLong', 'controlList.refused'),
  padded: row(
    'endless data: the right entries with blanks in between, longer than named',
    'listLongerThanNamed',
    'controlList.refused',
  ),
  endlessLine: row('huge line: an entry without end', 'a line of', 'controlList.refused'),
  bomb: row('compression bomb: 64 MB of blanks in 64 kB', 'a line of', 'controlList.refused'),
  cut: row('truncation: the connection breaks in the middle', 'listIncomplete', 'controlList.refused'),
  tooShort: row(
    'truncation: fewer entries than announced, and a clean end',
    'listCountMismatch',
    'controlList.refused',
  ),
  altered: row('forged: an entry that says something else', 'listHashMismatch', 'controlList.refused'),
  keyTwice: row('duplicate key: an entry twice', 'listDuplicateKey', 'controlList.refused'),
  wrongKind: row('wrong kind: a tag among the orders', 'listWrongKind', 'controlList.refused'),
  otherHead: row('head of another list', 'sent the list tags for orders'),
  otherVersion: row(
    'mix-and-match: the head of a version that was not proven',
    'listNotNamed',
    'controlList.refused',
  ),
  deepEntry: row('deep JSON: an entry of nothing but brackets', 'listIncomplete', 'controlList.refused'),
  extraField: row(
    'smuggling: an entry with a field that no schema knows',
    'listIncomplete',
    'controlList.refused',
  ),
  noJson: row('malformed: an entry that is no JSON', 'listIncomplete', 'controlList.refused'),
  elsewhere: row('redirect to another server', 'status 302'),
  forbidden: row('the gateway answers 401', 'status 401'),
} as const

/** Changes that are false, late or out of turn. */
export const deltaAttacks = {
  replayedDelta: row('replayed delta: one that is in force already', ''),
  otherBase: row('delta on another base of the same version', 'listBaseMismatch'),
  wrongOrder: row('deltas in the wrong order: the second one first', 'listBaseMismatch'),
  forgedDelta: row('forged delta under a proven head', 'listHashMismatch'),
  keyTwiceDelta: row('duplicate key: a delta that changes and deletes one entry', 'listDuplicateKey'),
  otherHeadDelta: row('delta with the head of another list', 'listNotNamed', 'controlList.refused'),
  endlessDelta: row('endless data: a delta longer than allowed', 'more than'),
} as const

/** Versions that are signed by every online key, as by whoever has broken into the gateway. */
export const holdAttacks = {
  holdGone: row(
    'an order is removed, signed by all keys of the gateway',
    'listHoldVanished',
    'controlList.holdVanished',
  ),
  holdWeaker: row(
    'an order is weakened from INTERCEPT to NOTIFY',
    'listHoldWeakened',
    'controlList.holdVanished',
  ),
  holdMoved: row('an order is bent to another tag', 'listHoldWeakened', 'controlList.holdVanished'),
  liftOfOne: row('an order is lifted by one person', 'liftNotProven', 'controlList.holdVanished'),
  liftTwice: row(
    'an order is lifted by one person with two keys',
    'liftNotProven',
    'controlList.holdVanished',
  ),
  liftElsewhere: row(
    'a lift of another order is put on this one',
    'liftNotProven',
    'controlList.holdVanished',
  ),
  liftByGateway: row('an order is lifted with the online keys', 'liftNotProven', 'controlList.holdVanished'),
} as const

/** The file of the lists, with the edge switched off. */
export const diskAttacks = {
  olderCopy: row(
    'rollback: an older lists.db is put back; what was proven stands outside it',
    'listBehindProof',
    'controlList.stale',
  ),
  otherEdge: row(
    'foreign: the lists.db of another edge, with higher versions',
    'moved aside',
    'controlList.corrupt',
  ),
  otherSite: row(
    'foreign: the lists.db of an edge of the same name at another site',
    'moved aside',
    'controlList.corrupt',
  ),
  emptied: row('damage: lists.db is emptied', 'no complete version', 'controlList.missing'),
  gone: row('damage: lists.db is deleted', 'no complete version', 'controlList.missing'),
  walGone: row('damage: the log beside lists.db is deleted before it was written back', '', null),
  bodyFlipped: row('damage: one bit of an order is flipped', 'is corrupt', 'controlList.corrupt'),
  nameFlipped: row('damage: one bit of a plate in the index is flipped', 'is corrupt', 'controlList.corrupt'),
  headFlipped: row('damage: one bit of a version is flipped', 'is corrupt', 'controlList.corrupt'),
} as const

const groups: readonly (readonly [title: string, rows: Readonly<Record<string, AttackRow>>])[] = [
  ['Signed records, through the broker', proofAttacks],
  ['Contents of a proven version, over HTTP', transferAttacks],
  ['Deltas, pushed and fetched', deltaAttacks],
  ['Holds, by whoever owns the gateway', holdAttacks],
  ['The file of the lists, with the edge switched off', diskAttacks],
]

/** The table that people read; a test compares it with what lies in the folder. */
export function attackTable(): string {
  const lines = groups.flatMap(([title, rows]) => [
    `## ${title}`,
    '',
    '| test | attack or damage | what the edge says | fault |',
    '|---|---|---|---|',
    ...Object.entries(rows).map(
      ([id, { attack, says, fault }]) =>
        `| \`${id}\` | ${attack} | ${says || 'nothing: ignored'} | ${fault ?? ''} |`,
    ),
    '',
  ])
  return `${head}\n${lines.join('\n')}`
}

const head = `# Attacks and damages tried on lists

Made by \`UPDATE=1 npx tap edge/uplink/attack-table.test.ts\` from \`testing/attack-rows.ts\`; each row is a test of its own name in
\`attack-*.test.ts\`: a real store and uplink before a malicious gateway on loopback. Each asserts what the row says, that the version
in force and its orders in memory stayed as they were, and that the next honest version mends it. Where no fault is
named the edge logs it and tries again by itself. Files: after the start each answer is the right one or not known, and the
same honest version is fetched again; 200 flipped bits anywhere in the file are edge/store/list-damage.test.ts, damages of
the trust copies list-trust.test.ts; power cuts and kills are npm run torture -- --lists.
`
