/** Where and when. */
export interface TruthPlace {
  readonly atMs: number
  readonly lane: string
  readonly bootId: string
  /** 0 lowered .. 90 raised. */
  readonly armDegrees: number
}

export type TruthDetail =
  | { readonly is: 'started' | 'poweredOff' | 'raised' | 'lowered' | 'loweredOnVehicle' | 'leftZone' }
  | { readonly is: 'accepted'; readonly commandId: string; readonly tick: number }
  | { readonly is: 'refused'; readonly commandId: string | null; readonly why: string; readonly tick: number }
  /** `clearForMs`: how long nothing had been below the bar; null if nothing ever was. */
  | { readonly is: 'startsLowering'; readonly clearForMs: number | null }
  | { readonly is: 'enteredZone'; readonly struck: boolean }
  | { readonly is: 'sprayAccepted'; readonly commandId: string; readonly tick: number }
  | {
      readonly is: 'sprayRefused'
      readonly commandId: string | null
      readonly why: string
      readonly tick: number
    }
  | { readonly is: 'sprayDone'; readonly commandId: string }
  | { readonly is: 'sprayStopped'; readonly commandId: string; readonly why: string }
  | { readonly is: 'sprayedOnPeople' }

/** One thing that really happened at the barrier, whatever anybody believes. */
export type TruthEntry = TruthPlace & TruthDetail

export interface AcceptedRaise {
  readonly commandId: string
  readonly atMs: number
  readonly bootId: string
}

export const acceptedMax = 1_000

/** What really came out of the sprayer. */
export interface SprayTruth {
  /** Times something came out while somebody was near. Must stay 0. */
  sprayedOnPeople: number
  sprayedMs: number
  /** Ids of the requests that were accepted, the newest 1,000, oldest first. */
  readonly accepted: string[]
}

/**
 * Ground truth of one barrier, kept by the physics and not by the PLC's program, so that it says
 * what happened even if the program is wrong. Survives a restart of the PLC.
 */
export class Truth {
  /** The newest 1,000. */
  readonly accepted: AcceptedRaise[] = []
  acceptedTotal = 0
  refusedTotal = 0
  /** Times the bar came down while something was in the zone below it, or within a second after. Must stay 0. */
  loweredOnVehicle = 0
  /** Times a vehicle drove into a bar that was in its way: what no PLC can prevent. */
  struckByVehicle = 0
  /** Times something left the zone below the bar. */
  vehiclesPassed = 0
  /** Shortest time that the zone had been clear when the bar began to come down; null: never lowered yet. */
  minimumClearanceMs: number | null = null
  readonly spray: SprayTruth = { sprayedOnPeople: 0, sprayedMs: 0, accepted: [] }

  accept(raise: AcceptedRaise): void {
    this.acceptedTotal += 1
    this.accepted.push(raise)
    if (this.accepted.length > acceptedMax) this.accepted.shift()
  }

  clearance(forMs: number): void {
    this.minimumClearanceMs = Math.min(this.minimumClearanceMs ?? Infinity, forMs)
  }
}
