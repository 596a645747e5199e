import type { EventBody, passageEnds } from '../../messages/events.js'
import { follow, positionByLevels, type Moved } from '../passage/follow.js'
import { isAlarmed, type SensedCargo } from '../passage/cargo.js'
import { newPassage, type Passage } from '../passage/passage.js'
import type { Edge } from '../barrier/image.js'
import { forgetBefore, noTracks, type Tracks } from '../tag/smoothing.js'
import { doubtfulAfter, doubtTracks, isObjectedTo, isUnexplained } from './doubt.js'
import { takeEarlier } from './earlier.js'
import { assembleInputs, observeTags } from './inputs.js'
import { carrySensed, takeApproachSensed } from './cargo.js'
import { recordConsumed } from './cargo-consume.js'
import { leaveSpray } from './disinfect.js'
import { closeEscalation, evaluate, openEscalation, startIdentifying } from './judge.js'
import { closeOnBattery, standByNow } from './mode.js'
import { noteTags, takeApproachPlates } from './reads.js'
import { isJudging } from './state.js'
import {
  clearFault,
  guide,
  guideEmpty,
  raiseFault,
  record,
  remind,
  toPhase,
  update,
  updatePassage,
  type Turn,
} from './turn.js'

export type PassageEnd = (typeof passageEnds)[number]

/**
 * A vehicle of which neither loop tells anything for this long has backed out. A vehicle longer
 * than 2 m covers both loops on its way through, so that only a gap in the image is bridged.
 */
export const lostSightMs = 1_000

/** What is carried over to a vehicle that was found on the loop, not seen to come. */
export interface Carried {
  /** It has been there all the time, so what was heard belongs to it. */
  readonly tracks: boolean
  /** The one before it on the loop, very likely the same, may not go without a person. */
  readonly person: boolean
  /** What was sensed of it in the passage before. */
  readonly sensed?: SensedCargo
}

/**
 * Opens the passage of the vehicle on the entry loop. What was heard on its approach belongs to it,
 * if its coming was seen; of a vehicle that was found there nobody knows whose reads those were.
 */
export function openPassage(
  turn: Turn,
  cause: 'loop' | 'recovered',
  carried: Carried = { tracks: false, person: false },
): void {
  if (cause === 'recovered' && !carried.tracks) doubtTracks(turn)
  const { state, view } = turn
  const { settings, now } = view
  const no = state.lastPassageNo + 1
  const id = `${settings.idPrefix}.${no}`
  const isLoop = cause === 'loop'
  const { doubtful } = state
  const inDoubt = doubtful !== null && (doubtful.untilMs === null || turn.nowMs <= doubtful.untilMs)
  const found = carried.tracks ? state.tracks : noTracks
  const fresh = newPassage(no, id, now, view.readsShed ?? 0)
  update(turn, {
    lastPassageNo: no,
    passage: {
      ...fresh,
      contingency: state.mode === 'EMERGENCY_OPEN',
      cargo: { ...fresh.cargo, shedBefore: view.sensedShed ?? 0 },
      person: carried.person || (inDoubt && doubtful.overflow),
      doubtfulKeys: inDoubt ? doubtful.keys : [],
      unplaced: inDoubt ? doubtful.unplaced : [],
    },
    // Each doubt belongs to one follower; who comes after him is another matter.
    doubtful: null,
    tracks: isLoop ? forgetBefore(state.tracks, approachSinceMs(turn)) : found,
    approachPlates: isLoop ? state.approachPlates : [],
    approachSensed: isLoop || carried.tracks ? state.approachSensed : [],
  })
  const { entryCount, exitCount, plcBootId } = state.signals
  record(
    turn,
    'passageOpened',
    { passageNo: no, direction: settings.direction, cause, entryCount, exitCount, plcBootId },
    { captured: state.mode === 'MANUAL' ? 'manual' : 'auto' },
  )
  noteTags(turn)
  if (isLoop) takeEarlier(turn, state, approachSinceMs(turn))
  takeApproachPlates(turn, approachSinceMs(turn))
  if (carried.sensed !== undefined) carrySensed(turn, carried.sensed)
  takeApproachSensed(turn, approachSinceMs(turn))
  if (!isJudging(turn.state.mode)) return standByNow(turn)
  startIdentifying(turn, turn.nowMs + settings.timing.collectMs)
  evaluate(turn)
}

