import { asksForCargo, cargoAskOf, isEmptyAsk, keyOfAsk } from './cargo-inputs.js'
import { assembleBare } from './inputs.js'
import { updatePassage, type Turn } from './turn.js'

/**
 * Asks the lists about driver and load, as soon as it is known whose vehicle it is, and again whenever
 * the question changes; the passage waits for the answer. The answer to the question before is not
 * waited for any more.
 */
export function askCargo(turn: Turn): void {
  const { passage } = turn.state
  const { settings } = turn.view
  if (!passage || passage.phase.at === 'violating') return
  if (!asksForCargo(settings.profile, settings.decision, passage)) return
  // An order may name what was sensed at once; whose vehicle it is the lists are just telling.
  if (passage.pending.some((name) => !name.startsWith(prefix))) return
  const ask = cargoAskOf(assembleBare(turn.state, passage, turn.view), passage, settings.direction)
  if (isEmptyAsk(ask)) return
  const asked = keyOfAsk(ask)
  if (passage.cargo.asked === asked) return
  const asks = passage.cargo.asks + 1
  // Numbered, so that the answer of lists that were switched meanwhile is not taken for the new one.
  const key = keyOfAsk({ ...ask, no: asks })
  updatePassage(turn, {
    pending: [...passage.pending.filter((other) => !other.startsWith(prefix)), `${prefix}${key}`],
    cargo: { ...passage.cargo, asked, asks },
  })
  turn.others.push({ do: 'lookup', of: { kind: 'cargo', key } })
}

/** The lists have been switched: the same question may be answered otherwise now. */
export function askCargoAnew(turn: Turn): void {
  const { passage } = turn.state
  if (!passage || passage.cargo.asked === null) return
  updatePassage(turn, { cargo: { ...passage.cargo, asked: null } })
  askCargo(turn)
}

const prefix = 'cargo:'
