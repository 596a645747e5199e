import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs'
import path from 'node:path'
import { LanekeeperError } from '../base/error.js'
import { describeProblems } from '../base/result.js'
import { keyIdOfLine } from '../base/signature.js'
import { judgeDelegation, judgeRoot } from '../messages/trust/judge.js'
import { parseRecord } from '../messages/trust/parse.js'
import type { Delegation, OnlineRole, Root, Signed } from '../messages/trust/records.js'
import { signRecord } from '../messages/trust/signatures.js'
import { firstTrust, type TrustState } from '../messages/trust/state.js'
import {
  delegationIn,
  keysIn,
  lineOf,
  makeFolders,
  makeKey,
  readKey,
  rootsIn,
  writeNew,
  writeRecord,
  type KeyFile,
} from './keys-files.js'
import { sealKey } from './keys-seal.js'
import { sealedKeySchema, type SealedKey } from '../base/sealed-key.js'

export const onlineRoles = ['snapshot', 'timestamp', 'hold'] as const satisfies OnlineRole[]
const dayMs = 86_400_000

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

/** Makes the keys of a site and its first two records. Throws where there already are some. */
export function initKeys(asked: InitAsked): readonly string[] {
  const { dir, site, nowMs } = asked
  if (rootsIn(dir).length > 0)
    throw new LanekeeperError(
      'keys.exist',
      `${dir} holds the keys of a site: rotate them, or take another folder`,
    )
  makeFolders(dir)
  const offline = path.join(dir, 'offline')
  const roots = Array.from({ length: asked.rootKeys }, () => makeKey(offline, 'root', true))
  const delegation = makeKey(offline, 'delegation', true)
  for (const role of onlineRoles) makeKey(path.join(dir, 'online'), role, false)
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
  return [writeChecked(asked, signRecord(root, roots)), delegate(asked)]
}

