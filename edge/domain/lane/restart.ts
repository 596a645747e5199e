import type { PlateObservation } from '../decision/types.js'
import type { LaneSignals } from '../../interfaces/barrier.js'
import type { TagRead } from '../../interfaces/reader.js'
import { laneModes, type LaneMode } from '../../messages/down.js'
import { plateRegions } from '../../messages/entities.js'
import { fateOf, type Raise } from '../barrier/raise.js'
import { tidsOf } from '../lists/control.js'
import { positionByLevels } from '../passage/follow.js'
import { newPassage, withPlate, type Passage } from '../passage/passage.js'
import { noCargo } from '../passage/cargo.js'
import { recoverPassage, type Counters, type RecoveredPassage } from '../passage/recovery.js'
import { hear } from '../tag/smoothing.js'
import { recoverSpray } from './disinfect.js'
import { doubtfulAfter, doubtTracks } from './doubt.js'
import { evaluate, judgeAgain, startIdentifying } from './judge.js'
import { emergencyAgain, settleMode } from './mode.js'
import { lookUp } from './reads.js'
import { usedIdsMax } from './state.js'
import { guideEmpty, record, toPhase, update, updatePassage, type Turn } from './turn.js'
import type { LaneRecovery } from './types.js'
import {
  doubtPrevious,
  endPassage,
  leaveUnclosed,
  openPassage,
  settlePrevious,
  wentThrough,
} from './vehicle.js'

/**
 * What the journal remembers. Nothing is acted on yet: a passage found open waits for the PLC's
 * signals, and an old intent is never sent (reliability.md 2.8).
 */
export function onStarted(turn: Turn, memory: LaneRecovery): void {
  if (turn.state.started) {
    turn.ignored = 'the lane has started already'
    return
  }
  const found = recoverPassage(memory.openPassage)
  const mode = modeOf(memory.lastMode?.['to'])
  const incident = memory.lastMode?.['incidentId']
  update(turn, {
    started: true,
    lastPassageNo: Math.max(memory.lastPassageNo, found?.no ?? 0),
    usedIds: memory.usedIds.slice(0, usedIdsMax).reverse(),
    mode: mode ?? turn.view.settings.initialMode,
    incidentId: typeof incident === 'string' ? incident : null,
    emergency: mode === 'EMERGENCY_OPEN' ? emergencyAgain(turn, memory) : null,
    recovering: found ? { found, raise: raiseOf(found) } : null,
  })
  const ended = recoverPassage(memory.endedPassage)
  if (ended) update(turn, { doubtful: doubtfulAfter(turn, asPassage(turn, ended), wentThrough(ended.end)) })
  if (mode === undefined) {
    const to = turn.view.settings.initialMode
    record(turn, 'laneMode', { from: null, to, cause: 'firstStart', by: null, incidentId: null })
  }
  settleMode(turn)
  guideEmpty(turn)
}

function modeOf(value: unknown): LaneMode | undefined {
  return laneModes.find((mode) => mode === value)
}

function raiseOf(found: RecoveredPassage): Raise | null {
  const { intent } = found
  if (!intent) return null
  const { commandId, right, leaseTicks, plcBootId, fate } = intent
  // The former process may have written until it died: the lease runs from the first tick we see.
  return { commandId, right, leaseTicks, plcBootId, answered: 'unknown', leaseEndTick: null, fate }
}

/** Settles the passage that was found open, once both loops are known and no old request can take effect. */
export function recoverBySignals(turn: Turn): void {
  const { recovering, signals } = turn.state
  if (!recovering || signals.plcBootId === null) return
  if (signals.entryLoop === 'unknown' || signals.exitLoop === 'unknown') return
  const { found } = recovering
  const read = recovering.raise ? fateOf(recovering.raise, signals) : { raise: null, fate: null }
  if (read.raise?.fate === 'open') {
    if (read.raise !== recovering.raise) update(turn, { recovering: { found, raise: read.raise } })
    return
  }
  doubtTracks(turn)
  takeUp(turn, found, read.raise)
  if (read.fate && read.raise) {
    const { commandId } = read.raise
    record(turn, 'barrierOutcome', { commandId, outcome: read.fate.is, detail: read.fate.detail })
  }
  if (found.openEscalationId !== null)
    record(turn, 'escalationClosed', { escalationId: found.openEscalationId, why: 'restarted' })
  if (read.raise?.fate === 'accepted') goOnByRight(turn, found, read.raise)
  else goOnWithoutRight(turn, found)
  const { passage, image } = turn.state
  if (passage !== null) return
  if (image.entry === 'occupied') openPassage(turn, 'recovered')
  else if (image.exit === 'occupied') doubtPrevious(turn, 'the exit loop was occupied at the start')
}

/** The passage as the journal knows it, with its old numbers, so that none is given twice. */
function asPassage(turn: Turn, found: RecoveredPassage, raise: Raise | null = null): Passage {
  const { now, readsShed } = turn.view
  const { openedWallMs, decisions, escalations, raises, judged, person, heldOn, violated, facts } = found
  return {
    ...newPassage(found.no, found.id, now, readsShed ?? 0),
    ...{ openedWallMs, decisions, escalations, raises, judged, person, heldOn, violated, facts, raise },
    ...{ sprays: found.sprays, spray: found.spray, contingency: found.contingency },
    epcs: found.tags.map((tag) => tag.epc),
    tids: found.tags.flatMap(tidsOf),
    plates: platesOf(found),
    cargo: {
      ...noCargo,
      seen: found.sensed,
      facts: found.cargoFacts,
      consumes: found.intent === null || found.intent.fate === 'void' ? null : found.intent.consumes,
      shedBefore: turn.view.sensedShed ?? 0,
    },
  }
}

