import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../edge/base/clock.js'
import type { Database, Sql } from '../store/database.js'
import { plainName } from '../domain/roles.js'
import { saveNotice } from '../store/people.js'
import { audit } from '../store/records.js'

export type SignedInBy = 'link' | 'passphrase'

export interface Session {
  readonly operator: string
  readonly hash: string
  readonly by: SignedInBy
  /** It began with a link, and no passphrase was set in it yet: it may set one without knowing the one before. */
  readonly maySet: boolean
}

/** A session that has just begun; `id` is for the cookie and stands nowhere else. */
export interface Begun {
  readonly id: string
  readonly operator: string
}

interface Held {
  readonly operator: string
  readonly by: SignedInBy
  maySet: boolean
  readonly expiresAt: number
  idleUntil: number
  /** Idle end as the store has it; written again only now and then. */
  savedIdleUntil: number
}

interface Link {
  readonly digest: Buffer
  readonly operator: string
  readonly expiresAt: number
  /** Who had it made; null: the gateway itself, at its start. */
  readonly madeBy: string | null
}

export interface SessionsGiven {
  readonly database: Database
  readonly clock: Clock
  readonly idleMs: number
  readonly absoluteMs: number
  readonly linkForMs: number
}

const linksMax = 256
const sessionsMax = 1_000
const idleSavedEveryMs = 60_000
const triesPerMinute = 10
const addressesMax = 1_000

/**
 * Who is signed in. Ids and link tokens are 256 random bits and are kept only as hashes: what stands
 * in the store, or in a copy of it, signs nobody in.
 */
export class Sessions {
  readonly #given: SessionsGiven
  readonly #held = new Map<string, Held>()
  #links: Link[] = []
  readonly #tries = new Map<string, { minute: number; count: number }>()

  private constructor(given: SessionsGiven) {
    this.#given = given
  }

