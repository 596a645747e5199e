import type { Clock } from '../../edge/base/clock.js'
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
}

/** What is known of each enrolled edge. Lossy: the newest replaces the older, and nothing here decides anything. */
export class Edges {
  readonly #given: EdgesGiven
  readonly #seen = new Map<string, Seen>()

  constructor(given: EdgesGiven) {
    this.#given = given
    for (const edgeId of given.edgeIds) {
      const lastSeenAt = given.memory.newestMark(edgeId)?.lastAt ?? null
      this.#seen.set(edgeId, { lastSeenAt, health: null })
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
    }
  }

  states(): EdgeState[] {
    return [...this.#seen.keys()].map((edgeId) => this.state(edgeId)).filter((one) => one !== undefined)
  }
}
