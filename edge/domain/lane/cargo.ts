import type { DeviceRead, Sensed } from '../../interfaces/reader.js'
import type { CargoFacts } from '../decision/cargo.js'
import { isAlarming, sensedAgain, withSensed, type SensedCargo } from '../passage/cargo.js'
import { askCargo } from './cargo-ask.js'
import { evaluate, objectLate, reconsider } from './judge.js'
import { isLate } from './late-findings.js'
import { isOnItsWay } from './reads.js'
import { approachSensedMax, type ApproachSensed } from './state.js'
import { raiseFault, record, update, updatePassage, type Turn } from './turn.js'

/** Findings written down for one passage: a device that changes its word all the time must not fill the journal. */
const writtenMax = 256

/** A finding about driver or load: of the open passage, or of the vehicle that comes next, as a plate is. */
export function onDevice(turn: Turn, read: DeviceRead): void {
  if (isLate(turn, read)) {
    turn.ignored = 'a finding that came too late to tell whose it is'
    return
  }
  const { passage } = turn.state
  if (!passage || passage.position.follower) {
    keepApproachSensed(turn, read)
    return
  }
  takeSensed(turn, read.readerId, read.sensed)
  // An alarm behind a vehicle that is leaving may be the next one's: both are told of it.
  if (passage.leftEntryMs !== null && isAlarming(read.sensed)) keepApproachSensed(turn, read)
}

/** Of a vehicle that has no passage yet. */
export function keepApproachSensed(turn: Turn, read: DeviceRead): void {
  const { state, nowMs, view } = turn
  const sinceMs = Math.min(nowMs, state.entrySinceMs ?? nowMs) - view.settings.timing.approachMs
  const kept = state.approachSensed.filter(({ monoMs }) => monoMs >= sinceMs)
  const all: ApproachSensed[] = [
    ...kept,
    { readerId: read.readerId, sensed: read.sensed, monoMs: nowMs, lost: false },
  ]
  const [oldest, next] = all
  const isFull = all.length > approachSensedMax && oldest !== undefined && next !== undefined
  // The mark that something found no room lives as long as the newest finding before it would.
  update(turn, { approachSensed: isFull ? [{ ...next, lost: true }, ...all.slice(2)] : all })
}

/** What was sensed while the vehicle drove up. */
export function takeApproachSensed(turn: Turn, sinceMs: number): void {
  const { approachSensed } = turn.state
  update(turn, { approachSensed: [] })
  for (const { readerId, sensed, monoMs, lost } of approachSensed) {
    if (monoMs < sinceMs) continue
    takeSensed(turn, readerId, sensed)
    if (lost) tellOverflow(turn)
  }
}

/** What was sensed of the very vehicle in the passage before belongs to this one as well. */
export function carrySensed(turn: Turn, seen: SensedCargo): void {
  for (const sensed of sensedAgain(seen)) takeSensed(turn, '', sensed)
  if (seen.overflow) tellOverflow(turn)
}

function takeSensed(turn: Turn, readerId: string, sensed: Sensed): void {
  const { passage } = turn.state
  if (!passage) return
  const { cargo } = passage
  const { seen, is, written } = withSensed(cargo.seen, sensed)
  if (is === 'known') {
    turn.ignored = 'a finding that is known already'
    return
  }
  const isTooMuch = is === 'shed' || cargo.written >= writtenMax
  updatePassage(turn, { cargo: { ...cargo, seen, written: cargo.written + 1 } })
  if (is === 'news' && !isTooMuch) record(turn, 'deviceObserved', { readerId, ...written })
  if (isTooMuch) tellOverflow(turn)
  askCargo(turn)
  judgeByIt(turn)
}

/** Not everything sensed found room, so that not everything is known of this vehicle. */
function tellOverflow(turn: Turn): void {
  const { passage } = turn.state
  if (!passage) return
  raiseFault(turn, 'lane.tooManyTags', 'more findings about driver and load than one passage holds')
  if (passage.cargo.seen.overflow) return
  updatePassage(turn, { cargo: { ...passage.cargo, seen: { ...passage.cargo.seen, overflow: true } } })
}

/** What the lists say of driver and load. An answer to a question that is not asked any more says nothing. */
export function onCargoFacts(turn: Turn, key: string, facts: CargoFacts): void {
  const { passage } = turn.state
  const name = `cargo:${key}`
  if (!passage?.pending.includes(name)) {
    turn.ignored = 'an answer to a question about driver and load that is outdated'
    return
  }
  updatePassage(turn, {
    pending: passage.pending.filter((other) => other !== name),
    cargo: { ...passage.cargo, answered: passage.cargo.asked, facts },
  })
  judgeByIt(turn)
}

function judgeByIt(turn: Turn): void {
  const { passage } = turn.state
  if (!passage) return
  if (isOnItsWay(passage)) {
    objectLate(turn, passage.epcs[0] ?? '')
    return
  }
  evaluate(turn)
  reconsider(turn)
}
