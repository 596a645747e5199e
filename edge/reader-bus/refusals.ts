import type { Cancel, Clock } from '../base/clock.js'
import type { FaultChange } from '../base/fault.js'
import type { Logger } from '../base/log.js'

/** The fault's source; the bus is one a process. */
const source = 'reader-bus'
const clearAfterMs = 60_000
const logEveryMs = 1_000

/**
 * Counts what the bus refused, keeps one fault for it, and at most one log line a second: somebody
 * who tries names by the thousand must not fill the log.
 */
export class Refusals {
  count = 0
  readonly #clock: Clock
  readonly #log: Logger
  readonly #onFault: (change: FaultChange) => void
  #lastMs = -Infinity
  #lastLogMs = -Infinity
  #unlogged = 0
  #cancel: Cancel | undefined

  constructor(given: { clock: Clock; log: Logger; onFault: (change: FaultChange) => void }) {
    this.#clock = given.clock
    this.#log = given.log
    this.#onFault = given.onFault
  }

  /** `why` is ours and carries nothing a stranger sent beyond a checked or quoted, bounded name. */
  refuse(why: string): void {
    this.count += 1
    this.#lastMs = this.#clock.now().monoMs
    this.#tell(why)
    if (this.#cancel !== undefined) return
    this.#onFault({ is: 'raised', code: 'readerBus.refusedClient', source, detail: `Refused ${why}.` })
    this.#waitForQuiet(clearAfterMs)
  }

  close(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #tell(why: string): void {
    if (this.#lastMs - this.#lastLogMs < logEveryMs) {
      this.#unlogged += 1
      return
    }
    this.#log.warn({ refused: why, unlogged: this.#unlogged }, 'The reader bus refused a client.')
    this.#lastLogMs = this.#lastMs
    this.#unlogged = 0
  }

  #waitForQuiet(delayMs: number): void {
    this.#cancel = this.#clock.after('readerBus.quiet', delayMs, () => {
      this.#cancel = undefined
      const leftMs = this.#lastMs + clearAfterMs - this.#clock.now().monoMs
      if (leftMs > 0) this.#waitForQuiet(leftMs)
      else this.#onFault({ is: 'cleared', code: 'readerBus.refusedClient', source })
    })
  }
}
