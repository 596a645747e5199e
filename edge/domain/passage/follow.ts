import type { Edge } from '../barrier/image.js'

/** Where the vehicle of the open passage is, as far as two loops tell. */
export type Where = 'onEntry' | 'onBoth' | 'onExit' | 'between' | 'gone'

export interface Position {
  readonly where: Where
  /** Another vehicle stands on the entry loop behind one that has left it. */
  readonly follower: boolean
}

/** What a loop's change means for the passage. */
export type Moved =
  /** The front is under the bar. */
  | 'ontoExit'
  /** The entry loop is free, and the vehicle is on the exit loop. */
  | 'leftEntry'
  /** The entry loop is free and the exit loop too: it backed out, or crosses very fast. */
  | 'lostSight'
  /** It came back onto the entry loop before it was given up. */
  | 'returned'
  /** The exit loop is free again. */
  | 'offExit'
  /**
   * The exit loop became free while the entry loop was occupied all the time: the vehicle reversed,
   * or a second one stands close behind. Loops cannot tell; the right to pass is spent either way.
   */
  | 'reversed'
  /** A second vehicle waits on the entry loop: no offence. */
  | 'secondArrived'
  /** A second vehicle left the entry loop while the first was still under the bar: tail-gating. */
  | 'secondFollowed'

export const atEntry: Position = { where: 'onEntry', follower: false }

/** Moves the vehicle by one change of one loop. A change without meaning moves nothing. */
export function follow(at: Position, edge: Edge): { position: Position; moved: Moved | null } {
  switch (at.where) {
    case 'onEntry':
      if (edge === 'exitRose') return to(at, 'onBoth', 'ontoExit')
      if (edge === 'entryFell') return to(at, 'between', 'lostSight')
      break
    case 'onBoth':
      if (edge === 'entryFell') return to(at, 'onExit', 'leftEntry')
      if (edge === 'exitFell') return to(at, 'gone', 'reversed')
      break
    case 'onExit':
      if (edge === 'exitFell') return to(at, 'gone', 'offExit')
      if (edge === 'entryRose') return { position: { ...at, follower: true }, moved: 'secondArrived' }
      if (edge === 'entryFell' && at.follower)
        return { position: { ...at, follower: false }, moved: 'secondFollowed' }
      break
    case 'between':
      if (edge === 'exitRose') return to(at, 'onExit', 'ontoExit')
      if (edge === 'entryRose') return to(at, 'onEntry', 'returned')
      break
    case 'gone':
      break
  }
  return { position: at, moved: null }
}

function to(at: Position, where: Where, moved: Moved): { position: Position; moved: Moved } {
  return { position: { ...at, where }, moved }
}

/** Position by the loops' levels alone, after a gap in what was seen; null: no vehicle. */
export function positionByLevels(
  entry: 'occupied' | 'clear' | null,
  exit: 'occupied' | 'clear' | null,
): Position | null {
  if (entry === 'occupied') return { where: exit === 'occupied' ? 'onBoth' : 'onEntry', follower: false }
  return exit === 'occupied' ? { where: 'onExit', follower: false } : null
}
