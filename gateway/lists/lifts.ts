import { hashOf } from '../../edge/base/hash.js'
import type { Clock } from '../../edge/base/clock.js'
import type { Agency } from '../../edge/messages/agencies.js'
import type { ListHead } from '../../edge/messages/down.js'
import { listKeyOf } from '../../edge/messages/entities.js'
import { lineProblem } from '../../edge/messages/text/line-problem.js'
import { liftStatement, type HoldEntry } from '../../edge/messages/trust/holds.js'
import type { LiftReason, RecordSignature } from '../../edge/messages/trust/lift.js'
import type { Delegation } from '../../edge/messages/trust/records.js'
import { Refusal } from '../desk/refusal.js'
import { steppedAgain } from '../domain/order-flow.js'
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
import { heldByRecord, holdsNamed, type FoundHold } from '../store/find-holds.js'
import { entriesByKey } from '../store/list-names.js'
import { loadOrder, saveOrder } from '../store/orders.js'
import { audit } from '../store/records.js'
import type { SignLift } from '../trust/persons.js'
import { bare, holdToLift } from './holds.js'
import type { Lists } from './lists.js'
import type { HoldName } from './unproven-lifts.js'
import { demandAgency, demandAnother, demandMayWithdraw, liftedHold } from './two-people.js'

/** A lift that one person asked for and answers for, as others may see it. */
export type WaitingLift = Pick<AskedHoldLift, 'list' | 'key' | 'reason' | 'at' | 'person'> & {
  readonly why: string
}

/** Why a hold is to be lifted; the passphrase opens the own key, where lists are signed. */
export interface LiftWanted {
  readonly reason: LiftReason
  /** Needed with the reason 99. */
  readonly why: string
  readonly passphrase: string | undefined
}

/** A hold as the person who looks for it may see it. */
export interface HoldShown extends FoundHold {
  /** An order that was placed here and is in force: it is lifted through its own history. */
  readonly placedHere: boolean
  /** Only people of its agency lift it, and this person is none of them. */
  readonly foreign: boolean
  readonly waiting: WaitingLift | null
}

/** By what two people answer: `signed` each with the own key, `unsigned` by their sign-in, `noKeys` not at all. */
export type LiftedBy = 'signed' | 'unsigned' | 'noKeys'

export interface HoldsFound {
  readonly holds: readonly HoldShown[]
  /** There are others than these. */
  readonly more: boolean
  readonly by: LiftedBy
}

/** Who may sign lifts where lists are signed, and how; without `sign` the gateway has no keys of people. */
export interface LiftSigning {
  readonly sign: SignLift | null
  readonly delegation: () => Delegation | null
}

export interface LiftsGiven {
  readonly database: Database
  readonly lists: Pick<Lists, 'write' | 'written'>
  readonly clock: Clock
  readonly site: string
  /** Null: lists are unsigned, and a lifted hold leaves its list at once. */
  readonly signing: LiftSigning | null
  /** Lifted holds that have to be lifted again; absent: none is known. */
  readonly unproven?: (() => readonly HoldName[]) | undefined
  /** Who may know of secret orders; for anybody else they are not there. */
  readonly secretOrderReaders: readonly string[]
  /** The agency of a person, where the configuration gives people agencies: then only the issuing one lifts. */
  readonly agencyOf: ((person: string) => Agency | undefined) | undefined
}

const waitForMs = 24 * 3_600_000
const waitingMax = 500
/** Holds in one answer. */
const shownMax = 50

/**
 * Lifts of holds that no person placed here: bans, orders that came by a file or a list change, and those that the
 * gateway placed by itself. One person asks and signs, another confirms and signs; then the entry carries both. Where
 * lists are unsigned the two answer by their sign-in, and the entry leaves its list.
 */
export class Lifts {
  readonly #given: LiftsGiven

  constructor(given: LiftsGiven) {
    this.#given = given
  }

  /** Those that a person may know of. */
  async waiting(reader: string): Promise<WaitingLift[]> {
    return this.#given.database.read((sql) => this.#waiting(sql, reader))
  }

  /**
   * Holds that bear a name in whole (store/find-holds.ts); without one, those whose lift waits for another person. With
   * them those whose lift is unproven: to be lifted again, as if they were not.
   */
  find(name: string | undefined, reader: string): Promise<HoldsFound> {
    const { database, agencyOf, unproven } = this.#given
    return database.read(async (sql) => {
      const waiting = await this.#waiting(sql, reader)
      const seesSecrets = this.#seesSecrets(reader)
      const again = unproven?.().filter(({ key }) => name === undefined || key === name) ?? []
      const found = [
        ...(await heldOf(sql, [...(name === undefined ? waiting : []), ...again], seesSecrets)),
        ...(name === undefined ? [] : await holdsNamed(sql, name, { seesSecrets, max: shownMax + 1 })),
      ]
      const holds = found.slice(0, shownMax)
      const placed = await heldByRecord(sql, ordersAmong(holds))
      return {
        holds: holds.map(({ list, entry }) => {
          const key = listKeyOf(entry)
          return {
            ...{ list, entry, placedHere: list === 'orders' && placed.has(key) },
            foreign: agencyOf !== undefined && agencyOf(reader) !== entry.agency,
            waiting: waiting.find((one) => one.list === list && one.key === key) ?? null,
          }
        }),
        more: found.length > shownMax,
        by: this.#by(),
      }
    })
  }

