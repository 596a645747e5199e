import type { DeviceRead } from '../../interfaces/reader.js'
import { isAlarming } from '../passage/cargo.js'
import type { LaneState } from './state.js'
import { clearFault, raiseFault, update, type Turn } from './turn.js'

/** What the lane knows of the clock of one device: monotonic ms at the edge, less the device's own UTC ms. */
export interface DeviceClock {
  readonly readerId: string
  /** The smallest difference seen, a message that took no time, and when; null: none was believed yet. */
  readonly best: { readonly offsetMs: number; readonly sinceMonoMs: number } | null
  /** Messages in a row that seemed late, all by the same; null: the newest did not. */
  readonly late: { readonly offsetMs: number; readonly sinceMonoMs: number; readonly run: number } | null
}

/** A finding that was under way longer may be of the vehicle before. */
const lateMs = 2_000
/** Clocks of devices go wrong by so much of the time that passes. */
const driftShare = 2e-4
/**
 * So many in a row, late by the same and over so long: its clock was set, not its messages held up. A queue that is
 * emptied gives as many in an instant, and each of them a little less late than the one before.
 */
const setAfter = 5
const setOverMs = 2_000
const sameMs = 250
const devicesMax = 32

/**
 * A finding that was held up on its way (a full queue, a line that was away) belongs to whoever stood there
 * then. It is told by the device's own clock, whatever that clock shows: only how long messages take is
 * compared. The first finding after a start has nothing to be compared with, and may have waited for the edge: it
 * is believed where the device's clock agrees with the edge's. A device without a clock cannot be told late. An
 * alarm counts however late.
 */
export function isLate(turn: Turn, read: DeviceRead): boolean {
  const { readerId, readerAtMs, heardAt } = read
  if (readerAtMs === null) return false
  const offsetMs = heardAt.monoMs - readerAtMs
  const sinceMonoMs = heardAt.monoMs
  const known = turn.state.deviceClocks.find((one) => one.readerId === readerId)
  const best = known?.best ?? null
  const behindMs = best === null ? Math.abs(heardAt.wallMs - readerAtMs) : offsetMs - best.offsetMs
  const allowedMs = lateMs + (best === null ? 0 : (sinceMonoMs - best.sinceMonoMs) * driftShare)
  if (behindMs <= allowedMs) {
    keep(turn, {
      readerId,
      best: best && best.offsetMs <= offsetMs ? best : { offsetMs, sinceMonoMs },
      late: null,
    })
    settle(turn)
    return false
  }
  const before = known?.late ?? null
  const isSame = before !== null && Math.abs(offsetMs - before.offsetMs) <= sameMs
  const late = isSame ? { ...before, run: before.run + 1 } : { offsetMs, sinceMonoMs, run: 1 }
  if (late.run >= setAfter && sinceMonoMs - late.sinceMonoMs >= setOverMs) {
    keep(turn, { readerId, best: { offsetMs, sinceMonoMs }, late: null })
    settle(turn)
    return false
  }
  keep(turn, { readerId, best, late })
  raiseFault(turn, 'lane.findingsLate', `${readerId}: ${Math.round(behindMs)} ms late, or its clock is wrong`)
  return !isAlarming(read.sensed)
}

function settle(turn: Turn): void {
  if (turn.state.deviceClocks.every(({ late }) => late === null)) clearFault(turn, 'lane.findingsLate')
}

function keep(turn: Turn, clock: DeviceClock): void {
  const others: LaneState['deviceClocks'] = turn.state.deviceClocks.filter(
    ({ readerId }) => readerId !== clock.readerId,
  )
  update(turn, { deviceClocks: [...others, clock].slice(-devicesMax) })
}
