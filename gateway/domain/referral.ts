import { sha256Hex } from '../../edge/base/hash.js'
import type { ControlOrder } from '../../edge/messages/entities.js'
import { interceptsOf, subjectsOf } from './auto-order.js'
import type { InspectionRecord } from './inspection.js'
import type { PassageRecord } from './passage.js'

/** What becomes of a vehicle's time to come to inspection when that time is over. */
export type ReferralNow =
  /** It has come, or needs not: nothing more to watch. */
  | { readonly is: 'over' }
  /** It still stands in its lane, or left it a moment ago. */
  | { readonly is: 'later'; readonly dueAt: number }
  | { readonly is: 'missed' }

export interface ReferralView {
  readonly nowMs: number
  /** How long a vehicle may take, ms. */
  readonly withinMs: number
  /** The newest passage that asked for the task; undefined: the gateway knows of none. */
  readonly passage: PassageRecord | undefined
  /** Whether its edge could tell us that the vehicle has left the lane. */
  readonly isConnected: boolean
}

/** How soon a vehicle that stands in its lane is looked at again, ms. */
const againMs = 10_000

/**
 * Whether a vehicle that was sent to inspection has failed to come (domain.md 7, referral not honoured). Its
 * time runs from the moment it left the lane. One that stands there still has not gone anywhere; but where
 * its edge is away nobody knows that, and then it counts as gone.
 */
export function referralAt(task: InspectionRecord, view: ReferralView): ReferralNow {
  if (task.state !== 'CREATED' && task.state !== 'ASSIGNED') return { is: 'over' }
  const { passage, nowMs, withinMs, isConnected } = view
  if (passage === undefined) return { is: 'missed' }
  if (passage.endedAt === null)
    return isConnected ? { is: 'later', dueAt: nowMs + againMs } : { is: 'missed' }
  const dueAt = passage.endedAt + withinMs
  return dueAt > nowMs ? { is: 'later', dueAt } : { is: 'missed' }
}

/**
 * The order that stops the vehicle wherever it comes next: on the vehicle itself, else on what was read of it.
 * The ids come from the task, so that a second look places nothing new.
 */
export function ordersOfMissed(
  task: InspectionRecord,
  passage: PassageRecord | undefined,
  atMs: number,
): ControlOrder[] {
  const { taskId, edgeId, lane, vehicleId, plates } = task
  const subjects =
    vehicleId === null
      ? subjectsOf(passage, passage?.epcs ?? [], plates)
      : [{ kind: 'VEHICLE' as const, key: vehicleId }]
  const reason = `sent to inspection ${taskId} from lane ${lane} of ${edgeId} and did not come`
  return interceptsOf(sha256Hex(`referral/${taskId}`), subjects, reason, atMs)
}
