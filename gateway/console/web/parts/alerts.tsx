import type { Clock } from '../../../../edge/base/clock.js'
import type { AlertState } from '../../../api/alert-schemas.js'
import { fetchAlerts, postSettle } from '../api.js'
import { useAsked } from '../asked.js'
import { timeText } from '../view.js'
import { useWords } from '../words.js'
import { Denied } from './may.js'
import { ReasonStep } from './reason-step.js'

const settling = 'POST /api/alerts/:alertId/settle'

interface AlertsProps {
  readonly clock: Clock
  readonly stale: boolean
}

const askEveryMs = 5_000

/** What the gateway found and a person must look into; nothing is shown while there is nothing. */
export function Alerts({ clock, stale }: AlertsProps) {
  const { t } = useWords()
  const { value, failed, again } = useAsked(clock, askEveryMs, fetchAlerts)
  const alerts = value ?? []
  if (alerts.length === 0 && !failed) return null
  return (
    <section class="card alerts" aria-labelledby="alerts-title" aria-live="polite">
      <div class="section-head">
        <h2 id="alerts-title">{t('alert.title', { count: String(alerts.length) })}</h2>
      </div>
      {failed && <p class="problem">{t('alert.failed')}</p>}
      <Denied right={settling} />
      <ul>
        {alerts.map((alert) => (
          <Alert key={alert.alertId} alert={alert} stale={stale || failed} again={again} />
        ))}
      </ul>
    </section>
  )
}

interface AlertProps {
  readonly alert: AlertState
  readonly stale: boolean
  readonly again: () => void
}

function Alert({ alert, stale, again }: AlertProps) {
  const { t, of, language } = useWords()
  const { alertId, kind, at, lane, vehicleId, plates, epcs, orderIds, placedOrderIds, wasInForce } = alert
  const who = [...(vehicleId === null ? [] : [vehicleId]), ...plates]
  return (
    <li data-alert={alertId}>
      <strong>{of('alert', kind)}</strong>{' '}
      <time class="dim figures" dateTime={new Date(at).toISOString()}>
        {timeText(at, language)}
      </time>
      <div>
        {(who.length > 0 ? who : epcs).join(' · ')} <span class="dim">{lane}</span>
      </div>
      {orderIds.length > 0 && (
        <div>{t(wasInForce ? 'alert.under' : 'alert.underLater', { orders: orderIds.join(', ') })}</div>
      )}
      <div class="dim">
        {placedOrderIds.length > 0
          ? t('alert.placed', { orders: placedOrderIds.join(', ') })
          : t('alert.placedNone')}
      </div>
      <ReasonStep
        right={settling}
        about={t('alert.settleOf', { alert: alertId })}
        act={t('alert.settle')}
        disabled={stale}
        send={(reason) => postSettle(alertId, { reason })}
        again={again}
      />
    </li>
  )
}
