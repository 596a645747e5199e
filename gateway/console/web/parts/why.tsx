import { useEffect, useRef, useState } from 'preact/hooks'
import type { ExplainedDecision, PassageExplanation } from '../../../api/schemas.js'
import { fetchExplanation } from '../api.js'
import { timeText } from '../view.js'
import { useWords } from '../words.js'

interface WhyProps {
  readonly passageId: string
  readonly onClose: () => void
}

/** What was asked for and what came of it, so that an answer in the other language is never shown. */
interface Answer {
  readonly of: string
  readonly explanation: PassageExplanation | null
}

/** Why a passage was judged as it was, in the gateway's sentences: newest decision first. */
export function Why({ passageId, onClose }: WhyProps) {
  const { t, language } = useWords()
  const [answer, setAnswer] = useState<Answer | null>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const asked = `${passageId} ${language}`
  useEffect(() => {
    const stop = new AbortController()
    void fetchExplanation(passageId, language, stop.signal).then((explanation) => {
      if (!stop.signal.aborted) setAnswer({ of: asked, explanation })
    })
    return () => stop.abort()
  }, [asked])
  // Whoever works by keyboard or listens is taken to what was asked for.
  useEffect(() => heading.current?.focus(), [passageId])
  const shown = answer?.of === asked ? answer : null
  return (
    <section class="why-panel" aria-labelledby="why-title" aria-busy={shown === null}>
      <div class="section-head">
        <h3 id="why-title" tabIndex={-1} ref={heading}>
          {t('console.whyOf', { passage: passageId })}
        </h3>
        <button type="button" onClick={onClose}>
          {t('console.whyClose')}
        </button>
      </div>
      {shown === null ? <p class="empty">{t('console.whyLoading')}</p> : <Decisions of={shown.explanation} />}
    </section>
  )
}

function Decisions({ of }: { of: PassageExplanation | null }) {
  const { t } = useWords()
  if (of === null) return <p class="problem">{t('console.whyFailed')}</p>
  if (of.decisions.length === 0) return <p class="empty">{t('console.whyNone')}</p>
  return (
    <>
      {of.decisions.map((decision, index) => (
        <Decision key={decision.decisionId} decision={decision} open={index === 0} />
      ))}
    </>
  )
}

function Decision({ decision, open }: { decision: ExplainedDecision; open: boolean }) {
  const { t, of, language } = useWords()
  const { explanation, at, decisionId } = decision
  return (
    <details open={open}>
      <summary>
        <time class="figures" dateTime={new Date(at).toISOString()}>
          {timeText(at, language)}
        </time>{' '}
        {explanation === null ? decisionId : of('outcome', explanation.outcome)}
      </summary>
      {explanation === null && <p class="problem">{t('console.whyUnreadable')}</p>}
      {explanation?.sections.map(({ about, title, sentences }) => (
        <div key={about} class={`why-${about}`}>
          <h4>{title}</h4>
          <ul>
            {sentences.map((sentence, index) => (
              <li key={index}>{sentence}</li>
            ))}
          </ul>
        </div>
      ))}
    </details>
  )
}
