import type { Sql } from '../store/database.js'

/** Tables of this folder; a step of store/migrations.ts. */
export const enrolmentTables: readonly string[] = [
  // Every certificate that an edge was given, until it is over.
  `CREATE TABLE edge_certificates (
    serial TEXT PRIMARY KEY, edge_id TEXT NOT NULL, how TEXT NOT NULL,
    issued_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, revoked_at INTEGER) WITHOUT ROWID`,
  'CREATE INDEX edge_certificates_by_edge ON edge_certificates (edge_id, issued_at)',
  // Once an edge was revoked, only certificates that this store knows count for it; again_at: enrolled anew.
  `CREATE TABLE edge_revocations (
    edge_id TEXT PRIMARY KEY, revoked_at INTEGER NOT NULL, revoked_by TEXT NOT NULL, reason TEXT NOT NULL,
    again_at INTEGER) WITHOUT ROWID`,
  // One-time tokens by the hash of their secret; answer: what the holder of the key was given.
  `CREATE TABLE enrolment_tokens (
    hash TEXT PRIMARY KEY, edge_id TEXT NOT NULL, made_by TEXT NOT NULL, made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, tries INTEGER NOT NULL, used_at INTEGER, public_key TEXT,
    certificate TEXT) WITHOUT ROWID`,
]

export interface CertificateRow {
  readonly serial: string
  readonly edgeId: string
  readonly how: 'enrolment' | 'renewal'
  readonly issuedAt: number
  readonly expiresAt: number
  readonly revokedAt: number | null
}

export interface RevocationRow {
  readonly edgeId: string
  readonly revokedAt: number
  readonly by: string
  readonly reason: string
  readonly againAt: number | null
}

export interface TokenRow {
  readonly hash: string
  readonly edgeId: string
  readonly expiresAt: number
  readonly tries: number
  readonly usedAt: number | null
  readonly publicKey: string | null
  readonly certificate: string | null
}

export function certificateRows(sql: Sql): Promise<CertificateRow[]> {
  return sql.all<CertificateRow>(
    `SELECT serial, edge_id AS edgeId, how, issued_at AS issuedAt, expires_at AS expiresAt,
       revoked_at AS revokedAt FROM edge_certificates`,
  )
}

export function revocationRows(sql: Sql): Promise<RevocationRow[]> {
  return sql.all<RevocationRow>(
    `SELECT edge_id AS edgeId, revoked_at AS revokedAt, revoked_by AS "by", reason, again_at AS againAt
     FROM edge_revocations`,
  )
}

export async function saveCertificate(sql: Sql, row: CertificateRow): Promise<void> {
  await sql.run(
    `INSERT INTO edge_certificates (serial, edge_id, how, issued_at, expires_at, revoked_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
    [row.serial, row.edgeId, row.how, row.issuedAt, row.expiresAt, row.revokedAt],
  )
}

/** Ends every certificate that the edge had so far. */
export async function endCertificates(sql: Sql, edgeId: string, atMs: number): Promise<void> {
  await sql.run('UPDATE edge_certificates SET revoked_at = ? WHERE edge_id = ? AND revoked_at IS NULL', [
    atMs,
    edgeId,
  ])
}

export async function saveRevocation(sql: Sql, row: RevocationRow): Promise<void> {
  await sql.run(
    `INSERT OR REPLACE INTO edge_revocations (edge_id, revoked_at, revoked_by, reason, again_at)
     VALUES (?, ?, ?, ?, ?)`,
    [row.edgeId, row.revokedAt, row.by, row.reason, row.againAt],
  )
}

/** The newest token of an edge is its only one. */
export async function saveToken(
  sql: Sql,
  token: { hash: string; edgeId: string; by: string; at: number; expiresAt: number },
): Promise<void> {
  await sql.run('DELETE FROM enrolment_tokens WHERE edge_id = ?', [token.edgeId])
  await sql.run(
    `INSERT INTO enrolment_tokens (hash, edge_id, made_by, made_at, expires_at, tries)
     VALUES (?, ?, ?, ?, ?, 0)`,
    [token.hash, token.edgeId, token.by, token.at, token.expiresAt],
  )
}

export function findToken(sql: Sql, hash: string): Promise<TokenRow | undefined> {
  return sql.one<TokenRow>(
    `SELECT hash, edge_id AS edgeId, expires_at AS expiresAt, tries, used_at AS usedAt,
       public_key AS publicKey, certificate FROM enrolment_tokens WHERE hash = ?`,
    [hash],
  )
}

export async function countTry(sql: Sql, hash: string): Promise<void> {
  await sql.run('UPDATE enrolment_tokens SET tries = tries + 1 WHERE hash = ?', [hash])
}

export async function useToken(
  sql: Sql,
  used: { hash: string; publicKey: string; certificate: string; atMs: number },
): Promise<void> {
  await sql.run('UPDATE enrolment_tokens SET used_at = ?, public_key = ?, certificate = ? WHERE hash = ?', [
    used.atMs,
    used.publicKey,
    used.certificate,
    used.hash,
  ])
}

const tokenKeptForMs = 86_400_000

/** Forgets certificates that are over, and tokens a day later, so that who comes late learns why. */
export async function forgetEnded(sql: Sql, nowMs: number): Promise<void> {
  await sql.run('DELETE FROM enrolment_tokens WHERE expires_at < ?', [nowMs - tokenKeptForMs])
  await sql.run('DELETE FROM edge_certificates WHERE expires_at < ?', [nowMs])
}
