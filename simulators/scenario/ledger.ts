import type { Arrival, TrafficKind } from './traffic.js'
import type { YardNotice } from './yard-process.js'

/** Vehicles of these kinds may never be raised for without a person's word. */
const neverAlone: ReadonlySet<string> = new Set<TrafficKind>([
  'stranger',
  'unknownTag',
  'lostTag',
  'intercepted',
  'secretlyIntercepted',
])

export interface LedgerFigures {
  readonly arrived: number
  readonly left: number
  readonly raises: number
  /** Raises for a vehicle that the lane may not release by itself, without an officer's release. */
  readonly wronglyReleased: readonly string[]
  /** Raises with nobody at the line. */
  readonly raisedForNobody: number
  readonly loweredOnVehicle: number
}

/**
 * What really happened at the barriers, kept from ground truth: which vehicle stood at the line
 * when the PLC took a raise. Whether an officer had released that passage is told by the records
 * (`releasedByOfficer`), asked for at the end.
 */
export class Ledger {
  readonly #arrivals: ReadonlyMap<string, Arrival>
  readonly #raises: {
    readonly commandId: string
    readonly vehicleId: string | null
    readonly lane: string
  }[] = []
  #arrived = 0
  #left = 0
  #lowered = 0

  constructor(arrivals: readonly Arrival[]) {
    this.#arrivals = new Map(arrivals.map((arrival) => [arrival.vehicle.id, arrival]))
  }

  get arrived(): number {
    return this.#arrived
  }

  get left(): number {
    return this.#left
  }

  get raises(): number {
    return this.#raises.length
  }

  /** Ids of the raises that the PLC took, in order. */
  commands(): readonly string[] {
    return this.#raises.map((raise) => raise.commandId)
  }

  take(notice: YardNotice): void {
    switch (notice.is) {
      case 'entered':
        this.#arrived += 1
        return
      case 'left':
        this.#left += 1
        return
      case 'accepted':
        this.#raises.push({ commandId: notice.commandId, vehicleId: notice.vehicleId, lane: notice.lane })
        return
      case 'loweredOnVehicle':
        this.#lowered += 1
        return
      case 'onLoop':
      case 'armAt':
      case 'arm':
      case 'guidance':
        return
    }
  }

  /** `byOfficer` names the raise commands that rest on an accepted release of an officer. */
  figures(byOfficer: ReadonlySet<string>): LedgerFigures {
    const kindOf = (vehicleId: string) => this.#arrivals.get(vehicleId)?.kind
    const wronglyReleased = this.#raises
      .filter(({ commandId, vehicleId }) => {
        if (vehicleId === null || byOfficer.has(commandId)) return false
        const kind = kindOf(vehicleId)
        return kind === undefined || neverAlone.has(kind)
      })
      .map(
        ({ commandId, vehicleId }) =>
          `${commandId} for ${vehicleId ?? ''} (${kindOf(vehicleId ?? '') ?? 'unknown'})`,
      )
    return {
      arrived: this.#arrived,
      left: this.#left,
      raises: this.#raises.length,
      wronglyReleased,
      raisedForNobody: this.#raises.filter((raise) => raise.vehicleId === null).length,
      loweredOnVehicle: this.#lowered,
    }
  }
}

/** The raise commands that an officer's release stands behind, from recorded events. */
export async function commandsByOfficer(
  events: AsyncIterable<{ readonly type?: unknown; readonly body?: unknown }>,
): Promise<ReadonlySet<string>> {
  const byOfficer = new Set<string>()
  for await (const event of events) {
    if (event.type !== 'barrierIntent') continue
    const body = event.body as { commandId: string; right: { by: string } }
    if (body.right.by === 'verdict') byOfficer.add(body.commandId)
  }
  return byOfficer
}
