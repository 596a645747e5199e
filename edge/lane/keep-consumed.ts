import { messageOf } from '../base/error.js'
import type { Logger } from '../base/log.js'
import { usedKinds, type ConsumedBoard, type UsedKind } from '../domain/lists/consumed.js'
import type { ListStore } from '../interfaces/list-store.js'
import type { Journal } from '../interfaces/journal.js'
import { listKeyOf, type CargoListName } from '../messages/entities.js'
import { consumptionIn } from './usage.js'

/** Where a list shows what was used up; a receipt stands in none, and is remembered for good. */
const listOfKind: Readonly<Record<UsedKind, CargoListName | null>> = {
  trip: 'trips',
  declaration: 'declarations',
  release: 'releases',
  certificate: 'fitness',
  receipt: null,
}

/** Names looked up at once. */
const sweepMax = 256

/** Crossings read back from the journal at start: more than a day of eight busy lanes. */
const crossingsMax = 40_000

export interface ConsumedGiven {
  readonly journal: Pick<Journal, 'consumedOf'>
  readonly lists: Pick<ListStore, 'find' | 'onSwitched'>
  readonly laneIds: readonly string[]
  readonly log: Logger
}

/**
 * Puts on a new board what the journal says was used up, and then lets the board forget what the lists
 * come to show. Resolves, with how to stop, when the board is full: no lane may judge before.
 */
export async function keepConsumed(board: ConsumedBoard, given: ConsumedGiven): Promise<() => void> {
  const { journal, lists, laneIds, log } = given
  for (const { type, body, occurredAt } of (await journal.consumedOf?.(laneIds, crossingsMax)) ?? []) {
    const what = consumptionIn(type, body)
    if (what !== null) board.consume(what, occurredAt)
  }
  const sweep = (list?: string): void => {
    // What it does not get to is only remembered longer.
    sweepConsumed(board, lists, list).catch((error: unknown) => {
      log.warn({ error: messageOf(error) }, 'what was used up could not be compared with the lists')
    })
  }
  sweep()
  return lists.onSwitched(({ list }) => sweep(list))
}

/**
 * Forgets what a list shows by itself now, or has no more. At most 256 names of each kind are looked
 * at in one sweep, those that were looked at longest ago first. What cannot be read stays remembered.
 */
export async function sweepConsumed(
  board: ConsumedBoard,
  lists: Pick<ListStore, 'find'>,
  switched?: string,
): Promise<void> {
  for (const kind of usedKinds) {
    const list = listOfKind[kind]
    if (list === null || (switched !== undefined && list !== switched)) continue
    const names = board.remembered(kind, sweepMax)
    if (names.length === 0) continue
    const found = await lists.find(list, 'key', names)
    if (found === 'unknown') continue
    const byName = new Map(found.map((entry) => [listKeyOf(entry), entry]))
    for (const name of names) {
      const entry = byName.get(name)
      if (entry === undefined || board.isShown(entry)) board.forget(kind, name)
      else board.keep(kind, name)
    }
  }
}
