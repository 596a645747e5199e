import type { Command, LaneMode } from '../../messages/down.js'
import type { Right } from '../barrier/raise.js'
import type { Phase } from '../passage/passage.js'
import { closeEscalation, evaluate, evaluateAt, intend, laneForbids } from './judge.js'
import { reconsider, startIdentifying } from './judge.js'
import { modesOf } from './mode-settings.js'
import { isJudging, type Emergency } from './state.js'
import { clearFault, guide, guideEmpty, raiseFault, record, toPhase, update, updatePassage } from './turn.js'
import type { Turn } from './turn.js'
import type { LaneRecovery } from './types.js'

type SetMode = Extract<Command['what'], { do: 'setMode' }>

/** Modes that anybody at the desk sets without saying why: they take nothing away that guards the lane. */
const withoutReason: readonly LaneMode[] = ['AUTO', 'ATTENDED', 'CLOSED']

export type ModeRefusal = 'reasonMissing' | 'twoPersons' | 'emergencyNeedsEnd' | 'incident'

/** Why the lane does not take up a mode; null: it does. */
export function refusalOfMode(turn: Turn, { by, reason }: Command, what: SetMode): ModeRefusal | null {
  const { mode, confirmedBy, forMs } = what
  if (!withoutReason.includes(mode) && reason.trim() === '') return 'reasonMissing'
  if (mode !== 'EMERGENCY_OPEN') return null
  if (confirmedBy === undefined || nameOf(confirmedBy) === nameOf(by)) return 'twoPersons'
  if (forMs === undefined || forMs > modesOf(turn.view.settings).emergencyMaxMs) return 'emergencyNeedsEnd'
  // What holds everybody is ended first, by whoever may: an alarm is not forgotten in a hurry.
  return turn.state.incidentId === null ? null : 'incident'
}

function nameOf(person: string): string {
  return person.trim().toLowerCase()
}

/** A mode that a command sets; {@link refusalOfMode} has nothing against it. */
export function setMode(turn: Turn, command: Command, { mode, confirmedBy, forMs }: SetMode): void {
  const { commandId, by, reason } = command
  const emergency =
    mode === 'EMERGENCY_OPEN' && confirmedBy !== undefined && forMs !== undefined
      ? {
          ...{ commandId, by, confirmedBy, reason, forMs },
          endsAt: Math.round(turn.view.now.wallMs + forMs),
          endsAtMs: turn.nowMs + forMs,
        }
      : null
  changeMode(turn, mode, emergency, { cause: 'command', by, reason }, 'backoffice')
}

interface Why {
  readonly cause: string
  readonly by: string | null
  readonly reason?: string
}

/** A mode as it stands now, with all that a restart needs to take it up again. */
export function recordMode(
  turn: Turn,
  from: LaneMode | null,
  { cause, by, reason }: Why,
  captured: 'auto' | 'backoffice' = 'auto',
): void {
  const { mode: to, incidentId, emergency } = turn.state
  const body = { from, to, cause, by, incidentId, ...(reason !== undefined && { reason }) }
  const { commandId, confirmedBy, forMs, endsAt } = emergency ?? {}
  const open = emergency === null ? {} : { commandId, confirmedBy, forMs, endsAt, openedBy: emergency.by }
  const again = emergency === null ? {} : { reason: emergency.reason }
  record(
    turn,
    'laneMode',
    { ...body, ...again, ...open },
    { passageId: null, captured, contingency: from === 'EMERGENCY_OPEN' },
  )
}

function changeMode(
  turn: Turn,
  to: LaneMode,
  emergency: Emergency | null,
  why: Why,
  captured: 'auto' | 'backoffice' = 'auto',
): void {
  const { mode: from } = turn.state
  update(turn, { mode: to, emergency })
  recordMode(turn, from, why, captured)
  noteEmergency(turn)
  const { passage } = turn.state
  if (!passage) return guideEmpty(turn)
  // No read was evidence: nobody can tell what else would have been heard of who stands here, or who it is.
  if (from === 'MAINTENANCE') updatePassage(turn, { person: true })
  const { at } = passage.phase
  if (isJudging(to)) {
    if (at === 'closed') startIdentifying(turn, turn.nowMs)
    evaluate(turn)
    return reconsider(turn)
  }
  if (at === 'escalated') closeEscalation(turn, 'modeChanged')
  const isOpen = to === 'EMERGENCY_OPEN'
  if (isOpen) updatePassage(turn, { contingency: true })
  if (at === 'escalated' || at === 'identifying' || at === 'closed' || (at === 'returning' && isOpen))
    standByNow(turn)
}

function noteEmergency(turn: Turn): void {
  const { emergency } = turn.state
  clearFault(turn, 'lane.emergencyOpen')
  if (emergency === null) return
  const { by, confirmedBy, endsAt } = emergency
  const until = new Date(endsAt).toISOString()
  raiseFault(turn, 'lane.emergencyOpen', `open for everybody by ${by} and ${confirmedBy} until ${until}`)
}

