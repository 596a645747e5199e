import { decide } from '../decision/decide.js'
import type { Decision, DecisionInputs, Reason, TagObservation } from '../decision/types.js'
import type { LaneSignals } from '../../interfaces/barrier.js'
import type { Read } from '../../interfaces/reader.js'
import { disinfectCode, objectionsOn } from '../lists/control.js'
import { normalisePlate } from '../tag/plate.js'
import {
  confidentPlates,
  isDisinfected,
  isHeld,
  judgedOf,
  showsAnotherPlate,
  type Judged,
  type Passage,
} from '../passage/passage.js'
import { ripeness } from '../passage/ripe.js'
import { isAlone, isClear, isRightOfSpray, startDisinfecting } from './disinfect.js'
import { isDoubtful } from './doubt.js'
import { askCargo } from './cargo-ask.js'
import { consumptionOf } from './cargo-consume.js'
import { assembleInputs, keysOf, observeTags } from './inputs.js'
import { isAlarmCode, isAlarmRead, isNewAlarm, isNewSensed, keysOfRead } from './news.js'
import { levelForMs } from './levels.js'
import { emergencyAgainMs, mayRaiseBy, standBy } from './mode.js'
import { isJudging } from './state.js'
import { bayFor } from './bays.js'
import { recordTasks, reportOnce } from './tasks.js'
import { guide, record, toPhase, updatePassage, type Turn } from './turn.js'
import { newRaise, type Right } from '../barrier/raise.js'

/** Decisions recorded for one passage at most: evidence that flickers must not fill the journal. */
export const decisionsMax = 8
/** Requests by the lane's own right that may fail before a person must look. */
export const raisesMax = 3

/**
 * Judges the vehicle if it is time: ripe, or the time to identify it is over. Called whenever
 * something changed that may make it ripe, and at `evaluateAtMs`.
 */
export function evaluate(turn: Turn): void {
  if (turn.state.passage?.phase.at === 'identifying') askCargo(turn)
  const { passage } = turn.state
  if (passage?.phase.at !== 'identifying') return
  if (!isJudging(turn.state.mode)) return standBy(turn)
  const { collectMs, plateWithinMs } = turn.view.settings.timing
  const notBeforeMs = Math.max(passage.openedMonoMs + collectMs, passage.phase.notBeforeMs)
  if (turn.nowMs < notBeforeMs) return evaluateAt(turn, notBeforeMs)
  const tags = observeTags(turn.state, turn.view)
  const inputs = assembleInputs(turn.state, passage, turn.view, tags)
  const ripe = ripeness(passage, inputs, turn.nowMs, plateWithinMs)
  if (ripe.is === 'wait') {
    if (ripe.prompt !== undefined) guide(turn, 'red', ripe.prompt)
    return evaluateAt(turn, ripe.untilMs)
  }
  conclude(turn, inputs, decide(inputs))
}

/** Looks again then. */
export function evaluateAt(turn: Turn, evaluateAtMs: number): void {
  const phase = turn.state.passage?.phase
  if (phase?.at === 'identifying' && phase.evaluateAtMs !== evaluateAtMs)
    toPhase(turn, { ...phase, evaluateAtMs })
}

/** Starts to listen (again): after the opening, a failed raise, or a change of mode. */
export function startIdentifying(turn: Turn, notBeforeMs: number): void {
  guide(turn, 'red', 'prompt.wait')
  toPhase(turn, { at: 'identifying', evaluateAtMs: notBeforeMs, notBeforeMs })
}

