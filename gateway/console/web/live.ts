import type { LiveEvent } from '../../api/schemas.js'
import { backoffMs, type BackoffPolicy } from '../../../edge/base/backoff.js'
import type { Cancel, Clock } from '../../../edge/base/clock.js'
import type { Random } from '../../../edge/base/random.js'
import { fetchState } from './api.js'
import type { PageEvent } from './model.js'

/** A console must be back soon after its gateway, and a wall of them must not come back in one instant. */
const reconnect: BackoffPolicy = { firstMs: 500, factor: 1.7, maxMs: 5_000, jitter: 0.5 }
/**
 * After this silence the page asks by itself: a feed whose far end vanished gives no sign of it. The
 * gateway never leaves a feed silent for more than 5 s.
 */
const askAfterMs = 5_500
/** A feed that stays silent although the gateway answers is opened anew. */
const feedSilentMs = 15_000

interface LiveGiven {
  readonly clock: Clock
  readonly random: Random
  readonly dispatch: (event: PageEvent) => void
}

/**
 * Keeps the page supplied: the live feed, asking when it falls silent, and coming back after a cut,
 * for ever. It stops only when the gateway says that this browser is not signed in.
 */
export function keepLive({ clock, random, dispatch }: LiveGiven): void {
  let attempt = 0
  let heardMs = clock.now().monoMs
  let feedHeardMs = heardMs
  let source: EventSource | undefined
  let stopped = false
  let cancelRetry: Cancel | undefined

  function signOut(): void {
    stopped = true
    cancelRetry?.()
    source?.close()
    dispatch({ on: 'signedOut' })
  }

  async function ask(): Promise<boolean> {
    const askedMonoMs = clock.now().monoMs
    const answer = await fetchState()
    if (stopped) return false
    if (answer.is === 'signedOut') signOut()
    if (answer.is !== 'state') return false
    heardMs = clock.now().monoMs
    const event = { is: 'snapshot', state: answer.state } as const
    dispatch({ on: 'live', event, monoMs: heardMs, askedMonoMs })
    return true
  }

  function cut(): void {
    source?.close()
    source = undefined
    if (stopped || cancelRetry) return
    dispatch({ on: 'feedCut' })
    cancelRetry = clock.after('reconnect', backoffMs(reconnect, attempt++, random), () => {
      cancelRetry = undefined
      void ask().then((answered) => {
        if (stopped) return
        if (answered) open()
        else cut()
      })
    })
  }

  function open(): void {
    const feed = new EventSource('/api/live')
    source = feed
    feedHeardMs = clock.now().monoMs
    feed.onopen = () => {
      attempt = 0
      dispatch({ on: 'feedOpened' })
    }
    feed.onmessage = (message: MessageEvent<string>) => {
      const event = parse(message.data)
      if (!event || source !== feed) return
      heardMs = clock.now().monoMs
      feedHeardMs = heardMs
      dispatch({ on: 'live', event, monoMs: heardMs })
    }
    feed.onerror = () => {
      if (source === feed) cut()
    }
  }

  function watch(): void {
    clock.after('watch', 1_000, () => {
      if (stopped) return
      const nowMs = clock.now().monoMs
      const silentMs = nowMs - heardMs
      if (!source || silentMs <= askAfterMs) {
        watch()
        return
      }
      void ask().then((answered) => {
        if (!answered || clock.now().monoMs - feedHeardMs > feedSilentMs) cut()
        if (!stopped) watch()
      })
    })
  }

  void ask().then((answered) => {
    if (stopped) return
    if (answered) open()
    else cut()
  })
  watch()
}

/** Undefined for what is no event of ours: a proxy's error page must not break the picture. */
function parse(data: string): LiveEvent | undefined {
  try {
    const value: unknown = JSON.parse(data)
    return typeof value === 'object' && value !== null && 'is' in value ? (value as LiveEvent) : undefined
  } catch {
    return undefined
  }
}
