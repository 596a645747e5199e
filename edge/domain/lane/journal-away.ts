import type { LaneSignals, RaiseOutcome } from '../../interfaces/barrier.js'
import type { Read } from '../../interfaces/reader.js'
import { compareImage } from '../barrier/image.js'
import { answerRaise } from '../barrier/raise.js'
import { answerSpray } from '../barrier/spray.js'
import { hear, noTracks } from '../tag/smoothing.js'
import { follow, type Position } from '../passage/follow.js'
import { watchSprayer } from './disinfect.js'
import { doubtTracks } from './doubt.js'
import { sensedAgain } from '../passage/cargo.js'
import { keepApproachSensed } from './cargo.js'
import { isLate } from './late-findings.js'
import { recordMode } from './mode.js'
import { keepApproachPlate } from './reads.js'
import { recoverBySignals } from './restart.js'
import { readFate } from './signals.js'
import { approachSensedMax, isJudging, type LaneState } from './state.js'
import {
  clearFault,
  guide,
  guideEmpty,
  raiseFault,
  record,
  update,
  updatePassage,
  type Turn,
} from './turn.js'
import { endPassage, resync } from './vehicle.js'

/**
 * The records of the step before could not be written, so nothing of that step was done: the lane
 * goes on from the state before it, keeps what it senses and what it has used up, and is CLOSED
 * until a write succeeds (law 2).
 */
export function onNotRecorded(turn: Turn, detail: string): void {
  const now = turn.state
  const back: LaneState = now.before ?? now
  turn.state = {
    ...back,
    started: now.started,
    recovering: back.started ? back.recovering : now.recovering,
    mode: back.started ? back.mode : now.mode,
    incidentId: back.started ? back.incidentId : now.incidentId,
    emergency: back.started ? back.emergency : now.emergency,
    usedIds: now.usedIds,
    lastPassageNo: now.lastPassageNo,
    signals: now.signals,
    image: now.image,
    entrySinceMs: now.entrySinceMs,
    exitSinceMs: now.exitSinceMs,
    tracks: now.tracks,
    lastRead: now.lastRead,
    approachSensed: sensedOf(now, back),
    faults: back.faults,
    shown: back.shown,
    writable: false,
    unwatched: now.unwatched || now.passage?.id !== back.passage?.id,
    unwritableSince: now.unwritableSince ?? Math.round(turn.view.now.wallMs),
    before: null,
  }
  const { passage } = turn.state
  if (passage) {
    const position = positionNow(now, passage.id, passage.position)
    const { cargo } = passage
    const seen = now.passage?.id === passage.id ? now.passage.cargo.seen : cargo.seen
    updatePassage(turn, { cargo: { ...cargo, seen } })
    updatePassage(turn, { position, person: passage.person || now.passage?.person === true })
  }
  raiseFault(turn, 'journal.notWritable', detail)
  guide(turn, 'red', 'prompt.otherLane')
}

/** Findings come once: those that a passage took which is not durable are kept for whoever opens it again. */
function sensedOf(now: LaneState, back: LaneState): LaneState['approachSensed'] {
  if (now.passage === null || now.passage.id === back.passage?.id) return now.approachSensed
  const { seen } = now.passage.cargo
  const monoMs = now.passage.openedMonoMs
  const again = sensedAgain(seen).map((sensed) => ({ readerId: '', sensed, monoMs, lost: seen.overflow }))
  return [...again, ...now.approachSensed].slice(-approachSensedMax)
}

/** Where the vehicle of the durable passage is: what the lost step saw of it stays true. */
function positionNow(state: LaneState, passageId: string, before: Position): Position {
  if (state.passage?.id === passageId) return state.passage.position
  return { ...before, where: before.where === 'onBoth' || before.where === 'onExit' ? 'gone' : 'between' }
}

