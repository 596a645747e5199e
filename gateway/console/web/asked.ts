import { useEffect, useState } from 'preact/hooks'
import type { Clock } from '../../../edge/base/clock.js'

export interface Asked<T> {
  /** The newest answer; null: none yet. An older one stays while the gateway does not answer. */
  readonly value: T | null
  /** The last try failed: what is shown may be old. */
  readonly failed: boolean
  /** Asks now. */
  readonly again: () => void
}

/**
 * Asks the gateway for something again and again, as long as it is shown. `about`: of what; another one begins anew and
 * shows nothing of the one before.
 */
export function useAsked<T>(
  clock: Clock,
  everyMs: number,
  ask: (signal: AbortSignal) => Promise<T | null>,
  about = '',
): Asked<T> {
  const [found, setFound] = useState<{ readonly about: string; readonly value: T } | null>(null)
  const [failed, setFailed] = useState(false)
  const [asked, count] = useState(0)
  useEffect(() => {
    const stop = new AbortController()
    let cancel = () => undefined as void
    void ask(stop.signal).then((value) => {
      if (stop.signal.aborted) return
      if (value !== null) setFound({ about, value })
      setFailed(value === null)
      cancel = clock.after(`ask ${about}`, everyMs, () => count((n) => n + 1))
    })
    return () => {
      stop.abort()
      cancel()
    }
  }, [clock, about, asked])
  return {
    value: found?.about === about ? found.value : null,
    failed,
    again: () => count((n) => n + 1),
  }
}

/** Asks once for what does not change while `about` stays; null until it is there, or where it could not be had. */
export function useOnce<T>(ask: () => Promise<T | null>, about: string): T | null {
  const [found, setFound] = useState<{ readonly about: string; readonly value: T } | null>(null)
  useEffect(() => {
    let stopped = false
    void ask().then((value) => {
      if (!stopped && value !== null) setFound({ about, value })
    })
    return () => {
      stopped = true
    }
  }, [about])
  return found?.about === about ? found.value : null
}
