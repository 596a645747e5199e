import { isEntry } from '../decision/cargo-view.js'
import type { Decision, DecisionInputs, Reason } from '../decision/types.js'
import { viewOf } from '../decision/view.js'
import { effectOf, isEffective } from '../lists/control.js'
import { bayFor } from './bays.js'
import { record, updatePassage, type Turn } from './turn.js'

/**
 * What the gateway is to do about the vehicle beside answering, each said once in a passage: a container
 * that the port must not move, a vehicle that comes to be inspected.
 */
export function recordTasks(turn: Turn, inputs: DecisionInputs, decision: Decision): void {
  const locks = decision.reasons.filter((reason) => reason.outcome === 'lock')
  const { outcome, obligations } = decision
  const about = { tripId: tripIdOf(inputs), obligations }
  if (locks.length > 0) recordLock(turn, inputs, locks, about)
  // A container from an infected area is locked and inspected; no officer unlocks it before.
  if ((outcome !== 'hold' && outcome !== 'lock') || !obligations.includes('INSPECT')) return
  const reasons = [...new Set(decision.reasons.map((reason) => reason.code))].sort()
  if (!reportOnce(turn, 'inspection')) return
  const bay =
    outcome === 'hold' ? bayFor(turn.view.settings.bays, { primary: decision.primary, codes: reasons }) : null
  const at = bay === null ? {} : { bay: bay.id }
  record(turn, 'inspectionAsked', { reasons, containers: containersOf(inputs), ...about, ...at })
}

/** What the gateway is told beside: which trip it is, and what else there is to do. */
interface About {
  readonly tripId: string | null
  readonly obligations: readonly string[]
}

function tripIdOf({ facts }: DecisionInputs): string | null {
  const trip = facts.cargo?.trip ?? null
  return isEntry(trip) ? trip.tripId : null
}

/** Everything on the truck, unless a rule says which container it is. */
function recordLock(turn: Turn, inputs: DecisionInputs, locks: readonly Reason[], about: About): void {
  const load = containersOf(inputs)
  const declared = viewOf(inputs).cargo.declarations.map(({ no }) => no)
  const named = locks.map((reason) => ({
    containers: listed(load, reason.evidence['containers'], reason.evidence['CONTAINER']),
    declarationNos: listed(declared, reason.evidence['declarations'], reason.evidence['DECLARATION']),
  }))
  const isOnlyBoxes = named.every(({ containers }) => containers.length > 0)
  const containers = isOnlyBoxes ? eachOnce(named.flatMap((one) => one.containers)) : load
  const declarationNos = eachOnce(named.flatMap((one) => one.declarationNos))
  const { orders } = inputs.facts
  const orderIds =
    orders === 'unknown'
      ? []
      : orders.flatMap((order) =>
          effectOf(order).code === 'CTL-01' && isEffective(order, inputs.now) ? [order.orderId] : [],
        )
  const body = { containers, declarationNos, orderIds: eachOnce(orderIds) }
  if (reportOnce(turn, `lock:${containers.join()};${declarationNos.join()};${body.orderIds.join()}`))
    record(turn, 'containerLocked', { ...body, ...about })
}

function containersOf(inputs: DecisionInputs): string[] {
  return eachOnce(viewOf(inputs).cargo.containers.map(({ number }) => number))
}

/** Of the numbers of this load, those that the evidence of a rule names; what it only counts (`+3`) names none. */
function listed(load: readonly string[], ...evidence: readonly (string | undefined)[]): string[] {
  const names = evidence.flatMap((text) => (text === undefined ? [] : text.split(',')))
  if (names.some((name) => name.startsWith('+'))) return [...load]
  return names.filter((name) => name !== '')
}

function eachOnce(names: readonly string[]): string[] {
  return [...new Set(names)].sort()
}

const reportedMax = 64

/** True the first time for this passage; bounded. */
export function reportOnce(turn: Turn, what: string): boolean {
  const reported = turn.state.passage?.reported ?? []
  if (reported.includes(what) || reported.length >= reportedMax) return false
  updatePassage(turn, { reported: [...reported, what] })
  return true
}
