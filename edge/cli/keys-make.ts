import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { LanekeeperError } from '../base/error.js'
import { describeProblems } from '../base/result.js'
import { keyIdOfLine } from '../base/signature.js'
import { trustBounds } from '../messages/trust/bounds.js'
import { judgeDelegation, judgeRoot } from '../messages/trust/judge.js'
import { parseRecord } from '../messages/trust/parse.js'
import {
  signedDelegationSchema,
  signedRootSchema,
  type Delegation,
  type OnlineRole,
  type Root,
  type Signed,
} from '../messages/trust/records.js'
import { signRecord } from '../messages/trust/signatures.js'
import { firstTrust, type TrustState } from '../messages/trust/state.js'
import {
  delegationIn,
  keysIn,
  lineOf,
  makeFolders,
  newKey,
  onlineRoles,
  readKey,
  rootsIn,
  shortId,
  textOf,
  writeNew,
  writeRecord,
  type KeyFile,
} from './keys-files.js'
import { sealKey } from './keys-seal.js'
import { sealedKeySchema, type SealedKey } from '../base/sealed-key.js'

export const dayMs = 86_400_000

export interface KeysAsked {
  readonly dir: string
  /** Folders beside `offline/` where root and delegation keys lie: those of other people, or on other media. */
  readonly offline: readonly string[]
  readonly days: number
  /** UTC ms. */
  readonly nowMs: number
}

export interface InitAsked extends KeysAsked {
  readonly site: string
  readonly rootKeys: number
  readonly rootThreshold: number
  readonly rootDays: number
}

/** Makes the keys of a site and its first two records. Returns the files. Throws where there already are some. */
export function initKeys(asked: InitAsked): readonly string[] {
  const { dir, site, nowMs } = asked
  if (rootsIn(dir).length > 0)
    throw new LanekeeperError(
      'keys.exist',
      `${dir} holds the keys of a site: rotate them, or take another folder`,
    )
  const offline = path.join(dir, 'offline')
  const roots = Array.from({ length: asked.rootKeys }, () => newKey(offline, 'root', true))
  const delegation = newKey(offline, 'delegation', true)
  const online = onlineRoles.map((role) => newKey(path.join(dir, 'online'), role, false))
  const root: Root = {
    type: 'root',
    site,
    version: 1,
    issuedAt: nowMs,
    expiresAt: nowMs + asked.rootDays * dayMs,
    keys: keysOf([...roots, delegation]),
    roles: {
      root: { keyIds: roots.map((key) => key.keyId), threshold: asked.rootThreshold },
      delegation: { keyIds: [delegation.keyId], threshold: 1 },
    },
  }
  const record = signRecord(root, roots)
  demandForm(record)
  begunWith(record)
  makeFolders(dir)
  const made = [...roots, delegation, ...online]
  for (const key of made) key.save()
  return [...made.map(({ file }) => file), writeRecord(dir, record), delegate(asked)]
}

/** The next delegation: the online keys as they lie in `online/`, and every person in `persons/`. */
export function delegate(asked: KeysAsked): string {
  return writeRecord(asked.dir, nextDelegation(asked, trustIn(asked.dir)))
}

/** What the next delegation is to have otherwise than the folder. */
export interface DelegationChange {
  readonly online?: Partial<Record<OnlineRole, KeyFile>>
  /** A person who is in it no more. */
  readonly without?: string
  /** A key that is in no file yet. */
  readonly signer?: KeyFile
}

/** Signed, and judged under that state; not written. Throws where an edge would refuse it. */
export function nextDelegation(
  asked: KeysAsked,
  state: TrustState,
  change: DelegationChange = {},
): Signed<Delegation> {
  const { dir, nowMs } = asked
  const root = state.root.signed
  const keys = Object.fromEntries(
    onlineRoles.map((role) => [
      role,
      change.online?.[role] ?? readKey(path.join(dir, 'online', `${role}.key`)),
    ]),
  ) as Record<OnlineRole, KeyFile>
  const liftKeys = personsIn(dir)
    .filter(({ person }) => person !== change.without)
    .map(({ person, publicKey }) => ({ person, publicKey, keyId: keyIdOfLine(publicKey) }))
  const role = ({ keyId }: KeyFile) => ({ keyIds: [keyId], threshold: 1 })
  const record: Delegation = {
    type: 'delegation',
    site: root.site,
    version: (delegationIn(dir)?.signed.version ?? 0) + 1,
    issuedAt: nowMs,
    expiresAt: Math.min(nowMs + asked.days * dayMs, root.expiresAt),
    keys: {
      ...keysOf(Object.values(keys)),
      ...Object.fromEntries(liftKeys.map(({ person, publicKey, keyId }) => [keyId, { publicKey, person }])),
    },
    roles: {
      snapshot: role(keys.snapshot),
      timestamp: role(keys.timestamp),
      hold: role(keys.hold),
      lift: { keyIds: liftKeys.map(({ keyId }) => keyId), threshold: 2 },
    },
  }
  const atHand = [...offlineKeys(asked), ...(change.signer ? [change.signer] : [])]
  const signed = signRecord(record, signersAmong(atHand, root.roles.delegation, 'delegation'))
  checked(state, signed)
  return signed
}

