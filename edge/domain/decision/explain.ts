import { canonicalJson } from '../../base/canonical.js'
import { reasonsByRule, strengthOf } from './decide.js'
import { factLines } from './explain-facts.js'
import { nearLines } from './explain-near.js'
import { observedLines } from './explain-seen.js'
import { withoutSecrets } from './explain-secret.js'
import { line, sectionOf, state, word, type Explanation, type Line } from './explanation.js'
import { missingForRelease } from './release-needs.js'
import { companyClassOf } from './policy-class.js'
import type { DecidedBody } from './replay.js'
import type { Rule } from './rule.js'
import { codeVersion, rules, rulesetVersion } from './ruleset.js'
import type { Decision, DecisionInputs, Reason } from './types.js'
import { viewOf, type View } from './view.js'

export interface ExplainOptions {
  /** Whether who reads it may know of secret orders; without it they read as the sampling they look like. */
  readonly seesSecrets: boolean
}

/**
 * Why a recorded decision came out as it did, from the record alone: the same record gives the same
 * explanation. Pure and bounded; `explain-words.ts` puts it into sentences.
 */
export function explain(recorded: DecidedBody, { seesSecrets }: ExplainOptions): Explanation {
  const body = seesSecrets ? recorded : withoutSecrets(recorded)
  const { decision, inputs } = body
  const view = viewOf(inputs)
  const top = Math.max(0, ...decision.reasons.map(strengthOf))
  const isTop = (reason: Reason) => strengthOf(reason) === top
  const ruleOf = rulesBehind(inputs)
  return {
    passageId: inputs.passageId,
    lane: inputs.lane,
    outcome: decision.outcome,
    primary: decision.primary,
    rulesetVersion: decision.rulesetVersion,
    sections: [
      sectionOf('outcome', outcomeLines(decision, inputs, view)),
      sectionOf(
        'rules',
        decision.reasons.filter(isTop).map((reason) => ruleLine(reason, ruleOf(reason))),
      ),
      sectionOf('weaker', [
        ...decision.reasons
          .filter((reason) => !isTop(reason))
          .map((reason) => ruleLine(reason, ruleOf(reason))),
        ...decision.obligations.map((name) => line('explain.toDo', { what: word('obligation', name) })),
        ...decision.advisories.map((name) => line('explain.advice', { what: word('advisory', name) })),
        ...(decision.silentAlerts.length === 0
          ? []
          : [line('explain.silent', { orders: { list: decision.silentAlerts } })]),
      ]),
      sectionOf('missing', missingLines(decision, view)),
      sectionOf('observed', observedLines(inputs)),
      sectionOf('facts', factLines(inputs)),
      sectionOf('near', nearLines(view)),
    ],
  }
}

function outcomeLines(decision: Decision, inputs: DecisionInputs, view: View): Line[] {
  return [
    line('explain.outcome', {
      outcome: word('outcome', decision.outcome),
      reason: word('reason', decision.primary),
    }),
    line('explain.where', {
      lane: inputs.lane,
      mode: word('mode', inputs.mode),
      profile: inputs.profile.name,
      load: state('load', view.load),
      at: { at: inputs.now.wallMs },
      clock: word('clock', inputs.now.clockQuality),
    }),
    ...classLine(inputs, view),
    line('explain.ruleset', { version: decision.rulesetVersion }),
    ...(isOfThisCode(decision.rulesetVersion) ? [] : [line('explain.otherRuleset', { now: rulesetVersion })]),
  ]
}

/** Whose thresholds counted, where they differ by the company's class. */
function classLine(inputs: DecisionInputs, { main }: View): Line[] {
  if (inputs.policy.byClass === undefined) return []
  const known = companyClassOf(inputs, main?.vehicle ?? null)
  if (known === 'unknown') return [line('explain.companyClassUnknown')]
  return [line('explain.companyClass', { class: known })]
}

function isOfThisCode(version: string): boolean {
  return version === rulesetVersion || version.startsWith(`${codeVersion}+`)
}

type RuleOf = (reason: Reason) => Rule | null

/**
 * Several rules of a row may give the same code, so the inputs are judged again to see which of them
 * spoke. Where they do not give the reason, another ruleset recorded it: then it is the rule only if the
 * row and code leave no choice.
 */
function rulesBehind(inputs: DecisionInputs): RuleOf {
  const spoken = new Map<string, Rule>()
  for (const { rule, reason } of reasonsByRule(inputs)) {
    const what = canonicalJson(reason)
    if (!spoken.has(what)) spoken.set(what, rule)
  }
  return (reason) => {
    const found = spoken.get(canonicalJson(reason))
    if (found !== undefined) return found
    const [only, ...more] = rules.filter(
      (rule) => rule.row === reason.row && (rule.code === reason.code || rule.unknown === reason.code),
    )
    return only !== undefined && more.length === 0 ? only : null
  }
}

function ruleLine(reason: Reason, rule: Rule | null): Line {
  const { code, evidence } = reason
  const outcome = word('outcome', reason.outcome)
  if (rule === null)
    return line('explain.reason', {
      row: reason.row,
      code,
      outcome,
      reason: word('reason', code),
      evidence: { evidence },
    })
  const isTrue = rule.code === code && rule.outcome === reason.outcome
  return line(isTrue || rule.unknown === null ? 'explain.rule' : 'explain.ruleUnknown', {
    rule: rule.id,
    code,
    outcome,
    condition: { condition: rule.id },
    evidence: { evidence },
  })
}

/** What a release would still need, beside that nobody objects. Of a release: nothing. */
function missingLines({ outcome }: Decision, view: View): Line[] {
  if (outcome === 'release') return []
  return missingForRelease(view, outcome === 'disinfect').map((name) => line(`missing.${name}`))
}
