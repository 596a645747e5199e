import path from 'node:path'
import { LanekeeperError } from '../base/error.js'
import type { StoredEvent } from '../interfaces/journal.js'
import { readEvent, type RawEvent } from './event-row.js'
import { Connection } from './sqlite.js'

const pageEvents = 500

/**
 * Every event of a recorded journal, oldest first, without changing it: for replay and for checks
 * from another process, whether the edge runs, was stopped or was killed.
 *
 * @throws LanekeeperError `store.corrupt` where an event is not what was recorded or the chain is broken
 */
export async function* readRecordedJournal(dataDir: string): AsyncGenerator<StoredEvent> {
  const file = path.join(dataDir, 'journal.db')
  const connection = await Connection.openReadOnly(file).catch((error: unknown) => {
    throw new LanekeeperError('store.notReadable', `there is no readable journal ${file}`, { cause: error })
  })
  try {
    let last: StoredEvent | undefined
    for (;;) {
      const rows = await connection.all<RawEvent>(
        'SELECT sequence, hash, envelope FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?',
        [last?.sequence ?? 0, pageEvents],
      )
      if (rows.length === 0) return
      for (const row of rows) {
        const event = readEvent(row)
        if (last && (event.sequence !== last.sequence + 1 || event.previousHash !== last.hash)) {
          throw new LanekeeperError('store.corrupt', `the chain breaks before event ${event.sequence}`)
        }
        last = event
        yield event
      }
    }
  } finally {
    await connection.close().catch(() => undefined)
  }
}
