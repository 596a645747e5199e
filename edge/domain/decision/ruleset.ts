import { health } from './phase-0-health.js'
import { laneGuard } from './phase-0-lane-guard.js'
import { driver } from './phase-1-driver.js'
import { identity } from './phase-1-identity.js'
import { control } from './phase-2-control.js'
import { partners } from './phase-3-partners.js'
import { rulings } from './phase-3-rulings.js'
import { tripAndDeclarations } from './phase-3-trip.js'
import { quarantine } from './phase-4-quarantine.js'
import { goods } from './phase-5-goods.js'
import { seals } from './phase-5-seals.js'
import { weight } from './phase-6-weight.js'
import { fees } from './phase-7-fees.js'
import { system } from './phase-8-system.js'
import { otherwise } from './phase-9-otherwise.js'
import type { Rule } from './rule.js'

/** Kept by hand: raised with every change of a rule that could change any decision, so that a record names what judged it. */
export const codeVersion = 'lanekeeper-6'

/** Of lanes without a ruleset: rules are code of this build, and their numbers those of the configuration. */
export const rulesetVersion = `${codeVersion}.unsigned`

/** Every rule there is, in the order of the table. A rule that is not here does not exist. */
export const rules: readonly Rule[] = [
  ...laneGuard,
  ...health,
  ...identity,
  ...driver,
  ...control,
  ...tripAndDeclarations,
  ...rulings,
  ...partners,
  ...quarantine,
  ...seals,
  ...goods,
  ...weight,
  ...fees,
  ...system,
  ...otherwise,
]
