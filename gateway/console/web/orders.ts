import type { LiftRequest, OrderHitsState, OrderState, PlaceOrderRequest } from '../../api/order-schemas.js'
import { get } from './api.js'
import { send, sendStep, type Failure, type Sent } from './send.js'

/** What a person looks for among the orders, with the states that it means. */
export const orderFilters = {
  inForce: ['ACTIVE', 'LIFT_ASKED'],
  waiting: ['PENDING_APPROVAL'],
  liftAsked: ['LIFT_ASKED'],
  ended: ['LIFTED', 'EXPIRED', 'REJECTED'],
} as const satisfies Record<string, readonly OrderState['state'][]>
export type OrderFilter = keyof typeof orderFilters

export interface FoundOrders {
  /** The last change first. */
  readonly orders: readonly OrderState[]
  /** There are more than are shown. */
  readonly more: boolean
}

const shownOfEach = 200

/** Never rejects; null: they could not be had. */
export async function fetchOrders(filter: OrderFilter): Promise<FoundOrders | null> {
  const pages = await Promise.all(
    orderFilters[filter].map((state) => get<FoundOrders>(`/api/orders?state=${state}&limit=${shownOfEach}`)),
  )
  const found = pages.filter((page) => page !== null)
  if (found.length < pages.length) return null
  const changedAt = ({ steps }: OrderState) => steps.at(-1)?.at ?? 0
  return {
    orders: found.flatMap(({ orders }) => orders).sort((a, b) => changedAt(b) - changedAt(a)),
    more: found.some(({ more }) => more),
  }
}

/** The passages that an order hit, the newest first. Never rejects; null: they could not be had. */
export async function fetchHits(orderId: string): Promise<OrderHitsState['hits'] | null> {
  return (await get<OrderHitsState>(`${addressOf(orderId)}/hits`))?.hits ?? null
}

export function placeOrder(request: PlaceOrderRequest): Promise<Sent<OrderState>> {
  return send('/api/orders', request)
}

/** One step of an order, with what it asks for. */
export type OrderStepRequest =
  | { readonly do: 'approve' }
  | { readonly do: 'reject'; readonly why: string }
  | { readonly do: 'withdraw'; readonly why: string }
  | { readonly do: 'lift'; readonly lift: LiftRequest }
  | { readonly do: 'confirm'; readonly passphrase?: string }
  | { readonly do: 'withdrawLift'; readonly why: string }

/** Null: taken. Never rejects. */
export function stepOrder(orderId: string, step: OrderStepRequest): Promise<Failure | null> {
  const [name, body] = requestOf(step)
  return sendStep(`${addressOf(orderId)}/${name}`, body)
}

function requestOf(step: OrderStepRequest): readonly [string, object] {
  switch (step.do) {
    case 'approve':
      return ['approve', {}]
    case 'reject':
    case 'withdraw':
      return [step.do, { why: step.why }]
    case 'lift':
      return ['lift', step.lift]
    case 'confirm':
      return ['lift/confirm', step.passphrase === undefined ? {} : { passphrase: step.passphrase }]
    case 'withdrawLift':
      return ['lift/withdraw', { why: step.why }]
  }
}

function addressOf(orderId: string): string {
  return `/api/orders/${encodeURIComponent(orderId)}`
}
