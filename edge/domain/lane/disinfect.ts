import type { LaneSignals, RaiseOutcome } from '../../interfaces/barrier.js'
import type { LaneMode, Verdict } from '../../messages/down.js'
import type { Right } from '../barrier/raise.js'
import { answerSpray, newSpray, sprayFateOf, type SprayFate } from '../barrier/spray.js'
import type { CargoObservations } from '../decision/cargo.js'
import { decide } from '../decision/decide.js'
import { rules } from '../decision/ruleset.js'
import type { Decision } from '../decision/types.js'
import { isDisinfected, type Judged, type Passage, type ReleaseAfter } from '../passage/passage.js'
import { isDoubtful } from './doubt.js'
import { disinfectionOf, feeOf } from './disinfect-fee.js'
import { assembleInputs } from './inputs.js'
import { evaluate, intend, laneForbids, newsWaiting, openEscalation, startIdentifying } from './judge.js'
import { isJudging } from './state.js'
import { clearFault, guide, raiseFault, record, toPhase, updatePassage, type Turn } from './turn.js'

/**
 * The sprayer as a decision sees it (row 49): null where the lane has none. One that is at work, works;
 * whether people are clear is looked at when it is asked. Of one behind a PLC that is away nobody knows.
 */
export function sprayerOf(signals: LaneSignals): CargoObservations['sprayer'] {
  switch (signals.sprayer?.state) {
    case undefined:
      return null
    case 'ready':
    case 'running':
    case 'done':
      return 'ready'
    case 'failed':
      return 'failed'
    case 'unknown':
      return 'unknown'
  }
}

/** A disinfection that has been done is as good as a release; anything stronger is not. */
export function isClear(passage: Passage, { outcome }: Pick<Decision, 'outcome'>): boolean {
  return outcome === 'release' || (outcome === 'disinfect' && isDisinfected(passage))
}

/** The lane may act by itself on this vehicle. */
export function isAlone(turn: Turn): boolean {
  const { passage, mode } = turn.state
  return passage !== null && mode === 'AUTO' && !passage.person && !isDoubtful(turn, passage)
}

/** Modes in which a person's release may have the vehicle disinfected (domain.md 5.2). */
const disinfectingModes: readonly LaneMode[] = ['AUTO', 'ATTENDED']

/**
 * A person releases a vehicle that is to be disinfected and says nothing for its going without: no reason, no
 * number of an order. The lane disinfects it first, where it has a sprayer that works.
 */
export function isReleasedAfterSpray({ state }: Turn, verdict: Verdict): boolean {
  const { passage, mode, signals } = state
  if (passage === null || !disinfectingModes.includes(mode)) return false
  if (verdict.reason.trim() !== '' || verdict.orderIds.some((id) => id.trim() !== '')) return false
  if (passage.judged?.outcome !== 'disinfect' || isDisinfected(passage)) return false
  return passage.spray?.fate !== 'open' && sprayerOf(signals) === 'ready'
}

/** The order to disinfect it has been carried out, or is about to be: nobody passes over it. */
export function isFulfilled(turn: Turn, passage: Passage, verdict: Verdict): boolean {
  const isDone = passage.judged?.outcome === 'disinfect' && isDisinfected(passage)
  return isDone || isReleasedAfterSpray(turn, verdict)
}

/** What a person released to be disinfected first is looked at as strictly as what the lane releases by itself. */
export function isRightOfSpray({ spray }: Passage, right: Right): boolean {
  return right.by === 'verdict' && spray?.verdictId === right.verdictId
}

/**
 * By right of a decision, or of a person's release: the vehicle is disinfected where it stands, as soon as nobody
 * is near.
 */
export function startDisinfecting(turn: Turn, decisionId: string, release: ReleaseAfter | null = null): void {
  const untilMs = turn.nowMs + disinfectionOf(turn).peopleClearWithinMs
  guide(turn, 'red', 'prompt.stopAndWait')
  toPhase(turn, { at: 'disinfecting', decisionId, release, stage: { is: 'waiting', untilMs } })
  intendSpray(turn)
}

