import { systemClock, type Clock } from '../../../base/clock.js'
import type { FaultChange, FaultCode } from '../../../base/fault.js'
import { silentLogger } from '../../../base/log.js'
import { SeededRandom } from '../../../base/random.js'
import type { PlateRead, Read, ReaderGiven, TagRead } from '../../../interfaces/reader.js'

/** A machine may be slow and busy; what never comes must still fail the test. */
const patienceMs = 20_000

/** Collects what a reader tells, and waits for it with a bound: tests sleep nowhere. */
export class Listener {
  readonly reads: Read[] = []
  readonly faults: FaultChange[] = []
  readonly given: ReaderGiven
  readonly #waiting = new Set<() => void>()
  readonly #longestMs = new Map<string, number>()

  constructor(id: string, clock: Clock = systemClock) {
    this.given = {
      id,
      clock: {
        now: () => clock.now(),
        after: (name, delayMs, run) => {
          this.#longestMs.set(name, Math.max(delayMs, this.longestWaitMs(name)))
          return clock.after(name, delayMs, run)
        },
      },
      random: new SeededRandom(7),
      log: silentLogger,
      onRead: (read) => {
        this.reads.push(read)
        this.#tell()
      },
      onFault: (change) => {
        this.faults.push(change)
        this.#tell()
      },
    }
  }

  get tags(): TagRead[] {
    return this.reads.filter((read) => read.kind === 'tag')
  }

  get plates(): PlateRead[] {
    return this.reads.filter((read) => read.kind === 'plate')
  }

  get epcs(): string[] {
    return this.tags.map((tag) => tag.epc)
  }

  /** The newest word on a fault of this code, or null where none came. */
  last(code: FaultCode): FaultChange['is'] | null {
    return this.faults.filter((change) => change.code === code).at(-1)?.is ?? null
  }

  changes(code: FaultCode): FaultChange['is'][] {
    return this.faults.filter((change) => change.code === code).map((change) => change.is)
  }

  /** The longest that the reader meant to wait under this name of a timer, whatever the machine made of it; 0: never. */
  longestWaitMs(name: string): number {
    return this.#longestMs.get(name) ?? 0
  }

  /** Resolves when `holds` does after something came; rejects, naming `what`, once the bound is over. */
  until(what: string, holds: () => boolean, withinMs = patienceMs): Promise<void> {
    if (holds()) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!holds()) return
        done()
        resolve()
      }
      const done = () => {
        clearTimeout(bound)
        this.#waiting.delete(look)
      }
      const bound = setTimeout(() => {
        done()
        const seen = JSON.stringify({ epcs: this.epcs.slice(-5), faults: this.faults.slice(-5) })
        reject(new Error(`not within ${withinMs} ms: ${what}; seen: ${seen}`))
      }, withinMs)
      this.#waiting.add(look)
    })
  }

  /** Resolves when the reader said that it is connected, `times` in all. */
  connected(times = 1, withinMs = patienceMs): Promise<void> {
    const ups = () => this.changes('reader.disconnected').filter((is) => is === 'cleared').length
    return this.until(`connected ${times} times`, () => ups() >= times, withinMs)
  }

  #tell(): void {
    for (const look of [...this.#waiting]) look()
  }
}
