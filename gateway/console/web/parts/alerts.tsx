import { useEffect, useState } from 'preact/hooks'
import type { Clock } from '../../../../edge/base/clock.js'
import type { AlertState } from '../../../api/alert-schemas.js'
import { fetchAlerts, postSettle } from '../api.js'
import { timeText } from '../view.js'
import { useWords } from '../words.js'
import { Denied, May } from './may.js'

const settling = 'POST /api/alerts/:alertId/settle'

interface AlertsProps {
  readonly clock: Clock
  readonly stale: boolean
}

const askEveryMs = 5_000

/** What the gateway found and a person must look into; nothing is shown while there is nothing. */
export function Alerts({ clock, stale }: AlertsProps) {
  const { t } = useWords()
  const [alerts, setAlerts] = useState<readonly AlertState[]>([])
  const [failed, setFailed] = useState(false)
  const [asked, ask] = useState(0)
  useEffect(() => {
    const stop = new AbortController()
    let cancel = () => undefined as void
    void fetchAlerts(stop.signal).then((found) => {
      if (stop.signal.aborted) return
      if (found !== null) setAlerts(found)
      setFailed(found === null)
      cancel = clock.after('alerts', askEveryMs, () => ask((n) => n + 1))
    })
    return () => {
      stop.abort()
      cancel()
    }
  }, [clock, asked])
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
          <Alert key={alert.alertId} alert={alert} stale={stale || failed} again={() => ask((n) => n + 1)} />
        ))}
      </ul>
    </section>
  )
}

function Alert({
  alert,
  stale,
  again,
}: {
  readonly alert: AlertState
  readonly stale: boolean
  readonly again: () => void
}) {
  const { t, of, language } = useWords()
  const [reason, setReason] = useState('')
  const [error, setError] = useState<string | null>(null)
  const { alertId, kind, at, lane, vehicleId, plates, epcs, orderIds, placedOrderIds, wasInForce } = alert
  const who = [...(vehicleId === null ? [] : [vehicleId]), ...plates]
  const settle = () => {
    void postSettle(alertId, { reason }).then((problem) => {
      setError(problem)
      again()
    })
  }
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
      <May right={settling}>
        <div class="steps">
          <input
            type="text"
            maxLength={500}
            placeholder={t('console.reason')}
            aria-label={t('alert.settleOf', { alert: alertId })}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
          <button type="button" disabled={stale || reason.trim() === ''} onClick={settle}>
            {t('alert.settle')}
          </button>
        </div>
      </May>
      {error !== null && (
        <p class="problem" role="alert">
          {t('console.notSent', { why: of('api', error.replace(/^api\./, '')) })}
        </p>
      )}
    </li>
  )
}
