import { createHash, createPublicKey, randomBytes, verify, type KeyObject } from 'node:crypto'
import type { X509Certificate } from 'node:crypto'
import type { Clock } from '../../edge/base/clock.js'
import type { Logger } from '../../edge/base/log.js'
import {
  enrolVersion,
  possessionText,
  tokenText,
  type Enrolled,
  type EnrolRequest,
  type IdentityRefusal,
  type RenewRequest,
} from '../../edge/messages/enrol.js'
import { Refusal } from '../desk/refusal.js'
import type { Database, Sql } from '../store/database.js'
import { audit } from '../store/records.js'
import type { Authority, Peer } from './authority.js'
import { IdentityRefused } from './refused.js'
import {
  certificateRows,
  countTry,
  endCertificates,
  findToken,
  forgetEnded,
  revocationRows,
  saveCertificate,
  saveRevocation,
  saveToken,
  useToken,
  type CertificateRow,
  type RevocationRow,
  type TokenRow,
} from './records.js'

export interface EnrolmentGiven {
  readonly authority: Authority
  readonly database: Database
  readonly clock: Clock
  readonly log: Logger
  /** The edges of the configuration; nobody else is enrolled. */
  readonly edgeIds: readonly string[]
  /** How long a certificate of an edge is good, ms. */
  readonly certificateForMs: number
  readonly tokenForMs: number
  /** Certificates of one edge that count at once; default {@link certificatesMax}. */
  readonly certificatesMax?: number
  /** Root record of the lists' trust, given to every box with its certificate; absent: there is none. */
  readonly rootRecord?: () => Uint8Array | undefined
  /** Its sessions are to end, because its certificates no longer count. */
  readonly onEnded: (edgeId: string) => void
  /** It was revoked, or is enrolled again. */
  readonly onRevoked: (edgeId: string, revoked: boolean, reason: string) => void
}

/** How an edge stands with this gateway, for people. */
export interface EnrolmentState {
  readonly edgeId: string
  /** The newest that counts. */
  readonly certificate: {
    readonly serial: string
    readonly issuedAt: number
    readonly expiresAt: number
  } | null
  readonly revoked: { readonly at: number; readonly by: string; readonly reason: string } | null
}

export interface NewToken {
  readonly edgeId: string
  readonly token: string
  readonly expiresAt: number
}

export interface EnrolmentCounters {
  tokens: number
  enrolled: number
  renewed: number
  revoked: number
  refused: number
}

/**
 * A box that cannot use what it is given asks again every hour for a third of a certificate's life, 720 times; whoever
 * asks for more, with a stolen key, must not fill the store.
 */
const certificatesMax = 1_000

/** Failed tries with one token; a person makes the next one. */
export const tokenTriesMax = 5

/**
 * Which edges are who they say: hands out one-time tokens, signs certificates against them, renews, and
 * revokes. What it decides is in the store before anybody hears of it.
 */
export class Enrolment {
  readonly counters: EnrolmentCounters = { tokens: 0, enrolled: 0, renewed: 0, revoked: 0, refused: 0 }
  readonly #given: EnrolmentGiven
  readonly #edgeIds: ReadonlySet<string>
  #certificates = new Map<string, CertificateRow>()
  #revocations = new Map<string, RevocationRow>()

  constructor(given: EnrolmentGiven) {
    this.#given = given
    this.#edgeIds = new Set(given.edgeIds)
  }

