import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { sha256Hex } from './hash.js'

/** An Ed25519 public key as one line: base64 of its SPKI form, as `openssl pkey -pubout -outform DER | base64`. */
export const publicKeyLine = /^MCowBQYDK2VwAyEA[A-Za-z0-9+/]{43}=$/

const keys = new Map<string, KeyObject>()
const keysMax = 64

/** Signatures that were found to hold, by key, text and signature, the oldest first. */
const known = new Set<string>()
const knownMax = 256

/**
 * Whether the text was signed with the private half of the key (Ed25519, RFC 8032). A key that is none signed nothing.
 * The same question is computed once: records that name lists come again every few seconds, most of them unchanged.
 */
export function isSignedBy(keyLine: string, text: string, signature: Uint8Array): boolean {
  const question = `${keyLine} ${Buffer.from(signature).toString('base64')} ${sha256Hex(text)}`
  if (known.has(question)) return true
  try {
    if (!verify(null, Buffer.from(text, 'utf8'), keyOf(keyLine), signature)) return false
  } catch {
    return false
  }
  const [oldest] = known
  if (known.size >= knownMax && oldest !== undefined) known.delete(oldest)
  known.add(question)
  return true
}

/**
 * Name of a public key in signed records: SHA-256 over its 32 raw bytes, lower-case hex. Taken over the bytes and
 * not the text, because base64 lets one key be written in more than one way.
 */
export function keyIdOfLine(keyLine: string): string {
  return sha256Hex(Buffer.from(keyLine, 'base64').subarray(-32))
}

function keyOf(keyLine: string): KeyObject {
  const made = keys.get(keyLine)
  if (made) return made
  const key = createPublicKey({ key: Buffer.from(keyLine, 'base64'), format: 'der', type: 'spki' })
  if (keys.size < keysMax) keys.set(keyLine, key)
  return key
}
