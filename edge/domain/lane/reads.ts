import type { PlateRead, Read, TagRead } from '../../interfaces/reader.js'
import type { IdentityFacts } from '../../interfaces/list-store.js'
import { freezePlate, freezeTag, withPlate, type Passage } from '../passage/passage.js'
import { tidsOf } from '../lists/control.js'
import { normalisePlate } from '../tag/plate.js'
import { forgetBefore, hear } from '../tag/smoothing.js'
import type { PlateObservation } from '../decision/types.js'
import { askCargo, askCargoAnew } from './cargo-ask.js'
import { onDevice } from './cargo.js'
import { keptEarlier } from './earlier.js'
import { observeTags } from './inputs.js'
import { evaluate, objectLate, reconsider } from './judge.js'
import { approachPlatesMax, faultKey, type LaneState } from './state.js'
import { raiseFault, record, update, updatePassage, type Turn } from './turn.js'
import type { LaneView, LookupKey } from './types.js'

/**
 * The state after a read that changes nothing but counters: nearly all of them. Undefined when the
 * read is news for the open passage and needs a whole turn.
 */
export function hearQuietly(state: LaneState, read: Read, view: LaneView): LaneState | undefined {
  const { passage, recent } = state
  if (read.kind !== 'tag' || !state.started) return undefined
  const { settings } = view
  const nowMs = view.now.monoMs
  if (recent !== null && nowMs < recent.untilMs && isOnlyRecent(state, read.epc))
    return { ...state, lastRead: read, recent: { ...recent, lateReads: recent.lateReads + 1 } }
  if (passage !== null) {
    if (isOverflowUntold(state)) return undefined
    const known = passage.epcs.includes(read.epc) || state.tracks.overflow
    // A new tag while somebody waits behind a vehicle that is leaving is heard for the one behind.
    if (!known && !passage.position.follower) return undefined
    const tracks = hear(state.tracks, read, settings.decision.sampleTagsMax)
    return tracks.overflow && !state.tracks.overflow ? undefined : { ...state, lastRead: read, tracks }
  }
  const { approachMs } = settings.timing
  // While the loops are unknown or nothing can be recorded, and beside a vehicle that has no passage yet,
  // nothing is forgotten: whoever comes to light then may have been heard.
  const isEmpty = state.writable && !state.image.doubt && state.image.entry === 'clear'
  const thin = isEmpty && nowMs - state.thinnedAtMs > approachMs
  if (!thin)
    return { ...state, lastRead: read, tracks: hear(state.tracks, read, settings.decision.sampleTagsMax) }
  const kept = forgetBefore(state.tracks, nowMs - approachMs)
  const tracks = hear(kept, read, settings.decision.sampleTagsMax)
  return { ...state, lastRead: read, tracks, thinnedAtMs: nowMs, earlier: keptEarlier(state, view) }
}

/** A tag of the vehicle that has just left, and of nobody that is here now. */
function isOnlyRecent(state: LaneState, epc: string): boolean {
  return state.recent !== null && state.recent.ownEpcs.includes(epc) && !state.passage?.epcs.includes(epc)
}

/** A read that is news: a tag not heard before in this passage, or a plate. */
export function onRead(turn: Turn, read: Read): void {
  update(turn, { lastRead: read })
  if (read.kind === 'plate') onPlate(turn, read)
  else if (read.kind === 'device') onDevice(turn, read)
  else onNewTag(turn, read)
}

function onNewTag(turn: Turn, read: TagRead): void {
  const { sampleTagsMax } = turn.view.settings.decision
  const before = turn.state.tracks
  const tracks = hear(before, read, sampleTagsMax)
  update(turn, { tracks })
  if (tracks.overflow && !before.overflow) {
    evaluate(turn)
    reconsider(turn)
  }
  noteTags(turn)
}

/** Tags found no room in this passage, whenever that was, and nobody has been told. */
function isOverflowUntold({ tracks, faults }: LaneState): boolean {
  return tracks.overflow && !faults.includes(faultKey('lane.tooManyTags', null))
}

/**
 * Records every tag of the open passage that has not been recorded, and asks what the lists say of it.
 * That tags found no room is told here too, because a flood may be older than the vehicle it hides.
 */
export function noteTags(turn: Turn): void {
  const { passage } = turn.state
  if (!passage) return
  if (turn.state.tracks.overflow) {
    const { sampleTagsMax } = turn.view.settings.decision
    raiseFault(turn, 'lane.tooManyTags', `more than ${sampleTagsMax} different tags in one passage`)
  }
  const heard = observeTags(turn.state, turn.view)
  const tids = heard.flatMap(tidsOf).filter((tid) => !passage.tids.includes(tid))
  if (tids.length > 0) updatePassage(turn, { tids: [...passage.tids, ...tids] })
  const news = heard.filter((tag) => !passage.epcs.includes(tag.epc))
  if (news.length === 0) return
  for (const tag of news) {
    record(turn, 'tagObserved', {
      epc: tag.epc,
      tid: tag.tid,
      readerId: tag.readerIds[0] ?? '',
      antenna: tag.antennas[0] ?? '',
      rssiDbm: tag.bestRssiDbm,
      count: tag.count,
      claim: tag.claim,
    })
  }
  updatePassage(turn, { epcs: [...passage.epcs, ...news.map((tag) => tag.epc)] })
  for (const tag of news) lookUp(turn, { kind: 'tag', key: tag.epc })
}