  /** Reads back what the store holds; also after the store had to be opened again. */
  async load(sql: Sql): Promise<void> {
    this.#certificates = new Map((await certificateRows(sql)).map((row) => [row.serial, row]))
    this.#revocations = new Map((await revocationRows(sql)).map((row) => [row.edgeId, row]))
    for (const { edgeId, reason } of this.#standing()) this.#given.onRevoked(edgeId, true, reason)
  }

  edgeIds(): readonly string[] {
    return [...this.#edgeIds]
  }

  has(edgeId: string): boolean {
    return this.#edgeIds.has(edgeId)
  }

  states(): EnrolmentState[] {
    const nowMs = this.#given.clock.now().wallMs
    return this.edgeIds().map((edgeId) => {
      const [newest] = [...this.#certificates.values()]
        .filter((row) => row.edgeId === edgeId && row.revokedAt === null && row.expiresAt > nowMs)
        .sort((a, b) => b.issuedAt - a.issuedAt)
      const revocation = this.#revocations.get(edgeId)
      const revoked = revocation?.againAt === null ? revocation : undefined
      return {
        edgeId,
        certificate: newest
          ? { serial: newest.serial, issuedAt: newest.issuedAt, expiresAt: newest.expiresAt }
          : null,
        revoked: revoked ? { at: revoked.revokedAt, by: revoked.by, reason: revoked.reason } : null,
      }
    })
  }

  /** Who a client of a TLS listener is now, or why it is nobody: signature, time, edge, revocation. */
  judge(certificate: X509Certificate | undefined): Peer {
    const peer = this.#given.authority.judge(certificate, this.#given.clock.now().wallMs)
    if (!peer.ok) return peer
    if (!this.#edgeIds.has(peer.edgeId)) return { ok: false, why: 'unknownEdge' }
    return this.#isEnded(peer) ? { ok: false, why: 'certificateRevoked' } : peer
  }

  #isEnded({ serial, edgeId, signedAt }: Extract<Peer, { ok: true }>): boolean {
    const known = this.#certificates.get(serial)
    if (known) return known.revokedAt !== null
    // A store that was restored from a backup does not know what was signed since: that counts, for it is
    // our signature, unless the edge was ever revoked, or another box has taken its place after that.
    const enrolledAt = [...this.#certificates.values()]
      .filter((row) => row.edgeId === edgeId && row.how === 'enrolment')
      .map(({ issuedAt }) => issuedAt)
    return this.#revocations.has(edgeId) || enrolledAt.some((atMs) => atMs >= signedAt)
  }

  /** A token for a person to carry to the box; the edge's former tokens are void. */
  async newToken(edgeId: string, by: string): Promise<NewToken> {
    this.#demandEdge(edgeId)
    const { authority, clock, tokenForMs } = this.#given
    const secret = randomBytes(32).toString('base64url')
    const expiresAt = Math.round(clock.now().wallMs) + tokenForMs
    await this.takeToken({ hash: hashOfSecret(secret), edgeId, expiresAt, by })
    return { edgeId, token: tokenText({ secret, authority: authority.fingerprint }), expiresAt }
  }

  /** Keeps a token that was made elsewhere (`lanekeeper gateway token`), of which only the hash is known. */
  async takeToken(token: { hash: string; edgeId: string; expiresAt: number; by: string }): Promise<void> {
    const { edgeId, by, hash, expiresAt } = token
    this.#demandEdge(edgeId)
    const at = Math.round(this.#given.clock.now().wallMs)
    await this.#given.database.transact(async (sql) => {
      await saveToken(sql, { hash, edgeId, by, at, expiresAt })
      await audit(sql, { at, operator: by, action: 'enrolmentToken', target: edgeId, detail: { expiresAt } })
    })
    this.counters.tokens += 1
  }

  /**
   * A first certificate against a token. Asked again with the same token and the same key, as after an
   * answer that was lost, it gives the same certificate. Throws {@link IdentityRefused}.
   */
  async enrol(request: EnrolRequest): Promise<Enrolled> {
    const { edgeId, publicKey, proof, secret } = request
    const hash = hashOfSecret(secret)
    const proven = isProven('enrol', { edgeId, publicKey, proof }, secret)
    const given = await this.#given.database.transact(
      async (sql) => {
        const token = await findToken(sql, hash)
        const why = this.#objection(token, request, proven)
        if (why !== undefined) {
          await countTry(sql, hash)
          return { why }
        }
        if (token?.certificate) return { certificate: token.certificate, row: null }
        return this.#sign(sql, 'enrolment', edgeId, publicKey, async (certificate, atMs) => {
          await useToken(sql, { hash, publicKey, certificate, atMs })
        })
      },
      (outcome) => {
        if ('why' in outcome || outcome.row === null) return
        this.#endInMemory(edgeId, outcome.row.issuedAt)
        this.#certificates.set(outcome.row.serial, outcome.row)
      },
    )
    if ('why' in given) throw this.#refuse(given.why, edgeId)
    if (given.row !== null) {
      this.counters.enrolled += 1
      this.#given.log.info({ edge: edgeId, serial: given.row.serial }, 'edge enrolled')
      // A box that took the place of another: what the other one holds counts no longer.
      this.#given.onEnded(edgeId)
      this.#given.onRevoked(edgeId, false, '')
    }
    return this.#answer(edgeId, given.certificate)
  }

