import { laneGuard } from './phase-0-lane-guard.js'
import { identity } from './phase-1-identity.js'
import { control } from './phase-2-control.js'
import { system } from './phase-8-system.js'
import { otherwise } from './phase-9-otherwise.js'
import type { Rule } from './rule.js'

/**
 * Kept by hand: raised with every change that could change any decision, so that a record names
 * what judged it. `unsigned`: rules are code of this build and nothing more; when rulesets become
 * signed data files this names the file and its hash.
 */
export const rulesetVersion = 'lanekeeper-1.unsigned'

/** Every rule there is, in the order of the table. A rule that is not here does not exist. */
export const rules: readonly Rule[] = [...laneGuard, ...identity, ...control, ...system, ...otherwise]
