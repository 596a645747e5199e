import type { Test } from 'tap'
import { systemClock } from '../../../edge/base/clock.js'
import type { LaneSnapshot } from '../../../edge/messages/up.js'
import type { EdgeClient } from '../../testing/edge-client.js'
import { aHealth, aLane } from './samples.js'

const everyMs = 1_000

/**
 * Says how the one lane of an edge is, now and then once a second until it is told anew, as an edge does. A page takes no
 * orders for a lane that was silent for 7 s, and nobody knows how long a busy machine takes for the steps of a test.
 */
export function steadyHealth(t: Test, edge: EdgeClient): (patch?: Partial<LaneSnapshot>) => Promise<void> {
  let lane = aLane()
  let cancel: (() => void) | null = null
  let isOver = false
  const say = () => edge.send('health', JSON.stringify(aHealth({ at: Date.now(), lanes: [lane] })), 0)
  const again = () => {
    if (isOver) return
    // The connection may end while one is on its way; the steps of the test tell whether it should have.
    cancel = systemClock.after('health of an edge', everyMs, () => void say().then(again, () => undefined))
  }
  t.teardown(() => {
    isOver = true
    cancel?.()
  })
  return async (patch = {}) => {
    lane = aLane(patch)
    await say()
    if (cancel === null) again()
  }
}
