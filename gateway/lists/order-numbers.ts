import type { ListHead } from '../../edge/messages/down.js'
import type { ControlOrder, ListEntry, ListName } from '../../edge/messages/entities.js'
import type { LineProblem } from '../../edge/messages/text/line-problem.js'
import { Refusal } from '../desk/refusal.js'
import { numberProblem, waitingProblem } from '../domain/order-numbers.js'
import type { Sql } from '../store/database.js'
import { entriesByKey } from '../store/list-names.js'
import { waitingBeside, waitingOrders } from '../store/orders.js'

/**
 * The numbers of orders say nothing of secret ones: whoever sees no secret orders can neither name nor take a number
 * that one of them may have, and is told the same whether one has it (domain/order-numbers.ts). And a number has one
 * order: nothing comes into the list under that of an order which waits for approval, because its approval would
 * overwrite it, and a hold would vanish under the number of another.
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
  const waiting = new Map((await waitingOrders(sql, keys)).map((order) => [order.orderId, order]))
  for (const order of orders) {
    const taken = { held: held.get(order.orderId), waiting: waiting.get(order.orderId) }
    const problem = numberProblem(order, taken, seesSecrets)
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

/**
 * At the end of a version that was read or stored in several transactions: an order may have been placed in between
 * under a number that it brings. Throws {@link Refusal}.
 */
export async function refuseWaitingNumbers(sql: Sql, head: ListHead, seesSecrets: boolean): Promise<void> {
  if (head.list !== 'orders') return
  const waiting = await waitingBeside(sql, head.version)
  if (waiting.length === 0) return
  const problems = waiting.map((order) => waitingProblem(order.orderId, order, seesSecrets))
  throw new Refusal('conflict', 'an order was placed meanwhile under a number of this file', problems)
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

/** What is taken from a list, as the audit names it: secret orders so that only their readers are told (api/secrecy.ts). */
export async function namedInAudit(
  sql: Sql,
  list: ListName,
  keys: readonly string[],
): Promise<readonly (string | Pick<ControlOrder, 'orderId' | 'nature'>)[]> {
  const secret = await hiddenAmong(sql, list, keys, false)
  return keys.map((key) => (secret.has(key) ? { orderId: key, nature: 'SECRET' } : key))
}
