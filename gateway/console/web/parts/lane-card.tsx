import type { Clock } from '../../../../edge/base/clock.js'
import type { LaneSnapshot } from '../../../../edge/messages/up.js'
import type { Model, PageEvent } from '../model.js'
import { ageText, emergencyOf, remainingMs, type LaneView } from '../view.js'
import { useWords } from '../words.js'
import { Escalation } from './escalation.js'
import { cardId } from './header.js'
import { LaneControls } from './lane-controls.js'
import { LaneDrawing } from './lane-drawing.js'

interface LaneCardProps {
  readonly view: LaneView
  readonly model: Model
  readonly monoMs: number
  readonly stale: boolean
  /** Lanes of different edges may have the same name. */
  readonly showEdge: boolean
  readonly dispatch: (event: PageEvent) => void
  readonly clock: Clock
}

export function LaneCard({ view, model, monoMs, stale, showEdge, dispatch, clock }: LaneCardProps) {
  const words = useWords()
  const { snapshot } = view
  const open = view.escalations.some((one) => one.state === 'OPEN')
  const old = view.presence !== 'live'
  const classes = ['card', 'lane', open && 'needs-you', old && 'old'].filter(Boolean).join(' ')
  return (
    <article
      class={classes}
      id={cardId(view.edgeId, view.lane)}
      aria-label={`${words.t('console.lane')} ${view.lane}`}
    >
      <div class="lane-head">
        <h2>
          {view.lane}
          {showEdge && <small>{view.edgeId}</small>}
        </h2>
        {snapshot && (
          <span class="direction">
            <span aria-hidden="true">{snapshot.direction === 'in' ? '→' : '←'}</span>{' '}
            {words.of('direction', snapshot.direction)}
          </span>
        )}
        {snapshot && <span class={`mode ${snapshot.mode}`}>{words.of('mode', snapshot.mode)}</span>}
      </div>
      {old && (
        <p class="lane-old">
          <span aria-hidden="true">⚠ </span>
          {words.t(`console.presence.${view.presence}`)}
          {view.quietMs !== null &&
            ` · ${words.t('console.laneStale', { age: ageText(view.quietMs, words.language) })}`}
        </p>
      )}
      {snapshot ? (
        <div class="lane-picture">
          <LaneDrawing lane={snapshot} />
          <div class="lane-words">
            <p class="lane-state">{words.of('state', snapshot.at)}</p>
            {view.escalations.length === 0 && snapshot.reason !== null && (
              <p class="lane-reason">{words.of('reason', snapshot.reason)}</p>
            )}
            <LaneFacts lane={snapshot} lastTagAgeMs={view.lastTagAgeMs} />
          </div>
        </div>
      ) : (
        <p class="empty">{words.t('console.noReport')}</p>
      )}
      {view.escalations.map((one) => (
        <Escalation
          key={one.escalationId}
          escalation={one}
          given={model.answers[one.escalationId] ?? null}
          remainingMs={remainingMs(model, one, monoMs)}
          stale={stale}
          dispatch={dispatch}
        />
      ))}
      {snapshot && model.state && (
        <LaneControls
          edgeId={view.edgeId}
          snapshot={snapshot}
          operator={model.state.operator}
          clock={clock}
          stale={stale || old}
          emergency={emergencyOf(model, view, monoMs)}
        />
      )}
    </article>
  )
}

function LaneFacts({ lane, lastTagAgeMs }: { lane: LaneSnapshot; lastTagAgeMs: number | null }) {
  const words = useWords()
  const tag = lane.lastTag
  return (
    <dl class="facts">
      <Fact name={words.t('console.barrier')} tone={`barrier-${lane.barrier}`}>
        {words.of('barrier', lane.barrier)}
      </Fact>
      <Fact name={words.t('console.light')} tone={`light-${lane.light}`}>
        {words.of('light', lane.light)}
      </Fact>
      <Fact name={words.t('console.entryLoop')} tone={`loop-${lane.entryLoop}`}>
        {words.of('loop', lane.entryLoop)}
      </Fact>
      <Fact name={words.t('console.exitLoop')} tone={`loop-${lane.exitLoop}`}>
        {words.of('loop', lane.exitLoop)}
      </Fact>
      <Fact name={words.t('console.lastTag')} span>
        {tag ? (
          <>
            <code>{tag.epc}</code>{' '}
            <span class="dim">
              {lastTagAgeMs !== null &&
                words.t('console.ago', { age: ageText(lastTagAgeMs, words.language) })}
              {tag.rssiDbm !== null && ` · ${Math.round(tag.rssiDbm)} dBm`}
            </span>
          </>
        ) : (
          '–'
        )}
      </Fact>
      <Fact name={words.t('console.plate')} wide>
        {lane.plate ?? '–'}
      </Fact>
      <Fact name={words.t('console.driverSees')} wide>
        {lane.prompt === null ? '–' : words.of('prompt', lane.prompt.replace(/^prompt\./, ''))}
      </Fact>
      {lane.approach !== undefined && (
        <Fact name={words.t('console.approachSees')} wide>
          {words.of('prompt', lane.approach.prompt.replace(/^prompt\./, ''))}
          {lane.approach.bay !== undefined && ` · ${words.t('console.bay')} ${lane.approach.bay}`}
        </Fact>
      )}
      {lane.bay !== undefined && (
        <Fact name={words.t('console.bay')} wide>
          {lane.bay}
        </Fact>
      )}
    </dl>
  )
}

interface FactProps {
  readonly name: string
  readonly tone?: string
  readonly wide?: boolean
  readonly span?: boolean
  readonly children: preact.ComponentChildren
}

function Fact({ name, tone, wide, span, children }: FactProps) {
  return (
    <div class={wide ? 'wide' : span ? 'span' : undefined}>
      <dt>{name}</dt>
      <dd class={tone}>{children}</dd>
    </div>
  )
}
