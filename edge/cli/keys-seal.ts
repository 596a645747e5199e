import { createCipheriv, randomBytes, scryptSync, type KeyObject } from 'node:crypto'
import { LanekeeperError } from '../base/error.js'
import { boundTo, scryptMaxBytes, type SealedKey } from '../base/sealed-key.js'

/** Costs 64 MB and about a quarter of a second a guess (RFC 7914); kept in the file, so that it may rise. */
const cost = { N: 65_536, r: 8, p: 1 } as const
export const passphraseMinCharacters = 12

/** Throws `keys.passphraseShort` for one that can be guessed. */
export function sealKey(person: string, publicKey: string, key: KeyObject, passphrase: string): SealedKey {
  if (passphrase.length < passphraseMinCharacters)
    throw new LanekeeperError(
      'keys.passphraseShort',
      `a passphrase has at least ${passphraseMinCharacters} characters; take four words`,
    )
  const [salt, iv] = [randomBytes(16), randomBytes(12)]
  const cipher = createCipheriv('aes-256-gcm', keyFrom(passphrase, salt), iv)
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

function keyFrom(passphrase: string, salt: Uint8Array): Buffer {
  return scryptSync(passphrase.normalize('NFC'), salt, 32, { ...cost, maxmem: scryptMaxBytes })
}