/** The intent, in the same transaction as the right it rests on; nothing is sent before `recorded`. */
function intendSpray(turn: Turn): void {
  const { passage, signals } = turn.state
  if (passage?.phase.at !== 'disinfecting' || passage.phase.stage.is !== 'waiting') return
  if (signals.sprayer?.peopleClear !== true) return
  const { decisionId, release } = passage.phase
  const sprays = passage.sprays + 1
  const commandId = `${passage.id}.s${sprays}`
  const { leaseTicks } = turn.view.settings.timing
  const { minSeconds } = disinfectionOf(turn)
  const { plcBootId, plcTick, entryCount, exitCount } = signals
  record(turn, 'sprayIntent', {
    ...{ commandId, decisionId, minSeconds, leaseTicks },
    ...(release !== null && { verdictId: release.verdictId }),
    ...{ plcBootId, plcTick, entryCount, exitCount },
  })
  updatePassage(turn, { sprays })
  toPhase(turn, { ...passage.phase, stage: { is: 'intended', commandId } })
}

/** The second look, between the durable intent and the command, as before a raise. */
export function actOnSprayIntent(turn: Turn): void {
  const { passage, signals, mode } = turn.state
  if (passage?.phase.at !== 'disinfecting' || passage.phase.stage.is !== 'intended') return
  const { decisionId, release } = passage.phase
  const { commandId } = passage.phase.stage
  const right: Right =
    release === null ? { by: 'decision', decisionId } : { by: 'verdict', verdictId: release.verdictId }
  const mayGo = release === null ? isAlone(turn) : disinfectingModes.includes(mode)
  const decision = decide(assembleInputs(turn.state, passage, turn.view))
  const why =
    laneForbids(turn, right.by) ??
    (mayGo ? null : 'personNeeded') ??
    newsWaiting(turn, passage, right) ??
    (signals.sprayer?.peopleClear === true ? null : 'peopleNotClear') ??
    (decision.outcome === 'disinfect' ? null : decision.primary)
  if (why !== null) {
    record(turn, 'sprayOutcome', { commandId, outcome: 'withdrawn', detail: why })
    startIdentifying(turn, turn.nowMs + tryAgainAfterMs)
    return
  }
  const { minSeconds, finishWithinMs } = disinfectionOf(turn)
  const command = { commandId, leaseTicks: turn.view.settings.timing.leaseTicks, minSeconds }
  const untilMs = turn.nowMs + minSeconds * 1_000 + finishWithinMs
  const by = { decisionId, ...(release !== null && { verdictId: release.verdictId }) }
  updatePassage(turn, { spray: newSpray(command, by, signals) })
  toPhase(turn, { ...passage.phase, stage: { is: 'spraying', commandId, untilMs } })
  turn.others.push({ do: 'spray', command })
  guide(turn, 'red', 'prompt.disinfectingStay')
}

const tryAgainAfterMs = 250

/** What the PLC's image says of people, vehicle and sprayer: after the loops have been looked at. */
export function watchSprayer(turn: Turn): void {
  noteSprayer(turn)
  const { passage, signals } = turn.state
  if (!passage) return
  if (passage.spray !== null) {
    const { spray, fate } = sprayFateOf(passage.spray, signals)
    if (spray !== passage.spray) updatePassage(turn, { spray })
    if (fate) onSprayFate(turn, spray.commandId, fate)
  }
  const { phase, position } = turn.state.passage ?? passage
  if (phase.at !== 'disinfecting') return
  if (position.where !== 'onEntry') giveUpDisinfecting(turn, 'the vehicle moved')
  else intendSpray(turn)
}

/** The driver's word for the write. */
export function onSprayAnswered(turn: Turn, outcome: RaiseOutcome): void {
  const { passage, signals } = turn.state
  if (!passage?.spray) return
  const { spray, fate } = answerSpray(passage.spray, outcome, signals)
  updatePassage(turn, { spray })
  if (fate) onSprayFate(turn, spray.commandId, fate)
  else watchSprayer(turn)
}

function onSprayFate(turn: Turn, commandId: string, fate: SprayFate): void {
  const { passage } = turn.state
  if (!passage) return
  if (fate.is !== 'done') {
    record(turn, 'sprayOutcome', { commandId, outcome: fate.is, detail: fate.detail })
    if (passage.phase.at === 'disinfecting') askPerson(turn)
    return
  }
  recordDisinfected(turn, commandId, fate.seconds)
  if (passage.phase.at !== 'disinfecting') return
  const { decisionId, release } = passage.phase
  if (release !== null && isJudging(turn.state.mode))
    intend(turn, { by: 'verdict', verdictId: release.verdictId }, release.overruledIds)
  else if (release === null && isAlone(turn)) intend(turn, { by: 'decision', decisionId }, [])
  else askPerson(turn)
}

