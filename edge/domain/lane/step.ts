import { unreachable } from '../../base/assert.js'
import { actOnSprayIntent } from './disinfect.js'
import { nextDeadlineOf, runDeadlines } from './deadline.js'
import { actOnIntent, evaluate, objectLate, reconsider } from './judge.js'
import { hearOnly, keepAnswer, onNotRecorded, onRecordable, senseOnly } from './journal-away.js'
import { actOnException } from './exception.js'
import { onCommand, onVerdict } from './orders.js'
import { onCargoFacts } from './cargo.js'
import { hearQuietly, isOnItsWay, lookUpMissing, onFacts, onRead } from './reads.js'
import { onStarted } from './restart.js'
import { onRaiseAnswered, onSignals } from './signals.js'
import type { LaneState } from './state.js'
import { finish, newTurn, noEffects, type Stepped, type Turn } from './turn.js'
import type { LaneEvent, LaneSettings, LaneView } from './types.js'

export { initialLane, atOf, laneAts, type LaneState } from './state.js'
export { snapshotOf } from './snapshot.js'
export { refusalCodes, type RefusalCode } from './orders.js'
export type { Stepped } from './turn.js'

/**
 * The lane's behaviour: pure and total. Every event is handled in every state, or named in `ignored`.
 * Records come first among the effects; the others may be done only when the records are durable,
 * and then the lane must be told `recorded`, otherwise `notRecorded` and none of them.
 */
export function step(state: LaneState, event: LaneEvent, view: LaneView): Stepped {
  if (event.on === 'read') {
    // Whoever mends readers holds tags before them: that is nobody's evidence.
    if (state.mode === 'MAINTENANCE')
      return { state: { ...state, lastRead: event.read }, effects: noEffects, ignored: 'under maintenance' }
    const quiet = hearQuietly(state, event.read, view)
    if (quiet) return { state: quiet, effects: noEffects }
  }
  const turn = newTurn(state, view)
  if (!state.started && event.on !== 'started' && event.on !== 'notRecorded')
    turn.ignored = 'the lane has not started'
  else if (!state.writable) whileUnwritable(turn, event)
  else handle(turn, event)
  return finish(turn, state)
}

/** When the lane next wants a `tick`, monotonic ms; null: only when something happens. */
export function nextDeadlineMs(state: LaneState, settings: LaneSettings): number | null {
  return nextDeadlineOf(state, settings)
}

function handle(turn: Turn, event: LaneEvent): void {
  switch (event.on) {
    case 'started':
      return onStarted(turn, event.memory)
    case 'read':
      return onRead(turn, event.read)
    case 'signals':
      return onSignals(turn, event.signals)
    case 'facts':
      return onFacts(turn, event.of, event.facts)
    case 'cargoFacts':
      return onCargoFacts(turn, event.key, event.facts)
    case 'recorded':
      return onRecorded(turn)
    case 'notRecorded':
      return onNotRecorded(turn, event.detail)
    case 'recordable':
      return onRecordable(turn)
    case 'raiseAnswered':
      return onRaiseAnswered(turn, event.commandId, event.outcome)
    case 'verdict':
      return onVerdict(turn, event.verdict, event.retained)
    case 'command':
      return onCommand(turn, event.command, event.retained)
    case 'fault':
      evaluate(turn)
      return reconsider(turn)
    case 'listsSwitched':
      return onListsSwitched(turn)
    case 'tick':
      if (!runDeadlines(turn)) turn.ignored = 'nothing is due'
      return
    default:
      return unreachable(event)
  }
}

/** While nothing can be recorded the lane only senses, hears and refuses. */
function whileUnwritable(turn: Turn, event: LaneEvent): void {
  switch (event.on) {
    case 'signals':
      return senseOnly(turn, event.signals)
    case 'verdict':
      return onVerdict(turn, event.verdict, event.retained)
    case 'command':
      return onCommand(turn, event.command, event.retained)
    case 'recordable':
      return onRecordable(turn)
    case 'notRecorded':
      return onNotRecorded(turn, event.detail)
    case 'raiseAnswered':
      return keepAnswer(turn, event.commandId, event.outcome)
    case 'read':
      return hearOnly(turn, event.read)
    case 'started':
    case 'facts':
    case 'cargoFacts':
    case 'recorded':
    case 'fault':
    case 'listsSwitched':
    case 'tick':
      turn.ignored = 'the journal takes no writes'
      return
    default:
      return unreachable(event)
  }
}

function onRecorded(turn: Turn): void {
  if (turn.state.before === null) {
    turn.ignored = 'nothing was being recorded'
    return
  }
  turn.state = { ...turn.state, before: null }
  if (turn.state.passage?.phase.at === 'disinfecting') actOnSprayIntent(turn)
  else if (isByRules(turn)) actOnIntent(turn)
  else actOnException(turn)
}

function isByRules({ state: { passage } }: Turn): boolean {
  if (passage?.phase.at !== 'releasing') return true
  return passage.phase.right.by === 'decision' || passage.phase.right.by === 'verdict'
}

/** New lists: what they could not tell is asked again, and a vehicle on its way is judged once more. */
function onListsSwitched(turn: Turn): void {
  const { passage } = turn.state
  if (!passage) return
  lookUpMissing(turn)
  if (isOnItsWay(passage)) objectLate(turn, passage.epcs[0] ?? '')
  else {
    evaluate(turn)
    reconsider(turn)
  }
}
