import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  randomBytes,
  scryptSync,
  type KeyObject,
} from 'node:crypto'
import { z } from 'zod'
import { canonicalJson } from '../base/canonical.js'
import { LanekeeperError } from '../base/error.js'
import { publicKeyLine } from '../base/signature.js'
import { idSchema } from '../messages/envelope.js'

/** Costs 64 MB and about a quarter of a second a guess (RFC 7914); kept in the file, so that it may rise. */
const cost = { N: 65_536, r: 8, p: 1 } as const
const memoryMaxBytes = 256 * 1024 ** 2
export const passphraseMinCharacters = 12

/** A person's private key under a passphrase: scrypt, then AES-256-GCM over PKCS#8, bound to person and public key. */
export const sealedKeySchema = z.strictObject({
  v: z.literal(1),
  person: idSchema,
  publicKey: z.string().regex(publicKeyLine),
  scrypt: z.strictObject({
    N: z.number().int().min(16_384).max(131_072),
    r: z.literal(8),
    p: z.literal(1),
    salt: z.base64(),
  }),
  iv: z.base64(),
  tag: z.base64(),
  sealed: z.base64().max(1_000),
})
export type SealedKey = z.infer<typeof sealedKeySchema>

/** Throws `keys.passphraseShort` for one that can be guessed. */
export function sealKey(person: string, publicKey: string, key: KeyObject, passphrase: string): SealedKey {
  if (passphrase.length < passphraseMinCharacters)
    throw new LanekeeperError(
      'keys.passphraseShort',
      `a passphrase has at least ${passphraseMinCharacters} characters; take four words`,
    )
  const [salt, iv] = [randomBytes(16), randomBytes(12)]
  const cipher = createCipheriv('aes-256-gcm', keyFrom(passphrase, salt, cost), iv)
  cipher.setAAD(boundTo(person, publicKey))
  const plain = key.export({ type: 'pkcs8', format: 'der' })
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()])
  return {
    v: 1,
    person,
    publicKey,
    scrypt: { ...cost, salt: salt.toString('base64') },
    iv: iv.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    sealed: sealed.toString('base64'),
  }
}

/** Throws `keys.passphraseWrong`, also when the file was changed: the two cannot be told apart. */
export function openKey(sealed: SealedKey, passphrase: string): KeyObject {
  try {
    const { salt, ...asked } = sealed.scrypt
    const key = keyFrom(passphrase, Buffer.from(salt, 'base64'), asked)
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(sealed.iv, 'base64'), {
      authTagLength: 16,
    })
    decipher.setAAD(boundTo(sealed.person, sealed.publicKey))
    decipher.setAuthTag(Buffer.from(sealed.tag, 'base64'))
    const plain = Buffer.concat([decipher.update(Buffer.from(sealed.sealed, 'base64')), decipher.final()])
    return createPrivateKey({ key: plain, format: 'der', type: 'pkcs8' })
  } catch {
    throw new LanekeeperError(
      'keys.passphraseWrong',
      `the key of ${sealed.person} cannot be opened: the passphrase is wrong, or the file was changed`,
    )
  }
}

function keyFrom(
  passphrase: string,
  salt: Uint8Array,
  { N, r, p }: { N: number; r: number; p: number },
): Buffer {
  return scryptSync(passphrase.normalize('NFC'), salt, 32, { N, r, p, maxmem: memoryMaxBytes })
}

function boundTo(person: string, publicKey: string): Buffer {
  return Buffer.from(canonicalJson({ person, publicKey }))
}
