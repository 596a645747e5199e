import type { DecisionInputs } from '../domain/decision/types.js'
import { changedPolicy } from '../domain/decision/policy.js'
import { policyChangeSchema } from '../messages/ruleset.js'
import { settingProblems } from '../messages/text/issue-problem.js'
import { rulesetName, underRuleset } from '../domain/decision/ruleset-data.js'
import { parseRulesetContent, readJson } from '../config/ruleset.js'
import { readYaml } from '../config/load.js'
import { refuseConfiguration } from './exit.js'
import { readListsChange, underLists, type UnderLists } from './planned-lists.js'

/** What is to be tried on recorded passages. */
export interface PlannedChange {
  /** For people: which file. */
  readonly name: string
  /** `cannotTell`: what the record would have to say for the answer to be one. */
  readonly change: (inputs: DecisionInputs) => Promise<UnderLists>
}

const certain = (inputs: DecisionInputs): Promise<UnderLists> => Promise.resolve({ inputs, cannotTell: [] })

/** Null: nothing is to be changed. `refused`: its file has problems, which were said. */
export function plannedChange({
  policy,
  ruleset,
  lists,
}: {
  readonly policy?: string
  readonly ruleset?: string
  readonly lists?: string
}): PlannedChange | null | 'refused' {
  if (lists !== undefined) return plannedLists(lists)
  if (ruleset !== undefined) return plannedRuleset(ruleset)
  if (policy === undefined) return null
  const raw = readYaml(policy)
  if (!raw.ok) {
    refuseConfiguration(policy, raw.problems)
    return 'refused'
  }
  const parsed = policyChangeSchema.safeParse(raw.value)
  if (!parsed.success) {
    refuseConfiguration(policy, settingProblems(parsed.error, raw.value))
    return 'refused'
  }
  const change = parsed.data
  return {
    name: policy,
    change: (inputs) => certain({ ...inputs, policy: changedPolicy(inputs.policy, change) }),
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
    change: (inputs) => certain({ ...inputs, ...underRuleset(inputs.lane, inputs, content.value) }),
  }
}

function plannedLists(file: string): PlannedChange | 'refused' {
  const change = readListsChange(file)
  if (!change.ok) {
    refuseConfiguration(file, change.problems)
    return 'refused'
  }
  return { name: file, change: (inputs) => underLists(inputs, change.value) }
}
