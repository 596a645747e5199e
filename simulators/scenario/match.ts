import type { Condition } from './format.js'
import type { Observed } from './world.js'

/** The value at a dotted path of a body; undefined where there is none. */
export function valueAt(body: unknown, path: string): unknown {
  let value: unknown = body
  for (const part of path.split('.')) {
    if (value === null || typeof value !== 'object') return undefined
    value = (value as Readonly<Record<string, unknown>>)[part]
  }
  return value
}

function hasReason(body: Readonly<Record<string, unknown>>, path: string, code: string | undefined): boolean {
  if (code === undefined) return true
  const reasons = valueAt(body, path)
  if (!Array.isArray(reasons)) return false
  return reasons.some((reason) => reason === code || valueAt(reason, 'code') === code)
}

/** True when what was observed is what the condition waits for. */
export function matches(condition: Condition, observed: Observed): boolean {
  if (condition.lane !== null && observed.lane !== condition.lane) return false
  switch (condition.is) {
    case 'barrierRaised':
      return observed.is === 'arm' && observed.position === 'raised'
    case 'barrierLowered':
      return observed.is === 'arm' && observed.position === 'lowered'
    case 'raiseAccepted':
      return observed.is === 'raiseAccepted'
    case 'faultRaised':
    case 'faultCleared':
      return (
        observed.is === 'fault' &&
        observed.change.code === condition.code &&
        observed.change.is === (condition.is === 'faultRaised' ? 'raised' : 'cleared')
      )
    case 'prompt':
      return observed.is === 'guidance' && observed.prompt === condition.prompt
    case 'left':
      return (
        observed.is === 'left' &&
        observed.vehicleId === condition.vehicle &&
        (condition.how === undefined || observed.how === condition.how)
      )
    case 'everythingAtGateway':
    case 'listed':
    case 'found':
      return false
    case 'refused':
      return observed.is === 'refusedAtGateway'
        ? condition.why === undefined || observed.why === condition.why
        : observed.is === 'event' && matchesEvent(condition, observed)
    default:
      return observed.is === 'event' && matchesEvent(condition, observed)
  }
}

type EventCondition = Extract<
  Condition,
  {
    is:
      | 'decided'
      | 'held'
      | 'escalation'
      | 'passageOpened'
      | 'passageEnded'
      | 'refused'
      | 'recorded'
      | 'consumed'
      | 'disinfected'
      | 'locked'
  }
>

function matchesEvent(condition: EventCondition, event: Observed & { is: 'event' }): boolean {
  const { type, body } = event
  switch (condition.is) {
    case 'decided':
      return type === 'decided' && isJudged(condition, body)
    case 'held':
      return (
        type === 'decided' && valueAt(body, 'decision.outcome') !== 'release' && isJudged(condition, body)
      )
    case 'escalation':
      return type === 'escalationOpened' && hasReason(body, 'reasons', condition.reason)
    case 'passageOpened':
      return type === 'passageOpened'
    case 'passageEnded':
      return (
        type === 'passageEnded' &&
        (condition.how === undefined || body['how'] === condition.how) &&
        (condition.outcome === undefined || body['outcome'] === condition.outcome)
      )
    case 'refused':
      return (
        (type === 'verdictJudged' || type === 'commandJudged') &&
        body['result'] === 'refused' &&
        (condition.why === undefined || body['why'] === condition.why)
      )
    case 'recorded':
      return type === condition.type && hasValues(body, condition.where)
    case 'consumed':
      return (
        type === 'consumed' &&
        hasValues(body, { tripId: condition.tripId, receiptId: condition.receiptId }) &&
        names(body, 'declarationNos', condition.declarationNos) &&
        names(body, 'releaseIds', condition.releaseIds) &&
        names(body, 'certificateNos', condition.certificateNos)
      )
    case 'disinfected':
      return type === 'disinfected' && hasValues(body, { feeFen: condition.feeFen, feeKey: condition.feeKey })
    case 'locked':
      return type === 'containerLocked' && names(body, 'containers', condition.containers)
  }
}

function isJudged(
  condition: Extract<Condition, { is: 'decided' | 'held' }>,
  body: Readonly<Record<string, unknown>>,
): boolean {
  const { outcome, primary, prompt, obligations, advisories } = condition
  return (
    hasReason(body, 'decision.reasons', condition.reason) &&
    hasValues(body, {
      'decision.outcome': outcome,
      'decision.primary': primary,
      'decision.prompt': prompt,
    }) &&
    names(body, 'decision.obligations', obligations) &&
    names(body, 'decision.advisories', advisories)
  )
}

/** True where each value that is named stands at its dotted path. */
export function hasValues(body: unknown, where: Readonly<Record<string, unknown>> | undefined): boolean {
  return Object.entries(where ?? {}).every(
    ([path, value]) => value === undefined || valueAt(body, path) === value,
  )
}

/** All of these are in the list at that path; an empty list is an empty list. */
function names(body: unknown, path: string, wanted: readonly string[] | undefined): boolean {
  if (wanted === undefined) return true
  const list = valueAt(body, path)
  if (!Array.isArray(list)) return false
  return wanted.length === 0 ? list.length === 0 : wanted.every((name) => list.includes(name))
}

/** A condition in words, for reports. */
export function inWords(condition: Condition): string {
  const { is, lane, ...members } = condition
  const details = Object.entries(members)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
  return [is, ...(lane === null ? [] : [`lane ${lane}`]), ...details].join(', ')
}
