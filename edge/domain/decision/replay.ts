import { canonicalJson } from '../../base/canonical.js'
import { bad, ok, type Result } from '../../base/result.js'
import { decide } from './decide.js'
import type { Decision, DecisionInputs } from './types.js'

/** What a `decided` event carries. */
export interface DecidedBody {
  readonly decision: Decision
  readonly inputs: DecisionInputs
}

export interface Redecided {
  /** The same decision, byte for byte in canonical JSON. */
  readonly same: boolean
  readonly now: Decision
  /** Members that differ, sorted; `rulesetVersion` among them says that other rules judged then. */
  readonly differs: readonly string[]
}

/** Judges a recorded decision again from its recorded inputs (law 10). Pure. */
export function redecide(body: DecidedBody): Redecided {
  const now = decide(body.inputs)
  const then: Readonly<Record<string, unknown>> = { ...body.decision }
  const again: Readonly<Record<string, unknown>> = { ...now }
  const members = [...new Set([...Object.keys(then), ...Object.keys(again)])].sort()
  const differs = members.filter((member) => textOf(then[member]) !== textOf(again[member]))
  return { same: differs.length === 0, now, differs }
}

function textOf(value: unknown): string {
  return value === undefined ? '' : canonicalJson(value)
}

/**
 * The body of a `decided` event as read back from a journal. Checks what `decide` would trip
 * over, so that a damaged record is a problem with a place and not a crash.
 */
export function parseDecidedBody(body: Readonly<Record<string, unknown>>): Result<DecidedBody> {
  const { decision, inputs } = body
  if (!isDecision(decision)) return bad('decision', 'is not a decision.', remedy)
  const missing = missingIn(inputs)
  if (isInputs(inputs, missing)) return ok({ decision, inputs })
  return {
    ok: false,
    problems: missing.map((path) => ({ path, message: 'is missing or of the wrong kind.', remedy })),
  }
}

const remedy = 'The record is damaged, or was written by a version that this one cannot replay.'

/** What `decide` walks through; below that a wrong value shows as a difference. */
const needed: Readonly<Record<string, 'object' | 'array'>> = {
  inputs: 'object',
  'inputs.profile': 'object',
  'inputs.policy': 'object',
  'inputs.now': 'object',
  'inputs.devices': 'object',
  'inputs.lists': 'array',
  'inputs.observations': 'object',
  'inputs.observations.lane': 'object',
  'inputs.observations.tags': 'array',
  'inputs.observations.plates': 'array',
  'inputs.facts': 'object',
  'inputs.facts.tags': 'object',
  'inputs.facts.vehicles': 'object',
  'inputs.facts.plates': 'object',
}

function missingIn(inputs: unknown): string[] {
  return Object.entries(needed).flatMap(([path, kind]) => {
    const value = path.split('.').reduce<unknown>(memberOf, { inputs })
    return (kind === 'array' ? Array.isArray(value) : isRecord(value)) ? [] : [path]
  })
}

function memberOf(of: unknown, name: string): unknown {
  return isRecord(of) ? of[name] : undefined
}

function isInputs(inputs: unknown, missing: readonly string[]): inputs is DecisionInputs {
  return missing.length === 0 && isRecord(inputs)
}

function isDecision(value: unknown): value is Decision {
  return isRecord(value) && typeof value['outcome'] === 'string'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
