import { X509Certificate, createPrivateKey } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { LanekeeperError, messageOf } from '../../edge/base/error.js'
import type { IdentityRefusal } from '../../edge/messages/enrol.js'
import {
  backdatedMs,
  fingerprintOf,
  newKeyPem,
  publicHalf,
  selfSigned,
  signEdge,
  signServer,
  signingKey,
  type Signed,
  type Signer,
} from './certificates.js'
import { writeOwned } from './files.js'

const day = 86_400_000
/** The listeners' certificate, made anew well before: the process may run for years. */
export const serverForMs = 90 * day

export interface AuthorityFiles {
  /** Private key, PKCS #8 PEM, mode 0600. */
  readonly keyFile: string
  /** Certificates, PEM: the first goes with the key, the others are still believed. */
  readonly certFile: string
}

/** Key and certificate for a TLS listener. */
export interface ServerIdentity {
  readonly keyPem: string
  /** The certificate, and after it the authority's, so that a box can pin that one at first contact. */
  readonly chainPem: string
  readonly notAfter: number
}

/** Who a verified client is; else why it is nobody. */
export type Peer =
  | {
      readonly ok: true
      readonly edgeId: string
      readonly serial: string
      /** UTC ms; as certificates are backdated, and never later than it was signed. */
      readonly signedAt: number
      readonly expiresAt: number
    }
  | { readonly ok: false; readonly why: IdentityRefusal }

/** The gateway's own certificate authority: signs its listeners' certificates and those of its edges. */
export class Authority {
  readonly #signer: Signer
  readonly #believed: readonly X509Certificate[]
  /** PEM; the first signs. */
  readonly certificatesPem: readonly string[]
  /** Of the certificate that signs, as tokens carry it. */
  readonly fingerprint: string

  private constructor(signer: Signer, certificatesPem: readonly string[]) {
    this.#signer = signer
    this.certificatesPem = certificatesPem
    this.#believed = certificatesPem.map((pem) => new X509Certificate(pem))
    this.fingerprint = fingerprintOf(signer.certificatePem)
  }

  /**
   * Opens the authority of a site, and makes it at the first start. Throws `gateway.authority` with a
   * remedy where its files cannot be used; a key is never replaced.
   */
  static async open(
    given: AuthorityFiles & { readonly site: string; readonly nowMs: number },
  ): Promise<Authority> {
    const { keyFile, certFile, site, nowMs } = given
    try {
      mkdirSync(path.dirname(keyFile), { recursive: true, mode: 0o700 })
      if (!existsSync(keyFile)) {
        if (existsSync(certFile)) {
          throw new Error(`its certificate ${certFile} is there: restore the key beside it from your backup`)
        }
        writeOwned(keyFile, newKeyPem())
      }
      if ((statSync(keyFile).mode & 0o077) !== 0)
        throw new Error(`others may read it: run chmod 600 ${keyFile}`)
      const keyPem = readFileSync(keyFile, 'utf8')
      // Made from the key alone, so that a start that was cut in between goes on here.
      if (!existsSync(certFile)) writeOwned(certFile, await selfSigned(keyPem, site, nowMs))
      const certificates = certificatesIn(readFileSync(certFile, 'utf8'))
      const [own] = certificates
      if (own === undefined) throw new Error(`${certFile} holds no certificate`)
      if (!new X509Certificate(own).checkPrivateKey(createPrivateKey(keyPem))) {
        throw new Error(`the first certificate of ${certFile} is of another key`)
      }
      return new Authority({ key: await signingKey(keyPem), certificatePem: own }, certificates)
    } catch (error) {
      throw new LanekeeperError(
        'gateway.authority',
        `the certificate authority in ${keyFile} cannot be used: ${messageOf(error)}.`,
        { cause: error },
      )
    }
  }

  /** A new key and certificate for the gateway's listeners, under these names and addresses. */
  async forServer(names: readonly string[], nowMs: number): Promise<ServerIdentity> {
    const keyPem = newKeyPem()
    const publicKey = publicHalf(keyPem)
    const signed = await signServer(this.#signer, { names, publicKey, notAfter: nowMs + serverForMs })
    const chainPem = signed.certificatePem + this.#signer.certificatePem
    return { keyPem, chainPem, notAfter: signed.notAfter }
  }

  /** The certificate of an edge for its public key (SubjectPublicKeyInfo, DER). */
  forEdge(edgeId: string, publicKey: Uint8Array, nowMs: number, forMs: number): Promise<Signed> {
    return signEdge(this.#signer, { edgeId, publicKey, nowMs, forMs })
  }

  /**
   * Judges a certificate that came over TLS, by itself and beside what TLS found: signed by one of the
   * authorities of this gateway, for a client, within its time by the gateway's clock.
   */
  judge(certificate: X509Certificate | undefined, nowMs: number): Peer {
    if (!certificate) return { ok: false, why: 'noCertificate' }
    const signedByUs = this.#believed.some(
      (authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey),
    )
    const edgeId = /^CN=(.+)$/m.exec(certificate.subject)?.[1]
    // What the authority itself runs under, and the listeners' certificates, are nobody's identity.
    const isClient = !certificate.ca && certificate.keyUsage?.includes(clientAuth) === true
    if (!signedByUs || edgeId === undefined || !isClient) return { ok: false, why: 'foreignCertificate' }
    const expiresAt = Date.parse(certificate.validTo)
    const validFrom = Date.parse(certificate.validFrom)
    const isNow = nowMs <= expiresAt && nowMs >= validFrom
    if (!isNow) return { ok: false, why: 'certificateExpired' }
    const serial = certificate.serialNumber.toLowerCase()
    return { ok: true, edgeId, serial, signedAt: validFrom + backdatedMs, expiresAt }
  }
}

/** Extended key usage of TLS clients (RFC 5280, 4.2.1.12). */
const clientAuth = '1.3.6.1.5.5.7.3.2'

function certificatesIn(text: string): string[] {
  return [...text.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)].map(
    ([pem]) => `${pem}\n`,
  )
}
