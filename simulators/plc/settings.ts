import type { ArmFailure } from './arm.js'
import type { TruthEntry } from './truth.js'

export interface PlcSettings {
  /** Period of the heartbeat counter in which leases are counted. */
  readonly tickMs: number
  /** Time of a full movement of the bar, either way. */
  readonly travelMs: number
  /** A bar that is stopped or turned round runs on for this long. */
  readonly stopMs: number
  /** The bar may come down when loop and zone have been clear for this long. */
  readonly clearForMs: number
  /** A raised bar comes down after this long though nobody passed. */
  readonly lowerWithoutPassageMs: number
  /** A lease that reaches further ahead is refused: it could outlive what it was given for. */
  readonly maxLeaseTicks: number
  /** The edge's counter standing still for this many ticks trips the watchdog. */
  readonly watchdogTicks: number
  /** The drive pulling for this long without movement means blocked. */
  readonly blockedAfterMs: number
  /** How many taken ids are remembered. */
  readonly idsMax: number
  /** It has a battery that carries it when the mains are gone, and tells. */
  readonly hasBattery: boolean
}

export const defaultPlcSettings: PlcSettings = {
  tickMs: 100,
  travelMs: 1_400,
  stopMs: 80,
  clearForMs: 1_000,
  lowerWithoutPassageMs: 30_000,
  maxLeaseTicks: 100,
  watchdogTicks: 20,
  blockedAfterMs: 600,
  idsMax: 256,
  hasBattery: false,
}

/** What can be broken. Each holds until it is set back. */
export interface PlcFailure extends ArmFailure {
  readonly loopStuck: {
    readonly entry?: 'occupied' | 'clear'
    readonly exit?: 'occupied' | 'clear'
  } | null
  /** Loop contacts chatter for this long after each change. */
  readonly loopBounceMs: number
  /** Limit switches chatter for this long after the bar arrives. */
  readonly armBounceMs: number
  /** The sprayer gives nothing. */
  readonly sprayerOut: boolean
  /** The published heartbeat counter stands still, though the program runs. */
  readonly tickFrozen: boolean
  /** The mains are gone; only a lane with a supply of its own tells. */
  readonly mainsOut: boolean
}

export const soundPlc: PlcFailure = {
  stuckAt: null,
  slowFactor: 1,
  tornOff: false,
  loopStuck: null,
  loopBounceMs: 0,
  armBounceMs: 0,
  sprayerOut: false,
  tickFrozen: false,
  mainsOut: false,
}

export interface PlcLaneGiven {
  readonly id: string
  readonly bootId: string
  readonly nowMs?: number
  /** Where the bar stands, 0 lowered .. 90 raised. */
  readonly armAngle?: number
  /** Whether it has a sprayer for disinfection; absent: none. */
  readonly sprayer?: boolean
  readonly settings?: Partial<PlcSettings>
  readonly onTruth?: (entry: TruthEntry) => void
}
