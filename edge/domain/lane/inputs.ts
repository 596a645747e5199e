import { effectOf, isEffective, namesOfTag, subjectKeys } from '../lists/control.js'
import type { ControlOrder } from '../../messages/entities.js'
import { factOf } from '../decision/facts.js'
import { observe } from '../tag/smoothing.js'
import type {
  DecisionInputs,
  Facts,
  LaneObservation,
  Observations,
  TagObservation,
  Tri,
} from '../decision/types.js'
import type { SubjectKey } from '../../interfaces/list-store.js'
import type { Passage } from '../passage/passage.js'
import { cargoKeys, withCargo } from './cargo-inputs.js'
import { sprayerOf } from './disinfect.js'
import type { LaneState } from './state.js'
import type { LaneView } from './types.js'

/** Name under which the lane's own barrier stands among the devices of a decision. */
export const barrierDevice = 'barrier'

/** The tags of the open passage, or of an empty lane, as a decision sees them. */
export function observeTags(state: LaneState, view: LaneView): TagObservation[] {
  const nowMonoMs = view.now.monoMs
  return observe(
    state.tracks,
    {
      openedMonoMs: state.passage?.openedMonoMs ?? nowMonoMs,
      nowMonoMs,
      departedAfterMs: view.settings.timing.departedAfterMs,
    },
    view.elsewhere,
    { loopOccupiedForMs: state.entrySinceMs === null ? null : nowMonoMs - state.entrySinceMs },
  )
}

/** What the lane senses of itself. Unknown stays unknown: it is never rounded to something kinder. */
export function observeLane(state: LaneState, passage: Passage, view: LaneView): LaneObservation {
  const { signals } = state
  const { cargo } = passage
  return {
    entryLoop: signals.entryLoop,
    exitLoop: signals.exitLoop,
    barrier: signals.barrier,
    intrusion: intrusionOf(state, passage),
    previousClosed: previousClosedOf(state, passage),
    presentForMs: Math.round(view.now.monoMs - passage.openedMonoMs),
    tooManyTags: state.tracks.overflow || cargo.seen.overflow || (view.sensedShed ?? 0) > cargo.shedBefore,
  }
}

function intrusionOf(state: LaneState, passage: Passage): Tri {
  if (state.intrusion !== null || passage.violated) return true
  const { entryLoop, exitLoop } = state.signals
  return entryLoop === 'unknown' || exitLoop === 'unknown' ? 'unknown' : false
}

function previousClosedOf(state: LaneState, passage: Passage): Tri {
  if (state.previous.closed !== true) return state.previous.closed
  if (state.signals.exitLoop === 'unknown') return 'unknown'
  // Somebody stands on the exit loop while this vehicle has not got there.
  return !(state.signals.exitLoop === 'occupied' && passage.position.where === 'onEntry')
}

/** Every identity of the passage that an order may name, the neighbour's tags left out. */
export function keysOf(passage: Passage, tags: readonly TagObservation[]): SubjectKey[] {
  const mine = tags.filter((tag) => tag.claim !== 'neighbour').flatMap(namesOfTag)
  return keysOfEpcs(passage, mine)
}

export function keysOfEpcs(passage: Passage, epcs: readonly string[]): SubjectKey[] {
  const { facts } = passage
  const vehicleIds = new Set<string>()
  for (const epc of epcs) {
    const tag = factOf(facts.tags, epc)
    if (tag !== null && tag !== 'unknown') vehicleIds.add(tag.vehicleId)
  }
  const plates = new Set(passage.plates.map((plate) => plate.plate.text))
  for (const plate of plates) {
    const vehicleId = factOf(facts.plates, plate)
    if (vehicleId !== null && vehicleId !== 'unknown') vehicleIds.add(vehicleId)
  }
  // An order on its tag holds a vehicle that is known by its plate alone.
  const theirs = Object.values(facts.tags).flatMap((tag) =>
    tag !== null && tag !== 'unknown' && vehicleIds.has(tag.vehicleId) ? namesOfTag(tag) : [],
  )
  const companyIds = new Set<string>()
  for (const vehicleId of vehicleIds) {
    const vehicle = factOf(facts.vehicles, vehicleId)
    if (vehicle === null || vehicle === 'unknown') continue
    if (vehicle.companyId !== undefined) companyIds.add(vehicle.companyId)
    for (const plate of vehicle.plates) plates.add(plate.text)
  }
  const own = subjectKeys({
    epcs: [...epcs, ...theirs],
    plates: [...plates],
    vehicleIds: [...vehicleIds],
    companyIds: [...companyIds],
  })
  const load = cargoKeys(passage)
  return load.length === 0 ? own : eachOnce([...own, ...load])
}

