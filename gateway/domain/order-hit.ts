import type { KnownEvent } from './judge.js'
import type { PassageRecord } from './passage.js'

/** Orders that the newest decision on a passage names; empty where it names none any more. */
export interface OrdersHit {
  readonly passageId: string
  readonly edgeId: string
  readonly lane: string
  /** UTC ms, by the edge's clock. */
  readonly at: number
  readonly orderIds: readonly string[]
}

const ordersMax = 64

/**
 * What a decision says of orders; null: the event is none, or speaks of a passage that is not its edge's. The last
 * decision counts and not every one: a plate that was misread at first hit an order that this vehicle is not under.
 */
export function ordersHitBy(event: KnownEvent, passage: PassageRecord | undefined): OrdersHit | null {
  if (event.type !== 'decided' || passage?.edgeId !== event.edgeId) return null
  const { interceptOrderIds, silentAlerts } = event.body.decision
  const { edgeId, occurredAt: at } = event
  const orderIds = [...new Set([...interceptOrderIds, ...silentAlerts])].slice(0, ordersMax)
  return { passageId: passage.passageId, edgeId, lane: passage.lane, at, orderIds }
}
