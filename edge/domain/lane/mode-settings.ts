import type { LaneSettings, ModeSettings } from './types.js'

/** Of a lane whose configuration says nothing of it. */
export const defaultModes: ModeSettings = {
  emergencyMaxMs: 4 * 3_600_000,
  manualOftenCount: 5,
  manualOftenWithinMs: 3_600_000,
}

export function modesOf({ modes }: LaneSettings): ModeSettings {
  return modes ?? defaultModes
}
