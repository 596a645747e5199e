import { isEffective, secretCode, subjectKeys } from '../../edge/domain/lists/control.js'
import type { AlertState } from '../api/alert-schemas.js'
import type { InspectionRecord } from '../domain/inspection.js'
import { identitiesOf } from '../domain/recheck.js'
import { saveAlert } from '../store/alerts.js'
import { controlOn, newestVersions } from '../store/control-history.js'
import type { Sql } from '../store/database.js'
import { loadPassages } from '../store/records.js'
import { widened } from './recheck.js'

/**
 * Tells who may know of secret orders that a vehicle held by one has passed its inspection: unlike a draw the order
 * is not answered by that, and holds at every lane until they lift it. Inspectors see nothing of it.
 */
export async function tellSecretPassed(sql: Sql, task: InspectionRecord, atMs: number): Promise<void> {
  if (task.result?.is !== 'PASS' || !task.reasons.includes(secretCode)) return
  const [passage] = await loadPassages(sql, task.passageIds.slice(-1))
  const orderIds = passage === undefined ? [] : await secretOrdersOn(sql, passage, atMs)
  const { taskId, edgeId, lane } = task
  const alert: AlertState = {
    ...{
      alertId: `${taskId}.secretPassed`,
      kind: 'secretPassed',
      at: Math.round(atMs),
      edgeId,
      lane,
      taskId,
    },
    passageId: passage?.passageId ?? null,
    vehicleId: passage?.vehicleId ?? null,
    plates: passage?.plates ?? [],
    epcs: passage?.epcs ?? [],
    ...{ orderIds, wasInForce: true, placedOrderIds: [], secret: true, settled: null },
  }
  // No line in the audit: beside the result of an inspection, by its time alone, it would tell everybody who reads it.
  await saveAlert(sql, alert)
}

async function secretOrdersOn(
  sql: Sql,
  passage: Parameters<typeof identitiesOf>[0],
  atMs: number,
): Promise<string[]> {
  const subjects = subjectKeys(await widened(sql, identitiesOf(passage)))
  const found = await controlOn(sql, 'orders', subjects, (await newestVersions(sql)).orders)
  const now = { wallMs: atMs, clockQuality: 'synchronised' } as const
  return found
    .flatMap(({ entry, isNow }) => (isNow && entry.kind === 'order' ? [entry] : []))
    .filter((order) => order.nature === 'SECRET' && isEffective(order, now))
    .map(({ orderId }) => orderId)
    .sort()
}
