import type { ListHead } from '../../edge/messages/down.js'
import type { ListEntry, ListName } from '../../edge/messages/entities.js'
import type { Sql } from './database.js'
import { listHead } from './lists.js'

/** One state of an entry, and between which versions it stood so. */
export interface EntryState {
  readonly entry: ListEntry
  /** The version that it came with; when and by whom are null where that version is forgotten. */
  readonly since: number
  readonly sinceAt: number | null
  readonly sinceBy: string | null
  /** The first version without it; null: it stands so now. */
  readonly until: number | null
  readonly untilAt: number | null
  readonly untilBy: string | null
}

const statesMax = 1_000

/** Everything that is kept of an entry, oldest first. What retention has forgotten is not there. */
export async function entryHistory(sql: Sql, list: ListName, key: string): Promise<EntryState[]> {
  const rows = await sql.all<Omit<EntryState, 'entry'> & { entry: string }>(
    `SELECT held.entry AS entry, held.since AS since, came.published_at AS sinceAt, came.made_by AS sinceBy,
       held.gone AS until, went.published_at AS untilAt, went.made_by AS untilBy
     FROM list_entries AS held
     LEFT JOIN list_versions AS came ON came.list = held.list AND came.version = held.since
     LEFT JOIN list_versions AS went ON went.list = held.list AND went.version = held.gone
     WHERE held.list = ? AND held.key = ? ORDER BY held.since DESC LIMIT ${statesMax}`,
    [list, key],
  )
  return rows.reverse().map((row) => ({ ...row, entry: JSON.parse(row.entry) as ListEntry }))
}

/** The kept versions of a list, newest first, with who made each. */
export async function keptVersions(
  sql: Sql,
  list: ListName,
  limit: number,
): Promise<(ListHead & { readonly by: string })[]> {
  const rows = await sql.all<{ version: number; made_by: string }>(
    'SELECT version, made_by FROM list_versions WHERE list = ? ORDER BY version DESC LIMIT ?',
    [list, limit],
  )
  const heads: (ListHead & { readonly by: string })[] = []
  for (const { version, made_by: by } of rows) {
    const head = await listHead(sql, list, version)
    if (head) heads.push({ ...head, by })
  }
  return heads
}
