import { codecBench } from './codec.js'
import { decideBench } from './decide.js'
import { ingestBench } from './ingest.js'
import { journalBench } from './journal.js'
import { laneBench } from './lane/lane.js'
import type { Bench } from './types.js'

export type { Bench, BenchFigures, BenchOptions, Say } from './types.js'

/** Every bench by its name on the command line. */
export const benches: Readonly<Record<string, Bench>> = {
  lane: laneBench,
  decide: decideBench,
  codec: codecBench,
  journal: journalBench,
  ingest: ingestBench,
}
