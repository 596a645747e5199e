import type { Clock } from '../base/clock.js'
import type { FaultChange } from '../base/fault.js'
import type { Logger } from '../base/log.js'
import type { Random } from '../base/random.js'
import type { Result } from '../base/result.js'
import type { barrierPositions, lights, loopLevels } from '../messages/up.js'

export type BarrierPosition = (typeof barrierPositions)[number]
export type LoopLevel = (typeof loopLevels)[number]
export type Light = (typeof lights)[number]

/** Process image of one lane's PLC: what is known at one instant. Bad quality of a value is `unknown` or null. */
export interface LaneSignals {
  readonly entryLoop: LoopLevel
  readonly exitLoop: LoopLevel
  /** Rising edges since the PLC's boot, so that a missed change is seen. */
  readonly entryCount: number | null
  readonly exitCount: number | null
  readonly barrier: BarrierPosition
  /** Id of the last raise that the PLC accepted in this boot, and how many it accepted. */
  readonly acceptedCommandId: string | null
  readonly acceptedCount: number | null
  readonly refusedCommandId: string | null
  /** The PLC's word for it: `expired`, `used`, `otherBoot`, `watchdog`, `blocked`, `malformed`. */
  readonly refusedWhy: string | null
  /** New at each start of the PLC. */
  readonly plcBootId: string | null
  /** The PLC's heartbeat counter; leases are counted in it. */
  readonly plcTick: number | null
  /** The PLC has not seen our heartbeat move for its own limit. */
  readonly watchdogTripped: boolean | null
  /** Whether the lane runs on its battery; absent: the PLC does not tell. */
  readonly onBattery?: boolean | 'unknown'
  /** Absent: the lane has no sprayer. */
  readonly sprayer?: SprayerSignals
}

export const sprayerStates = ['ready', 'running', 'done', 'failed', 'unknown'] as const
export type SprayerState = (typeof sprayerStates)[number]

/** What the PLC says of its disinfection sprayer; it judges people, vehicle and time itself (law 4). */
export interface SprayerSignals {
  /** `done` and `ready`: it stands ready; `failed`: it is out of order until somebody mends it. */
  readonly state: SprayerState
  /** Nobody but who sits in the vehicle is near. */
  readonly peopleClear: true | false | 'unknown'
  /** Of this boot: the last spray it accepted, the last it ran to its end, the last it broke off, the last it refused. */
  readonly acceptedCommandId: string | null
  readonly doneCommandId: string | null
  readonly failedCommandId: string | null
  /** The PLC's word for it: `people`, `noVehicle`, `watchdog`, `device`. */
  readonly failedWhy: string | null
  readonly refusedCommandId: string | null
  /** As for a raise, and `people`, `noVehicle`, `running`, `device`. */
  readonly refusedWhy: string | null
  /** Seconds that the last accepted one has sprayed so far. */
  readonly sprayedSeconds: number | null
}

export const unknownSprayer: SprayerSignals = {
  state: 'unknown',
  peopleClear: 'unknown',
  acceptedCommandId: null,
  doneCommandId: null,
  failedCommandId: null,
  failedWhy: null,
  refusedCommandId: null,
  refusedWhy: null,
  sprayedSeconds: null,
}

export const unknownSignals: LaneSignals = {
  entryLoop: 'unknown',
  exitLoop: 'unknown',
  entryCount: null,
  exitCount: null,
  barrier: 'unknown',
  acceptedCommandId: null,
  acceptedCount: null,
  refusedCommandId: null,
  refusedWhy: null,
  plcBootId: null,
  plcTick: null,
  watchdogTripped: null,
}

/** A request to raise, harmless when late or repeated: the PLC judges boot, tick and id (law 4). */
export interface RaiseCommand {
  readonly commandId: string
  /** How many PLC ticks, from the newest one we know, the request lives. */
  readonly leaseTicks: number
}

/** A request to spray: bound by boot, lease and id as a raise is, and stopped by the PLC at once when it must be. */
export interface SprayCommand extends RaiseCommand {
  /** The disinfection counts only when it has run for so long without a break. */
  readonly minSeconds: number
}

/**
 * What became of the request. `notSent`: certainly without effect. `sent`: the write was
 * acknowledged; whether the PLC took it shows in the signals. `unknown`: it may still take effect.
 */
export type RaiseOutcome = { readonly is: 'sent' | 'notSent' | 'unknown'; readonly detail: string }

/** What the driver of the vehicle sees and hears. Newest wins; lost with the PLC, shown again by the next. */
export interface Guidance {
  readonly light: Light
  /** Text for the LED board. */
  readonly text: string
  /** Number of the voice prompt; 0: silence. */
  readonly voice: number
}

export interface BarrierGiven {
  readonly laneId: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Called on every change, and with {@link unknownSignals} when the link is gone. */
  readonly onSignals: (signals: LaneSignals) => void
  readonly onFault: (change: FaultChange) => void
}

export interface Barrier {
  /** Never rejects; settles within the driver's own deadline. */
  raise(command: RaiseCommand): Promise<RaiseOutcome>
  /** As {@link Barrier.raise}, of the sprayer; absent: this barrier drives none. */
  spray?(command: SprayCommand): Promise<RaiseOutcome>
  guide(guidance: Guidance): void
  close(): Promise<void>
}

export interface BarrierDriver<Config> {
  readonly kind: string
  parseConfig(raw: unknown): Result<Config>
  open(config: Config, given: BarrierGiven): Barrier
}
