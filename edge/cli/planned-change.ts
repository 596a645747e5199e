import type { DecisionInputs } from '../domain/decision/types.js'
import { changedPolicy } from '../domain/decision/policy.js'
import { policyChangeSchema } from '../messages/ruleset.js'
import { rulesetName, underRuleset } from '../domain/decision/ruleset-data.js'
import { parseRulesetContent, readJson } from '../config/ruleset.js'
import { readYaml } from '../config/load.js'
import { refuseConfiguration } from './exit.js'

/** What is to be tried on recorded passages. */
export interface PlannedChange {
  /** For people: which file. */
  readonly name: string
  readonly change: (inputs: DecisionInputs) => DecisionInputs
}

/** Null: nothing is to be changed. `refused`: its file has problems, which were said. */
export function plannedChange({
  policy,
  ruleset,
}: {
  readonly policy?: string
  readonly ruleset?: string
}): PlannedChange | null | 'refused' {
  if (ruleset !== undefined) return plannedRuleset(ruleset)
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

/** A ruleset that is only planned need not be signed; its name is not checked against the code either. */
function plannedRuleset(file: string): PlannedChange | 'refused' {
  const raw = readJson(file)
  const { signature: _signature, ...rest } = { signature: null, ...(raw.ok ? (raw.value as object) : {}) }
  const content = raw.ok ? parseRulesetContent(rest) : raw
  if (!content.ok) {
    refuseConfiguration(file, content.problems)
    return 'refused'
  }
  return {
    name: rulesetName(content.value),
    change: (inputs) => ({ ...inputs, ...underRuleset(inputs.lane, inputs, content.value) }),
  }
}
