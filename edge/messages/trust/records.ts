import { z } from 'zod'
import { keyIdOfLine, publicKeyLine } from '../../base/signature.js'
import { idSchema } from '../envelope.js'
import { controlListNames, trustBounds } from './bounds.js'
import { hashSchema as hash, keyIdSchema, liftReasons, signatureSchema, timeSchema as time } from './lift.js'

export { keyIdSchema, liftReasons, liftSchema, type Lift, type RecordSignature } from './lift.js'

/**
 * Records that say which lists are to be believed (reliability.md 5.2): who may sign what (root, delegation), which
 * versions belong together (snapshot), and that this was so a moment ago (timestamp). README.md says why each exists.
 */
const whole = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER)

const signatures = z.array(signatureSchema).min(1).max(trustBounds.signaturesMax)

/** A record with who answers for it: Ed25519 over the canonical JSON of `signed`. */
export interface Signed<T> {
  readonly signed: T
  readonly signatures: z.infer<typeof signatureSchema>[]
}

const keySchema = z.strictObject({ publicKey: z.string().regex(publicKeyLine) })
const keysSchema = z.record(keyIdSchema, keySchema)

const roleSchema = z.strictObject({
  keyIds: z.array(keyIdSchema).min(1).max(trustBounds.signaturesMax),
  /** So many different keys must have signed. */
  threshold: z.number().int().min(1).max(trustBounds.signaturesMax),
})
export type TrustRole = z.infer<typeof roleSchema>

/** A person who may lift holds; without any, nobody can. */
const liftRoleSchema = z.strictObject({
  keyIds: z.array(keyIdSchema).max(trustBounds.keysMax),
  threshold: z.literal(2),
})

const head = { site: idSchema, version: whole, issuedAt: time, expiresAt: time }

export const rootSchema = z
  .strictObject({
    type: z.literal('root'),
    ...head,
    keys: keysSchema,
    roles: z.strictObject({ root: roleSchema, delegation: roleSchema }),
  })
  .superRefine((record, context) => {
    for (const problem of keyProblems(record)) context.addIssue({ code: 'custom', ...problem })
  })
export type Root = z.infer<typeof rootSchema>

export const delegationSchema = z
  .strictObject({
    type: z.literal('delegation'),
    ...head,
    keys: z.record(keyIdSchema, keySchema.extend({ person: idSchema.optional() })),
    roles: z.strictObject({
      snapshot: roleSchema,
      timestamp: roleSchema,
      hold: roleSchema,
      lift: liftRoleSchema,
    }),
  })
  .superRefine((record, context) => {
    for (const problem of [...keyProblems(record), ...personProblems(record)])
      context.addIssue({ code: 'custom', ...problem })
  })
export type Delegation = z.infer<typeof delegationSchema>
export type OnlineRole = 'snapshot' | 'timestamp' | 'hold'

/** One list in a snapshot. */
export const listedSchema = z.strictObject({
  version: whole,
  count: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  contentHash: hash,
  /** As in the head (`ListHead.bytes`): a body that is longer is refused; absent: bounded by the download's own limit. */
  bytes: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  /** Orders and blacklist: the hold key over the {@link HoldVersion} of this very version. */
  hold: signatures.optional(),
})
export type Listed = z.infer<typeof listedSchema>

export const snapshotSchema = z
  .strictObject({
    type: z.literal('snapshot'),
    ...head,
    lists: z.record(z.string().regex(/^[a-z][A-Za-z0-9]{0,31}$/), listedSchema),
  })
  .refine((record) => Object.keys(record.lists).length <= trustBounds.listsMax, {
    path: ['lists'],
    error: `more than ${trustBounds.listsMax} lists`,
  })
export type Snapshot = z.infer<typeof snapshotSchema>

export const timestampSchema = z.strictObject({
  type: z.literal('timestamp'),
  site: idSchema,
  version: whole,
  /** The gateway's clock; the edge's own never counts as earlier (floor of time). */
  signedTime: time,
  expiresAt: time,
  /** Which snapshot is the newest: its version, and SHA-256 over the canonical JSON of its `signed`. */
  snapshot: z.strictObject({ version: whole, hash }),
})
export type Timestamp = z.infer<typeof timestampSchema>

