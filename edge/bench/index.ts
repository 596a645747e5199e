import { codecBench } from './codec.js'
import { decideBench } from './decide.js'
import { ingestBench } from './ingest.js'
import { journalBench } from './journal.js'
import type { Bench } from './types.js'

export type { Bench, BenchFigures, BenchOptions, Say } from './types.js'

const laneBench: Bench = {
  about:
    'From a passage being ripe to the barrier command on the wire, the edge under full load; floor: one commit and one OPC UA write.',
  // Loaded only when it runs: OPC UA takes a second to load and says so on the screen.
  run: async (options, say) => (await import('./lane/lane.js')).runLane(options, say),
}

const listsBench: Bench = {
  about:
    'A million list entries: made, fetched, checked, started from, looked up, changed; floors: plain SQLite, a Map.',
  run: async (options, say) => (await import('./lists/lists.js')).runLists(options, say),
}

const propagationBench: Bench = {
  about:
    'From an order at the gateway to its being in force at 517 and at 1,000 edges; floor: fan-out of a bare broker.',
  run: async (options, say) => (await import('./propagation/propagation.js')).runPropagation(options, say),
}

/** Every bench by its name on the command line. */
export const benches: Readonly<Record<string, Bench>> = {
  lane: laneBench,
  decide: decideBench,
  codec: codecBench,
  journal: journalBench,
  ingest: ingestBench,
  lists: listsBench,
  propagation: propagationBench,
}
