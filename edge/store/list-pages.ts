import { oneAhead } from '../base/one-ahead.js'
import type { BlacklistEntry, ControlOrder } from '../messages/entities.js'
import { leafRanges } from './list-tree.js'

/** Entries that are held in memory as well. */
export type ControlEntry = ControlOrder | BlacklistEntry

export interface Bodies {
  readonly bodies: string | null
}

// Canonical JSON has no line break in it.
const pageSql = `SELECT group_concat(body, char(10)) AS bodies FROM entries
  WHERE generation = ? AND leaf BETWEEN ? AND ?`

/** The entries of a list, as canonical JSON, in the order of its leaves; some thousand at a time, the next meanwhile. */
export async function* contentPages(
  { generation, count }: { readonly generation: number; readonly count: number },
  read: (sql: string, values: readonly number[]) => Promise<readonly Bodies[]>,
): AsyncGenerator<readonly string[]> {
  const pages = oneAhead(leafRanges(count), ([from, to]) => read(pageSql, [generation, from, to]))
  for await (const [page] of pages) if (page?.bodies) yield page.bodies.split('\n')
}
