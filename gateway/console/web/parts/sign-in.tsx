import { useState } from 'preact/hooks'
import type { Language } from '../../../../edge/messages/text/catalogue.js'
import { postSignIn } from '../person.js'
import { useWords } from '../words.js'
import { Languages } from './header.js'

/** For whoever is not signed in: name and passphrase. */
export function SignIn({ choose }: { readonly choose: (language: Language) => void }) {
  const { t, of } = useWords()
  const [name, setName] = useState('')
  const [passphrase, setPassphrase] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const send = () => {
    setBusy(true)
    void postSignIn({ name, passphrase }).then((problem) => {
      setBusy(false)
      setError(problem)
      setPassphrase('')
      // From the beginning, so that nothing of who was here before is left in the page.
      if (problem === null) location.reload()
    })
  }
  return (
    <main class="signed-out">
      <form
        class="signed-out-card"
        onSubmit={(event) => {
          event.preventDefault()
          send()
        }}
      >
        <div class="brand">
          <img src="./icon.svg" alt="" width="56" height="56" />
          <h1>Lanekeeper · {t('person.signIn')}</h1>
        </div>
        <label>
          {t('person.name')}
          <input
            autocomplete="username"
            maxLength={64}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <label>
          {t('person.passphrase')}
          <input
            type="password"
            autocomplete="current-password"
            maxLength={256}
            value={passphrase}
            onInput={(event) => setPassphrase(event.currentTarget.value)}
          />
        </label>
        <button type="submit" disabled={busy || name.trim() === '' || passphrase === ''}>
          {t('person.signIn')}
        </button>
        {error !== null && (
          <p class="problem" role="alert">
            {of('api', error.replace(/^api\./, ''))}
          </p>
        )}
        <p class="dim">{t('person.signInNote')}</p>
        <Languages choose={choose} />
      </form>
    </main>
  )
}
