import type { ListHead } from '../../edge/messages/down.js'
import type { ControlOrder } from '../../edge/messages/entities.js'
import { followUpOf, type FollowedUp } from '../domain/follow-up.js'
import { crossingIn, type Crossing } from '../domain/consumption.js'
import type { EscalationRecord } from '../domain/escalation.js'
import type { KnownEvent } from '../domain/judge.js'
import { ordersHitBy, type OrdersHit } from '../domain/order-hit.js'
import type { PassageRecord } from '../domain/passage.js'
import { idsOf, project, projectLostEpoch, type Projected, type World } from '../domain/project.js'
import type { Sql } from '../store/database.js'
import type { Memory } from '../store/memory.js'
import { loadEscalations, loadPassages, saveEscalations, savePassages } from '../store/records.js'

export type PlaceOrders = (sql: Sql, orders: readonly ControlOrder[]) => Promise<readonly ListHead[]>
export type Consume = (sql: Sql, crossings: readonly Crossing[]) => Promise<readonly ListHead[]>
export type FollowUp = (sql: Sql, asked: readonly FollowedUp[]) => Promise<readonly ListHead[]>

export type NoteHits = (sql: Sql, hits: readonly OrdersHit[]) => Promise<void>

/** What is done inside the transaction of the events that call for it. */
export interface Does {
  /** Puts the orders that events call for on the list. */
  readonly placeOrders: PlaceOrders
  /** Takes from the lists what crossings used up. */
  readonly consume: Consume
  /** Makes the tasks, locks and fees that events ask for. */
  readonly followUp: FollowUp
  /** Notes which orders hit which passages. */
  readonly noteHits: NoteHits
}

/** The gateway's memory with the changes of one transaction laid over it. Memory itself is not touched. */
export class Overlay implements World {
  readonly #sql: Sql
  readonly #memory: Memory
  /** Fetched from the store for this batch, unchanged. */
  readonly #fetchedPassages = new Map<string, PassageRecord>()
  readonly #fetchedEscalations = new Map<string, EscalationRecord>()
  readonly #passages = new Map<string, PassageRecord>()
  readonly #escalations = new Map<string, EscalationRecord>()
  readonly #orders: ControlOrder[] = []
  readonly #crossings: Crossing[] = []
  readonly #asked: FollowedUp[] = []
  readonly #hits: OrdersHit[] = []

  constructor(sql: Sql, memory: Memory) {
    this.#sql = sql
    this.#memory = memory
  }

  passage(passageId: string): PassageRecord | undefined {
    return (
      this.#passages.get(passageId) ?? this.#memory.passage(passageId) ?? this.#fetchedPassages.get(passageId)
    )
  }

  escalation(escalationId: string): EscalationRecord | undefined {
    return (
      this.#escalations.get(escalationId) ??
      this.#memory.escalation(escalationId) ??
      this.#fetchedEscalations.get(escalationId)
    )
  }

  openEscalationsOf(passageId: string): readonly EscalationRecord[] {
    return this.#openEscalations((one) => one.passageId === passageId)
  }

  /** Applies events in their order. What they speak about and memory no longer holds is fetched first. */
  async apply(events: readonly KnownEvent[]): Promise<void> {
    await this.#fetch(events)
    for (const event of events) {
      const crossing = crossingIn(event, this.passage(event.passageId ?? ''))
      if (crossing) this.#crossings.push(crossing)
      const asked = followUpOf(event, this.passage(event.passageId ?? ''))
      if (asked) this.#asked.push(asked)
      const hit = ordersHitBy(event, this.passage(event.passageId ?? ''))
      if (hit) this.#hits.push(hit)
      this.#take(project(this, event))
    }
  }

  /** Ends what an older database of the edge left open. */
  endOtherEpochs(edgeId: string, epoch: string, atMs: number): void {
    const passages = [...this.#memory.passages()].filter(
      (one) => one.edgeId === edgeId && one.epoch !== epoch && one.endedAt === null,
    )
    const escalations = this.#openEscalations((one) => one.edgeId === edgeId && one.epoch !== epoch)
    this.#take(projectLostEpoch(passages, escalations, atMs))
  }

  async save({ placeOrders, consume, followUp, noteHits }: Does): Promise<readonly ListHead[]> {
    await savePassages(this.#sql, this.passages())
    await saveEscalations(this.#sql, this.escalations())
    if (this.#hits.length > 0) await noteHits(this.#sql, this.#hits)
    const used = this.#crossings.length === 0 ? [] : await consume(this.#sql, this.#crossings)
    const placed = this.#orders.length === 0 ? [] : await placeOrders(this.#sql, this.#orders)
    const followed = this.#asked.length === 0 ? [] : await followUp(this.#sql, this.#asked)
    return [...used, ...placed, ...followed]
  }

  passages(): PassageRecord[] {
    return [...this.#passages.values()]
  }

  escalations(): EscalationRecord[] {
    return [...this.#escalations.values()]
  }

  async #fetch(events: readonly KnownEvent[]): Promise<void> {
    const passageIds = new Set<string>()
    const escalationIds = new Set<string>()
    for (const event of events) {
      const { passageId, escalationId } = idsOf(event)
      if (passageId !== null && !this.passage(passageId)) passageIds.add(passageId)
      if (escalationId !== null && !this.escalation(escalationId)) escalationIds.add(escalationId)
    }
    if (passageIds.size > 0) {
      for (const one of await loadPassages(this.#sql, [...passageIds])) {
        this.#fetchedPassages.set(one.passageId, one)
      }
    }
    if (escalationIds.size > 0) {
      for (const one of await loadEscalations(this.#sql, [...escalationIds])) {
        this.#fetchedEscalations.set(one.escalationId, one)
      }
    }
  }

  #openEscalations(matches: (one: EscalationRecord) => boolean): EscalationRecord[] {
    const found: EscalationRecord[] = []
    for (const one of this.#memory.openEscalations()) {
      if (!this.#escalations.has(one.escalationId) && matches(one)) found.push(one)
    }
    for (const one of this.#escalations.values()) {
      if (one.state !== 'CLOSED' && matches(one)) found.push(one)
    }
    return found
  }

  #take(projected: Projected): void {
    for (const one of projected.passages) this.#passages.set(one.passageId, one)
    for (const one of projected.escalations) this.#escalations.set(one.escalationId, one)
    this.#orders.push(...projected.orders)
  }
}
