import type { Clock } from '../../edge/base/clock.js'
import { messageOf } from '../../edge/base/error.js'
import type { Logger } from '../../edge/base/log.js'
import type { ListDelta, ListHead } from '../../edge/messages/down.js'
import { listNames, type ControlOrder, type ListEntry, type ListName } from '../../edge/messages/entities.js'
import { Refusal } from '../desk/refusal.js'
import { autoIssuer } from '../domain/auto-order.js'
import type { Crossing } from '../domain/consumption.js'
import { checkChange, heldEntry, type HeldEntry } from '../domain/list-change.js'
import { normaliseEntry, normaliseKey } from '../domain/list-keys.js'
import type { Database, Sql } from '../store/database.js'
import {
  deltaFrom,
  entriesInTreeOrder,
  entriesPage,
  heldHashes,
  listHead,
  writeVersion,
  type EntryPage,
} from '../store/lists.js'
import { loadVersion, newPages } from '../store/list-load.js'
import type { Memory } from '../store/memory.js'
import { audit } from '../store/records.js'
import { entriesAfter } from './consume.js'
import type { GuardHolds } from './holds.js'
import { refuseUnlocking } from './locked.js'
import type { refuseAroundApproval } from './orders.js'
import { Telling } from './telling.js'
import { usedUpBefore } from './used-up.js'
import { isOnPartOfPlate, refuseTooManyPatterns } from './patterns.js'
import { refuseLifted, refuseSecretNumbers } from './first-list.js'
import { hiddenAmong, namedInAudit, refuseNumbers } from './order-numbers.js'
import { readEntries } from './import.js'
import type { RefusedLine } from './import-record.js'
import { sortLines, takeEntries } from './import-lines.js'

export interface ListsGiven {
  readonly database: Database
  readonly memory: Memory
  readonly clock: Clock
  readonly log: Logger
  /** Where orders take two people: refuses what would go around them, inside the transaction. */
  readonly refuseAround?: typeof refuseAroundApproval | undefined
  /** Where lists are signed: refuses what edges would refuse, inside the transaction (holds.ts). */
  readonly guardHolds?: GuardHolds | undefined
  /** Whether a person may know of secret orders; absent: nobody may. */
  readonly seesSecrets?: ((person: string) => boolean) | undefined
  /** A new version is in force: tell the edges. The delta is undefined where the step is too large for one. */
  readonly onVersion: (head: ListHead, delta: ListDelta | undefined) => void
}

/** No person writes these: a draw stands once made, and a plan follows from the papers. */
const madeHere: readonly ListName[] = ['draws', 'plans']

/** What an import did; every line that it did not take is named, at most `refusedMax` of them. */
export interface Imported {
  readonly head: ListHead
  /** Entries that are new or changed. */
  readonly applied: number
  /** Entries that stood there already. */
  readonly unchanged: number
  /** All of them, named or not. */
  readonly refusedCount: number
  readonly refused: readonly RefusedLine[]
}

const refusedMax = 1_000

/** Entries of a first version that are written in one transaction. */
const atOnceMax = 5_000

/**
 * The control lists: the only place that makes versions. A change is one transaction, the version only
 * rises, and every kept version stays readable while newer ones are made.
 */
export class Lists {
  readonly #given: ListsGiven
  readonly #telling: Telling
  #closed = false

