import { useEffect, useState } from 'preact/hooks'
import type { Supplement } from '../../../api/supplement-schemas.js'
import { fetchSupplements } from '../api.js'
import { timeText } from '../view.js'
import { useWords } from '../words.js'

/** What was added to a passage afterwards: who, when, why, what stood there before and what does now. */
export function Supplements({ passageId }: { passageId: string }) {
  const { t, of, language } = useWords()
  const [found, setFound] = useState<readonly Supplement[]>([])
  const [open, setOpen] = useState(false)
  useEffect(() => {
    if (!open) return undefined
    let stopped = false
    void fetchSupplements(passageId).then((supplements) => {
      if (!stopped && supplements !== null) setFound(supplements)
    })
    return () => {
      stopped = true
    }
  }, [passageId, open])
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('supplement.title')}</summary>
      {found.map((one) => (
        <div key={one.supplementId}>
          <strong>{one.kind === 'entry' ? t('control.backoffice') : t('control.corrected')}</strong> {one.by}{' '}
          <time class="dim figures" dateTime={new Date(one.at).toISOString()}>
            {timeText(one.at, language)}
          </time>
          <div>{one.reason}</div>
          {one.paperNo !== null && (
            <div>{t('supplement.paper', { paper: one.paperNo, officer: one.officer ?? '' })}</div>
          )}
          {one.kind === 'correction' && (
            <div>{t('supplement.change', { was: said(one.was), is: said(one.is) })}</div>
          )}
          {one.differences.map(({ kind, detail }) => (
            <div key={`${kind} ${detail}`} class="problem">
              {of('difference', kind)} {detail}
            </div>
          ))}
        </div>
      ))}
    </details>
  )
}

function said(fields: Supplement['is']): string {
  const values = Object.values(fields).map((value) =>
    Array.isArray(value) ? value.join(' ') : (value ?? '–'),
  )
  return values.map((value) => (value === '' ? '–' : value)).join(' · ')
}
