import type { EscalationState } from '../api/schemas.js'
import type { Verdict } from '../../edge/messages/down.js'
import type { KnownEvent } from './judge.js'
import type { PassageRecord } from './passage.js'

/** An escalation as the gateway keeps it. */
export interface EscalationRecord extends EscalationState {
  readonly epoch: string
  /** UTC ms of the last change; decides how long a closed one is still shown. */
  readonly changedAt: number
  /** When the verdict on its way is void, UTC ms; null: none is on its way. */
  readonly verdictExpiresAt: number | null
}

/** Level 1 is the lane officer, 2 the command centre, 3 the expert (domain.md 5.3). */
export interface EscalationPolicy {
  /** How long level 2 and 3 have before the next one is called, ms. */
  readonly higherLevelMs: number
  /** A word of the edge may still be on its way this long after a verdict expired, ms. */
  readonly wordGraceMs: number
}

export const defaultEscalationPolicy: EscalationPolicy = { higherLevelMs: 180_000, wordGraceMs: 2_000 }

const levelMax = 3

/** What an escalation is after one more event of its edge. */
export function escalationAfter(
  before: EscalationRecord | undefined,
  event: KnownEvent,
): EscalationRecord | undefined {
  if (!before) return event.type === 'escalationOpened' ? opened(event) : undefined
  switch (event.type) {
    case 'verdictJudged': {
      const { verdictId, result, why, answer } = event.body
      return judged(before, { verdictId, result, why, answer, at: event.occurredAt })
    }
    case 'escalationRaised':
      return raised(before, event.body, event.occurredAt)
    case 'escalationClosed':
      return closed(before, event.body.why, event.occurredAt)
    case 'passageEnded':
      return closed(before, 'passageEnded', event.occurredAt)
    default:
      return before
  }
}

export interface EdgeWord {
  readonly verdictId: string
  readonly result: 'accepted' | 'refused'
  readonly why: string | null
  /** Null where the word itself does not say (`up/answer`). */
  readonly answer: Verdict['answer'] | null
  readonly at: number
}

/**
 * The edge's word on a verdict, from its journal or, earlier and less surely, from `up/answer`. Said
 * twice it changes nothing. A refused verdict gives the escalation back to the operators; so does an
 * accepted `hold`, because the vehicle still stands there and somebody must end it.
 */
export function judged(before: EscalationRecord, word: EdgeWord): EscalationRecord {
  const { verdict } = before
  if (before.state === 'CLOSED') return before
  if (verdict?.verdictId !== word.verdictId) {
    // An earlier verdict that was given up for lost has taken effect after all: believe the edge.
    const ends = word.result === 'accepted' && (word.answer === 'release' || word.answer === 'return')
    return ends ? closed(before, 'verdict', word.at) : before
  }
  if (verdict.result !== null) return before
  const known = { ...before, verdict: { ...verdict, result: word.result, why: word.why } }
  if (word.result === 'refused' || verdict.answer === 'hold') return reopened(known, word.at)
  return closed(known, 'verdict', word.at)
}

/** The operator's answer; whether it may be given is {@link verdictObjection}'s business. */
export function answered(before: EscalationRecord, verdict: Verdict): EscalationRecord {
  return {
    ...before,
    state: 'ANSWERED',
    version: before.version + 1,
    changedAt: verdict.issuedAt,
    verdictExpiresAt: verdict.expiresAt,
    verdict: {
      verdictId: verdict.verdictId,
      answer: verdict.answer,
      by: verdict.by,
      reason: verdict.reason,
      at: verdict.issuedAt,
      result: null,
      why: null,
    },
  }
}

export type VerdictObjection =
  | 'conflict'
  | 'closed'
  | 'passageEnded'
  | 'passageNotCurrent'
  | 'interceptNeedsReason'
  | 'interceptNeedsOrder'

export interface VerdictAsked {
  readonly answer: Verdict['answer']
  readonly version: number
  readonly reason: string
  readonly orderIds: readonly string[]
}

function isBare({ reason, orderIds }: VerdictAsked): boolean {
  return reason.trim() === '' && orderIds.every((id) => id.trim() === '')
}

