import { createPublicKey, verify, type KeyObject } from 'node:crypto'

/** An Ed25519 public key as one line: base64 of its SPKI form, as `openssl pkey -pubout -outform DER | base64`. */
export const publicKeyLine = /^MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=$/

const keys = new Map<string, KeyObject>()
const keysMax = 64

/** Whether the text was signed with the private half of the key (Ed25519, RFC 8032). A key that is none signed nothing. */
export function isSignedBy(keyLine: string, text: string, signature: Uint8Array): boolean {
  try {
    return verify(null, Buffer.from(text, 'utf8'), keyOf(keyLine), signature)
  } catch {
    return false
  }
}

function keyOf(keyLine: string): KeyObject {
  const known = keys.get(keyLine)
  if (known) return known
  const key = createPublicKey({ key: Buffer.from(keyLine, 'base64'), format: 'der', type: 'spki' })
  if (keys.size < keysMax) keys.set(keyLine, key)
  return key
}
