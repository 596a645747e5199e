import type { GatewayState } from '../../../api/schemas.js'
import type { Model } from '../model.js'
import { ageText, gatewayNowMs } from '../view.js'
import { useWords } from '../words.js'

type Faults = NonNullable<GatewayState['faults']>

/** What is wrong, and since when by the clock of who found it (`nowMs`: its present, UTC ms). */
export function FaultList({ faults, nowMs }: { readonly faults: Faults; readonly nowMs: number }) {
  const { t, of, language } = useWords()
  return (
    <ul>
      {faults.map((fault) => (
        <li key={`${fault.code} ${fault.source}`} title={fault.detail} data-fault={fault.code}>
          <span class="fault-sign" aria-hidden="true">
            ⚠
          </span>
          <span>
            {of('fault', fault.code)} <b>{fault.source}</b>{' '}
            <span class="dim">{t('console.since', { age: ageText(nowMs - fault.since, language) })}</span>
          </span>
        </li>
      ))}
    </ul>
  )
}

interface GatewayFaultsProps {
  readonly model: Model
  readonly monoMs: number
}

/** What is wrong with the gateway itself, over every page: it concerns whoever works at any of them. */
export function GatewayFaults({ model, monoMs }: GatewayFaultsProps) {
  const { t, of } = useWords()
  const faults = model.state?.faults ?? []
  return (
    <>
      {/* The ages beside the faults change all the time: read out is only what is wrong. */}
      <div class="unseen" role="status">
        {faults.map(({ code }) => of('fault', code)).join(' ')}
      </div>
      {faults.length > 0 && (
        <section class="gateway-faults" aria-label={t('console.gatewayFaults')}>
          <div class="faults">
            <h3>{t('console.gatewayFaults')}</h3>
            <FaultList faults={faults} nowMs={gatewayNowMs(model, monoMs)} />
          </div>
        </section>
      )}
    </>
  )
}
