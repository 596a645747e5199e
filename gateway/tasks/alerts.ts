import type { Clock } from '../../edge/base/clock.js'
import type { AlertsQuery, AlertState, SettleRequest } from '../api/alert-schemas.js'
import { Refusal } from '../desk/refusal.js'
import { findAlert, listAlerts, saveSettled } from '../store/alerts.js'
import type { Database } from '../store/database.js'
import { audit } from '../store/records.js'

/** What the gateway found and a person must look into. Nobody makes or removes one here; it is settled once. */
export class Alerts {
  readonly #given: { readonly database: Database; readonly clock: Clock }

  constructor(given: { readonly database: Database; readonly clock: Clock }) {
    this.#given = given
  }

  list(query: AlertsQuery, seesSecrets: boolean): Promise<AlertState[]> {
    return this.#given.database.read((sql) => listAlerts(sql, query, seesSecrets))
  }

  /** A person has looked into it. No order is lifted by that. Throws {@link Refusal}. */
  settle(alertId: string, { reason }: SettleRequest, by: string, seesSecrets: boolean): Promise<AlertState> {
    const { database, clock } = this.#given
    const at = Math.round(clock.now().wallMs)
    return database.transact(async (sql) => {
      const before = await findAlert(sql, alertId)
      // Whoever may not know of it learns nothing from the refusal either.
      if (before === undefined || (before.secret && !seesSecrets))
        throw new Refusal('notFound', `there is no alert ${alertId}`)
      if (before.settled !== null) throw new Refusal('closed', `${before.settled.by} has settled it already`)
      const settled = { ...before, settled: { by, at, reason } }
      await saveSettled(sql, settled)
      const target = before.secret ? before.kind : alertId
      const detail = before.secret ? {} : { reason }
      await audit(sql, { at, operator: by, action: 'settle', target, detail })
      return settled
    })
  }
}
