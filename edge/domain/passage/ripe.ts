import { decide, patienceMs } from '../decision/decide.js'
import type { DecisionInputs } from '../decision/types.js'
import { weighingsMax } from '../decision/weights.js'
import type { Passage } from './passage.js'

export type Ripeness =
  /** Look again then, on the monotonic clock, if nothing new comes before; `prompt`: what is asked of the driver. */
  { readonly is: 'wait'; readonly untilMs: number; readonly prompt?: string } | { readonly is: 'ripe' }

/** While a tag is there but not settled, its claim may change with every read: how often to look. */
const lookAgainMs = 250

/**
 * Law 3: a passage is ripe when every input its profile requires is known and `collectMs` has
 * passed since the loop; how long an unfinished identification is worth waiting for the rules say
 * (`patienceMs`), and a lane with a camera waits a little for its word. When the time to identify is over it is judged with what there is, and what is
 * unknown then speaks for itself. `inputs` are those of this instant.
 */
export function ripeness(
  passage: Passage,
  inputs: DecisionInputs,
  nowMs: number,
  plateWithinMs: number,
): Ripeness {
  // The rules count in whole milliseconds.
  const overdueMs = Math.ceil(passage.openedMonoMs + inputs.policy.identifyWithinMs)
  if (nowMs >= overdueMs) return { is: 'ripe' }
  if (passage.pending.length > 0 || !inputsKnown(inputs)) return { is: 'wait', untilMs: overdueMs }
  const plateUntilMs = Math.min(overdueMs, Math.ceil(passage.openedMonoMs + plateWithinMs))
  const hasPlate = inputs.observations.plates.length > 0
  if (!hasPlate && nowMs < plateUntilMs) return { is: 'wait', untilMs: plateUntilMs }
  const patience = patienceMs(inputs)
  if (patience <= 0) return { is: 'ripe' }
  const heard = inputs.observations.tags.length + inputs.observations.plates.length > 0
  return {
    is: 'wait',
    untilMs: Math.min(overdueMs, nowMs + (heard ? Math.min(patience, lookAgainMs) : patience)),
    ...askedOf(inputs),
  }
}

/** A second weighing is worth waiting for only if the driver is told of it (rows 59 and 60). */
function askedOf(inputs: DecisionInputs): { prompt?: string } {
  const weight = inputs.observations.cargo?.weight ?? null
  if (weight === null) return {}
  const isOff = decide(inputs).reasons.some(({ code }) => code === 'WGT-01' || code === 'WGT-02')
  return { prompt: isOff && weight.tries < weighingsMax ? 'prompt.reweigh' : 'prompt.wait' }
}

/** A device that is known to be down is an answer too: a person is called without further waiting. */
function inputsKnown(inputs: DecisionInputs): boolean {
  const devices = Object.values(inputs.devices)
  if (devices.includes(false)) return true
  const { lane } = inputs.observations
  if (lane.entryLoop === 'unknown' || lane.exitLoop === 'unknown' || lane.barrier === 'unknown') return false
  if (lane.intrusion === 'unknown' || lane.previousClosed === 'unknown') return false
  if (inputs.facts.orders === 'unknown' || inputs.facts.blacklist === 'unknown') return false
  return !devices.includes('unknown')
}
