import type { EdgeState, GatewayState } from '../../../api/schemas.js'
import type { Model } from '../model.js'
import { ageText, edgeNowMs, edgeQuietMs, gatewayNowMs, presenceOf } from '../view.js'
import { useWords } from '../words.js'
import { FaultList } from './faults.js'
import { Columns } from './opened.js'

interface EdgesProps {
  readonly model: Model
  readonly state: GatewayState
  readonly monoMs: number
}

/** What whoever is responsible for the lanes has to know about their controllers. */
export function Edges({ model, state, monoMs }: EdgesProps) {
  const { t } = useWords()
  return (
    <section class="edges" aria-label={t('console.edges')}>
      {state.edges.map((edge) => (
        <EdgeCard key={edge.edgeId} edge={edge} model={model} lists={state.lists} monoMs={monoMs} />
      ))}
    </section>
  )
}

interface EdgeCardProps {
  readonly edge: EdgeState
  readonly model: Model
  readonly lists: GatewayState['lists']
  readonly monoMs: number
}

function EdgeCard({ edge, model, lists, monoMs }: EdgeCardProps) {
  const { t, of, language } = useWords()
  const presence = presenceOf(model, edge, monoMs)
  const quietMs = edgeQuietMs(model, edge, monoMs)
  const { health, faults: held = [] } = edge
  const edgeMs = edgeNowMs(model, edge.edgeId, monoMs)
  return (
    <article class={`card edge ${presence}`} aria-label={edge.edgeId}>
      <div class="section-head">
        <h2>
          {t('console.edges')} <small>{edge.edgeId}</small>
        </h2>
        <span class={`presence ${presence}`}>
          <span class="dot" aria-hidden="true" />
          {t(`console.presence.${presence}`)}
        </span>
      </div>
      <dl class="facts">
        <Figure name={t('console.lastHeard')}>
          {quietMs === null ? '–' : t('console.ago', { age: ageText(quietMs, language) })}
        </Figure>
        {health && (
          <>
            <Figure name={t('console.outbox')} tone={health.outbox.waiting > 100 ? 'warn' : undefined}>
              {t('console.records', { count: health.outbox.waiting })}
            </Figure>
            <Figure name={t('console.clock')} tone={health.clockQuality === 'untrusted' ? 'bad' : undefined}>
              {of('clock', health.clockQuality)}
            </Figure>
            <Figure name={t('console.memory')}>{Math.round(health.rssBytes / 1_048_576)} MB</Figure>
            <Figure name={t('console.version')}>{health.version}</Figure>
          </>
        )}
      </dl>
      {held.length > 0 && (
        <div class="faults">
          <h3>{t('console.heldByGateway')}</h3>
          <FaultList faults={held} nowMs={gatewayNowMs(model, monoMs)} />
        </div>
      )}
      {health && (
        <div class="faults">
          <h3>{t('console.faults')}</h3>
          {health.faults.length === 0 ? (
            <p class="fine">✓ {t('console.noFaults')}</p>
          ) : (
            <FaultList faults={health.faults} nowMs={edgeMs} />
          )}
        </div>
      )}
      {health && <Lists of={health.lists} newest={lists} edgeMs={edgeMs} />}
    </article>
  )
}

function Figure({
  name,
  tone,
  children,
}: {
  name: string
  tone?: string | undefined
  children: preact.ComponentChildren
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={tone}>{children}</dd>
    </div>
  )
}

type Health = NonNullable<EdgeState['health']>

interface ListsProps {
  readonly of: Health['lists']
  readonly newest: GatewayState['lists']
  readonly edgeMs: number
}

/** Every list that the edge holds or should hold: one that is not there at all is the worst case. */
function Lists({ of: held, newest, edgeMs }: ListsProps) {
  const { t } = useWords()
  const names = [
    ...new Set([...newest.map((one) => one.list as string), ...held.map((one) => one.list)]),
  ].sort()
  if (names.length === 0) return <p class="empty">{t('console.noLists')}</p>
  return (
    <table class="lists">
      <Columns
        names={[
          t('console.list'),
          t('console.listVersion'),
          t('console.listCount'),
          t('console.listConfirmed'),
        ]}
      />
      <tbody>
        {names.map((name) => (
          <ListRow
            key={name}
            name={name}
            held={held.find((one) => one.list === name)}
            newest={newest.find((one) => one.list === name)?.version}
            edgeMs={edgeMs}
          />
        ))}
      </tbody>
    </table>
  )
}

interface ListRowProps {
  readonly name: string
  readonly held: Health['lists'][number] | undefined
  readonly newest: number | undefined
  readonly edgeMs: number
}

function ListRow({ name, held, newest, edgeMs }: ListRowProps) {
  const { t, of, language } = useWords()
  if (!held) {
    return (
      <tr>
        <td>{of('list', name)}</td>
        <td class="bad" colSpan={3}>
          ⚠ {t('console.listMissing')}
        </td>
      </tr>
    )
  }
  return (
    <tr>
      <td>{of('list', name)}</td>
      <td class="figures">
        {held.version}
        {newest !== undefined && newest > held.version && (
          <span class="warn"> {t('console.listBehind', { version: newest })}</span>
        )}
      </td>
      <td class="figures">{held.count.toLocaleString(language)}</td>
      <td class="figures">
        {held.confirmedAt === null ? (
          <span class="warn">{t('console.neverConfirmed')}</span>
        ) : (
          t('console.ago', { age: ageText(edgeMs - held.confirmedAt, language) })
        )}
      </td>
    </tr>
  )
}