/**
 * Why a verdict may not be given, or null. The edge judges it again; here it is refused so that the
 * person learns at once. `current`: the newest passage of that lane as the edge has told it.
 */
export function verdictObjection(
  escalation: EscalationRecord,
  asked: VerdictAsked,
  current: PassageRecord | undefined,
): VerdictObjection | null {
  if (escalation.state === 'CLOSED') return 'closed'
  if (escalation.version !== asked.version || escalation.state !== 'OPEN') return 'conflict'
  if (current?.passageId !== escalation.passageId) return 'passageNotCurrent'
  if (current.endedAt !== null) return 'passageEnded'
  // Released with nothing said, it is disinfected first: the order is carried out, and nobody passes over it.
  const isOrderDone = escalation.outcome === 'disinfect' && isBare(asked)
  if (asked.answer === 'release' && !isOrderDone && escalation.interceptOrderIds.length > 0) {
    if (asked.reason.trim() === '') return 'interceptNeedsReason'
    const typed = new Set(asked.orderIds.map((id) => id.trim()))
    if (!escalation.interceptOrderIds.every((id) => typed.has(id))) return 'interceptNeedsOrder'
  }
  return null
}

/**
 * What time alone does: a verdict without word is given back after its expiry, and an escalation
 * without an answer rises a level. Neither ever opens anything. Returns the same object if nothing is due.
 */
export function escalationAt(
  before: EscalationRecord,
  nowMs: number,
  policy: EscalationPolicy,
): EscalationRecord {
  if (before.state === 'ANSWERED') {
    if (before.verdictExpiresAt === null || nowMs < before.verdictExpiresAt + policy.wordGraceMs)
      return before
    const verdict = before.verdict && { ...before.verdict, why: 'noWord' }
    return reopened({ ...before, verdict }, nowMs)
  }
  if (before.state === 'OPEN' && nowMs >= before.deadlineAt && before.level < levelMax) {
    // The version stays: who is about to answer has seen all that matters to the answer.
    return {
      ...before,
      level: before.level + 1,
      deadlineAt: nowMs + policy.higherLevelMs,
      changedAt: nowMs,
    }
  }
  return before
}

export function closed(before: EscalationRecord, why: string, atMs: number): EscalationRecord {
  if (before.state === 'CLOSED') return before
  return {
    ...before,
    state: 'CLOSED',
    version: before.version + 1,
    closedWhy: why,
    changedAt: atMs,
    verdictExpiresAt: null,
  }
}

function reopened(before: EscalationRecord, atMs: number): EscalationRecord {
  return {
    ...before,
    state: 'OPEN',
    version: before.version + 1,
    changedAt: atMs,
    verdictExpiresAt: null,
  }
}

/**
 * The lane has called the next level. The clock here may have called it already (`escalationAt`): the higher
 * level stands, and of one level the later deadline.
 */
function raised(
  before: EscalationRecord,
  { level, deadlineAt }: { readonly level: number; readonly deadlineAt: number },
  atMs: number,
): EscalationRecord {
  if (before.state === 'CLOSED' || level < before.level) return before
  if (level === before.level && deadlineAt <= before.deadlineAt) return before
  return { ...before, level, deadlineAt, changedAt: atMs }
}

function opened(event: KnownEvent & { readonly type: 'escalationOpened' }): EscalationRecord | undefined {
  if (event.passageId === null || event.lane === null) return undefined
  const { escalationId, outcome, reasons, interceptOrderIds, epcs, plates, vehicleId, level, deadlineAt } =
    event.body
  return {
    escalationId,
    edgeId: event.edgeId,
    epoch: event.epoch,
    lane: event.lane,
    passageId: event.passageId,
    state: 'OPEN',
    version: 1,
    outcome,
    reasons,
    interceptOrderIds,
    epcs,
    plates,
    vehicleId,
    level,
    openedAt: event.occurredAt,
    deadlineAt,
    verdict: null,
    closedWhy: null,
    changedAt: event.occurredAt,
    verdictExpiresAt: null,
  }
}
