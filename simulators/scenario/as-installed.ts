/**
 * How the service unit of an edge starts Node.js (config/systemd/lanekeeper-edge.service). A young generation of 32 MiB:
 * reads by the hundred a second are garbage at once, and with the default of 16 MiB collecting them stops the lanes
 * several times as often. An old generation with a bound, so that its collector does not take its measure from the
 * machine. An allocator that gives back what the threads of the database freed.
 */
export const edgeAsInstalled = {
  nodeArgs: ['--max-semi-space-size=32', '--max-old-space-size=512'],
  env: { MALLOC_ARENA_MAX: '2' },
} as const
