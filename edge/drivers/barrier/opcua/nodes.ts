/** Values of the PLC as a whole, by the name each has in the configuration. */
export const plcValueNames = ['bootId', 'tick', 'watchdogTripped'] as const
/** Values of one lane, read as one image. */
export const laneValueNames = [
  'entryLoop',
  'exitLoop',
  'entryCount',
  'exitCount',
  'raised',
  'lowered',
  'moving',
  'blocked',
  'acceptedCommandId',
  'acceptedCount',
  'refusedCommandId',
  'refusedWhy',
] as const
/** Values of its sprayer, read in the same image; only of a lane that is configured to have one. */
export const sprayerValueNames = [
  'sprayerReady',
  'sprayerRunning',
  'sprayerDone',
  'sprayerFailed',
  'peopleClear',
  'sprayAcceptedId',
  'sprayDoneId',
  'sprayFailedId',
  'sprayFailedWhy',
  'sprayRefusedId',
  'sprayRefusedWhy',
  'sprayedSeconds',
] as const
/** Of a lane that a battery carries when the mains are gone; only where it is configured to tell. */
export const batteryValueNames = ['onBattery'] as const
/** What the driver of the vehicle is shown. A PLC without one of them has null in its place. */
export const guidanceNames = ['lightGreen', 'lightRed', 'ledText', 'voicePrompt'] as const

export type PlcValueName = (typeof plcValueNames)[number]
export type LaneValueName = (typeof laneValueNames)[number]
export type GuidanceName = (typeof guidanceNames)[number]
export type SprayerValueName = (typeof sprayerValueNames)[number]
export type BatteryValueName = (typeof batteryValueNames)[number]
export type ImageName = PlcValueName | LaneValueName | SprayerValueName | BatteryValueName

/** Node ids of the PLC as a whole. */
export type PlcNodes = Readonly<Record<PlcValueName | 'edgeHeartbeat', string>>

/** Node ids of one lane. */
export type LaneNodes = Readonly<Record<LaneValueName | 'commandRequest', string>> &
  Readonly<Record<GuidanceName, string | null>>

/** Node ids of its sprayer. */
export type SprayerNodes = Readonly<Record<SprayerValueName | 'sprayRequest', string>>

export const sprayerNodeNames = [...sprayerValueNames, 'sprayRequest'] as const
export const plcNodeNames = [...plcValueNames, 'edgeHeartbeat'] as const
export const laneNodeNames = [...laneValueNames, 'commandRequest'] as const

/** `<prefix>EntryLoop` for `entryLoop`: the names of the node map in README.md. */
export function defaultNodeId(prefix: string, name: string): string {
  return `${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`
}

export function plcNodesOf(prefix: string, named: Partial<Record<string, string>>): PlcNodes {
  const id = (name: keyof PlcNodes) => named[name] ?? defaultNodeId(prefix, name)
  return {
    bootId: id('bootId'),
    tick: id('tick'),
    watchdogTripped: id('watchdogTripped'),
    edgeHeartbeat: id('edgeHeartbeat'),
  }
}

export function laneNodesOf(prefix: string, named: Partial<Record<string, string | null>>): LaneNodes {
  const needed = laneNodeNames.map((name) => [name, named[name] ?? defaultNodeId(prefix, name)])
  const shown = guidanceNames.map((name) => [
    name,
    named[name] === undefined ? defaultNodeId(prefix, name) : named[name],
  ])
  return Object.fromEntries([...needed, ...shown]) as LaneNodes
}

export function sprayerNodesOf(prefix: string, named: Partial<Record<string, string>>): SprayerNodes {
  return Object.fromEntries(
    sprayerNodeNames.map((name) => [name, named[name] ?? defaultNodeId(prefix, name)]),
  ) as SprayerNodes
}
