import type { Command, Verdict } from '../../messages/down.js'
import { showsAnotherPlate, type OpenEscalation } from '../passage/passage.js'
import { isFulfilled, isLeftUndone, isReleasedAfterSpray, startDisinfecting } from './disinfect.js'
import { assembleInputs } from './inputs.js'
import {
  closeEscalation,
  evaluate,
  intend,
  laneForbids,
  openEscalation,
  reconsider,
  startIdentifying,
} from './judge.js'
import { manualRaise, refusalOfManualRaise } from './exception.js'
import { recordMode, refusalOfMode, setMode } from './mode.js'
import { isJudging, usedIdsMax } from './state.js'
import { answer, clearFault, guide, record, toPhase, update, updatePassage, type Turn } from './turn.js'
import { endPassage, settlePrevious } from './vehicle.js'

/** Why a verdict or command was not taken: `refusal.<why>` of the text catalogue. */
export const refusalCodes = [
  'retained',
  'expired',
  'usedId',
  'otherLane',
  'otherPassage',
  'otherEscalation',
  'notHeld',
  'interceptNeedsReason',
  'interceptNeedsOrder',
  'locked',
  'disinfectionNeedsReason',
  'journalNotWritable',
  'modeForbids',
  'incident',
  'vehicleNotAtLine',
  'barrierNotReady',
  'spraying',
  'raiseUnsettled',
  'anotherPlate',
  'otherIncident',
  'reasonMissing',
  'twoPersons',
  'emergencyNeedsEnd',
  'inspectFirst',
  'factsPending',
] as const
export type RefusalCode = (typeof refusalCodes)[number]

/**
 * An operator's answer, judged in a fixed order: retained, late, used, foreign, without an escalation,
 * without what an intercept asks for. Only a verdict that is taken uses up its id. Every one is
 * journaled and answered, except that nothing can be journaled while the journal takes no writes.
 */
export function onVerdict(turn: Turn, verdict: Verdict, retained: boolean): void {
  const { passage, writable } = turn.state
  const { verdictId, escalationId, answer: word, by, reason, orderIds } = verdict
  const why = refusalOfVerdict(turn, verdict, retained)
  answer(turn, verdictId, why)
  if (!writable) return
  const result = why === null ? 'accepted' : 'refused'
  record(
    turn,
    'verdictJudged',
    { verdictId, escalationId, answer: word, by, reason, orderIds: [...orderIds], result, why },
    { captured: 'backoffice', passageId: passage?.id === verdict.passageId ? passage.id : null },
  )
  if (why === null) obey(turn, verdict)
}

function refusalOfVerdict(turn: Turn, verdict: Verdict, retained: boolean): RefusalCode | null {
  const { passage } = turn.state
  const basic = refusalOfAny(turn, verdict, verdict.verdictId, retained)
  if (basic !== null) return basic
  if (passage?.id !== verdict.passageId) return 'otherPassage'
  if (passage.phase.at !== 'escalated') return 'notHeld'
  const { escalation } = passage.phase
  if (escalation.escalationId !== verdict.escalationId) return 'otherEscalation'
  if (isTooOld(turn, verdict, escalation)) return 'expired'
  if (verdict.answer !== 'release') return null
  const isDone = isFulfilled(turn, passage, verdict)
  if (!isDone && escalation.interceptOrderIds.length > 0) {
    if (verdict.reason.trim() === '') return 'interceptNeedsReason'
    if (!escalation.interceptOrderIds.every((id) => verdict.orderIds.includes(id)))
      return 'interceptNeedsOrder'
  }
  if (passage.judged?.locked === true) return 'locked'
  if (!isDone && isLeftUndone(passage) && verdict.reason.trim() === '') return 'disinfectionNeedsReason'
  if (passage.raise?.fate === 'open') return 'raiseUnsettled'
  // Its lookup is under way: the escalation is opened anew as soon as the lists have answered.
  const { plateConfidenceMin } = turn.view.settings.decision
  if (showsAnotherPlate(passage, escalation, plateConfidenceMin)) return 'anotherPlate'
  return laneForbids(turn, 'verdict')
}

/** What holds for every order from above, verdict or command. */
function refusalOfAny(
  turn: Turn,
  order: { readonly lane: string; readonly expiresAt: number },
  id: string,
  retained: boolean,
): RefusalCode | null {
  const { state, view } = turn
  if (!state.writable) return 'journalNotWritable'
  if (retained) return 'retained'
  if (order.expiresAt <= view.now.wallMs) return 'expired'
  if (state.usedIds.includes(id)) return 'usedId'
  if (order.lane !== view.settings.id) return 'otherLane'
  return null
}

/**
 * Whatever the wall clock says now, because it may have been set: the time at which the escalation was
 * opened, if the clock was trusted then, is carried on by the monotonic clock. While nobody trusts the
 * clock an answer must also come within its own lifetime, counted from the end of the time an operator has.
 */
