import { z } from 'zod'
import { bad, ok, type Result } from '../base/result.js'
import { idSchema } from './envelope.js'

/** Version of the messages below; another one is refused, never guessed at. */
export const enrolVersion = 1

const base64Schema = z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/)
/** A P-256 public key as SubjectPublicKeyInfo (RFC 5480), DER in base64: 91 bytes. */
const publicKeySchema = base64Schema.max(160)
/** ECDSA with SHA-256 over {@link possessionText}, DER in base64. */
const proofSchema = base64Schema.max(128)
/** The secret half of a token: 256 random bits in base64url. */
const secretSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
const pemSchema = z.string().startsWith('-----BEGIN CERTIFICATE-----').max(16_384)

/** `POST /edge/v1/enrol`: a box without a certificate asks for its first one. */
export const enrolRequestSchema = z.strictObject({
  v: z.literal(enrolVersion),
  edgeId: idSchema,
  secret: secretSchema,
  publicKey: publicKeySchema,
  proof: proofSchema,
})
export type EnrolRequest = z.infer<typeof enrolRequestSchema>

/** `POST /edge/v1/renew`: an enrolled edge asks, over its valid certificate, for the next one with a new key. */
export const renewRequestSchema = enrolRequestSchema.omit({ secret: true })
export type RenewRequest = z.infer<typeof renewRequestSchema>

/** The answer to both. */
export const enrolledSchema = z.strictObject({
  v: z.literal(enrolVersion),
  edgeId: idSchema,
  /** PEM, the edge's own certificate first. */
  certificates: z.array(pemSchema).min(1).max(4),
  /** PEM; whoever one of these has signed is the gateway. */
  authorities: z.array(pemSchema).min(1).max(8),
  /** Root record of the lists' trust, its very bytes in base64; absent: the gateway has none. */
  root: base64Schema.max(256 * 1024).optional(),
})
export type Enrolled = z.infer<typeof enrolledSchema>

/** `GET /edge/v1/identity`: how the gateway sees the certificate that asks. */
export const identityStateSchema = z.strictObject({
  v: z.literal(enrolVersion),
  edgeId: idSchema,
  serial: z.string().max(64),
  /** UTC ms. */
  expiresAt: z.number(),
  /** UTC ms by the gateway's clock. */
  at: z.number(),
})
export type IdentityState = z.infer<typeof identityStateSchema>

/** What a person carries from the gateway to the box: good once. */
export interface EnrolmentToken {
  readonly secret: string
  /** SHA-256 of the authority's certificate (DER), base64url: the box knows the gateway by it. */
  readonly authority: string
}

const tokenForm = /^lk1\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/

export function tokenText({ secret, authority }: EnrolmentToken): string {
  return `lk1.${secret}.${authority}`
}

/** Problems never repeat the text: it may be a token with one character too many. */
export function parseToken(text: string): Result<EnrolmentToken> {
  const [, secret, authority] = tokenForm.exec(text.trim()) ?? []
  if (secret === undefined || authority === undefined) {
    return bad(
      'token',
      'this is no enrolment token.',
      'Copy the whole line that begins with lk1. from `lanekeeper gateway token`.',
    )
  }
  return ok({ secret, authority })
}

/**
 * What the new key signs to prove that the asker holds it. `bound` ties the proof to one occasion: the
 * token's secret at enrolment, the serial of the present certificate at renewal.
 */
export function possessionText(
  what: 'enrol' | 'renew',
  edgeId: string,
  bound: string,
  publicKey: string,
): string {
  return `lanekeeper-${what}-v${enrolVersion}\n${edgeId}\n${bound}\n${publicKey}`
}

/** Why a gateway gives no certificate, or does not take one. The keys `enrolment.<code>` of the catalogue say it to people. */
export const identityRefusals = [
  'noCertificate',
  'foreignCertificate',
  'certificateExpired',
  'certificateRevoked',
  'unknownEdge',
  'tokenUnknown',
  'tokenUsed',
  'tokenExpired',
  'tokenOfAnother',
  'tokenExhausted',
  'keyNotProven',
] as const
export type IdentityRefusal = (typeof identityRefusals)[number]

/** What stops an enrolment before the gateway has said anything; the keys `enrolment.<code>` of the catalogue say it. */
export const enrolTroubles = ['foreignGateway', 'foreignName', 'unreachable', 'clock', 'notKept'] as const
export type EnrolTrouble = (typeof enrolTroubles)[number]

/** The certificate itself is not taken: only a new token mends these. */
export function isCertificateRefusal(code: string): boolean {
  return ['foreignCertificate', 'certificateExpired', 'certificateRevoked', 'unknownEdge'].includes(code)
}
