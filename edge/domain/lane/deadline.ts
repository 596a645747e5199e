import { evaluate, failBarrier, objectLate } from './judge.js'
import { sprayOverdue } from './disinfect.js'
import { forgetManual, manualClearsAtMs } from './exception.js'
import { levelMax, raiseLevel } from './levels.js'
import { endEmergency } from './mode.js'
import { openAgain } from './orders.js'
import type { LaneState } from './state.js'
import { raiseFault, record, toPhase, update, type Turn } from './turn.js'
import type { LaneSettings } from './types.js'
import { giveUpSight, leaveUnclosed, lostSightMs, openPassage } from './vehicle.js'

/** One thing that falls due, on the monotonic clock. */
interface Deadline {
  readonly atMs: number
  readonly run: (turn: Turn) => void
}

/** When the lane next wants a `tick`, monotonic ms; null: only when something happens. */
export function nextDeadlineOf(state: LaneState, settings: LaneSettings): number | null {
  let first: number | null = null
  for (const { atMs } of deadlinesOf(state, settings)) if (first === null || atMs < first) first = atMs
  return first
}

/** Runs what is due, earliest first. What it brings about may fall due in its turn. */
export function runDeadlines(turn: Turn): boolean {
  let ran = false
  // Every deadline that runs is moved or gone; the bound only guards against a mistake here.
  for (let round = 0; round < 16; round += 1) {
    const due = deadlinesOf(turn.state, turn.view.settings)
      .filter((deadline) => deadline.atMs <= turn.nowMs)
      .sort((a, b) => a.atMs - b.atMs)[0]
    if (!due) return ran
    due.run(turn)
    ran = true
  }
  return ran
}

function deadlinesOf(state: LaneState, settings: LaneSettings): Deadline[] {
  if (!state.started || !state.writable || state.recovering) return []
  const { passage, recent } = state
  const { timing } = settings
  const due: Deadline[] = []
  if (recent !== null && recent.lateReads > 0) due.push({ atMs: recent.untilMs, run: reportLateReads })
  if (state.exitSinceMs !== null && !state.faults.includes('loop.stuck/exit'))
    due.push({ atMs: state.exitSinceMs + timing.loopStuckMs, run: exitStuck })
  if (state.emergency !== null) due.push({ atMs: state.emergency.endsAtMs, run: endEmergency })
  const manual = manualClearsAtMs(state, settings)
  if (manual !== null) due.push({ atMs: manual, run: forgetManual })
  if (passage === null) {
    if (state.entrySinceMs !== null && !state.faults.includes('loop.stuck/entry'))
      due.push({ atMs: state.entrySinceMs + timing.loopStuckMs, run: entryStuck })
    return due
  }
  if (passage.lostSightMs !== null) due.push({ atMs: passage.lostSightMs + lostSightMs, run: giveUpSight })
  const { phase } = passage
  switch (phase.at) {
    case 'identifying':
      due.push({ atMs: phase.evaluateAtMs, run: evaluate })
      break
    case 'raising':
      due.push({ atMs: phase.untilMs, run: notRaised })
      break
    case 'raised':
      due.push({ atMs: phase.untilMs, run: notMoved })
      break
    case 'returning':
      due.push({ atMs: phase.untilMs, run: openAgain })
      break
    case 'escalated':
      if (phase.escalation.level < levelMax) due.push({ atMs: phase.escalation.untilMs, run: raiseLevel })
      break
    case 'disinfecting':
      if (phase.stage.is !== 'intended') due.push({ atMs: phase.stage.untilMs, run: sprayOverdue })
      break
    case 'releasing':
    case 'crossing':
    case 'closed':
    case 'violating':
      break
  }
  return due
}

function reportLateReads(turn: Turn): void {
  const { recent } = turn.state
  if (!recent) return
  record(turn, 'lateReads', { reads: recent.lateReads }, { passageId: recent.passageId })
  update(turn, { recent: { ...recent, lateReads: 0 } })
}

function entryStuck(turn: Turn): void {
  raiseFault(turn, 'loop.stuck', 'the entry loop stays occupied, and no passage explains it', 'entry')
}

/**
 * The exit loop does not let go: a vehicle stands under the bar, or the loop is stuck. The passage
 * is left unclosed, so that a vehicle behind it is shown to a person instead of waiting unseen.
 */
function exitStuck(turn: Turn): void {
  raiseFault(turn, 'loop.stuck', 'the exit loop stays occupied', 'exit')
  const { passage } = turn.state
  if (!passage || passage.position.where === 'onEntry' || passage.position.where === 'between') return
  leaveUnclosed(turn, 'the exit loop stays occupied')
  if (turn.state.image.entry === 'occupied') openPassage(turn, 'loop')
}

/** No movement, or no word from the PLC, in the time the bar has. */
function notRaised(turn: Turn): void {
  const { passage } = turn.state
  const raise = passage?.raise
  if (!raise) return
  if (raise.fate === 'accepted') {
    raiseFault(turn, 'barrier.failedToRaise', `request ${raise.commandId} was accepted and the bar is not up`)
  } else if (raise.fate === 'open') {
    const detail = 'neither accepted nor refused in time'
    record(turn, 'barrierOutcome', { commandId: raise.commandId, outcome: 'unknown', detail })
    raiseFault(turn, 'barrier.unknownOutcome', `request ${raise.commandId}: ${detail}`)
  }
  failBarrier(turn, raise.right)
}

/** The bar is up and nobody drives: the lists are looked at again, and the time starts anew. */
function notMoved(turn: Turn): void {
  const { passage } = turn.state
  if (passage?.phase.at !== 'raised') return
  objectLate(turn, passage.epcs[0] ?? '')
  toPhase(turn, { at: 'raised', untilMs: turn.nowMs + turn.view.settings.timing.crossWithinMs })
}
