import type { Cancel, Clock } from '../base/clock.js'
import type { FaultChange } from '../base/fault.js'
import type { Logger } from '../base/log.js'
import type { ListHead } from '../messages/down.js'
import type { ListName } from '../messages/entities.js'

/** The lists that must be known to be the newest before a lane releases by itself again (domain.md 7, re-connection). */
const awaitedLists: readonly ListName[] = ['blacklist', 'orders']

export interface ResyncGiven {
  readonly clock: Clock
  readonly log: Logger
  /** The longest that lanes wait after a connection, in milliseconds; over several that bring nothing, together. */
  readonly withinMs: number
  readonly onFault: (change: FaultChange) => void
  /** Lanes need not wait any longer: the newest orders are in force, or were waited for in vain. */
  readonly onEnded: () => void
}

/**
 * Whether the edge is connected and not yet current. From the moment a session begins until the orders and the
 * blacklist that were named in this very session are in force, lanes release nobody by themselves; that lasts
 * `withinMs` at most, and then they go on as they did without a connection, with `controlList.notResynced`.
 */
export class Resync {
  readonly #given: ResyncGiven
  /** Version of each awaited list, as named in this session; null: not named yet. Empty: nothing is awaited. */
  readonly #awaited = new Map<ListName, number | null>()
  #session = 0
  #isOpen = false
  /** Whether what comes now was said in this session. */
  #counts = false
  /** What is left to wait in milliseconds, while nothing is being waited for. */
  #budgetMs: number
  #untilMs: number | null = null
  #endedMs: number | null = null
  #cancel: Cancel | null = null
  #faulty = false

  constructor(given: ResyncGiven) {
    this.#given = given
    this.#budgetMs = given.withinMs
  }

  /** How long lanes still wait, in milliseconds; 0: not at all. */
  get leftMs(): number {
    if (this.#untilMs === null) return 0
    return Math.max(0, Math.ceil(this.#untilMs - this.#given.clock.now().monoMs))
  }

  /**
   * The gateway answered, and nothing of this session has been heard yet. `earlierHeard` settles when all that an
   * earlier session brought has been dealt with: it says nothing of what is the newest now.
   */
  opened(earlierHeard: Promise<void>): void {
    const { clock, withinMs } = this.#given
    const nowMs = clock.now().monoMs
    // A link that comes and goes must not stop a lane for ever: only time without it, or success, lets lanes wait anew.
    if (this.#endedMs !== null && nowMs - this.#endedMs >= withinMs) this.#budgetMs = withinMs
    this.#session += 1
    this.#isOpen = true
    this.#counts = false
    for (const list of awaitedLists) this.#awaited.set(list, null)
    this.#untilMs = nowMs + this.#budgetMs
    this.#cancel = clock.after('orders resync', this.#budgetMs, () => this.#giveUp())
    const session = this.#session
    void earlierHeard.then(() => {
      if (session === this.#session) this.#counts = true
    })
  }

  /** The session is over, or there was none. */
  closed(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#session += 1
    this.#counts = false
    this.#endedMs = this.#given.clock.now().monoMs
    this.#budgetMs = this.#untilMs === null ? this.#budgetMs : this.leftMs
    const waited = this.#untilMs !== null
    this.#stop()
    this.#awaited.clear()
    this.#say(false)
    if (waited) this.#given.onEnded()
  }

  /** The gateway named this head as its newest, and it is known to be said now. */
  named({ list, version }: ListHead): void {
    if (this.#counts && this.#awaited.has(list)) this.#awaited.set(list, version)
  }

  /** This version is in force, and nothing newer was named. */
  inForce({ list, version }: ListHead): void {
    const named = this.#awaited.get(list)
    if (!this.#counts || typeof named !== 'number' || version < named) return
    this.#awaited.delete(list)
    if (this.#awaited.size > 0) return
    const waited = this.#untilMs !== null
    this.#budgetMs = this.#given.withinMs
    this.#stop()
    this.#say(false)
    if (waited) this.#given.onEnded()
  }

  close(): void {
    this.#session += 1
    this.#stop()
  }

  #giveUp(): void {
    const lists = [...this.#awaited.keys()]
    this.#given.log.warn({ lists }, 'connected, and the newest orders are not known')
    this.#budgetMs = 0
    this.#stop()
    this.#say(true, lists)
    this.#given.onEnded()
  }

  #stop(): void {
    this.#cancel?.()
    this.#cancel = null
    this.#untilMs = null
  }

  #say(faulty: boolean, lists: readonly ListName[] = []): void {
    if (faulty === this.#faulty) return
    this.#faulty = faulty
    const fault = { code: 'controlList.notResynced', source: 'uplink' } as const
    const detail = `connected for ${this.#given.withinMs} ms, and not known to be the newest: ${lists.join(', ')}`
    this.#given.onFault(faulty ? { is: 'raised', ...fault, detail } : { is: 'cleared', ...fault })
  }
}
