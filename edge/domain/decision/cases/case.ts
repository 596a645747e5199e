import type { DecisionInputs } from '../types.js'

/** Of one rule: inputs under which it is true, false, and cannot be told. */
export interface Case {
  readonly yes: DecisionInputs
  readonly no: DecisionInputs
  /** Null exactly where the rule says that its condition can always be told. */
  readonly unknown: DecisionInputs | null
}

/** By rule id. */
export type Cases = Readonly<Record<string, Case>>