  /** The first person. Throws {@link Refusal}. */
  async ask(list: ControlListName, key: string, wanted: LiftWanted, person: string): Promise<WaitingLift> {
    const { clock, database } = this.#given
    const { reason, why } = wanted
    if (reason === '99' && why.trim() === '') throw new Refusal('needsReason', 'the reason 99 needs a remark')
    const entry = await this.#entry(list, key, person)
    await database.read((sql) => this.#demandFree(sql, list, key))
    const at = Math.round(clock.now().wallMs)
    const by = await this.#answer(entry, { reason, at }, person, wanted.passphrase)
    const asked: AskedHoldLift = {
      ...{ list, key, reason, why, at, person, entryHash: hashOf(entry), by },
      isSecret: isSecret(entry),
    }
    await database.transact(async (sql) => {
      await forgetOldLifts(sql, this.#sinceMs())
      await this.#demandFree(sql, list, key)
      await saveAskedLift(sql, asked)
      await this.#noteAgain(sql, asked, {
        at,
        by: person,
        did: 'liftAskedAgain',
        why: `${reason} ${why}`.trim(),
      })
      await audit(sql, {
        ...{ at, operator: person, action: 'liftAsked', target: targetOf(entry, key) },
        detail: { list, reason, ...saidOf(entry, why), keyId: by?.keyId ?? null },
      })
    })
    return shown(asked)
  }

