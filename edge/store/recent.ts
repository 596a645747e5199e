import type { EventRow } from './event-row.js'
import type { StoredEvent } from '../interfaces/journal.js'

const eventsMax = 256
const bytesMax = 512 * 1024

/**
 * The newest recorded events, as long as the gateway does not have them: what is sent a moment after
 * its commit need not be read back, in the way of the next commit. Bounded; whoever asks for more
 * reads the file.
 */
export class RecentEvents {
  #rows: readonly EventRow[] = []
  #bytes = 0

  /** Rows that are durable now, in sequence. */
  add(rows: readonly EventRow[]): void {
    this.#rows = [...this.#rows, ...rows]
    for (const row of rows) this.#bytes += row.bytes
    let over = 0
    while (this.#rows.length - over > eventsMax || this.#bytes > bytesMax) {
      this.#bytes -= this.#rows[over]?.bytes ?? 0
      over += 1
    }
    if (over > 0) this.#rows = this.#rows.slice(over)
  }

  /** Events up to here are not asked for again in the ordinary course. */
  forget(upTo: number): void {
    const kept = this.#rows.filter((row) => row.stored.sequence > upTo)
    if (kept.length === this.#rows.length) return
    this.#rows = kept
    this.#bytes = kept.reduce((sum, row) => sum + row.bytes, 0)
  }

  /** What follows `sequence`, at least one and cut short by either bound; null: the file must be read. */
  after(sequence: number, maxEvents: number, maxBytes: number): readonly StoredEvent[] | null {
    const from = this.#rows.findIndex((row) => row.stored.sequence === sequence + 1)
    if (from < 0) return null
    const found: StoredEvent[] = []
    let bytes = 0
    for (const row of this.#rows.slice(from, from + maxEvents)) {
      bytes += row.bytes
      if (bytes > maxBytes && found.length > 0) break
      found.push(row.stored)
    }
    return found
  }
}
