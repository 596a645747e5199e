import { existsSync, mkdirSync, renameSync } from 'node:fs'
import path from 'node:path'
import { LanekeeperError } from '../base/error.js'
import type { OnlineRole, Root } from '../messages/trust/records.js'
import { signRecord } from '../messages/trust/signatures.js'
import { newKey, readKey, shortId, writeRecord } from './keys-files.js'
import {
  checked,
  dayMs,
  keysOf,
  nextDelegation,
  offlineKeys,
  signersAmong,
  trustIn,
  type KeysAsked,
} from './keys-make.js'

/*
 * Keys that are replaced or taken away. Everything is signed and judged before the first file is written: who is told
 * that keys are missing brings them and asks again, from where he began.
 */

/** A new key for an online role, named in the next delegation before it takes the old one's place. Returns the files. */
export function rotateOnline(asked: KeysAsked, role: OnlineRole): readonly string[] {
  const online = path.join(asked.dir, 'online')
  const old = readKey(path.join(online, `${role}.key`))
  const next = newKey(online, `next-${role}`, true)
  const record = nextDelegation(asked, trustIn(asked.dir), { online: { [role]: next } })
  next.save()
  const written = writeRecord(asked.dir, record)
  const retired = path.join(online, 'retired')
  mkdirSync(retired, { recursive: true, mode: 0o700 })
  const aside = path.join(retired, `${role}-${shortId(old.keyId)}.key`)
  renameSync(old.file, aside)
  renameSync(next.file, old.file)
  return [written, old.file, aside]
}

export interface RootChange {
  /** The key that goes, by its id or the beginning of it; absent: the same keys sign the next root. */
  readonly goes?: string
  /** A new key takes its place. */
  readonly replace?: boolean
  readonly rootDays: number
}

/**
 * The next root, signed by every key of the old and of the new one that is at hand; where a key goes, with the
 * delegation that follows. Returns the files. Throws where keys are missing, or too few would be left.
 */
export function nextRoot(asked: KeysAsked, { goes, replace, rootDays }: RootChange): readonly string[] {
  const state = trustIn(asked.dir)
  const { signed } = state.root
  const found = goes === undefined ? undefined : oneRootKey(signed, goes)
  const fresh = found && replace ? newKey(path.join(asked.dir, 'offline'), found.role, true) : undefined
  const roles = {
    root: roleAfter(signed, 'root', found, fresh?.keyId),
    delegation: roleAfter(signed, 'delegation', found, fresh?.keyId),
  }
  const named = [...roles.root.keyIds, ...roles.delegation.keyIds]
  const keys = { ...signed.keys, ...(fresh && keysOf([fresh])) }
  const record: Root = {
    ...signed,
    version: signed.version + 1,
    issuedAt: asked.nowMs,
    expiresAt: asked.nowMs + rootDays * dayMs,
    keys: Object.fromEntries(Object.entries(keys).filter(([keyId]) => named.includes(keyId))),
    roles,
  }
  const atHand = [...offlineKeys(asked), ...(fresh ? [fresh] : [])]
  const signers = new Set([
    ...signersAmong(atHand, signed.roles.root, 'root'),
    ...signersAmong(atHand, roles.root, 'root'),
  ])
  const root = signRecord(record, [...signers])
  const after = checked(state, root)
  const delegation = found && nextDelegation(asked, after, fresh ? { signer: fresh } : {})
  fresh?.save()
  const written = [root, ...(delegation ? [delegation] : [])].map((one) => writeRecord(asked.dir, one))
  return [...written, ...(fresh ? [fresh.file] : [])]
}

interface RootKey {
  readonly keyId: string
  readonly role: 'root' | 'delegation'
}

function roleAfter(
  root: Root,
  of: RootKey['role'],
  goes: RootKey | undefined,
  comes: string | undefined,
): Root['roles']['root'] {
  const role = root.roles[of]
  if (goes?.role !== of) return role
  const stay = role.keyIds.filter((keyId) => keyId !== goes.keyId)
  const keyIds = comes === undefined ? stay : [...stay, comes]
  if (keyIds.length >= role.threshold) return { ...role, keyIds }
  throw new LanekeeperError(
    'keys.tooFewLeft',
    `without ${shortId(goes.keyId)} there are ${keyIds.length} ${of} keys, and ${role.threshold} must sign: replace it (\`lanekeeper keys rotate ${shortId(goes.keyId)}\`)`,
  )
}

/** Takes a person out of the next delegation; the sealed key is kept apart. Returns the files. Null: nobody of that name. */
export function revokePerson(asked: KeysAsked, person: string): readonly string[] | null {
  const folder = path.join(asked.dir, 'persons')
  const file = path.join(folder, `${person}.json`)
  if (!/^[\w.-]{1,64}$/.test(person) || !existsSync(file)) return null
  const record = nextDelegation(asked, trustIn(asked.dir), { without: person })
  mkdirSync(path.join(folder, 'revoked'), { recursive: true, mode: 0o700 })
  const aside = path.join(folder, 'revoked', `${person}-${asked.nowMs}.json`)
  // Before the record: cut here, the next delegation is without the person all the same.
  renameSync(file, aside)
  return [writeRecord(asked.dir, record), aside]
}

function oneRootKey(root: Root, asked: string): RootKey {
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
