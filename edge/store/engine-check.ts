import type { Connection } from './sqlite.js'

/** Has the engine look at a whole file, on a connection of its own, because it reads everything and nobody waits for it. */
export class EngineCheck {
  readonly #open: () => Promise<Connection>
  #running: Connection | null = null

  constructor(open: () => Promise<Connection>) {
    this.#open = open
  }

  /** What it finds wrong, rows out of their order among it; null: nothing. Rejects where the file cannot be read. */
  async damage(): Promise<string | null> {
    const connection = await this.#open()
    this.#running = connection
    try {
      const [row] = await connection.all<{ integrity_check: string }>('PRAGMA integrity_check(1)')
      const said = row?.integrity_check ?? 'the check said nothing'
      return said === 'ok' ? null : said
    } finally {
      this.#running = null
      await connection.close()
    }
  }

  /** Who closes does not wait for it: what is running ends with an error. */
  end(): void {
    this.#running?.interrupt()
  }
}
