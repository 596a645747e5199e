import { namesOfTag, objectionsOn } from '../lists/control.js'
import type { SubjectKey } from '../../interfaces/list-store.js'
import type { Sensed } from '../../interfaces/reader.js'
import { isAlarmed, isAlarming, normaliseContainer } from '../passage/cargo.js'
import type { FrozenFacts, Passage } from '../passage/passage.js'
import { factOf } from '../decision/facts.js'
import { keysOfEpcs, observeTags } from './inputs.js'
import type { Doubtful } from './state.js'
import { update, type Turn } from './turn.js'

/** Who was heard behind a vehicle that drove on comes to the line within this time, or is somebody else. */
export const followsWithinMs = 15_000
const doubtfulMax = 256

/**
 * Everything heard in the passage that ended: it need not have been this vehicle's, because the one
 * behind is heard too. A vehicle that did not go through may still stand there or come again as another,
 * so that what spoke against it waits for whoever comes, however late. What was in doubt before it stays
 * so, unless it was judged and went through, or a person saw it and told it to turn back.
 */
export function doubtfulAfter(turn: Turn, passage: Passage, wentThrough: boolean): Doubtful | null {
  const wasSeen = wentThrough ? passage.judged !== null : passage.phase.at === 'returning'
  const heard = [
    ...keysOfEpcs(passage, [...passage.epcs, ...passage.tids]),
    ...(wasSeen ? [] : passage.doubtfulKeys),
  ]
  const unknown = [
    ...passage.epcs.filter((epc) => !isPlacedTag(passage.facts, epc)),
    ...passage.plates.map(({ plate }) => plate.text).filter((text) => !isPlacedPlate(passage.facts, text)),
    ...(!wentThrough && isAlarmed(passage.cargo.seen) ? [alarm] : []),
  ]
  const older = [...(wasSeen ? [] : passage.unplaced), ...(turn.state.doubtful?.unplaced ?? [])]
  const keys = distinct([...heard, ...(turn.state.doubtful?.keys ?? [])])
  const unplaced = [...new Set([...unknown, ...older])]
  if (keys.length + unplaced.length === 0) return null
  return bounded(keys, unplaced, wentThrough ? turn.nowMs + followsWithinMs : null)
}

/** What finds no room may be what an order names, so that then a person looks in any case. */
function bounded(keys: readonly SubjectKey[], unplaced: readonly string[], untilMs: number | null): Doubtful {
  return {
    keys: keys.slice(0, doubtfulMax),
    unplaced: unplaced.slice(0, doubtfulMax),
    untilMs,
    overflow: keys.length > doubtfulMax || unplaced.length > doubtfulMax,
  }
}

/** The lists have said all that an order may name it by: not of what is not answered, or was lost in a restart. */
function isPlacedTag(facts: FrozenFacts, epc: string): boolean {
  const tag = factOf(facts.tags, epc)
  return tag !== 'unknown' && (tag === null || factOf(facts.vehicles, tag.vehicleId) !== 'unknown')
}

function isPlacedPlate(facts: FrozenFacts, text: string): boolean {
  const vehicleId = factOf(facts.plates, text)
  return vehicleId !== 'unknown' && (vehicleId === null || factOf(facts.vehicles, vehicleId) !== 'unknown')
}

/** Stands for an alarm of which nobody knows whose it is: nothing that is heard explains it. */
const alarm = 'alarm:'

/** A name for what was sensed while nobody could see whose it was; none where it speaks against nobody. */
function nameOfSensed(sensed: Sensed): string[] {
  if (isAlarming(sensed)) return [alarm]
  if (sensed.of === 'card') return [`card:${sensed.cardNo.trim()}`]
  return sensed.of === 'container' ? [`container:${normaliseContainer(sensed.number)}`] : []
}

function distinct(keys: readonly SubjectKey[]): SubjectKey[] {
  return [...new Map(keys.map((key) => [`${key.kind} ${key.key}`, key])).values()]
}

/** What was heard while nobody could see whose it was: until it is explained, a person looks. */
export function doubtTracks(turn: Turn): void {
  const { state, view } = turn
  const epcs = observeTags(state, view).flatMap((tag) => (tag.claim === 'neighbour' ? [] : [tag.epc]))
  const plates = state.approachPlates.map(({ observation }) => observation.plate.text)
  const sensed = state.approachSensed.flatMap((one) => nameOfSensed(one.sensed))
  if (epcs.length + plates.length + sensed.length === 0) return
  const unplaced = [...new Set([...epcs, ...plates, ...sensed, ...(state.doubtful?.unplaced ?? [])])]
  const untilMs = state.doubtful?.untilMs === null ? null : turn.nowMs + followsWithinMs
  const doubtful = bounded(state.doubtful?.keys ?? [], unplaced, untilMs)
  update(turn, {
    doubtful: { ...doubtful, overflow: doubtful.overflow || state.doubtful?.overflow === true },
  })
}

/** An order speaks against something of before its approach that is not this vehicle's own. */
function isObjectedBefore(turn: Turn, passage: Passage): boolean {
  const { facts, earlier } = passage
  const epcs = earlier.epcs.filter((epc) => !passage.epcs.includes(epc))
  const seen = passage.plates.map(({ plate }) => plate.text)
  const plates = earlier.plates.filter(({ plate }) => !seen.includes(plate.text))
  if (epcs.length + plates.length === 0) return false
  if (!epcs.every((epc) => isPlacedTag(facts, epc))) return true
  if (!plates.every(({ plate }) => isPlacedPlate(facts, plate.text))) return true
  const found = objectionsOn(turn.view.control, keysOfEpcs({ ...passage, plates }, epcs), turn.view.now)
  return found !== 'unknown' && found.length > 0
}

/**
 * An order speaks against something heard just before, which may have been this vehicle's; or something
 * was heard while the lane was blind and has not turned out to be this vehicle's.
 */
export function isDoubtful(turn: Turn, passage: Passage): boolean {
  const { epcs, plates, unplaced, cargo } = passage
  const loads = [
    ...cargo.seen.cards.map((cardNo) => `card:${cardNo}`),
    ...(cargo.seen.containers ?? []).map(({ number }) => `container:${number}`),
  ]
  const isExplained = (name: string): boolean =>
    epcs.includes(name) || plates.some(({ plate }) => plate.text === name) || loads.includes(name)
  if (!unplaced.every(isExplained) || isObjectedBefore(turn, passage)) return true
  if (passage.doubtfulKeys.length === 0) return false
  const found = objectionsOn(turn.view.control, passage.doubtfulKeys, turn.view.now)
  return found !== 'unknown' && found.length > 0
}

/** An order speaks against anything recorded with the passage or still heard, also where the reads were forgotten. */
export function isObjectedTo(turn: Turn, passage: Passage): boolean {
  const heard = observeTags(turn.state, turn.view).filter((tag) => tag.claim !== 'neighbour')
  const names = new Set([...passage.epcs, ...passage.tids, ...heard.flatMap(namesOfTag)])
  const found = objectionsOn(turn.view.control, keysOfEpcs(passage, [...names]), turn.view.now)
  return found === 'unknown' || found.length > 0
}

/** Of something that was heard with it nobody knows yet whose it is: an order on that vehicle would go unseen. */
export function isUnexplained(passage: Passage): boolean {
  return passage.pending.length > 0 || passage.epcs.some((epc) => !isPlacedTag(passage.facts, epc))
}
