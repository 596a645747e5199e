import { hashOf } from '../../base/hash.js'
import type { Problem } from '../../base/result.js'
import type { RulesetContent } from '../../messages/ruleset.js'
import { needNames, type Need } from './cargo.js'
import { cargoProfiles } from './cargo-profiles.js'
import { changedPolicy } from './policy.js'
import { profiles } from './profiles.js'
import { codeVersion } from './ruleset.js'
import type { DecisionPolicy, LaneProfile } from './types.js'

/** One name for code and data: the hash is over both, so that neither can change under the name. */
export function rulesetName(content: RulesetContent): string {
  const { id, version } = content
  return `${content.codeVersion}+${id}@${version}#${hashOf(content).slice(0, 12)}`
}

/** What one lane is judged by. */
export interface JudgedBy {
  readonly policy: DecisionPolicy
  readonly profile: LaneProfile
}

/** A ruleset that decides beside the one in force, and moves nothing. */
export interface ShadowRuleset {
  readonly name: string
  /** What each lane would be judged by. */
  readonly lanes: Readonly<Record<string, JudgedBy>>
}

/** The numbers and the profile of a lane under a ruleset: site, then lane, then by company class. Pure. */
export function underRuleset(lane: string, by: JudgedBy, content: RulesetContent): JudgedBy {
  const { site, lanes, byClass } = content.policy
  const ofLane = Object.hasOwn(lanes, lane) ? lanes[lane] : undefined
  const policy = [site, ofLane ?? {}, { byClass }].reduce(changedPolicy, by.policy)
  const change = Object.hasOwn(content.profiles, by.profile.name)
    ? content.profiles[by.profile.name]
    : undefined
  if (change === undefined) return { policy, profile: by.profile }
  const more = (change.alsoNeeds ?? []).filter(isNeed)
  const needs = [...new Set([...(by.profile.needs ?? []), ...more])]
  return {
    policy,
    profile: {
      ...by.profile,
      identifyBy: change.identifyBy ?? by.profile.identifyBy,
      plateRequired: change.plateRequired ?? by.profile.plateRequired,
      ...(needs.length > 0 ? { needs } : {}),
    },
  }
}

/** What no schema can say of a ruleset: whether it is for this code, still good, and speaks of things there are. */
export function rulesetProblems(content: RulesetContent, nowMs: number): Problem[] {
  const problems: Problem[] = []
  if (content.codeVersion !== codeVersion)
    problems.push({
      path: 'codeVersion',
      message: `is for the rules ${content.codeVersion}, this program has ${codeVersion}.`,
      remedy: 'Replay recorded passages with this program and sign the ruleset anew for it.',
    })
  if (content.expiresAt !== undefined && content.expiresAt <= nowMs)
    problems.push({
      path: 'expiresAt',
      message: `ended at ${new Date(content.expiresAt).toISOString()}.`,
      remedy: 'Sign a new version with a later end.',
    })
  for (const [name, { alsoNeeds = [] }] of Object.entries(content.profiles)) {
    if (!Object.hasOwn(profiles, name) && !Object.hasOwn(cargoProfiles, name))
      problems.push({ path: `profiles.${name}`, message: 'there is no such profile.', remedy: namesRemedy })
    for (const need of alsoNeeds)
      if (!isNeed(need))
        problems.push({
          path: `profiles.${name}.alsoNeeds`,
          message: `there is no need "${need}".`,
          remedy: namesRemedy,
        })
  }
  return problems
}

const namesRemedy = 'Use the names of edge/domain/decision/{profiles,cargo-profiles,cargo}.ts.'

function isNeed(name: string): name is Need {
  return needNames.some((need) => need === name)
}
