import type { Problem } from '../../edge/base/result.js'
import { listKeyOf, type ListEntry, type ListName } from '../../edge/messages/entities.js'
import { lineProblem } from '../../edge/messages/text/line-problem.js'
import {
  endedHoldStaysForMs,
  judgeHoldChange,
  judgeLift,
  type HoldEntry,
} from '../../edge/messages/trust/holds.js'
import type { Delegation } from '../../edge/messages/trust/records.js'
import { Refusal } from '../desk/refusal.js'
import { controlLists, type ControlListName } from '../store/control-history.js'
import type { Sql } from '../store/database.js'
import { entriesByKey } from '../store/list-names.js'

export interface HoldsGiven {
  readonly site: string
  /** Who may lift; null: nobody is known, and nothing is lifted. */
  readonly delegation: () => Delegation | null
  /** The highest version of a list that every enrolled edge has in force; 0: one of them said nothing. */
  readonly confirmed: (list: ControlListName) => number
}

/** Asked within the transaction of a change of a list, before it is written. Throws {@link Refusal}. */
export type GuardHolds = (
  sql: Sql,
  list: ListName,
  asked: { readonly upserts: readonly ListEntry[]; readonly deletes: readonly string[] },
  nowMs: number,
) => Promise<void>

const liftRemedy = 'two persons lift it, each with the own key'

/**
 * Refuses what edges that know a root would refuse: an order or a ban that goes, or grows weaker, without a lift by two
 * persons. Found here, it is one answer to one person and not a fault at five hundred lanes.
 */
export function guardHolds(given: HoldsGiven): GuardHolds {
  return async (sql, list, { upserts, deletes }, nowMs) => {
    if (!isControlList(list)) return
    const entries = upserts.filter((entry): entry is HoldEntry => isHold(entry))
    const after = new Map<string, HoldEntry | null>([
      ...deletes.map((key) => [key, null] as const),
      ...entries.map((entry) => [listKeyOf(entry), entry] as const),
    ])
    const held = await heldRows(sql, list, [...after.keys()])
    const judged = { site: given.site, delegation: given.delegation(), signedTimeMs: nowMs }
    const confirmed = given.confirmed(list)
    const problems: Problem[] = []
    for (const [key, next] of after) {
      const row = held.get(key)
      if (next === null && row?.entry.lift) {
        if (!mayLeave(row, confirmed, nowMs)) problems.push(lineProblem(key, 'liftedStays', { key }))
        continue
      }
      // An edge that was away has it without its lift: what comes now is compared with that.
      const refusal = judgeHoldChange(judged, row ? bare(row.entry) : null, next)
      if (refusal)
        problems.push({
          ...lineProblem(key, 'holdKept', { key, reason: refusal.reason }),
          message: `${refusal.detail} (${refusal.reason}): ${liftRemedy}`,
        })
    }
    if (problems.length > 0)
      throw new Refusal('needsApproval', 'no hold goes or grows weaker without a lift', problems)
  }
}

/** Keys of lifted entries that may leave now, the oldest first, at most `max`. */
export async function leavingHolds(
  given: HoldsGiven,
  sql: Sql,
  list: ControlListName,
  nowMs: number,
  max: number,
): Promise<string[]> {
  const rows = await sql.all<{ key: string }>(
    `SELECT key FROM list_entries WHERE list = ?1 AND gone IS NULL AND entry ->> '$.lift' IS NOT NULL
       AND (since <= ?2 OR entry ->> '$.validTo' < ?3) ORDER BY since, key LIMIT ?4`,
    [list, given.confirmed(list), nowMs - endedHoldStaysForMs, max],
  )
  return rows.map(({ key }) => key)
}

/**
 * The highest version that every enrolled edge said to have in force. An edge that is not enrolled begins with a full
 * list, which needs no proof of what was never in it.
 */
export function confirmedBy(
  edgeIds: readonly string[],
  answersOf: (edgeId: string) => readonly {
    readonly list: string
    readonly version: number
    readonly result: string
  }[],
  list: ControlListName,
): number {
  const versions = edgeIds.map(
    (edgeId) =>
      answersOf(edgeId).find((answer) => answer.list === list && answer.result === 'inForce')?.version ?? 0,
  )
  return versions.length === 0 ? 0 : Math.min(...versions)
}

interface HeldRow {
  readonly entry: HoldEntry
  /** The version in which the entry became what it is. */
  readonly since: number
}

function mayLeave({ entry, since }: HeldRow, confirmed: number, nowMs: number): boolean {
  return since <= confirmed || (entry.validTo !== undefined && nowMs - entry.validTo > endedHoldStaysForMs)
}

async function heldRows(
  sql: Sql,
  list: ControlListName,
  keys: readonly string[],
): Promise<ReadonlyMap<string, HeldRow>> {
  if (keys.length === 0) return new Map()
  const rows = await sql.all<{ key: string; since: number; entry: string }>(
    `SELECT key, since, entry FROM list_entries
     WHERE list = ? AND gone IS NULL AND key IN (SELECT value FROM json_each(?))`,
    [list, JSON.stringify(keys)],
  )
  return new Map(rows.map(({ key, since, entry }) => [key, { since, entry: JSON.parse(entry) as HoldEntry }]))
}

/** The entry without its lift. */
export function bare(entry: HoldEntry): HoldEntry {
  const { lift: _lift, ...rest } = entry
  return rest
}

export function isControlList(list: ListName): list is ControlListName {
  return controlLists.some((name) => name === list)
}

function isHold(entry: ListEntry): entry is HoldEntry {
  return entry.kind === 'order' || entry.kind === 'blacklist'
}

/**
 * An entry of the list as it stands without a lift, to be lifted; also one whose lift has fewer than two valid signatures
 * left since a key was taken away. `by` null: lists are unsigned. Throws {@link Refusal} where there is none such.
 */
export async function holdToLift(
  sql: Sql,
  list: ControlListName,
  key: string,
  by: { readonly site: string; readonly delegation: Delegation | null } | null,
): Promise<HoldEntry> {
  const [entry] = await entriesByKey<HoldEntry>(sql, list, [key])
  if (!entry) throw new Refusal('notFound', `the list ${list} has no entry ${key}`)
  if (entry.lift && (!by || judgeLift({ ...by, signedTimeMs: 0 }, entry) === null))
    throw new Refusal('wrongState', `${key} is lifted already`)
  return bare(entry)
}