/** Records a decision and goes where it leads: to a raise, or to a person. */
function conclude(turn: Turn, inputs: DecisionInputs, decision: Decision): void {
  const { passage } = turn.state
  if (!passage) return
  if (passage.decisions >= decisionsMax) {
    const last = judgedOf(`${passage.id}.d${passage.decisions}`, decision)
    updatePassage(turn, { judged: last, person: passage.person || isHeld(last.outcome) })
    openEscalation(turn, last, inputs)
    return
  }
  const judged = judgedOf(`${passage.id}.d${passage.decisions + 1}`, decision)
  record(turn, 'decided', { decisionId: judged.decisionId, decision: { ...decision }, inputs: { ...inputs } })
  updatePassage(turn, { decisions: passage.decisions + 1, judged })
  alertSilently(turn, decision, inputs)
  recordTasks(turn, inputs, decision)
  if (isAlone(turn)) {
    const { decisionId } = judged
    if (isClear(passage, decision)) return intend(turn, { by: 'decision', decisionId }, [])
    if (decision.outcome === 'disinfect') return startDisinfecting(turn, decisionId)
  }
  if (isHeld(decision.outcome)) updatePassage(turn, { person: true })
  openEscalation(turn, judged, inputs)
}

/** K4: the intent, in the same transaction as the right it rests on. Nothing is sent before `recorded`. */
export function intend(turn: Turn, right: Right, overruledIds: readonly string[]): void {
  const { passage, signals } = turn.state
  if (!passage) return
  const raises = passage.raises + 1
  const commandId = `${passage.id}.r${raises}`
  const consumes = consumptionOf(assembleInputs(turn.state, passage, turn.view), passage)
  const { leaseTicks } = turn.view.settings.timing
  const { plcBootId, plcTick, entryCount, exitCount } = signals
  // The counters say after a restart whether this vehicle is still the one that stands there.
  record(turn, 'barrierIntent', {
    commandId,
    right,
    leaseTicks,
    plcBootId,
    plcTick,
    entryCount,
    exitCount,
    ...(consumes === null ? {} : { consumes }),
  })
  updatePassage(turn, { raises, cargo: { ...passage.cargo, consumes } })
  toPhase(turn, { at: 'releasing', commandId, right, overruledIds })
}

function alertSilently(turn: Turn, decision: Decision, inputs: DecisionInputs): void {
  for (const orderId of decision.silentAlerts) {
    if (!reportOnce(turn, `silent:${orderId}`)) continue
    const { tags, plates } = inputs.observations
    record(turn, 'silentAlert', {
      orderId,
      epcs: tags.map((tag) => tag.epc),
      plates: plates.map((plate) => plate.plate.text),
    })
  }
}

/** Hands the vehicle to a person. The bar stays down until somebody answers. */
export function openEscalation(turn: Turn, judged: Judged, inputs: DecisionInputs): void {
  const { passage } = turn.state
  if (!passage) return
  const escalations = passage.escalations + 1
  const escalationId = `${passage.id}.e${escalations}`
  const reasons = reasonsFor(turn, judged)
  const answerWithinMs = levelForMs(turn.view.settings.timing, 1)
  const { tags, plates } = inputs.observations
  record(turn, 'escalationOpened', {
    escalationId,
    decisionId: passage.decisions === 0 ? null : `${passage.id}.d${passage.decisions}`,
    outcome: judged.outcome,
    reasons,
    interceptOrderIds: [...judged.interceptOrderIds],
    epcs: tags.filter((tag) => tag.claim !== 'neighbour').map((tag) => tag.epc),
    plates: plates.map((plate) => plate.plate.text),
    vehicleId: judged.vehicleId,
    level: 1,
    deadlineAt: Math.round(turn.view.now.wallMs + answerWithinMs),
  })
  updatePassage(turn, { escalations })
  toPhase(turn, {
    at: 'escalated',
    escalation: {
      ...{ escalationId, level: 1, untilMs: turn.nowMs + answerWithinMs },
      openedMonoMs: turn.nowMs,
      openedWallMs: turn.view.now.clockQuality === 'untrusted' ? null : turn.view.now.wallMs,
      reasons,
      interceptOrderIds: judged.interceptOrderIds,
      objectingIds: objectingIdsOf(turn, passage, tags),
      shownPlates: confidentPlates(plates, turn.view.settings.decision.plateConfidenceMin),
    },
  })
  // A vehicle that only a person can have disinfected is not being disinfected yet.
  const nothingToDo = judged.outcome === 'release' || judged.prompt.startsWith('prompt.disinfecting')
  const isSent = judged.outcome === 'hold' && judged.prompt === 'prompt.inspection'
  const bay = isSent ? bayFor(turn.view.settings.bays, judged) : null
  guide(turn, 'red', nothingToDo ? 'prompt.wait' : judged.prompt, bay)
}

