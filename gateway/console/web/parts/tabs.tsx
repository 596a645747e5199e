import type { Clock } from '../../../../edge/base/clock.js'
import { useAsked } from '../asked.js'
import { fetchWaiting } from '../holds.js'
import { addressOf, views, type View } from '../views.js'
import { useWords } from '../words.js'

const askEveryMs = 10_000

/** The pages of the console. The orders say how many of them, and of other holds, wait for a second person. */
export function Tabs({ view, clock }: { readonly view: View; readonly clock: Clock }) {
  const { t, of } = useWords()
  const { value: waiting } = useAsked(clock, askEveryMs, fetchWaiting)
  return (
    <nav class="tabs" aria-label={t('view.choose')}>
      {views.map((one) => (
        <a key={one} href={addressOf(one)} aria-current={one === view ? 'page' : undefined}>
          {of('view', one)}{' '}
          {one === 'orders' && waiting !== null && waiting > 0 && (
            <span class="waiting-count figures">{waiting}</span>
          )}
        </a>
      ))}
    </nav>
  )
}
