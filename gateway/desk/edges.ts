import type { Clock } from '../../edge/base/clock.js'
import type { ListName } from '../../edge/messages/entities.js'
import type { Health } from '../../edge/messages/up.js'
import type { EdgeState } from '../api/schemas.js'
import type { Memory } from '../store/memory.js'
import type { FaultBoard } from './fault-board.js'

export interface EdgesGiven {
  readonly site: string
  readonly edgeIds: readonly string[]
  readonly clock: Clock
  readonly memory: Memory
  readonly faults: FaultBoard
  readonly isConnected: (edgeId: string) => boolean
}

interface Seen {
  lastSeenAt: number | null
  health: Health | null
  readonly listsSent: Map<ListName, ListWord>
  readonly listsVerified: Map<ListName, ListWord>
}

interface ListWord {
  readonly version: number
  /** UTC ms. */
  readonly at: number
}

/** What is known of each enrolled edge. Lossy: the newest replaces the older, and nothing here decides anything. */
export class Edges {
  readonly #given: EdgesGiven
  readonly #seen = new Map<string, Seen>()

  constructor(given: EdgesGiven) {
    this.#given = given
    for (const edgeId of given.edgeIds) {
      const lastSeenAt = given.memory.newestMark(edgeId)?.lastAt ?? null
      const lists = { listsSent: new Map(), listsVerified: new Map() }
      this.#seen.set(edgeId, { lastSeenAt, health: null, ...lists })
    }
  }

  heard(edgeId: string): void {
    const seen = this.#seen.get(edgeId)
    if (seen) seen.lastSeenAt = this.#given.clock.now().wallMs
  }

  health(edgeId: string, health: Health): void {
    this.heard(edgeId)
    const seen = this.#seen.get(edgeId)
    if (seen) seen.health = health
  }

  /** A version went out to the edge, which listens. */
  listSent(edgeId: string, list: ListName, version: number): void {
    const sent = this.#seen.get(edgeId)?.listsSent
    // What is only said again was sent when it was said first.
    if (sent?.get(list)?.version !== version) sent?.set(list, { version, at: this.#given.clock.now().wallMs })
  }

  /** The edge found a version to be proven, and fetches it. */
  listVerified(edgeId: string, list: ListName, version: number, at: number): void {
    this.#seen.get(edgeId)?.listsVerified.set(list, { version, at })
  }

  /** The epoch of the edge's present database as it last told it, else the newest that sent an event. */
  epoch(edgeId: string): string | undefined {
    return this.#seen.get(edgeId)?.health?.outbox.epoch ?? this.#given.memory.newestMark(edgeId)?.epoch
  }

  state(edgeId: string): EdgeState | undefined {
    const seen = this.#seen.get(edgeId)
    if (!seen) return undefined
    const { site, memory, faults, isConnected } = this.#given
    const mark = memory.newestMark(edgeId)
    return {
      edgeId,
      site,
      connected: isConnected(edgeId),
      lastSeenAt: seen.lastSeenAt,
      stored: { epoch: mark?.epoch ?? null, upTo: mark?.upTo ?? 0 },
      health: seen.health,
      faults: faults.of(edgeId),
      lists: memory.listAnswers(edgeId),
      listsSent: wordsOf(seen.listsSent),
      listsVerified: wordsOf(seen.listsVerified),
    }
  }

  states(): EdgeState[] {
    return [...this.#seen.keys()].map((edgeId) => this.state(edgeId)).filter((one) => one !== undefined)
  }
}

function wordsOf(words: ReadonlyMap<ListName, ListWord>): { list: string; version: number; at: number }[] {
  return [...words].map(([list, { version, at }]) => ({ list, version, at }))
}
