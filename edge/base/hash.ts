import { createHmac, hash } from 'node:crypto'
import { canonicalJson } from './canonical.js'

/** SHA-256 in lower-case hex. In one call, because a list is a million of them and an object for each costs more. */
export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex')
}

/** HMAC with SHA-256 (RFC 2104) in lower-case hex. */
export function hmacSha256Hex(key: string | Uint8Array, data: string | Uint8Array): string {
  return createHmac('sha256', key).update(data).digest('hex')
}

/** SHA-256 over the canonical JSON form of a value. */
export function hashOf(value: unknown): string {
  return sha256Hex(canonicalJson(value))
}
