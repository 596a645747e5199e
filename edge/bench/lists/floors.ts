import path from 'node:path'
import { canonicalJson } from '../../base/canonical.js'
import { openConnection } from '../../store/database.js'
import { round, spreadOf, type Spread } from '../figures.js'
import { machineMs } from '../machine-time.js'
import { countOf, entryOf, epcOf, spreadNumbers } from './entries.js'

const rowsAtOnce = 2_000
const lookups = 5_000

export interface Floor {
  readonly buildMs: number
  readonly lookupMs: Spread
  readonly rssMb?: number
}

/** As many rows as there are tags in one table with one index, and a lookup by it: nothing is checked. */
export async function plainSqlite(dir: string, entries: number): Promise<Floor> {
  const count = countOf('tags', entries)
  const connection = await openConnection(path.join(dir, 'plain.db'), true)
  try {
    await connection.exec('CREATE TABLE plain (key TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID')
    const fromMs = machineMs()
    for (let at = 0; at < count; at += rowsAtOnce) {
      const rows = Array.from({ length: Math.min(rowsAtOnce, count - at) }, (_, n) => [
        epcOf(at + n),
        canonicalJson(entryOf('tags', at + n)),
      ])
      await connection.run('INSERT INTO plain SELECT value ->> 0, value ->> 1 FROM json_each(?)', [
        JSON.stringify(rows),
      ])
    }
    const buildMs = Math.round(machineMs() - fromMs)
    const times: number[] = []
    for (const n of spreadNumbers(lookups, count)) {
      const askedMs = machineMs()
      const [row] = await connection.all<{ body: string }>('SELECT body FROM plain WHERE key = ?', [epcOf(n)])
      JSON.parse(row?.body ?? 'null')
      times.push(machineMs() - askedMs)
    }
    return { buildMs, lookupMs: spreadOf(times) }
  } finally {
    await connection.close()
  }
}

/** As many entries in a Map: what a lookup costs that waits for nothing, and what it costs in memory. */
export function javascriptMap(entries: number): Floor {
  const count = countOf('tags', entries)
  const before = process.memoryUsage.rss()
  const fromMs = machineMs()
  const map = new Map<string, unknown>()
  for (let n = 0; n < count; n += 1) map.set(epcOf(n), JSON.parse(canonicalJson(entryOf('tags', n))))
  const buildMs = Math.round(machineMs() - fromMs)
  const rssMb = round((process.memoryUsage.rss() - before) / 1024 ** 2, 0)
  const times: number[] = []
  for (const n of spreadNumbers(lookups, count)) {
    const askedMs = machineMs()
    if (!map.has(epcOf(n))) throw new Error('an entry is missing in the Map')
    times.push(machineMs() - askedMs)
  }
  return { buildMs, lookupMs: spreadOf(times), rssMb }
}
