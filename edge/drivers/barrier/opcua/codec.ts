import type { LaneSignals, LoopLevel, SprayerSignals } from '../../../interfaces/barrier.js'
import { positionOf, sprayerStateOf } from '../common/words.js'
import type { ImageName } from './nodes.js'

/** A value as the PLC gave it, and whether the PLC stands behind it (good quality). */
export interface Reading {
  readonly good: boolean
  readonly value: unknown
}

/** What a value that was never read looks like. */
export const noReading: Reading = { good: false, value: null }

/** Bad quality or another type than agreed is null: unknown, never a guess. */
export function boolOf(reading: Reading): boolean | null {
  return reading.good && typeof reading.value === 'boolean' ? reading.value : null
}

/** A counter or tick: a whole number from 0. */
export function countOf(reading: Reading): number | null {
  const { good, value } = reading
  return good && typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

/** A text; the empty one is what a PLC shows where there is nothing yet. */
export function textOf(reading: Reading): string | null {
  const { good, value } = reading
  return good && typeof value === 'string' && value !== '' ? value.slice(0, 200) : null
}

/** One consistent image from the values of one read. */
export function signalsOf(read: (name: ImageName) => Reading): LaneSignals {
  const loop = (name: 'entryLoop' | 'exitLoop'): LoopLevel => {
    const occupied = boolOf(read(name))
    return occupied === null ? 'unknown' : occupied ? 'occupied' : 'clear'
  }
  return {
    entryLoop: loop('entryLoop'),
    exitLoop: loop('exitLoop'),
    entryCount: countOf(read('entryCount')),
    exitCount: countOf(read('exitCount')),
    barrier: positionOf({
      raised: boolOf(read('raised')),
      lowered: boolOf(read('lowered')),
      moving: boolOf(read('moving')),
      blocked: boolOf(read('blocked')),
    }),
    acceptedCommandId: textOf(read('acceptedCommandId')),
    acceptedCount: countOf(read('acceptedCount')),
    refusedCommandId: textOf(read('refusedCommandId')),
    refusedWhy: textOf(read('refusedWhy')),
    plcBootId: textOf(read('bootId')),
    plcTick: countOf(read('tick')),
    watchdogTripped: boolOf(read('watchdogTripped')),
  }
}

/** The power's part of the same image: where it is configured, bad quality is unknown and never "on the mains". */
export function onBatteryOf(read: (name: ImageName) => Reading): boolean | 'unknown' {
  return boolOf(read('onBattery')) ?? 'unknown'
}

/** The sprayer's part of the same image. */
export function sprayerOf(read: (name: ImageName) => Reading): SprayerSignals {
  return {
    state: sprayerStateOf({
      ready: boolOf(read('sprayerReady')),
      running: boolOf(read('sprayerRunning')),
      done: boolOf(read('sprayerDone')),
      failed: boolOf(read('sprayerFailed')),
    }),
    peopleClear: boolOf(read('peopleClear')) ?? 'unknown',
    acceptedCommandId: textOf(read('sprayAcceptedId')),
    doneCommandId: textOf(read('sprayDoneId')),
    failedCommandId: textOf(read('sprayFailedId')),
    failedWhy: textOf(read('sprayFailedWhy')),
    refusedCommandId: textOf(read('sprayRefusedId')),
    refusedWhy: textOf(read('sprayRefusedWhy')),
    sprayedSeconds: countOf(read('sprayedSeconds')),
  }
}
