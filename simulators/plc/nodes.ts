import type { PlcImage } from './model.js'

/**
 * The node map of the simulated PLC, in its own namespace (index 1): `s=plc.<name>` for the
 * PLC as a whole, `s=<lane>.<name>` for a lane. It is written down here a second time, apart from
 * the driver's own map, so that a slip in one of the two shows.
 */
export type NodeType = 'Boolean' | 'UInt32' | 'String'

export interface PublishedNode {
  readonly name: string
  readonly type: NodeType
  readonly value: (image: PlcImage) => boolean | number | string
}

export const plcNodes: readonly PublishedNode[] = [
  { name: 'BootId', type: 'String', value: (image) => image.plcBootId ?? '' },
  { name: 'Tick', type: 'UInt32', value: (image) => (image.plcTick ?? 0) >>> 0 },
  { name: 'WatchdogTripped', type: 'Boolean', value: (image) => image.watchdogTripped ?? true },
]

export const laneNodes: readonly PublishedNode[] = [
  { name: 'EntryLoop', type: 'Boolean', value: (image) => image.entryLoop === 'occupied' },
  { name: 'ExitLoop', type: 'Boolean', value: (image) => image.exitLoop === 'occupied' },
  { name: 'EntryCount', type: 'UInt32', value: (image) => image.entryCount ?? 0 },
  { name: 'ExitCount', type: 'UInt32', value: (image) => image.exitCount ?? 0 },
  { name: 'Raised', type: 'Boolean', value: (image) => image.raised },
  { name: 'Lowered', type: 'Boolean', value: (image) => image.lowered },
  { name: 'Moving', type: 'Boolean', value: (image) => image.moving },
  { name: 'Blocked', type: 'Boolean', value: (image) => image.blocked },
  { name: 'AcceptedCommandId', type: 'String', value: (image) => image.acceptedCommandId ?? '' },
  { name: 'AcceptedCount', type: 'UInt32', value: (image) => image.acceptedCount ?? 0 },
  { name: 'RefusedCommandId', type: 'String', value: (image) => image.refusedCommandId ?? '' },
  { name: 'RefusedWhy', type: 'String', value: (image) => image.refusedWhy ?? '' },
]

/** Of a lane with a sprayer. */
export const sprayerNodes: readonly PublishedNode[] = [
  { name: 'SprayerReady', type: 'Boolean', value: (image) => image.sprayer?.state === 'ready' },
  { name: 'SprayerRunning', type: 'Boolean', value: (image) => image.sprayer?.state === 'running' },
  { name: 'SprayerDone', type: 'Boolean', value: (image) => image.sprayer?.state === 'done' },
  { name: 'SprayerFailed', type: 'Boolean', value: (image) => image.sprayer?.state === 'failed' },
  { name: 'PeopleClear', type: 'Boolean', value: (image) => image.sprayer?.peopleClear === true },
  { name: 'SprayAcceptedId', type: 'String', value: (image) => image.sprayer?.acceptedCommandId ?? '' },
  { name: 'SprayDoneId', type: 'String', value: (image) => image.sprayer?.doneCommandId ?? '' },
  { name: 'SprayFailedId', type: 'String', value: (image) => image.sprayer?.failedCommandId ?? '' },
  { name: 'SprayFailedWhy', type: 'String', value: (image) => image.sprayer?.failedWhy ?? '' },
  { name: 'SprayRefusedId', type: 'String', value: (image) => image.sprayer?.refusedCommandId ?? '' },
  { name: 'SprayRefusedWhy', type: 'String', value: (image) => image.sprayer?.refusedWhy ?? '' },
  { name: 'SprayedSeconds', type: 'UInt32', value: (image) => image.sprayer?.sprayedSeconds ?? 0 },
]

/** Of a lane that a battery carries when the mains are gone. */
export const batteryNodes: readonly PublishedNode[] = [
  { name: 'OnBattery', type: 'Boolean', value: (image) => image.onBattery === true },
]

/** Written by the edge; the lamps and the board show what was written last. */
export const guidanceNodes: readonly PublishedNode[] = [
  { name: 'LightGreen', type: 'Boolean', value: (image) => image.lightGreen },
  { name: 'LightRed', type: 'Boolean', value: (image) => image.lightRed },
  { name: 'LedText', type: 'String', value: (image) => image.ledText },
  { name: 'VoicePrompt', type: 'UInt32', value: (image) => image.voicePrompt },
]
