import type { BarrierPosition, LaneSignals, RaiseOutcome } from '../../interfaces/barrier.js'
import { compareImage, type Edge } from '../barrier/image.js'
import { answerRaise, fateOf, mayTryAgain, type Fate, type Raise } from '../barrier/raise.js'
import { noTracks } from '../tag/smoothing.js'
import { onSprayAnswered, watchSprayer } from './disinfect.js'
import { doubtTracks } from './doubt.js'
import { evaluate, failBarrier, judgeAgain, reconsider } from './judge.js'
import { watchPower } from './mode.js'
import { recoverBySignals } from './restart.js'
import { clearFault, raiseFault, record, remind, toPhase, update, updatePassage, type Turn } from './turn.js'
import { giveUpSight, onEdge, resync, violate } from './vehicle.js'

/** A new process image of the PLC. What the barrier did comes before what the vehicle did. */
export function onSignals(turn: Turn, signals: LaneSignals): void {
  const former = turn.state
  const change = compareImage(former.image, signals)
  const nowMs = turn.nowMs
  update(turn, {
    signals,
    image: change.image,
    entrySinceMs: sinceMs(former.entrySinceMs, signals.entryLoop, change.edges.includes('entryRose'), nowMs),
    exitSinceMs: sinceMs(former.exitSinceMs, signals.exitLoop, change.edges.includes('exitRose'), nowMs),
  })
  noteLoops(turn)
  if (change.barrierFrom !== null) onBarrierMoved(turn, change.barrierFrom, change.image.barrier)
  if (turn.state.recovering) {
    recoverBySignals(turn)
    return
  }
  readFate(turn)
  const afterGap = former.image.doubt && !change.image.doubt
  if (afterGap) forgetUnplaced(turn, change.edges.length > 0)
  if (change.broken) resync(turn, 'the PLC was away, and what happened meanwhile cannot be told', false)
  else {
    for (const edge of change.edges) onEdgeSeen(turn, edge, change.missed)
    // It left at some time nobody saw: whoever comes next is another vehicle.
    if (change.missed && turn.state.passage?.position.where === 'between') giveUpSight(turn)
  }
  if (afterGap) forgetUnplaced(turn, false)
  watchSprayer(turn)
  watchPower(turn)
  showAgain(turn, former.signals)
  if (isNews(former.signals, signals)) {
    evaluate(turn)
    reconsider(turn)
  }
}

/**
 * What was heard while the loops were unknown belongs to the open passage only if they say now that
 * nothing changed; otherwise, and in an empty lane, anybody may have stood there.
 */
function forgetUnplaced(turn: Turn, changed: boolean): void {
  if (!changed && turn.state.passage !== null) return
  doubtTracks(turn)
  update(turn, { tracks: noTracks, approachPlates: [], approachSensed: [] })
}

/** A loop that was free in between, unseen: whoever stands there now is taken for another vehicle. */
function onEdgeSeen(turn: Turn, edge: Edge, missed: boolean): void {
  const between = turn.state.passage?.position.where === 'between'
  if (missed && edge === 'entryRose' && between) giveUpSight(turn)
  onEdge(turn, edge)
}

function sinceMs(
  known: number | null,
  level: LaneSignals['entryLoop'],
  rose: boolean,
  nowMs: number,
): number | null {
  if (level !== 'occupied') return null
  return rose || known === null ? nowMs : known
}

function isNews(a: LaneSignals, b: LaneSignals): boolean {
  if (a.entryLoop !== b.entryLoop || a.exitLoop !== b.exitLoop || a.barrier !== b.barrier) return true
  return a.sprayer?.state !== b.sprayer?.state
}

/** A loop that cannot be told while its PLC answers, and one that has let go again. */
function noteLoops(turn: Turn): void {
  const { signals } = turn.state
  const unknown = signals.entryLoop === 'unknown' || signals.exitLoop === 'unknown'
  if (signals.plcBootId !== null && unknown) {
    raiseFault(turn, 'loop.unknown', 'the PLC answers, but the quality of a loop input is bad')
  } else clearFault(turn, 'loop.unknown')
  if (signals.entryLoop === 'clear') clearFault(turn, 'loop.stuck', 'entry')
  if (signals.exitLoop === 'clear') clearFault(turn, 'loop.stuck', 'exit')
}

function onBarrierMoved(turn: Turn, from: BarrierPosition, to: BarrierPosition): void {
  if (to !== 'moving') record(turn, 'barrierMoved', { position: to })
  if (to === 'blocked') raiseFault(turn, 'barrier.blocked', 'the barrier reports that it cannot move')
  else clearFault(turn, 'barrier.blocked')
  const { passage, raisedBy } = turn.state
  if (to === 'lowered') {
    update(turn, { raisedBy: 'nobody' })
    clearFault(turn, 'barrier.unexpectedlyRaised')
  } else if (from === 'lowered' && raisedBy === 'nobody' && !isAskedFor(turn)) {
    update(turn, { raisedBy: 'key' })
    raiseFault(turn, 'barrier.unexpectedlyRaised', 'the bar rose without a request of ours')
  }
  if (to === 'raised') onRaised(turn)
  if (to === 'lowered' && passage?.phase.at === 'raised' && passage.position.where === 'onEntry') {
    // The PLC took its time and nobody drove: the right is spent, the vehicle is judged anew.
    updatePassage(turn, { passing: false })
    if (passage.raise) judgeAgain(turn, passage.raise.right)
  }
}

