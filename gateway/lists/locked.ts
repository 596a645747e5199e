import type { ListEntry, ListName } from '../../edge/messages/entities.js'
import { lineProblem } from '../../edge/messages/text/line-problem.js'
import { Refusal } from '../desk/refusal.js'
import { heldEntry, type HeldEntry } from '../domain/list-change.js'
import { normaliseEntry, normaliseKey } from '../domain/list-keys.js'
import type { Sql } from '../store/database.js'

/** Which of these containers are locked in the list that is in force. */
async function lockedOf(sql: Sql, numbers: readonly string[]): Promise<ReadonlySet<string>> {
  if (numbers.length === 0) return new Set()
  const rows = await sql.all<{ key: string }>(
    `SELECT key FROM list_entries WHERE list = 'containers' AND gone IS NULL
       AND key IN (SELECT value FROM json_each(?)) AND entry ->> '$.lock' = 'LOCKED'`,
    [JSON.stringify(numbers)],
  )
  return new Set(rows.map(({ key }) => key))
}

/**
 * No change of a list ends a lock: that is the officer's word, after inspection and treatment (domain.md 5.2).
 * Throws {@link Refusal} naming the containers.
 */
export async function refuseUnlocking(
  sql: Sql,
  list: ListName,
  asked: { readonly upserts: readonly ListEntry[]; readonly deletes: readonly string[] },
): Promise<void> {
  if (list !== 'containers') return
  const opened = asked.upserts
    .map(normaliseEntry)
    .flatMap((entry) => (entry.kind === 'container' && entry.lock === 'OPEN' ? [entry.number] : []))
  const ended = [...opened, ...asked.deletes.map((key) => normaliseKey(list, key))]
  const locked = [...(await lockedOf(sql, ended))].sort()
  if (locked.length === 0) return
  const problems = locked.map((number) => lineProblem(number, 'lockedBox', { number }))
  throw new Refusal('stillLocked', 'a change of the list ends no lock', problems)
}

/** Whoever registers containers knows nothing of locks: the lock stays as it is, and the rest is taken. */
export async function keepLocks(
  sql: Sql,
  list: ListName,
  entries: readonly HeldEntry[],
): Promise<readonly HeldEntry[]> {
  if (list !== 'containers') return entries
  const locked = await lockedOf(
    sql,
    entries.map(({ key }) => key),
  )
  return entries.map((held) =>
    held.entry.kind === 'container' && locked.has(held.key)
      ? heldEntry({ ...held.entry, lock: 'LOCKED' })
      : held,
  )
}
