import type { ShownLock } from '../../../api/task-schemas.js'
import { postUnlock } from '../api.js'
import { timeText } from '../view.js'
import { useWords } from '../words.js'
import { Denied } from './may.js'
import { ReasonStep } from './reason-step.js'

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
  const { number, missing, version, lockedAt } = lock
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
        <ReasonStep
          right={unlocking}
          about={t('task.unlockOf', { container: number })}
          act={t('task.unlock')}
          disabled={stale}
          send={(reason) => postUnlock(number, { version, reason })}
          again={again}
        />
      )}
    </li>
  )
}
