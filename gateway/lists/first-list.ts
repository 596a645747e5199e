import { LanekeeperError } from '../../edge/base/error.js'
import type { HeldEntry } from '../domain/list-change.js'
import { isKeptNumber } from '../domain/order-numbers.js'

/** A first list is read before anybody is known who could prove a lift. Throws `lists.lifted`. */
export function refuseLifted(entries: readonly HeldEntry[], file: string | undefined): void {
  const lifted = entries.filter(({ entry }) => 'lift' in entry && entry.lift !== undefined)
  const [first] = lifted
  if (first)
    throw new LanekeeperError(
      'lists.lifted',
      `${file}: ${first.key} is lifted (${lifted.length} such entries), and a first list proves no lift: leave it out`,
    )
}

/** A secret order of a first list has a number that nobody else may take. Throws `lists.secretNumber`. */
export function refuseSecretNumbers(entries: readonly HeldEntry[], file: string | undefined): void {
  const wrong = entries.filter(
    ({ key, entry }) => entry.kind === 'order' && entry.nature === 'SECRET' && !isKeptNumber(key),
  )
  const [first] = wrong
  if (first)
    throw new LanekeeperError(
      'lists.secretNumber',
      `${file}: ${first.key} is a secret order (${wrong.length} such entries): its number has to begin with S-, or others learn of it when they take the number`,
    )
}
