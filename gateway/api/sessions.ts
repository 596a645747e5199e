import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../edge/base/clock.js'
import type { Database } from '../store/database.js'
import { audit } from '../store/records.js'

export interface Session {
  readonly operator: string
  readonly hash: string
}

interface Held {
  readonly operator: string
  readonly expiresAt: number
  idleUntil: number
  /** Idle end as the store has it; written again only now and then. */
  savedIdleUntil: number
}

interface Link {
  readonly digest: Buffer
  readonly operator: string
  readonly expiresAt: number
}

export interface SessionsGiven {
  readonly database: Database
  readonly clock: Clock
  readonly idleMs: number
  readonly absoluteMs: number
  readonly linkForMs: number
}

const linksMax = 16
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
      sql.all<{ hash: string; operator: string; idle_until: number; expires_at: number }>(
        'SELECT hash, operator, idle_until, expires_at FROM sessions',
      ),
    )
    for (const row of rows) {
      sessions.#held.set(row.hash, {
        operator: row.operator,
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
    const expiresAt = this.#given.clock.now().wallMs + this.#given.linkForMs
    this.#links = [...this.#links, { digest: digestOf(token), operator, expiresAt }].slice(-linksMax)
    return token
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

  /** Uses a link up and returns the id for the cookie; undefined: unknown, used or too old. */
  async signIn(token: string): Promise<{ readonly id: string; readonly operator: string } | undefined> {
    const nowMs = this.#given.clock.now().wallMs
    const digest = digestOf(token)
    const link = this.#links.find((one) => timingSafeEqual(one.digest, digest))
    if (!link) return undefined
    this.#links = this.#links.filter((one) => one !== link)
    if (link.expiresAt <= nowMs) return undefined
    const id = newSecret()
    const hash = digestOf(id).toString('hex')
    const idleUntil = nowMs + this.#given.idleMs
    const expiresAt = nowMs + this.#given.absoluteMs
    await this.#given.database.transact(async (sql) => {
      await sql.run('DELETE FROM sessions WHERE expires_at < ? OR idle_until < ?', [nowMs, nowMs])
      await sql.run(
        'INSERT INTO sessions (hash, operator, created_at, idle_until, expires_at) VALUES (?, ?, ?, ?, ?)',
        [hash, link.operator, nowMs, idleUntil, expiresAt],
      )
      const detail = { expiresAt }
      await audit(sql, { at: nowMs, operator: link.operator, action: 'signIn', target: 'console', detail })
    })
    this.#forgetOld(nowMs)
    const { operator } = link
    this.#held.set(hash, { operator, expiresAt, idleUntil, savedIdleUntil: idleUntil })
    return { id, operator }
  }

  /** The session of a cookie, kept alive by being used; undefined: none, idle too long, or over. */
  find(id: string | undefined): Session | undefined {
    if (id === undefined || id === '') return undefined
    const hash = digestOf(id).toString('hex')
    return this.touch(hash) ? { hash, operator: this.#held.get(hash)?.operator ?? '' } : undefined
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
