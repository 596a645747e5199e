/** How an event hangs in the chain of its epoch. */
export interface Link {
  readonly hash: string
  readonly previousHash: string
}

export interface SequenceState {
  readonly upTo: number
  readonly lastHash: string | null
  readonly ahead: ReadonlySet<number>
}

export interface Advance {
  readonly upTo: number
  readonly lastHash: string | null
  readonly ahead: ReadonlySet<number>
  /** Places the mark moved over, in order. */
  readonly passed: readonly number[]
  /** Events whose link does not fit the event before them. */
  readonly broken: readonly number[]
}

/**
 * Moves the contiguous mark as far as it goes. `links` gives the hashes of the places that are taken,
 * null where no event stands. A broken link does not stop the mark: the event is evidence and is
 * stored, and the break is reported by its place.
 */
export function advance(
  state: SequenceState,
  links: (sequence: number) => Link | null,
  taken: Iterable<number>,
): Advance {
  const ahead = new Set(state.ahead)
  for (const sequence of taken) if (sequence > state.upTo) ahead.add(sequence)
  const passed: number[] = []
  const broken: number[] = []
  let { upTo, lastHash } = state
  while (ahead.delete(upTo + 1)) {
    upTo += 1
    passed.push(upTo)
    const link = links(upTo)
    if (link && lastHash !== null && link.previousHash !== lastHash) broken.push(upTo)
    lastHash = link?.hash ?? null
  }
  return { upTo, lastHash, ahead, passed, broken }
}
