/**
 * Milliseconds of the machine's monotonic clock. Unlike `performance.now()` it has the same zero in
 * every process of the machine, and unlike `performance.timeOrigin` nobody can set it between two starts.
 */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** What has to be added to `performance.now()` of this process to get {@link machineMs}. */
export function machineMsAtZero(): number {
  return machineMs() - performance.now()
}