/** Since when reads belong to the vehicle on the entry loop; it may have waited there for the one in front. */
export function approachSinceMs({ state, nowMs, view }: Turn): number {
  return Math.min(nowMs, state.entrySinceMs ?? nowMs) - view.settings.timing.approachMs
}

/** One change of one loop. */
export function onEdge(turn: Turn, edge: Edge): void {
  const { passage, previous } = turn.state
  if (!passage) {
    if (edge === 'entryRose') openPassage(turn, 'loop')
    // What stood under the bar without a passage of its own has gone: the lane is free (row 4).
    else if (edge === 'exitFell' && previous.closed !== true) settlePrevious(turn)
    return
  }
  const { position, moved } = follow(passage.position, edge)
  if (moved === null) {
    if (edge === 'exitFell' && passage.position.where === 'onEntry' && previous.closed !== true) {
      settlePrevious(turn)
      evaluate(turn)
    }
    return
  }
  updatePassage(turn, {
    position,
    lostSightMs: moved === 'lostSight' ? turn.nowMs : null,
    leftEntryMs: moved === 'leftEntry' ? turn.nowMs : passage.leftEntryMs,
  })
  onMoved(turn, moved)
}

/** The vehicle before is known to be gone. */
export function settlePrevious(turn: Turn): void {
  update(turn, { previous: { ...turn.state.previous, closed: true } })
  clearFault(turn, 'lane.previousNotClosed')
}

function onMoved(turn: Turn, moved: Moved): void {
  switch (moved) {
    case 'ontoExit':
      return ontoExit(turn)
    case 'leftEntry':
      // Nobody behind it may take its green light for his own.
      if (turn.state.passage?.phase.at !== 'violating') guide(turn, 'red', 'prompt.wait')
      return
    case 'offExit':
      return offExit(turn)
    case 'reversed':
      return onReversed(turn)
    case 'secondFollowed':
      violate(turn, 'tailgating', 'a second vehicle left the entry loop while the first was under the bar')
      return
    case 'returned':
      return onReturned(turn)
    case 'lostSight':
    case 'secondArrived':
      return
  }
}

/**
 * Something stands on the entry loop again after neither loop had shown anything: the same vehicle
 * behind its drawbar, or the next one in its place. An answer to what stood there before is no answer
 * to this one: it gets an escalation of its own, and the lane lets it go by itself no more.
 */
function onReturned(turn: Turn): void {
  const { passage } = turn.state
  if (passage?.phase.at !== 'escalated' || passage.judged === null) return
  const { judged } = passage
  closeEscalation(turn, 'lostSight')
  updatePassage(turn, { person: true })
  openEscalation(turn, judged, assembleInputs(turn.state, passage, turn.view))
}

/** The front is under the bar: by right, by the key, or against the red light (闯关). */
function ontoExit(turn: Turn): void {
  const { passage, raisedBy, signals } = turn.state
  if (!passage) return
  const { phase, raise } = passage
  const barUp = signals.barrier === 'raised' || signals.barrier === 'moving'
  // The PLC's word for the request may come after the vehicle: a request under way and a bar that is up.
  const underWay = phase.at === 'raising' && raise?.fate === 'open' && barUp
  if (passage.passing || underWay) {
    if (underWay && !passage.passing) {
      const detail = 'the bar is up and the vehicle drives; the PLC has not named the request'
      record(turn, 'barrierOutcome', { commandId: raise.commandId, outcome: 'unknown', detail })
    }
    closeEscalation(turn, 'crossed')
    toPhase(turn, { at: 'crossing' })
    remind(turn, 1)
    return
  }
  if (raisedBy === 'key') {
    closeEscalation(turn, 'passedByKey')
    updatePassage(turn, { byKey: true })
    toPhase(turn, { at: 'crossing' })
    return
  }
  const behind = barUp && raisedBy === 'command'
  violate(
    turn,
    behind ? 'tailgating' : 'runThrough',
    behind
      ? 'onto the exit loop under a bar that was up for another vehicle'
      : 'onto the exit loop without a right',
  )
}

/**
 * Somebody passed without a right. It is written down and shown; the barrier is asked for nothing,
 * and whoever comes next waits for a person (row 3).
 */
