import { canonicalJson } from '../../base/canonical.js'
import { incomplete } from './phase-9-otherwise.js'
import { missingForRelease } from './release-needs.js'
import { few, isApplicable, obligationsOf, patienceOf, type Finding, type Rule } from './rule.js'
import { codeVersion, rules, rulesetVersion } from './ruleset.js'
import type { Decision, DecisionInputs, Outcome, Reason } from './types.js'
import { viewOf, type View } from './view.js'

/** One rule's word in one decision. */
interface Word {
  readonly rule: Rule
  readonly finding: Finding
  readonly reasons: readonly Reason[]
}

/**
 * The lane's own judgement: pure, deterministic, JSON in and JSON out, independent of the order of
 * anything in the inputs. All rules are evaluated; the strongest outcome wins; the primary reason is
 * the lowest row that gave it; what weaker ones ask for becomes obligations; release only if nobody
 * objects and the profile is positively complete (domain.md 6.1). Never throws on well-typed inputs.
 */
export function decide(inputs: DecisionInputs): Decision {
  const view = viewOf(inputs)
  const words = wordsOn(view)
  const reasons = spokenReasons(words)
  // A disinfection ends in a release without another judgement, so it needs all that a release needs.
  const isWeak = reasons.every(({ reason }) => strengthOf(reason) <= strengths.disinfect)
  const missing = isWeak ? missingForRelease(view, reasons.length > 0) : []
  if (missing.length > 0) reasons.push(defaultDeny(missing))
  const top = Math.max(...reasons.map(({ reason }) => strengthOf(reason)))
  const decisive = reasons.find(({ reason }) => strengthOf(reason) === top) ?? defaultDeny(missing)
  return {
    outcome: decisive.reason.outcome,
    primary: decisive.reason.code,
    reasons: reasons.map(({ reason }) => reason),
    advisories: eachOnce(words.flatMap(({ rule, finding }) => said(finding, rule.advisory))),
    obligations: stillToDo(words, top),
    silentAlerts: orderIdsOf(words, 'silent'),
    interceptOrderIds: orderIdsOf(words, 'typed'),
    prompt: decisive.prompt,
    vehicleId: view.main?.vehicle.vehicleId ?? null,
    rulesetVersion: judgedBy(inputs),
  }
}

/** A ruleset is data over the rules of one version of the code; under any other the code says what it is. */
function judgedBy(inputs: DecisionInputs): string {
  return inputs.rulesetVersion.startsWith(`${codeVersion}+`) ? inputs.rulesetVersion : rulesetVersion
}

/**
 * How many milliseconds more the lane may wait before this judgement is worth acting on: a tag may
 * still come, or a re-read settle two lanes (rows 7, 8, 14). 0: act now. A reason that time does not
 * mend is never waited for.
 */
export function patienceMs(inputs: DecisionInputs): number {
  const view = viewOf(inputs)
  const words = wordsOn(view)
  const against = words.filter((word) => word.reasons.some((reason) => reason.outcome !== 'release'))
  const top = Math.max(0, ...against.flatMap((word) => word.reasons.map(strengthOf)))
  const strongest = against.filter((word) => word.reasons.some((reason) => strengthOf(reason) === top))
  // Nothing is known of a vehicle that nobody has identified yet: no reason to stop waiting for its tag.
  const known = view.main === null ? strongest.filter((word) => !hangsOnTheVehicle(word)) : strongest
  const decisive = known.length > 0 ? known : strongest
  // With no objection it is an advisory that may turn out to be wrong: a tag that is only late.
  const awaited = decisive.length > 0 ? decisive : words.filter((word) => word.rule.patience !== undefined)
  return awaited.length === 0 ? 0 : Math.min(...awaited.map((word) => patienceOf(word.rule, view)))
}

/** It does not know papers, driver or load (rows 15 to 67): all of these are found by the vehicle. */
function hangsOnTheVehicle({ rule, finding }: Word): boolean {
  return finding.yes === undefined && rule.row >= 15 && rule.row <= 67
}

/** Which rule gives which reason on these inputs, before what several say for one cause is said once. */
export function reasonsByRule(
  inputs: DecisionInputs,
): readonly { readonly rule: Rule; readonly reason: Reason }[] {
  return wordsOn(viewOf(inputs)).flatMap(({ rule, reasons }) => reasons.map((reason) => ({ rule, reason })))
}

