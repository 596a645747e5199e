import type { LaneGeometry } from './geometry.js'
import type { VehicleSpec } from './vehicle.js'

/** What the person at the wheel does next; a behaviour is a list of these. Places are of the front bumper. */
export type Act =
  | {
      readonly do: 'drive'
      readonly toM: number
      readonly speedMps?: number
      /** How long after the vehicle in front this one starts; a careful driver leaves 1.5 s. */
      readonly headwayMs?: number
    }
  /** Drives up to a place or to the tail of the vehicle in front, whichever comes first. */
  | { readonly do: 'closeUp'; readonly toM: number }
  /**
   * Stands until the light is green and the arm is up. Told to turn back, or out of patience, the
   * driver reverses out and the rest of the acts is dropped.
   */
  | { readonly do: 'waitForGo'; readonly reactionMs: number; readonly patienceMs: number }
  | { readonly do: 'wait'; readonly forMs: number }
  /** Stands until the vehicle in front has its front past a place; with nobody in front, as `waitForGo`. */
  | {
      readonly do: 'waitForLeader'
      readonly pastM: number
      readonly reactionMs: number
      readonly patienceMs: number
    }
  /** Stands until told to turn back. */
  | { readonly do: 'waitForReturn'; readonly reactionMs: number; readonly patienceMs: number }

/** What the person at the wheel sees. */
export interface Sees {
  readonly green: boolean
  /** 0 lowered to 90 raised. */
  readonly armDegrees: number
  /** The board or the voice says: turn back. */
  readonly toldToReturn: boolean
}

/** The arm is high enough to drive under. */
export const driveUnderDegrees = 75

/** How a driver behaves at a lane: the words of scenario files. */
export const behaviours = [
  'stopsAtLine',
  'tailgates',
  'reversesOut',
  'runsThrough',
  'returns',
  'stallsUnderArm',
  'slow',
  'hesitates',
  'ontoLoop',
] as const
export type Behaviour = (typeof behaviours)[number]

export interface DriverOptions {
  /** How long the driver waits for a green light before giving up. */
  readonly patienceMs?: number
  /** How long the vehicle stands still, for behaviours that do. */
  readonly forMs?: number
}

const away = (lane: LaneGeometry, vehicle: VehicleSpec): number => lane.clearM + vehicle.lengthM + 4
const back = (lane: LaneGeometry): number => lane.startM
const atLine = (lane: LaneGeometry): number => lane.stopLineM - 0.3

/** The acts of one behaviour for one vehicle. */
export function actsOf(
  behaviour: Behaviour,
  lane: LaneGeometry,
  vehicle: VehicleSpec,
  options: DriverOptions = {},
): readonly Act[] {
  const go = {
    do: 'waitForGo',
    reactionMs: 400,
    patienceMs: options.patienceMs ?? 120_000,
  } satisfies Act
  const toLine: Act = { do: 'drive', toM: atLine(lane) }
  const leave = { do: 'drive', toM: away(lane, vehicle) } satisfies Act
  const reverse: Act = { do: 'drive', toM: back(lane), speedMps: 1.5 }
  const stand: Act = { do: 'wait', forMs: options.forMs ?? 3_000 }
  switch (behaviour) {
    case 'stopsAtLine':
      return [toLine, go, leave]
    case 'tailgates':
      // Right behind the vehicle in front and through under its raised arm, whatever the light says.
      return [
        { do: 'closeUp', toM: atLine(lane) },
        { ...go, do: 'waitForLeader', pastM: lane.stopLineM },
        { ...leave, headwayMs: 200 },
      ]
    case 'reversesOut':
      return [toLine, stand, reverse]
    case 'runsThrough':
      return [toLine, stand, leave]
    case 'returns':
      return [
        toLine,
        { do: 'waitForReturn', reactionMs: 800, patienceMs: options.patienceMs ?? 120_000 },
        reverse,
      ]
    case 'stallsUnderArm':
      return [toLine, go, { do: 'drive', toM: lane.armM + vehicle.lengthM / 2 }, stand, leave]
    case 'slow':
      return [{ do: 'drive', toM: atLine(lane), speedMps: 1 }, go, { ...leave, speedMps: 1 }]
    case 'hesitates':
      return [toLine, go, stand, leave]
    case 'ontoLoop':
      return [toLine, stand, { do: 'wait', forMs: 3_600_000 }]
  }
}