export function violate(turn: Turn, kind: EventBody<'violation'>['kind'], detail: string): void {
  const { passage } = turn.state
  if (!passage) return
  closeEscalation(turn, 'violation')
  record(turn, 'violation', { kind, detail })
  update(turn, { intrusion: { passageId: passage.id } })
  updatePassage(turn, { violated: true })
  toPhase(turn, { at: 'violating' })
  raiseFault(turn, 'lane.violation', `${kind}: ${detail}`)
  if (turn.state.mode !== 'EMERGENCY_OPEN') guide(turn, 'red', 'prompt.stop')
}

function offExit(turn: Turn): void {
  const { passage } = turn.state
  if (!passage) return
  endPassage(turn, passage.violated ? 'violation' : 'cleared')
  if (turn.state.image.entry === 'occupied') openPassage(turn, 'loop')
}

function onReversed(turn: Turn): void {
  const { passage } = turn.state
  if (!passage) return
  if (!passage.violated)
    violate(turn, 'reversed', 'the exit loop became free while the entry loop stayed occupied')
  endPassage(turn, 'violation')
  if (turn.state.image.entry === 'occupied') openPassage(turn, 'loop')
}

/** Neither loop has shown the vehicle for a while. */
export function giveUpSight(turn: Turn): void {
  const { passage } = turn.state
  if (!passage || passage.lostSightMs === null) return
  if (passage.phase.at === 'returning') return endPassage(turn, 'returned')
  if (passage.passing) {
    // It had the right and the bar was up: that it backed out cannot be told from an exit loop that is dead.
    return leaveUnclosed(turn, 'the vehicle left the entry loop and the exit loop has not seen it')
  }
  endPassage(turn, 'backedOut')
}

/** Ends a passage of which nobody knows whether its vehicle is gone; a person says so (row 4). */
export function leaveUnclosed(turn: Turn, detail: string): void {
  const passageId = turn.state.passage?.id ?? null
  endPassage(turn, 'aborted')
  update(turn, { previous: { closed: false, passageId } })
  raiseFault(turn, 'lane.previousNotClosed', `${passageId ?? 'a passage'}: ${detail}`)
}

/** It left by the exit, by right or not; otherwise it may still be there or come again. */
export function wentThrough(how: PassageEnd | null): boolean {
  return how === 'cleared' || how === 'violation'
}

/** Closes the books of the open passage. */
export function endPassage(turn: Turn, how: PassageEnd, captured: 'auto' | 'backoffice' = 'auto'): void {
  const { state, view } = turn
  const { passage, tracks } = state
  if (!passage) return
  closeEscalation(turn, how)
  recordConsumed(turn, passage, how)
  leaveSpray(turn)
  const behind = heardBehind(tracks, passage)
  const own = observeTags(state, view).filter(
    (tag) => tag.claim !== 'neighbour' && !behind.tags.some((other) => other.epc === tag.epc),
  )
  record(
    turn,
    'passageEnded',
    {
      how,
      outcome: passage.judged?.outcome ?? null,
      readsHeard: tracks.heard,
      readsShed: tracks.shed + passage.platesShed + (view.readsShed ?? 0) - passage.shedBefore,
      durationMs: Math.max(0, Math.round(turn.nowMs - passage.openedMonoMs)),
    },
    { captured: passage.byKey || isByHand(passage) ? 'manual' : captured },
  )
  const isThrough = wentThrough(how)
  const ownEpcs = own.map((tag) => tag.epc).filter((epc) => isOfJudged(passage, epc))
  const stillUnclosed = !isThrough && state.previous.closed === false
  update(turn, {
    passage: null,
    tracks: isThrough ? behind : noTracks,
    approachPlates: isThrough ? state.approachPlates : [],
    // That this one went back says nothing of the one before it.
    previous: stillUnclosed ? state.previous : { closed: true, passageId: passage.id },
    orphan: passage.raise?.fate === 'open' ? { raise: passage.raise, passageId: passage.id } : state.orphan,
    tagMisses: missesAfter(state.tagMisses, passage),
    doubtful: doubtfulAfter(turn, passage, isThrough),
    recent: {
      passageId: passage.id,
      epcs: isSurelyJudged(passage) ? ownEpcs : own.flatMap((tag) => (tag.claim === 'mine' ? [tag.epc] : [])),
      ownEpcs,
      untilMs: turn.nowMs + (isThrough ? view.settings.timing.afterglowMs : 0),
      lateReads: 0,
      wentThrough: isThrough,
      contingency: passage.contingency,
    },
  })
  clearFault(turn, 'lane.tooManyTags')
  if (!stillUnclosed) clearFault(turn, 'lane.previousNotClosed')
  if (turn.state.orphan === null) clearFault(turn, 'barrier.unknownOutcome')
  if (turn.state.closing) closeOnBattery(turn)
  else guideEmpty(turn)
}

