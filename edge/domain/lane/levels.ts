import type { LaneTiming } from './types.js'
import { record, toPhase, type Turn } from './turn.js'

/** The lane officer, the command centre, the expert (domain.md 5.3). */
export const levelMax = 3

const defaultHigherMs = 180_000

/** How long a level has to answer, ms. */
export function levelForMs(timing: LaneTiming, level: number): number {
  return level === 1 ? timing.escalationDeadlineMs : (timing.escalationHigherMs ?? defaultHigherMs)
}

/**
 * Nobody has answered in time: the next level is called, the newest event of the escalation says when its
 * time is over, and the bar stays down. The highest level has no end.
 */
export function raiseLevel(turn: Turn): void {
  const phase = turn.state.passage?.phase
  if (phase?.at !== 'escalated' || phase.escalation.level >= levelMax) return
  const { escalationId } = phase.escalation
  const level = phase.escalation.level + 1
  const forMs = levelForMs(turn.view.settings.timing, level)
  record(turn, 'escalationRaised', {
    escalationId,
    level,
    deadlineAt: Math.round(turn.view.now.wallMs + forMs),
  })
  toPhase(turn, { at: 'escalated', escalation: { ...phase.escalation, level, untilMs: turn.nowMs + forMs } })
}