interface Spoken {
  readonly reason: Reason
  readonly prompt: string
}

/** By row. What several rules do not know for the same cause is said once, by the first of them. */
function spokenReasons(words: readonly Word[]): Spoken[] {
  const all = words.flatMap(({ reasons, rule }) => reasons.map((reason) => ({ reason, prompt: rule.prompt })))
  if (all.length < 2) return all
  const seen = new Set<string>()
  return all.sort(byRow).filter(({ reason }) => {
    const what = canonicalJson([reason.code, reason.outcome, reason.evidence])
    return !seen.has(what) && seen.add(what)
  })
}

const objecting = rules.filter((rule) => rule.otherwise !== true)
const otherwise = rules.filter((rule) => rule.otherwise === true)

function wordsOn(view: View): Word[] {
  const words: Word[] = []
  for (const rule of objecting) addWord(words, rule, view)
  if (words.some((word) => word.reasons.length > 0)) return words
  for (const rule of otherwise) addWord(words, rule, view)
  return words
}

const noReasons: readonly Reason[] = []

/** Nearly all rules have nothing to say of a vehicle: they cost no list of nothing. */
function addWord(words: Word[], rule: Rule, view: View): void {
  if (!isApplicable(rule, view)) return
  const finding = rule.when(view)
  if (finding.yes === undefined && finding.unknown === undefined) return
  const reasons = reasonsOf(rule, finding)
  if (finding.yes !== undefined || reasons.length > 0) words.push({ rule, finding, reasons })
}

function reasonsOf(rule: Rule, finding: Finding): readonly Reason[] {
  const { row, code, outcome, safety, unknown } = rule
  const yes: readonly Reason[] =
    finding.yes !== undefined && outcome !== 'none'
      ? [{ row, code, outcome, safety: safety === true, evidence: finding.yes }]
      : noReasons
  if (finding.unknown === undefined || unknown === null) return yes
  return [...yes, { row, code: unknown, outcome: 'escalate', safety: false, evidence: finding.unknown }]
}

function defaultDeny(missing: readonly string[]): Spoken {
  const evidence = { missing: few(missing) }
  return {
    reason: { row: 73, code: incomplete, outcome: 'escalate', safety: false, evidence },
    prompt: 'prompt.wait',
  }
}

const strengths: Readonly<Record<Outcome, number>> = {
  release: 1,
  disinfect: 2,
  escalate: 3,
  hold: 4,
  lock: 5,
}

/** safety-ESCALATE > LOCK > HOLD > ESCALATE > DISINFECT > RELEASE (domain.md 6.1). */
export function strengthOf(reason: Pick<Reason, 'outcome' | 'safety'>): number {
  return reason.safety ? 6 : strengths[reason.outcome]
}

function byRow(a: Spoken, b: Spoken): number {
  if (a.reason.row !== b.reason.row) return a.reason.row - b.reason.row
  return strengthOf(b.reason) - strengthOf(a.reason)
}

/** What a weaker outcome leaves to be done under a stronger one; an escalation is answered by the person who comes. */
const leftToDo: Readonly<Partial<Record<Outcome, string>>> = {
  lock: 'LOCK',
  hold: 'INSPECT',
  disinfect: 'DISINFECT',
}

function stillToDo(words: readonly Word[], top: number): string[] {
  return eachOnce(
    words.flatMap(({ rule, finding, reasons }) => {
      const own = obligationsOf(rule)
      const weaker = reasons.filter((reason) => strengthOf(reason) < top)
      return [
        ...(finding.yes === undefined ? [] : own),
        ...(own.length > 0 ? [] : weaker.flatMap((reason) => leftToDo[reason.outcome] ?? [])),
      ]
    }),
  )
}

function said(finding: Finding, word: string | undefined): string[] {
  return finding.yes !== undefined && word !== undefined ? [word] : []
}

function orderIdsOf(words: readonly Word[], orders: 'silent' | 'typed'): string[] {
  return eachOnce(
    words.flatMap(({ rule, finding }) => (rule.orders === orders ? (finding.orderIds ?? []) : [])),
  )
}

function eachOnce(names: readonly string[]): string[] {
  return [...new Set(names)].sort()
}
