import type { BarrierPosition, LaneSignals } from '../../edge/interfaces/barrier.js'

/** What the driver of the vehicle sees and hears, as the PLC drives it. */
export interface PlcOutputs {
  readonly lightGreen: boolean
  readonly lightRed: boolean
  readonly ledText: string
  readonly voicePrompt: number
}

/** As after a start. */
export const dark: PlcOutputs = { lightGreen: false, lightRed: false, ledText: '', voicePrompt: 0 }

/** What the PLC publishes of a lane: the interface's signals and the bits they are derived from. */
export interface PlcImage extends LaneSignals, PlcOutputs {
  readonly raised: boolean
  readonly lowered: boolean
  readonly moving: boolean
  readonly blocked: boolean
}

/** With what only some lanes have: a sprayer, a battery. */
export function withExtras(
  image: PlcImage,
  sprayer: LaneSignals['sprayer'],
  onBattery: boolean | undefined,
): PlcImage {
  if (sprayer === undefined && onBattery === undefined) return image
  return { ...image, ...(sprayer && { sprayer }), ...(onBattery === undefined ? {} : { onBattery }) }
}

/** Exactly one bit set says where the bar is; anything else says nothing. */
export function positionOf(bits: {
  raised: boolean
  lowered: boolean
  moving: boolean
  blocked: boolean
}): BarrierPosition {
  const set = (['raised', 'lowered', 'moving', 'blocked'] as const).filter((name) => bits[name])
  return set.length === 1 ? (set[0] ?? 'unknown') : 'unknown'
}