  static async open(given: SessionsGiven): Promise<Sessions> {
    const sessions = new Sessions(given)
    const rows = await given.database.read((sql) =>
      sql.all<{
        hash: string
        operator: string
        idle_until: number
        expires_at: number
        signed_in_by: SignedInBy
        may_set: number
      }>('SELECT hash, operator, idle_until, expires_at, signed_in_by, may_set FROM sessions'),
    )
    for (const row of rows) {
      sessions.#held.set(row.hash, {
        operator: row.operator,
        by: row.signed_in_by,
        maySet: row.may_set === 1,
        expiresAt: row.expires_at,
        idleUntil: row.idle_until,
        savedIdleUntil: row.idle_until,
      })
    }
    return sessions
  }

  /** A token that signs one person in, once. The newest few are kept. */
  newLinkToken(operator: string): string {
    const token = newSecret()
    this.addLink(operator, digestOf(token).toString('hex'), null)
    return token
  }

  /** Takes a link whose token was made elsewhere and is known here as its SHA-256 (hex) only. UTC ms of its end. */
  addLink(operator: string, digest: string, madeBy: string | null): number {
    const expiresAt = this.#given.clock.now().wallMs + this.#given.linkForMs
    const link = { digest: Buffer.from(digest, 'hex'), operator, expiresAt, madeBy }
    this.#links = [...this.#links, link].slice(-linksMax)
    return expiresAt
  }

  /** Counts a try to sign in; false: too many from that address in this minute. */
  mayTry(address: string): boolean {
    const minute = Math.floor(this.#given.clock.now().monoMs / 60_000)
    const known = this.#tries.get(address)
    const tries = known?.minute === minute ? known : { minute, count: 0 }
    tries.count += 1
    if (this.#tries.size >= addressesMax) this.#tries.clear()
    this.#tries.set(address, tries)
    return tries.count <= triesPerMinute
  }

  /**
   * Uses a link up and begins a session, which the person is told of; undefined: unknown, used or too old.
   * `address`: of who uses it.
   */
  async signIn(token: string, address: string): Promise<Begun | undefined> {
    const nowMs = this.#given.clock.now().wallMs
    const digest = digestOf(token)
    const link = this.#links.find((one) => timingSafeEqual(one.digest, digest))
    if (!link) return undefined
    this.#links = this.#links.filter((one) => one !== link)
    if (link.expiresAt <= nowMs) return undefined
    const { operator, madeBy: by } = link
    return this.begin(operator, 'link', address, (sql) =>
      saveNotice(sql, plainName(operator), { at: nowMs, kind: 'linkUsed', by, address }),
    )
  }

  /** Begins a session for somebody who has shown who he is; `also` runs in the same transaction. */
  async begin(
    operator: string,
    by: SignedInBy,
    address: string,
    also: (sql: Sql) => Promise<void> = () => Promise.resolve(),
  ): Promise<Begun> {
    const nowMs = this.#given.clock.now().wallMs
    const id = newSecret()
    const hash = digestOf(id).toString('hex')
    const idleUntil = nowMs + this.#given.idleMs
    const expiresAt = nowMs + this.#given.absoluteMs
    const maySet = by === 'link'
    await this.#given.database.transact(async (sql) => {
      await sql.run('DELETE FROM sessions WHERE expires_at < ? OR idle_until < ?', [nowMs, nowMs])
      await sql.run(
        `INSERT INTO sessions (hash, operator, created_at, idle_until, expires_at, signed_in_by, may_set)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        [hash, operator, nowMs, idleUntil, expiresAt, by, maySet ? 1 : 0],
      )
      await audit(sql, {
        ...{ at: nowMs, operator, action: 'signIn', target: 'console' },
        detail: { by, address, expiresAt },
      })
      await also(sql)
    })
    this.#forgetOld(nowMs)
    this.#held.set(hash, { operator, by, maySet, expiresAt, idleUntil, savedIdleUntil: idleUntil })
    return { id, operator }
  }

  /** The session of a cookie, kept alive by being used; undefined: none, idle too long, or over. */
  find(id: string | undefined): Session | undefined {
    if (id === undefined || id === '') return undefined
    const hash = digestOf(id).toString('hex')
    const held = this.touch(hash) ? this.#held.get(hash) : undefined
    return held && { hash, operator: held.operator, by: held.by, maySet: held.maySet }
  }

  /** Keeps a session alive; false: it is over. */
  touch(hash: string): boolean {
    const held = this.#held.get(hash)
    const nowMs = this.#given.clock.now().wallMs
    if (!held) return false
    if (held.expiresAt <= nowMs || held.idleUntil <= nowMs) {
      this.#held.delete(hash)
      return false
    }
    held.idleUntil = nowMs + this.#given.idleMs
    if (held.idleUntil - held.savedIdleUntil >= idleSavedEveryMs) this.#saveIdle(hash, held)
    return true
  }

  async signOut(session: Session): Promise<void> {
    this.#held.delete(session.hash)
    await this.#given.database.transact((sql) =>
      sql.run('DELETE FROM sessions WHERE hash = ?', [session.hash]),
    )
  }

  /** Ends the sessions and links of a person but this one, which may set no passphrase any more. */
  async keepOnly(session: Session): Promise<void> {
    const { operator, hash } = session
    this.#links = this.#links.filter((link) => link.operator !== operator)
    for (const [other, held] of this.#held)
      if (held.operator === operator && other !== hash) this.#held.delete(other)
    const held = this.#held.get(hash)
    if (held) held.maySet = false
    await this.#given.database.transact(async (sql) => {
      await sql.run('DELETE FROM sessions WHERE operator = ? AND hash <> ?', [operator, hash])
      await sql.run('UPDATE sessions SET may_set = 0 WHERE hash = ?', [hash])
    })
  }

  /** Ends the sessions of everybody who is not known any more. */
  async endUnknown(isKnown: (operator: string) => boolean): Promise<void> {
    const gone = [...this.#held].filter(([, held]) => !isKnown(held.operator))
    if (gone.length === 0) return
    for (const [hash] of gone) this.#held.delete(hash)
    await this.#given.database.transact(async (sql) => {
      for (const [hash] of gone) await sql.run('DELETE FROM sessions WHERE hash = ?', [hash])
    })
  }

  #saveIdle(hash: string, held: Held): void {
    const before = held.savedIdleUntil
    held.savedIdleUntil = held.idleUntil
    this.#given.database
      .transact((sql) => sql.run('UPDATE sessions SET idle_until = ? WHERE hash = ?', [held.idleUntil, hash]))
      .catch(() => {
        // Tried again at the next use; at worst a restart signs somebody out early.
        held.savedIdleUntil = before
      })
  }

  #forgetOld(nowMs: number): void {
    for (const [hash, held] of this.#held) {
      if (held.expiresAt <= nowMs || held.idleUntil <= nowMs) this.#held.delete(hash)
    }
    while (this.#held.size >= sessionsMax) {
      const oldest = this.#held.keys().next()
      if (oldest.done) return
      this.#held.delete(oldest.value)
    }
  }
}

function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
