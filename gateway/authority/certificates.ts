import 'reflect-metadata'
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import * as x509 from '@peculiar/x509'

/** Certificates of the gateway's authority: ECDSA on P-256 with SHA-256, X.509 v3 (RFC 5280). */

const keyKind = { name: 'ECDSA', namedCurve: 'P-256' } as const
const signature = { name: 'ECDSA', hash: 'SHA-256' } as const
const day = 86_400_000

/** Clocks differ: nothing is valid only from this very moment on. */
export const backdatedMs = day
const authorityForMs = 20 * 365 * day

export type SigningKey = webcrypto.CryptoKey

/** Who signs: the authority's key, and the certificate that goes with it. */
export interface Signer {
  readonly key: SigningKey
  readonly certificatePem: string
}

/** A certificate as it was signed. */
export interface Signed {
  readonly certificatePem: string
  /** Lower-case hex. */
  readonly serial: string
  /** UTC ms. */
  readonly notAfter: number
}

/** A new private key as PKCS #8 PEM. */
export function newKeyPem(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** The key for signing; throws where the PEM holds no P-256 key. */
export function signingKey(keyPem: string): Promise<SigningKey> {
  const [, body = ''] = /-----BEGIN PRIVATE KEY-----([^-]+)-----END/.exec(keyPem) ?? []
  return webcrypto.subtle.importKey('pkcs8', Buffer.from(body, 'base64'), keyKind, false, ['sign'])
}

/** The public half of a PEM of a key, as SubjectPublicKeyInfo (DER). */
export function publicHalf(keyPem: string): Buffer {
  return createPublicKey(keyPem).export({ type: 'spki', format: 'der' })
}

/** SHA-256 of a certificate (DER), base64url: what a token pins. */
export function fingerprintOf(certificatePem: string): string {
  const der = Buffer.from(new x509.X509Certificate(certificatePem).rawData)
  return createHash('sha256').update(der).digest('base64url')
}

/** The authority's own certificate, for 20 years. It may sign certificates and no further authority. */
export async function selfSigned(keyPem: string, site: string, nowMs: number): Promise<string> {
  const publicKey = new x509.PublicKey(publicHalf(keyPem))
  const name = [{ CN: [`Lanekeeper authority of ${site}`] }]
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: name,
    issuer: name,
    notBefore: new Date(nowMs - backdatedMs),
    notAfter: new Date(nowMs + authorityForMs),
    publicKey,
    signingKey: await signingKey(keyPem),
    signingAlgorithm: signature,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  })
  return pemOf(certificate)
}

/** For the gateway's listeners, under every name that edges may use. */
export function signServer(
  signer: Signer,
  given: { readonly names: readonly string[]; readonly publicKey: Uint8Array; readonly notAfter: number },
): Promise<Signed> {
  const names = given.names.map((name) => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name }) as const)
  return sign(signer, {
    ...given,
    commonName: given.names[0] ?? 'localhost',
    // As old as the authority: a box whose clock was reset still finds its gateway.
    notBefore: notBeforeOf(signer.certificatePem),
    purpose: x509.ExtendedKeyUsage.serverAuth,
    more: [new x509.SubjectAlternativeNameExtension(names)],
  })
}

/** For one edge: its id is the common name, and it may be a client and nothing else. */
export function signEdge(
  signer: Signer,
  given: {
    readonly edgeId: string
    readonly publicKey: Uint8Array
    readonly nowMs: number
    readonly forMs: number
  },
): Promise<Signed> {
  return sign(signer, {
    publicKey: given.publicKey,
    commonName: given.edgeId,
    notBefore: Math.max(given.nowMs - backdatedMs, notBeforeOf(signer.certificatePem)),
    notAfter: given.nowMs + given.forMs,
    purpose: x509.ExtendedKeyUsage.clientAuth,
    more: [],
  })
}

async function sign(
  signer: Signer,
  given: {
    readonly commonName: string
    readonly publicKey: Uint8Array
    readonly notBefore: number
    readonly notAfter: number
    readonly purpose: string
    readonly more: readonly x509.Extension[]
  },
): Promise<Signed> {
  const authority = new x509.X509Certificate(signer.certificatePem)
  const publicKey = new x509.PublicKey(given.publicKey)
  // Nobody is valid for longer than who vouches for it. Certificates count in whole seconds.
  const endMs = Math.min(given.notAfter, authority.notAfter.getTime())
  const notAfter = new Date(Math.floor(endMs / 1_000) * 1_000)
  const serial = newSerial()
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial,
    subject: [{ CN: [given.commonName] }],
    issuer: authority.subjectName.toJSON(),
    notBefore: new Date(given.notBefore),
    notAfter,
    publicKey,
    signingKey: signer.key,
    signingAlgorithm: signature,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([given.purpose]),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      ...given.more,
    ],
  })
  return { certificatePem: pemOf(certificate), serial, notAfter: notAfter.getTime() }
}

/** With the line end that lets PEMs stand behind each other. */
function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem').trimEnd()}\n`
}

function notBeforeOf(certificatePem: string): number {
  return new x509.X509Certificate(certificatePem).notBefore.getTime()
}

/** 127 random bits, positive and never of fewer bytes, so that its text is always the same. */
function newSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}
