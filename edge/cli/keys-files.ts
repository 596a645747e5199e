import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  statSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import type { z } from 'zod'
import { LanekeeperError } from '../base/error.js'
import { keyIdOfLine } from '../base/signature.js'
import { trustBounds } from '../messages/trust/bounds.js'
import { parseRecord } from '../messages/trust/parse.js'
import {
  signedDelegationSchema,
  signedRootSchema,
  type Delegation,
  type OnlineRole,
  type Root,
  type Signed,
} from '../messages/trust/records.js'
import type { TrustSigner } from '../messages/trust/signatures.js'
import { told } from './spoken.js'

/**
 * The folder of `lanekeeper keys`: `offline/` (root and delegation keys, to be carried away), `online/` (for the
 * gateway), `persons/` (sealed keys), `records/` (public). Keys are files of mode 0600 and are never printed.
 */
export interface KeyFile extends TrustSigner {
  readonly keyId: string
  readonly file: string
}

export const onlineRoles = ['snapshot', 'timestamp', 'hold'] as const satisfies OnlineRole[]

export const folders = ['offline', 'online', 'persons', 'records'] as const

export function lineOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'der' }).toString('base64')
}

export function signerOf(privateKey: KeyObject): TrustSigner & { readonly keyId: string } {
  const publicKey = lineOf(createPublicKey(privateKey))
  return {
    publicKey,
    keyId: keyIdOfLine(publicKey),
    sign: (text) => sign(null, Buffer.from(text, 'utf8'), privateKey),
  }
}

/** A key that is in memory alone until the record that names it was found to hold. */
export interface NewKey extends KeyFile {
  /** Writes {@link KeyFile.file}, which must not be there. */
  readonly save: () => void
}

/** A new key for a file of that name, which may gain the first characters of its id. Writes nothing yet. */
export function newKey(folder: string, name: string, withId: boolean): NewKey {
  const { privateKey } = generateKeyPairSync('ed25519')
  const signer = signerOf(privateKey)
  const file = path.join(folder, withId ? `${name}-${shortId(signer.keyId)}.key` : `${name}.key`)
  const save = (): void => {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeNew(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 0o600)
  }
  return { ...signer, file, save }
}

/** What file names and messages have of a key id. */
export function shortId(keyId: string): string {
  return keyId.slice(0, 12)
}

/** Throws when others may read it, and when it holds no Ed25519 key. */
export function readKey(file: string): KeyFile {
  if ((statSync(file).mode & 0o077) !== 0)
    throw new LanekeeperError(
      'keys.exposed',
      `${file} may be read by others: chmod 600 it, or replace the key`,
    )
  const key = createPrivateKey(readFileSync(file))
  if (key.asymmetricKeyType !== 'ed25519')
    throw new LanekeeperError(
      'keys.notEd25519',
      `${file} holds no Ed25519 key: take one that lanekeeper made`,
    )
  return { ...signerOf(key), file }
}

/** Every key in these folders; one that is not there holds none. */
export function keysIn(places: readonly string[]): readonly KeyFile[] {
  return places.flatMap((folder) =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => name.endsWith('.key'))
          .sort()
          .map((name) => readKey(path.join(folder, name)))
      : [],
  )
}

/** Written and on the disk before this returns; never over another file: a key that is lost cannot be made again. */
export function writeNew(file: string, text: string, mode: number): void {
  const handle = openSync(file, 'wx', mode)
  try {
    writeSync(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

export function makeFolders(dir: string): void {
  for (const folder of folders) mkdirSync(path.join(dir, folder), { recursive: true, mode: 0o700 })
}

/** Keys of `online/` that the delegation does not name, as where a change was cut off; a folder without keys has none. */
export function onlineProblems(dir: string, { version, roles }: Delegation): readonly string[] {
  const online = path.join(dir, 'online')
  return keysIn([online]).flatMap(({ file, keyId }) => {
    const role = onlineRoles.find((one) => path.basename(file) === `${one}.key`)
    if (!role || roles[role].keyIds.includes(keyId)) return []
    const named = `next-${role}-${shortId(roles[role].keyIds[0] ?? '')}.key`
    const remedy = existsSync(path.join(online, named))
      ? told`rename ${named} to it`
      : told`take key and records from the same folder`
    return [told`${file} is not the ${role} key that delegation ${version} names: ${remedy}`]
  })
}

/** All root records from the first to the newest. */
export function rootsIn(dir: string): readonly Signed<Root>[] {
  return recordsIn(dir, 'root', signedRootSchema)
}

/** The newest delegation; undefined: none was made yet. */
export function delegationIn(dir: string): Signed<Delegation> | undefined {
  return recordsIn(dir, 'delegation', signedDelegationSchema).at(-1)
}

export function writeRecord(dir: string, record: Signed<Root | Delegation>): string {
  const { type, version } = record.signed
  const file = path.join(dir, 'records', `${type}.${version}.json`)
  writeNew(file, textOf(record), 0o644)
  return file
}

/** As it lies in its file, by which its size is bounded. */
export function textOf(record: Signed<Root | Delegation>): string {
  return `${JSON.stringify(record, null, 2)}\n`
}

function recordsIn<T extends { readonly signed: { readonly version: number } }>(
  dir: string,
  type: 'root' | 'delegation',
  schema: z.ZodType<T>,
): readonly T[] {
  const folder = path.join(dir, 'records')
  const names = existsSync(folder) ? readdirSync(folder) : []
  const pattern = new RegExp(`^${type}\\.(\\d{1,15})\\.json$`)
  return names
    .filter((name) => pattern.test(name))
    .map((name) => {
      const parsed = parseRecord(schema, readFileSync(path.join(folder, name)), trustBounds.recordMaxBytes)
      if (!parsed.ok)
        throw new LanekeeperError(
          'keys.badRecord',
          `${name}: ${parsed.refusal.detail}; take it from a backup`,
        )
      if (Number(pattern.exec(name)?.[1]) !== parsed.value.signed.version)
        throw new LanekeeperError('keys.badRecord', `${name} holds version ${parsed.value.signed.version}`)
      return parsed.value
    })
    .sort((a, b) => a.signed.version - b.signed.version)
}
