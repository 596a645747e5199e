import type { Cancel, Clock } from '../../edge/base/clock.js'
import { hashOf } from '../../edge/base/hash.js'
import { messageOf } from '../../edge/base/error.js'
import type { Logger } from '../../edge/base/log.js'
import type { ListHead } from '../../edge/messages/down.js'
import type { Agency } from '../../edge/messages/agencies.js'
import {
  controlOrderSchema,
  type ControlOrder,
  type ListEntry,
  type ListName,
} from '../../edge/messages/entities.js'
import { lineProblem } from '../../edge/messages/text/line-problem.js'
import { liftStatement } from '../../edge/messages/trust/holds.js'
import type { LiftReason } from '../../edge/messages/trust/lift.js'
import type { Delegation, LiftStatement } from '../../edge/messages/trust/records.js'
import { Refusal } from '../desk/refusal.js'
import {
  isHolding,
  liftAskedBy,
  needsFourEyes,
  placed,
  stepped,
  type OrderRecord,
  type OrderState,
} from '../domain/order-flow.js'
import { isSamePerson } from '../domain/roles.js'
import { isKeptNumber } from '../domain/order-numbers.js'
import { entryProblems, normaliseEntry } from '../domain/list-keys.js'
import type { Database, Sql } from '../store/database.js'
import { entriesByKey } from '../store/list-names.js'
import { endedOrders, listOrders, loadOrder, saveOrder } from '../store/orders.js'
import { audit } from '../store/records.js'
import { bare } from './holds.js'
import type { Lists } from './lists.js'
import { issueProblem } from '../../edge/messages/text/issue-problem.js'
import {
  demandAgency,
  demandAnother,
  demandMayWithdraw,
  demandOwnSignature,
  liftedHold,
  type LiftGiven,
} from './two-people.js'

export interface OrdersGiven {
  readonly database: Database
  readonly lists: Pick<Lists, 'write' | 'written'>
  readonly clock: Clock
  readonly log: Logger
  readonly site: string
  /** The agency of a person; undefined: he belongs to none. */
  readonly agencyOf: (person: string) => Agency | undefined
  /** A number for a secret order, another one each time. */
  readonly secretNumber: () => string
  /** Who may sign lifts, where lists are signed; null: they are not, and two persons answer by their sign-in. */
  readonly delegation: (() => Delegation | undefined) | null
}

export interface LiftAnswer {
  readonly keyId: string
  readonly signature: string
}

/** An order as it is asked for; without a number where the gateway gives it. */
export type PlacedOrder = Omit<ControlOrder, 'orderId' | 'issuedBy' | 'lift'> & {
  readonly orderId?: string | undefined
}

const expireEveryMs = 60_000
const expireAtOnce = 500

/**
 * Control orders as people work with them: placed, approved by another person, lifted by two persons of the
 * agency that issued them. The list, which the edges hold, takes an order when it is approved and not before.
 */
export class Orders {
  readonly #given: OrdersGiven
  #cancel: Cancel | undefined

  constructor(given: OrdersGiven) {
    this.#given = given
  }

