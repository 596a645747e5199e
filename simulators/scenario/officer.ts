import type { Cancel, Clock } from '../../edge/base/clock.js'
import { messageOf } from '../../edge/base/error.js'
import type { Random } from '../../edge/base/random.js'
import type { EscalationState } from '../../gateway/api/schemas.js'
import type { GatewayClient } from './gateway-client.js'

export interface OfficerHabits {
  /** How long a case waits before the officer answers, at least; a person at the console may be first. */
  readonly thinksForMs: number
  readonly looksEveryMs: number
  /** Share of the cases under an order that are released with reason and number, 0 to 1. */
  readonly releaseOrderedShare: number
  /** Share of the other cases that are turned back. */
  readonly returnShare: number
  readonly onAnswered?: (escalation: EscalationState, answer: 'release' | 'return') => void
}

/** A simulated officer who works through the open escalations over the gateway's own API. */
export class Officer {
  readonly #client: () => GatewayClient | null
  readonly #clock: Clock
  readonly #random: Random
  readonly #habits: OfficerHabits
  readonly #firstSeen = new Map<string, number>()
  #cancel: Cancel | null = null
  #stopped = false
  answered = 0
  /** Answers that the gateway refused, e.g. because the vehicle left or a person was faster. */
  refused = 0
  lastRefusal = ''

  constructor(given: {
    readonly client: () => GatewayClient | null
    readonly clock: Clock
    readonly random: Random
    readonly habits: OfficerHabits
  }) {
    this.#client = given.client
    this.#clock = given.clock
    this.#random = given.random
    this.#habits = given.habits
  }

  start(): void {
    if (this.#stopped) return
    this.#cancel = this.#clock.after('officer', this.#habits.looksEveryMs, () => {
      this.#work().then(
        () => this.start(),
        (error: unknown) => {
          // The gateway may be away just now; the officer looks again.
          this.lastRefusal = messageOf(error)
          this.start()
        },
      )
    })
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  async #work(): Promise<void> {
    const client = this.#client()
    if (!client) return
    const { escalations } = await client.state()
    const open = escalations.filter((one) => one.state === 'OPEN')
    const nowMs = this.#clock.now().monoMs
    for (const id of this.#firstSeen.keys()) {
      if (!open.some((one) => one.escalationId === id)) this.#firstSeen.delete(id)
    }
    for (const escalation of open) {
      const since = this.#firstSeen.get(escalation.escalationId) ?? nowMs
      this.#firstSeen.set(escalation.escalationId, since)
      if (nowMs - since >= this.#habits.thinksForMs) await this.#answer(client, escalation)
    }
  }

  async #answer(client: GatewayClient, escalation: EscalationState): Promise<void> {
    const ordered = escalation.interceptOrderIds.length > 0
    const releases = ordered
      ? this.#random.next() < this.#habits.releaseOrderedShare
      : this.#random.next() >= this.#habits.returnShare
    const answer = releases ? 'release' : 'return'
    const orderIds = releases ? escalation.interceptOrderIds : []
    try {
      await client.verdict(escalation, {
        answer,
        reason: `looked at by the simulated officer`,
        orderIds: [...orderIds],
      })
      this.answered += 1
      this.#habits.onAnswered?.(escalation, answer)
    } catch (error) {
      this.refused += 1
      this.lastRefusal = messageOf(error)
    }
  }
}
