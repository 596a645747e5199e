import type { Cancel, Clock } from '../../edge/base/clock.js'
import { messageOf } from '../../edge/base/error.js'
import type { Logger } from '../../edge/base/log.js'
import type { ListDelta, ListHead } from '../../edge/messages/down.js'
import { laneListNames, type ListName } from '../../edge/messages/entities.js'
import { messageMaxBytes } from '../../edge/messages/envelope.js'

export interface TellingGiven {
  readonly clock: Clock
  readonly log: Logger
  /** One step from that version of a list to the newest; undefined: it is too long for one. */
  readonly delta: (list: ListName, from: number) => Promise<ListDelta | undefined>
  /** The head that is in force. */
  readonly present: (list: ListName) => ListHead
  /** A new version is in force: tell the edges. The delta is undefined where the step is too large for a message. */
  readonly onVersion: (head: ListHead, delta: ListDelta | undefined) => void
}

/** A delta of more than this is fetched over HTTP, so that a message stays well within the wire's limit. */
const deltaMaxBytes = messageMaxBytes - 16 * 1024

/** A list about driver or load is told to the edges at most once in this time, milliseconds. */
const restMs = 500

/**
 * What the edges are told of versions that are in force: never with a hole between two steps, and at once, but for lists
 * that change with every crossing. Knows what was told last, and nothing of how a version is made.
 */
export class Telling {
  readonly #given: TellingGiven
  /** The version of each list that the edges were told last. */
  readonly #told = new Map<ListName, number>()
  #going: Promise<void> = Promise.resolve()
  /** Of lists about driver and load: when they were told last, and those that wait for it. */
  readonly #toldAtMs = new Map<ListName, number>()
  readonly #waiting = new Map<ListName, Cancel>()
  #closed = false

  constructor(given: TellingGiven) {
    this.#given = given
  }

  /**
   * Tells the edges of versions that have just been committed. Changes that were committed while an earlier one was read
   * go out together with it, as one step from the version told last.
   */
  tell(heads: readonly ListHead[]): Promise<void> {
    // One after another: two at once would read the same version told last, and leave a hole.
    const done = this.#going.then(() => this.#tellNext(heads))
    this.#going = done.catch(() => undefined)
    return done
  }

  /** What waits to be told is told by the heads after the next start. */
  close(): void {
    for (const cancel of this.#waiting.values()) cancel()
    this.#waiting.clear()
    this.#closed = true
  }

  async #tellNext(heads: readonly ListHead[]): Promise<void> {
    const { delta: deltaFrom, present, onVersion } = this.#given
    for (const head of heads) {
      const told = this.#told.get(head.list) ?? head.version - 1
      if (told >= head.version || this.#isToldLater(head.list)) continue
      const delta = await deltaFrom(head.list, told)
      const newest = delta?.head ?? present(head.list)
      this.#told.set(head.list, newest.version)
      const small = delta && Buffer.byteLength(JSON.stringify(delta)) <= deltaMaxBytes
      onVersion(newest, small ? delta : undefined)
    }
  }

  /**
   * Lists about driver and load change with every crossing: they are told at most once in `restMs`, and what
   * came meanwhile goes out in one step, so that a thousand edges hear a message and not ten.
   */
  #isToldLater(list: ListName): boolean {
    if (laneListNames.some((name) => name === list)) return false
    const { clock, log, present } = this.#given
    const nowMs = clock.now().monoMs
    const restsForMs = (this.#toldAtMs.get(list) ?? -Infinity) + restMs - nowMs
    if (restsForMs <= 0) {
      this.#toldAtMs.set(list, nowMs)
      return false
    }
    if (this.#waiting.has(list) || this.#closed) return true
    const later = (): void => {
      this.#waiting.delete(list)
      this.tell([present(list)]).catch((error: unknown) => {
        log.error({ list, error: messageOf(error) }, 'a list version was made but not told')
      })
    }
    this.#waiting.set(list, clock.after('list publish', restsForMs, later))
    return true
  }
}