/** Whether the bar may be moving because we asked, though the PLC has not said so yet. */
function isAskedFor(turn: Turn): boolean {
  const { passage, orphan, signals } = turn.state
  if (passage?.raise && passage.raise.fate !== 'void') return true
  return orphan !== null || signals.acceptedCommandId?.startsWith(`${turn.view.settings.idPrefix}.`) === true
}

function onRaised(turn: Turn): void {
  clearFault(turn, 'barrier.failedToRaise')
  const { passage } = turn.state
  if (passage?.phase.at !== 'raising' || passage.raise?.fate !== 'accepted') return
  toPhase(turn, { at: 'raised', untilMs: turn.nowMs + turn.view.settings.timing.crossWithinMs })
  remind(turn, 0)
}

/** The driver's word for the write. */
export function onRaiseAnswered(turn: Turn, commandId: string, outcome: RaiseOutcome): void {
  const { passage, orphan, signals } = turn.state
  if (orphan?.raise.commandId === commandId) {
    update(turn, { orphan: { ...orphan, raise: answerRaise(orphan.raise, outcome, signals) } })
    readFateOfOrphan(turn)
    return
  }
  if (passage?.spray?.commandId === commandId && passage.spray.fate === 'open') {
    onSprayAnswered(turn, outcome)
    return
  }
  const raise = passage?.raise
  if (!passage || raise?.commandId !== commandId || raise.fate !== 'open') {
    turn.ignored = 'an answer to a request that is not open'
    return
  }
  const answered = answerRaise(raise, outcome, signals)
  updatePassage(turn, { raise: answered })
  if (outcome.is === 'notSent') {
    onFate(turn, answered, { is: 'notSent', detail: outcome.detail })
    return
  }
  if (outcome.is === 'unknown') {
    record(turn, 'barrierOutcome', { commandId, outcome: 'unknown', detail: outcome.detail })
    raiseFault(
      turn,
      'barrier.unknownOutcome',
      `request ${commandId} may still take effect: ${outcome.detail}`,
    )
  }
  readFate(turn)
}

/** What the PLC's image says of the open request of this passage. */
export function readFate(turn: Turn): void {
  readFateOfOrphan(turn)
  const raise = turn.state.passage?.raise
  if (!raise || raise.fate !== 'open') return
  const { raise: next, fate } = fateOf(raise, turn.state.signals)
  if (next !== raise) updatePassage(turn, { raise: next })
  if (fate) onFate(turn, next, fate)
}

/** A request whose passage ended first: its fate is recorded with that passage, and moves nothing. */
function readFateOfOrphan(turn: Turn): void {
  const { orphan, signals } = turn.state
  if (orphan === null) return
  const { raise, fate } = fateOf(orphan.raise, signals)
  if (fate) {
    const body = {
      commandId: raise.commandId,
      outcome: fate.is,
      detail: `${fate.detail}; its passage had ended`,
    }
    record(turn, 'barrierOutcome', body, { passageId: orphan.passageId })
  }
  if (raise.fate === 'accepted') update(turn, { raisedBy: 'command' })
  if (raise.fate !== 'open') {
    update(turn, { orphan: null })
    clearFault(turn, 'barrier.unknownOutcome')
  } else if (raise !== orphan.raise) update(turn, { orphan: { ...orphan, raise } })
}

function onFate(turn: Turn, raise: Raise, fate: Fate): void {
  const { passage, signals } = turn.state
  if (!passage) return
  const { commandId } = raise
  record(turn, 'barrierOutcome', { commandId, outcome: fate.is, detail: fate.detail })
  clearFault(turn, 'barrier.unknownOutcome')
  if (raise.fate === 'accepted') {
    update(turn, { raisedBy: 'command' })
    updatePassage(turn, { passing: true })
    if (passage.phase.at !== 'raising') return
    const { raiseWithinMs } = turn.view.settings.timing
    toPhase(turn, { at: 'raising', untilMs: turn.nowMs + raiseWithinMs })
    if (signals.barrier === 'raised') onRaised(turn)
    return
  }
  if (passage.phase.at === 'crossing' && !passage.passing) {
    violate(turn, 'runThrough', 'it drove under a bar that had not been raised for it')
    return
  }
  if (passage.phase.at !== 'raising') return
  if (mayTryAgain(fate)) judgeAgain(turn, raise.right)
  else failBarrier(turn, raise.right)
}

/** Light and text are lost with the PLC: they are shown again to the next one. */
function showAgain(turn: Turn, former: LaneSignals): void {
  const { shown, signals } = turn.state
  if (shown === null || signals.plcBootId === null || signals.plcBootId === former.plcBootId) return
  turn.others.push({ do: 'guide', ...shown })
}
