import type { Cancel, Clock } from '../../edge/base/clock.js'
import { messageOf } from '../../edge/base/error.js'
import type { ControlOrder } from '../../edge/messages/entities.js'
import type { Arrival } from './traffic.js'
import type { YardNotice } from './yard-process.js'

/** Gives the orders that arrive while their vehicle already stands at the line. */
export class LateOrders {
  readonly #clock: Clock
  readonly #give: (order: ControlOrder) => Promise<unknown>
  readonly #pending: ReadonlyMap<string, NonNullable<Arrival['lateOrder']>>
  readonly #timers = new Set<Cancel>()
  given = 0
  lastError = ''

  constructor(arrivals: readonly Arrival[], clock: Clock, give: (order: ControlOrder) => Promise<unknown>) {
    this.#clock = clock
    this.#give = give
    this.#pending = new Map(
      arrivals.flatMap(({ vehicle, lateOrder }) =>
        lateOrder === null ? [] : [[vehicle.id, lateOrder] as const],
      ),
    )
  }

  take(notice: YardNotice): void {
    if (notice.is !== 'onLoop') return
    const late = this.#pending.get(notice.vehicleId)
    if (!late) return
    const cancel = this.#clock.after('late order', late.afterLoopMs, () => {
      this.#timers.delete(cancel)
      this.#give(late.order).then(
        () => {
          this.given += 1
        },
        (error: unknown) => {
          // The gateway may be away just now: then there is no such order.
          this.lastError = messageOf(error)
        },
      )
    })
    this.#timers.add(cancel)
  }

  stop(): void {
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
  }
}
