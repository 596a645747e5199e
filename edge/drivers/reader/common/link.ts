import { backoffMs, quick } from '../../../base/backoff.js'
import type { Clock } from '../../../base/clock.js'
import { messageOf } from '../../../base/error.js'
import type { Random } from '../../../base/random.js'

/** One connection, from its opening to its loss; never used again after that. */
export interface Session {
  /** Resolves with the reason once the connection is lost or closed; never rejects. */
  readonly lost: Promise<string>
  /** Whether something came over it: the next try after its loss then comes quickly. */
  readonly proven: boolean
  /** Releases it; resolves when done or after a bound of its own. Never rejects. Safe to call twice. */
  close(): Promise<void>
}

export interface LinkGiven {
  readonly clock: Clock
  readonly random: Random
  /**
   * Opens a new connection with new objects; rejects with a reason a person understands, and at once
   * when the signal says that the link is closing.
   */
  readonly open: (closing: AbortSignal) => Promise<Session>
  /** `opened` counts connections from 1. */
  readonly onUp: (opened: number) => void
  /** Called for every failed try as well; the same condition may be told more than once. */
  readonly onDown: (why: string) => void
}

/** A session that lived so long was a good one as well, though nothing came. */
const provenAfterMs = 5_000

/**
 * Keeps one connection up for ever: opens, waits for its loss, releases it, waits with the
 * `quick` back-off and jitter, opens a new one. Nothing of a lost session is used again.
 */
export class Link {
  readonly #given: LinkGiven
  readonly #closing = new AbortController()
  readonly #done: Promise<void>
  #session: Session | undefined

  constructor(given: LinkGiven) {
    this.#given = given
    this.#done = this.#run()
  }

  /** Resolves when nothing of it is open any more. Safe to call twice. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#session?.close()
    await this.#done
  }

  async #run(): Promise<void> {
    let attempt = 0
    let opened = 0
    while (!this.#closed) {
      let upMs = Infinity
      let proven = false
      try {
        this.#session = await this.#given.open(this.#closing.signal)
        upMs = this.#given.clock.now().monoMs
        opened += 1
        if (!this.#closed) this.#given.onUp(opened)
        if (!this.#closed) this.#tellDown(await this.#session.lost)
        proven = this.#session.proven || this.#given.clock.now().monoMs - upMs > provenAfterMs
        await this.#session.close()
      } catch (error) {
        this.#tellDown(messageOf(error))
      }
      this.#session = undefined
      if (proven) attempt = 0
      if (!this.#closed) await this.#pause(backoffMs(quick, attempt, this.#given.random))
      attempt += 1
    }
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted
  }

  #tellDown(why: string): void {
    if (!this.#closed) this.#given.onDown(why)
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const { signal } = this.#closing
      const done = () => {
        cancel()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const cancel = this.#given.clock.after('reader.reopen', delayMs, done)
      signal.addEventListener('abort', done)
    })
  }
}
