import { useEffect, useState } from 'preact/hooks'
import type { Clock } from '../../../../edge/base/clock.js'
import type { LaneCommandRequest } from '../../../api/schemas.js'
import { fetchCommand, postCommand } from '../api.js'

/** How far an order to a lane came; `why` and `error` are keys of the catalogue. */
export type Sent =
  | { readonly is: 'nothing' }
  | { readonly is: 'sending' }
  | { readonly is: 'accepted' }
  | { readonly is: 'unanswered' }
  | { readonly is: 'refused'; readonly why: string }
  | { readonly is: 'failed'; readonly error: string }

const lookEveryMs = 500
/** As long as a command lives, and a little more. */
const looksMax = 40

/** Sends one order at a time to a lane, and finds out what became of it. */
export function useCommand(
  clock: Clock,
  edgeId: string,
  lane: string,
): readonly [Sent, (request: LaneCommandRequest) => void] {
  const [sent, setSent] = useState<Sent>({ is: 'nothing' })
  const [commandId, setCommandId] = useState<string | null>(null)
  useEffect(() => {
    if (commandId === null) return undefined
    let cancel = () => undefined as void
    let looks = 0
    let stopped = false
    const look = () => {
      void fetchCommand(commandId).then((found) => {
        if (stopped) return
        if (found?.result === 'accepted') return setSent({ is: 'accepted' })
        if (found?.result === 'refused') return setSent({ is: 'refused', why: found.why ?? '' })
        looks += 1
        if (looks >= looksMax) return setSent({ is: 'unanswered' })
        cancel = clock.after('a command', lookEveryMs, look)
      })
    }
    look()
    return () => {
      stopped = true
      cancel()
    }
  }, [clock, commandId])
  const send = (request: LaneCommandRequest) => {
    setSent({ is: 'sending' })
    void postCommand(edgeId, lane, request).then((answered) => {
      if (answered.is === 'taken') setCommandId(answered.commandId)
      else setSent({ is: 'failed', error: answered.error })
    })
  }
  return [sent, send]
}
