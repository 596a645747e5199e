import { languages, type Language } from '../../../../edge/messages/text/catalogue.js'
import type { EscalationState } from '../../../api/schemas.js'
import type { Model } from '../model.js'
import { countdownText, gatewayNowMs, laneKey, remainingMs, timeText, waitingEscalations } from '../view.js'
import { useWords } from '../words.js'
import { Account } from './account.js'

const languageNames: Readonly<Record<Language, string>> = { 'zh-CN': '中文', en: 'English' }

interface HeaderProps {
  readonly model: Model
  readonly monoMs: number
  readonly stale: boolean
  readonly choose: (language: Language) => void
}

export function Header({ model, monoMs, stale, choose }: HeaderProps) {
  const { t, language } = useWords()
  const { state } = model
  const waiting = waitingEscalations(model)
  const feed = stale ? 'notLive' : model.feed === 'live' ? 'live' : 'connecting'
  return (
    <header>
      <a class="skip" href="#waiting">
        {t('console.toWaiting')}
      </a>
      <div class="brand">
        <img src="./icon.svg" alt="" width="28" height="28" />
        <h1>{t('console.title')}</h1>
        {state && <span class="site">{state.site}</span>}
      </div>
      <nav id="waiting" tabIndex={-1} class={waiting.length > 0 ? 'waiting some' : 'waiting'}>
        <strong>
          {waiting.length > 0
            ? t('console.waitingCount', { count: waiting.length })
            : state && t('console.waitingNone')}
        </strong>
        {waiting.map((one) => (
          <WaitingLink
            key={one.escalationId}
            escalation={one}
            remainingMs={remainingMs(model, one, monoMs)}
          />
        ))}
      </nav>
      <div class="status">
        <span class={`feed ${feed}`}>
          <span class="dot" aria-hidden="true" />
          {t(`console.${feed}`)}
        </span>
        {state && <time class="now">{timeText(gatewayNowMs(model, monoMs), language)}</time>}
        {state && <span class="operator">{t('console.operator', { name: state.operator })}</span>}
        <Account />
        <Languages choose={choose} />
      </div>
    </header>
  )
}

function WaitingLink({ escalation, remainingMs }: { escalation: EscalationState; remainingMs: number }) {
  const { t } = useWords()
  const overdue = remainingMs < 0
  return (
    <a
      class={overdue ? 'waiting-link overdue' : 'waiting-link'}
      href={`#${cardId(escalation.edgeId, escalation.lane)}`}
    >
      {escalation.lane}{' '}
      <span class="figures">
        {overdue ? `${t('console.overdue')} ` : ''}
        {countdownText(remainingMs)}
      </span>
    </a>
  )
}

/** The anchor of a lane's card. */
export function cardId(edgeId: string, lane: string): string {
  return `lane-${encodeURIComponent(laneKey(edgeId, lane))}`
}

/** The languages of the page, each by its own name. */
export function Languages({ choose }: Pick<HeaderProps, 'choose'>) {
  const { t, language } = useWords()
  return (
    <div class="languages" role="group" aria-label={t('console.language')}>
      {languages.map((one) => (
        <button
          key={one}
          type="button"
          lang={one}
          aria-pressed={one === language}
          onClick={() => choose(one)}
        >
          {languageNames[one]}
        </button>
      ))}
    </div>
  )
}
