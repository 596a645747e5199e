import { orderSubjectSchema, type ControlOrder } from '../../edge/messages/entities.js'
import type { HoldEntry } from '../../edge/messages/trust/holds.js'
import { normaliseSubject } from '../domain/list-keys.js'
import { controlLists, type ControlListName } from './control-history.js'
import type { Sql } from './database.js'
import { platePatternsOf } from './list-names.js'

/** A hold in the list that has it. */
export interface FoundHold {
  readonly list: ControlListName
  readonly entry: HoldEntry
}

interface Asked {
  /** Secret orders are found too. */
  readonly seesSecrets: boolean
  /** Of each list. */
  readonly max: number
}

/**
 * Holds that were not lifted and that bear a name: their own number, or their subject's in whole, of whatever kind that
 * is; a plate also finds the orders on a part of it. In key order, the blacklist after the orders.
 */
export async function holdsNamed(sql: Sql, name: string, asked: Asked): Promise<FoundHold[]> {
  const subjects = orderSubjectSchema.shape.kind.options.map((kind) => ({
    kind,
    key: normaliseSubject({ kind, key: name }),
  }))
  const plates = subjects.filter(({ kind }) => kind === 'PLATE').map(({ key }) => key)
  const patterns = (await platePatternsOf(sql, plates)).map((key) => ({ kind: 'PLATE_PATTERN', key }))
  const found: FoundHold[] = []
  for (const list of controlLists)
    found.push(...(await holdsOn(sql, list, name, [...subjects, ...patterns], asked)))
  return found
}

async function holdsOn(
  sql: Sql,
  list: ControlListName,
  name: string,
  subjects: readonly { readonly kind: string; readonly key: string }[],
  { seesSecrets, max }: Asked,
): Promise<FoundHold[]> {
  // CROSS JOIN keeps this order: left to itself, SQLite reads every entry of the list first.
  const rows = await sql.all<{ entry: string }>(
    `WITH keys (key) AS (
       SELECT ?2 UNION
       SELECT named.key FROM json_each(?3) AS asked
         CROSS JOIN list_names AS named ON named.list = ?1 AND named.name = asked.value ->> 0
           AND named.value = asked.value ->> 1)
     SELECT held.entry AS entry FROM keys
       CROSS JOIN list_entries AS held ON held.list = ?1 AND held.key = keys.key AND held.gone IS NULL
     WHERE held.entry ->> '$.lift' IS NULL AND (?4 OR held.entry ->> '$.nature' IS NOT 'SECRET')
     ORDER BY held.key LIMIT ?5`,
    [list, name, JSON.stringify(subjects.map(({ kind, key }) => [kind, key])), seesSecrets ? 1 : 0, max],
  )
  return rows.map(({ entry }) => ({ list, entry: JSON.parse(entry) as HoldEntry }))
}

/** Which of these orders were placed here and are in force: they are lifted as orders are. */
export async function heldByRecord(
  sql: Sql,
  orderIds: readonly ControlOrder['orderId'][],
): Promise<ReadonlySet<string>> {
  if (orderIds.length === 0) return new Set()
  const rows = await sql.all<{ id: string }>(
    `SELECT order_id AS id FROM orders
     WHERE order_id IN (SELECT value FROM json_each(?)) AND state IN ('ACTIVE', 'LIFT_ASKED')`,
    [JSON.stringify(orderIds)],
  )
  return new Set(rows.map(({ id }) => id))
}
