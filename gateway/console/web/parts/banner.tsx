import type { Model } from '../model.js'
import { ageText, dataAgeMs } from '../view.js'
import { useWords } from '../words.js'

interface BannerProps {
  readonly model: Model
  readonly monoMs: number
  readonly stale: boolean
}

/** Says, over everything else, that the picture is not the present, and how old it is. */
export function Banner({ model, monoMs, stale }: BannerProps) {
  const { t, language } = useWords()
  const ageMs = dataAgeMs(model, monoMs)
  const version = model.state?.gatewayVersion
  const outdated = version !== undefined && model.pageVersion !== null && version !== model.pageVersion
  return (
    <>
      {stale && (
        <p class="banner stale-banner" role="alert">
          <span aria-hidden="true">⚠</span>
          <span>
            {ageMs === null ? t('console.staleNever') : t('console.stale', { age: ageText(ageMs, language) })}
          </span>
        </p>
      )}
      {outdated && (
        <p class="banner outdated-banner">
          <span>{t('console.outdated')}</span>
          <button type="button" onClick={() => location.reload()}>
            {t('console.reload')}
          </button>
        </p>
      )}
    </>
  )
}