/** The next delegation: the online keys as they lie in `online/`, and every person in `persons/`. */
export function delegate(asked: KeysAsked, online: Partial<Record<OnlineRole, KeyFile>> = {}): string {
  const { dir, nowMs } = asked
  const { root } = trustIn(dir)
  const keys = Object.fromEntries(
    onlineRoles.map((role) => [role, online[role] ?? readKey(path.join(dir, 'online', `${role}.key`))]),
  ) as Record<OnlineRole, KeyFile>
  const persons = personsIn(dir)
  const liftKeys = persons.map(({ person, publicKey }) => ({
    person,
    publicKey,
    keyId: keyIdOfLine(publicKey),
  }))
  const role = ({ keyId }: KeyFile) => ({ keyIds: [keyId], threshold: 1 })
  const record: Delegation = {
    type: 'delegation',
    site: root.signed.site,
    version: (delegationIn(dir)?.signed.version ?? 0) + 1,
    issuedAt: nowMs,
    expiresAt: Math.min(nowMs + asked.days * dayMs, root.signed.expiresAt),
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
  const signers = signersFor(asked, root.signed.roles.delegation)
  return writeChecked(asked, signRecord(record, signers))
}

/** A new key for an online role, named in the next delegation before it takes the old one's place. */
export function rotateOnline(asked: KeysAsked, role: OnlineRole): string {
  const online = path.join(asked.dir, 'online')
  const old = readKey(path.join(online, `${role}.key`))
  const next = makeKey(online, `next-${role}`, true)
  const record = delegate(asked, { [role]: next })
  const retired = path.join(online, 'retired')
  mkdirSync(retired, { recursive: true, mode: 0o700 })
  renameSync(old.file, path.join(retired, path.basename(`${role}-${old.keyId.slice(0, 12)}.key`)))
  renameSync(next.file, path.join(online, `${role}.key`))
  return record
}

/**
 * The next root: without the key (by id, or the beginning of it), with a new one in its place if asked. Signed by
 * every key of the old and of the new root that is at hand.
 */
export function nextRoot(asked: KeysAsked, goes: string | undefined, replace: boolean): string {
  const { root } = trustIn(asked.dir)
  const { signed } = root
  const found = goes === undefined ? undefined : oneRootKey(signed, goes)
  const role = found?.role ?? 'root'
  const fresh = found && replace ? makeKey(path.join(asked.dir, 'offline'), role, true) : undefined
  const changed = (of: 'root' | 'delegation'): Root['roles']['root'] => {
    const stay = signed.roles[of].keyIds.filter((keyId) => keyId !== found?.keyId)
    return { ...signed.roles[of], keyIds: fresh && of === role ? [...stay, fresh.keyId] : stay }
  }
  const roles = { root: changed('root'), delegation: changed('delegation') }
  const named = [...roles.root.keyIds, ...roles.delegation.keyIds]
  const keys = { ...signed.keys, ...(fresh && keysOf([fresh])) }
  const record: Root = {
    ...signed,
    version: signed.version + 1,
    issuedAt: asked.nowMs,
    expiresAt: asked.nowMs + asked.days * dayMs,
    keys: Object.fromEntries(Object.entries(keys).filter(([keyId]) => named.includes(keyId))),
    roles,
  }
  const wanted = [...new Set([...signed.roles.root.keyIds, ...roles.root.keyIds])]
  const signers = offlineKeys(asked).filter(({ keyId }) => wanted.includes(keyId))
  return writeChecked(asked, signRecord(record, signers))
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

/** Takes a person out of the next delegation; the sealed key is kept apart. False: nobody of that name. */
export function revokePerson(asked: KeysAsked, person: string): string | null {
  const folder = path.join(asked.dir, 'persons')
  const file = path.join(folder, `${person}.json`)
  if (!/^[\w.-]{1,64}$/.test(person) || !existsSync(file)) return null
  mkdirSync(path.join(folder, 'revoked'), { recursive: true, mode: 0o700 })
  renameSync(file, path.join(folder, 'revoked', `${person}-${asked.nowMs}.json`))
  return delegate(asked)
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
  const begun = firstTrust(JSON.stringify(first), first.signed.site, 0)
  if (!begun.ok) throw new LanekeeperError('keys.badRecord', describeProblems(begun.problems))
  let state = begun.value
  for (const root of later) state = checked(state, root)
  return state
}

/** Judged as an edge judges it. Throws when it does not hold. */
function checked(state: TrustState, record: Made): TrustState {
  const { signed, signatures } = record
  const step =
    signed.type === 'root'
      ? judgeRoot(state, { signed, signatures })
      : judgeDelegation(state, { signed, signatures }, signed.issuedAt)
  if (step.ok) return step.state
  const { reason, detail } = step.refusal
  throw new LanekeeperError(
    'keys.notEnough',
    `${signed.type} ${signed.version} does not hold: ${detail} (${reason}); give the folders of the other keys with --offline`,
  )
}

/** Nothing is written that an edge would refuse. */
function writeChecked({ dir }: KeysAsked, record: Made): string {
  const first = rootsIn(dir).length === 0 && record.signed.type === 'root'
  if (first) {
    const begun = firstTrust(JSON.stringify(record), record.signed.site, 0)
    if (!begun.ok) throw new LanekeeperError('keys.badRecord', describeProblems(begun.problems))
  } else {
    checked(trustIn(dir), record)
  }
  return writeRecord(dir, record)
}

type Made = Signed<Root | Delegation>

function offlineKeys({ dir, offline }: KeysAsked): readonly KeyFile[] {
  return keysIn([path.join(dir, 'offline'), ...offline])
}

function signersFor(asked: KeysAsked, { keyIds, threshold }: Root['roles']['root']): readonly KeyFile[] {
  const found = offlineKeys(asked).filter(({ keyId }) => keyIds.includes(keyId))
  if (found.length >= threshold) return found
  throw new LanekeeperError(
    'keys.notEnough',
    `${found.length} of ${threshold} keys are at hand; give the folders where the others lie with --offline`,
  )
}

function oneRootKey(
  root: Root,
  asked: string,
): { readonly keyId: string; readonly role: 'root' | 'delegation' } {
  const found = (['root', 'delegation'] as const).flatMap((role) =>
    root.roles[role].keyIds.filter((keyId) => keyId.startsWith(asked)).map((keyId) => ({ keyId, role })),
  )
  const [one] = found
  if (one && found.length === 1) return one
  throw new LanekeeperError(
    'keys.which',
    `${found.length} keys of the root begin with ${asked}: \`lanekeeper keys show\` lists them`,
  )
}

function keysOf(keys: readonly KeyFile[]): Root['keys'] {
  return Object.fromEntries(keys.map(({ keyId, publicKey }) => [keyId, { publicKey }]))
}
