import { canonicalJson } from '../../base/canonical.js'
import { sha256Hex } from '../../base/hash.js'
import { isSignedBy, keyIdOfLine } from '../../base/signature.js'
import { trustBounds } from './bounds.js'
import type { RecordSignature, Signed, TrustRole } from './records.js'

/** A private key, wherever it lives: it says which one it is, and signs. */
export interface TrustSigner {
  readonly publicKey: string
  /** Ed25519 (RFC 8032) over the UTF-8 bytes of the text. */
  sign(text: string): Uint8Array
}

/** Signs a value with each of the keys; the value itself goes out unchanged. */
export function signRecord<T>(signed: T, signers: readonly TrustSigner[]): Signed<T> {
  return { signed, signatures: signaturesOver(signed, signers) }
}

export function signaturesOver(value: unknown, signers: readonly TrustSigner[]): RecordSignature[] {
  const text = canonicalJson(value)
  return signers.map((signer) => ({
    keyId: keyIdOfLine(signer.publicKey),
    signature: Buffer.from(signer.sign(text)).toString('base64'),
  }))
}

/** SHA-256 over the canonical JSON of what was signed: how a timestamp names its snapshot. */
export function recordHash(record: Signed<unknown>): string {
  return sha256Hex(canonicalJson(record.signed))
}

export type Keys = Readonly<Record<string, { readonly publicKey: string } | undefined>>

/** Why a value does not count as signed by a role. */
export type SignatureFault = 'badSignature' | 'revokedKey' | 'wrongKey' | 'tooFewSignatures'

export interface SignatureFaultDetail {
  readonly fault: SignatureFault
  readonly detail: string
}

/**
 * The keys of the role that signed the value, each once. Signatures of keys that the role does not have are passed
 * over: others may sign too, and count for nothing. At most `signaturesMax` are looked at.
 */
export function validKeyIds(
  value: unknown,
  signatures: readonly RecordSignature[],
  keys: Keys,
  allowed: readonly string[],
): {
  readonly valid: ReadonlySet<string>
  readonly bad: readonly string[]
  readonly unknown: readonly string[]
} {
  const text = canonicalJson(value)
  const valid = new Set<string>()
  const bad: string[] = []
  const unknown: string[] = []
  for (const { keyId, signature } of signatures.slice(0, trustBounds.signaturesMax)) {
    const key = allowed.includes(keyId) && Object.hasOwn(keys, keyId) ? keys[keyId] : undefined
    if (!key) unknown.push(keyId)
    else if (isSignedBy(key.publicKey, text, Buffer.from(signature, 'base64'))) valid.add(keyId)
    else bad.push(keyId)
  }
  return { valid, bad, unknown }
}

/** Null when enough different keys of the role signed the value; else why not, in the order of what is worst. */
export function roleFault(
  value: unknown,
  signatures: readonly RecordSignature[],
  keys: Keys,
  role: TrustRole,
  revoked: readonly string[] = [],
): SignatureFaultDetail | null {
  const { valid, bad, unknown } = validKeyIds(value, signatures, keys, role.keyIds)
  if (valid.size >= role.threshold) return null
  const short = (keyId: string | undefined) => (keyId ?? '').slice(0, 16)
  if (bad.length > 0)
    return { fault: 'badSignature', detail: `the signature of key ${short(bad[0])} does not fit` }
  const gone = unknown.find((keyId) => revoked.includes(keyId))
  if (gone !== undefined) return { fault: 'revokedKey', detail: `key ${short(gone)} was revoked` }
  if (valid.size === 0 && unknown.length > 0)
    return { fault: 'wrongKey', detail: `key ${short(unknown[0])} may not sign this` }
  return { fault: 'tooFewSignatures', detail: `${valid.size} of ${role.threshold} keys signed` }
}
