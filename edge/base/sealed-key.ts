import { createDecipheriv, createPrivateKey, scrypt, sign, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { canonicalJson } from './canonical.js'
import { idSchema } from '../messages/envelope.js'
import { publicKeyLine } from './signature.js'

/** What scrypt may take at the highest cost that a sealed key may ask for. */
export const scryptMaxBytes = 256 * 1024 ** 2

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

/** What the seal is bound to beside the passphrase, so that no key opens as that of another. */
export function boundTo(person: string, publicKey: string): Buffer {
  return Buffer.from(canonicalJson({ person, publicKey }))
}

/** 32 bytes from a passphrase (RFC 7914), beside the thread: it takes about a quarter of a second. */
function keyFrom(
  passphrase: string,
  salt: Uint8Array,
  { N, r, p }: { readonly N: number; readonly r: number; readonly p: number },
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, 32, { N, r, p, maxmem: scryptMaxBytes }, (error, key) => {
      if (error) reject(error)
      else resolve(key)
    })
  })
}

/** Null for a wrong passphrase, also when the file was changed: the two cannot be told apart. */
export async function openSealed(sealed: SealedKey, passphrase: string): Promise<KeyObject | null> {
  try {
    const { salt, ...asked } = sealed.scrypt
    const key = await keyFrom(passphrase, Buffer.from(salt, 'base64'), asked)
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(sealed.iv, 'base64'), {
      authTagLength: 16,
    })
    decipher.setAAD(boundTo(sealed.person, sealed.publicKey))
    decipher.setAuthTag(Buffer.from(sealed.tag, 'base64'))
    const plain = Buffer.concat([decipher.update(Buffer.from(sealed.sealed, 'base64')), decipher.final()])
    return createPrivateKey({ key: plain, format: 'der', type: 'pkcs8' })
  } catch {
    return null
  }
}

/** Ed25519 (RFC 8032) over the UTF-8 bytes of the text. */
export function signWith(key: KeyObject, text: string): Buffer {
  return sign(null, Buffer.from(text, 'utf8'), key)
}
