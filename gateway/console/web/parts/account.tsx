import { useContext, useState } from 'preact/hooks'
import type { NoticeState, SessionState } from '../../../api/sign-in-schemas.js'
import { PersonContext, postNoticesSeen, postPassphrase, postSignOut } from '../person.js'
import { dayText } from '../backoffice.js'
import { useWords } from '../words.js'

/** Who is signed in, with roles, what that person should know, and the passphrase. */
export function Account() {
  const { t, of } = useWords()
  const { session } = useContext(PersonContext)
  if (session === null) return null
  const { roles } = session
  return (
    <details class="account">
      <summary>
        {roles.length === 0 ? t('person.noRole') : roles.map((role) => of('role', role)).join(' · ')}
      </summary>
      <div class="account-panel">
        <button
          type="button"
          onClick={() => {
            void postSignOut().then(() => location.reload())
          }}
        >
          {t('person.signOut')}
        </button>
        {!session.maySet && session.hasPassphrase && <SetPassphrase session={session} />}
        {session.notices.length > 0 && <h3>{t('person.notices')}</h3>}
        <Notices notices={session.notices} />
      </div>
    </details>
  )
}

/** What the person has to see without looking for it: unread notices, and a passphrase that is to be set. */
export function AccountBanner() {
  const { t, of } = useWords()
  const { session, again } = useContext(PersonContext)
  const [error, setError] = useState<string | null>(null)
  if (session === null) return null
  const unread = session.notices.filter(({ seenAt }) => seenAt === null)
  const isWorthIt = unread.length > 0 && (session.hasPassphrase || session.by === 'passphrase')
  return (
    <>
      {session.maySet && (
        <section class="banner person-banner">
          <SetPassphrase session={session} />
        </section>
      )}
      {isWorthIt && !session.maySet && (
        <section class="banner person-banner" role="status" aria-label={t('person.notices')}>
          <strong>{t('person.notices')}</strong>
          <Notices notices={unread} />
          <p>{t('person.noticesNote')}</p>
          {session.by === 'passphrase' ? (
            <button
              type="button"
              onClick={() => {
                void postNoticesSeen(unread[0]?.id ?? 0).then((problem) => {
                  setError(problem)
                  again()
                })
              }}
            >
              {t('person.seen')}
            </button>
          ) : (
            <p class="dim">{t('person.seenByPassphrase')}</p>
          )}
          {error !== null && <p class="problem">{of('api', error.replace(/^api\./, ''))}</p>}
        </section>
      )}
    </>
  )
}

function Notices({ notices }: { readonly notices: readonly NoticeState[] }) {
  const { t, of, language } = useWords()
  return (
    <ul class="notices">
      {notices.map(({ id, at, kind, by, address }) => (
        <li key={id}>
          <time class="figures" dateTime={new Date(at).toISOString()}>
            {dayText(at, language)}
          </time>{' '}
          {of('notice', kind)} ({by !== null && t('person.by', { by })}
          {address === null ? t('person.hereAt') : t('person.from', { address })})
        </li>
      ))}
    </ul>
  )
}

/** For the first passphrase after a link, and for a change, which needs the one up to now. */
function SetPassphrase({ session }: { readonly session: SessionState }) {
  const { t, of } = useWords()
  const { again } = useContext(PersonContext)
  const { maySet, operator } = session
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [repeated, setRepeated] = useState('')
  const [word, setWord] = useState<string | null>(null)
  const [isSet, setIsSet] = useState(false)
  const differ = repeated !== '' && repeated !== next
  const isReady = next !== '' && next === repeated && (maySet || current !== '')
  const send = () => {
    void postPassphrase({ passphrase: next, ...(maySet ? {} : { current }) }).then((problem) => {
      setWord(problem === null ? null : of('api', problem.replace(/^api\./, '')))
      setIsSet(problem === null)
      setCurrent('')
      setNext('')
      setRepeated('')
      again()
    })
  }
  return (
    <details class="set-passphrase">
      <summary>{t(maySet ? 'person.setTitle' : 'person.changeTitle')}</summary>
      <form
        class="steps"
        onSubmit={(event) => {
          event.preventDefault()
          send()
        }}
      >
        {maySet && <p>{t('person.setNote')}</p>}
        <p class="dim">{t('person.rule')}</p>
        {/* Password managers keep a passphrase under the name beside it. */}
        <input type="text" hidden autocomplete="username" value={operator} readOnly />
        {!maySet && <Secret label={t('person.current')} value={current} set={setCurrent} is="current" />}
        <Secret label={t('person.next')} value={next} set={setNext} is="new" />
        <Secret label={t('person.again')} value={repeated} set={setRepeated} is="new" />
        <button type="submit" disabled={!isReady}>
          {t('person.set')}
        </button>
        {differ && <p class="problem">{t('person.differ')}</p>}
        {word !== null && (
          <p class="problem" role="alert">
            {word}
          </p>
        )}
        {isSet && <p role="status">{t('person.isSet')}</p>}
      </form>
    </details>
  )
}

interface SecretProps {
  readonly label: string
  readonly value: string
  readonly set: (value: string) => void
  readonly is: 'current' | 'new'
}

function Secret({ label, value, set, is }: SecretProps) {
  return (
    <input
      type="password"
      autocomplete={`${is}-password`}
      maxLength={256}
      placeholder={label}
      aria-label={label}
      value={value}
      onInput={(event) => set(event.currentTarget.value)}
    />
  )
}
