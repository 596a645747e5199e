import { hashOf } from '../../edge/base/hash.js'
import type { Clock } from '../../edge/base/clock.js'
import type { Agency } from '../../edge/messages/agencies.js'
import type { ListHead } from '../../edge/messages/down.js'
import { liftStatement, type HoldEntry } from '../../edge/messages/trust/holds.js'
import type { LiftReason } from '../../edge/messages/trust/lift.js'
import type { Delegation } from '../../edge/messages/trust/records.js'
import { Refusal } from '../desk/refusal.js'
import type { ControlListName } from '../store/control-history.js'
import {
  askedLift,
  askedLifts,
  forgetAskedLift,
  forgetOldLifts,
  saveAskedLift,
  type AskedHoldLift,
} from '../store/asked-lifts.js'
import type { Database, Sql } from '../store/database.js'
import { loadOrder } from '../store/orders.js'
import { audit } from '../store/records.js'
import type { SignLift } from '../trust/persons.js'
import { holdToLift } from './holds.js'
import type { Lists } from './lists.js'
import { demandAgency, demandAnother, liftedHold } from './two-people.js'

/** A lift that one person asked for and signed, as others may see it. */
export type WaitingLift = Pick<AskedHoldLift, 'list' | 'key' | 'reason' | 'at' | 'person'>

export interface LiftsGiven {
  readonly database: Database
  readonly lists: Pick<Lists, 'write' | 'written'>
  readonly clock: Clock
  readonly site: string
  readonly sign: SignLift
  readonly delegation: () => Delegation | null
  /** Who may know of secret orders; for anybody else they are not there. */
  readonly secretOrderReaders: readonly string[]
  /** The agency of a person, where the configuration gives people agencies: then only the issuing one lifts. */
  readonly agencyOf: ((person: string) => Agency | undefined) | undefined
}

const waitForMs = 24 * 3_600_000
const waitingMax = 500

/**
 * Lifts of holds that no person placed here: bans, orders that came by a file or a list change, and those that the
 * gateway placed by itself. One person asks and signs, another confirms and signs; then the entry carries both.
 */
export class Lifts {
  readonly #given: LiftsGiven

  constructor(given: LiftsGiven) {
    this.#given = given
  }

