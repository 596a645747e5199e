import { setImmediate } from 'node:timers/promises'
import type { HoldJudge } from '../messages/trust/holds.js'
import type { ListDelta } from '../messages/down.js'
import { leafOf } from '../messages/list-hash.js'
import { isControl, isControlEntry } from './list-content.js'
import type { ControlEntry } from './list-pages.js'
import type { ListFile } from './list-file.js'
import type { Load } from './list-kept.js'
import { leafRanges } from './list-tree.js'

/** Entries that one step compares, on average: what is held in memory at once, however long the list is. */
const comparedEntries = 200
const pageRows = 256
/** Entries judged in one go, in the lanes' own thread. */
const judgedInOneGo = 50

export const holdRemedy =
  'Put the hold back at the gateway and let two persons lift it, or let two others lift it again where a key was taken away; an edge that is to begin anew has its lists.db moved away.'

/** An entry that the next version changes, as JSON; null: it is not in that version. */
interface ChangedRow {
  readonly leaf: number
  readonly key: string
  readonly before: string | null
  readonly after: string | null
}

/**
 * Why a delta may not come into force: a hold went or grew weaker without proof. Null: it may. Asked before anything
 * of it is written. `generation` null: nothing is in force.
 */
export async function holdProblemOfDelta(
  file: ListFile,
  generation: number | null,
  { list, upserts, deletes }: ListDelta,
  judge: HoldJudge | undefined,
): Promise<string | null> {
  if (!judge || !isControl(list)) return null
  const after = new Map<string, ControlEntry | null>(deletes.map((key) => [key, null]))
  for (const entry of upserts)
    if (isControlEntry(entry)) after.set(entry.kind === 'order' ? entry.orderId : entry.entryId, entry)
  const rows = await file.background((connection) =>
    connection.all<{ key: string; body: string }>(
      `SELECT key, body FROM entries WHERE generation = ?1
       AND (leaf, key) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?2))`,
      [generation ?? -1, JSON.stringify([...after.keys()].map((key) => [leafOf(key), key]))],
    ),
  )
  const before = new Map(rows.map(({ key, body }) => [key, JSON.parse(body) as ControlEntry]))
  return problemAmong(judge, [...after], ([key, entry]) => [before.get(key) ?? null, entry])
}

/**
 * The same for a full list that is staged and whole, with its tree beside it: leaf by leaf, and only the leaves whose
 * hash is another one than in the content in force, so that a million entries cost what changed among them.
 */
export async function holdProblemOfLoad(
  file: ListFile,
  held: { readonly generation: number; readonly count: number } | undefined,
  { head, generation }: Load,
  judge: HoldJudge | undefined,
): Promise<string | null> {
  if (!judge || !isControl(head.list)) return null
  const versions = [held?.generation ?? -1, generation]
  for (const range of leafRanges(Math.max(head.count, held?.count ?? 0), comparedEntries)) {
    let last: ChangedRow | undefined
    do {
      const from = last
      const rows: ChangedRow[] = await file.background((connection) =>
        connection.all<ChangedRow>(changedSql, [...versions, ...range, from?.leaf ?? -1, from?.key ?? '']),
      )
      const problem = await problemAmong(judge, rows, ({ before, after }) => [read(before), read(after)])
      if (problem !== null) return problem
      last = rows.length === pageRows ? rows.at(-1) : undefined
    } while (last)
  }
  return null
}

/**
 * Parameters: generation in force, generation that comes, first and last leaf, leaf and key to go on after. Entries that
 * are only new are looked at where they come lifted: to add a hold needs no proof.
 */
const changedSql = `
  WITH changed (at) AS MATERIALIZED (
    SELECT n.at FROM leaves AS n WHERE n.generation = ?2 AND n.at BETWEEN ?3 AND ?4 AND n.at >= ?5
      AND NOT EXISTS (SELECT 1 FROM leaves AS o WHERE o.generation = ?1 AND o.at = n.at AND o.hash = n.hash)
    UNION
    SELECT o.at FROM leaves AS o WHERE o.generation = ?1 AND o.at BETWEEN ?3 AND ?4 AND o.at >= ?5
      AND NOT EXISTS (SELECT 1 FROM leaves AS n WHERE n.generation = ?2 AND n.at = o.at)
  )
  SELECT o.leaf AS leaf, o.key AS key, o.body AS before, n.body AS after FROM changed
    CROSS JOIN entries AS o ON o.generation = ?1 AND o.leaf = changed.at
    LEFT JOIN entries AS n ON n.generation = ?2 AND n.leaf = o.leaf AND n.key = o.key
    WHERE n.body IS NOT o.body AND (o.leaf, o.key) > (?5, ?6)
  UNION ALL
  SELECT n.leaf, n.key, NULL, n.body FROM changed
    CROSS JOIN entries AS n ON n.generation = ?2 AND n.leaf = changed.at
    WHERE n.body ->> '$.lift' IS NOT NULL AND (n.leaf, n.key) > (?5, ?6)
      AND NOT EXISTS (SELECT 1 FROM entries AS o WHERE o.generation = ?1 AND o.leaf = n.leaf AND o.key = n.key)
  ORDER BY leaf, key LIMIT ${pageRows}`

function read(body: string | null): ControlEntry | null {
  return body === null ? null : (JSON.parse(body) as ControlEntry)
}

async function problemAmong<T>(
  judge: HoldJudge,
  changes: readonly T[],
  entriesOf: (change: T) => readonly [ControlEntry | null, ControlEntry | null],
): Promise<string | null> {
  let judged = 0
  for (const change of changes) {
    const [before, after] = entriesOf(change)
    const refusal = judge(before, after)
    if (refusal) return `${nameOf(before ?? after, refusal.about)}: ${refusal.detail} (${refusal.reason})`
    judged += 1
    // Two signatures are checked for a lift: some of those in a row would hold up a lane.
    if (after?.lift || judged % judgedInOneGo === 0) await setImmediate()
  }
  return null
}

/** Faults are read by everybody: not even the number of a secret order is told. */
function nameOf(entry: ControlEntry | null, key: string): string {
  if (entry?.kind === 'order' && entry.nature === 'SECRET') return 'an order that few may know'
  // The reason behind is found by its brackets.
  return key.replace(/[()]/g, '')
}