/** Makes a person's key and seals it; asked for the passphrase only where there is no key of that name yet. */
export function makePersonKey(dir: string, person: string, passphrase: () => string): string {
  const folder = path.join(dir, 'persons')
  const file = path.join(folder, `${person}.json`)
  if (existsSync(file))
    throw new LanekeeperError('keys.exist', `${file} is there: revoke ${person} first, then make a new key`)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const { privateKey } = generateKeyPairSync('ed25519')
  const sealed = sealKey(person, lineOf(createPublicKey(privateKey)), privateKey, passphrase())
  writeNew(file, `${JSON.stringify(sealed, null, 2)}\n`, 0o600)
  return file
}

export function personsIn(dir: string): readonly SealedKey[] {
  const folder = path.join(dir, 'persons')
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : []
  return names.sort().map((name) => readSealed(path.join(folder, name)))
}

export function readSealed(file: string): SealedKey {
  const parsed = parseRecord(sealedKeySchema, readFileSync(file), 8_192)
  if (parsed.ok) return parsed.value
  throw new LanekeeperError('keys.badSealedKey', `${file}: ${parsed.refusal.detail}; take it from a backup`)
}

/** What an edge that was given the first root would believe of the records here. Throws at the first that does not hold. */
export function trustIn(dir: string): TrustState {
  const [first, ...later] = rootsIn(dir)
  if (!first)
    throw new LanekeeperError(
      'keys.none',
      `${dir} holds no root record: make one with \`lanekeeper keys init\``,
    )
  let state = begunWith(first)
  for (const root of later) state = checked(state, root)
  return state
}

/** Judged as an edge judges it. Throws when it does not hold. */
export function checked(state: TrustState, record: Made): TrustState {
  demandForm(record)
  const { signed, signatures } = record
  const step =
    signed.type === 'root'
      ? judgeRoot(state, { signed, signatures })
      : judgeDelegation(state, { signed, signatures }, signed.issuedAt)
  if (step.ok) return step.state
  const { reason, detail } = step.refusal
  throw new LanekeeperError(
    'keys.badRecord',
    `${signed.type} ${signed.version} does not hold: ${detail} (${reason}); nothing was written`,
  )
}

type Made = Signed<Root | Delegation>

/** A record that no edge could read would block every later one. */
function demandForm(record: Made): void {
  const schema = record.signed.type === 'root' ? signedRootSchema : signedDelegationSchema
  const parsed = parseRecord<unknown>(schema, textOf(record), trustBounds.recordMaxBytes)
  if (parsed.ok) return
  const { type, version } = record.signed
  throw new LanekeeperError(
    'keys.badRecord',
    `${type} ${version} would be refused: ${parsed.refusal.detail}; nothing was written`,
  )
}

function begunWith(record: Made): TrustState {
  const begun = firstTrust(JSON.stringify(record), record.signed.site, 0)
  if (begun.ok) return begun.value
  throw new LanekeeperError('keys.badRecord', describeProblems(begun.problems))
}

/** Keys of root and delegation that were brought, wherever they lie. Throws for a folder that is not there. */
export function offlineKeys({ dir, offline }: KeysAsked): readonly KeyFile[] {
  const missing = offline.find((folder) => !existsSync(folder))
  if (missing !== undefined)
    throw new LanekeeperError('keys.noFolder', `${missing} is not there: is the medium in?`)
  return keysIn([path.join(dir, 'offline'), ...offline])
}

/** Those of the role. Throws where they are too few, and names the files that are wanted. */
export function signersAmong(
  atHand: readonly KeyFile[],
  { keyIds, threshold }: Root['roles']['root'],
  role: 'root' | 'delegation',
): readonly KeyFile[] {
  const found = atHand.filter(({ keyId }) => keyIds.includes(keyId))
  const held = new Set(found.map(({ keyId }) => keyId))
  if (held.size >= threshold) return found
  const wanted = keyIds.filter((keyId) => !held.has(keyId)).map((keyId) => `${role}-${shortId(keyId)}.key`)
  throw new LanekeeperError(
    'keys.notEnough',
    `${held.size} of ${threshold} ${role} keys are at hand: give the folder of ${wanted.join(' or ')} with --offline; nothing was written`,
  )
}

export function keysOf(keys: readonly KeyFile[]): Root['keys'] {
  return Object.fromEntries(keys.map(({ keyId, publicKey }) => [keyId, { publicKey }]))
}
