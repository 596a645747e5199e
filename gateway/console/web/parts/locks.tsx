import { useState } from 'preact/hooks'
import type { ShownLock } from '../../../api/task-schemas.js'
import { postUnlock } from '../api.js'
import { timeText } from '../view.js'
import { useWords } from '../words.js'
import { Denied, May } from './may.js'

const unlocking = 'POST /api/containers/:number/unlock'

interface LocksProps {
  readonly locks: readonly ShownLock[]
  readonly stale: boolean
  readonly again: () => void
}

/** Containers that nobody may move, and what each lacks before an officer unlocks it. */
export function Locks({ locks, stale, again }: LocksProps) {
  const { t } = useWords()
  return (
    <section class="card locks" aria-labelledby="locks-title">
      <div class="section-head">
        <h2 id="locks-title">{t('task.locks')}</h2>
      </div>
      {locks.length > 0 && <Denied right={unlocking} />}
      {locks.length === 0 ? (
        <p class="empty">{t('task.noLocks')}</p>
      ) : (
        <ul>
          {locks.map((lock) => (
            <Lock key={lock.number} lock={lock} stale={stale} again={again} />
          ))}
        </ul>
      )}
    </section>
  )
}

function Lock({ lock, stale, again }: Omit<LocksProps, 'locks'> & { readonly lock: ShownLock }) {
  const { t, of, language } = useWords()
  const [reason, setReason] = useState('')
  const [error, setError] = useState<string | null>(null)
  const { number, missing, version, lockedAt } = lock
  const unlock = () => {
    void postUnlock(number, { version, reason }).then((problem) => {
      setError(problem)
      again()
    })
  }
  return (
    <li data-container={number}>
      <strong>{number}</strong>{' '}
      <span class="dim">{t('task.lockedAt', { time: timeText(lockedAt, language) })}</span>
      <div>
        {missing.length === 0
          ? t('task.mayUnlock')
          : t('task.missing', { needs: missing.map((need) => of('unlockNeed', need)).join(' · ') })}
      </div>
      {missing.length === 0 && (
        <May right={unlocking}>
          <div class="steps">
            <input
              type="text"
              maxLength={500}
              placeholder={t('console.reason')}
              aria-label={t('task.unlockOf', { container: number })}
              value={reason}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
            <button type="button" disabled={stale || reason.trim() === ''} onClick={unlock}>
              {t('task.unlock')}
            </button>
          </div>
        </May>
      )}
      {error !== null && (
        <p class="problem" role="alert">
          {t('console.notSent', { why: of('api', error.replace(/^api\./, '')) })}
        </p>
      )}
    </li>
  )
}
