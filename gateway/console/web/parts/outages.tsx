import { useState } from 'preact/hooks'
import type { Clock } from '../../../../edge/base/clock.js'
import type { OutageState } from '../../../api/supplement-schemas.js'
import { useAsked } from '../asked.js'
import { fetchOutages, postOutage, postOutageEnd, timeOf, dayText } from '../backoffice.js'
import type { LaneView } from '../view.js'
import { useWords } from '../words.js'
import { Became, Choice, Field, TimeField } from './fields.js'
import { Denied, May } from './may.js'
import { Paper } from './paper.js'

export type KnownLane = Pick<LaneView, 'edgeId' | 'lane'>

interface OutagesProps {
  readonly clock: Clock
  readonly edgeIds: readonly string[]
  readonly lanes: readonly KnownLane[]
}

const announcing = 'POST /api/outages'
const ending = 'POST /api/outages/:outageId/end'
const askEveryMs = 30_000

/** Outages, within which passages that stood on paper are entered. */
export function Outages({ clock, edgeIds, lanes }: OutagesProps) {
  const { t } = useWords()
  const { value: outages, failed, again } = useAsked(clock, askEveryMs, fetchOutages)
  return (
    <section class="card backoffice outages" aria-labelledby="outages-title">
      <div class="section-head">
        <h2 id="outages-title">{t('outage.title')}</h2>
      </div>
      {failed && <p class="problem">{t('outage.failed')}</p>}
      {outages?.length === 0 && <p class="empty">{t('outage.none')}</p>}
      <ul>
        {outages?.map((outage) => (
          <Outage key={outage.outageId} outage={outage} lanes={lanes} again={again} />
        ))}
      </ul>
      <details>
        <summary>{t('outage.announce')}</summary>
        <May right={announcing}>
          <Announce edgeIds={edgeIds} lanes={lanes} again={again} />
          <Denied right={announcing} />
        </May>
      </details>
    </section>
  )
}

interface OutageProps {
  readonly outage: OutageState
  readonly lanes: readonly KnownLane[]
  readonly again: () => void
}

function Outage({ outage, lanes, again }: OutageProps) {
  const { t, language } = useWords()
  const [error, setError] = useState<string | null>(null)
  const { outageId, edgeId, lane, from, to, reason, announcedBy, entered } = outage
  return (
    <li data-outage={outageId}>
      <strong>
        {edgeId} · {lane ?? t('outage.allLanes')}
      </strong>{' '}
      <span class="figures">
        {dayText(from, language)} – {to === null ? t('outage.lasts') : dayText(to, language)}
      </span>
      <div>{reason}</div>
      <div class="dim">{t('outage.by', { by: announcedBy, count: entered })}</div>
      {to === null && (
        <May right={ending}>
          <div class="steps">
            <button
              type="button"
              onClick={() => {
                void postOutageEnd(outageId).then((problem) => {
                  setError(problem)
                  again()
                })
              }}
            >
              {t('outage.end')}
            </button>
          </div>
        </May>
      )}
      <Became error={error} done={null} />
      <Paper outage={outage} lanes={lanes} again={again} />
    </li>
  )
}

function Announce({ edgeIds, lanes, again }: Omit<OutagesProps, 'clock'> & { readonly again: () => void }) {
  const { t } = useWords()
  const [chosen, setEdge] = useState('')
  const [lane, setLane] = useState('')
  const [from, setFrom] = useState('')
  const [to, setTo] = useState('')
  const [reason, setReason] = useState('')
  const [error, setError] = useState<string | null>(null)
  const edgeId = chosen === '' ? (edgeIds[0] ?? '') : chosen
  const [fromMs, toMs] = [timeOf(from), timeOf(to)]
  const send = () => {
    if (fromMs === null) return
    const request = {
      ...{ edgeId, from: fromMs, reason: reason.trim() },
      ...(lane !== '' && { lane }),
      ...(toMs !== null && { to: toMs }),
    }
    void postOutage(request).then((problem) => {
      setError(problem)
      if (problem !== null) return
      setReason('')
      again()
    })
  }
  const names = lanes.filter((one) => one.edgeId === edgeId).map((one) => one.lane)
  return (
    <form
      class="steps"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <Choice
        label={t('outage.edge')}
        value={edgeId}
        set={(one) => {
          setEdge(one)
          setLane('')
        }}
        options={edgeIds.map((one) => [one, one])}
      />
      <Choice
        label={t('outage.lane')}
        value={lane}
        set={setLane}
        options={[['', t('outage.allLanes')], ...names.map((one) => [one, one] as const)]}
      />
      <TimeField label={t('outage.from')} value={from} set={setFrom} />
      <TimeField label={t('outage.to')} value={to} set={setTo} />
      <Field label={t('console.reason')} value={reason} set={setReason} />
      <button type="submit" disabled={edgeId === '' || fromMs === null || reason.trim() === ''}>
        {t('outage.announce')}
      </button>
      <Became error={error} done={null} />
    </form>
  )
}
