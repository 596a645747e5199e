import type { AskLiftRequest, HoldsState, HoldState, LiftedState } from '../../api/lift-schemas.js'
import { get, post } from './api.js'
import { fetchOrders } from './orders.js'
import { send } from './send.js'

/** Holds that bear a name; without one, those whose lift waits. Never rejects; null: they could not be had. */
export function fetchHolds(name: string): Promise<HoldsState | null> {
  return get<HoldsState>(name === '' ? '/api/holds' : `/api/holds?find=${encodeURIComponent(name)}`)
}

/** How many orders and other holds wait for a second person, to approve or to lift. Never rejects; null: not known. */
export async function fetchWaiting(): Promise<number | null> {
  const [placed, lifts, others] = await Promise.all([
    fetchOrders('waiting'),
    fetchOrders('liftAsked'),
    fetchHolds(''),
  ])
  if (placed === null || lifts === null || others === null) return null
  return placed.orders.length + lifts.orders.length + others.holds.length
}

/** The number of a hold, which is its key in its list. */
export function holdKey({ entry }: Pick<HoldState, 'entry'>): string {
  return entry.kind === 'order' ? entry.orderId : entry.entryId
}

/** Null: it waits for another person, else a key of the catalogue. Never rejects. */
export function askHoldLift(hold: HoldState, asked: Omit<AskLiftRequest, 'key'>): Promise<string | null> {
  return post(addressOf(hold), { key: holdKey(hold), ...asked })
}

/** The version without the hold, or a key of the catalogue. Never rejects. */
export async function confirmHoldLift(
  hold: HoldState,
  passphrase: string | undefined,
): Promise<{ readonly version: number } | { readonly error: string }> {
  const body = { key: holdKey(hold), ...(passphrase === undefined ? {} : { passphrase }) }
  const answered = await send<LiftedState>(`${addressOf(hold)}/confirm`, body)
  return answered.is === 'taken' ? { version: answered.body.version } : { error: answered.error }
}

/** Null: taken back, else a key of the catalogue. Never rejects. */
export function withdrawHoldLift(hold: HoldState, why: string): Promise<string | null> {
  return post(`${addressOf(hold)}/withdraw`, { key: holdKey(hold), why })
}

function addressOf({ list }: HoldState): string {
  return `/api/lists/${list}/lifts`
}
