import { createContext } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Clock } from '../../../edge/base/clock.js'
import type { PassphraseRequest, SessionState, SignInRequest } from '../../api/sign-in-schemas.js'
import { get, post } from './api.js'

/** Who is signed in, with what that person may do; null until the gateway has said so. */
export interface Person {
  readonly session: SessionState | null
  /** Asks the gateway anew. */
  readonly again: () => void
}

export const PersonContext = createContext<Person>({ session: null, again: () => undefined })

const retryMs = 2_000

/** Asks who is signed in, and again whenever the feed comes back: a restart may have changed the roles. */
export function usePerson(clock: Clock, isSignedIn: boolean, isLive: boolean): Person {
  const [session, setSession] = useState<SessionState | null>(null)
  const [asked, ask] = useState(0)
  useEffect(() => {
    if (!isSignedIn) {
      setSession(null)
      return undefined
    }
    let stopped = false
    let cancel = () => undefined as void
    void get<SessionState>('/api/session').then((found) => {
      if (stopped) return
      if (found === null) cancel = clock.after('person', retryMs, () => ask((n) => n + 1))
      else setSession(found)
    })
    return () => {
      stopped = true
      cancel()
    }
  }, [clock, isSignedIn, isLive, asked])
  return { session, again: () => ask((n) => n + 1) }
}

/** Null: signed in, else a key of the catalogue. Never rejects. */
export function postSignIn(request: SignInRequest): Promise<string | null> {
  return post('/api/sign-in', request)
}

/** Null: signed out, else a key of the catalogue. Never rejects. */
export function postSignOut(): Promise<string | null> {
  return post('/logout', {})
}

/** Null: set, else a key of the catalogue. Never rejects. */
export function postPassphrase(request: PassphraseRequest): Promise<string | null> {
  return post('/api/session/passphrase', request)
}

/** Null: noted, else a key of the catalogue. Never rejects. */
export function postNoticesSeen(upTo: number): Promise<string | null> {
  return post('/api/session/notices', { upTo })
}
