import type { AskLiftRequest, HoldsState, HoldState, LiftedState } from '../../api/lift-schemas.js'
import { get } from './api.js'
import { fetchOrders } from './orders.js'
import { send, sendStep, type Failure } from './send.js'

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

/** Null: it waits for another person. Never rejects. */
export function askHoldLift(hold: HoldState, asked: Omit<AskLiftRequest, 'key'>): Promise<Failure | null> {
  return sendStep(addressOf(hold), { key: holdKey(hold), ...asked })
}

/** The version without the hold, or why it was not lifted. Never rejects. */
export async function confirmHoldLift(
  hold: HoldState,
  passphrase: string | undefined,
): Promise<{ readonly version: number } | Failure> {
  const body = { key: holdKey(hold), ...(passphrase === undefined ? {} : { passphrase }) }
  const answered = await send<LiftedState>(`${addressOf(hold)}/confirm`, body)
  if (answered.is === 'taken') return { version: answered.body.version }
  return { error: answered.error, problems: answered.problems }
}

/** Null: taken back. Never rejects. */
export function withdrawHoldLift(hold: HoldState, why: string): Promise<Failure | null> {
  return sendStep(`${addressOf(hold)}/withdraw`, { key: holdKey(hold), why })
}

function addressOf({ list }: HoldState): string {
  return `/api/lists/${list}/lifts`
}