  /** The second person: the entry holds nobody from the next version on. Throws {@link Refusal}. */
  async confirm(
    list: ControlListName,
    key: string,
    person: string,
    passphrase: string | undefined,
  ): Promise<ListHead> {
    const { clock, database, lists } = this.#given
    const { reason, at } = await database.read((sql) => this.#asked(sql, list, key, person))
    const entry = await this.#entry(list, key, person)
    const second = await this.#answer(entry, { reason, at }, person, passphrase)
    const head = await database.transact(async (sql) => {
      const asked = await this.#asked(sql, list, key, person)
      const now = await holdToLift(sql, list, key, this.#liftedBy())
      if (asked.at !== at || hashOf(now) !== asked.entryHash)
        throw new Refusal('conflict', `${key} was changed since its lift was asked for: ask anew`)
      const nowMs = clock.now().wallMs
      const made = await lists.write(sql, list, this.#lifting(now, asked, second, nowMs), person)
      await forgetAskedLift(sql, list, key)
      await this.#noteAgain(sql, asked, { at: nowMs, by: person, did: 'liftedAgain', why: reason })
      const keyIds = [asked.by, second].flatMap((by) => (by ? [by.keyId] : []))
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

  /**
   * Who asked for it, or somebody of the issuing agency, takes back what was asked; where the configuration gives nobody
   * an agency, anybody with the right. Throws {@link Refusal}.
   */
  async withdraw(list: ControlListName, key: string, person: string, why = ''): Promise<void> {
    const at = Math.round(this.#given.clock.now().wallMs)
    await this.#given.database.transact(async (sql) => {
      const asked = await askedLift(sql, list, key, this.#sinceMs())
      if (!asked || (asked.isSecret && !this.#seesSecrets(person)))
        throw new Refusal('notFound', `no lift of ${key} is asked for`)
      const [held] = await entriesByKey<HoldEntry>(sql, list, [key])
      const { agencyOf } = this.#given
      // Of a hold that is gone nothing is left to decide.
      if (held && agencyOf) demandMayWithdraw(agencyOf(person), held.agency, asked.person, person)
      await forgetAskedLift(sql, list, key)
      await this.#noteAgain(sql, asked, { at, by: person, did: 'liftWithdrawnAgain', why })
      const [target, said] = asked.isSecret ? ['order', {}] : [key, why === '' ? {} : { why }]
      await audit(sql, { at, operator: person, action: 'liftWithdrawn', target, detail: { list, ...said } })
    })
  }

  /** An order that was placed here has a history, which tells this lift too. */
  async #noteAgain(
    sql: Sql,
    { list, key }: AskedHoldLift,
    step: Parameters<typeof steppedAgain>[1],
  ): Promise<void> {
    const record = list === 'orders' ? await loadOrder(sql, key) : undefined
    if (record) await saveOrder(sql, steppedAgain(record, step))
  }

  #by(): LiftedBy {
    const { signing } = this.#given
    if (!signing) return 'unsigned'
    return signing.sign ? 'signed' : 'noKeys'
  }

  /** Who may lift now; null where lists are unsigned. */
  #liftedBy(): { readonly site: string; readonly delegation: Delegation | null } | null {
    const { signing, site } = this.#given
    return signing && { site, delegation: signing.delegation() }
  }

  #seesSecrets(person: string): boolean {
    return this.#given.secretOrderReaders.includes(person)
  }

  async #waiting(sql: Sql, reader: string): Promise<WaitingLift[]> {
    const asked = await askedLifts(sql, this.#sinceMs())
    return asked.filter((one) => !one.isSecret || this.#seesSecrets(reader)).map(shown)
  }

  /** The own signature of a person; null where lists are unsigned. Throws {@link Refusal}. */
  async #answer(
    entry: HoldEntry,
    lift: { readonly reason: LiftReason; readonly at: number },
    person: string,
    passphrase: string | undefined,
  ): Promise<RecordSignature | null> {
    const { signing, site } = this.#given
    if (!signing) return null
    if (!signing.sign)
      throw new Refusal('noKeysHere', 'there are no keys of people here: set trust.personsDir')
    if (passphrase === undefined)
      throw new Refusal('invalid', 'lists are signed here: a lift needs your own key', [
        lineProblem('passphrase', 'ownPassphrase'),
      ])
    return signing.sign(person, passphrase, liftStatement(site, entry, lift))
  }

  /** What lifting changes in the list. Throws {@link Refusal} for a lift that no edge would take. */
  #lifting(
    now: HoldEntry,
    { at, reason, by: first }: AskedHoldLift,
    second: RecordSignature | null,
    nowMs: number,
  ): { readonly upserts: readonly HoldEntry[]; readonly deletes: readonly string[] } {
    const { signing, site } = this.#given
    if (!signing) return { upserts: [], deletes: [listKeyOf(now)] }
    if (!first || !second)
      throw new Refusal(
        'conflict',
        'the lift was asked for while lists were unsigned: withdraw it and ask anew',
      )
    const given = { site, delegation: signing.delegation(), nowMs }
    return { upserts: [liftedHold(given, now, { at, reason, by: [first, second] })], deletes: [] }
  }

  /** What waits for this person's confirmation. Throws {@link Refusal}. */
  async #asked(sql: Sql, list: ControlListName, key: string, person: string): Promise<AskedHoldLift> {
    const asked = await askedLift(sql, list, key, this.#sinceMs())
    if (!asked || (asked.isSecret && !this.#seesSecrets(person)))
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
    const { database, agencyOf } = this.#given
    const entry = await database.read(async (sql) => {
      // Asked first: that a secret order was lifted already is nobody else's business either.
      const [held] = await entriesByKey<HoldEntry>(sql, list, [key])
      if (held && isSecret(held) && !this.#seesSecrets(person))
        throw new Refusal('notFound', `the list ${list} has no entry ${key}`)
      const found = await holdToLift(sql, list, key, this.#liftedBy())
      if (list === 'orders' && (await heldByRecord(sql, [key])).has(key))
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

function shown({ list, key, reason, why = '', at, person }: AskedHoldLift): WaitingLift {
  return { list, key, reason, why, at, person }
}

/** The holds that are still there, those first whose lift waits longest. */
async function heldOf(sql: Sql, names: readonly HoldName[], seesSecrets: boolean): Promise<FoundHold[]> {
  const found = new Map<string, FoundHold>()
  for (const { list, key } of names.slice(0, shownMax + 1)) {
    const [entry] = await entriesByKey<HoldEntry>(sql, list, [key])
    if (entry && (seesSecrets || !isSecret(entry))) found.set(`${list}/${key}`, { list, entry: bare(entry) })
  }
  return [...found.values()]
}

function ordersAmong(holds: readonly FoundHold[]): string[] {
  return holds.flatMap(({ entry }) => (entry.kind === 'order' ? [entry.orderId] : []))
}

/** What a person wrote stands in the audit, but for what may speak of a secret order. */
function saidOf(entry: HoldEntry, why: string): { readonly why?: string } {
  return why === '' || isSecret(entry) ? {} : { why }
}

/** Whoever reads the audit learns of a secret order no more than that there was a step. */
function targetOf(entry: HoldEntry, key: string): string {
  return isSecret(entry) ? 'order' : key
}

function isSecret(entry: HoldEntry): boolean {
  return entry.kind === 'order' && entry.nature === 'SECRET'
}