/** A person's command opened for it. */
function isByHand({ passing, raise }: Passage): boolean {
  return passing && raise?.right.by === 'command'
}

/** It was taken for one vehicle, and no rule of identity had a doubt. */
function isSurelyJudged({ judged }: Passage): boolean {
  return judged !== null && judged.vehicleId !== null && !judged.codes.some((code) => code.startsWith('ID-'))
}

/** A tag that the lists give to the very vehicle the passage was judged as. */
function isOfJudged(passage: Passage, epc: string): boolean {
  if (!isSurelyJudged(passage)) return false
  const tag = Object.hasOwn(passage.facts.tags, epc) ? passage.facts.tags[epc] : undefined
  const known = tag !== undefined && tag !== null && tag !== 'unknown'
  return known && tag.vehicleId === passage.judged?.vehicleId
}

/** Tags first heard after the vehicle had left the entry loop: they may be the next one's approach. */
function heardBehind(tracks: Tracks, passage: Passage): Tracks {
  const { leftEntryMs } = passage
  if (leftEntryMs === null) return noTracks
  const tags = tracks.tags.filter((track) => track.firstHeardMonoMs > leftEntryMs)
  const heard = tags.reduce((sum, track) => sum + track.reports, 0)
  const { lastShedMonoMs } = tracks
  // A tag that found no room since then may be the next one's: what is missing of him is not known.
  if (lastShedMonoMs === null || lastShedMonoMs <= leftEntryMs) return { ...noTracks, tags, heard }
  return { ...noTracks, tags, heard, overflow: true, lastShedMonoMs }
}

function missesAfter(before: number, passage: Passage): number {
  if (passage.judged?.tagMissed === true) return before + 1
  return passage.epcs.length > 0 ? 0 : before
}

/**
 * Takes up the lane by the loops' levels alone, after a gap in what was seen (PLC restarted) or
 * recorded (journal away). A vehicle that had the bar raised for it goes on; any other becomes a
 * new passage. `watched`: its loop was watched all the time. If not, it may be another vehicle, so
 * nothing that speaks for it is carried over; but what spoke against it still calls a person. `dark`:
 * vehicles may have changed places while nothing was recorded, and whoever stands where one was
 * under way before must be looked at by a person.
 */
export function resync(turn: Turn, why: string, watched: boolean, dark = false): void {
  const { passage, image } = turn.state
  const at = positionByLevels(image.entry, image.exit)
  if (passage === null) {
    if (image.exit === 'occupied') doubtPrevious(turn, why)
    else settlePrevious(turn)
    if (image.entry === 'occupied') openPassage(turn, 'recovered', { tracks: false, person: dark })
    return
  }
  const { where } = passage.position
  const onItsWay = passage.passing || passage.byKey || passage.violated
  if (onItsWay && at !== null) {
    if (image.exit === 'occupied') {
      updatePassage(turn, { position: at, lostSightMs: null })
      if (passage.phase.at === 'raised' || passage.phase.at === 'raising') toPhase(turn, { at: 'crossing' })
      return
    }
    if (where === 'onEntry' && turn.state.signals.barrier === 'raised') return
  }
  if (onItsWay && at === null && (where === 'onBoth' || where === 'onExit'))
    return endPassage(turn, passage.violated ? 'violation' : 'cleared')
  const same = watched && where === 'onEntry'
  const { tracks } = turn.state
  const { seen } = passage.cargo
  // What was asked of the sprayer may have come to its end or not.
  const unsure = passage.phase.at === 'disinfecting' || (!same && (isUnexplained(passage) || isAlarmed(seen)))
  const person = passage.person || dark || isObjectedTo(turn, passage) || unsure
  const carried: Carried = same ? { tracks: same, person, sensed: seen } : { tracks: same, person }
  if (image.exit === 'occupied') leaveUnclosed(turn, why)
  else endPassage(turn, onItsWay || at !== null ? 'aborted' : 'backedOut')
  if (image.entry !== 'occupied') return
  update(turn, { tracks })
  openPassage(turn, 'recovered', carried)
}

export function doubtPrevious(turn: Turn, why: string): void {
  update(turn, { previous: { ...turn.state.previous, closed: false } })
  raiseFault(turn, 'lane.previousNotClosed', why)
}
