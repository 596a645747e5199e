import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Clock } from '../../../edge/base/clock.js'
import type { Language } from '../../../edge/messages/text/catalogue.js'
import type { GatewayState } from '../../api/schemas.js'
import { inPlace } from './copies.js'
import type { Store } from './store.js'
import { gatewayNowMs, isStale, laneViews, waitingEscalations } from './view.js'
import { PersonContext, usePerson } from './person.js'
import { keepLanguage, startLanguage, useWords, wordsIn, WordsContext } from './words.js'
import { Alerts } from './parts/alerts.js'
import { Banner } from './parts/banner.js'
import { Edges } from './parts/edges.js'
import { GatewayFaults } from './parts/faults.js'
import { Header } from './parts/header.js'
import { LaneCard } from './parts/lane-card.js'
import { Passages } from './parts/passages.js'
import { Tasks } from './parts/tasks.js'
import { AccountBanner } from './parts/account.js'
import { Outages } from './parts/outages.js'
import { SignIn } from './parts/sign-in.js'
import { Holds } from './parts/holds.js'
import { Imports } from './parts/imports.js'
import { Lists } from './parts/lists.js'
import { Orders } from './parts/orders.js'
import { Tabs } from './parts/tabs.js'
import { useView } from './use-view.js'

interface PageProps {
  readonly store: Store
  readonly clock: Clock
}

/** The console. Draws the whole picture from the store, on every change and once a second for the ages. */
export function Page({ store, clock }: PageProps) {
  const [, redraw] = useState(0)
  const [language, setLanguage] = useState<Language>(startLanguage)
  const words = useMemo(() => wordsIn(language), [language])

  useEffect(() => store.watch(() => redraw((n) => n + 1)), [store])
  useEffect(() => {
    let cancel = () => undefined as void
    const again = () => {
      cancel = clock.after('ages', 1_000, () => {
        redraw((n) => n + 1)
        again()
      })
    }
    again()
    return () => cancel()
  }, [clock])

  const { model } = store
  const person = usePerson(clock, model.access === 'signedIn', model.feed === 'live')
  const waiting = waitingEscalations(model).length
  useEffect(() => {
    document.documentElement.lang = language
    const title = `${words.t('console.title')} · Lanekeeper`
    document.title = waiting > 0 ? `(${waiting}) ${title}` : title
  }, [language, waiting])

  const choose = (chosen: Language) => {
    keepLanguage(chosen)
    setLanguage(chosen)
  }

  return (
    <WordsContext.Provider value={words}>
      <PersonContext.Provider value={person}>
        {model.access === 'signedOut' ? (
          <SignIn choose={choose} />
        ) : (
          <Console store={store} clock={clock} monoMs={clock.now().monoMs} choose={choose} />
        )}
      </PersonContext.Provider>
    </WordsContext.Provider>
  )
}

interface ConsoleProps {
  readonly store: Store
  readonly clock: Clock
  readonly monoMs: number
  readonly choose: (language: Language) => void
}

function Console({ store, clock, monoMs, choose }: ConsoleProps) {
  const words = useWords()
  const { model } = store
  const stale = isStale(model, monoMs)
  const view = useView()
  const { announced, state } = model
  return (
    <div class={stale ? 'console stale' : 'console'}>
      <Header model={model} monoMs={monoMs} stale={stale} choose={choose} />
      <Banner model={model} monoMs={monoMs} stale={stale} />
      <AccountBanner />
      <GatewayFaults model={model} monoMs={monoMs} />
      <div class="unseen" role="status" aria-live="assertive">
        {announced &&
          words.t('console.announce', {
            lane: announced.lane,
            reason: announced.reasons.map((code) => words.of('reason', code)).join(' '),
          })}
      </div>
      <Tabs view={view} clock={clock} />
      {state && view === 'lanes' && (
        <Lanes store={store} clock={clock} monoMs={monoMs} stale={stale} state={state} />
      )}
      {state && view !== 'lanes' && (
        <main class="desk">
          {view === 'orders' && (
            <>
              <Orders clock={clock} operator={state.operator} stale={stale} />
              <Holds clock={clock} operator={state.operator} stale={stale} />
            </>
          )}
          {view === 'imports' && (
            <Imports clock={clock} lists={inPlace(state.lists).map(({ list }) => list)} stale={stale} />
          )}
          {view === 'lists' && <Lists clock={clock} model={model} state={state} monoMs={monoMs} />}
        </main>
      )}
    </div>
  )
}

interface LanesProps extends Omit<ConsoleProps, 'choose'> {
  readonly stale: boolean
  readonly state: GatewayState
}

/** The first page: the lanes, and what is to be done about them. */
function Lanes({ store, clock, monoMs, stale, state }: LanesProps) {
  const words = useWords()
  const { model } = store
  const lanes = laneViews(model, monoMs)
  return (
    <main>
      <section class="lanes" aria-label={words.t('console.lanes')}>
        {lanes.map((view) => (
          <LaneCard
            key={view.key}
            view={view}
            model={model}
            monoMs={monoMs}
            stale={stale}
            showEdge={state.edges.length > 1}
            dispatch={store.dispatch}
            clock={clock}
          />
        ))}
        {lanes.length === 0 && <p class="empty">{words.t('console.noEdges')}</p>}
      </section>
      <div class="below">
        <div class="column">
          <Alerts clock={clock} stale={stale} />
          <Passages
            passages={state.passages}
            lanes={lanes}
            nowMs={gatewayNowMs(model, monoMs)}
            clock={clock}
          />
          <Tasks clock={clock} operator={state.operator} stale={stale} />
          <Outages clock={clock} edgeIds={state.edges.map((edge) => edge.edgeId)} lanes={lanes} />
        </div>
        <Edges model={model} state={state} monoMs={monoMs} />
      </div>
    </main>
  )
}