function isTooOld(turn: Turn, verdict: Verdict, escalation: OpenEscalation): boolean {
  const ageMs = turn.nowMs - escalation.openedMonoMs
  const { openedWallMs } = escalation
  if (openedWallMs !== null && verdict.expiresAt <= openedWallMs + ageMs) return true
  if (turn.view.now.clockQuality !== 'untrusted') return false
  const livesForMs = Math.max(0, verdict.expiresAt - verdict.issuedAt)
  // Also where a higher level has been called: an old answer of the first must not outlive its time.
  return ageMs > turn.view.settings.timing.escalationDeadlineMs + livesForMs
}

function obey(turn: Turn, verdict: Verdict): void {
  const { passage } = turn.state
  if (passage?.phase.at !== 'escalated') return
  const overruledIds = [...passage.phase.escalation.objectingIds, ...verdict.orderIds]
  const isAfterSpray = verdict.answer === 'release' && isReleasedAfterSpray(turn, verdict)
  useUp(turn, verdict.verdictId)
  closeEscalation(turn, 'answered')
  updatePassage(turn, { person: true, heldOn: verdict.answer === 'hold' })
  if (verdict.answer === 'hold') {
    openAgain(turn)
    return
  }
  lookedAt(turn)
  if (verdict.answer === 'return') {
    const untilMs = turn.nowMs + turn.view.settings.timing.escalationDeadlineMs
    toPhase(turn, { at: 'returning', untilMs })
    guide(turn, 'red', 'prompt.return')
    return
  }
  const { verdictId } = verdict
  if (isAfterSpray && passage.judged !== null)
    return startDisinfecting(turn, passage.judged.decisionId, { verdictId, overruledIds })
  intend(turn, { by: 'verdict', verdictId }, overruledIds)
}

/** A person has looked at what follows a violation; nothing is carried on from it. */
function lookedAt(turn: Turn): void {
  update(turn, { intrusion: null })
  clearFault(turn, 'lane.violation')
}

/** The vehicle still stands there and waits for an answer: a new escalation with the old reasons. */
export function openAgain(turn: Turn): void {
  const { passage, mode } = turn.state
  if (passage?.judged && isJudging(mode))
    openEscalation(turn, passage.judged, assembleInputs(turn.state, passage, turn.view))
  else startIdentifying(turn, turn.nowMs)
}

function useUp(turn: Turn, id: string): void {
  update(turn, { usedIds: [...turn.state.usedIds, id].slice(-usedIdsMax) })
}

/** An order of the gateway to the lane: judged like a verdict, journaled, answered. */
export function onCommand(turn: Turn, command: Command, retained: boolean): void {
  const { commandId, what, by, reason } = command
  const why = refusalOfAny(turn, command, commandId, retained) ?? refusalOfCommand(turn, command)
  answer(turn, commandId, why)
  if (!turn.state.writable) return
  const result = why === null ? 'accepted' : 'refused'
  record(
    turn,
    'commandJudged',
    { commandId, what: { ...what }, by, reason, result, why },
    { captured: 'backoffice', passageId: null },
  )
  if (why !== null) return
  useUp(turn, commandId)
  switch (what.do) {
    case 'setMode':
      return setMode(turn, command, what)
    case 'manualRaise':
      return manualRaise(turn, command, what.orderIds)
    case 'holdAll':
      return setIncident(turn, what.on ? what.incidentId : null, by)
    case 'closePassage':
      return closePassage(turn, what.passageId)
  }
}

function refusalOfCommand(turn: Turn, command: Command): RefusalCode | null {
  const { incidentId, passage, intrusion } = turn.state
  const { what, reason } = command
  switch (what.do) {
    case 'setMode':
      return refusalOfMode(turn, command, what)
    case 'manualRaise':
      return refusalOfManualRaise(turn, what.passageId, what.orderIds, reason)
    case 'holdAll':
      return !what.on && incidentId !== null && incidentId !== what.incidentId ? 'otherIncident' : null
    case 'closePassage': {
      if (what.passageId === passage?.id || what.passageId === intrusion?.passageId) return null
      return namesPrevious(turn, what.passageId) ? null : 'otherPassage'
    }
  }
}

/** The unclosed passage, or the newest one that ended: if that vehicle is gone, those before it are. */
function namesPrevious(turn: Turn, passageId: string): boolean {
  const { previous, recent } = turn.state
  return previous.closed !== true && (passageId === previous.passageId || passageId === recent?.passageId)
}

/** The emergency order stands with the mode in the journal, so that a restart does not forget it. */
function setIncident(turn: Turn, incidentId: string | null, by: string): void {
  const cause = incidentId === null ? 'holdAllEnded' : 'holdAll'
  update(turn, { incidentId })
  recordMode(turn, turn.state.mode, { cause, by }, 'backoffice')
  evaluate(turn)
  reconsider(turn)
}

/** A person says that a vehicle is really gone (row 4), or has looked at a violation. */
function closePassage(turn: Turn, passageId: string): void {
  if (turn.state.intrusion?.passageId === passageId) lookedAt(turn)
  if (namesPrevious(turn, passageId)) settlePrevious(turn)
  if (turn.state.passage?.id === passageId) endPassage(turn, 'aborted', 'backoffice')
  evaluate(turn)
  reconsider(turn)
}
