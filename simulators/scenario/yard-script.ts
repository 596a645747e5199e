import type { Clock } from '../../edge/base/clock.js'
import { LanekeeperError } from '../../edge/base/error.js'
import type { Sensed } from '../../edge/messages/sensed.js'
import type { PlcFailure } from '../plc/settings.js'
import type { SimulatedPlate, SimulatedTag } from '../reader/index.js'
import type { Act } from '../vehicle/driver.js'
import type { VehicleSpec } from '../vehicle/vehicle.js'
import type { YardLane } from './yard.js'

/** What a scenario has done in one lane of the yard, in full: nothing of it is drawn. */
export type ScriptedOrder = { readonly lane: string } & (
  | { readonly do: 'drive'; readonly vehicle: VehicleSpec; readonly acts: readonly Act[] }
  /** The lane's reader reports this tag so many times, the first time at once. */
  | { readonly do: 'hear'; readonly tag: SimulatedTag; readonly times: number; readonly everyMs: number }
  | { readonly do: 'see'; readonly plate: SimulatedPlate }
  | { readonly do: 'find'; readonly sensed: Sensed }
  /** Somebody comes near the vehicle, or nobody is near any more. */
  | { readonly do: 'people'; readonly areNear: boolean }
  /** Breaks parts of the lane's barrier and loops, or mends them: what is not named stays as it is. */
  | { readonly do: 'fail'; readonly failure: Partial<PlcFailure> }
)

/** Does it, or begins to: reports that follow the first are sent from then on. */
export function carryOutScripted(order: ScriptedOrder, lane: YardLane, clock: Clock): void {
  switch (order.do) {
    case 'drive':
      if (!lane.enter(order.vehicle, order.acts)) {
        throw new LanekeeperError('yard.queueFull', `too many vehicles wait for ${lane.id} already`)
      }
      return
    case 'hear':
      for (let time = 0; time < order.times; time += 1) {
        clock.after('yard.hear', time * order.everyMs, () => lane.hear(order.tag))
      }
      return
    case 'see':
      lane.see(order.plate)
      return
    case 'find':
      lane.find(order.sensed)
      return
    case 'people':
      lane.plc.people(order.areNear, clock.now().monoMs)
      return
    case 'fail':
      lane.plc.fail(order.failure)
      return
  }
}