  start(): void {
    this.#cancel = this.#given.clock.after('orders expire', expireEveryMs, () => {
      this.expire()
        .catch((error: unknown) => {
          this.#given.log.error({ error: messageOf(error) }, 'orders were not noted as expired')
        })
        .finally(() => {
          if (this.#cancel) this.start()
        })
    })
  }

  close(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** The last change first. `reader`: somebody who sees no secret order but his own; null: who sees all. */
  list(state: OrderState | null, reader: string | null, limit: number): Promise<OrderRecord[]> {
    return this.#given.database.read((sql) => listOrders(sql, state, reader, limit))
  }

  /** Throws {@link Refusal}. */
  async get(orderId: string): Promise<OrderRecord> {
    const record = await this.#given.database.read((sql) => loadOrder(sql, orderId))
    if (!record) throw new Refusal('notFound', `there is no order ${orderId} that was placed here`)
    return record
  }

  /** What two persons sign to lift it; undefined: no lift is asked for. */
  statement({ order, lift }: OrderRecord): LiftStatement | undefined {
    return lift ? liftStatement(this.#given.site, order, lift) : undefined
  }

  /**
   * In force at once where one pair of eyes is enough; else it waits for another person. A secret order gets its number
   * here, and no other may bear one of that kind: a number that is taken would tell of a secret order. Throws
   * {@link Refusal}.
   */
  place(asked: PlacedOrder, by: string): Promise<OrderRecord> {
    demandAgency(this.#given.agencyOf(by), asked.agency, by)
    return this.#change(async (sql, at) => {
      const order = orderOf({ ...asked, orderId: this.#numberFor(asked), issuedBy: by })
      const [held] = await entriesByKey(sql, 'orders', [order.orderId])
      if (held || (await loadOrder(sql, order.orderId)))
        throw new Refusal('idUsed', `there is an order ${order.orderId} already`)
      return placed(order, by, at)
    }, by)
  }

  #numberFor({ orderId = '', nature }: PlacedOrder): string {
    const isGiven = orderId.trim() !== ''
    const problem =
      nature === 'SECRET'
        ? isGiven && lineProblem('orderId', 'numberGiven')
        : isGiven
          ? isKeptNumber(orderId) && lineProblem('orderId', 'keptNumber', { key: orderId })
          : lineProblem('orderId', 'missing')
    if (problem) throw new Refusal('invalid', 'the order was not placed', [problem])
    return nature === 'SECRET' ? this.#given.secretNumber() : orderId
  }

  approve(orderId: string, by: string): Promise<OrderRecord> {
    return this.#step(orderId, ['PENDING_APPROVAL'], by, (record, at) => {
      if (isSamePerson(by, record.placedBy))
        throw new Refusal('secondPerson', 'another person approves an order than the one who placed it')
      return stepped(record, 'ACTIVE', { at, by, did: 'approved', why: '' })
    })
  }

  /** By another person; whoever placed it takes it back, and its history says so. */
  reject(orderId: string, why: string, by: string): Promise<OrderRecord> {
    return this.#step(orderId, ['PENDING_APPROVAL'], by, (record, at) => {
      const did = isSamePerson(by, record.placedBy) ? 'withdrawn' : 'rejected'
      return stepped(record, 'REJECTED', { at, by, did, why })
    })
  }

  /** By whoever placed it, before it was approved. */
  withdraw(orderId: string, why: string, by: string): Promise<OrderRecord> {
    return this.#step(orderId, ['PENDING_APPROVAL'], by, (record, at) => {
      if (!isSamePerson(by, record.placedBy))
        throw new Refusal('notAllowed', 'only who placed an order withdraws it; others reject it')
      return stepped(record, 'REJECTED', { at, by, did: 'withdrawn', why })
    })
  }

  /** The first person. Where lists are signed he signs afterwards, because the time is part of what is signed. */
  askLift(orderId: string, reason: LiftReason, why: string, by: string): Promise<OrderRecord> {
    return this.#step(orderId, ['ACTIVE'], by, (record, at) => {
      demandAgency(this.#given.agencyOf(by), record.order.agency, by)
      if (reason === '99' && why.trim() === '')
        throw new Refusal('needsReason', 'the reason 99 needs a remark')
      const first = this.#given.delegation ? [] : [{ person: by, keyId: null, signature: null }]
      const step = { at, by, did: 'liftAsked' as const, why: `${reason} ${why}`.trim() }
      return stepped(record, 'LIFT_ASKED', step, { at, reason, by: first })
    })
  }

  /** One more person answers for the lift; with the second it is done. */
  confirmLift(orderId: string, answer: LiftAnswer | null, by: string): Promise<OrderRecord> {
    return this.#step(orderId, ['LIFT_ASKED'], by, (record, at) => {
      const { lift } = record
      if (!lift) throw new Refusal('wrongState', 'no lift is asked for')
      const people = lift.by.map(({ person }) => person)
      demandAgency(this.#given.agencyOf(by), record.order.agency, by)
      demandAnother(people, by)
      const given = this.#liftGiven(at)
      if (given && !answer)
        throw new Refusal('invalid', 'lists are signed here: a lift needs the signature of your own key', [
          lineProblem('signature', 'ownSignature'),
        ])
      if (given && answer) demandOwnSignature(given, record.order, lift, answer, by)
      const mine = { person: by, keyId: answer?.keyId ?? null, signature: answer?.signature ?? null }
      const next = { ...lift, by: [...lift.by, mine] }
      if (next.by.length < 2)
        return stepped(record, 'LIFT_ASKED', { at, by, did: 'liftSigned', why: '' }, next)
      return stepped(record, 'LIFTED', { at, by, did: 'lifted', why: lift.reason }, next)
    })
  }

  /** By who asked for it, or anybody of the issuing agency. Throws {@link Refusal}. */
  withdrawLift(orderId: string, why: string, by: string): Promise<OrderRecord> {
    return this.#step(orderId, ['LIFT_ASKED'], by, (record, at) => {
      const { agencyOf } = this.#given
      demandMayWithdraw(agencyOf(by), record.order.agency, liftAskedBy(record), by)
      return stepped(record, 'ACTIVE', { at, by, did: 'liftWithdrawn', why }, null)
    })
  }

  /** Notes orders whose own validity is over; lanes have ended them by it already. Returns how many. */
  async expire(): Promise<number> {
    const { database, clock } = this.#given
    const nowMs = Math.round(clock.now().wallMs)
    return database.transact(async (sql) => {
      const ended = await endedOrders(sql, nowMs, expireAtOnce)
      for (const record of ended)
        await saveOrder(
          sql,
          stepped(record, 'EXPIRED', { at: nowMs, by: 'lanekeeper', did: 'expired', why: '' }),
        )
      return ended.length
    })
  }

  #step(
    orderId: string,
    from: readonly OrderState[],
    by: string,
    next: (record: OrderRecord, atMs: number) => OrderRecord,
  ): Promise<OrderRecord> {
    return this.#change(async (sql, at) => {
      const record = await loadOrder(sql, orderId)
      if (!record) throw new Refusal('notFound', `there is no order ${orderId} that was placed here`)
      if (!from.includes(record.state))
        throw new Refusal(
          'wrongState',
          `the order is ${record.state}, and this is for one that is ${from.join(', ')}`,
        )
      return next(record, at)
    }, by)
  }

  /** Saves a step and what it changes in the list, in one transaction. */
  async #change(make: (sql: Sql, atMs: number) => Promise<OrderRecord>, by: string): Promise<OrderRecord> {
    const { database, clock, lists } = this.#given
    const at = Math.round(clock.now().wallMs)
    const { record, head } = await database.transact(async (sql) => {
      const made = await make(sql, at)
      await saveOrder(sql, made)
      const changed = await this.#writeList(sql, made, by)
      const step = made.steps.at(-1)
      const { orderId: target } = made.order
      const detail = { step, ...(changed ? { version: changed.version } : {}) }
      // Whoever reads the audit learns of a secret order no more than that there was a step.
      const said = made.order.nature === 'SECRET' ? { did: step?.did } : detail
      await audit(sql, {
        ...{ at, operator: by, action: 'order', detail: said },
        target: made.order.nature === 'SECRET' ? 'order' : target,
      })
      return { record: made, head: changed }
    })
    if (head) lists.written([head])
    return record
  }

  /** An order comes to the edges when it is active, and goes from them when it is lifted; with the proof, if there is one. */
  async #writeList(sql: Sql, record: OrderRecord, by: string): Promise<ListHead | undefined> {
    const { lists } = this.#given
    const { order, state, steps } = record
    const did = steps.at(-1)?.did
    const comes = state === 'ACTIVE' && (did === 'placed' || did === 'approved')
    if (!comes && state !== 'LIFTED') return undefined
    const [held] = await entriesByKey<ControlOrder>(sql, 'orders', [order.orderId])
    if (comes) {
      if (held) throw numberTaken(order.orderId, 'reject this one, and have it placed under another number')
      return lists.write(sql, 'orders', { upserts: [order], deletes: [] }, by)
    }
    if (!held) return undefined
    if (hashOf(bare(held)) !== hashOf(order))
      throw numberTaken(order.orderId, 'take this lift back, and have what is in the list lifted')
    const proof = this.#proven(record)
    const change = proof ? { upserts: [proof], deletes: [] } : { upserts: [], deletes: [order.orderId] }
    return lists.write(sql, 'orders', change, by)
  }

  /** The order with its lift; undefined where lists are not signed. Throws {@link Refusal} for a lift no edge would take. */
  #proven({ order, lift }: OrderRecord): ControlOrder | undefined {
    const given = this.#liftGiven(this.#given.clock.now().wallMs)
    if (!given || !lift) return undefined
    const by = lift.by.flatMap(({ keyId, signature }) =>
      keyId === null || signature === null ? [] : [{ keyId, signature }],
    )
    return liftedHold(given, order, { at: lift.at, reason: lift.reason, by })
  }

  /** Undefined where lists are not signed. */
  #liftGiven(nowMs: number): LiftGiven | undefined {
    const { delegation, site } = this.#given
    return delegation ? { site, delegation: delegation() ?? null, nowMs } : undefined
  }
}