  /**
   * The next certificate, for a client that {@link judge} has found to be this edge. The present one stays good.
   * Throws {@link IdentityRefused}, and {@link Refusal} `tooManyTries` where too many of this edge count already.
   */
  async renew(peer: Extract<Peer, { ok: true }>, request: RenewRequest): Promise<Enrolled> {
    const { edgeId, publicKey } = request
    if (edgeId !== peer.edgeId) throw this.#refuse('foreignCertificate', peer.edgeId)
    if (!isProven('renew', request, peer.serial)) throw this.#refuse('keyNotProven', edgeId)
    if (this.#livingOf(edgeId) >= (this.#given.certificatesMax ?? certificatesMax))
      throw new Refusal(
        'tooManyTries',
        'this edge has too many certificates: revoke it, and enrol the box anew',
      )
    const given = await this.#given.database.transact(
      async (sql) =>
        // A revocation may have come while this waited in the store's line: it ends what is signed now as well.
        this.#isEnded(peer) ? null : this.#sign(sql, 'renewal', edgeId, publicKey, () => Promise.resolve()),
      (signed) => {
        if (signed) this.#certificates.set(signed.row.serial, signed.row)
      },
    )
    if (!given) throw this.#refuse('certificateRevoked', edgeId)
    this.counters.renewed += 1
    this.#given.log.info({ edge: edgeId, serial: given.row.serial }, 'certificate renewed')
    return this.#answer(edgeId, given.certificate)
  }

  /** Ends every certificate of an edge, its open token and its sessions, at once. */
  async revoke(edgeId: string, by: string, reason: string): Promise<void> {
    this.#demandEdge(edgeId)
    const at = Math.round(this.#given.clock.now().wallMs)
    const row: RevocationRow = { edgeId, revokedAt: at, by, reason, againAt: null }
    await this.#given.database.transact(
      async (sql) => {
        await endCertificates(sql, edgeId, at)
        await saveRevocation(sql, row)
        await sql.run('DELETE FROM enrolment_tokens WHERE edge_id = ?', [edgeId])
        await audit(sql, { at, operator: by, action: 'edgeRevoked', target: edgeId, detail: { reason } })
      },
      () => {
        this.#endInMemory(edgeId, at)
        this.#revocations.set(edgeId, row)
      },
    )
    this.counters.revoked += 1
    this.#given.log.warn({ edge: edgeId, by, reason }, 'edge revoked')
    this.#given.onEnded(edgeId)
    this.#given.onRevoked(edgeId, true, reason)
  }

  /** Lets go of what is over. */
  async forgetEnded(): Promise<void> {
    const { database, clock } = this.#given
    await database.transact((sql) => forgetEnded(sql, clock.now().wallMs))
    await database.read((sql) => this.load(sql))
  }