/** LANE-05 and LANE-06: nothing speaks against the vehicle, but the mode wants a person. */
function reasonsFor(turn: Turn, judged: Judged): readonly string[] {
  if (judged.outcome !== 'release') return judged.codes
  return [turn.state.mode === 'SHADOW' ? 'LANE-06' : 'LANE-05']
}

export function closeEscalation(turn: Turn, why: string): void {
  const phase = turn.state.passage?.phase
  if (phase?.at !== 'escalated') return
  record(turn, 'escalationClosed', { escalationId: phase.escalation.escalationId, why })
}

/**
 * New evidence, or a cause that is gone, for a vehicle that waits for a person. What a person holds
 * stays held, and a hold is never undone by the lane itself; only an escalation that was mere
 * ignorance may be decided anew, as a new decision.
 */
export function reconsider(turn: Turn): void {
  if (turn.state.passage?.phase.at === 'escalated') askCargo(turn)
  const { passage } = turn.state
  if (passage?.phase.at !== 'escalated' || passage.judged === null) return
  if (passage.pending.length > 0 || !isJudging(turn.state.mode)) return
  const { escalation } = passage.phase
  const another = showsAnotherPlate(passage, escalation, turn.view.settings.decision.plateConfidenceMin)
  const alarmed = isNewAlarm(passage)
  const { judged } = passage
  const held = passage.heldOn && !judged.locked
  if (!another && !alarmed && (held || passage.decisions >= decisionsMax)) return
  const inputs = assembleInputs(turn.state, passage, turn.view)
  const decision = decide(inputs)
  const fresh = judgedOf(`${passage.id}.d${passage.decisions + 1}`, decision)
  if (!another && !alarmed && passage.heldOn && fresh.locked) return
  if (!another && !alarmed && !isWorthSaying(fresh, judged, passage.person)) return
  closeEscalation(turn, another ? 'anotherPlate' : 'decidedAnew')
  conclude(turn, inputs, decision)
}

/**
 * A release, where the lane may still give one; a stronger word; another vehicle, or another hold, which a
 * person must see before answering; that a lock has been opened, as long as it is known and not only not
 * to be told any more. Anything else would only take the escalation from under the operator's hands.
 */
function isWorthSaying(fresh: Judged, old: Judged, person: boolean): boolean {
  if (old.locked !== fresh.locked) return fresh.locked || fresh.outcome !== 'escalate'
  if (fresh.outcome === 'release') return !person && old.outcome !== 'release'
  const isAnother = fresh.vehicleId !== null && fresh.vehicleId !== old.vehicleId
  if (fresh.outcome === 'escalate')
    return old.outcome === 'release' || (old.outcome === 'escalate' && isAnother)
  if (fresh.outcome === 'disinfect' && (old.outcome === 'hold' || old.outcome === 'lock')) return false
  const same =
    fresh.outcome === old.outcome &&
    fresh.codes.join() === old.codes.join() &&
    fresh.interceptOrderIds.join() === old.interceptOrderIds.join()
  return !same
}

/**
 * The second look, between the durable intent and the command: the rules once more on what is known
 * now, and the control lists by themselves. Whoever was named by a person does not object again.
 */
