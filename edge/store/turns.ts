/** How a job stands in line: what a vehicle waits for goes before what nobody waits for. */
export type Turn = 'urgent' | 'background'

interface Waiting {
  readonly start: () => Promise<void>
}

/**
 * One job at a time over one connection, first in first out within each kind. Two callers on one
 * sqlite3 connection would otherwise share a transaction, and one's rollback would take the other's
 * rows with it (measured). Long work cuts itself into background jobs of a few milliseconds, so
 * that an append or a lookup waits for at most one of them.
 */
export class Turns {
  readonly #urgent: Waiting[] = []
  readonly #background: Waiting[] = []
  #running: Promise<void> | null = null

  /** Jobs waiting, the running one not counted. */
  get waiting(): number {
    return this.#urgent.length + this.#background.length
  }

  /** Runs `job` alone; settles as the job does. A job that fails costs nobody else anything. */
  run<T>(turn: Turn, job: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const start = async (): Promise<void> => {
        try {
          resolve(await job())
        } catch (error) {
          reject(error)
        }
      }
      const line = turn === 'urgent' ? this.#urgent : this.#background
      line.push({ start })
      this.#running ??= this.#work()
    })
  }

  /** Resolves when nothing runs and nothing waits. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running
  }

  async #work(): Promise<void> {
    // Everything that the callers of one moment queue is in line before the first job starts.
    await Promise.resolve()
    for (;;) {
      const next = this.#urgent.shift() ?? this.#background.shift()
      if (!next) break
      await next.start()
    }
    this.#running = null
  }
}