  /** Those that a person may know of. */
  async waiting(reader: string): Promise<WaitingLift[]> {
    const asked = await this.#given.database.read((sql) => askedLifts(sql, this.#sinceMs()))
    return asked
      .filter(({ isSecret }) => !isSecret || this.#given.secretOrderReaders.includes(reader))
      .map(shown)
  }

  /** The first person. Throws {@link Refusal}. */
  async ask(
    list: ControlListName,
    key: string,
    reason: LiftReason,
    person: string,
    passphrase: string,
  ): Promise<WaitingLift> {
    const { site, sign, clock, database } = this.#given
    const entry = await this.#entry(list, key, person)
    await database.read((sql) => this.#demandFree(sql, list, key))
    const at = Math.round(clock.now().wallMs)
    const by = await sign(person, passphrase, liftStatement(site, entry, { reason, at }))
    const entryHash = hashOf(entry)
    const asked: AskedHoldLift = {
      ...{ list, key, reason, at, person, entryHash, by },
      isSecret: isSecret(entry),
    }
    await database.transact(async (sql) => {
      await forgetOldLifts(sql, this.#sinceMs())
      await this.#demandFree(sql, list, key)
      await saveAskedLift(sql, asked)
      await audit(sql, {
        ...{ at, operator: person, action: 'liftAsked' },
        ...{ target: targetOf(entry, key), detail: { list, reason, keyId: by.keyId } },
      })
    })
    return shown(asked)
  }

  /** The second person: the entry holds nobody from the next version on. Throws {@link Refusal}. */
  async confirm(list: ControlListName, key: string, person: string, passphrase: string): Promise<ListHead> {
    const { site, sign, clock, database, lists, delegation } = this.#given
    const { reason, at } = await database.read((sql) => this.#asked(sql, list, key, person))
    const entry = await this.#entry(list, key, person)
    const second = await sign(person, passphrase, liftStatement(site, entry, { reason, at }))
    const head = await database.transact(async (sql) => {
      const asked = await this.#asked(sql, list, key, person)
      const now = await holdToLift(sql, list, key)
      if (asked.at !== at || hashOf(now) !== asked.entryHash)
        throw new Refusal('conflict', `${key} was changed since its lift was asked for: ask anew`)
      const nowMs = clock.now().wallMs
      const lift = { at, reason, by: [asked.by, second] }
      const lifted = liftedHold({ site, delegation: delegation(), nowMs }, now, lift)
      const made = await lists.write(sql, list, { upserts: [lifted], deletes: [] }, person)
      await forgetAskedLift(sql, list, key)
      const keyIds = [asked.by.keyId, second.keyId]
      await audit(sql, {
        ...{ at: nowMs, operator: person, action: 'lifted', target: targetOf(now, key) },
        detail: { list, reason, askedBy: asked.person, keyIds, version: made?.version ?? null },
      })
      return made
    })
    if (!head) throw new Refusal('conflict', `${key} was lifted meanwhile`)
    lists.written([head])
    return head
  }

  /** Either of the two, or anybody with the right, takes back what was asked. Throws {@link Refusal}. */
  async withdraw(list: ControlListName, key: string, person: string): Promise<void> {
    const seen = await this.waiting(person)
    if (!seen.some((one) => one.list === list && one.key === key))
      throw new Refusal('notFound', `no lift of ${key} is asked for`)
    const at = Math.round(this.#given.clock.now().wallMs)
    await this.#given.database.transact(async (sql) => {
      const asked = await askedLift(sql, list, key, this.#sinceMs())
      await forgetAskedLift(sql, list, key)
      const target = asked?.isSecret ? 'order' : key
      await audit(sql, { at, operator: person, action: 'liftWithdrawn', target, detail: { list } })
    })
  }

  /** What waits for this person's confirmation. Throws {@link Refusal}. */
  async #asked(sql: Sql, list: ControlListName, key: string, person: string): Promise<AskedHoldLift> {
    const asked = await askedLift(sql, list, key, this.#sinceMs())
    if (!asked || (asked.isSecret && !this.#given.secretOrderReaders.includes(person)))
      throw new Refusal('notFound', `no lift of ${key} is asked for: ask for it first`)
    demandAnother([asked.person], person)
    return asked
  }

  async #demandFree(sql: Sql, list: ControlListName, key: string): Promise<void> {
    const waiting = await askedLifts(sql, this.#sinceMs())
    if (waiting.some((one) => one.list === list && one.key === key))
      throw new Refusal('wrongState', `a lift of ${key} is asked for already`)
    if (waiting.length >= waitingMax)
      throw new Refusal('conflict', `${waitingMax} lifts wait to be confirmed: confirm or withdraw some`)
  }

  async #entry(list: ControlListName, key: string, person: string): Promise<HoldEntry> {
    const { database, agencyOf, secretOrderReaders } = this.#given
    const entry = await database.read(async (sql) => {
      const found = await holdToLift(sql, list, key)
      if (isSecret(found) && !secretOrderReaders.includes(person))
        throw new Refusal('notFound', `the list ${list} has no entry ${key}`)
      if (list === 'orders' && (await loadOrder(sql, key)))
        throw new Refusal('wrongState', `${key} was placed here: lift it through its order`)
      return found
    })
    if (agencyOf) demandAgency(agencyOf(person), entry.agency, person)
    return entry
  }

  /** A lift that was asked for earlier waits no longer. */
  #sinceMs(): number {
    return this.#given.clock.now().wallMs - waitForMs
  }
}

function shown({ list, key, reason, at, person }: AskedHoldLift): WaitingLift {
  return { list, key, reason, at, person }
}

/** Whoever reads the audit learns of a secret order no more than that there was a step. */
function targetOf(entry: HoldEntry, key: string): string {
  return isSecret(entry) ? 'order' : key
}

function isSecret(entry: HoldEntry): boolean {
  return entry.kind === 'order' && entry.nature === 'SECRET'
}