function eachOnce(keys: readonly SubjectKey[]): SubjectKey[] {
  return [...new Map(keys.map((key) => [`${key.kind} ${key.key}`, key])).values()]
}

/** Facts of everything observed; what has not been answered is unknown. */
function freeze(passage: Passage, tags: readonly TagObservation[], view: LaneView): Facts {
  const known = passage.facts
  const keys = keysOfEpcs(passage, tags.flatMap(namesOfTag))
  const orders = view.control.ordersOn(keys)
  const blacklist = view.control.blacklistOn(keys)
  return {
    tags: Object.fromEntries(tags.map(({ epc }) => [epc, factOf(known.tags, epc)])),
    vehicles: known.vehicles,
    plates: Object.fromEntries(
      passage.plates.map(({ plate: { text } }) => [text, factOf(known.plates, text)]),
    ),
    ...boundedOrders(orders, view.now),
    blacklist:
      blacklist === 'unknown' ? blacklist : [...blacklist].sort((a, b) => (a.entryId < b.entryId ? -1 : 1)),
  }
}

/** Orders that a record holds: part of a plate may be that of many, and a record is one message. */
export const ordersMax = 128

/**
 * The orders as the record holds them. Past the bound those that only notify or are not in force go first, so that what
 * stops a vehicle is never crowded out by what does not; the rest is counted. The second look asks the lists for all.
 */
export function boundedOrders(
  orders: readonly ControlOrder[] | 'unknown',
  now: LaneView['now'],
): Pick<Facts, 'orders' | 'ordersLeftOut'> {
  if (orders === 'unknown') return { orders }
  const byId = (a: ControlOrder, b: ControlOrder) => (a.orderId < b.orderId ? -1 : 1)
  if (orders.length <= ordersMax) return { orders: [...orders].sort(byId) }
  const isIdle = (order: ControlOrder) =>
    isEffective(order, now) && effectOf(order).effect !== 'silent' ? 0 : 1
  const first = [...orders].sort((a, b) => isIdle(a) - isIdle(b) || byId(a, b)).slice(0, ordersMax)
  return { orders: first.sort(byId), ordersLeftOut: orders.length - ordersMax }
}

function devicesOf(passage: Passage, view: LaneView): Readonly<Record<string, Tri>> {
  const devices: Record<string, Tri> = {}
  for (const id of [...view.settings.requiredDevices].sort()) devices[id] = factOf(view.devices, id)
  if (passage.barrierFailed) devices[barrierDevice] = false
  return devices
}

/**
 * Everything a decision rests on, complete and JSON only, so that the record replays in another
 * process (law 10).
 */
export function assembleInputs(
  state: LaneState,
  passage: Passage,
  view: LaneView,
  tags: readonly TagObservation[] = observeTags(state, view),
): DecisionInputs {
  return withCargo(assembleBare(state, passage, view, tags), passage, view, sprayerOf(state.signals))
}

/** The same without driver and load. */
export function assembleBare(
  state: LaneState,
  passage: Passage,
  view: LaneView,
  tags: readonly TagObservation[] = observeTags(state, view),
): DecisionInputs {
  const observations: Observations = {
    tags,
    plates: passage.plates,
    lane: observeLane(state, passage, view),
  }
  return {
    passageId: passage.id,
    lane: view.settings.id,
    mode: state.mode,
    profile: view.settings.profile,
    policy: view.settings.decision,
    now: { wallMs: Math.round(view.now.wallMs), clockQuality: view.now.clockQuality },
    observations,
    facts: freeze(passage, tags, view),
    lists: view.lists,
    ...((view.resyncLeftMs ?? 0) > 0 && { resyncLeftMs: view.resyncLeftMs ?? 0 }),
    devices: devicesOf(passage, view),
    journalWritable: state.writable,
    incidentId: state.incidentId,
    tagMissesBefore: state.tagMisses,
    rulesetVersion: view.rulesetVersion,
    configHash: view.configHash,
  }
}
