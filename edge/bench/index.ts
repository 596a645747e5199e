import type { Bench } from './types.js'
import { laneBench } from './lane/lane.js'

export type { Bench, BenchFigures, BenchOptions, Say } from './types.js'

/** Every bench by its name on the command line. */
export const benches: Readonly<Record<string, Bench>> = {
  lane: laneBench,
}