/** What stands in the list under the number of an order is none of its own: no step of it overwrites or ends that. */
function numberTaken(key: string, remedy: string): Refusal {
  const problem = lineProblem('orderId', 'numberTaken', { key })
  return new Refusal('idUsed', `the list has another order under ${key}: ${remedy}`, [problem])
}

/** As the list would take it. Throws {@link Refusal}. */
function orderOf(raw: ControlOrder): ControlOrder {
  const parsed = controlOrderSchema.safeParse(normaliseEntry(raw))
  const problems = parsed.success
    ? entryProblems(parsed.data)
    : parsed.error.issues.map((issue) => issueProblem(issue, raw))
  if (parsed.success && problems.length === 0) return parsed.data
  throw new Refusal('invalid', 'the order was not placed', problems)
}

/**
 * Whether orders go their way by {@link Orders} alone: where the configuration gives at least two people an agency,
 * there is a second pair of eyes. Then no list change goes around it. Throws {@link Refusal}.
 */
export async function refuseAroundApproval(
  sql: Sql,
  list: ListName,
  asked: { readonly upserts: readonly ListEntry[]; readonly deletes: readonly string[] },
  nowMs: number,
): Promise<void> {
  if (list !== 'orders') return
  const orders = asked.upserts.flatMap((entry) => (entry.kind === 'order' ? [entry] : []))
  const keys = [...asked.deletes, ...orders.map(({ orderId }) => orderId)]
  const held = await entriesByKey<ControlOrder>(sql, 'orders', keys)
  const holding = new Set(held.filter((order) => isHolding(order, nowMs)).map(({ orderId }) => orderId))
  const problems = [
    ...orders
      .filter((order) => needsFourEyes(order))
      .map(({ orderId }) => lineProblem(orderId, 'approvalNeeded', { key: orderId })),
    ...orders
      .filter(({ orderId }) => holding.has(orderId))
      .map(({ orderId }) => lineProblem(orderId, 'inForceUnchanged', { key: orderId })),
    ...asked.deletes
      .filter((key) => holding.has(key))
      .map((key) => lineProblem(key, 'inForceLifted', { key })),
  ]
  if (problems.length > 0)
    throw new Refusal('needsApproval', 'a change of the list does not go around approval', problems)
}
