import { obligationsOf, type Rule } from './rule.js'
import { rules, rulesetVersion } from './ruleset.js'

/** One line of the overview; everything is text, so that a README, a console or a test can show it. */
export interface RuleLine {
  readonly rule: string
  readonly code: string
  readonly applies: string
  readonly condition: string
  readonly outcome: string
  readonly whenUnknown: string
  readonly prompt: string
  readonly source: string
}

/** All rules, in the order of the table. */
export function describeRules(): RuleLine[] {
  return rules.map((rule) => ({
    rule: rule.id,
    code: rule.code,
    applies: appliesTo(rule),
    condition: rule.condition,
    outcome: outcomeOf(rule),
    whenUnknown: rule.unknown === null ? 'always known' : `escalate ${rule.unknown}`,
    prompt: promptOf(rule),
    source: rule.source,
  }))
}

/** The overview as a Markdown table. */
export function rulesAsMarkdown(): string {
  const head = ['Rule', 'Code', 'Lanes', 'Condition', 'Outcome', 'If unknown', 'Prompt']
  const lines = describeRules().map((line) => [
    line.rule,
    line.code,
    line.applies,
    line.condition,
    line.outcome,
    line.whenUnknown,
    line.prompt,
  ])
  const table = [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`)
  return [`Ruleset \`${rulesetVersion}\``, '', ...table, ''].join('\n')
}

function appliesTo(rule: Rule): string {
  const crossings = rule.crossings === 'all' ? '*' : rule.crossings.join(',')
  return rule.loads === 'all' ? crossings : `${crossings} ${rule.loads.join(',')}`
}

/** What only advises shows nothing, or a reminder after the release; a secret alert shows nothing at all. */
function promptOf({ outcome, advisory, prompt }: Rule): string {
  if (outcome !== 'none') return prompt
  return advisory === undefined || prompt === 'prompt.release' ? 'unchanged' : `then ${prompt}`
}

function outcomeOf(rule: Rule): string {
  const outcome = rule.safety === true ? 'safety-escalate' : rule.outcome
  const more = [...obligationsOf(rule), rule.advisory, rule.orders === 'silent' ? 'silent alert' : undefined]
  return [rule.outcome === 'none' ? '-' : outcome, ...more.filter((word) => word !== undefined)].join(' + ')
}