function platesOf(found: RecoveredPassage): readonly PlateObservation[] {
  let plates: readonly PlateObservation[] = []
  for (const { plate: text, region, confidence, readerId } of found.plates) {
    const known = plateRegions.find((one) => one === region) ?? 'OTHER'
    ;({ plates } = withPlate(plates, { plate: { region: known, text }, confidence, readerId, heardMs: 0 }))
  }
  return plates
}

function takeUp(turn: Turn, found: RecoveredPassage, raise: Raise | null): void {
  update(turn, {
    recovering: null,
    previous: { ...turn.state.previous, closed: true },
    passage: asPassage(turn, found, raise),
  })
}

function recovered(turn: Turn, found: string): void {
  const commandId = turn.state.passage?.raise?.commandId ?? null
  record(turn, 'passageRecovered', { found, commandId })
}

/** K6-K8: the PLC had accepted the request. The sensors say how far the vehicle is. */
function goOnByRight(turn: Turn, found: RecoveredPassage, raise: Raise): void {
  const { image, signals } = turn.state
  update(turn, { raisedBy: 'command' })
  updatePassage(turn, { passing: true })
  const at = positionByLevels(image.entry, image.exit)
  const crossed = since(found.intent, signals, 'exitCount')
  if (crossed !== null && crossed > 0 && image.exit === 'clear') {
    recovered(turn, 'cleared')
    endPassage(turn, 'cleared')
    return
  }
  if (at === null || isAnother(found.intent, signals)) {
    recovered(turn, 'gone')
    leaveUnclosed(turn, 'the vehicle left while the lane was away, and the exit loop has not seen it')
    return
  }
  updatePassage(turn, { position: at })
  if (image.exit === 'occupied') {
    recovered(turn, 'crossing')
    toPhase(turn, { at: 'crossing' })
    return
  }
  if (signals.barrier === 'lowered' && since(found.intent, signals, 'entryCount') !== 0) {
    recovered(turn, 'perhapsAnother')
    endPassage(turn, 'aborted')
    openPassage(turn, 'recovered', { tracks: false, person: true })
    return
  }
  recovered(turn, 'accepted')
  const { raiseWithinMs, crossWithinMs } = turn.view.settings.timing
  if (signals.barrier === 'lowered' && found.intent?.fate === 'open') {
    // Taken only now: the bar has not had its time to move.
    toPhase(turn, { at: 'raising', untilMs: turn.nowMs + raiseWithinMs })
    return
  }
  if (signals.barrier === 'lowered') {
    updatePassage(turn, { passing: false })
    hearAgain(turn, found)
    judgeAgain(turn, raise.right)
    return
  }
  toPhase(turn, { at: 'raised', untilMs: turn.nowMs + crossWithinMs })
}

/** K0-K5: no right was used. A vehicle that still stands there is judged anew in its own passage. */
function goOnWithoutRight(turn: Turn, found: RecoveredPassage): void {
  const { image, signals } = turn.state
  const at = positionByLevels(image.entry, image.exit)
  if (at === null) {
    const crossed = since(found.opened, signals, 'exitCount')
    recovered(turn, crossed !== null && crossed > 0 ? 'wentWithoutRight' : 'gone')
    endPassage(turn, 'aborted')
    settlePrevious(turn)
    return
  }
  if (image.exit === 'occupied') {
    recovered(turn, 'underTheBar')
    leaveUnclosed(turn, 'the exit loop was occupied at the start, and nobody had a right to pass')
    return
  }
  const rises = since(found.opened, signals, 'entryCount')
  if (rises !== 0) {
    // Proved, or not to be excluded: then a person must let it go, because it may still be the same.
    recovered(turn, rises === null ? 'perhapsAnother' : 'another')
    endPassage(turn, 'aborted')
    openPassage(turn, 'recovered', { tracks: false, person: rises === null })
    return
  }
  recovered(turn, 'waiting')
  hearAgain(turn, found)
  if (recoverSpray(turn) === 'waits') return
  const from = turn.nowMs + turn.view.settings.timing.collectMs
  startIdentifying(turn, from)
  evaluate(turn)
}

/**
 * Tags and plates recorded before the restart count as heard, so that a held trailer whose tag is
 * not heard again still holds the vehicle.
 */
function hearAgain(turn: Turn, found: RecoveredPassage): void {
  const { now, settings } = turn.view
  let { tracks } = turn.state
  for (const tag of found.tags) {
    if (tag.claim === 'neighbour') continue
    const { readerId, antenna, epc, tid, rssiDbm, count } = tag
    const read: TagRead = {
      kind: 'tag',
      readerId,
      antenna,
      zone: null,
      epc,
      tid,
      rssiDbm,
      driverId: null,
      count,
      heardAt: now,
      readerAtMs: null,
    }
    tracks = hear(tracks, read, settings.decision.sampleTagsMax)
  }
  update(turn, { tracks })
  for (const track of tracks.tags) lookUp(turn, { kind: 'tag', key: track.epc })
  for (const { plate } of turn.state.passage?.plates ?? []) lookUp(turn, { kind: 'plate', key: plate.text })
}

/** How often a loop became occupied since then; null: another boot of the PLC, or not counted. */
function since(then: Counters | null, now: LaneSignals, which: 'entryCount' | 'exitCount'): number | null {
  const before = then?.[which] ?? null
  const after = now[which]
  if (then === null || then.plcBootId !== now.plcBootId || before === null || after === null) return null
  return after - before
}

/** The entry loop was left and taken again: whoever stands there now came later. */
function isAnother(then: Counters | null, signals: LaneSignals): boolean {
  const rises = since(then, signals, 'entryCount')
  return rises !== null && rises !== 0
}
