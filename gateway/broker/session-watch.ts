import type { Cancel, Clock } from '../../edge/base/clock.js'

/** An edge that lost its line takes its old session over once; so many in a minute are two machines. */
const contestedAt = 3
const windowMs = 60_000

/**
 * Sees two machines under one edge id: each pushes the other out (the newest wins), both count as
 * connected half the time, and neither works.
 */
export class SessionWatch {
  readonly #clock: Clock
  readonly #onContest: (edgeId: string, contested: boolean) => void
  readonly #takeovers = new Map<string, number[]>()
  readonly #contested = new Map<string, Cancel>()

  constructor(clock: Clock, onContest: (edgeId: string, contested: boolean) => void) {
    this.#clock = clock
    this.#onContest = onContest
  }

  takenOver(edgeId: string): void {
    const nowMs = this.#clock.now().monoMs
    const recent = (this.#takeovers.get(edgeId) ?? []).filter((at) => nowMs - at < windowMs)
    recent.push(nowMs)
    this.#takeovers.set(edgeId, recent.slice(-contestedAt))
    if (recent.length < contestedAt) return
    const running = this.#contested.get(edgeId)
    running?.()
    const end = this.#clock.after('contest over', windowMs, () => {
      this.#contested.delete(edgeId)
      this.#onContest(edgeId, false)
    })
    this.#contested.set(edgeId, end)
    if (!running) this.#onContest(edgeId, true)
  }

  close(): void {
    for (const cancel of this.#contested.values()) cancel()
    this.#contested.clear()
  }
}
