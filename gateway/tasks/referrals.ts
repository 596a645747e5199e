import type { Cancel, Clock } from '../../edge/base/clock.js'
import { messageOf } from '../../edge/base/error.js'
import type { Logger } from '../../edge/base/log.js'
import type { ListHead } from '../../edge/messages/down.js'
import { autoIssuer } from '../domain/auto-order.js'
import { missed, type InspectionRecord } from '../domain/inspection.js'
import type { PassageRecord } from '../domain/passage.js'
import { ordersOfMissed, referralAt } from '../domain/referral.js'
import type { PlaceOrders } from '../inbox/overlay.js'
import { endReferral, referralsDue, saveAlert, saveMissed, saveReferral } from '../store/alerts.js'
import type { Database, Sql } from '../store/database.js'
import { heldHashes } from '../store/lists.js'
import { audit, loadPassages } from '../store/records.js'
import { findInspection, saveInspection } from '../store/tasks.js'

export interface ReferralsGiven {
  readonly database: Database
  readonly clock: Clock
  readonly log: Logger
  /** How long a vehicle may take from the lane to its inspection, ms. */
  readonly withinMs: number
  readonly isConnected: (edgeId: string) => boolean
  readonly placeOrders: PlaceOrders
  readonly onWritten: (heads: readonly ListHead[]) => void
}

/** How often due times are looked at, ms. */
const lookEveryMs = 5_000
/** Tasks that one transaction takes; what is left waits for the next look. */
const atOnce = 50

/**
 * Keeps the times by which vehicles that were sent to inspection must have come (domain.md 7, referral not
 * honoured). The times stand in the store, so that a restart forgets none.
 */
export class Referrals {
  /** `stillInLane`: looks that found the vehicle where it was judged. */
  readonly counters = { missed: 0, stillInLane: 0 }
  readonly #given: ReferralsGiven
  #cancel: Cancel | null = null
  #looking = false

  constructor(given: ReferralsGiven) {
    this.#given = given
  }

  start(): void {
    this.#cancel = this.#given.clock.after('referrals', lookEveryMs, () => {
      void this.look().finally(() => {
        if (this.#cancel) this.start()
      })
    })
  }

  close(): void {
    this.#cancel?.()
    this.#cancel = null
  }

  /** Looks at what is due. Runs by itself; a test may call it. */
  async look(): Promise<void> {
    if (this.#looking) return
    this.#looking = true
    const { database, clock, log, onWritten } = this.#given
    const nowMs = clock.now().wallMs
    try {
      const due = await database.read((sql) => referralsDue(sql, nowMs, atOnce))
      if (due.length === 0) return
      await database.transact(
        async (sql) => {
          const heads: ListHead[] = []
          for (const taskId of due) heads.push(...(await this.#lookAt(sql, taskId, nowMs)))
          return heads
        },
        (heads) => {
          onWritten(heads)
        },
      )
    } catch (error) {
      log.error({ error: messageOf(error) }, 'vehicles sent to inspection could not be looked for')
    } finally {
      this.#looking = false
    }
  }

  async #lookAt(sql: Sql, taskId: string, nowMs: number): Promise<readonly ListHead[]> {
    const task = await findInspection(sql, taskId)
    if (task === undefined) {
      await endReferral(sql, taskId)
      return []
    }
    const newest = task.passageIds.at(-1)
    const [passage] = newest === undefined ? [] : await loadPassages(sql, [newest])
    const isConnected = this.#given.isConnected(task.edgeId)
    const now = referralAt(task, { nowMs, withinMs: this.#given.withinMs, passage, isConnected })
    switch (now.is) {
      case 'over':
        await endReferral(sql, taskId)
        return []
      case 'later':
        if (passage?.endedAt === null) this.counters.stillInLane += 1
        await saveReferral(sql, taskId, now.dueAt)
        return []
      case 'missed':
        return this.#seek(sql, task, passage, nowMs)
    }
  }

  /** One alert and one order, in one transaction with the note that it is done. */
  async #seek(
    sql: Sql,
    task: InspectionRecord,
    passage: PassageRecord | undefined,
    nowMs: number,
  ): Promise<readonly ListHead[]> {
    const { taskId, edgeId, lane, plates } = task
    const at = Math.round(nowMs)
    await saveMissed(sql, taskId, at)
    await saveInspection(sql, missed(task, at))
    const orders = ordersOfMissed(task, passage, at)
    const heads = await this.#given.placeOrders(sql, orders)
    const placed = await heldHashes(
      sql,
      'orders',
      orders.map(({ orderId }) => orderId),
    )
    const placedOrderIds = [...placed.keys()].sort()
    const isNew = await saveAlert(sql, {
      ...{ alertId: `${taskId}.missed`, kind: 'referralMissed', at, edgeId, lane, taskId },
      ...{ passageId: task.passageIds.at(-1) ?? null, vehicleId: task.vehicleId, plates },
      ...{ epcs: passage?.epcs ?? [], orderIds: [], wasInForce: true, placedOrderIds },
      ...{ secret: false, settled: null },
    })
    if (!isNew) return heads
    this.counters.missed += 1
    const detail = { taskId, placedOrderIds }
    await audit(sql, { at, operator: autoIssuer, action: 'alert', target: `${taskId}.missed`, detail })
    return heads
  }
}
