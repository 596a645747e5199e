import { useEffect, useState } from 'preact/hooks'
import type { Clock } from '../../../../edge/base/clock.js'
import type { PassageState } from '../../../api/schemas.js'
import { fetchReview } from '../api.js'
import { ageText, laneKey, passagesOf, timeText, type LaneView } from '../view.js'
import { useWords } from '../words.js'
import { Correct } from './correct.js'
import { Supplements } from './supplements.js'
import { Why } from './why.js'
import { Columns } from './opened.js'

interface PassagesProps {
  readonly passages: readonly PassageState[]
  readonly lanes: readonly Pick<LaneView, 'key' | 'lane'>[]
  readonly nowMs: number
  readonly clock: Clock
}

/** What stands in a passage itself; what passed on old lists stands in its alert. */
const exceptional = ['contingency', 'manual'] as const
const reviews = [...exceptional, 'offline'] as const
type Review = (typeof reviews)[number]

/** Asked for again so often: what is reviewed is not watched by the second. */
const reviewEveryMs = 10_000

/** What people let pass, further back than the page itself remembers; null: not asked for, or not had yet. */
function useReview(clock: Clock, which: Review | null): readonly PassageState[] | null {
  const [found, setFound] = useState<readonly PassageState[] | null>(null)
  useEffect(() => {
    setFound(null)
    if (which === null) return undefined
    let stopped = false
    let cancel = () => undefined as void
    const ask = () => {
      void fetchReview(which).then((passages) => {
        if (stopped) return
        if (passages !== null) setFound(passages)
        cancel = clock.after('review', reviewEveryMs, ask)
      })
    }
    ask()
    return () => {
      stopped = true
      cancel()
    }
  }, [clock, which])
  return found
}

export function Passages({ passages: newest, lanes: known, nowMs, clock }: PassagesProps) {
  const { t, language } = useWords()
  const [only, setOnly] = useState<string | null>(null)
  const [asked, setAsked] = useState<string | null>(null)
  const [correcting, correct] = useState<string | null>(null)
  const [review, setReview] = useState<Review | null>(null)
  const reviewed = useReview(clock, review)
  const passages =
    review === null
      ? newest
      : (reviewed ?? newest.filter((one) => review !== 'offline' && one[review] === true))
  const lanes = new Map([
    ...known.map((one) => [one.key, one.lane] as const),
    ...passages.map((one) => [laneKey(one.edgeId, one.lane), one.lane] as const),
  ])
  const keys = [...lanes.keys()].sort()
  const twice = new Set(lanes.values()).size < lanes.size
  const shown = passagesOf(passages, only)
  const corrected = passages.find((one) => one.passageId === correcting)
  return (
    <section class="card passages" aria-labelledby="passages-title">
      <div class="section-head">
        <h2 id="passages-title">{t('console.passages')}</h2>
        <div class="filter" role="group" aria-label={t('console.filterByLane')}>
          <button type="button" aria-pressed={only === null} onClick={() => setOnly(null)}>
            {t('console.allLanes')}
          </button>
          {keys.map((key) => (
            <button key={key} type="button" aria-pressed={only === key} onClick={() => setOnly(key)}>
              {twice ? key : lanes.get(key)}
            </button>
          ))}
        </div>
        <div class="filter" role="group" aria-label={t('control.review')}>
          {([null, ...reviews] as const).map((one) => (
            <button
              key={one ?? 'all'}
              type="button"
              aria-pressed={review === one}
              onClick={() => setReview(one)}
            >
              {t(`control.${one ?? 'all'}`)}
            </button>
          ))}
        </div>
      </div>
      {shown.length === 0 ? (
        <p class="empty">{t('console.noPassages')}</p>
      ) : (
        <div class="scroll">
          <table>
            <Columns
              names={[
                t('console.time'),
                t('console.lane'),
                t('console.vehicle'),
                t('console.decision'),
                t('console.end'),
              ]}
            />
            <tbody>
              {shown.map((one) => (
                <tr key={one.passageId} class={one.violation !== null ? 'violation' : undefined}>
                  <td class="figures">
                    <time dateTime={new Date(one.openedAt).toISOString()}>
                      {timeText(one.openedAt, language)}
                    </time>
                  </td>
                  <td>{one.lane}</td>
                  <td>
                    <Who passage={one} />
                  </td>
                  <td>
                    <Decided passage={one} />
                    {(one.corrected === true || one.captured !== undefined) && (
                      <Supplements passageId={one.passageId} />
                    )}
                    {one.outcome !== null && (
                      <button
                        type="button"
                        class="ask-why"
                        aria-expanded={asked === one.passageId}
                        aria-label={t('console.whyOf', { passage: one.passageId })}
                        onClick={() => setAsked(asked === one.passageId ? null : one.passageId)}
                      >
                        {t('console.why')}
                      </button>
                    )}
                    {one.endedAt !== null && (
                      <button
                        type="button"
                        class="ask-why"
                        aria-expanded={correcting === one.passageId}
                        aria-label={t('correct.title', { passage: one.passageId })}
                        onClick={() => correct(correcting === one.passageId ? null : one.passageId)}
                      >
                        {t('correct.open')}
                      </button>
                    )}
                  </td>
                  <td>
                    <Ended passage={one} nowMs={nowMs} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {corrected && <Correct passage={corrected} onClose={() => correct(null)} />}
      {asked !== null && <Why passageId={asked} onClose={() => setAsked(null)} />}
    </section>
  )
}

function Who({ passage }: { passage: PassageState }) {
  const { t } = useWords()
  const names = [...(passage.vehicleId === null ? [] : [passage.vehicleId]), ...passage.plates]
  if (names.length === 0 && passage.epcs.length === 0)
    return <span class="dim">{t('console.unidentified')}</span>
  return (
    <>
      {names.length > 0 && <div>{names.join(' · ')}</div>}
      {passage.epcs.length > 0 && <code class="dim">{passage.epcs.join(' ')}</code>}
    </>
  )
}

function Decided({ passage }: { passage: PassageState }) {
  const { t, of } = useWords()
  const exceptions = exceptional.map(
    (one) =>
      passage[one] === true && (
        <span key={one} class="outcome violation">
          {t(`control.${one}`)}
        </span>
      ),
  )
  if (passage.outcome === null) {
    return passage.manual === true || passage.contingency === true ? (
      <>{exceptions}</>
    ) : (
      <span class="dim">–</span>
    )
  }
  return (
    <>
      {exceptions}
      <span class={`outcome ${passage.outcome}`}>{of('outcome', passage.outcome)}</span>
      {passage.byVerdict && <span class="outcome verdict">{t('console.byOfficer')}</span>}
      {passage.primary !== null && passage.outcome !== 'release' && (
        <div class="why">{of('reason', passage.primary)}</div>
      )}
    </>
  )
}

function Ended({ passage, nowMs }: { passage: PassageState; nowMs: number }) {
  const { t, of, language } = useWords()
  const violation = passage.violation !== null && (
    <span class="outcome violation">⚠ {of('violation', passage.violation)}</span>
  )
  if (passage.endedAt === null || passage.how === null) {
    return (
      <>
        <span class="how">
          <span class="in-lane">{t('console.inLane')}</span>{' '}
          <span class="dim figures">{ageText(nowMs - passage.openedAt, language)}</span>
        </span>{' '}
        {violation}
      </>
    )
  }
  return (
    <>
      <span class="how">
        {(passage.how !== 'violation' || !violation) && of('how', passage.how)}{' '}
        <span class="dim figures">{ageText(passage.endedAt - passage.openedAt, language)}</span>
      </span>{' '}
      {violation}
    </>
  )
}