export function lookUp(turn: Turn, of: LookupKey): void {
  const pending = turn.state.passage?.pending ?? []
  const name = `${of.kind}:${of.key}`
  if (pending.includes(name)) return
  updatePassage(turn, { pending: [...pending, name] })
  turn.others.push({ do: 'lookup', of })
}

function onPlate(turn: Turn, read: PlateRead): void {
  const { passage } = turn.state
  if (!passage || passage.position.follower) keepApproachPlate(turn, read)
  else {
    const observation = observationOf(turn, read, passage.openedMonoMs)
    if (observation) takePlate(turn, observation)
  }
}

/** A plate of a vehicle that has no passage yet. */
export function keepApproachPlate(turn: Turn, read: PlateRead): void {
  const observation = observationOf(turn, read, turn.nowMs)
  if (!observation) return
  const plates = [...turn.state.approachPlates, { observation, monoMs: turn.nowMs }]
  update(turn, { approachPlates: plates.slice(-approachPlatesMax) })
}

function observationOf(turn: Turn, read: PlateRead, openedMonoMs: number): PlateObservation | null {
  const text = normalisePlate(read.plate.text)
  if (text === '') {
    turn.ignored = 'a plate without a letter or digit'
    return null
  }
  return {
    plate: { region: read.plate.region, text },
    confidence: read.confidence,
    readerId: read.readerId,
    heardMs: Math.round(turn.nowMs - openedMonoMs),
  }
}

function takePlate(turn: Turn, observation: PlateObservation): void {
  const { passage } = turn.state
  if (!passage) return
  const { plates, is } = withPlate(passage.plates, observation)
  if (is === 'shed') updatePassage(turn, { platesShed: passage.platesShed + 1 })
  if (is === 'known' || is === 'shed') return
  updatePassage(turn, { plates })
  if (is === 'better') {
    evaluate(turn)
    reconsider(turn)
    return
  }
  const { plate, confidence, readerId } = observation
  record(turn, 'plateObserved', { plate: plate.text, region: plate.region, confidence, readerId })
  lookUp(turn, { kind: 'plate', key: plate.text })
}

/** Plates read while the vehicle drove up. */
export function takeApproachPlates(turn: Turn, sinceMs: number): void {
  const { approachPlates } = turn.state
  update(turn, { approachPlates: [] })
  for (const { observation, monoMs } of approachPlates) {
    if (monoMs >= sinceMs) takePlate(turn, { ...observation, heardMs: Math.round(monoMs - turn.nowMs) })
  }
}

/** What the lists say of a tag or plate of the open passage, frozen into it. */
export function onFacts(turn: Turn, of: LookupKey, facts: IdentityFacts): void {
  const { passage } = turn.state
  const name = `${of.kind}:${of.key}`
  if (!passage?.pending.includes(name)) {
    turn.ignored = 'facts that no open passage waits for'
    return
  }
  updatePassage(turn, {
    pending: passage.pending.filter((other) => other !== name),
    facts:
      of.kind === 'tag' ? freezeTag(passage.facts, of.key, facts) : freezePlate(passage.facts, of.key, facts),
  })
  askCargo(turn)
  if (isOnItsWay(passage)) objectLate(turn, of.kind === 'tag' ? of.key : (passage.epcs[0] ?? ''))
  else {
    evaluate(turn)
    reconsider(turn)
  }
}

/** The barrier has been asked for this vehicle, and nothing calls it back. */
export function isOnItsWay(passage: Passage): boolean {
  const { at } = passage.phase
  return at === 'raising' || at === 'raised' || at === 'crossing'
}

/** Asks again for what the lists could not tell, or did not have, before they were switched. */
export function lookUpMissing(turn: Turn): void {
  const { passage } = turn.state
  if (!passage) return
  const { tags, plates, vehicles } = passage.facts
  const isMissing = (fact: unknown): boolean => fact === 'unknown' || fact === null
  const vehicleMissing = (id: string): boolean => !Object.hasOwn(vehicles, id) || isMissing(vehicles[id])
  for (const [key, tag] of Object.entries(tags)) {
    if (tag === 'unknown' || tag === null || vehicleMissing(tag.vehicleId)) lookUp(turn, { kind: 'tag', key })
  }
  for (const [key, vehicleId] of Object.entries(plates)) {
    if (isMissing(vehicleId)) lookUp(turn, { kind: 'plate', key })
  }
  askCargoAnew(turn)
}
