import type { ListName } from '../../messages/entities.js'
import type { DecisionPolicy } from './types.js'

/** Up to which age a list serves, in milliseconds: for a vehicle that is laden or may be, and for any other. */
export interface ListAge {
  readonly ladenMs: number
  readonly otherMs: number
}

export type AgePolicy = Pick<DecisionPolicy, 'ordersStaleLadenMs' | 'ordersStaleOtherMs' | 'registryStaleMs'>

/**
 * How old a lane's copy of a list may be before it releases nobody without a person (rows 69a to 69c; architecture.md 6):
 * the registers of tags and vehicles have an age of their own, all others that of orders. Null: planned verdicts let
 * nobody pass and stop nobody, whatever their age. The one source for lanes, for explanations and for the console.
 */
export function listAgeOf(list: ListName, policy: AgePolicy): ListAge | null {
  switch (list) {
    case 'tags':
    case 'vehicles':
      return { ladenMs: policy.registryStaleMs, otherMs: policy.registryStaleMs }
    case 'plans':
      return null
    default:
      return { ladenMs: policy.ordersStaleLadenMs, otherMs: policy.ordersStaleOtherMs }
  }
}
