import type { Reader, ReaderCounters, ReaderGiven } from '../../../interfaces/reader.js'
import { Intake, type IntakePolicy } from './intake.js'
import { FaultLamp } from './lamp.js'
import { Link, type Session } from './link.js'

/** How one family gets a connection, and what it hands its bytes to. */
export type OpenConnection = (intake: Intake, closing: AbortSignal) => Promise<Session>

/**
 * A reader over one connection: keeps it up, counts its openings, and tells of its loss as `reader.disconnected`.
 * What comes over it is the family's.
 *
 * @param at where the reader is, for the log: path, topic or host
 */
export function openConnected(
  given: ReaderGiven,
  policy: IntakePolicy,
  at: string,
  open: OpenConnection,
): Reader {
  return new ConnectedReader(given, policy, at, open)
}

class ConnectedReader implements Reader {
  readonly id: string
  readonly #given: ReaderGiven
  readonly #at: string
  readonly #intake: Intake
  readonly #disconnected: FaultLamp
  readonly #link: Link

  constructor(given: ReaderGiven, policy: IntakePolicy, at: string, open: OpenConnection) {
    this.id = given.id
    this.#given = given
    this.#at = at
    const intake = new Intake(given, policy)
    this.#intake = intake
    this.#disconnected = new FaultLamp('reader.disconnected', given.id, given.onFault)
    this.#link = new Link({
      clock: given.clock,
      random: given.random,
      open: (closing) => open(intake, closing),
      onUp: (opened) => this.#up(opened),
      onDown: (why) => this.#down(why),
    })
  }

  get counters(): ReaderCounters {
    return this.#intake.counters
  }

  async close(): Promise<void> {
    await this.#link.close()
    this.#intake.close()
  }

  #up(opened: number): void {
    this.#intake.counters.reconnects = opened - 1
    this.#intake.connected(true)
    this.#disconnected.confirmClear()
    this.#given.log.info({ reader: this.id, at: this.#at, opened }, 'Reader connected.')
  }

  #down(why: string): void {
    this.#intake.connected(false)
    if (!this.#disconnected.raised)
      this.#given.log.warn({ reader: this.id, at: this.#at, why }, 'Reader is away.')
    this.#disconnected.raise(why)
  }
}