/** That it is done counts, and costs, whoever then lets the vehicle go. */
export function recordDisinfected(turn: Turn, commandId: string, seconds: number): void {
  const { passage } = turn.state
  if (!passage) return
  const fee = feeOf(assembleInputs(turn.state, passage, turn.view), disinfectionOf(turn))
  record(turn, 'disinfected', { commandId, seconds, ...fee })
}

/** Nobody near did not come true, or no word of the PLC came, in the time for it. */
export function sprayOverdue(turn: Turn): void {
  const phase = turn.state.passage?.phase
  if (phase?.at !== 'disinfecting') return
  giveUpDisinfecting(turn, phase.stage.is === 'waiting' ? 'people were near' : 'no word of its end in time')
}

/** The lane disinfects this vehicle no more. What it asked for may still come to its end, and is then written down. */
function giveUpDisinfecting(turn: Turn, detail: string): void {
  const phase = turn.state.passage?.phase
  if (phase?.at !== 'disinfecting') return
  const commandId = phase.stage.is === 'waiting' ? null : phase.stage.commandId
  record(turn, 'sprayOutcome', { commandId, outcome: commandId === null ? 'notSent' : 'unknown', detail })
  askPerson(turn)
}

/** Not disinfected, or not surely: never released by itself (row 49). */
function askPerson(turn: Turn): void {
  const { passage, mode } = turn.state
  if (!passage) return
  updatePassage(turn, { person: true })
  if (!isJudging(mode) || passage.judged === null) {
    startIdentifying(turn, turn.nowMs)
    evaluate(turn)
    return
  }
  const judged = isDisinfected(passage) ? passage.judged : withoutSprayer(passage.judged)
  updatePassage(turn, { judged })
  openEscalation(turn, judged, assembleInputs(turn.state, passage, turn.view))
}

/** Row 49, as of a lane whose sprayer does not work. */
const notDisinfected = 'QUA-09'

function withoutSprayer(judged: Judged): Judged {
  const codes = [...new Set([...judged.codes, notDisinfected])].sort()
  return { ...judged, outcome: 'hold', codes, primary: notDisinfected, prompt: 'prompt.treatment' }
}

/** Reasons to disinfect a vehicle; below a stronger one they are obligations (domain.md 6.1). */
const disinfectCodes = new Set(rules.filter(({ outcome }) => outcome === 'disinfect').map(({ code }) => code))

/** Who releases it now says that it goes without its disinfection. */
export function isLeftUndone(passage: Passage): boolean {
  const { judged } = passage
  if (judged === null || isDisinfected(passage)) return false
  return judged.codes.some((code) => code === notDisinfected || disinfectCodes.has(code))
}

/** The passage is over before the end of its spray is known. */
export function leaveSpray(turn: Turn): void {
  const spray = turn.state.passage?.spray
  if (spray?.fate !== 'open') return
  const detail = 'its passage ended first'
  record(turn, 'sprayOutcome', { commandId: spray.commandId, outcome: 'unknown', detail })
}

/**
 * After a restart: a spray of the former process is never sent again. If it is done, it counts; if the PLC
 * may still be at it, its word is waited for; everything else a person must look at, and so for what a person
 * had released: that release was for what was seen then, and is spent.
 */
export function recoverSpray(turn: Turn): 'waits' | 'settled' {
  const { passage, signals } = turn.state
  if (passage?.spray?.fate !== 'open') return 'settled'
  const { commandId, decisionId, minSeconds } = passage.spray
  const { spray, fate } = sprayFateOf(passage.spray, signals)
  updatePassage(turn, { spray })
  if (fate?.is === 'done') {
    recordDisinfected(turn, commandId, fate.seconds)
    return 'settled'
  }
  if (fate !== null) {
    record(turn, 'sprayOutcome', { commandId, outcome: fate.is, detail: fate.detail })
    updatePassage(turn, { person: true })
    return 'settled'
  }
  const untilMs = turn.nowMs + minSeconds * 1_000 + disinfectionOf(turn).finishWithinMs
  guide(turn, 'red', 'prompt.disinfectingStay')
  const stage = { is: 'spraying', commandId, untilMs } as const
  toPhase(turn, { at: 'disinfecting', decisionId, release: null, stage })
  return 'waits'
}

function noteSprayer(turn: Turn): void {
  const { sprayer, plcBootId } = turn.state.signals
  if (sprayer === undefined || plcBootId === null || sprayer.state === 'unknown') return
  if (sprayer.state === 'failed')
    raiseFault(turn, 'sprayer.failed', 'the PLC reports that the sprayer is out of order')
  else clearFault(turn, 'sprayer.failed')
}
