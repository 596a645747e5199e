import { canonicalJson } from '../../base/canonical.js'
import { decide, reasonsByRule } from './decide.js'
import type { DecidedBody } from './replay.js'
import type { Decision, DecisionInputs } from './types.js'

/** What one recorded decision would have been under a change. */
export interface WhatIf {
  readonly would: Decision
  /** Members of the decision that would differ, sorted; the version of the ruleset is none of them. */
  readonly differs: readonly string[]
  /** Rules that spoke and would not, and the other way round: ids of the table. */
  readonly noLonger: readonly string[]
  readonly newly: readonly string[]
}

const judged: readonly (keyof Decision)[] = [
  'advisories',
  'interceptOrderIds',
  'obligations',
  'outcome',
  'primary',
  'prompt',
  'reasons',
  'silentAlerts',
  'vehicleId',
]

/** Judges a record again with something changed, and names the rules behind every difference. Pure. */
export function whatIf(
  { decision, inputs }: DecidedBody,
  change: (inputs: DecisionInputs) => DecisionInputs,
): WhatIf {
  const changed = change(inputs)
  const would = decide(changed)
  const differs = judged.filter((member) => textOf(decision[member]) !== textOf(would[member]))
  if (differs.length === 0) return { would, differs, noLonger: [], newly: [] }
  const before = rulesOf(inputs)
  const after = rulesOf(changed)
  return {
    would,
    differs,
    noLonger: [...before].filter((id) => !after.has(id)),
    newly: [...after].filter((id) => !before.has(id)),
  }
}

function rulesOf(inputs: DecisionInputs): Set<string> {
  return new Set(reasonsByRule(inputs).map(({ rule }) => rule.id))
}

function textOf(value: unknown): string {
  return value === undefined ? '' : canonicalJson(value)
}
