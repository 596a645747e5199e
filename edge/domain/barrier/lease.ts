/** A request to the PLC that lives for so many of its ticks (law 4). */
export interface Leased {
  readonly leaseTicks: number
  /** What the driver said of the write; null: has not answered. */
  readonly answered: 'sent' | 'unknown' | null
  /** Last PLC tick at which the request may still be accepted; null: not answered yet. */
  readonly leaseEndTick: number | null
}

/** Ticks beyond the lease before it is taken as over: our newest tick may trail the PLC's. */
const tickMargin = 2

/** The driver's word for the write, with the newest tick known when it came. */
export function answerLease<T extends Leased>(
  request: T,
  answered: 'sent' | 'unknown',
  plcTick: number | null,
): T {
  return { ...request, answered, leaseEndTick: leaseEnd(request, plcTick) }
}

/** Whether the request can take effect no more, counted from the first tick known after the answer. */
export function followLease<T extends Leased>(
  request: T,
  plcTick: number | null,
): { request: T; isOver: boolean } {
  if (request.answered === null || plcTick === null) return { request, isOver: false }
  if (request.leaseEndTick === null)
    return { request: { ...request, leaseEndTick: leaseEnd(request, plcTick) }, isOver: false }
  return { request, isOver: plcTick > request.leaseEndTick }
}

function leaseEnd(request: Leased, plcTick: number | null): number | null {
  return plcTick === null ? null : plcTick + request.leaseTicks + tickMargin
}