/** What the hold key signs: that this version of a list of holds was made by who may add holds. */
export interface HoldVersion {
  readonly type: 'holdVersion'
  readonly site: string
  readonly list: string
  readonly version: number
  readonly count: number
  readonly contentHash: string
}

/** What two persons sign to lift one hold. `entryHash` is over the entry as it stood, without its lift. */
export const liftStatementSchema = z.strictObject({
  type: z.literal('lift'),
  site: idSchema,
  list: z.enum(controlListNames),
  key: z.string().min(1).max(128),
  entryHash: hash,
  reason: z.enum(liftReasons),
  at: time,
})
export type LiftStatement = z.infer<typeof liftStatementSchema>

export const signedRootSchema = z.strictObject({ signed: rootSchema, signatures })
export const signedDelegationSchema = z.strictObject({ signed: delegationSchema, signatures })
export const signedSnapshotSchema = z.strictObject({ signed: snapshotSchema, signatures })
export const signedTimestampSchema = z.strictObject({ signed: timestampSchema, signatures })

/** Roots by HTTP, for who was away for more of them than the message carries. */
export const rootsAnswerSchema = z.array(signedRootSchema).max(trustBounds.rootsPerAnswer)

/** Retained `lists/trust`: everything that an edge needs to believe the lists of its site. */
export const trustMessageSchema = z.strictObject({
  v: z.literal(1),
  /** Root records after the first, the newest ones; what is older comes by HTTP. */
  roots: z.array(signedRootSchema).max(trustBounds.rootsPerMessage),
  delegation: signedDelegationSchema,
  timestamp: signedTimestampSchema,
  snapshot: signedSnapshotSchema,
})
export type TrustMessage = z.infer<typeof trustMessageSchema>

interface RecordProblem {
  readonly path: string[]
  readonly message: string
}

/** Every key is what its name says, every role's key is there, and no key serves two roles. */
function keyProblems(record: {
  readonly keys: Readonly<Record<string, { readonly publicKey: string }>>
  readonly roles: Readonly<
    Record<string, { readonly keyIds: readonly string[]; readonly threshold: number } | undefined>
  >
  readonly issuedAt: number
  readonly expiresAt: number
}): RecordProblem[] {
  const problems: RecordProblem[] = []
  const keys = Object.entries(record.keys)
  if (keys.length > trustBounds.keysMax)
    problems.push({ path: ['keys'], message: `more than ${trustBounds.keysMax} keys` })
  for (const [keyId, { publicKey }] of keys.slice(0, trustBounds.keysMax))
    if (keyIdOfLine(publicKey) !== keyId)
      problems.push({ path: ['keys', keyId], message: 'the key has another id' })
  const usedBy = new Map<string, string>()
  for (const [role, said] of Object.entries(record.roles)) {
    if (!said) continue
    for (const keyId of said.keyIds) {
      const other = usedBy.get(keyId)
      if (other !== undefined)
        problems.push({ path: ['roles', role], message: `key ${keyId} serves ${other} already` })
      if (!Object.hasOwn(record.keys, keyId))
        problems.push({ path: ['roles', role], message: `key ${keyId} is not among the keys` })
      usedBy.set(keyId, role)
    }
    if (role !== 'lift' && said.threshold > said.keyIds.length)
      problems.push({ path: ['roles', role], message: 'the threshold is above the number of keys' })
  }
  if (record.expiresAt <= record.issuedAt)
    problems.push({ path: ['expiresAt'], message: 'it ends before it begins' })
  return problems
}

function personProblems({ keys, roles }: Pick<Delegation, 'keys' | 'roles'>): RecordProblem[] {
  return roles.lift.keyIds
    .filter((keyId) => keys[keyId]?.person === undefined)
    .map((keyId) => ({ path: ['keys', keyId], message: 'a key that lifts must name its person' }))
}
