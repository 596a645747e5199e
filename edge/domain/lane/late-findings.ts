import type { DeviceRead } from '../../interfaces/reader.js'
import { isAlarming } from '../passage/cargo.js'
import type { LaneState } from './state.js'
import { clearFault, raiseFault, update, type Turn } from './turn.js'

/** What the lane knows of the clock of one device: monotonic ms at the edge, less the device's own UTC ms. */
export interface DeviceClock {
  readonly readerId: string
  /** The smallest difference seen: a message that took no time. */
  readonly offsetMs: number
  readonly sinceMonoMs: number
  /** Of the newest message that seemed late, and how many in a row seemed late by the same. */
  readonly lateOffsetMs: number
  readonly lateRun: number
}

/** A finding that was under way longer may be of the vehicle before. */
const lateMs = 2_000
/** Clocks of devices go wrong by so much of the time that passes. */
const driftShare = 2e-4
/** So many in a row, late by the same: its clock was set, not its messages held up. */
const setAfter = 5
const sameMs = 250
const devicesMax = 32

/**
 * A finding that was held up on its way (a full queue, a line that was away) belongs to whoever stood there
 * then. It is told by the device's own clock, whatever that clock shows: only how long messages take is
 * compared. A device without a clock cannot be told late. An alarm counts however late.
 */
export function isLate(turn: Turn, read: DeviceRead): boolean {
  const { readerId, readerAtMs, heardAt } = read
  if (readerAtMs === null) return false
  const offsetMs = heardAt.monoMs - readerAtMs
  const known = turn.state.deviceClocks.find((one) => one.readerId === readerId)
  const allowedMs = known ? lateMs + (heardAt.monoMs - known.sinceMonoMs) * driftShare : 0
  if (known && offsetMs > known.offsetMs + allowedMs) {
    const isSame = Math.abs(offsetMs - known.lateOffsetMs) <= sameMs
    const lateRun = isSame ? known.lateRun + 1 : 1
    if (lateRun < setAfter) {
      keep(turn, { ...known, lateOffsetMs: offsetMs, lateRun })
      raiseFault(turn, 'lane.findingsLate', `${readerId}: ${Math.round(offsetMs - known.offsetMs)} ms late`)
      return !isAlarming(read.sensed)
    }
  }
  const isBest = !known || offsetMs < known.offsetMs || offsetMs > known.offsetMs + allowedMs
  const best = isBest ? { offsetMs, sinceMonoMs: heardAt.monoMs } : known
  keep(turn, { readerId, ...pick(best), lateOffsetMs: 0, lateRun: 0 })
  if (turn.state.deviceClocks.every((one) => one.lateRun === 0)) clearFault(turn, 'lane.findingsLate')
  return false
}

function pick({ offsetMs, sinceMonoMs }: Pick<DeviceClock, 'offsetMs' | 'sinceMonoMs'>) {
  return { offsetMs, sinceMonoMs }
}

function keep(turn: Turn, clock: DeviceClock): void {
  const others: LaneState['deviceClocks'] = turn.state.deviceClocks.filter(
    ({ readerId }) => readerId !== clock.readerId,
  )
  update(turn, { deviceClocks: [...others, clock].slice(-devicesMax) })
}
