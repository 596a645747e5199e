import type { Clock } from '../../edge/base/clock.js'
import type { Logger } from '../../edge/base/log.js'
import type { Begun, Session, Sessions } from '../api/sessions.js'
import { Refusal } from '../desk/refusal.js'
import { plainName } from '../domain/roles.js'
import type { Database, Sql } from '../store/database.js'
import {
  loadPassphrases,
  noticesOf,
  removePassphrase,
  saveNotice,
  saveNoticesSeen,
  savePassphrase,
  type Notice,
} from '../store/people.js'
import { audit } from '../store/records.js'
import {
  isPassphrase,
  secretOf,
  secretSchema,
  weaknessOf,
  type PassphraseCost,
  type StoredSecret,
} from './passphrase.js'
import { Tries } from './tries.js'

export interface PeopleGiven {
  readonly database: Database
  readonly clock: Clock
  readonly log: Logger
  readonly sessions: Sessions
  /** Everybody who may sign in, as the configuration spells it. */
  readonly names: readonly string[]
  /** Of new passphrases; absent: the full one. */
  readonly passphraseCost?: PassphraseCost | undefined
}

const windowMs = 900_000
/** Wrong tries in a quarter of an hour: for one name from one address, from one address, and for one name. */
const triesMax = { both: 5, address: 20, name: 30 } as const
/** Each check costs 32 MB and a core for a moment: one at a time, and no more than so many in the line. */
const checksWaitingMax = 16
export const noticesShownMax = 20

