import type { FeeItem } from '../api/task-schemas.js'
import type { KnownEvent } from './judge.js'
import type { PassageRecord } from './passage.js'

export type Disinfected = KnownEvent & { readonly type: 'disinfected' }

/**
 * The fee that a disinfection makes; null: it costs nothing. The key is the lane's: a trip that backs out and
 * comes again, or an event that is told twice, has the same key and is charged once (scenarios 11 and 13).
 */
export function feeOf(event: Disinfected, passage: PassageRecord | undefined): FeeItem | null {
  const { edgeId, lane, passageId, occurredAt: createdAt, body } = event
  const { feeFen: amountFen, feeKey } = body
  if (amountFen <= 0 || passageId === null) return null
  return {
    feeKey,
    item: 'disinfection',
    amountFen,
    state: 'CALCULATED',
    edgeId,
    lane: lane ?? passage?.lane ?? '',
    passageId,
    vehicleId: passage?.vehicleId ?? null,
    createdAt,
  }
}
