import type { ClassChange, ClassChanges, PolicyChange } from '../../messages/ruleset.js'
import { defaultCargoPolicy } from './cargo.js'
import type { DecisionPolicy } from './types.js'

/** The classes that companies are managed by (domain.md 5.1): 1 is trusted most. */
export const companyClasses = ['1', '2', '3'] as const satisfies readonly (keyof ClassChanges)[]

/** The policy with some of its numbers replaced; `undefined` members of the change replace nothing. */
export function changedPolicy(policy: DecisionPolicy, change: PolicyChange): DecisionPolicy {
  const { cargo, byClass, ...rest } = change
  const changed: DecisionPolicy = { ...policy, ...given(rest) }
  return {
    ...changed,
    ...(cargo !== undefined && { cargo: { ...(policy.cargo ?? defaultCargoPolicy), ...given(cargo) } }),
    ...(byClass !== undefined && { byClass: changedClasses(policy.byClass ?? {}, byClass) }),
  }
}

function changedClasses(before: ClassChanges, change: ClassChanges): ClassChanges {
  const changed: { -readonly [K in keyof ClassChanges]: ClassChanges[K] } = { ...before }
  for (const name of companyClasses) {
    const own = change[name]
    if (own !== undefined) changed[name] = changedClass(before[name] ?? {}, own)
  }
  return changed
}

function changedClass(before: ClassChange, { cargo, ...rest }: ClassChange): ClassChange {
  const changed: ClassChange = { ...before, ...given(rest) }
  return cargo === undefined ? changed : { ...changed, cargo: { ...before.cargo, ...given(cargo) } }
}

/** Only the members that are there, so that none is overwritten by nothing. */
function given<T extends object>(change: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(change).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> }
}
