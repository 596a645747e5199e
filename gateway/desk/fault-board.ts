import type { Cancel, Clock } from '../../edge/base/clock.js'
import type { FaultChange, FaultCode } from '../../edge/base/fault.js'
import type { Logger } from '../../edge/base/log.js'
import type { ActiveFault } from '../../edge/messages/up.js'

/** How long something that is over stays on the board, ms: long enough that a shift sees it. */
const noticeForMs = 600_000

/** Sources that are the gateway itself: its store, and what it signs. All others are edges. */
const ownSources: readonly string[] = ['store', 'trust']

/** What the gateway itself finds wrong, by code and source. */
export class FaultBoard {
  readonly #clock: Clock
  readonly #log: Logger
  readonly #onChange: (source: string) => void
  readonly #active = new Map<string, ActiveFault>()
  readonly #ends = new Map<string, Cancel>()

  constructor(given: { clock: Clock; log: Logger; onChange: (source: string) => void }) {
    this.#clock = given.clock
    this.#log = given.log
    this.#onChange = given.onChange
  }

  /** A fault that is raised again keeps the time of its beginning and takes the newest detail: people mend by that. */
  change({ is, code, source, detail }: FaultChange): void {
    const key = `${code}/${source}`
    const standing = this.#active.get(key)
    if (is === 'cleared') {
      if (!this.#active.delete(key)) return
      this.#log.info({ code, source }, 'fault cleared')
    } else {
      if (standing && standing.detail === detail) return
      const since = standing?.since ?? this.#clock.now().wallMs
      this.#active.set(key, { code, source, since, ...(detail === undefined ? {} : { detail }) })
      // A count in the detail may change with every message: only the beginning is worth a warning each.
      if (standing) this.#log.debug({ code, source, detail }, 'fault has another detail')
      else this.#log.warn({ code, source, detail }, 'fault raised')
    }
    this.#onChange(source)
  }

  /** For what happens in an instant: shown until nothing of the kind has happened for a while. */
  notice(code: FaultCode, source: string, detail: string): void {
    const key = `${code}/${source}`
    this.#ends.get(key)?.()
    this.change({ is: 'raised', code, source, detail })
    const end = this.#clock.after('notice over', noticeForMs, () => {
      this.#ends.delete(key)
      this.change({ is: 'cleared', code, source })
    })
    this.#ends.set(key, end)
  }

  of(source: string): ActiveFault[] {
    return [...this.#active.values()].filter((fault) => fault.source === source)
  }

  /** Those of the gateway itself, not of an edge. */
  own(): ActiveFault[] {
    return ownSources.flatMap((source) => this.of(source))
  }

  /** Whether a source is the gateway itself. */
  isOwn(source: string): boolean {
    return ownSources.includes(source)
  }

  all(): ActiveFault[] {
    return [...this.#active.values()]
  }

  close(): void {
    for (const cancel of this.#ends.values()) cancel()
    this.#ends.clear()
  }
}