  constructor(given: ListsGiven) {
    this.#given = given
    const { clock, log, onVersion } = given
    this.#telling = new Telling({
      ...{ clock, log, onVersion },
      delta: (list, from) => this.delta(list, from),
      present: (list) => this.#present(list),
    })
  }

  /** Gives every list its first version, from its file or empty: an edge releases nothing without it. */
  async prepare(files: Partial<Record<ListName, string>>): Promise<void> {
    const { memory, log } = this.#given
    for (const list of listNames) {
      if (memory.head(list)) continue
      const file = files[list]
      const upserts = file === undefined ? [] : await readEntries(list, file)
      refuseSecretNumbers(upserts, file)
      if (this.#given.guardHolds) refuseLifted(upserts, file)
      const head = await this.#first(list, upserts)
      log.info({ list, version: head.version, count: head.count, file }, 'first version of a list')
    }
  }

  #first(list: ListName, upserts: readonly HeldEntry[]): Promise<ListHead> {
    const { database, memory, clock } = this.#given
    const [by, atMs] = ['import', clock.now().wallMs] as const
    const committed = (made: ListHead): void => {
      memory.setHead(made)
    }
    if (upserts.length <= atOnceMax)
      return database.transact(
        (sql) => writeBounded(sql, list, { upserts, deletes: [] }, by, atMs),
        committed,
      )
    return loadVersion(database, {
      ...{ list, baseVersion: 0, by, atMs, next: newPages(upserts), committed },
      finish: async (sql, made) => {
        if (upserts.some(isOnPartOfPlate)) await refuseTooManyPatterns(sql)
        return made
      },
    })
  }

  /** Applies a person's change as the next version; the present head if nothing changes. Throws {@link Refusal}. */
  async change(
    list: ListName,
    asked: { readonly upserts: readonly ListEntry[]; readonly deletes: readonly string[] },
    by: string,
  ): Promise<ListHead> {
    refuseMadeHere(list)
    const { database, memory, clock } = this.#given
    const nowMs = clock.now().wallMs
    const head = await database.transact(
      async (sql) => {
        const seesSecrets = this.#given.seesSecrets?.(by) ?? false
        await refuseUnlocking(sql, list, asked)
        await refuseNumbers(sql, list, asked.upserts, seesSecrets)
        const hidden = await hiddenAmong(sql, list, asked.deletes, seesSecrets)
        const known = { ...asked, deletes: asked.deletes.filter((key) => !hidden.has(key)) }
        await this.#given.refuseAround?.(sql, list, known, nowMs)
        const deletes = await namedInAudit(sql, list, asked.deletes)
        const made = await this.#write(sql, list, asked, by, nowMs, hidden)
        if (!made) return undefined
        const detail = { version: made.version, upserts: asked.upserts.length, deletes }
        await audit(sql, { at: nowMs, operator: by, action: 'listChange', target: list, detail })
        return made
      },
      (made) => {
        if (made) memory.setHead(made)
      },
    )
    if (!head) return this.#present(list)
    await this.publish([head])
    return head
  }

  /**
   * Puts the good lines of an NDJSON text in force as one version and names the others, which change
   * nothing (import-lines.ts). Nothing is deleted: a line that is missing is no lift. Throws {@link Refusal}.
   */
  async importLines(list: ListName, text: string, by: string): Promise<Imported> {
    refuseMadeHere(list)
    const { clock } = this.#given
    const sorter = await sortLines(list, text)
    const offered = [...sorter.entries.values()]
    const refusedCount = sorter.refused.length
    const heads: ListHead[] = []
    const made = (head: ListHead): void => {
      this.#given.memory.setHead(head)
      heads.push(head)
    }
    const atMs = clock.now().wallMs
    let applied: number
    try {
      applied = await takeEntries({ given: this.#given, list, by, atMs, refusedCount, made }, offered)
    } finally {
      await this.publish(heads)
    }
    const head = heads.at(-1) ?? this.#present(list)
    const refused = sorter.refused.slice(0, refusedMax)
    return { head, applied, unchanged: offered.length - applied, refusedCount, refused }
  }

  /**
   * Places the orders that events call for, inside their transaction. Nothing is placed twice: the ids
   * come from the events, and a subject that is intercepted by us already needs no second order.
   */
  async placeOrders(sql: Sql, orders: readonly ControlOrder[]): Promise<readonly ListHead[]> {
    const keys = orders.map((order) => order.orderId)
    const held = await heldHashes(sql, 'orders', keys)
    const subjects = new Set<string>()
    const fresh: ControlOrder[] = []
    for (const order of orders) {
      const subject = `${order.subject.kind}/${order.subject.key}`
      if (held.has(order.orderId) || subjects.has(subject) || (await isIntercepted(sql, order))) continue
      subjects.add(subject)
      fresh.push(order)
    }
    if (fresh.length === 0) return []
    const nowMs = this.#given.clock.now().wallMs
    const head = await this.#write(sql, 'orders', { upserts: fresh, deletes: [] }, autoIssuer, nowMs)
    if (!head) return []
    const detail = { version: head.version, orders: fresh }
    await audit(sql, { at: nowMs, operator: autoIssuer, action: 'placeOrders', target: 'orders', detail })
    return [head]
  }

  /**
   * Takes from the lists what crossings used up, inside the transaction of their events: each crossing once,
   * because an event is applied once and a passage uses up once. What is in doubt is used too, and named in
   * the audit, so that a person may give it back.
   */
  async consume(sql: Sql, crossings: readonly Crossing[]): Promise<readonly ListHead[]> {
    const nowMs = this.#given.clock.now().wallMs
    const heads: ListHead[] = []
    for (const [list, upserts] of await entriesAfter(sql, crossings)) {
      const change = { upserts: upserts.map(heldEntry), deletes: [] }
      heads.push(await writeVersion(sql, list, change, autoIssuer, nowMs))
    }
    for (const { edgeId, passageId, at, inDoubt, used } of crossings) {
      const detail = { edgeId, at, used }
      const action = inDoubt ? 'perhapsConsumed' : 'consumed'
      await audit(sql, { at: nowMs, operator: autoIssuer, action, target: passageId, detail })
    }
    return heads
  }

  /**
   * Takes trips that crossed before that time from the lists, with the papers that were used up on them, some
   * hundred at a time, so that an edge never waits long for its acknowledgement. Returns how many trips left.
   */
  async forgetUsedUp(beforeMs: number): Promise<number> {
    let left = 0
    let after: string | null = ''
    while (after !== null && !this.#closed) {
      const from: string = after
      after = await this.#given.database
        .transact(
          async (sql) => {
            const { gone, next } = await usedUpBefore(sql, beforeMs, from)
            left += gone.get('trips')?.length ?? 0
            const made: ListHead[] = []
            for (const [list, deletes] of gone) {
              const head = await this.write(sql, list, { upserts: [], deletes }, autoIssuer)
              if (head) made.push(head)
            }
            return { made, next }
          },
          ({ made }) => {
            this.written(made)
          },
        )
        .then(({ next }) => next)
    }
    return left
  }

  /** The next version by the gateway itself, inside the caller's transaction; undefined if nothing changes. */
  write(
    sql: Sql,
    list: ListName,
    asked: { readonly upserts: readonly ListEntry[]; readonly deletes: readonly string[] },
    by: string,
  ): Promise<ListHead | undefined> {
    return this.#write(sql, list, asked, by, this.#given.clock.now().wallMs)
  }

  /** What {@link Lists.write} made is committed: it is in force, and the edges are told. */
  written(heads: readonly ListHead[]): void {
    for (const head of heads) this.#given.memory.setHead(head)
    this.publish(heads).catch((error: unknown) => {
      this.#given.log.error({ error: messageOf(error) }, 'a list version was made but not told')
    })
  }

  /** Tells the edges of versions that have just been committed. */
  publish(heads: readonly ListHead[]): Promise<void> {
    return this.#telling.tell(heads)
  }

  /** What waits to be told is told by the heads after the next start. */
  close(): void {
    this.#telling.close()
    this.#closed = true
  }

  /** One delta from that version to the newest, of `most` changes of each kind, or undefined. */
  delta(list: ListName, from: number, most?: number): Promise<ListDelta | undefined> {
    return this.#given.database.read((sql) => deltaFrom(sql, list, from, most))
  }

  head(list: ListName, version: number): Promise<ListHead | undefined> {
    return this.#given.database.read((sql) => listHead(sql, list, version))
  }

  page(list: ListName, version: number, afterKey: string, limit: number): Promise<EntryPage> {
    return this.#given.database.read((sql) => entriesPage(sql, list, version, afterKey, limit))
  }

  /** As {@link Lists.page}, in the order in which an edge takes a whole list. */
  pageForEdge(list: ListName, version: number, afterKey: string, limit: number): Promise<EntryPage> {
    return this.#given.database.read((sql) => entriesInTreeOrder(sql, list, version, afterKey, limit))
  }

  #present(list: ListName): ListHead {
    const head = this.#given.memory.head(list)
    if (!head) throw new Refusal('notFound', `there is no list ${list}`)
    return head
  }

  async #write(
    sql: Sql,
    list: ListName,
    asked: { readonly upserts: readonly ListEntry[]; readonly deletes: readonly string[] },
    by: string,
    nowMs: number,
    hidden?: ReadonlySet<string>,
  ): Promise<ListHead | undefined> {
    const deletes = asked.deletes.map((key) => normaliseKey(list, key))
    const upserts = asked.upserts.map(normaliseEntry)
    const keys = [...deletes, ...upserts.map((entry) => heldEntry(entry).key)]
    const held = await heldHashes(sql, list, hidden ? keys.filter((key) => !hidden.has(key)) : keys)
    const checked = checkChange(list, { upserts, deletes }, held)
    if (!checked.ok) throw new Refusal('invalid', 'the change was not applied', checked.problems)
    const { change } = checked
    if (change.upserts.length === 0 && change.deletes.length === 0) return undefined
    await this.#given.guardHolds?.(sql, list, { upserts, deletes }, nowMs)
    return writeBounded(sql, list, change, by, nowMs)
  }
}

/** A version with what people ask for, of which there may not be any number. Throws {@link Refusal}. */
async function writeBounded(
  ...[sql, list, change, by, nowMs]: Parameters<typeof writeVersion>
): Promise<ListHead> {
  const head = await writeVersion(sql, list, change, by, nowMs)
  if (change.upserts.some(isOnPartOfPlate)) await refuseTooManyPatterns(sql)
  return head
}

/** Throws {@link Refusal} for a list that nobody writes. */
export function refuseMadeHere(list: ListName): void {
  if (madeHere.includes(list))
    throw new Refusal('invalid', `the list ${list} is made by the gateway itself and changed by nobody`)
}

async function isIntercepted(sql: Sql, order: ControlOrder): Promise<boolean> {
  const row = await sql.one(
    `SELECT 1 FROM list_entries WHERE list = 'orders' AND gone IS NULL AND key >= 'AUTO-' AND key < 'AUTO.'
       AND entry ->> '$.lift' IS NULL
       AND entry ->> '$.issuedBy' = ? AND entry ->> '$.subject.kind' = ? AND entry ->> '$.subject.key' = ?
     LIMIT 1`,
    [autoIssuer, order.subject.kind, order.subject.key],
  )
  return row !== undefined
}
