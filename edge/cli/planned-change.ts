import type { DecisionInputs } from '../domain/decision/types.js'
import { changedPolicy } from '../domain/decision/policy.js'
import { policyChangeSchema } from '../messages/ruleset.js'
import { readYaml } from '../config/load.js'
import { refuseConfiguration } from './exit.js'

/** What is to be tried on recorded passages. */
export interface PlannedChange {
  /** For people: which file. */
  readonly name: string
  readonly change: (inputs: DecisionInputs) => DecisionInputs
}

/** Null: nothing is to be changed. `refused`: its file has problems, which were said. */
export function plannedChange({ policy }: { readonly policy?: string }): PlannedChange | null | 'refused' {
  if (policy === undefined) return null
  const raw = readYaml(policy)
  if (!raw.ok) {
    refuseConfiguration(policy, raw.problems)
    return 'refused'
  }
  const parsed = policyChangeSchema.safeParse(raw.value)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => ({
      path: path.map(String).join('.'),
      message,
    }))
    refuseConfiguration(policy, problems)
    return 'refused'
  }
  const change = parsed.data
  return {
    name: policy,
    change: (inputs) => ({ ...inputs, policy: changedPolicy(inputs.policy, change) }),
  }
}