/** The people who may sign in by name and passphrase: their passphrases, wrong tries, and what they are told. */
export class People {
  readonly counters = { signedIn: 0, refused: 0, stopped: 0, set: 0 }
  readonly #given: PeopleGiven
  /** As the configuration spells them, by plain name. */
  readonly #names: ReadonlyMap<string, string>
  readonly #secrets = new Map<string, StoredSecret>()
  readonly #tries: {
    readonly both: Tries
    readonly address: Tries
    readonly name: Tries
    readonly unknown: Tries
  }
  #checking: Promise<unknown> = Promise.resolve()
  #waiting = 0

  private constructor(given: PeopleGiven) {
    this.#given = given
    this.#names = new Map(given.names.map((name) => [plainName(name), name]))
    const { clock } = given
    const tries = (max: number, keysMax: number) => new Tries({ clock, windowMs, max, keysMax })
    this.#tries = {
      both: tries(triesMax.both, 4_096),
      address: tries(triesMax.address, 4_096),
      // Names that are somebody's have a place each, so that made-up ones cannot push them out.
      name: tries(triesMax.name, Math.max(1, this.#names.size)),
      unknown: tries(triesMax.name, 1_024),
    }
  }

  /** Reads what is stored. Whoever is not named any more loses sessions and passphrase. */
  static async open(given: PeopleGiven): Promise<People> {
    const people = new People(given)
    const { database, sessions, clock } = given
    const gone = await database.read((sql) => people.load(sql))
    await sessions.endUnknown((operator) => people.#names.has(plainName(operator)))
    if (gone.length === 0) return people
    const at = Math.round(clock.now().wallMs)
    await database.transact(async (sql) => {
      for (const name of gone) {
        await removePassphrase(sql, name)
        await audit(sql, { at, operator: 'gateway', action: 'personRemoved', target: name, detail: {} })
      }
    })
    return people
  }

  /** Reads the passphrases as they are stored; returns the names that nobody has any more. */
  async load(sql: Sql): Promise<string[]> {
    const rows = await loadPassphrases(sql)
    this.#secrets.clear()
    for (const { name, secret } of rows) {
      if (this.#names.has(name)) this.#secrets.set(name, secretSchema.parse(JSON.parse(secret)))
    }
    return rows.map(({ name }) => name).filter((name) => !this.#names.has(name))
  }

  hasPassphrase(name: string): boolean {
    return this.#secrets.has(plainName(name))
  }

  /** The person whom a typed name means, as the configuration spells it; undefined: nobody. */
  named(name: string): string | undefined {
    return this.#names.get(plainName(name))
  }

  /** Throws {@link Refusal}: `wrongSignIn` without saying what was wrong, `tooManyTries`. */
  async signIn(name: string, passphrase: string, address: string): Promise<Begun> {
    const plain = plainName(name)
    await this.#countTry(plain, address)
    const secret = this.#secrets.get(plain)
    const isRight = await this.#check(passphrase, secret)
    const operator = this.#names.get(plain)
    // Set anew while this was being checked: what was typed is the one before.
    if (!isRight || operator === undefined || this.#secrets.get(plain) !== secret) {
      await this.#noteWrong(operator, address)
      throw new Refusal('wrongSignIn', 'unknown name, no passphrase set yet, or a wrong passphrase')
    }
    this.#giveBack(plain, address)
    this.counters.signedIn += 1
    return this.#given.sessions.begin(operator, 'passphrase', address)
  }

  /**
   * Sets the passphrase of who is signed in, and ends the person's other sessions and links. `current` is needed but
   * in a session that began with a link and has set none. Throws {@link Refusal}.
   */
  async setPassphrase(
    session: Session,
    asked: { readonly passphrase: string; readonly current?: string | undefined },
    address: string,
  ): Promise<void> {
    const { operator } = session
    const plain = plainName(operator)
    if (this.#names.get(plain) === undefined)
      throw new Refusal('notAllowed', 'only people whom the configuration names have a passphrase')
    const before = this.#secrets.get(plain)
    if (!session.maySet) {
      await this.#countTry(plain, address)
      if (!(await this.#check(asked.current ?? '', before))) {
        await this.#noteWrong(operator, address)
        throw new Refusal('wrongSignIn', 'the passphrase up to now is not right')
      }
      this.#giveBack(plain, address)
    }
    const weakness = weaknessOf(asked.passphrase, operator)
    if (weakness !== null) throw new Refusal('weakPassphrase', weakness)
    if (await this.#check(asked.passphrase, before))
      throw new Refusal('weakPassphrase', 'this is the passphrase up to now: take another one')
    const secret = await this.#inLine(() => secretOf(asked.passphrase, this.#given.passphraseCost))
    const kind = session.maySet ? 'passphraseSet' : 'passphraseChanged'
    const at = Math.round(this.#given.clock.now().wallMs)
    await this.#given.database.transact(
      async (sql) => {
        await savePassphrase(sql, plain, JSON.stringify(secret), at)
        await saveNotice(sql, plain, { at, kind, by: null, address })
        await audit(sql, { at, operator, action: kind, target: operator, detail: { address } })
      },
      () => {
        this.#secrets.set(plain, secret)
      },
    )
    this.counters.set += 1
    await this.#given.sessions.keepOnly(session)
  }

  /**
   * Takes a one-time link for a person, whose token is known here as its SHA-256 (hex) only; the person is told of it.
   * Throws {@link Refusal} where nobody has that name.
   */
  async addLink(asked: {
    readonly person: string
    readonly hash: string
    readonly by: string
  }): Promise<{ readonly person: string; readonly expiresAt: number; readonly hasPassphrase: boolean }> {
    const { database, sessions, clock } = this.#given
    const person = this.named(asked.person)
    if (person === undefined) {
      const known = [...this.#names.values()].slice(0, 20).join(', ')
      throw new Refusal(
        'notFound',
        `the running gateway knows nobody named ${asked.person}. It knows: ${known}`,
      )
    }
    const hasPassphrase = this.hasPassphrase(person)
    const at = Math.round(clock.now().wallMs)
    await database.transact(async (sql) => {
      await saveNotice(sql, plainName(person), { at, kind: 'linkMade', by: asked.by, address: null })
      await audit(sql, {
        ...{ at, operator: asked.by, action: 'linkMade', target: person },
        detail: { hasPassphrase },
      })
    })
    return { person, expiresAt: sessions.addLink(person, asked.hash, asked.by), hasPassphrase }
  }

  /** The newest first; what the person has not read yet has no `seenAt`. */
  notices(operator: string): Promise<Notice[]> {
    return this.#given.database.read((sql) => noticesOf(sql, plainName(operator), noticesShownMax))
  }

  /** Only by who knows the passphrase: whoever came by a link could hide his own coming. Throws {@link Refusal}. */
  async markSeen(session: Session, upTo: number): Promise<void> {
    if (session.by !== 'passphrase')
      throw new Refusal('notAllowed', 'sign in with your passphrase to say that you have read this')
    const { database, clock } = this.#given
    await database.transact((sql) =>
      saveNoticesSeen(sql, plainName(session.operator), upTo, clock.now().wallMs),
    )
  }

  /** Counted before it is checked, so that many at once are not more than one after the other. */
  async #countTry(plain: string, address: string): Promise<void> {
    const counts = this.#countsOf(plain, address)
    if (counts.every(([tries, key]) => !tries.isOver(key))) {
      for (const [tries, key] of counts) tries.count(key)
      return
    }
    this.counters.stopped += 1
    const isFirst = counts.map(([tries, key]) => tries.isOver(key) && tries.tellOnce(key)).includes(true)
    if (isFirst) await this.#noteStopped(this.#names.get(plain), address)
    throw new Refusal('tooManyTries', 'too many wrong tries: wait a quarter of an hour, or ask for a link')
  }

  #giveBack(plain: string, address: string): void {
    for (const [tries, key] of this.#countsOf(plain, address)) tries.giveBack(key)
  }

  #countsOf(plain: string, address: string): readonly (readonly [Tries, string])[] {
    const { both, name, unknown } = this.#tries
    return [
      [both, `${address} ${plain}`],
      [this.#tries.address, address],
      [this.#names.has(plain) ? name : unknown, plain],
    ]
  }

  /** A name that is nobody's is not written down: people type their passphrase there by mistake. */
  async #noteWrong(operator: string | undefined, address: string): Promise<void> {
    this.counters.refused += 1
    const at = Math.round(this.#given.clock.now().wallMs)
    await this.#given.database.transact((sql) =>
      audit(sql, {
        ...{ at, operator: operator ?? '?', action: 'signInRefused', target: 'console', detail: { address } },
      }),
    )
  }

  async #noteStopped(operator: string | undefined, address: string): Promise<void> {
    const at = Math.round(this.#given.clock.now().wallMs)
    this.#given.log.warn({ address }, 'too many wrong tries to sign in')
    await this.#given.database.transact(async (sql) => {
      if (operator !== undefined)
        await saveNotice(sql, plainName(operator), { at, kind: 'signInsStopped', by: null, address })
      await audit(sql, {
        ...{
          at,
          operator: operator ?? '?',
          action: 'signInsStopped',
          target: 'console',
          detail: { address },
        },
      })
    })
  }

  #check(passphrase: string, secret: StoredSecret | undefined): Promise<boolean> {
    return this.#inLine(() => isPassphrase(passphrase, secret, this.#given.passphraseCost))
  }

  async #inLine<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= checksWaitingMax)
      throw new Refusal('tooManyTries', 'too many sign in at this moment: try again')
    this.#waiting += 1
    const done = this.#checking.then(work)
    this.#checking = done.catch(() => undefined)
    try {
      return await done
    } finally {
      this.#waiting -= 1
    }
  }
}
