import { hashOf } from '../../edge/base/hash.js'
import type { Clock } from '../../edge/base/clock.js'
import type { Agency } from '../../edge/messages/agencies.js'
import type { ListHead } from '../../edge/messages/down.js'
import { judgeLift, liftStatement, type HoldEntry } from '../../edge/messages/trust/holds.js'
import type { LiftReason, RecordSignature } from '../../edge/messages/trust/lift.js'
import type { Delegation } from '../../edge/messages/trust/records.js'
import { Refusal } from '../desk/refusal.js'
import { isSamePerson } from '../domain/order-flow.js'
import type { ControlListName } from '../store/control-history.js'
import type { Database } from '../store/database.js'
import { loadOrder } from '../store/orders.js'
import { audit } from '../store/records.js'
import type { SignLift } from '../trust/persons.js'
import { holdToLift } from './holds.js'
import type { Lists } from './lists.js'

/** A lift that one person asked for. It waits in memory: after a restart it is asked for anew. */
export interface WaitingLift {
  readonly list: ControlListName
  readonly key: string
  readonly reason: LiftReason
  /** UTC ms; part of what is signed. */
  readonly at: number
  readonly person: string
}

interface Waiting extends WaitingLift {
  readonly isSecret: boolean
  /** Over the entry as the first person signed it. */
  readonly entryHash: string
  readonly by: RecordSignature
}

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
  readonly #waiting = new Map<string, Waiting>()

  constructor(given: LiftsGiven) {
    this.#given = given
  }

  /** Those that a person may know of. */
  waiting(reader: string): WaitingLift[] {
    this.#expire()
    return [...this.#waiting.values()]
      .filter(({ isSecret }) => !isSecret || this.#given.secretOrderReaders.includes(reader))
      .map(({ list, key, reason, at, person }) => ({ list, key, reason, at, person }))
  }

  /** The first person. Throws {@link Refusal}. */
  async ask(
    list: ControlListName,
    key: string,
    reason: LiftReason,
    person: string,
    passphrase: string,
  ): Promise<WaitingLift> {
    this.#expire()
    const name = nameOf(list, key)
    if (this.#waiting.size >= waitingMax)
      throw new Refusal('conflict', `${waitingMax} lifts wait to be confirmed: confirm or withdraw some`)
    const { site, sign, clock, database } = this.#given
    const entry = await this.#entry(list, key, person)
    if (this.#waiting.has(name)) throw new Refusal('wrongState', `a lift of ${key} is asked for already`)
    const at = Math.round(clock.now().wallMs)
    const by = await sign(person, passphrase, liftStatement(site, entry, { reason, at }))
    const asked: Waiting = {
      list,
      key,
      reason,
      at,
      person,
      isSecret: isSecret(entry),
      entryHash: hashOf(entry),
      by,
    }
    await database.transact((sql) =>
      audit(sql, {
        ...{ at, operator: person, action: 'liftAsked' },
        ...{ target: targetOf(entry, key), detail: { list, reason, keyId: by.keyId } },
      }),
    )
    this.#waiting.set(name, asked)
    return { list, key, reason, at, person }
  }

  /** The second person: the entry holds nobody from the next version on. Throws {@link Refusal}. */
  async confirm(list: ControlListName, key: string, person: string, passphrase: string): Promise<ListHead> {
    this.#expire()
    const name = nameOf(list, key)
    const asked = this.#waiting.get(name)
    if (!asked) throw new Refusal('notFound', `no lift of ${key} is asked for: ask for it first`)
    if (isSamePerson(asked.person, person))
      throw new Refusal('secondPerson', 'another person confirms a lift than the one who asked for it')
    const { site, sign, clock, database, lists, delegation } = this.#given
    const entry = await this.#entry(list, key, person)
    const { reason, at } = asked
    const second = await sign(person, passphrase, liftStatement(site, entry, { reason, at }))
    const head = await database.transact(async (sql) => {
      const now = await holdToLift(sql, list, key)
      if (hashOf(now) !== asked.entryHash)
        throw new Refusal('conflict', `${key} was changed since its lift was asked for: ask anew`)
      const lifted: HoldEntry = { ...now, lift: { at, reason, by: [asked.by, second] } }
      const nowMs = clock.now().wallMs
      const unproven = judgeLift({ site, delegation: delegation(), signedTimeMs: nowMs }, lifted)
      if (unproven) throw new Refusal('invalid', `no edge would take this lift: ${unproven.detail}`)
      const made = await lists.write(sql, list, { upserts: [lifted], deletes: [] }, person)
      const keyIds = [asked.by.keyId, second.keyId]
      await audit(sql, {
        ...{ at: nowMs, operator: person, action: 'lifted', target: targetOf(now, key) },
        detail: { list, reason, askedBy: asked.person, keyIds, version: made?.version ?? null },
      })
      return made
    })
    this.#waiting.delete(name)
    if (!head) throw new Refusal('conflict', `${key} was lifted meanwhile`)
    lists.written([head])
    return head
  }

  /** Either of the two, or anybody with the right, takes back what was asked. Throws {@link Refusal}. */
  async withdraw(list: ControlListName, key: string, person: string): Promise<void> {
    if (!this.waiting(person).some((one) => one.list === list && one.key === key))
      throw new Refusal('notFound', `no lift of ${key} is asked for`)
    const at = Math.round(this.#given.clock.now().wallMs)
    await this.#given.database.transact(async (sql) => {
      const target = targetOf(await holdToLift(sql, list, key), key)
      await audit(sql, { at, operator: person, action: 'liftWithdrawn', target, detail: { list } })
    })
    this.#waiting.delete(nameOf(list, key))
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
    const own = agencyOf?.(person)
    if (agencyOf && own !== entry.agency)
      throw new Refusal(
        'foreignAgency',
        `this is for people of ${entry.agency}, and ${person} belongs to ${own ?? 'no agency'}`,
      )
    return entry
  }

  #expire(): void {
    const nowMs = this.#given.clock.now().wallMs
    for (const [name, { at }] of this.#waiting) if (nowMs - at > waitForMs) this.#waiting.delete(name)
  }
}

function nameOf(list: ControlListName, key: string): string {
  return `${list}/${key}`
}

/** Whoever reads the audit learns of a secret order no more than that there was a step. */
function targetOf(entry: HoldEntry, key: string): string {
  return isSecret(entry) ? 'order' : key
}

function isSecret(entry: HoldEntry): boolean {
  return entry.kind === 'order' && entry.nature === 'SECRET'
}
