import { subjectKeys, type Identities } from '../../edge/domain/lists/control.js'
import type { ListHead } from '../../edge/messages/down.js'
import type { TagEntry, VehicleEntry } from '../../edge/messages/entities.js'
import { autoIssuer } from '../domain/auto-order.js'
import type { PassageRecord } from '../domain/passage.js'
import { identitiesOf, recheck, type Candidate, type RecheckOf } from '../domain/recheck.js'
import { saveAlert } from '../store/alerts.js'
import { controlLists, controlOn, versionsAt, type ControlVersions } from '../store/control-history.js'
import type { Sql } from '../store/database.js'
import { entriesByKey } from '../store/list-names.js'
import { heldHashes } from '../store/lists.js'
import { audit } from '../store/records.js'
import type { PlaceOrders } from '../inbox/overlay.js'

export interface RecheckGiven {
  readonly nowMs: number
  readonly placeOrders: PlaceOrders
}

export interface RecheckDone {
  readonly heads: readonly ListHead[]
  /** Alerts that are new. */
  readonly alerts: number
}

/** Whether a lane judged a passage by other lists than the gateway has; one that judged by none did. */
export function isOnOldLists(newest: ControlVersions, { seen }: PassageRecord): boolean {
  return controlLists.some((list) => seen?.[list] !== newest[list])
}

/**
 * Looks at a passage that went through by the gateway's lists, as they are now and as they were then, and puts
 * down what they say: alerts and orders, each once, inside the caller's transaction.
 */
export async function recheckPassage(
  sql: Sql,
  about: Omit<RecheckOf, 'candidates' | 'nowMs'>,
  { nowMs, placeOrders }: RecheckGiven,
): Promise<RecheckDone> {
  const subjects = subjectKeys(await widened(sql, identitiesOf(about.passage)))
  if (subjects.length === 0) return { heads: [], alerts: 0 }
  const candidates: Candidate[] = []
  for (const list of controlLists) {
    const { then } = await versionsAt(sql, list, about.passedAt)
    candidates.push(...(await controlOn(sql, list, subjects, then)))
  }
  if (candidates.length === 0) return { heads: [], alerts: 0 }
  const { alerts, orders } = recheck({ ...about, nowMs, candidates })
  const heads = orders.length === 0 ? [] : await placeOrders(sql, orders)
  let made = 0
  for (const alert of alerts) {
    const nature = alert.secret ? 'SECRET' : 'OPEN'
    const asked = orders.filter((order) => order.nature === nature).map(({ orderId }) => orderId)
    const placed = await heldHashes(sql, 'orders', asked)
    if (!(await saveAlert(sql, { ...alert, placedOrderIds: [...placed.keys()].sort() }))) continue
    made += 1
    // Everybody who audits reads this: of a secret order it says nothing but that there is an alert.
    const detail = alert.secret ? {} : { orderIds: alert.orderIds, passageId: alert.passageId }
    await audit(sql, {
      at: nowMs,
      operator: autoIssuer,
      action: 'alert',
      target: alert.secret ? about.kind : alert.alertId,
      detail,
    })
  }
  return { heads, alerts: made }
}

/** With the vehicles that the registers know by what was read, and the companies that those belong to. */
export async function widened(sql: Sql, of: Identities): Promise<Identities> {
  const tags = await entriesByKey<TagEntry>(sql, 'tags', of.epcs)
  const vehicleIds = [...new Set([...of.vehicleIds, ...tags.map(({ vehicleId }) => vehicleId)])]
  const vehicles = await entriesByKey<VehicleEntry>(sql, 'vehicles', vehicleIds)
  return {
    ...of,
    vehicleIds,
    plates: [...of.plates, ...vehicles.flatMap(({ plates }) => plates.map(({ text }) => text))],
    companyIds: [
      ...of.companyIds,
      ...vehicles.flatMap(({ companyId }) => (companyId === undefined ? [] : [companyId])),
    ],
  }
}
