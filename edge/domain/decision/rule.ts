import type { Need } from './cargo.js'
import type { Crossing, Load, Outcome } from './types.js'
import type { View } from './view.js'

/** What a finding rests on: for officers, never for a driver. */
export type Evidence = Readonly<Record<string, string>>

/**
 * What a rule found. Both may be there: of two tags one is stolen, and of the other nothing is
 * known. Neither: the condition is false.
 */
export interface Finding {
  readonly yes?: Evidence
  readonly unknown?: Evidence
  /** Orders or blacklist entries behind `yes`. */
  readonly orderIds?: readonly string[]
}

/**
 * One row of the decision table (domain.md 6.2), or one of several halves of a row. A rule stands
 * in one place and says everything about itself; adding one needs no change anywhere else but in
 * its phase's list.
 */
export interface Rule {
  /** Row and, where a row has several outcomes, a letter: `8b`. Unique. */
  readonly id: string
  readonly row: number
  /** The table's code; `reason.<code>` in the text catalogue. */
  readonly code: string
  /** The condition in words, for the overview. */
  readonly condition: string
  /** The same in Chinese, for the published table. */
  readonly conditionZh: string
  readonly crossings: readonly Crossing[] | 'all'
  /** With an unknown load every objecting rule applies, and no releasing one. */
  readonly loads: readonly Load[] | 'all'
  /** `none`: the rule only advises or alerts, and never changes the outcome. */
  readonly outcome: Outcome | 'none'
  /** Stronger than LOCK. */
  readonly safety?: true
  /** Code of the reason when the condition cannot be told; that escalates. Null: it always can be told. */
  readonly unknown: string | null
  /** What else is to be done when it is true (`INSPECT`). */
  readonly obligation?: string
  /** Where one is not enough; all of them are to be done. */
  readonly obligations?: readonly string[]
  readonly advisory?: string
  /** `silent`: alert without a trace in the lane. `typed`: an operator must type the order's number to release. */
  readonly orders?: 'silent' | 'typed'
  /** The rule's word is worth waiting for until this much of the policy's time has passed. */
  readonly patience?: 'identifyWithinMs' | 'rereadForMs'
  /** The same for a wait that did not begin with the vehicle: how many milliseconds more, from now. */
  readonly patienceLeftMs?: (view: View) => number
  /** Looked at only when no other rule speaks: the positive end of the table. */
  readonly otherwise?: true
  readonly prompt: string
  readonly source: string
  readonly when: (view: View) => Finding
}

export const no: Finding = {}

export function yes(evidence: Evidence = {}): Finding {
  return { yes: evidence }
}

export function unknown(evidence: Evidence): Finding {
  return { unknown: evidence }
}

/** At most eight names in a record; the rest is counted. */
export function few(names: readonly string[]): string {
  const sorted = [...new Set(names)].sort()
  const more = sorted.length - 8
  return sorted.slice(0, 8).join(',') + (more > 0 ? `,+${more}` : '')
}

/** A finding over many things: those it is true of, and those of which it cannot be told. */
export function among<T>(
  key: string,
  items: readonly T[],
  nameOf: (item: T) => string,
  isTrueOf: (item: T) => boolean | 'unknown',
): Finding {
  const trueOf: string[] = []
  const unknownOf: string[] = []
  for (const item of items) {
    const word = isTrueOf(item)
    if (word === true) trueOf.push(nameOf(item))
    if (word === 'unknown') unknownOf.push(nameOf(item))
  }
  return {
    ...(trueOf.length > 0 ? { yes: { [key]: few(trueOf) } } : {}),
    ...(unknownOf.length > 0 ? { unknown: { [key]: few(unknownOf) } } : {}),
  }
}

/** Whether lane and load are the rule's. With an unknown load every objecting rule applies, and no releasing one. */
export function isApplicable(
  rule: Pick<Rule, 'crossings' | 'loads' | 'outcome'>,
  { inputs, load }: View,
): boolean {
  if (rule.crossings !== 'all' && !rule.crossings.includes(inputs.profile.crossing)) return false
  if (rule.loads === 'all' || rule.loads.includes(load)) return true
  return load === 'unknown' && rule.outcome !== 'release'
}

/** Everything that is to be done when the rule is true. */
export function obligationsOf({ obligation, obligations = [] }: Rule): readonly string[] {
  return obligation === undefined ? obligations : [obligation, ...obligations]
}

/** How many milliseconds more a rule's word is worth waiting for; 0: it stands as it is. */
export function patienceOf(rule: Rule, view: View): number {
  const { policy, observations } = view.inputs
  const sinceItCameMs = rule.patience === undefined ? 0 : policy[rule.patience]
  const leftMs = sinceItCameMs - observations.lane.presentForMs
  return Math.max(0, leftMs, rule.patienceLeftMs?.(view) ?? 0)
}

/** What comes while the vehicle stands there: missing once identifyWithinMs has passed; before that nobody can tell. */
export function notYet({ inputs: { observations, policy } }: View, what: string): Finding {
  const evidence = { missing: what }
  return observations.lane.presentForMs >= policy.identifyWithinMs ? yes(evidence) : unknown(evidence)
}

/** That something cannot be told counts only where the profile needs it; what speaks against a vehicle always does. */
export function whereNeeded(view: View, need: Need, finding: Finding): Finding {
  if (view.cargo.needs(need) || finding.unknown === undefined) return finding
  return finding.yes === undefined ? no : yes(finding.yes)
}