export function actOnIntent(turn: Turn): void {
  const { passage } = turn.state
  if (passage?.phase.at !== 'releasing') return
  const { commandId, right, overruledIds } = passage.phase
  const tags = observeTags(turn.state, turn.view)
  const inputs = assembleInputs(turn.state, passage, turn.view, tags)
  const decision = decide(inputs)
  const against = objectionsNow(turn, passage, tags, right, overruledIds)
  const doubtful = right.by === 'decision' && isDoubtful(turn, passage) ? 'doubtful' : null
  const lane = laneForbids(turn, right.by) ?? doubtful ?? newsWaiting(turn, passage, right)
  const isLocked = decision.reasons.some((reason) => reason.outcome === 'lock')
  const isStrict = right.by === 'decision' || isRightOfSpray(passage, right)
  const stops = isLocked || (isStrict && !isClear(passage, decision))
  const byRules = stops ? decision.primary : null
  const why = lane ?? (against.length > 0 ? against.join() : byRules)
  if (why !== null) {
    record(turn, 'barrierOutcome', { commandId, outcome: 'withdrawn', detail: why })
    judgeAgain(turn, right)
    if (!isClear(passage, decision)) conclude(turn, inputs, decision)
    return
  }
  askToRaise(turn, commandId, right, decision.outcome === 'release' ? decision.prompt : 'prompt.release')
}

/** The command itself, once its intent is durable and nothing speaks against it. */
export function askToRaise(turn: Turn, commandId: string, right: Right, prompt: string): void {
  const { leaseTicks, raiseWithinMs } = turn.view.settings.timing
  updatePassage(turn, { raise: newRaise(commandId, right, leaseTicks, turn.state.signals) })
  toPhase(turn, { at: 'raising', untilMs: turn.nowMs + raiseWithinMs })
  turn.others.push({ do: 'raise', command: { commandId, leaseTicks } })
  guide(turn, 'green', prompt)
}

/**
 * While the records were written something came in that has not been looked at yet: the vehicle moved,
 * the lane got an order, or something new was heard. A person's release is stopped by a tag only if
 * an order names that very tag; the lane's own by any.
 */
export function newsWaiting(turn: Turn, passage: Passage, right: Right): string | null {
  const waiting = turn.view.waiting?.() ?? []
  for (const event of waiting) {
    if (event.on === 'command') return 'commandWaiting'
    if (event.on === 'signals' && hasMoved(turn, event.signals)) return 'movedMeanwhile'
    if (event.on === 'read' && right.by !== 'emergency' && isNewIdentity(turn, passage, event.read)) {
      if (right.by === 'decision') return 'heardMeanwhile'
      if (isAlarmRead(event.read)) return 'heardMeanwhile'
      const keys = keysOfRead(event.read)
      const found = objectionsOn(turn.view.control, keys, turn.view.now)
      if (found !== 'unknown' && found.length > 0) return 'heardMeanwhile'
    }
  }
  return null
}

function hasMoved(turn: Turn, next: LaneSignals): boolean {
  const { signals } = turn.state
  return (
    next.entryLoop !== 'occupied' ||
    next.exitLoop === 'occupied' ||
    next.plcBootId !== signals.plcBootId ||
    next.entryCount !== signals.entryCount
  )
}

function isNewIdentity(turn: Turn, passage: Passage, read: Read): boolean {
  if (read.kind === 'plate') {
    const text = normalisePlate(read.plate.text)
    return !passage.plates.some((plate) => plate.plate.text === text)
  }
  if (read.kind === 'device') return isNewSensed(passage, read.sensed)
  const { recent } = turn.state
  const late = recent !== null && turn.nowMs < recent.untilMs && recent.ownEpcs.includes(read.epc)
  return !late && !passage.epcs.includes(read.epc)
}

/** Pause before the next try, so that a barrier that refuses is not asked in a loop. */
const tryAgainAfterMs = 250

/**
 * A right came to nothing for certain: the vehicle is judged anew, by what is known then. A person's
 * right is spent, so a person must look again; the lane's own tries are bounded.
 */
