import type { Command } from '../../messages/down.js'
import { decide } from '../decision/decide.js'
import { objectionsOn } from '../lists/control.js'
import { askCargo } from './cargo-ask.js'
import { assembleInputs, keysOf, observeTags } from './inputs.js'
import { askToRaise, intend, judgeAgain, laneForbids, newsWaiting, type LaneForbids } from './judge.js'
import { modesOf } from './mode-settings.js'
import type { LaneState } from './state.js'
import { clearFault, raiseFault, record, update, updatePassage, type Turn } from './turn.js'
import type { LaneSettings } from './types.js'

/**
 * Raises without a judgement: by a person's command in MANUAL, or for everybody in EMERGENCY_OPEN. The laws
 * of a raise hold for them as for any other; only the right is another one.
 */
export type ManualRefusal =
  | LaneForbids
  | 'reasonMissing'
  | 'otherPassage'
  | 'raiseUnsettled'
  | 'factsPending'
  | 'locked'
  | 'interceptNeedsOrder'
  | 'inspectFirst'

/** Why a person may not open for the vehicle in a MANUAL lane; null: he may. */
export function refusalOfManualRaise(
  turn: Turn,
  passageId: string,
  orderIds: readonly string[],
  reason: string,
): ManualRefusal | null {
  if (reason.trim() === '') return 'reasonMissing'
  if (turn.state.mode !== 'MANUAL') return 'modeForbids'
  if (turn.state.passage?.id !== passageId) return 'otherPassage'
  const { at } = turn.state.passage.phase
  if (at === 'releasing' || at === 'raising' || at === 'raised') return 'raiseUnsettled'
  if (turn.state.passage.raise?.fate === 'open') return 'raiseUnsettled'
  // What the lists say of driver and load was not asked while nobody was judged.
  askCargo(turn)
  if (turn.state.passage.pending.length > 0) return 'factsPending'
  return standsAgainst(turn, orderIds) ?? laneForbids(turn, 'command')
}

/**
 * What no person at the lane may pass over unseen: a lock at all, an order or a draw whose number was not
 * named, as in a verdict, and the blacklist. A secret order is refused as a random draw is.
 */
function standsAgainst(turn: Turn, orderIds: readonly string[]): ManualRefusal | null {
  const { passage } = turn.state
  if (!passage) return 'otherPassage'
  const tags = observeTags(turn.state, turn.view)
  const decision = decide({ ...assembleInputs(turn.state, passage, turn.view, tags), mode: 'ATTENDED' })
  // A lock that cannot be told any more is still one.
  const isLocked = decision.reasons.some((reason) => reason.outcome === 'lock')
  if (isLocked || passage.judged?.locked === true) return 'locked'
  if (!decision.interceptOrderIds.every((id) => orderIds.includes(id))) return 'interceptNeedsOrder'
  const found = objectionsOn(turn.view.control, keysOf(passage, tags), turn.view.now)
  const isUnnamed =
    found !== 'unknown' && found.some((one) => one.orderIds.some((id) => !orderIds.includes(id)))
  return isUnnamed ? 'inspectFirst' : null
}

/** The exception, its reason and its intent in one transaction; nothing is sent before they are durable. */
export function manualRaise(turn: Turn, command: Command, orderIds: readonly string[]): void {
  const { commandId, by, reason } = command
  record(turn, 'manualRelease', { commandId, by, reason, orderIds: [...orderIds] }, { captured: 'manual' })
  updatePassage(turn, { person: true })
  intend(turn, { by: 'command', commandId }, orderIds)
  countManual(turn)
}

/** The second look before the command, for a right that no judgement gave. */
export function actOnException(turn: Turn): void {
  const { passage } = turn.state
  if (passage?.phase.at !== 'releasing') return
  const { commandId, right, overruledIds } = passage.phase
  const why =
    laneForbids(turn, right.by) ??
    newsWaiting(turn, passage, right) ??
    (right.by === 'command' ? standsAgainst(turn, overruledIds) : null)
  if (why !== null) {
    record(turn, 'barrierOutcome', { commandId, outcome: 'withdrawn', detail: why })
    return judgeAgain(turn, right)
  }
  askToRaise(turn, commandId, right, right.by === 'emergency' ? 'prompt.emergency' : 'prompt.pass')
}

/** Each of them is an exception; many of them are a matter for whoever answers for the lane (domain.md 7). */
function countManual(turn: Turn): void {
  const { manualOftenCount, manualOftenWithinMs } = modesOf(turn.view.settings)
  const recent = turn.state.manualAtMs.filter((atMs) => turn.nowMs - atMs < manualOftenWithinMs)
  const manualAtMs = [...recent, turn.nowMs].slice(-manualOftenCount)
  update(turn, { manualAtMs })
  if (manualAtMs.length < manualOftenCount) return
  const minutes = Math.round(manualOftenWithinMs / 60_000)
  raiseFault(turn, 'lane.manualOften', `${manualOftenCount} or more manual releases within ${minutes} min`)
}

/** When manual releases are rare again, monotonic ms; null: they are. */
export function manualClearsAtMs(state: LaneState, settings: LaneSettings): number | null {
  if (!state.faults.includes('lane.manualOften')) return null
  return (state.manualAtMs[0] ?? 0) + modesOf(settings).manualOftenWithinMs
}

export function forgetManual(turn: Turn): void {
  const { manualOftenWithinMs } = modesOf(turn.view.settings)
  update(turn, {
    manualAtMs: turn.state.manualAtMs.filter((atMs) => turn.nowMs - atMs < manualOftenWithinMs),
  })
  clearFault(turn, 'lane.manualOften')
}