/** Its time is over: the lane is closed until a person gives it another mode, and is never automatic by itself. */
export function endEmergency(turn: Turn): void {
  changeMode(turn, 'CLOSED', null, { cause: 'emergencyEnded', by: null })
}

/** A clock that is kept by the network goes back by less than this. */
const setBackMs = 1_000

/**
 * What the journal says of an emergency opening that a restart interrupted. It lasts until its end by
 * the wall clock; null: that cannot be told.
 */
export function emergencyAgain(
  turn: Turn,
  { lastMode, openPassage, endedPassage }: Pick<LaneRecovery, 'lastMode' | 'openPassage' | 'endedPassage'>,
): Emergency | null {
  const { commandId, openedBy: by, confirmedBy, reason, forMs, endsAt } = lastMode ?? {}
  if (typeof commandId !== 'string' || typeof by !== 'string' || typeof confirmedBy !== 'string') return null
  if (typeof forMs !== 'number' || typeof endsAt !== 'number') return null
  const { wallMs } = turn.view.now
  // A clock that shows less than when it began, or than in what was recorded since, was set back: how long ago it
  // began is not known.
  const recordedAt = Math.max(
    endsAt - forMs,
    ...[...openPassage, ...endedPassage].map((one) => one.recordedAt),
  )
  if (wallMs + setBackMs < recordedAt) return null
  const leftMs = Math.min(Math.max(0, endsAt - wallMs), forMs)
  return {
    ...{ commandId, by, confirmedBy, forMs, endsAt },
    reason: typeof reason === 'string' ? reason : '',
    endsAtMs: turn.nowMs + leftMs,
  }
}

/** After a restart: a lane of which nobody can say how long it stands open is closed. */
export function settleMode(turn: Turn): void {
  const { mode, emergency } = turn.state
  if (mode === 'EMERGENCY_OPEN' && emergency === null) endEmergency(turn)
  else noteEmergency(turn)
}

/** By what right the barrier may rise in which mode. */
export function mayRaiseBy(turn: Turn, by: Right['by']): boolean {
  const { mode, emergency } = turn.state
  if (by === 'command') return mode === 'MANUAL'
  if (by === 'emergency')
    return mode === 'EMERGENCY_OPEN' && emergency !== null && turn.nowMs < emergency.endsAtMs
  return by === 'decision' ? mode === 'AUTO' : isJudging(mode)
}

/** Requests for one vehicle under an emergency opening, at most. */
export const emergencyRaisesMax = 60
/** Pause before a request that came to nothing is followed by a new one. */
export const emergencyAgainMs = 3_000

/** The vehicle in a lane that has just come to judge nobody. */
export function standByNow(turn: Turn): void {
  toPhase(turn, { at: 'identifying', evaluateAtMs: turn.nowMs, notBeforeMs: turn.nowMs })
  standBy(turn)
}

/** A vehicle in a mode without judgement: it waits, or the lane is open for everybody. */
export function standBy(turn: Turn): void {
  const { passage, mode } = turn.state
  if (passage?.phase.at !== 'identifying') return
  if (mode === 'EMERGENCY_OPEN') return openForAll(turn, passage.phase)
  guide(turn, 'red', mode === 'MANUAL' ? 'prompt.wait' : 'prompt.otherLane')
  toPhase(turn, { at: 'closed' })
}

/** One recorded request for each vehicle (laws 2 and 4); another one only when the one before came to nothing. */
function openForAll(turn: Turn, phase: Extract<Phase, { at: 'identifying' }>): void {
  const { passage, emergency } = turn.state
  if (!passage || emergency === null) return
  guide(turn, 'red', 'prompt.emergency')
  if (turn.nowMs < phase.notBeforeMs) return evaluateAt(turn, phase.notBeforeMs)
  if (passage.raises >= emergencyRaisesMax) return toPhase(turn, { at: 'closed' })
  if (passage.raise?.fate === 'open' || laneForbids(turn, 'emergency') !== null)
    return evaluateAt(turn, turn.nowMs + emergencyAgainMs)
  intend(turn, { by: 'emergency', commandId: emergency.commandId, no: passage.raises + 1 }, [])
}

/**
 * Mains power is gone: whoever is in the lane is served to his end, then the lane closes (domain.md 7).
 * A person may give it a mode again; a lane where a person opens is left to that person.
 */
export function watchPower(turn: Turn): void {
  const { onBattery } = turn.state.signals
  if (onBattery === false) {
    clearFault(turn, 'plc.onBattery')
    update(turn, { closing: false })
  }
  // Told once: what a person decides then is not undone when the PLC was away for a moment.
  if (onBattery !== true || turn.state.faults.includes('plc.onBattery')) return
  raiseFault(turn, 'plc.onBattery', 'the lane runs on its battery')
  if (!isJudging(turn.state.mode)) return
  update(turn, { closing: true })
  if (turn.state.passage === null) closeOnBattery(turn)
}

/** The lane is empty, or about to be. */
export function closeOnBattery(turn: Turn): void {
  update(turn, { closing: false })
  if (isJudging(turn.state.mode)) changeMode(turn, 'CLOSED', null, { cause: 'onBattery', by: null })
  else guideEmpty(turn)
}
