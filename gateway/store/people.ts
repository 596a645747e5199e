import type { Sql } from './database.js'

/** Passphrases of people, and what they are to be told about their own sign-ins. Names stand in their plain form. */
export const peopleTables: readonly string[] = [
  // `secret`: salt, cost and hash as JSON (people/passphrase.ts); the passphrase itself stands nowhere.
  `CREATE TABLE passphrases (
    name TEXT PRIMARY KEY, secret TEXT NOT NULL, set_at INTEGER NOT NULL) WITHOUT ROWID`,
  `CREATE TABLE sign_in_notices (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
    by_whom TEXT, address TEXT, seen_at INTEGER)`,
  'CREATE INDEX sign_in_notices_by_name ON sign_in_notices (name, id)',
  // Sessions of an older program all began with a link, whose right to set a passphrase is over.
  `ALTER TABLE sessions ADD COLUMN signed_in_by TEXT NOT NULL DEFAULT 'link'`,
  'ALTER TABLE sessions ADD COLUMN may_set INTEGER NOT NULL DEFAULT 0',
]

/**
 * What somebody should know about sign-ins under his name: a link was made or used, the passphrase was set through
 * a link or changed, or wrong tries were so many that they were stopped.
 */
export const noticeKinds = [
  'linkMade',
  'linkUsed',
  'passphraseSet',
  'passphraseChanged',
  'signInsStopped',
] as const
export type NoticeKind = (typeof noticeKinds)[number]

export interface Notice {
  readonly id: number
  /** UTC ms. */
  readonly at: number
  readonly kind: NoticeKind
  /** Who made a link; null: nobody else had a part in it. */
  readonly by: string | null
  /** Where the request came from; null: from the gateway's own machine. */
  readonly address: string | null
  /** When the person said that it was read, UTC ms; null: not yet. */
  readonly seenAt: number | null
}

/** Of one person; the oldest go first. */
const noticesMax = 200

export async function saveNotice(
  sql: Sql,
  name: string,
  notice: Pick<Notice, 'at' | 'kind' | 'by' | 'address'>,
): Promise<void> {
  await sql.run('INSERT INTO sign_in_notices (name, at, kind, by_whom, address) VALUES (?, ?, ?, ?, ?)', [
    name,
    Math.round(notice.at),
    notice.kind,
    notice.by,
    notice.address,
  ])
  await sql.run(
    `DELETE FROM sign_in_notices WHERE name = ? AND id <=
     (SELECT id FROM sign_in_notices WHERE name = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`,
    [name, name, noticesMax],
  )
}

/** The newest first. */
export async function noticesOf(sql: Sql, name: string, limit: number): Promise<Notice[]> {
  const rows = await sql.all<{
    id: number
    at: number
    kind: NoticeKind
    by_whom: string | null
    address: string | null
    seen_at: number | null
  }>(
    `SELECT id, at, kind, by_whom, address, seen_at FROM sign_in_notices WHERE name = ?
     ORDER BY id DESC LIMIT ?`,
    [name, limit],
  )
  return rows.map(({ by_whom: by, seen_at: seenAt, ...rest }) => ({ ...rest, by, seenAt }))
}

export async function saveNoticesSeen(sql: Sql, name: string, upTo: number, at: number): Promise<void> {
  await sql.run('UPDATE sign_in_notices SET seen_at = ? WHERE name = ? AND id <= ? AND seen_at IS NULL', [
    Math.round(at),
    name,
    upTo,
  ])
}

export async function loadPassphrases(
  sql: Sql,
): Promise<{ readonly name: string; readonly secret: string }[]> {
  return sql.all('SELECT name, secret FROM passphrases')
}

export async function savePassphrase(sql: Sql, name: string, secret: string, at: number): Promise<void> {
  await sql.run('INSERT OR REPLACE INTO passphrases (name, secret, set_at) VALUES (?, ?, ?)', [
    name,
    secret,
    Math.round(at),
  ])
}

export async function removePassphrase(sql: Sql, name: string): Promise<void> {
  await sql.run('DELETE FROM passphrases WHERE name = ?', [name])
}
