import type { PolicyChange } from '../../messages/ruleset.js'
import { defaultCargoPolicy } from './cargo.js'
import type { DecisionPolicy } from './types.js'

/** The policy with some of its numbers replaced; `undefined` members of the change replace nothing. */
export function changedPolicy(policy: DecisionPolicy, change: PolicyChange): DecisionPolicy {
  const { cargo, ...rest } = change
  const changed: DecisionPolicy = { ...policy, ...given(rest) }
  if (cargo === undefined) return changed
  return { ...changed, cargo: { ...(policy.cargo ?? defaultCargoPolicy), ...given(cargo) } }
}

/** Only the members that are there, so that none is overwritten by nothing. */
function given<T extends object>(change: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(change).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> }
}