/** The driver's word for a request is kept; it is recorded when records work again. */
export function keepAnswer(turn: Turn, commandId: string, outcome: RaiseOutcome): void {
  const { passage, signals } = turn.state
  if (passage?.raise?.commandId === commandId)
    updatePassage(turn, { raise: answerRaise(passage.raise, outcome, signals) })
  // What it says is certain is read again from the PLC; only the lease is begun here.
  if (passage?.spray?.commandId === commandId && outcome.is !== 'notSent')
    updatePassage(turn, { spray: answerSpray(passage.spray, outcome, signals).spray })
}

/** Sensing goes on while nothing can be recorded; nobody is judged and nothing is asked for. */
export function senseOnly(turn: Turn, signals: LaneSignals): void {
  const change = compareImage(turn.state.image, signals)
  const { state } = turn
  update(turn, {
    signals,
    image: change.image,
    entrySinceMs: signals.entryLoop === 'occupied' ? (state.entrySinceMs ?? turn.nowMs) : null,
    exitSinceMs: signals.exitLoop === 'occupied' ? (state.exitSinceMs ?? turn.nowMs) : null,
    raisedBy: signals.barrier === 'lowered' ? 'nobody' : state.raisedBy,
  })
  for (const edge of change.edges) {
    const { passage } = turn.state
    if (passage) updatePassage(turn, { position: follow(passage.position, edge).position })
  }
  // Whoever stands there after the loop was free, or after the PLC was away, may be another one.
  const moved = change.broken || change.edges.length > 0
  if (!moved) return
  if (change.broken) doubtTracks(turn)
  update(turn, { unwatched: true, tracks: change.broken ? noTracks : turn.state.tracks })
}

/** What is heard meanwhile belongs to whoever stands there, and is recorded with him afterwards. */
export function hearOnly(turn: Turn, read: Read): void {
  if (read.kind === 'plate') {
    keepApproachPlate(turn, read)
    return
  }
  if (read.kind === 'device') {
    if (!isLate(turn, read)) keepApproachSensed(turn, read)
    return
  }
  const tracks = hear(turn.state.tracks, read, turn.view.settings.decision.sampleTagsMax)
  update(turn, { tracks, lastRead: read })
}

/** A write has worked: the lane is what it was, and takes up by its senses what stands in it. */
export function onRecordable(turn: Turn): void {
  const { state } = turn
  if (state.writable) {
    turn.ignored = 'the journal was writable all the time'
    return
  }
  const { mode, unwritableSince: since } = state
  update(turn, { writable: true, unwritableSince: null, shown: null })
  clearFault(turn, 'journal.notWritable')
  const { incidentId } = state
  const closed = { from: mode, to: 'CLOSED', cause: 'journal.notWritable', by: null, incidentId, since }
  record(turn, 'laneMode', closed, { passageId: null })
  recordMode(turn, 'CLOSED', { cause: 'journal.writable', by: null })
  if (turn.state.recovering) {
    update(turn, { unwatched: false })
    guideEmpty(turn)
    recoverBySignals(turn)
    return
  }
  readFate(turn)
  takeUpPassage(turn)
  watchSprayer(turn)
  update(turn, { unwatched: false })
  // Of what was heard in a lane that is empty now nobody knows whose it was.
  if (turn.state.passage === null) {
    doubtTracks(turn)
    update(turn, { tracks: noTracks, approachPlates: [], approachSensed: [] })
  }
  if (turn.state.passage === null) guideEmpty(turn)
  else if (turn.state.shown === null) guide(turn, 'red', isJudging(mode) ? 'prompt.wait' : 'prompt.otherLane')
}

function takeUpPassage(turn: Turn): void {
  const { passage, unwatched } = turn.state
  // The one that was there may have changed places with the next, and a person saw neither.
  const dark = unwatched && passage !== null
  if (passage?.position.where === 'gone')
    endPassage(
      turn,
      passage.violated ? 'violation' : passage.passing || passage.byKey ? 'cleared' : 'aborted',
    )
  resync(turn, 'the journal took no writes, and what happened meanwhile was not recorded', !unwatched, dark)
}
