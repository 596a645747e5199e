import { reservationOf } from '../domain/lane/cargo-consume.js'
import type { LaneState } from '../domain/lane/step.js'
import type { LaneRecord } from '../domain/lane/types.js'
import type { ConsumedBoard, Consumption } from '../domain/lists/consumed.js'
import { consumptionSchema } from '../messages/events.js'

/**
 * Tells the board of the edge what this lane's vehicle is using: at once when it is on its way, so that no
 * other lane goes by the same paper; used up when the record of it is durable; free again when neither.
 */
export class Usage {
  readonly #board: ConsumedBoard | undefined
  #reservedFor: string | null = null

  constructor(board: ConsumedBoard | undefined) {
    this.#board = board
  }

  reserve(state: LaneState, wallMs: number): void {
    if (this.#board === undefined) return
    const next = reservationOf(state)
    if (next === null || next.passageId === this.#reservedFor) return
    this.#board.reserve(next.passageId, next.what, wallMs)
    if (this.#reservedFor === null) this.#reservedFor = next.passageId
  }

  /** A record is durable. */
  recorded({ type, body }: LaneRecord, wallMs: number): void {
    const what = consumptionIn(type, body)
    if (what !== null) this.#board?.consume(what, wallMs)
  }

  /** The step is durable, and what it says now stands. */
  settle(state: LaneState): void {
    const now = reservationOf(state)?.passageId ?? null
    if (this.#reservedFor === null || this.#reservedFor === now) return
    this.#board?.reserve(this.#reservedFor, null)
    this.#reservedFor = now
  }
}

/** What an event says was used up, surely or perhaps; null: it says nothing of the kind. */
export function consumptionIn(type: string, body: unknown): Consumption | null {
  if (type !== 'consumed' && type !== 'perhapsConsumed') return null
  return consumptionSchema.safeParse(body).data ?? null
}