  #objection(
    token: TokenRow | undefined,
    request: EnrolRequest,
    proven: boolean,
  ): IdentityRefusal | undefined {
    if (!token) return 'tokenUnknown'
    if (token.edgeId !== request.edgeId) return 'tokenOfAnother'
    if (!this.#edgeIds.has(request.edgeId)) return 'unknownEdge'
    if (token.expiresAt <= this.#given.clock.now().wallMs) return 'tokenExpired'
    if (token.usedAt !== null && token.publicKey !== request.publicKey) return 'tokenUsed'
    if (token.tries >= tokenTriesMax) return 'tokenExhausted'
    return proven ? undefined : 'keyNotProven'
  }

  async #sign(
    sql: Sql,
    how: CertificateRow['how'],
    edgeId: string,
    publicKey: string,
    beside: (certificate: string, atMs: number) => Promise<void>,
  ): Promise<{ certificate: string; row: CertificateRow }> {
    const { authority, clock, certificateForMs } = this.#given
    const at = Math.round(clock.now().wallMs)
    const signed = await authority.forEdge(edgeId, Buffer.from(publicKey, 'base64'), at, certificateForMs)
    const { serial, certificatePem, notAfter } = signed
    const row: CertificateRow = { serial, edgeId, how, issuedAt: at, expiresAt: notAfter, revokedAt: null }
    if (how === 'enrolment') {
      await endCertificates(sql, edgeId, at)
      const revocation = this.#revocations.get(edgeId)
      if (revocation) await saveRevocation(sql, { ...revocation, againAt: at })
    }
    await saveCertificate(sql, row)
    await beside(certificatePem, at)
    await audit(sql, { at, operator: edgeId, action: how, target: edgeId, detail: { serial } })
    return { certificate: certificatePem, row }
  }

  #endInMemory(edgeId: string, atMs: number): void {
    for (const [serial, row] of this.#certificates) {
      if (row.edgeId === edgeId && row.revokedAt === null)
        this.#certificates.set(serial, { ...row, revokedAt: atMs })
    }
    const revocation = this.#revocations.get(edgeId)
    if (revocation) this.#revocations.set(edgeId, { ...revocation, againAt: atMs })
  }

  #livingOf(edgeId: string): number {
    const rows = [...this.#certificates.values()]
    return rows.filter((row) => row.edgeId === edgeId && row.revokedAt === null).length
  }

  #standing(): RevocationRow[] {
    return [...this.#revocations.values()].filter((row) => row.againAt === null)
  }

  #answer(edgeId: string, certificate: string): Enrolled {
    const { authority, rootRecord } = this.#given
    const root = rootRecord?.()
    return {
      v: enrolVersion,
      edgeId,
      certificates: [certificate],
      authorities: [...authority.certificatesPem],
      ...(root && { root: Buffer.from(root).toString('base64') }),
    }
  }

  #demandEdge(edgeId: string): void {
    if (this.#edgeIds.has(edgeId)) return
    throw new Refusal('notFound', `there is no edge ${edgeId} in the configuration of the gateway`)
  }

  #refuse(why: IdentityRefusal, edgeId: string): IdentityRefused {
    this.counters.refused += 1
    this.#given.log.warn({ edge: edgeId, why }, 'no certificate given')
    return new IdentityRefused(why)
  }
}

/** SHA-256 of a token's secret: with 256 random bits in it, no slower hash is needed. */
export function hashOfSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function isProven(what: 'enrol' | 'renew', request: Omit<RenewRequest, 'v'>, bound: string): boolean {
  const { edgeId, publicKey, proof } = request
  const key = keyOf(publicKey)
  if (!key) return false
  const text = possessionText(what, edgeId, bound, publicKey)
  return verify('sha256', Buffer.from(text, 'utf8'), key, Buffer.from(proof, 'base64'))
}

/** Only P-256: a certificate for anything else would have other strengths than is written. */
function keyOf(publicKey: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
    const isP256 = key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
    return isP256 ? key : undefined
  } catch {
    return undefined
  }
}
