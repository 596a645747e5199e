import type { Cancel, Clock } from '../../edge/base/clock.js'
import { messageOf } from '../../edge/base/error.js'
import type { Logger } from '../../edge/base/log.js'
import { autoIssuer } from '../domain/auto-order.js'
import type { OrdersHit } from '../domain/order-hit.js'
import { stepped } from '../domain/order-flow.js'
import type { Database, Sql } from '../store/database.js'
import {
  countsOfHits,
  hitsOf,
  saveHits,
  settleHits,
  unboundHits,
  usedUpOrders,
  type HitCount,
  type OrderHit,
  type UsedUpOrder,
} from '../store/order-hits.js'
import { loadOrder, saveOrder } from '../store/orders.js'
import { audit } from '../store/records.js'
import type { Lists } from './lists.js'

export interface OrderHitsGiven {
  readonly database: Database
  readonly lists: Pick<Lists, 'write' | 'written'>
  readonly clock: Clock
  readonly log: Logger
  /** Whether edges take the end of an order by the signatures of two persons only. */
  readonly signed: boolean
}

const lookEveryMs = 5_000
const endedAtOnce = 100
const hitsShown = 100

/**
 * Counts the passages that each order hit at the whole site, and ends an order whose bound (`maxHits`) is reached. An
 * edge never does: it knows its own passages only, and a count that is too high at one would open a lane.
 */
export class OrderHits {
  readonly counters = { noted: 0, counted: 0, ended: 0, waitingForLift: 0 }
  readonly #given: OrderHitsGiven
  #cancel: Cancel | undefined
  #closed = false

  constructor(given: OrderHitsGiven) {
    this.#given = given
  }

  start(): void {
    if (this.#closed) return
    this.#cancel = this.#given.clock.after('order hits', lookEveryMs, () => {
      this.look()
        .catch((error: unknown) => {
          this.#given.log.error({ error: messageOf(error) }, 'hits of orders could not be counted')
        })
        .finally(() => {
          this.start()
        })
    })
  }

  close(): void {
    this.#closed = true
    this.#cancel?.()
  }

  /** Inside the transaction of the events: each decision is told once, because the inbox stores it once. */
  async note(sql: Sql, hits: readonly OrdersHit[]): Promise<void> {
    await saveHits(sql, hits)
    this.counters.noted += hits.filter(({ orderIds }) => orderIds.length > 0).length
  }

  /** Of each order that hit something. */
  counts(orderIds: readonly string[]): Promise<ReadonlyMap<string, HitCount>> {
    return this.#given.database.read((sql) => countsOfHits(sql, orderIds))
  }

  /** The newest first, at most {@link hitsShown}. */
  of(orderId: string): Promise<OrderHit[]> {
    return this.#given.database.read((sql) => hitsOf(sql, orderId, hitsShown))
  }

  /** Counts what is over, and ends what is used up. Returns how many orders it ended. */
  async look(): Promise<number> {
    const { database, lists } = this.#given
    const { counted, used, head } = await database.transact(async (sql) => {
      const settled = await settleHits(sql)
      const found = await usedUpOrders(sql, endedAtOnce)
      return { counted: settled, used: found, head: await this.#end(sql, found) }
    })
    this.counters.counted += counted
    if (this.#given.signed) this.counters.waitingForLift += used.length
    else this.counters.ended += used.length
    if (head) lists.written([head])
    return this.#given.signed ? 0 : used.length
  }

  /**
   * Where lists are signed no edge would let an order go by a count, because it cannot be proven to it: the order holds
   * on, and its history says that two people should lift it. Else it leaves the list.
   */
  async #end(sql: Sql, used: readonly UsedUpOrder[]) {
    if (used.length === 0) return undefined
    const { clock, lists, signed } = this.#given
    const at = Math.round(clock.now().wallMs)
    for (const { order, counted } of used) {
      const { orderId, maxHits, nature } = order
      const record = await loadOrder(sql, orderId)
      const why = `${counted}/${maxHits}`
      const isTold = signed && record?.steps.some(({ did }) => did === 'usedUp')
      if (record && !isTold) {
        const after = signed ? record.state : 'EXPIRED'
        await saveOrder(sql, stepped(record, after, { at, by: autoIssuer, did: 'usedUp', why }))
      }
      // Whoever reads the audit learns of a secret order no more than that there was a step.
      const isSecret = nature === 'SECRET'
      const detail = isSecret ? {} : { counted, maxHits, ended: !signed }
      const target = isSecret ? 'order' : orderId
      if (!isTold) await audit(sql, { at, operator: autoIssuer, action: 'orderUsedUp', target, detail })
    }
    const keys = used.map(({ order }) => order.orderId)
    await unboundHits(sql, keys)
    return signed ? undefined : lists.write(sql, 'orders', { upserts: [], deletes: keys }, autoIssuer)
  }
}