export function judgeAgain(turn: Turn, right: Right): void {
  const { passage } = turn.state
  if (!passage) return
  const raisesFailed = passage.raisesFailed + 1
  updatePassage(turn, {
    raisesFailed,
    barrierFailed: passage.barrierFailed || raisesFailed >= raisesMax,
    person: passage.person || right.by !== 'decision',
  })
  startIdentifying(turn, turn.nowMs + (right.by === 'emergency' ? emergencyAgainMs : tryAgainAfterMs))
}

export type LaneForbids =
  'journalNotWritable' | 'modeForbids' | 'incident' | 'vehicleNotAtLine' | 'barrierNotReady' | 'spraying'

/** Conditions of the lane itself under which this right does not move the barrier; null: none. */
export function laneForbids(turn: Turn, by: Right['by']): LaneForbids | null {
  const { passage, signals, incidentId, writable } = turn.state
  if (!writable) return 'journalNotWritable'
  if (!mayRaiseBy(turn, by)) return 'modeForbids'
  if (incidentId !== null) return 'incident'
  if (signals.entryLoop !== 'occupied' || passage?.position.where !== 'onEntry') return 'vehicleNotAtLine'
  if (signals.barrier === 'unknown' || signals.barrier === 'blocked') return 'barrierNotReady'
  if (signals.sprayer?.state === 'running') return 'spraying'
  return null
}

/**
 * Codes that object now, apart from what the person who released has seen. Lists that are unknown
 * object to the lane's own decision, not to a person who looks at the vehicle.
 */
function objectionsNow(
  turn: Turn,
  passage: Passage,
  tags: readonly TagObservation[],
  right: Right,
  overruledIds: readonly string[],
): readonly string[] {
  const found = objectionsOn(turn.view.control, keysOf(passage, tags), turn.view.now)
  if (found === 'unknown') return right.by === 'verdict' ? [] : ['SYS-02']
  // Who had to be disinfected, and has been, is not stopped for it any more.
  const isDone = (right.by === 'decision' || isRightOfSpray(passage, right)) && isDisinfected(passage)
  return found
    .filter((objection) => objection.orderIds.some((id) => !overruledIds.includes(id)))
    .filter((objection) => !(isDone && objection.code === disinfectCode))
    .map((objection) => objection.code)
}

/** Every order and blacklist entry that objects to the vehicle now. */
export function objectingIdsOf(
  turn: Turn,
  passage: Passage,
  tags: readonly TagObservation[],
): readonly string[] {
  const found = objectionsOn(turn.view.control, keysOf(passage, tags), turn.view.now)
  return found === 'unknown' ? [] : found.flatMap((objection) => objection.orderIds)
}

/** A tag or an order that came after the raise speaks against the vehicle: recorded once, nothing else. */
export function objectLate(turn: Turn, epc: string): void {
  const { passage } = turn.state
  if (!passage) return
  const inputs = assembleInputs(turn.state, passage, turn.view)
  const decision = decide(inputs)
  const known = passage.judged?.codes ?? []
  for (const reason of decision.reasons) {
    if (!isHeld(reason.outcome) && !isAlarmCode(reason.code)) continue
    if (reason.outcome === 'disinfect' && isDisinfected(passage)) continue
    if (known.includes(reason.code) || !reportOnce(turn, `late:${reason.code}`)) continue
    record(turn, 'lateObjection', { epc, code: reason.code, orderIds: ordersOf(reason, decision) })
  }
}

function ordersOf(reason: Reason, decision: Decision): string[] {
  return reason.code.startsWith('CTL') ? [...decision.interceptOrderIds] : []
}

/** The barrier cannot be relied on for this vehicle: judged at once as a required device that is down. */
export function failBarrier(turn: Turn, right: Right): void {
  updatePassage(turn, { barrierFailed: true })
  judgeAgain(turn, right)
  if (right.by === 'emergency') return
  startIdentifying(turn, turn.nowMs)
  evaluate(turn)
}
