import type { ControlOrder, ListEntry, ListName } from '../../edge/messages/entities.js'
import type { LineProblem } from '../../edge/messages/text/line-problem.js'
import { Refusal } from '../desk/refusal.js'
import { numberProblem } from '../domain/order-numbers.js'
import type { Sql } from '../store/database.js'
import { entriesByKey } from '../store/list-names.js'

/**
 * The numbers of orders say nothing of secret ones: whoever sees no secret orders can neither name nor take a number
 * that one of them may have, and is told the same whether one has it (domain/order-numbers.ts).
 */

/** What may not come into the list under its number, by that number. `seesSecrets`: of the person who brings it. */
export async function numberProblems(
  sql: Sql,
  list: ListName,
  entries: readonly ListEntry[],
  seesSecrets: boolean,
): Promise<ReadonlyMap<string, LineProblem>> {
  const problems = new Map<string, LineProblem>()
  if (list !== 'orders') return problems
  const orders = entries.flatMap((entry) => (entry.kind === 'order' ? [entry] : []))
  const keys = orders.map(({ orderId }) => orderId)
  const held = new Map(
    (await entriesByKey<ControlOrder>(sql, 'orders', keys)).map((order) => [order.orderId, order]),
  )
  for (const order of orders) {
    const problem = numberProblem(order, held.get(order.orderId), seesSecrets)
    if (problem) problems.set(order.orderId, problem)
  }
  return problems
}

/** As {@link numberProblems}, inside the transaction of a change. Throws {@link Refusal} that names each of them. */
export async function refuseNumbers(
  sql: Sql,
  list: ListName,
  entries: readonly ListEntry[],
  seesSecrets: boolean,
): Promise<void> {
  const problems = await numberProblems(sql, list, entries, seesSecrets)
  if (problems.size === 0) return
  const places = entries.flatMap((entry, index) => {
    const problem = entry.kind === 'order' ? problems.get(entry.orderId) : undefined
    return problem ? [{ ...problem, path: `upserts.${index}.orderId` }] : []
  })
  throw new Refusal('invalid', 'the change was not applied', places)
}

/** Those of the keys that are secret orders which a person may not know of: for him the list does not have them. */
export async function hiddenAmong(
  sql: Sql,
  list: ListName,
  keys: readonly string[],
  seesSecrets: boolean,
): Promise<ReadonlySet<string>> {
  if (list !== 'orders' || seesSecrets || keys.length === 0) return new Set()
  const held = await entriesByKey<ControlOrder>(sql, 'orders', keys)
  return new Set(held.flatMap(({ orderId, nature }) => (nature === 'SECRET' ? [orderId] : [])))
}
